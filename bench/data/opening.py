"""From a path to streams: plain, gzipped, or one file of a zip archive; and files in parts."""

from __future__ import annotations

import codecs
import contextlib
import gzip
import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO, cast

from bench.errors import DataError
from bench.specs import SourceSpec

RUNS_OF_BLANKS = {"blanks": 1, "wide-blanks": 2}
"""Separators that are runs of blanks, and how many there are at least in a run."""

UNREADABLE = (OSError, EOFError, zlib.error, zipfile.BadZipFile)
"""What a file that cannot be read raises, broken archives included."""

TABLES = (
    *(".csv", ".tsv", ".tab", ".psv", ".txt", ".dat", ".data"),
    *(".xlsx", ".xlsm", ".parquet", ".pq", ".feather", ".arrow"),
)
_PACKED = (".gz", ".zip")


def kind_of(path: Path, member: str = "") -> str:
    """Return the ending that says what is in a file, such as ``.csv`` of ``x.csv.gz``."""
    name = PurePosixPath(member or path.name)
    return PurePosixPath(name.stem).suffix.lower() if name.suffix == ".gz" else name.suffix.lower()


def is_table_name(name: str) -> bool:
    """Whether a file's name is that of a table, packed or not, and not of a hidden file."""
    path = PurePosixPath(name)
    stem = path.stem if path.suffix.lower() in _PACKED else path.name
    is_hidden = path.name.startswith((".", "_", "~"))
    is_packed = path.suffix.lower() == ".zip"
    return not is_hidden and (is_packed or PurePosixPath(stem).suffix.lower() in TABLES)


# --- parts ----------------------------------------------------------------------------


def is_several(file: str) -> bool:
    """Whether an adapter's file is a folder or a pattern, not one file."""
    return file.endswith("/") or any(c in file for c in "*?[")


def part_paths(path: Path) -> tuple[Path, ...]:
    """Return the files that a path means, in order of their names; none where there are none.

    A folder means the tables directly in it, a name that is no file may be a
    pattern such as ``part-*.csv``.
    """
    if path.is_file():
        return (path,)
    if path.is_dir():
        found = [part for part in path.iterdir() if part.is_file() and is_table_name(part.name)]
    elif is_several(path.name) and path.parent.is_dir():
        found = [part for part in path.parent.glob(path.name) if part.is_file()]
    else:
        found = []
    return tuple(sorted(found, key=lambda part: part.name))


# --- streams --------------------------------------------------------------------------


def zip_members(path: Path) -> tuple[str, ...]:
    """Return the names of the tables in a zip archive.

    Raises
    ------
    DataError
        If it is no zip archive.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            names = [info.filename for info in archive.infolist() if not info.is_dir()]
    except UNREADABLE as error:
        raise unreadable(path, error) from None
    return tuple(name for name in names if not name.startswith("__MACOSX/") and is_table_name(name))


def member_of(path: Path, source: SourceSpec) -> str:
    """Return which file of a zip archive is meant, ``""`` where the path is no archive.

    Raises
    ------
    DataError
        If the archive does not hold it, or none is named and there is not just one.
    """
    if path.suffix.lower() != ".zip":
        return ""
    members = zip_members(path)
    shown = ", ".join(map(repr, members[:10]))
    if source.member in members:
        return source.member
    if source.member:
        raise DataError(
            f"{path}: there is no {source.member!r} in the archive",
            hint=f"its tables are: {shown}" if members else "there is no table in it at all",
        )
    if len(members) != 1:
        raise DataError(
            f"{path}: the archive holds {len(members)} tables, expected one",
            hint=f"name one: [source] member = {members[0]!r}; there are {shown}"
            if members
            else f"tables end on {', '.join(TABLES)}",
        )
    return members[0]


@contextlib.contextmanager
def open_bytes(path: Path, source: SourceSpec) -> Iterator[IO[bytes]]:
    """Open what is in a file, unpacked."""
    member = member_of(path, source)
    with contextlib.ExitStack() as stack:
        file: IO[bytes]
        if member:
            archive = stack.enter_context(zipfile.ZipFile(path))
            try:
                file = stack.enter_context(archive.open(member))
            except (RuntimeError, NotImplementedError) as error:  # a password, a rare packing
                raise DataError(
                    f"{path}: cannot be unpacked: {error}", hint="unpack it, and use what is in it"
                ) from None
        else:
            file = stack.enter_context(open(path, "rb"))
        if (member or path.name).lower().endswith(".gz"):
            file = cast("IO[bytes]", stack.enter_context(gzip.GzipFile(fileobj=file)))
        yield file


@contextlib.contextmanager
def open_text(path: Path, source: SourceSpec) -> Iterator[IO[str]]:
    """Open a text table below ``skip_rows``, runs of blanks made tabs where these separate.

    Raises
    ------
    DataError
        If the encoding is not known, or an archive holds no such file.
    """
    encoding = source.encoding or "utf-8-sig"
    try:
        codecs.lookup(encoding)
    except LookupError:
        raise DataError(
            f"{path}: [source] encoding = {source.encoding!r} is not a known encoding"
        ) from None
    with open_bytes(path, source) as raw, io.TextIOWrapper(raw, encoding, newline="") as file:
        for _ in range(source.skip_rows):
            file.readline()
        if source.separator in RUNS_OF_BLANKS:
            yield cast("IO[str]", _Tabbed(file, RUNS_OF_BLANKS[source.separator]))
        else:
            yield file


class _Tabbed:
    """A text in which tabs stand for runs of blanks, line by line."""

    def __init__(self, file: IO[str], least: int) -> None:
        self._file = file
        self._least = least
        self._rest = ""

    def __iter__(self) -> Iterator[str]:
        return (tabbed(line, self._least) for line in self._file)

    def read(self, size: int = -1) -> str:
        """Return the next ``size`` characters, all for -1."""
        parts, length = [self._rest], len(self._rest)
        while (size < 0 or length < size) and (line := self._file.readline()):
            parts.append(tabbed(line, self._least))
            length += len(parts[-1])
        text = "".join(parts)
        end = len(text) if size < 0 else size
        self._rest = text[end:]
        return text[:end]


def tabbed(line: str, least: int) -> str:
    """Return a line with a tab for each run of blanks outside of quotes, from ``least`` on."""
    pattern = rf'("(?:[^"]|"")*")|\t[ \t]*|[ ]{{{least},}}[ \t]*'
    return re.sub(pattern, lambda found: found[1] or "\t", line.strip()) + "\n"


# --- errors ---------------------------------------------------------------------------


def unreadable(path: Path, error: Exception) -> DataError:
    """Return the message for a file that cannot be read."""
    return DataError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}")


def not_text(path: Path, source: SourceSpec, error: UnicodeDecodeError) -> DataError:
    """Return the message for a file of another encoding."""
    byte = error.object[error.start]
    return DataError(
        f"{path}: not {source.encoding or 'utf-8'} text (byte 0x{byte:02x} at {error.start})",
        hint='name the encoding, for instance [source] encoding = "cp1252"',
    )
