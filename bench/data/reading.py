"""From a file to a raw table: CSV (also gzipped), Excel and Arrow, nothing coded yet.

Numbers are read as numbers at once, so that a large file never exists as text
cells; the texts of levels are shared by pandas, one for each level.
"""

from __future__ import annotations

import contextlib
import csv
import gzip
import itertools
import warnings
import zipfile
import zlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from bench.data.arrow import arrow_names, is_arrow, read_arrow
from bench.data.spec import nearest
from bench.errors import DataError
from bench.specs import SourceSpec

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

DEFAULT_MISSING = ("", "NA", "N/A", "NaN", "nan", "null", "NULL")
"""Texts that mean "no value"; ``None`` is often a level and therefore not among them."""

_SEPARATORS = ",;\t|"
_SAMPLE_ROWS = 200
_CHUNK_ROWS = 50_000
_EXCEL = (".xlsx", ".xlsm")
_UNREADABLE = (OSError, EOFError, zlib.error)  # the last two of broken gzip files


@dataclass(frozen=True)
class Header:
    """What the top of a file says: the columns' names and some rows of text cells."""

    names: tuple[str, ...]
    sample: tuple[tuple[str, ...], ...]
    separator: str = ""


def missing_tokens(source: SourceSpec) -> frozenset[str]:
    """Return the texts that mean "no value", stripped as cells are."""
    return frozenset((*DEFAULT_MISSING, *(token.strip() for token in source.missing)))


def is_excel(path: Path) -> bool:
    """Whether a file is read as an Excel workbook."""
    return path.suffix.lower() in _EXCEL


def read_table(
    path: Path, source: SourceSpec, *, text: Collection[str], skip: Collection[str]
) -> pd.DataFrame:
    """Return the columns of a file except ``skip``, those in ``text`` as levels.

    Columns that are neither are numbers where all of their cells are.

    Raises
    ------
    DataError
        If the file is empty, not text, not a table, or has two columns of one name.
    """
    if is_excel(path):
        return _read_excel(path, source).drop(columns=list(skip))
    if is_arrow(path):
        return _read_arrow(path, skip=skip)
    return _read_csv(path, source, read_header(path, source), text=text, skip=skip)


def table_names(path: Path, source: SourceSpec) -> tuple[str, ...]:
    """Return the names of the columns of a CSV or Arrow file.

    Raises
    ------
    DataError
        If there is no table in the file, or two columns have one name.
    """
    if is_arrow(path):
        return column_names(arrow_names(path), str(path))
    return read_header(path, source).names


def column_names(names: Collection[Any], place: str) -> tuple[str, ...]:
    """Return names as we use them: blanks collapsed, none empty, no two alike."""
    clean = [collapse(str(name)) or f"Unnamed: {i}" for i, name in enumerate(names)]
    twice = sorted({name for name in clean if clean.count(name) > 1})
    if twice:
        raise DataError(
            f"{place}: two columns are called {twice[0]!r}", hint="rename one in the file"
        )
    return tuple(clean)


def collapse(name: str) -> str:
    """Return a column's name with every run of blanks as one."""
    return " ".join(name.split())


# --- CSV ------------------------------------------------------------------------------


def read_header(path: Path, source: SourceSpec) -> Header:
    """Return the names, a sample of rows and the separator of a CSV file.

    Raises
    ------
    DataError
        If there is no table in the file.
    """
    try:
        with _open_text(path, source) as file:
            top = list(itertools.islice(file, _SAMPLE_ROWS + 1))
    except UnicodeDecodeError as error:
        raise _not_text(path, source, error) from None
    except LookupError:
        raise DataError(
            f"{path}: [source] encoding = {source.encoding!r} is not a known encoding"
        ) from None
    except _UNREADABLE as error:
        raise _unreadable(path, error) from None
    if not any(line.strip() for line in top):
        raise DataError(f"{path}: the file is empty", hint="expected a table with a header")
    separator = source.separator or _sniff(top)
    try:
        rows = [tuple(row) for row in csv.reader(top, delimiter=separator) if row]
    except csv.Error as error:
        raise DataError(f"{path}: not a CSV file: {error}") from None
    if len(rows) < 2:
        raise DataError(f"{path}: there is a header but no rows below it")
    # The last row of the sample may be half of a quoted cell that spans lines.
    sample = rows[1:] if len(top) <= _SAMPLE_ROWS else rows[1:-1]
    return Header(column_names(rows[0], str(path)), tuple(sample), separator)


def _open_text(path: Path, source: SourceSpec) -> IO[str]:
    encoding = source.encoding or "utf-8-sig"
    if path.suffix.lower() == ".gz":
        return gzip.open(path, "rt", encoding=encoding, newline="")
    return open(path, encoding=encoding, newline="")


def _sniff(lines: list[str]) -> str:
    """Return the separator that splits the first lines into most columns, equally many each."""

    def fields(separator: str) -> int:
        rows = [row for row in csv.reader(lines[:20], delimiter=separator) if row]
        return len(rows[0]) if len({len(row) for row in rows}) == 1 else 1

    return max(_SEPARATORS, key=fields)


def _unreadable(path: Path, error: Exception) -> DataError:
    return DataError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}")


