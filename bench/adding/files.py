"""How a user's file is to be read: packing, sheet, encoding, separator, header."""

from __future__ import annotations

import codecs
import dataclasses
import re
from collections import Counter
from pathlib import Path

from bench.adding.layout import find_header, find_layout, has_repeats, is_remark
from bench.adding.reasons import Reason
from bench.data.arrow import arrow_names, is_arrow
from bench.data.canonical import level_text, listed
from bench.data.cells import collapse
from bench.data.delimited import read_lines
from bench.data.excel import read_cells, sheet_names
from bench.data.opening import (
    UNREADABLE,
    member_of,
    open_bytes,
    part_paths,
    unreadable,
    zip_members,
)
from bench.data.reading import is_excel
from bench.errors import DataError, SourceError
from bench.specs import SourceSpec

_TOP_LINES = 200
_SCAN_ROWS = 60


def find_table(file: Path) -> Path:
    """Return the file, folder or pattern that holds one table.

    Of a folder with several kinds of files those of the commonest kind.

    Raises
    ------
    SourceError
        If there is no such file, or no table in the folder.
    """
    paths = part_paths(file)
    if not paths:
        if file.is_dir():
            raise SourceError(
                f"{file}: no table in this folder",
                hint="expected CSV, Excel or Parquet files in it",
            )
        raise SourceError(f"{file}: no such file")
    if file.is_dir():
        kinds = Counter(
            "".join(path.suffixes[-2:]) if path.suffix == ".gz" else path.suffix for path in paths
        )
        if len(kinds) > 1:
            return file / f"*{kinds.most_common(1)[0][0]}"
    return file


def find_source(file: Path, target: str) -> tuple[SourceSpec, list[Reason]]:
    """Return how the table in ``file`` is to be read, and why.

    Parameters
    ----------
    file : Path
        As `find_table` returns it.
    target : str
        A column that tells the table from others and its header from titles;
        may be empty.

    Raises
    ------
    DataError
        If the file is no table, or holds several of which none has the target.
    """
    paths = part_paths(file)
    first = paths[0]
    source, reasons = SourceSpec(), []
    if not file.is_file():
        reasons.append(
            Reason(
                "source", f"{len(paths)} files, {first.name} to {paths[-1].name}: read as one table"
            )
        )
    if first.suffix.lower() == ".zip":
        source, found = _in_archive(first, target)
        reasons += found
    if is_excel(first, source):
        source, found = _in_workbook(first, source, target)
    elif is_arrow(first):
        repeats = has_repeats(arrow_names(first))
        source, found = dataclasses.replace(source, number_repeats=repeats), []
    else:
        source, found = _in_text(paths, source, target)
    if source.number_repeats:
        found.append(
            Reason("source", "number_repeats: columns share a name, each repeat gets a number")
        )
    return source, [*reasons, *found]


# --- archives and workbooks -----------------------------------------------------------


def _in_archive(path: Path, target: str) -> tuple[SourceSpec, list[Reason]]:
    members = zip_members(path)
    if len(members) <= 1:
        source = SourceSpec(member=member_of(path, SourceSpec()))
        return source, [
            Reason("source", f"member {source.member!r}: the only table in the archive")
        ]
    having = [member for member in members if _width(path, SourceSpec(member=member), target)]
    if len(having) != 1:
        raise DataError(
            f"{path}: the archive holds {len(members)} tables, "
            f"{len(having) or 'none'} of them with a column {target!r}",
            hint=f"unpack the one that is meant; there are {listed(members)}",
        )
    return SourceSpec(member=having[0]), [
        Reason("source", f"member {having[0]!r}: the only one that has the target")
    ]


def _width(path: Path, source: SourceSpec, target: str) -> int:
    """Return how many columns the table with the target has, 0 where it is in none.

    Without a target, how many columns there are.
    """
    place = str(path)
    try:
        if is_excel(path, source):
            rows = _sheet_rows(path, source)
            header = rows[find_header(rows, target, place)]
        else:
            encoded = dataclasses.replace(source, encoding=_find_encoding([path], source))
            lines = read_lines(path, encoded, _TOP_LINES)
            header = list(find_layout(lines, target, place).header)
    except DataError:
        return 0
    names = [collapse(cell).casefold() for cell in header]
    has_target = not target or collapse(target).casefold() in names
    return sum(map(bool, names)) if has_target else 0


