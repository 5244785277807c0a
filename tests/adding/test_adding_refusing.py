"""What cannot be added gets one clear message, and leaves nothing behind."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bench.data import load_dataset

ROWS = "".join(f"{i},{'yes' if i % 3 == 0 else 'no'}\n" for i in range(30))
HEADER = "a,churned\n"
TWO_CLASSES = "if one of them means churned, name it with --positive; all others then did not"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "t.csv: the file is empty\nhint: expected a table with a header"),
        (HEADER.encode(), "t.csv: there is a header but no rows below it"),
        (
            b"a,churned\n1,x\n2,x\n",
            "t.csv: target 'churned' holds one class only: 'x' in all 2 rows",
        ),
        (
            b"a,churned\n1,x\n2,y\n3,z\n",
            "t.csv: target 'churned' holds 3 different values, 'x', 'y', 'z', expected two\n"
            f"hint: {TWO_CLASSES}",
        ),
        (
            b"a,churned\n1,yes\n2,\n3,no\n",
            "t.csv: target 'churned' is missing in 1 of 3 rows, the first is row 2\n"
            "hint: remove these rows from the file: what is not known cannot be learnt",
        ),
        (
            b"a,churned\n1,A\n2,B\n3,A\n4,B\n",
            "t.csv: target 'churned' holds 'A' and 'B' equally often, and neither says who left\n"
            "hint: name it: --positive 'A'",
        ),
        (
            b"a,Exited\n1,0\n2,1\n3,0\n",
            "t.csv: there is no column 'churned'\n"
            "hint: the columns are: 'a', 'Exited'; "
            "likely targets: 'Exited' ('0' 66.7 %, '1' 33.3 %)",
        ),
        (
            b"1,2.5,0\n3,4.5,1\n2,2.5,0\n",
            "t.csv: the first row looks like data: '1', '2.5', '0'\n"
            "hint: put the names of the columns into a line above it",
        ),
        (
            b"\x89PNG\r\n\x1a\n\x00\x00\x00,\xff\xfe,\x00" * 40,
            "t.csv: not a text table, for it holds zero bytes\n"
            "hint: expected CSV, Excel (.xlsx), Parquet, or an encoding such as "
            '[source] encoding = "utf-16"',
        ),
        (
            b"just words\nof nothing\n",
            "t.csv: there is no column 'churned'\nhint: the columns are: 'just', 'words'",
        ),
    ],
)
def test_a_bad_file_gets_one_message(
    home: Path, ask: Callable[..., Any], content: bytes, message: str
) -> None:
    (home / "t.csv").write_bytes(content)

    answer = ask("add", "t.csv", "--target", "churned")

    assert answer.err == f"error: {message}\n"
    assert (answer.code, answer.out) == (2, "")
    assert not (home / "datasets").exists()


def test_without_a_target_the_likely_ones_are_named(home: Path, ask: Callable[..., Any]) -> None:
    lines = "".join(f"{i},{'m' if i % 2 else 'f'},{int(i % 4 == 0)}\n" for i in range(40))
    (home / "t.csv").write_text(f"a,sex,Exited\n{lines}")

    answer = ask("add", "t.csv")

    assert answer.code == 2
    assert answer.err == (
        "error: t.csv: which column says who left? name it with --target\n"
        "hint: likely targets: 'Exited' ('0' 75.0 %, '1' 25.0 %)\n"
    )


def test_a_folder_without_tables_is_refused(home: Path, ask: Callable[..., Any]) -> None:
    (home / "notes").mkdir()
    (home / "notes" / "readme.md").write_text("about")

    assert ask("add", "notes", "--target", "churned").err == (
        "error: notes: no table in this folder\nhint: expected CSV, Excel or Parquet files in it\n"
    )
    assert ask("add", "gone.csv", "--target", "churned").err == "error: gone.csv: no such file\n"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("t.xls", "t.xls: an Excel file of before 2007 is not read"),
        ("t.json", "t.json: a JSON file is not read"),
        ("t.pkl", "t.pkl: a pickle, which can run any code, is not read"),
        ("t.zip", "t.zip: cannot be read: File is not a zip file"),
        ("t.xlsx", "t.xlsx: not an Excel workbook: File is not a zip file"),
    ],
)
def test_other_formats_are_refused_by_name(
    home: Path, ask: Callable[..., Any], name: str, message: str
) -> None:
    (home / name).write_text(HEADER + ROWS)

    assert ask("add", name, "--target", "churned").err.splitlines()[0] == f"error: {message}"


def test_an_archive_of_several_tables_is_refused_unless_one_has_the_target(
    home: Path, ask: Callable[..., Any]
) -> None:
    with zipfile.ZipFile(home / "t.zip", "w") as archive:
        archive.writestr("one.csv", HEADER + ROWS)
        archive.writestr("two.csv", "a,b\n1,2\n3,4\n")

    added = ask("add", "t.zip", "--target", "churned")
    refused = ask("add", "t.zip", "--target", "b_or_c")

    assert "member 'one.csv': the only one that has the target" in added.out
    assert refused.err == (
        "error: t.zip: the archive holds 2 tables, none of them with a column 'b_or_c'\n"
        "hint: unpack the one that is meant; there are 'one.csv', 'two.csv'\n"
    )


def test_parts_with_other_columns_are_refused(home: Path, ask: Callable[..., Any]) -> None:
    (home / "parts").mkdir()
    (home / "parts" / "1.csv").write_text(HEADER + ROWS)
    (home / "parts" / "2.csv").write_text("b,churned\n1,yes\n")

    assert ask("add", "parts", "--target", "churned").err == (
        "error: parts/2.csv: there is no column 'a', which 1.csv has\n"
        "hint: all parts of a table need the same columns\n"
    )


def test_a_name_that_is_taken_is_refused(home: Path, ask: Callable[..., Any]) -> None:
    (home / "telco.csv").write_text(HEADER + ROWS)

    answer = ask("add", "telco.csv", "--target", "churned")

    assert answer.code == 2
    assert answer.err.startswith("error: a dataset is called 'telco' already: ")
    assert answer.err.endswith("hint: give another one: --name my-telco\n")


def test_an_adapter_that_does_not_load_is_taken_back(home: Path, ask: Callable[..., Any]) -> None:
    (home / "t.csv").write_text(HEADER + ROWS)
    ask("add", "t.csv", "--target", "churned", "--name", "mine")
    adapter = home / "datasets" / "mine.toml"
    adapter.write_text(adapter.read_text() + "# mine\n")
    before = adapter.read_bytes()
    # A hook beside the adapter, which only loading runs, fails.
    (home / "datasets" / "mine.py").write_text(
        "def prepare(features):\n    raise ValueError('no')\n"
    )

    answer = ask("add", "t.csv", "--target", "churned", "--name", "mine", "--force")

    assert answer.code == 2
    assert "prepare raised ValueError: no" in answer.err
    assert adapter.read_bytes() == before


def test_names_that_toml_and_terminals_would_take_amiss_are_kept(
    home: Path, ask: Callable[..., Any]
) -> None:
    name = 'a "b" [c] = #1 \x1b[31m'
    quoted = name.replace('"', '""')
    (home / "t.csv").write_text(f'"{quoted}",churned\n' + ROWS)

    added = ask("add", "t.csv", "--target", "churned", "--name", "mine")

    assert added.code == 0, added.err
    assert "\x1b" not in added.out
    assert list(load_dataset("mine").X.columns) == [name]
