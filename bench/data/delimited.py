"""From a text table, packed or not, to a raw table: numbers, and levels of text.

Numbers are read as numbers at once, so that a large file never exists as text
cells; the texts of levels are shared by pandas, one for each level.
"""

from __future__ import annotations

import csv
import itertools
import warnings
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.data.cells import NumberFormat, column_names, missing_tokens
from bench.data.opening import RUNS_OF_BLANKS, UNREADABLE, not_text, open_text, unreadable
from bench.errors import DataError
from bench.specs import SourceSpec

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

_SEPARATORS = ",;\t|"
_SAMPLE_ROWS = 200
_CHUNK_ROWS = 50_000


@dataclass(frozen=True)
class Header:
    """What the top of a file says: the columns' names and some rows of text cells."""

    names: tuple[str, ...]
    sample: tuple[tuple[str, ...], ...]
    separator: str = ""


def read_header(path: Path, source: SourceSpec) -> Header:
    """Return the names, a sample of rows and the separator of a CSV file.

    Raises
    ------
    DataError
        If there is no table in the file.
    """
    top = read_lines(path, source, _SAMPLE_ROWS + 1)
    if not any(line.strip() for line in top):
        raise DataError(f"{path}: the file is empty", hint="expected a table with a header")
    separator = "\t" if source.separator in RUNS_OF_BLANKS else source.separator or _sniff(top)
    try:
        rows = [tuple(row) for row in csv.reader(top, delimiter=separator) if row]
    except csv.Error as error:
        raise DataError(f"{path}: not a CSV file: {error}") from None
    # The last row of the sample may be half of a quoted cell that spans lines.
    sample = rows[1:] if len(top) <= _SAMPLE_ROWS else rows[1:-1]
    sample = sample[source.skip_below :]
    if not sample:
        raise DataError(f"{path}: there is a header but no rows below it")
    names = _with_empty_ends(rows[0], sample)
    names = column_names(names, str(path), number_repeats=source.number_repeats)
    return Header(names, tuple(sample), separator)


def read_lines(path: Path, source: SourceSpec, count: int) -> list[str]:
    """Return the first lines of a text table below ``skip_rows``.

    Raises
    ------
    DataError
        If it is not text, or cannot be read.
    """
    try:
        with open_text(path, source) as file:
            top = list(itertools.islice(file, count))
    except UnicodeDecodeError as error:
        raise not_text(path, source, error) from None
    except UnicodeError as error:  # of UTF-16 that does not say which of its two kinds
        raise DataError(f"{path}: not {source.encoding} text: {error}") from None
    except UNREADABLE as error:
        raise unreadable(path, error) from None
    if any("\0" in line for line in top):
        raise DataError(
            f"{path}: not a text table, for it holds zero bytes",
            hint="expected CSV, Excel (.xlsx), Parquet, or an encoding such as "
            '[source] encoding = "utf-16"',
        )
    return top


def _with_empty_ends(names: tuple[str, ...], sample: list[tuple[str, ...]]) -> tuple[str, ...]:
    """Return names with an empty one for each separator that rows have at their end too many."""
    width = len(names)
    if all(len(row) > width and not any(row[width:]) for row in sample):
        return (*names, *[""] * (min(map(len, sample)) - width))
    return names


def _sniff(lines: list[str]) -> str:
    """Return the separator that splits the first lines into most columns, equally many each."""

    def fields(separator: str) -> int:
        rows = [row for row in csv.reader(lines[:20], delimiter=separator) if row]
        return len(rows[0]) if len({len(row) for row in rows}) == 1 else 1

    return max(_SEPARATORS, key=fields)


def read_csv(
    path: Path, source: SourceSpec, *, text: Collection[str], skip: Collection[str]
) -> pd.DataFrame:
    """Return the columns of a text table except ``skip``, those in ``text`` as levels.

    Raises
    ------
    DataError
        If the file is empty, not text, or not a table.
    """
    import pandas as pd

    header = read_header(path, source)

    wanted = [name for name in header.names if name not in skip]
    numbers = NumberFormat.of(source).without_signs()
    levels = {*text, *skip, *_text_columns(header, missing_tokens(source), numbers.number)}
    # All columns, for pandas counts the cells of a row only where it reads them all.
    columns = _parse_csv(path, source, header, levels, wanted=wanted)
    # A column may look numeric at the top of a file and hold text further down,
    # or hold truth values, whose spelling pandas would not keep.
    late = [name for name in wanted if name not in columns]
    if late:
        columns |= _parse_csv(path, source, header, set(late), wanted=late, only=late)
    return pd.DataFrame({name: columns.pop(name) for name in wanted}, copy=False)


