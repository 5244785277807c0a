"""What the texts of a column may be: numbers as people write them, dates, no value at all."""

from __future__ import annotations

import itertools
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from bench.data.cells import DEFAULT_MISSING, NumberFormat
from bench.data.dates import days_of

# Longer ones first: "US$" is not "US" and a dollar.
SIGNS = (
    *("US$", "CA$", "AU$", "NZ$", "HK$", "R$", "A$", "C$", "S$"),
    *("EUR", "USD", "GBP", "CHF", "JPY", "INR", "SEK", "NOK", "DKK", "PLN", "CZK", "BRL"),
    *("AUD", "CAD", "TRY", "RUB", "CNY", "Fr.", "kr.", "Kč", "zł", "Rs.", "Rs", "kr", "Ft"),
    *("$", "€", "£", "¥", "₹", "₽", "₺", "₩", "₫", "฿", "%", "‰"),
)
_LAYOUTS = (
    (".", ""),
    (",", ""),
    (".", ","),
    (",", "."),
    (",", " "),
    (".", " "),
    (".", "'"),
    (",", "'"),
)
_SAMPLE = 5000
_NUMBERLIKE = re.compile(r"[-+]?[\d.,' \u00a0\u202f\u2009\u2019]*\d[\d.,]*(?:[eE][+-]?\d+)?")

# Never a value, in any column; compared without regard to case.
NOTHING = frozenset(
    (
        *("?", "-", "--", "---", ".", "..", "n/a", "n.a.", "n.a", "na", "nan", "nat", "null"),
        *("nil", "<na>", "<null>", "(null)", "\\n", "#n/a", "#na", "#null!", "#div/0!"),
        *("#value!", "#ref!", "#name?", "#num!", "inf", "-inf", "+inf", "infinity", "-infinity"),
    )
)
# No value among numbers and dates, but often a level elsewhere.
WORDS = frozenset(
    (
        *("none", "missing", "unknown", "undefined", "void", "blank", "(blank)", "empty", "n.d."),
        *("not available", "not applicable", "keine angabe", "k.a.", "k. a.", "unbekannt", "leer"),
        *("0000-00-00", "0000-00-00 00:00:00", "00.00.0000", "00/00/0000"),
    )
)
_RARE_SHARE = 0.5
_RARE_TEXTS = 5
_MANY_NUMBERS = 10

_DAYS = ("%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%Y/%m/%d", "%Y.%m.%d", "%d-%m-%Y", "%m-%d-%Y")
_SHORT_DAYS = ("%d.%m.%y", "%d/%m/%y", "%m/%d/%y", "%d-%m-%y", "%m-%d-%y")
_NAMED_DAYS = (
    "%d %b %Y",
    "%d-%b-%Y",
    "%d-%b-%y",
    "%b %d, %Y",
    "%B %d, %Y",
    "%d %B %Y",
    "%d. %B %Y",
)
_TIMES = ("", " %H:%M", " %H:%M:%S", " %H:%M:%S.%f", " %I:%M %p", " %I:%M:%S %p")
DATE_FORMATS = (
    "",
    *(f"{day}{time}" for time in _TIMES for day in (*_DAYS, *_SHORT_DAYS, *_NAMED_DAYS)),
    *("%Y-%m-%dT%H:%M:%S%z", "%Y-%m", "%m/%Y", "%Y/%m", "%m.%Y", "%b %Y", "%b-%Y", "%b-%y"),
)
COMPACT = "%Y%m%d"
_COMPACT = re.compile(r"(19|20)\d{2}(0[1-9]|1[0-2])([0-2]\d|3[01])")


def is_nothing(text: str) -> bool:
    """Whether a text means "no value" wherever it stands."""
    return text in DEFAULT_MISSING or text.casefold() in NOTHING


def is_numberlike(text: str) -> bool:
    """Whether a cell may be a number in some country's writing, with or without a sign."""
    bare = NumberFormat(signs=SIGNS).bare(text)
    return _NUMBERLIKE.fullmatch(bare) is not None


def signs_in(texts: Iterable[str]) -> tuple[str, ...]:
    """Return the currency and percent signs before or after the numbers among ``texts``."""
    found = set()
    for text in texts:
        text = text.strip().lstrip("+-").strip()
        ends = [sign for sign in SIGNS if text.startswith(sign)][:1]
        ends += [sign for sign in SIGNS if text.endswith(sign)][:1]
        if ends and is_numberlike(text):
            found |= set(ends)
    return tuple(sign for sign in SIGNS if sign in found)


# --- numbers --------------------------------------------------------------------------


