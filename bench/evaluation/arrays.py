"""Arrays in files: written by blocks, mapped into memory, and let go of between uses.

A mapped page counts as memory of every process that has touched it, until
that process lets go of it; the file's copy in the page cache stays. Most
learners make their own form of a matrix (bins, pools, sparse rows) and never
look at it again, so large maps are let go of every half second: whatever is
still in use comes back from the page cache at the price of a minor fault.
"""

from __future__ import annotations

import mmap
import threading
import time
import weakref
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LARGE_BYTES = 32_000_000
"""Smaller maps are kept: they cost little, and their faults would be felt."""

BLOCK_ROWS = 16_384
LET_GO_SECONDS = 0.5

_large: weakref.WeakSet[mmap.mmap] = weakref.WeakSet()
_starting = threading.Lock()
_letting_go: threading.Thread | None = None


@dataclass(frozen=True, eq=False)
class Blocks:
    """A matrix that is made while it is written.

    Attributes
    ----------
    shape : tuple of int
    parts : iterable of ndarray
        Its rows from the first to the last, some at a time, float64; or its
        columns, if ``by_columns``.
    """

    shape: tuple[int, ...]
    parts: Iterable[NDArray[Any]]
    dtype: str = "<f8"
    by_columns: bool = False


def row_blocks(rows: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """Return ``rows`` in pieces that are small beside any table that matters."""
    return [rows[first : first + BLOCK_ROWS] for first in range(0, max(len(rows), 1), BLOCK_ROWS)]


def write_array(path: Path, array: NDArray[Any] | Blocks) -> None:
    """Write ``array`` as NumPy's ``.npy``; blocks are never in memory all at once."""
    import numpy as np

    if not isinstance(array, Blocks):
        np.save(path, array)
        return
    with open(path, "wb") as file:
        _write_header(file, array)
        for part in array.parts:
            np.ascontiguousarray(part, dtype=array.dtype).tofile(file)


def _write_header(file: IO[bytes], blocks: Blocks) -> None:
    import numpy as np

    header = {
        "descr": blocks.dtype,
        "fortran_order": blocks.by_columns,
        "shape": blocks.shape,
    }
    np.lib.format.write_array_header_1_0(file, header)


def map_array(path: Path) -> NDArray[Any]:
    """Return the array in a ``.npy`` file, read-only and mapped instead of read."""
    import numpy as np

    with open(path, "rb") as file:
        version = np.lib.format.read_magic(file)
        read = (
            np.lib.format.read_array_header_1_0
            if version == (1, 0)
            else np.lib.format.read_array_header_2_0
        )
        shape, is_fortran, dtype = read(file)
        offset = file.tell()
        if not np.prod(shape):
            return np.empty(shape, dtype=dtype)
        pages = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    array: NDArray[Any] = np.ndarray(
        shape, dtype=dtype, buffer=pages, offset=offset, order="F" if is_fortran else "C"
    )
    if array.nbytes > LARGE_BYTES and hasattr(pages, "madvise"):
        _large.add(pages)
        _let_go_now_and_then()
    return array


def let_go_of_large_maps() -> None:
    """Take the pages of every large map out of this process; they come back when read."""
    for pages in list(_large):
        pages.madvise(mmap.MADV_DONTNEED)


def _let_go_now_and_then() -> None:
    """Start the one thread of this process that lets go of large maps."""
    global _letting_go
    with _starting:
        if _letting_go is None or not _letting_go.is_alive():
            _letting_go = threading.Thread(target=_let_go, daemon=True)
            _letting_go.start()


def _let_go() -> None:
    while True:
        time.sleep(LET_GO_SECONDS)
        let_go_of_large_maps()


def give_back_memory() -> None:
    """Return to the system what was freed but is kept for the next time.

    After a large fit some hundred megabytes; takes a few milliseconds. Only
    the C library of most Linux systems can be told to.
    """
    import ctypes

    try:
        trim = ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError, TypeError):  # musl, macOS, Windows
        return
    trim(0)