def _text_columns(
    header: Header, missing: Collection[str], number: Callable[[str], float | None]
) -> set[str]:
    """Return the columns whose cells at the top of the file are not all numbers."""
    found: set[str] = set()
    for row in header.sample:
        for name, cell in zip(header.names, row, strict=False):
            if name not in found and cell.strip() not in missing and number(cell) is None:
                found.add(name)
    return found


def _parse_csv(
    path: Path,
    source: SourceSpec,
    header: Header,
    levels: Collection[str],
    *,
    wanted: Collection[str],
    only: list[str] | None = None,
) -> dict[str, Any]:
    """Return the columns in ``wanted``: levels as they are met, and numbers where all cells are.

    A column that is to be numbers and holds other cells is left out.
    """
    import pandas as pd

    tokens = missing_tokens(source) | set(source.missing)
    options: dict[str, Any] = {
        "sep": header.separator,
        "header": 0,
        "names": list(header.names),
        "index_col": False,
        "usecols": only,
        # Not "category", which would make numbers and truth values of the levels.
        "dtype": dict.fromkeys(levels, "str"),
        "keep_default_na": False,
        "na_values": sorted(tokens),
        "decimal": source.decimal or ".",
        "skiprows": range(1, 1 + source.skip_below),
        "low_memory": False,
        "chunksize": _CHUNK_ROWS,  # or a large file would be in memory as text, too
        **_exactness(pd.__version__),
    }
    columns = {name: _Levels() if name in levels else _Numbers() for name in wanted}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)
            with open_text(path, source) as file, pd.read_csv(file, **options) as chunks:
                for chunk in chunks:
                    for name, column in columns.items():
                        column.add(chunk[name])
    except UnicodeDecodeError as error:
        raise not_text(path, source, error) from None
    except (pd.errors.ParserError, pd.errors.ParserWarning) as error:
        reason = str(error).strip().removeprefix("Error tokenizing data. C error: ")
        raise DataError(
            f"{path}: rows of unequal length: {reason}",
            hint="is [source] separator right, and is text that holds it in quotes?",
        ) from None
    except UNREADABLE as error:
        raise unreadable(path, error) from None
    return {
        name: column.whole() for name, column in columns.items() if not column.is_something_else
    }


class _Numbers:
    """A numeric column, put together from the chunks of a file."""

    def __init__(self) -> None:
        self._parts: list[NDArray[Any]] = []
        self.is_something_else = False

    def add(self, chunk: pd.Series[Any]) -> None:
        """Append the next rows."""
        self.is_something_else |= chunk.dtype.kind not in "iuf"
        if self.is_something_else:
            self._parts = []
        else:
            self._parts.append(chunk.to_numpy(copy=True))  # a view would keep the whole chunk

    def whole(self) -> NDArray[Any]:
        """Return all rows, and keep none."""
        import numpy as np

        parts, self._parts = self._parts, []
        return np.concatenate(parts)


class _Levels:
    """A column of texts as level numbers, put together from the chunks of a file."""

    is_something_else = False

    def __init__(self) -> None:
        self._number_of: dict[str, int] = {}
        self._parts: list[NDArray[np.int32]] = []

    def add(self, chunk: pd.Series[Any]) -> None:
        """Append the next rows."""
        import numpy as np
        import pandas as pd

        codes, texts = pd.factorize(chunk)
        numbers = [self._number_of.setdefault(text, len(self._number_of)) for text in texts]
        # One more entry at the end: code -1, which is missing, picks it.
        self._parts.append(np.array([*numbers, -1], dtype=np.int32)[codes])

    def whole(self) -> pd.Categorical:
        """Return all rows, and keep none."""
        import numpy as np
        import pandas as pd

        parts, self._parts = self._parts, []
        levels = pd.Index(list(self._number_of), dtype="str")
        return pd.Categorical.from_codes(np.concatenate(parts), categories=levels, validate=False)


def _exactness(version: str) -> dict[str, Any]:
    """Return what makes pandas read floats to the last bit, on which the digest depends.

    From 3.1 on it always does, and deprecates the option (pandas issue 64395).
    """
    major, minor = (int(part) for part in version.split(".")[:2])
    return {} if (major, minor) >= (3, 1) else {"float_precision": "round_trip"}
