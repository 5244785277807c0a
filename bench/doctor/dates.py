"""Dates in columns of text: which columns hold some, what they mean, which cannot be."""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from dataclasses import dataclass

DATE_SHARE = 0.8
"""A column holds dates where this share of its distinct texts are written like dates."""

_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ].*)?")
_MONTH = re.compile(r"((?:19|20)\d{2})[-/](0[1-9]|1[0-2])")
_LOCAL = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})(?: .*)?")
_NAMED = re.compile(r"(\d{1,2})[-. ]{1,2}([A-Za-z]{3,9})[-. ]{1,2}(\d{4}|\d{2})(?: .*)?")
_NAMED_FIRST = re.compile(r"([A-Za-z]{3,9})\.? (\d{1,2}),? (\d{4})(?: .*)?")
_PACKED = re.compile(r"((?:19|20|21|99)\d{2})(\d{2})(\d{2})")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_EPOCH = datetime.date(1970, 1, 1)
_FIRST_YEAR, _LAST_YEAR = 1901, 2099
_PACKED_MONTHS, _PACKED_DAYS = range(1, 13), range(1, 32)


@dataclass(frozen=True)
class DateColumn:
    """Distinct texts as dates.

    Attributes
    ----------
    days : tuple of int or None
        Days since 1970-01-01, None where a text is no date there is.
    impossible : tuple of int
        Which of the texts cannot be right: a day that no calendar has, a
        stand-in such as 1900-01-01 or 9999-12-31.
    """

    days: tuple[int | None, ...]
    impossible: tuple[int, ...]


def looks_like_dates(texts: Sequence[str]) -> bool:
    """Whether nearly all of some distinct texts are written like dates."""
    if len(texts) < 3:
        return False
    head = texts[:20]
    if not any(_is_like_a_date(text) for text in head):
        return False
    return sum(map(_is_like_a_date, texts)) >= DATE_SHARE * len(texts)


def read_dates(texts: Sequence[str]) -> DateColumn:
    """Return what distinct texts mean as dates, those of a column that looks like dates.

    Whether days or months come first is what makes more of them possible.
    """
    parts = [_parts(text) for text in texts]
    readings = {order: _days(parts, order) for order in ("dmy", "mdy")}
    days = max(readings.values(), key=lambda found: sum(day is not None for day in found))
    impossible = [
        k
        for k, (text, day) in enumerate(zip(texts, days, strict=True))
        if _is_like_a_date(text) and (day is None or not _is_plausible(day))
    ]
    return DateColumn(tuple(days), tuple(impossible))


def _is_like_a_date(text: str) -> bool:
    return _parts(text) is not None


def _parts(text: str) -> tuple[str, int, int, int] | None:
    """Return a kind and three numbers as they stand: year, month and day, or a local order."""
    if found := _ISO.fullmatch(text):
        return "ymd", int(found[1]), int(found[2]), int(found[3])
    if found := _MONTH.fullmatch(text):
        return "ymd", int(found[1]), int(found[2]), 1
    if found := _PACKED.fullmatch(text):
        month, day = int(found[2]), int(found[3])
        is_one = month in _PACKED_MONTHS and day in _PACKED_DAYS
        return ("ymd", int(found[1]), month, day) if is_one else None
    if found := _LOCAL.fullmatch(text):
        return "local", int(found[1]), int(found[3]), _year(found[4])
    if found := _NAMED.fullmatch(text):
        return _named(found[2], found[1], found[3])
    if found := _NAMED_FIRST.fullmatch(text):
        return _named(found[1], found[2], found[3])
    return None


def _named(month: str, day: str, year: str) -> tuple[str, int, int, int] | None:
    key = month[:3].lower()
    return ("ymd", _year(year), _MONTHS.index(key) + 1, int(day)) if key in _MONTHS else None


def _year(text: str) -> int:
    """Return a year; of two digits one from 1969 to 2068, as strptime has it."""
    year = int(text)
    return year if len(text) == 4 else year + (1900 if year > 68 else 2000)


def _days(parts: Sequence[tuple[str, int, int, int] | None], order: str) -> list[int | None]:
    found: list[int | None] = []
    for part in parts:
        if part is None:
            found.append(None)
            continue
        kind, a, b, c = part
        if kind == "local":
            a, b, c = (c, b, a) if order == "dmy" else (c, a, b)
        try:
            found.append((datetime.date(a, b, c) - _EPOCH).days)
        except ValueError:
            found.append(None)
    return found


def _is_plausible(day: int) -> bool:
    return _FIRST_YEAR <= (_EPOCH + datetime.timedelta(days=day)).year <= _LAST_YEAR
