"""Parquet and Feather files: the same table as CSV has the same digest."""

from __future__ import annotations

import datetime
import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from bench.adding import add_dataset, propose_adapter
from bench.data.loading import LoadOptions, load_dataset
from bench.domain import Dataset
from bench.errors import DataError

needs_pyarrow = pytest.mark.skipif(
    importlib.util.find_spec("pyarrow") is None, reason="pyarrow is not installed"
)
ADAPTER = """
name = "{name}"
[source]
file = "{file}"
missing = ["?"]
[target]
column = "churned"
positive = "yes"
[columns]
id = "customer"
group = "household"
drop = "remark"
numeric = ["spent"]
categorical = ["plan", "region"]
"""
CSV = """customer,household,spent,plan,region,calls,is new,since,score,remark,churned
1,a,84.0,basic,3,7,True,2024-01-31,0.1,x,yes
2,a,,?,1,,False,2024-02-01,1e-300,y,no
3,b,0.30000000000000004,pro,,12,True,,2.5,z,no
4,c,-1.5,basic,3,0,,2024-01-31,,x,yes
5,c,84,pro,1,12,False,2024-02-01,0.1,y,no
"""


def as_arrow() -> Any:
    import pyarrow as pa

    day = datetime.date
    return pa.table(
        {
            "customer": pa.array([1, 2, 3, 4, 5], pa.int64()),
            "household": pa.array(["a", "a", "b", "c", "c"]),
            "spent": pa.array([84.0, None, 0.30000000000000004, -1.5, 84.0]),
            "plan": pa.array(["basic", "?", "pro", "basic", "pro"]).dictionary_encode(),
            "region": pa.array([3, 1, None, 3, 1], pa.int32()),
            "calls": pa.array([7, None, 12, 0, 12], pa.int16()),
            "is new": pa.array([True, False, True, None, False]),
            "since": pa.array(
                [day(2024, 1, 31), day(2024, 2, 1), None, day(2024, 1, 31), day(2024, 2, 1)]
            ),
            "score": pa.array([0.1, 1e-300, 2.5, float("nan"), 0.1]),
            "remark": pa.array(list("xyzxy")),
            "churned": pa.array(["yes", "no", "no", "yes", "no"], pa.large_string()),
        }
    )


def write(table: Any, path: Path) -> None:
    import pyarrow.feather
    import pyarrow.parquet

    if path.suffix == ".parquet":
        pyarrow.parquet.write_table(table, path, row_group_size=2)
    else:
        pyarrow.feather.write_feather(table, path, chunksize=2)


def load(folder: Path, name: str, file: str) -> Dataset:
    (folder / f"{name}.toml").write_text(ADAPTER.format(name=name, file=file), encoding="utf-8")
    return load_dataset(name, options=LoadOptions(datasets_dir=folder))


@needs_pyarrow
@pytest.mark.parametrize("file", ["table.parquet", "table.feather"])
def test_the_same_table_as_csv_and_as_arrow_is_the_same_dataset(tmp_path: Path, file: str) -> None:
    (tmp_path / "table.csv").write_text(CSV, encoding="utf-8")
    write(as_arrow(), tmp_path / file)

    from_csv, from_arrow = load(tmp_path, "text", "table.csv"), load(tmp_path, "typed", file)

    pd.testing.assert_frame_equal(from_arrow.X, from_csv.X)
    assert from_arrow.digest == from_csv.digest
    assert from_arrow.y.tolist() == [1, 0, 0, 1, 0]
    assert from_arrow.ids is not None
    assert from_arrow.ids.tolist() == ["1", "2", "3", "4", "5"]


@needs_pyarrow
def test_levels_of_row_groups_with_other_dictionaries_are_one_set(tmp_path: Path) -> None:
    import pyarrow as pa

    plan = pa.chunked_array(
        [
            pa.array(["pro", "basic"]).dictionary_encode(),
            pa.array(["free", "pro", None]).dictionary_encode(),
        ]
    )
    write(as_arrow().set_column(3, "plan", plan), tmp_path / "table.feather")

    dataset = load(tmp_path, "typed", "table.feather")

    assert dataset.X["plan"].tolist()[:4] == ["pro", "basic", "free", "pro"]
    assert dataset.X["plan"].isna().tolist() == [False, False, False, False, True]


@needs_pyarrow
def test_customer_numbers_with_gaps_keep_their_digits(tmp_path: Path) -> None:
    import pyarrow as pa

    numbers = pa.array([9007199254740993, None, 3, 4, 5], pa.int64())
    write(as_arrow().set_column(0, "customer", numbers), tmp_path / "table.parquet")

    dataset = load(tmp_path, "typed", "table.parquet")

    assert dataset.ids is not None
    assert dataset.ids.iloc[0] == "9007199254740993"


