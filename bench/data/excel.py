"""From a sheet of an Excel workbook to a raw table."""

from __future__ import annotations

import contextlib
import io
import warnings
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from bench.data.cells import column_names, missing_tokens
from bench.data.opening import UNREADABLE, open_bytes, unreadable
from bench.data.spec import nearest
from bench.errors import DataError
from bench.specs import SourceSpec

if TYPE_CHECKING:
    import pandas as pd

EXCEL = (".xlsx", ".xlsm")


def sheet_names(path: Path, source: SourceSpec) -> tuple[str, ...]:
    """Return the names of a workbook's sheets."""
    with _workbook(path, source) as book:
        return tuple(str(name) for name in book.sheet_names)


def read_cells(path: Path, source: SourceSpec, *, most: int | None = None) -> pd.DataFrame:
    """Return the first ``most`` rows of a sheet (or all) as they are, from its very first on.

    Raises
    ------
    DataError
        If it is no workbook, the sheet is not there, or it is empty.
    """
    import pandas as pd

    with _workbook(path, source) as book:
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
            nrows=most,
        )
    if cells.empty:
        raise DataError(f"{path}: sheet {sheet!r} is empty", hint="expected a table with a header")
    return cells


def read_excel(path: Path, source: SourceSpec) -> pd.DataFrame:
    """Return the table in a sheet of a workbook.

    Raises
    ------
    DataError
        If there is none, or two columns have one name.
    """
    import pandas as pd

    cells = read_cells(path, source).iloc[source.skip_rows :]
    frame = cells.iloc[1 + source.skip_below :].reset_index(drop=True)
    if frame.empty:
        raise DataError(f"{path}: there is a header but no rows below it")
    frame.columns = pd.Index(_names(cells, path, source))
    return frame


def excel_names(path: Path, source: SourceSpec) -> tuple[str, ...]:
    """Return the names of the columns of the table in a sheet.

    Raises
    ------
    DataError
        If there is none, or two columns have one name.
    """
    cells = read_cells(path, source, most=source.skip_rows + 1).iloc[source.skip_rows :]
    if cells.empty:
        raise DataError(f"{path}: there is no row {source.skip_rows + 1} with the columns' names")
    return _names(cells, path, source)


def _names(cells: pd.DataFrame, path: Path, source: SourceSpec) -> tuple[str, ...]:
    names = ["" if name != name else name for name in cells.iloc[0]]
    return column_names(names, str(path), number_repeats=source.number_repeats)


@contextlib.contextmanager
def _workbook(path: Path, source: SourceSpec) -> Iterator[pd.ExcelFile]:
    import pandas as pd

    try:
        with open_bytes(path, source) as file:
            content = io.BytesIO(file.read())
    except UNREADABLE as error:
        raise unreadable(path, error) from None

    with warnings.catch_warnings():
        # openpyxl's remarks about styles and validation are no concern of ours.
        warnings.filterwarnings("ignore", module="openpyxl")
        try:
            book = pd.ExcelFile(content, engine="openpyxl")
        except (ValueError, KeyError, OSError, zipfile.BadZipFile) as error:
            raise DataError(f"{path}: not an Excel workbook: {error}") from None
        with book:
            yield book
