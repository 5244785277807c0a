"""The whole of a user's table, before anything is known of its columns."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.adding.columns import text_counts
from bench.adding.guesses import choose_format
from bench.data.arrow import is_arrow, nested_names
from bench.data.canonical import as_canonical_category, is_numeric
from bench.data.cells import NumberFormat, missing_tokens
from bench.data.columns import data_rows
from bench.data.delimited import Header, read_header
from bench.data.opening import part_paths
from bench.data.reading import is_excel, read_table
from bench.specs import SourceSpec

if TYPE_CHECKING:
    import pandas as pd

_MOST_LAST_ROWS = 3
_LEADING_ZERO = re.compile(r"0\d+")
_MAYBE_THOUSANDS = re.compile(r"[1-9]\d{0,2}(\.\d{3})?")


@dataclass(frozen=True, eq=False)
class Table:
    """The whole table, and how its texts may be numbers.

    Attributes
    ----------
    raw : DataFrame
        The rows of data: numbers, everything else as texts or levels.
    numbers : NumberFormat
        How the file writes numbers.
    texts : mapping
        Column → its texts and their counts, of the columns that are not numeric.
    codes, nested, doubtful : collection of str
        Columns of digits with zeros in front, of lists and the like, and of
        numbers that may be thousands.
    n_last : int
        How many rows at the end of the file are something else.
    """

    raw: pd.DataFrame
    numbers: NumberFormat
    texts: Mapping[str, Mapping[str, int]]
    codes: Collection[str]
    nested: Collection[str]
    doubtful: Collection[str]
    n_last: int


def read_whole(file: Path, source: SourceSpec, target: str) -> Table:
    """Return the rows of data; what the top of the file shows to be codes is kept as text."""
    first = part_paths(file)[0]
    is_text = not (is_excel(file, source) or is_arrow(first))
    header = read_header(first, source) if is_text else None
    codes = _columns_with(header, _LEADING_ZERO, whole=False)
    nested = nested_names(first) if is_arrow(first) else ()

    def read(*more: str) -> tuple[pd.DataFrame, int]:
        raw = read_table(file, source, text=(target, *codes, *more), skip=nested)
        return _data_of(raw, target, missing_tokens(source))

    def choose() -> NumberFormat:
        return choose_format(_texts(raw, {target, *codes}), source.separator)

    raw, n_last = read()
    numbers = choose()
    names = [str(name) for name in raw.columns]
    pointed = [name for name in names if is_numeric(raw[name]) and _has_fractions(raw[name])]
    if is_text and numbers.decimal == "," and pointed:
        # What looks like a decimal point may be one of thousands.
        raw, _ = read(*pointed)
        numbers = choose()
    grouped = _columns_with(header, _MAYBE_THOUSANDS, whole=True)
    doubtful = [name for name in grouped if name in pointed and numbers.decimal == "."]
    return Table(raw, numbers, _texts(raw, {target}), codes, nested, doubtful, n_last)


def _data_of(raw: pd.DataFrame, target: str, missing: frozenset[str]) -> tuple[pd.DataFrame, int]:
    """Return the rows of data, and how many at the end of the file are something else.

    Such are the last few rows where the target is missing in them alone, and
    most other cells are, too: totals, remarks.
    """
    import numpy as np

    raw = raw.iloc[data_rows(raw, target, missing)].reset_index(drop=True)
    codes = as_canonical_category(raw[target], missing=missing).codes
    without = np.flatnonzero(codes == -1)
    n_last = len(without)
    is_last = n_last <= _MOST_LAST_ROWS and without.tolist() == list(range(len(raw)))[-n_last:]
    if not is_last or raw.iloc[without].notna().sum().sum() * 2 > raw.iloc[without].size:
        return raw, 0
    return raw.iloc[: len(raw) - n_last].reset_index(drop=True), n_last


def _columns_with(
    header: Header | None, pattern: re.Pattern[str], *, whole: bool
) -> tuple[str, ...]:
    """Return the columns of which any cell (or the whole) of the file's top looks like that."""
    if header is None:
        return ()
    found = []
    for position, name in enumerate(header.names):
        column = [row[position].strip() for row in header.sample if position < len(row)]
        are = [pattern.fullmatch(cell) is not None for cell in column if cell]
        if are and (all(are) if whole else any(are)):
            found.append(name)
    return tuple(found)


def _texts(raw: pd.DataFrame, apart: Collection[str]) -> dict[str, dict[str, int]]:
    return {
        str(name): text_counts(raw[name])
        for name in raw.columns
        if name not in apart and (not is_numeric(raw[name]) or raw[name].dtype.kind == "b")
    }


def _has_fractions(column: pd.Series[Any]) -> bool:
    import numpy as np

    values = column.to_numpy(dtype=np.float64, na_value=np.nan)
    values = values[np.isfinite(values)]
    return bool((values != np.floor(values)).any())