@needs_pyarrow
@pytest.mark.parametrize("file", ["table.parquet", "table.feather"])
def test_a_file_that_is_no_arrow_table_is_refused(tmp_path: Path, file: str) -> None:
    (tmp_path / file).write_text(CSV, encoding="utf-8")

    with pytest.raises(DataError) as caught:
        load(tmp_path, "typed", file)

    assert caught.value.message.startswith(f"{tmp_path / file}: not a Parquet or Feather file: ")


@needs_pyarrow
def test_a_column_of_lists_is_refused(tmp_path: Path) -> None:
    import pyarrow as pa

    lists = pa.array([[1], [2], [], None, [1]])
    write(as_arrow().set_column(5, "calls", lists), tmp_path / "table.parquet")

    with pytest.raises(DataError) as caught:
        load(tmp_path, "typed", "table.parquet")

    assert caught.value.message == (
        f"{tmp_path / 'table.parquet'}: column 'calls' holds list<element: int64>, "
        "expected numbers, texts or truth values"
    )


@needs_pyarrow
def test_a_table_without_rows_is_refused(tmp_path: Path) -> None:
    write(as_arrow().slice(0, 0), tmp_path / "table.parquet")

    with pytest.raises(DataError) as caught:
        load(tmp_path, "typed", "table.parquet")

    assert caught.value.message == (
        f"{tmp_path / 'table.parquet'}: there are columns but no rows in them"
    )


@needs_pyarrow
def test_add_proposes_an_adapter_of_a_parquet_file(tmp_path: Path) -> None:
    write(as_arrow(), tmp_path / "table.parquet")

    proposal = propose_adapter(tmp_path / "table.parquet", target="churned")

    assert proposal.document["expect"] == {"rows": 5, "positives": 2}
    assert proposal.document["target"] == {"column": "churned", "positive": "yes"}


@pytest.mark.skipif(importlib.util.find_spec("pyarrow") is not None, reason="pyarrow is installed")
def test_without_pyarrow_the_extra_is_named(tmp_path: Path) -> None:
    (tmp_path / "table.parquet").write_bytes(b"PAR1")

    with pytest.raises(DataError) as caught:
        load(tmp_path, "typed", "table.parquet")

    assert caught.value.message == (
        f"{tmp_path / 'table.parquet'}: Parquet and Feather files are read by pyarrow, "
        "which is not installed"
    )
    assert caught.value.hint == (
        'python -m pip install "churnbench[arrow]", or save the table as CSV'
    )


def test_a_file_is_the_same_table_whatever_chunks_it_is_read_in(tmp_path: Path) -> None:
    """A column of numbers becomes text, and a level is new, in the second chunk of a file."""
    n_rows = 60_000  # chunks have 50,000
    late = ["1"] * (n_rows - 1) + ["one"]
    plan = ["basic"] * (n_rows - 1) + ["pro"]
    number = [str(i) for i in range(n_rows - 1)] + ["0.5"]
    label = ["no", "yes"] * (n_rows // 2)
    rows = zip(late, plan, number, label, strict=True)
    text = "late,plan,number,churned\n" + "".join(",".join(row) + "\n" for row in rows)
    (tmp_path / "table.csv").write_text(text, encoding="utf-8")
    (tmp_path / "long.toml").write_text(
        'name = "long"\n[source]\nfile = "table.csv"\n[target]\ncolumn = "churned"\n',
        encoding="utf-8",
    )

    X = load_dataset("long", options=LoadOptions(datasets_dir=tmp_path)).X

    assert X["late"].cat.categories.tolist() == ["1", "one"]
    assert X["late"].cat.codes.sum() == 1
    assert X["plan"].cat.categories.tolist() == ["basic", "pro"]
    assert X["number"].tolist() == [*map(float, range(n_rows - 1)), 0.5]
    assert X["number"].dtype == np.float64


@needs_pyarrow
def test_columns_that_are_no_cells_are_dropped_by_add(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import pyarrow as pa

    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("BENCH_DATA_DIR", raising=False)
    table = as_arrow().append_column("tags", pa.array([["a"], [], ["b"], None, ["c"]]))
    write(table.append_column("raw", pa.array([b"x"] * 5)), tmp_path / "t.parquet")

    proposal = propose_adapter(tmp_path / "t.parquet", target="churned")

    assert "drop (2): 'tags', 'raw': lists, structures or bytes" in proposal.lines
    assert proposal.document["columns"]["dates"] == ["since"]
    assert "tags" not in add_dataset(proposal)[1].X
