"""Where the table is in a file: the separator, the header's row, a row of remarks below it."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bench.adding.guesses import WORDS, dates_among, is_nothing, is_numberlike
from bench.data.cells import DEFAULT_MISSING, collapse
from bench.data.opening import RUNS_OF_BLANKS, tabbed
from bench.errors import DataError

_SEPARATORS = (",", ";", "\t", "|", "wide-blanks", "blanks", "^", "~", ":")
_HEADER_WITHIN = 50
_FILLED = 0.6
_WORDS_OF_REMARK = 3

Rows = Sequence[Sequence[str]]


@dataclass(frozen=True)
class Layout:
    """How to find the table in a text file.

    Attributes
    ----------
    separator : str
        As the adapter has it.
    skip_rows, skip_below : int
        Lines above the header, rows of remarks right below it.
    header : tuple of str
        The columns' names.
    """

    separator: str
    skip_rows: int
    skip_below: int
    header: tuple[str, ...]


@dataclass(frozen=True)
class _Split:
    """The lines of a file as one separator splits them."""

    separator: str
    rows: list[list[str]]
    line_of: list[int]

    @property
    def width(self) -> int:
        """How many cells most rows have."""
        return Counter(map(len, self.rows)).most_common(1)[0][0]

    @property
    def regularity(self) -> float:
        """The share of rows that have that many."""
        return sum(len(row) == self.width for row in self.rows) / len(self.rows)


def find_layout(lines: Sequence[str], target: str, place: str) -> Layout:
    """Return where the table is in the first lines of a text file.

    Parameters
    ----------
    lines : sequence of str
    target : str
        The name of a column, which tells the header from what is above it
        and the separator from other characters; may be empty or wrong.

    Raises
    ------
    DataError
        If there is no row that can be a header.
    """
    splits = [_split(lines, separator) for separator in _SEPARATORS]
    splits = [split for split in splits if split.rows and split.width > 1]
    if not splits:
        raise DataError(
            f"{place}: no separator makes columns of it",
            hint="expected a table whose lines hold several values, as CSV files have",
        )
    regular = {split.separator: split.regularity for split in splits}
    if regular.get("wide-blanks", 0.0) >= regular.get("blanks", 1.0):
        splits = [split for split in splits if split.separator != "blanks"]
    having = [s for s in splits if _row_with(s.rows, target) is not None]
    split = max(having or splits, key=lambda s: (round(s.regularity, 1), s.width))
    header = find_header(split.rows, target, place)
    below = split.rows[header + 1 :]
    first = split.line_of[header]
    is_blank_above = not any(line.strip() for line in lines[:first])
    return Layout(
        separator=split.separator,
        skip_rows=0 if is_blank_above else first,
        skip_below=int(is_remark(below)),
        header=tuple(split.rows[header]),
    )


def find_header(rows: Rows, target: str, place: str) -> int:
    """Return which row holds the columns' names.

    Raises
    ------
    DataError
        If the first row that could be it holds numbers.
    """
    named = _row_with(rows, target)
    if named is not None:
        return named
    width = Counter(len(row) for row in rows).most_common(1)[0][0]
    n_most = max(sum(map(bool, map(str.strip, row))) for row in rows)
    for number, row in enumerate(rows[:_HEADER_WITHIN]):
        filled = [cell for cell in row if cell.strip()]
        if len(row) >= min(width, len(rows[-1])) and len(filled) >= max(1, _FILLED * n_most):
            if sum(map(is_numberlike, filled)) * 2 > len(filled):
                raise DataError(
                    f"{place}: the first row looks like data: {', '.join(map(repr, filled[:5]))}",
                    hint="put the names of the columns into a line above it",
                )
            return number
    return 0


def is_remark(rows: Rows) -> bool:
    """Whether the first row below a header describes the columns instead of holding data.

    It does where it is text in columns that hold nothing but numbers and dates
    below it: in two at least, or in one and as several words.
    """
    if len(rows) < 3:
        return False
    first, others = rows[0], rows[1:]
    n_odd, is_wordy = 0, False
    for position, cell in enumerate(first):
        column = [row[position].strip() for row in others if position < len(row)]
        values = [value for value in column if value not in DEFAULT_MISSING]
        if not values or not (all(map(is_numberlike, values)) or dates_among(values[:20])):
            continue
        if is_numberlike(cell) or dates_among([cell.strip()]):
            return False
        if not is_nothing(cell.strip()) and cell.strip().casefold() not in WORDS:
            n_odd += 1
            is_wordy |= len(cell.split()) >= _WORDS_OF_REMARK
    return n_odd >= 2 or (n_odd == 1 and is_wordy)


def has_repeats(names: Iterable[str]) -> bool:
    """Whether two columns have one name."""
    clean = [name for name in map(collapse, names) if name]
    return len(set(clean)) < len(clean)


def _split(lines: Sequence[str], separator: str) -> _Split:
    if separator in RUNS_OF_BLANKS:
        lines = [tabbed(line, RUNS_OF_BLANKS[separator]) for line in lines]
    reader = csv.reader(lines, delimiter="\t" if separator in RUNS_OF_BLANKS else separator)
    rows, line_of = [], []
    try:
        while True:
            line = reader.line_num
            row = next(reader)
            if any(cell.strip() for cell in row):
                rows.append(row)
                line_of.append(line)
    except (StopIteration, csv.Error):
        pass
    return _Split(separator, rows, line_of)


def _row_with(rows: Rows, target: str) -> int | None:
    """Return the first row that has ``target`` as one cell, rather of several with text."""
    wanted = collapse(target).casefold()
    if not wanted:
        return None
    having = []
    for number, row in enumerate(rows[:_HEADER_WITHIN]):
        cells = [collapse(cell).casefold() for cell in row]
        if wanted in cells and len(cells) > 1:
            having.append((sum(map(bool, cells)) == 1, number))
    return min(having)[1] if having else None
