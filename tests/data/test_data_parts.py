"""Tables in several files, and in archives."""

from __future__ import annotations

import gzip
import hashlib
import zipfile
from pathlib import Path

import numpy as np
import pytest
from data_tables import TABLE, load, refused, rows

from bench.data import load_dataset
from bench.data.adapters import list_adapters
from bench.errors import SourceError, SpecError

FIRST = rows("1,x,Yes", "2,y,No")
SECOND = rows("Yes,3,7", "No,4,z", header="churned,a,b")


def fill(folder: Path) -> None:
    """Write two parts of one table, their columns in another order, and what is no part."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "part-2.csv").write_text(SECOND)
    (folder / "part-1.csv.gz").write_bytes(gzip.compress(FIRST.encode()))
    (folder / ".hidden.csv").write_text("nothing")
    (folder / "_SUCCESS").write_text("")
    (folder / "about.md").write_text("about")


@pytest.mark.parametrize("file", ["parts/", "parts/part-*"])
def test_parts_are_one_table_in_order_of_their_names(add_adapter, home: Path, file: str) -> None:
    add_adapter(table=None, source=f'file = "{file}"')
    fill(home / "datasets" / "parts")

    dataset = load()

    assert dataset.X["a"].tolist() == [1.0, 2.0, 3.0, 4.0]
    assert dataset.X["b"].tolist() == ["x", "y", "7", "z"]
    assert dataset.y.tolist() == [1, 0, 1, 0]
    assert dataset.part_names == ("part-1.csv.gz", "part-2.csv")
    assert dataset.part_of_row is not None
    assert dataset.part_of_row.tolist() == [0, 0, 1, 1]


def test_parts_have_the_digest_of_the_whole_table(add_adapter, home: Path) -> None:
    whole = TABLE.splitlines()
    add_adapter(table=TABLE)
    digest = load().digest
    add_adapter(table=None, source='file = "parts/"')
    folder = home / "datasets" / "parts"
    folder.mkdir()
    for i, (start, end) in enumerate([(1, 10), (10, 11), (11, 81)]):
        (folder / f"{i}.csv").write_text("\n".join([whole[0], *whole[start:end]]) + "\n")

    assert load().digest == digest
    assert load_dataset("demo").part_of_row is not None


def test_a_column_that_is_numbers_in_one_part_only_keeps_its_spelling(add_adapter, home) -> None:
    add_adapter(table=None, source='file = "parts/"')
    folder = home / "datasets" / "parts"
    folder.mkdir()
    (folder / "1.csv").write_text(rows("0.10,x,Yes", "1e2,y,No"))
    (folder / "2.csv").write_text(rows("none,x,Yes"))

    assert list(load().X["a"].cat.categories) == ["0.10", "1e2", "none"]


def test_empty_rows_of_parts_are_left_out_of_the_count(add_adapter, home: Path) -> None:
    add_adapter(table=None, source='file = "parts/"')
    folder = home / "datasets" / "parts"
    folder.mkdir()
    (folder / "1.csv").write_text(rows("1,x,Yes", ",,"))
    (folder / "2.csv").write_text(rows("2,x,No"))

    part_of_row = load().part_of_row

    assert part_of_row is not None
    np.testing.assert_array_equal(part_of_row, [0, 1])


def test_a_folder_is_found_in_the_data_folder_and_has_a_checksum(add_adapter, home: Path) -> None:
    fill(home / "data" / "parts")
    lines = "".join(
        f"{hashlib.sha256((home / 'data' / 'parts' / name).read_bytes()).hexdigest()}  {name}\n"
        for name in ("part-1.csv.gz", "part-2.csv")
    )
    sha256 = hashlib.sha256(lines.encode()).hexdigest()
    add_adapter(table=None, source=f'file = "parts/"\nsha256 = "{sha256}"')

    assert len(load(data_dir=home / "data").y) == 4
    (home / "data" / "parts" / "part-2.csv").write_text(SECOND.replace("7", "8"))
    assert refused(SourceError, data_dir=home / "data").startswith(
        "data/parts: not the published file: sha256 "
    )


def test_parts_need_the_same_columns(add_adapter, home: Path) -> None:
    add_adapter(table=None, source='file = "parts/"')
    fill(home / "datasets" / "parts")
    (home / "datasets" / "parts" / "part-3.csv").write_text("a,churned\n1,Yes\n")

    assert refused() == (
        "datasets/parts/part-3.csv: there is no column 'b', which part-1.csv.gz has\n"
        "hint: all parts of a table need the same columns"
    )


def test_parts_that_are_not_there_are_told_by_the_list(add_adapter, home: Path) -> None:
    add_adapter(table=None, source='file = "gone-*.csv"')

    assert "gone-*.csv is not here" in refused(SourceError)
    assert [e.availability for e in list_adapters() if e.name == "demo"] == ["by hand"]


# --- archives -------------------------------------------------------------------------


def pack(path: Path, **members: str) -> None:
    """Write a zip archive."""
    path.parent.mkdir(exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name.replace("_", "."), content)


def test_the_only_table_of_an_archive_is_read(add_adapter, home: Path) -> None:
    add_adapter(table=TABLE)
    digest = load().digest
    add_adapter(table=None, source='file = "demo.zip"')
    pack(home / "datasets" / "demo.zip", demo_csv=TABLE, about_md="about")

    assert load().digest == digest


def test_one_table_of_several_must_be_named(add_adapter, home: Path) -> None:
    pack(home / "datasets" / "demo.zip", one_csv=TABLE, two_csv="a,b\n1,2\n")

    add_adapter(table=None, source='file = "demo.zip"')
    assert refused() == (
        "datasets/demo.zip: the archive holds 2 tables, expected one\n"
        "hint: name one: [source] member = 'one.csv'; there are 'one.csv', 'two.csv'"
    )
    add_adapter(table=None, source='file = "demo.zip"\nmember = "three.csv"')
    assert refused() == (
        "datasets/demo.zip: there is no 'three.csv' in the archive\n"
        "hint: its tables are: 'one.csv', 'two.csv'"
    )
    add_adapter(table=None, source='file = "demo.zip"\nmember = "one.csv"')
    assert len(load().y) == 80


def test_several_files_and_an_address_exclude_each_other(add_adapter) -> None:
    add_adapter(table=None, source='url = "https://example.org/a.csv"\nfile = "parts/"')

    assert refused(SpecError) == (
        "datasets/demo.toml: [source] file = 'parts/' means several files, which no url brings"
    )
