"""Arrays in files: what is written by pieces and mapped is what was there."""

from __future__ import annotations

import mmap
from pathlib import Path

import numpy as np
import pytest

from bench.evaluation import arrays
from bench.evaluation.arrays import BLOCK_ROWS, Blocks, map_array, row_blocks, write_array


@pytest.mark.parametrize("by_columns", [False, True])
def test_blocks_are_the_matrix_that_numpy_reads(tmp_path: Path, by_columns: bool) -> None:
    matrix = np.arange(12.0).reshape(4, 3)
    parts = list(matrix.T) if by_columns else [matrix[:1], matrix[1:1], matrix[1:]]

    write_array(tmp_path / "a.npy", Blocks((4, 3), parts, by_columns=by_columns))

    np.testing.assert_array_equal(np.load(tmp_path / "a.npy"), matrix)
    np.testing.assert_array_equal(map_array(tmp_path / "a.npy"), matrix)


@pytest.mark.parametrize(
    "array",
    [
        np.arange(6, dtype=np.int32).reshape(2, 3),
        np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        np.array([1, 0, 1], dtype=np.int8),
        np.empty((3, 0)),
    ],
    ids=["rows", "columns", "vector", "empty"],
)
def test_a_mapped_array_is_the_one_that_was_written(
    tmp_path: Path, array: np.ndarray[tuple[int, ...], np.dtype[np.float64]]
) -> None:
    write_array(tmp_path / "a.npy", array)

    mapped = map_array(tmp_path / "a.npy")

    np.testing.assert_array_equal(mapped, array)
    assert mapped.dtype == array.dtype
    assert mapped.flags.f_contiguous == array.flags.f_contiguous
    assert not mapped.flags.writeable or not array.size


@pytest.mark.parametrize("n_rows", [0, 1, BLOCK_ROWS, BLOCK_ROWS + 1, 3 * BLOCK_ROWS])
def test_row_blocks_are_the_rows_in_order(n_rows: int) -> None:
    rows = np.arange(n_rows) * 2

    blocks = row_blocks(rows)

    np.testing.assert_array_equal(np.concatenate(blocks), rows)
    assert all(len(block) <= BLOCK_ROWS for block in blocks)


@pytest.mark.skipif(not hasattr(mmap.mmap, "madvise"), reason="this system cannot let go of pages")
def test_pages_that_were_let_go_of_come_back(tmp_path: Path) -> None:
    array = np.arange(arrays.LARGE_BYTES // 8 + 1000, dtype=np.float64)
    np.save(tmp_path / "large.npy", array)
    mapped = map_array(tmp_path / "large.npy")
    total = mapped.sum()  # touches every page
    before = resident_mb(tmp_path / "large.npy")

    arrays.let_go_of_large_maps()

    after = resident_mb(tmp_path / "large.npy")
    assert before > arrays.LARGE_BYTES / 1.1e6
    assert after < 1
    assert mapped.sum() == total


def resident_mb(path: Path) -> float:
    """Return how much of a mapped file is in the memory of this process."""
    smaps = Path("/proc/self/smaps")
    if not smaps.exists():
        pytest.skip("this system has no /proc/self/smaps")
    lines = iter(smaps.read_text(encoding="ascii", errors="replace").splitlines())
    total = 0
    for line in lines:
        if line.endswith(str(path)):
            total += next(int(x.split()[1]) for x in lines if x.startswith("Rss:"))
    return total * 1024 / 1e6