def _in_workbook(path: Path, source: SourceSpec, target: str) -> tuple[SourceSpec, list[Reason]]:
    sheets, reasons = sheet_names(path, source), []
    if len(sheets) > 1:
        width_of = {
            sheet: _width(path, dataclasses.replace(source, sheet=sheet), target)
            for sheet in sheets
        }
        widest = max(sheets, key=lambda sheet: width_of[sheet])
        if not width_of[widest]:
            raise DataError(
                f"{path}: no sheet has a column {target!r}",
                hint=f"the sheets are: {listed(sheets)}",
            )
        source = dataclasses.replace(source, sheet=widest)
        others = [sheet for sheet in sheets if width_of[sheet] and sheet != widest]
        why = f"the one of {len(others) + 1} with most columns" if others else "the only one"
        reasons.append(Reason("source", f"sheet {widest!r}: {why} that has the target"))
    rows = _sheet_rows(path, source)
    header = find_header(rows, target, str(path))
    below = int(is_remark(rows[header + 1 :]))
    source = dataclasses.replace(
        source, skip_rows=header, skip_below=below, number_repeats=has_repeats(rows[header])
    )
    return source, [*reasons, *_explain_rows(source)]


def _sheet_rows(path: Path, source: SourceSpec) -> list[list[str]]:
    """Return the first rows of a sheet as texts."""
    cells = read_cells(path, source, most=_SCAN_ROWS)
    return [
        ["" if cell != cell or cell is None else level_text(cell) for cell in row]
        for row in cells.itertuples(index=False)
    ]


# --- text -----------------------------------------------------------------------------


def _in_text(
    paths: tuple[Path, ...], source: SourceSpec, target: str
) -> tuple[SourceSpec, list[Reason]]:
    path = paths[0]
    encoding = _find_encoding(paths, source)
    source = dataclasses.replace(source, encoding=encoding)
    lines = read_lines(path, source, _TOP_LINES)
    if not any(line.strip() for line in lines):
        raise DataError(f"{path}: the file is empty", hint="expected a table with a header")
    layout = find_layout(lines, target, str(path))
    source = dataclasses.replace(
        source,
        separator=layout.separator,
        skip_rows=layout.skip_rows,
        skip_below=layout.skip_below,
        number_repeats=has_repeats(layout.header),
    )
    seen = f": {_foreign_word(lines)} is read so" if encoding and _foreign_word(lines) else ""
    text = f"separator {layout.separator!r}, encoding {encoding or 'utf-8'}{seen}"
    return source, [Reason("source", text), *_explain_rows(source)]


def _explain_rows(source: SourceSpec) -> list[Reason]:
    reasons = []
    if source.skip_rows:
        reasons.append(
            Reason("source", f"skip_rows {source.skip_rows}: lines above the columns' names")
        )
    if source.skip_below:
        text = "skip_below 1: the first row is words where the columns hold numbers or dates"
        reasons.append(Reason("source", text))
    return reasons


def _foreign_word(lines: list[str]) -> str:
    """Return the first word with a letter beyond ASCII, so that a reader can judge the encoding."""
    found = re.search(r"[^\W\d_]*[^\x00-\x7f\W\d_][^\W\d_]*", "".join(lines))
    return repr(found[0]) if found else ""


def _find_encoding(paths: tuple[Path, ...] | list[Path], source: SourceSpec) -> str:
    """Return the first encoding that all files decode as in whole; empty for utf-8."""
    try:
        with open_bytes(paths[0], source) as stream:
            start = stream.read(4096)
    except UNREADABLE as error:
        raise unreadable(paths[0], error) from None
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    zeros = Counter(i % 2 for i, byte in enumerate(start) if byte == 0)
    # Half of the bytes of Latin text in UTF-16 are zero, and always the same half.
    if sum(zeros.values()) > len(start) // 4 and min(zeros[0], zeros[1]) < len(start) // 100:
        return "utf-16-le" if zeros[1] > zeros[0] else "utf-16-be"
    for encoding in ("utf-8", "cp1252"):
        if all(_decodes(path, source, encoding) for path in paths):
            return "" if encoding == "utf-8" else encoding
    return "latin-1"


def _decodes(path: Path, source: SourceSpec, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with open_bytes(path, source) as stream:
            while chunk := stream.read(1 << 20):
                decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    except UNREADABLE as error:
        raise unreadable(path, error) from None
    return True
