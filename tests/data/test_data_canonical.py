"""The digest is the table's: it sees every value, and nothing but the values."""

from __future__ import annotations

import hashlib
import json
import struct
import time

import numpy as np
import pandas as pd
import pytest

from bench.data.canonical import as_canonical_category, frame_digest, level_text

Y = np.array([0, 1, 0], dtype=np.int8)


def frame() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "age": [30.0, np.nan, 84.0],
            "plan": pd.Categorical(["b", None, "a"], categories=["a", "b"]),
        }
    )


def test_the_digest_is_what_its_definition_gives_by_hand() -> None:
    def part(label: str, header: object, content: bytes = b"") -> bytes:
        line = json.dumps([label, header, len(content)], separators=(",", ":"))
        return line.encode() + b"\n" + content

    expected = hashlib.sha256(
        part("table", [1, 3, ["age", "plan"]])
        + part("numeric", None, struct.pack("<3d", 30.0, float("nan"), 84.0))
        + part("categorical", ["a", "b"])
        + part("codes", None, struct.pack("<3i", 1, -1, 0))
        + part("y", None, struct.pack("<3b", 0, 1, 0))
        + part("groups", None, struct.pack("<3q", 0, 1, 0))
    ).hexdigest()

    assert frame_digest(frame(), Y, groups=np.array([7, 2, 7])) == expected


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("age", pd.array([30, None, 84], dtype="Int64")),
        ("age", pd.array([30, None, 84], dtype="Float32")),
        ("age", np.array([30, np.nan, 84], dtype=">f8")),
        ("age", np.array([30, -np.nan, 84], dtype=np.float32)),
        ("plan", pd.array(["b", None, "a"], dtype="str")),
        ("plan", pd.array(["b", None, "a"], dtype="string")),
        ("plan", np.array(["b ", None, "a"], dtype=object)),
        ("plan", pd.Categorical(["b", None, "a"], categories=["unused", "b", "a"])),
    ],
)
def test_the_digest_does_not_depend_on_dtypes(column: str, values: object) -> None:
    assert frame_digest(frame().assign(**{column: values}), Y) == frame_digest(frame(), Y)


def test_the_digest_does_not_depend_on_the_index_or_the_dtype_of_labels() -> None:
    other = frame().set_axis([5, 6, 7], axis="index")

    assert frame_digest(other, Y.astype(np.int64)) == frame_digest(frame(), Y)


def test_whole_numbers_are_one_level_however_they_are_written() -> None:
    texts = pd.DataFrame({"code": pd.Series(["84", "84.0", "7"], dtype="str")})
    numbers = pd.DataFrame({"code": pd.Series([84, 84.0, 7], dtype=object)})

    assert frame_digest(texts, Y) == frame_digest(numbers, Y)


def test_minus_zero_is_zero() -> None:
    assert frame_digest(pd.DataFrame({"a": [0.0, 1, 2]}), Y) == frame_digest(
        pd.DataFrame({"a": [-0.0, 1, 2]}), Y
    )


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param(frame().assign(age=[30.0, np.nan, 84.0000001]), id="a number"),
        pytest.param(frame().assign(age=[30.0, 0.0, 84.0]), id="a missing number"),
        pytest.param(frame().assign(age=["30", None, "84"]), id="numbers as text"),
        pytest.param(frame().assign(plan=["b", "a", "a"]), id="a missing level"),
        pytest.param(frame().assign(plan=["c", None, "a"]), id="a level's name"),
        pytest.param(frame().iloc[::-1], id="the order of rows"),
        pytest.param(frame()[["plan", "age"]], id="the order of columns"),
        pytest.param(frame().rename(columns={"age": "Age"}), id="a column's name"),
    ],
)
def test_the_digest_changes_with(changed: pd.DataFrame) -> None:
    assert frame_digest(changed, Y) != frame_digest(frame(), Y)


def test_the_digest_changes_with_labels_and_groups() -> None:
    digests = {
        frame_digest(frame(), Y),
        frame_digest(frame(), 1 - Y),
        frame_digest(frame(), Y, groups=np.array([0, 0, 1])),
        frame_digest(frame(), Y, groups=np.array([0, 1, 1])),
    }

    assert len(digests) == 4


def test_the_digest_leaves_the_table_alone() -> None:
    table = frame()
    before = table.copy()

    frame_digest(table, Y)

    pd.testing.assert_frame_equal(table, before)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (84.0, "84"),
        (np.int64(84), "84"),
        ("84.0", "84"),
        ("84.", "84"),
        ("-3.00", "-3"),
        ("84.50", "84.50"),
        ("007", "007"),
        (0.5, "0.5"),
        (True, "True"),
        (" a b ", "a b"),
        ("1.0.0", "1.0.0"),
    ],
)
def test_a_level_is_text(value: object, text: str) -> None:
    assert level_text(value) == text


def test_levels_are_sorted_used_and_merged() -> None:
    column = pd.Series(["b", "B", " b", "?", "", None, "a"], dtype=object)

    category = as_canonical_category(column, missing={"", "?"}, merges={"B": "b"})

    assert list(category.categories) == ["a", "b"]
    assert category.codes.tolist() == [1, 1, 1, -1, -1, -1, 0]


@pytest.mark.slow
def test_a_million_rows_of_fifty_columns_are_digested_in_seconds() -> None:
    generator = np.random.default_rng(0)
    n_samples = 1_000_000
    columns = {f"n{i}": generator.normal(size=n_samples) for i in range(40)}
    levels = [f"level {i}" for i in range(100)]
    for i in range(10):
        codes = generator.integers(0, 100, n_samples)
        columns[f"c{i}"] = pd.Categorical.from_codes(codes, levels)
    table = pd.DataFrame(columns, copy=False)
    started = time.process_time()

    frame_digest(table, np.zeros(n_samples, dtype=np.int8))

    assert time.process_time() - started < 5