@dataclass(frozen=True)
class Numbers:
    """A column whose cells are numbers, but for texts that stand for "no value"."""

    holes: tuple[str, ...] = ()
    is_rare: bool = False
    """Whether the holes are no known words, only few different ones among many numbers."""


def choose_format(columns: Mapping[str, Mapping[str, int]], separator: str) -> NumberFormat:
    """Return the way of writing numbers in which most columns are numbers.

    Parameters
    ----------
    columns : mapping of str to mapping of str to int
        Column → its texts and in how many rows each stands.
    separator : str
        Of the file: where it is not a comma, a comma is rather a decimal one.
    """
    samples = {
        name: dict(itertools.islice(texts.items(), _SAMPLE)) for name, texts in columns.items()
    }
    signs = signs_in(text for texts in samples.values() for text in texts)
    layouts = list(_LAYOUTS)
    if separator == ",":
        layouts.insert(1, layouts.pop(2))

    def votes(layout: tuple[str, str]) -> int:
        numbers = NumberFormat(*layout, signs)
        found = [numbers_among(texts, numbers) for texts in samples.values()]
        return sum(1 if column.is_rare else 2 for column in found if column)

    counts = [votes(layout) for layout in layouts]
    decimal, thousands = layouts[counts.index(max(counts))]
    return NumberFormat(decimal, thousands, signs)


def numbers_among(texts: Mapping[str, int], numbers: NumberFormat) -> Numbers | None:
    """Return how a column is one of numbers, or None where it is not.

    It is where all texts but those that mean "no value" are numbers, or all
    but a handful of words in a column of many numbers.
    """
    odd = [text for text in texts if numbers.number(text) is None and text not in DEFAULT_MISSING]
    n_numbers = len(texts) - len(odd)
    if n_numbers == 0:
        return None
    if all(is_nothing(text) or text.casefold() in WORDS for text in odd):
        return Numbers(tuple(odd))
    n_odd = sum(texts[text] for text in odd)
    is_rare = n_odd <= _RARE_SHARE * sum(texts.values())
    if is_rare and len(odd) <= _RARE_TEXTS and n_numbers >= _MANY_NUMBERS:
        return Numbers(tuple(odd), is_rare=True)
    return None


def is_number_elsewhere(texts: Mapping[str, int]) -> bool:
    """Whether a column is of many numbers in some other way of writing them."""
    sample = dict(itertools.islice(texts.items(), _SAMPLE))
    return len(sample) > 2 * _MANY_NUMBERS and any(
        numbers_among(sample, NumberFormat(*layout, SIGNS)) for layout in _LAYOUTS
    )


# --- dates ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Dates:
    """A column of dates: how they are written, what stands for "no value", and what is doubtful."""

    date_format: str
    holes: tuple[str, ...] = ()
    is_ambiguous: bool = False
    """Whether day and month could as well be the other way round in every row."""


def dates_among(texts: Collection[str]) -> Dates | None:
    """Return how a column is one of dates, or None where it is not."""
    holes = tuple(text for text in texts if is_nothing(text) or text.casefold() in WORDS)
    values = [text for text in texts if text not in holes]
    if not values or not all(map(_may_be_date, values)):
        return None
    sample = values[:_SAMPLE]
    fitting = [form for form in (*DATE_FORMATS, COMPACT) if _fits(sample[:20], form)]
    fitting = [form for form in fitting if _fits(sample, form) and _fits(values, form)]
    if not fitting:
        return None
    chosen = Dates(fitting[0], tuple(text for text in holes if text not in DEFAULT_MISSING))
    turned = _turned(fitting[0])
    if turned not in fitting:
        return chosen
    # First days of months: the part that is 1 in all rows is the day.
    first = {re.split(r"\D", text, maxsplit=1)[0] for text in values}
    second = {re.split(r"\D", text, maxsplit=2)[1] for text in values}
    if len(first) == 1 < len(second):
        return chosen
    if len(second) == 1 < len(first):
        return replace(chosen, date_format=turned)
    return replace(chosen, is_ambiguous=True)


def _turned(date_format: str) -> str:
    """Return a format with day and month the other way round, which all but names allow."""
    day, month = date_format.find("%d"), date_format.find("%m")
    if day != 0 or month != 3:
        return "none"
    return f"%m{date_format[2:3]}%d{date_format[5:]}"


def _fits(texts: Sequence[str], date_format: str) -> bool:
    return all(days_of(text, date_format) is not None for text in texts)


def _may_be_date(text: str) -> bool:
    text = text.strip()
    if _COMPACT.fullmatch(text):
        return True
    return (
        5 <= len(text) <= 40
        and text[-1:].isalnum()
        and bool(re.search(r"\d[-./ :,T]|[-. ]\d", text))
    )
