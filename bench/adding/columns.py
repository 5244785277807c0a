"""What each column is taken for, and why."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bench.adding.guesses import (
    COMPACT,
    Dates,
    Numbers,
    dates_among,
    is_nothing,
    is_number_elsewhere,
    numbers_among,
)
from bench.data.canonical import as_canonical_category, is_numeric, level_text, numbers_of
from bench.data.cells import DEFAULT_MISSING, NumberFormat
from bench.data.columns import as_numbers
from bench.data.identifiers import is_identifier, words_of
from bench.doctor.names import names_an_entity

if TYPE_CHECKING:
    import pandas as pd

MANY_LEVELS = 100
_FEW_ROWS_PER_LEVEL = 5
_WORDS_OF_TEXT = 3
_LENGTH_OF_TEXT = 40
_ENTITY_SHARE = 0.05
_SENTINELS = (-1.0, -9.0, -99.0, -999.0, -9999.0, 99.0, 999.0, 9999.0, 99999.0, 999999.0)
_BARE_NAMES = frozenset(("id", "ids", "uuid", "guid", "key"))
_INFINITE = ("inf", "-inf", "Inf", "-Inf", "INF", "-INF", "Infinity", "-Infinity", "infinity")
_PEOPLE = frozenset(
    (
        *("customer", "client", "user", "member", "household", "subscriber", "account", "person"),
        *("company", "contract", "policy", "kunde", "kunden", "konto", "vertrag", "klient"),
        *("abonnent", "msisdn"),
    )
)


@dataclass
class Found:
    """The columns by role, in the order of the file, and what was noticed about them."""

    roles: dict[str, list[str]] = field(
        default_factory=lambda: {r: [] for r in ("id", "drop", "dates", "numeric", "categorical")}
    )
    why_dropped: dict[str, list[str]] = field(default_factory=dict)
    groups: list[str] = field(default_factory=list)
    number_holes: dict[str, list[str]] = field(default_factory=dict)
    rare_holes: dict[str, Numbers] = field(default_factory=dict)
    nothing: set[str] = field(default_factory=set)
    number_texts: dict[str, Collection[str]] = field(default_factory=dict)
    dates: dict[str, Dates] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)

    def drop(self, name: str, why: str) -> None:
        """Note a column that is no feature."""
        self.roles["drop"].append(name)
        self.why_dropped.setdefault(why, []).append(name)


def text_counts(column: pd.Series[Any]) -> dict[str, int]:
    """Return the stripped texts of a column that is not numeric, and how often each stands."""
    counts: dict[str, int] = {}
    for value, n in column.value_counts(sort=False).items():
        text = value.strip() if isinstance(value, str) else level_text(value)
        if n:
            counts[text] = counts.get(text, 0) + int(n)
    return counts


def assign_columns(
    raw: pd.DataFrame,
    numbers: NumberFormat,
    *,
    target: str,
    texts: Mapping[str, Mapping[str, int]],
    as_text: Collection[str],
) -> Found:
    """Return what every column but the target is taken for.

    Parameters
    ----------
    raw : DataFrame
        The whole table: numbers, and everything else as texts or levels.
    numbers : NumberFormat
        How the file writes numbers.
    texts : mapping
        Column → its texts and their counts, of the columns that are not numeric.
    as_text : collection of str
        Columns of digits that are no numbers, such as post codes.
    """
    found = Found()
    for name in map(str, raw.columns):
        if name == target:
            continue
        column = raw[name]
        if is_numeric(column) and column.dtype.kind != "b":
            _place_numbers(found, column)
            continue
        counts = texts[name]
        known = [text for text in counts if text not in DEFAULT_MISSING]
        number = None if name in as_text or _is_truth(column) else numbers_among(counts, numbers)
        dates = None if number else dates_among(known)
        if not known or all(map(is_nothing, known)):
            found.drop(name, "no value in any row")
        elif number:
            _place_written_numbers(found, column, counts, number, numbers=numbers)
        elif dates:
            _place_dates(found, name, counts, dates)
        elif name not in as_text and is_number_elsewhere(counts):
            found.drop(
                name,
                "CHECK: numbers, but not written as those of the other columns; "
                "write all of them in one way to use it",
            )
        else:
            _place_text(found, column, is_code=name in as_text)
    # The first one names the customer.
    found.roles["id"].sort(key=lambda name: "id" not in words_of(name))
    return found


def _is_truth(column: pd.Series[Any]) -> bool:
    import pandas as pd

    return any(isinstance(value, bool) for value in pd.unique(column.dropna())[:100])


# --- numbers --------------------------------------------------------------------------


def _place_numbers(found: Found, column: pd.Series[Any]) -> None:
    name = str(column.name)
    values = numbers_of(column)
    present = values[values == values]
    if not len(present):
        found.drop(name, "no value in any row")
        return
    compact = _compact_dates(name, present)
    if compact:
        found.roles["dates"].append(name)
        found.dates[name] = compact
        found.values[name] = None
        return
    _place_values(found, name, values)


def _place_written_numbers(
    found: Found,
    column: pd.Series[Any],
    counts: Mapping[str, int],
    number: Numbers,
    *,
    numbers: NumberFormat,
) -> None:
    name = str(column.name)
    for hole in number.holes:
        if is_nothing(hole):
            found.nothing.add(hole)
        else:
            found.number_holes.setdefault(hole, []).append(name)
    if number.is_rare:
        found.rare_holes[name] = number
    found.number_texts[name] = [text for text in counts if text not in number.holes]
    missing = frozenset((*DEFAULT_MISSING, *number.holes))
    values = as_numbers(column, missing=missing, numbers=numbers, where=name)
    _place_values(found, name, values)


def _place_values(found: Found, name: str, values: Any) -> None:
    """Place a column of numbers."""
    import numpy as np
    import pandas as pd

    if np.isinf(values).any():
        found.nothing.update(_INFINITE)
        values = np.where(np.isinf(values), np.nan, values)
    present = values[values == values]
    n_distinct = len(np.unique(present))
    if n_distinct == 0:
        found.drop(name, "no value in any row")
    elif n_distinct == 1 and len(present) == len(values):
        found.drop(name, "the same value in every row")
    elif is_identifier(pd.Series(values, name=name)):
        found.roles["id"].append(name)
    elif _is_repeated_entity(name, n_distinct, present, len(values)):
        found.groups.append(name)
    else:
        found.roles["numeric"].append(name)
        found.values[name] = values
        found.remarks += _sentinel_remark(name, present)


def _compact_dates(name: str, present: Any) -> Dates | None:
    """Return how numbers such as 20240131 are dates, None where they are not."""
    import numpy as np

    distinct = np.unique(present)
    if len(distinct) < 2 or distinct[0] < 19000101 or distinct[-1] > 21001231:
        return None
    if not (distinct == np.floor(distinct)).all():
        return None
    dates = dates_among([str(int(value)) for value in distinct])
    return dates if dates and dates.date_format == COMPACT else None


def _sentinel_remark(name: str, present: Any) -> list[str]:
    """Return a warning where many rows have a number that often stands for "no value"."""
    import numpy as np

    for sentinel in _SENTINELS:
        n_rows = int((present == sentinel).sum())
        rest = present[present != sentinel]
        if n_rows < max(3, 0.01 * len(present)) or len(np.unique(rest)) < 10:
            continue
        low, high = float(rest.min()), float(rest.max())
        if (
            sentinel < low - 0.5 * (high - low)
            or sentinel > high + 0.5 * (high - low)
            or (sentinel < 0 <= low)
        ):
            return [
                f"{name!r} holds {sentinel:g} in {n_rows} rows and otherwise {low:g} to {high:g}: "
                f'if that means no value, add "{sentinel:g}" to [source] missing'
            ]
    return []


def _is_repeated_entity(name: str, n_distinct: int, present: Any, n_rows: int) -> bool:
    """Whether a column names customers of whom there are several rows each."""
    words = set(words_of(name))
    is_named = bool(words & _PEOPLE) and names_an_entity(name)
    return (
        (is_named or (bool(words) and words <= _BARE_NAMES))
        and bool((present == present.round()).all())
        and len(present) == n_rows
        and n_distinct > max(20, _ENTITY_SHARE * n_rows)
    )


# --- dates and texts ------------------------------------------------------------------


def _place_dates(found: Found, name: str, counts: Mapping[str, int], dates: Dates) -> None:
    for hole in dates.holes:
        if is_nothing(hole):
            found.nothing.add(hole)
        else:
            found.number_holes.setdefault(hole, []).append(name)
    n_values = sum(text not in dates.holes and text not in DEFAULT_MISSING for text in counts)
    if n_values == 1 and len(counts) == 1:
        found.drop(name, "the same value in every row")
        return
    found.roles["dates"].append(name)
    found.dates[name] = dates


def _place_text(found: Found, column: pd.Series[Any], *, is_code: bool) -> None:
    import pandas as pd

    name = str(column.name)
    category = as_canonical_category(column, missing=DEFAULT_MISSING)
    levels = [str(level) for level in category.categories]
    nothing = {level for level in levels if is_nothing(level)} if "+" not in levels else set()
    found.nothing |= nothing
    category = as_canonical_category(column, missing={*DEFAULT_MISSING, *nothing})
    levels = [str(level) for level in category.categories]
    n_rows = len(category)
    n_present = int((category.codes >= 0).sum())
    is_unique = len(levels) == n_present == n_rows
    if len(levels) == 1 and n_present == n_rows:
        found.drop(name, "the same value in every row")
    elif _is_free_text(levels) and len(levels) > n_present / 2:
        found.drop(name, "free text")
    elif is_identifier(pd.Series(category, name=name)) or (is_unique and names_an_entity(name)):
        found.roles["id"].append(name)
    elif _is_repeated_entity(name, len(levels), category.codes[category.codes >= 0], n_rows):
        found.groups.append(name)
    elif len(levels) > MANY_LEVELS and n_present < _FEW_ROWS_PER_LEVEL * len(levels):
        found.drop(name, "fewer than five rows for each of its values, too few to learn from")
    else:
        found.roles["categorical"].append(name)
        if is_code:
            found.remarks.append(f"{name!r} has zeros in front, so it is a code and no number")
        if len(levels) > MANY_LEVELS:
            found.remarks.append(
                f"{name!r} has {len(levels)} levels: drop it if it is a name or free text"
            )


def _is_free_text(levels: list[str]) -> bool:
    """Whether most texts are sentences or long."""
    sample = levels[:: max(1, len(levels) // 200)]
    long = [
        level
        for level in sample
        if len(re.findall(r"\w+", level)) > _WORDS_OF_TEXT or len(level) > _LENGTH_OF_TEXT
    ]
    return len(long) * 2 > len(sample) > 0 and any(" " in level for level in long)
