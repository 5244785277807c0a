"""From a file to a raw table: text, Excel and Arrow, in one file or in parts; nothing coded yet."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.data.arrow import arrow_names, is_arrow, read_arrow
from bench.data.cells import column_names
from bench.data.delimited import read_csv, read_header
from bench.data.excel import EXCEL, excel_names, read_excel
from bench.data.opening import kind_of, member_of, part_paths
from bench.errors import DataError
from bench.specs import SourceSpec

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

_REFUSED = {
    ".xls": "an Excel file of before 2007",
    ".xlsb": "a binary Excel file",
    ".ods": "an OpenDocument file",
    ".json": "a JSON file",
    ".jsonl": "a JSON file",
    ".sas7bdat": "a SAS file",
    ".dta": "a Stata file",
    ".sav": "an SPSS file",
    ".pkl": "a pickle, which can run any code,",
    ".7z": "a 7z archive",
    ".rar": "a RAR archive",
    ".tar": "a tar archive",
}


@dataclass(frozen=True, eq=False)
class Parts:
    """A table that may have come in several files: which row is from which of them."""

    frame: pd.DataFrame
    names: tuple[str, ...] = ()
    part_of_row: NDArray[np.int64] | None = None


def is_excel(path: Path, source: SourceSpec) -> bool:
    """Whether a file (the first of several) is read as an Excel workbook."""
    return any(_kind(part, source) in EXCEL for part in part_paths(path)[:1])


def read_table(
    path: Path, source: SourceSpec, *, text: Collection[str], skip: Collection[str]
) -> pd.DataFrame:
    """Return the columns of a table except ``skip``, those in ``text`` as levels.

    Columns that are neither are numbers where all of their cells are.

    Parameters
    ----------
    path : Path
        A file, a folder of tables, or a pattern such as ``part-*.csv``.

    Raises
    ------
    DataError
        If a file is empty, not text, not a table, has two columns of one name,
        or other columns than the first.
    """
    return read_parts(path, source, text=text, skip=skip).frame


def read_parts(
    path: Path, source: SourceSpec, *, text: Collection[str], skip: Collection[str]
) -> Parts:
    """Return a table as `read_table` does, and which row is from which file."""
    import numpy as np

    paths = _parts_of(path)
    if path.is_file():
        return Parts(_read_one(path, source, text=text, skip=skip))
    names = _names_of(paths[0], source)
    for part in paths[1:]:
        _check_names(part, _names_of(part, source), paths[0], names)
    frames = [_read_one(part, source, text=text, skip=skip) for part in paths]
    mixed = {name for name in frames[0].columns if _is_mixed([frame[name] for frame in frames])}
    if mixed:
        # Numbers in one part and text in another: as text all of them, as they are written.
        frames = [_read_one(part, source, text={*text, *mixed}, skip=skip) for part in paths]
    part_of_row = np.repeat(np.arange(len(paths)), [len(frame) for frame in frames])
    return Parts(_joined(frames), tuple(part.name for part in paths), part_of_row)


def table_names(path: Path, source: SourceSpec) -> tuple[str, ...]:
    """Return the names of a table's columns.

    Raises
    ------
    DataError
        If there is no table in the file, or two columns have one name.
    """
    return _names_of(_parts_of(path)[0], source)


def _parts_of(path: Path) -> tuple[Path, ...]:
    paths = part_paths(path)
    if not paths:
        raise DataError(f"{path}: there is no table in it", hint="expected CSV, Excel or Parquet")
    return paths


def _kind(path: Path, source: SourceSpec) -> str:
    member = member_of(path, source)
    kind = kind_of(path, member)
    if kind in _REFUSED:
        raise DataError(
            f"{path}: {_REFUSED[kind]} is not read", hint="save it as CSV, .xlsx or Parquet"
        )
    if member and is_arrow(Path(member)):
        raise DataError(f"{path}: {member!r} in an archive is not read", hint="unpack the archive")
    return kind


def _names_of(path: Path, source: SourceSpec) -> tuple[str, ...]:
    if _kind(path, source) in EXCEL:
        return excel_names(path, source)
    if is_arrow(path):
        return column_names(arrow_names(path), str(path), number_repeats=source.number_repeats)
    return read_header(path, source).names


def _read_one(
    path: Path, source: SourceSpec, *, text: Collection[str], skip: Collection[str]
) -> pd.DataFrame:
    if _kind(path, source) in EXCEL:
        return read_excel(path, source).drop(columns=list(skip))
    if is_arrow(path):
        return _read_arrow(path, source, skip=skip)
    return read_csv(path, source, text=text, skip=skip)


def _read_arrow(path: Path, source: SourceSpec, *, skip: Collection[str]) -> pd.DataFrame:
    import pandas as pd

    names = column_names(arrow_names(path), str(path), number_repeats=source.number_repeats)
    columns = read_arrow(path, skip=[i for i, name in enumerate(names) if name in skip])
    kept = [name for name in names if name not in skip]
    return pd.DataFrame(dict(zip(kept, columns, strict=True)), copy=False)


# --- parts ----------------------------------------------------------------------------


def _check_names(
    path: Path, names: Collection[str], first: Path, expected: Collection[str]
) -> None:
    """Raise where a part has other columns than the first one; their order may differ."""
    for name in expected:
        if name not in names:
            raise DataError(
                f"{path}: there is no column {name!r}, which {first.name} has",
                hint="all parts of a table need the same columns",
            )
    for name in names:
        if name not in expected:
            raise DataError(
                f"{path}: column {name!r} is not in {first.name}",
                hint="all parts of a table need the same columns",
            )


def _is_mixed(columns: Collection[pd.Series[Any]]) -> bool:
    import pandas as pd

    levels = [isinstance(column.dtype, pd.CategoricalDtype) for column in columns]
    return any(levels) and not all(levels)


def _joined(frames: list[pd.DataFrame]) -> pd.DataFrame:
    """Return the rows of all frames; levels stay levels."""
    import pandas as pd
    from pandas.api.types import union_categoricals

    whole: dict[str, Any] = {}
    for name in frames[0].columns:
        columns = [frame[name] for frame in frames]
        kinds = {
            column.cat.categories.dtype if isinstance(column.dtype, pd.CategoricalDtype) else None
            for column in columns
        }
        if len(kinds) == 1 and None not in kinds:
            whole[name] = union_categoricals([column.array for column in columns])
        else:
            whole[name] = pd.concat(columns, ignore_index=True)
    return pd.DataFrame(whole, copy=False)