def _not_text(path: Path, source: SourceSpec, error: UnicodeDecodeError) -> DataError:
    byte = error.object[error.start]
    return DataError(
        f"{path}: not {source.encoding or 'utf-8'} text (byte 0x{byte:02x} at {error.start})",
        hint='name the encoding, for instance [source] encoding = "cp1252"',
    )


def _read_csv(
    path: Path, source: SourceSpec, header: Header, *, text: Collection[str], skip: Collection[str]
) -> pd.DataFrame:
    import pandas as pd

    wanted = [name for name in header.names if name not in skip]
    levels = {*text, *skip, *_text_columns(header, missing_tokens(source))}
    # All columns, for pandas counts the cells of a row only where it reads them all.
    columns = _parse_csv(path, source, header, levels, wanted=wanted)
    # A column may look numeric at the top of a file and hold text further down,
    # or hold truth values, whose spelling pandas would not keep.
    late = [name for name in wanted if name not in columns]
    if late:
        columns |= _parse_csv(path, source, header, set(late), wanted=late, only=late)
    return pd.DataFrame({name: columns.pop(name) for name in wanted}, copy=False)


def _text_columns(header: Header, missing: Collection[str]) -> set[str]:
    """Return the columns whose cells at the top of the file are not all numbers."""
    found: set[str] = set()
    for row in header.sample:
        for name, cell in zip(header.names, row, strict=False):
            if name not in found and cell.strip() not in missing and number(cell) is None:
                found.add(name)
    return found


def number(text: str) -> float | None:
    """Return the number that a cell holds, or None; ``1_000`` is none, nor is ``nan``."""
    try:
        value = float(text)
    except ValueError:
        return None
    return None if value != value or "_" in text else value


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
        "encoding": source.encoding or "utf-8",
        "low_memory": False,
        "chunksize": _CHUNK_ROWS,  # or a large file would be in memory as text, too
        **_exactness(pd.__version__),
    }
    columns = {name: _Levels() if name in levels else _Numbers() for name in wanted}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)
            with pd.read_csv(path, **options) as chunks:
                for chunk in chunks:
                    for name, column in columns.items():
                        column.add(chunk[name])
    except UnicodeDecodeError as error:
        raise _not_text(path, source, error) from None
    except (pd.errors.ParserError, pd.errors.ParserWarning) as error:
        reason = str(error).strip().removeprefix("Error tokenizing data. C error: ")
        raise DataError(
            f"{path}: rows of unequal length: {reason}",
            hint="is [source] separator right, and is text that holds it in quotes?",
        ) from None
    except _UNREADABLE as error:
        raise _unreadable(path, error) from None
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


def _read_arrow(path: Path, *, skip: Collection[str]) -> pd.DataFrame:
    import pandas as pd

    names = column_names(arrow_names(path), str(path))
    columns = read_arrow(path, skip=[i for i, name in enumerate(names) if name in skip])
    kept = [name for name in names if name not in skip]
    return pd.DataFrame(dict(zip(kept, columns, strict=True)), copy=False)


# --- Excel ----------------------------------------------------------------------------


def sheet_names(path: Path) -> tuple[str, ...]:
    """Return the names of a workbook's sheets."""
    with _workbook(path) as book:
        return tuple(str(name) for name in book.sheet_names)


def _read_excel(path: Path, source: SourceSpec) -> pd.DataFrame:
    import pandas as pd

    with _workbook(path) as book:
        sheets = [str(name) for name in book.sheet_names]
        if not source.sheet and len(sheets) > 1:
            raise DataError(
                f"{path}: the workbook has {len(sheets)} sheets: {', '.join(map(repr, sheets))}",
                hint=f"name one: [source] sheet = {sheets[0]!r}",
            )
        sheet = source.sheet or sheets[0]
        if sheet not in sheets:
            raise DataError(
                f"{path}: no sheet {sheet!r}{nearest(sheet, sheets)}",
                hint=f"the sheets are: {', '.join(map(repr, sheets))}",
            )
        tokens = missing_tokens(source) | set(source.missing)
        # Without a header, for pandas would rename the second of two equal names.
        cells = pd.read_excel(
            book,
            sheet_name=sheet,
            header=None,
            dtype=object,
            keep_default_na=False,
            na_values=sorted(tokens),
        )
    if cells.empty:
        raise DataError(f"{path}: sheet {sheet!r} is empty", hint="expected a table with a header")
    if len(cells) < 2:
        raise DataError(f"{path}: there is a header but no rows below it")
    names = ["" if name != name else name for name in cells.iloc[0]]
    frame = cells.iloc[1:].reset_index(drop=True)
    frame.columns = column_names(names, str(path))
    return frame


@contextlib.contextmanager
def _workbook(path: Path) -> Iterator[pd.ExcelFile]:
    import pandas as pd

    with warnings.catch_warnings():
        # openpyxl's remarks about styles and validation are no concern of ours.
        warnings.filterwarnings("ignore", module="openpyxl")
        try:
            book = pd.ExcelFile(path, engine="openpyxl")
        except (ValueError, KeyError, OSError, zipfile.BadZipFile) as error:
            raise DataError(f"{path}: not an Excel workbook: {error}") from None
        with book:
            yield book
