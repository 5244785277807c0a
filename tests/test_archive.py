"""Arrays in npz files: what comes back, and what is refused."""

from __future__ import annotations

import io
import re
import zipfile

import numpy as np
import pytest

from bench.archive import pack, unpack

ARRAYS = {
    "rows": np.arange(7, dtype=np.int32),
    "score": np.linspace(0, 1, 7),
    "nothing": np.empty(0, dtype=np.int8),
    "digest": np.array("d" * 64),
    "table": np.arange(6.0).reshape(2, 3),
}


def test_arrays_come_back_equal_in_value_type_and_shape():
    found = unpack(pack(ARRAYS), ARRAYS)

    for name, array in ARRAYS.items():
        assert found[name].dtype == array.dtype
        assert found[name].shape == array.shape
        assert (found[name] == array).all()


def test_numpy_reads_the_same_from_the_file():
    with np.load(io.BytesIO(pack(ARRAYS)), allow_pickle=False) as archive:
        assert set(archive.files) == set(ARRAYS)
        assert (archive["score"] == ARRAYS["score"]).all()


def test_an_array_owns_its_memory_so_that_it_can_be_locked():
    score = unpack(pack(ARRAYS), ["score"])["score"]

    assert score.base is None
    assert score.flags.writeable


def test_a_name_that_is_not_there_is_refused():
    with pytest.raises(ValueError, match=r"^no array 'y' in the archive$"):
        unpack(pack(ARRAYS), ["y"])


@pytest.mark.parametrize("kept", [10, 29, 60, 100])
def test_a_file_that_is_cut_off_is_refused(kept):
    with pytest.raises(ValueError, match=r"cut off|is damaged|no array"):
        unpack(pack(ARRAYS)[:kept], ["rows"])


def test_a_wrong_byte_is_noticed():
    packed = bytearray(pack(ARRAYS))
    packed[packed.index(ARRAYS["score"].tobytes()) + 9] ^= 1

    with pytest.raises(ValueError, match=r"^score\.npy is damaged$"):
        unpack(bytes(packed), ["rows"])


def test_python_objects_are_never_unpickled():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        data = io.BytesIO()
        np.lib.format.write_array(data, np.array([{}], dtype=object), allow_pickle=True)
        archive.writestr(zipfile.ZipInfo("y.npy"), data.getvalue())

    with pytest.raises(ValueError, match=r"^an array holds Python objects, or is not in C order$"):
        unpack(file.getvalue(), ["y"])


def test_a_compressed_archive_is_not_ours():
    file = io.BytesIO()
    np.savez_compressed(file, y=np.zeros(100))

    expected = "the archive is compressed, encrypted or streamed"
    with pytest.raises(ValueError, match=f"^{re.escape(expected)}$"):
        unpack(file.getvalue(), ["y"])


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (b"{'descr': '<f8', 'fortran_order': False, 'shape': (9,)}", "the size of an array"),
        (b"{'descr': '<f8', 'fortran_order': False}", "the header of an array is damaged"),
        (b"{'descr': 'nonsense', 'fortran_order': False, 'shape': (1,)}", "header of an array"),
        (b"({[", "the header of an array is damaged"),
    ],
)
def test_a_header_that_is_not_one_is_refused(header, expected):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        size = len(header).to_bytes(2, "little")
        data = b"\x93NUMPY\x01\x00" + size + header + np.zeros(1).tobytes()
        archive.writestr(zipfile.ZipInfo("y.npy"), data)

    with pytest.raises(ValueError, match=expected):
        unpack(file.getvalue(), ["y"])
