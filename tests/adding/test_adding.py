"""A proposed adapter explains itself, loads as written, and overwrites nothing."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from bench.adding import add_dataset, propose_adapter
from bench.data import LoadOptions, load_dataset
from bench.errors import DataError, SourceError, UsageError


def write_table(path: Path, *, separator: str = ",", encoding: str = "utf-8") -> Path:
    lines = ["Customer ID,row,Age,Balance,City,since,empty,left"]
    lines += [
        f"C-{i:03},{i},{20 + i % 50},{'?' if i % 9 == 0 else i * 1.5},"
        f"{'Málaga €' if i % 2 else 'York'},2020-01-{1 + i % 28:02},,"
        f"{'yes' if i % 5 == 0 else 'no'}"
        for i in range(200)
    ]
    text = "\n".join(lines).replace(",", separator) + "\n"
    path.write_bytes(text.encode(encoding))
    return path


def test_every_choice_is_explained(home: Path) -> None:
    proposal = propose_adapter(write_table(home / "My Data.csv"), target="left")

    assert proposal.name == "my-data"
    assert proposal.lines == (
        "separator ',', encoding utf-8",
        "missing '?': stands for no value in every column",
        "target 'left': positive is 'yes', as everybody says it; 40 of 200 rows (20.0 %)",
        "id (2): 'Customer ID', 'row': a value of its own in nearly every row; no feature",
        "numeric (2): 'Age', 'Balance': all cells are numbers",
        "categorical (1): 'City': some cells are text or truth values",
        "drop (1): 'empty': no value in any row",
        "dates 'since': written as ISO dates; become days since 1970",
        "'since' may say when a row was true: if it does, test on the latest with "
        "--split time:since",
        "'Balance' is an amount, but not by its name a monthly one: if customers' worth goes "
        'with it, add [economics] value = "Balance"',
    )


@pytest.mark.parametrize(
    ("separator", "encoding"),
    [(",", "utf-8"), (";", "cp1252"), ("\t", "utf-8-sig"), ("|", "utf-16")],
)
def test_the_written_adapter_loads(home: Path, separator: str, encoding: str) -> None:
    table = write_table(home / "mine.csv", separator=separator, encoding=encoding)

    path, dataset = add_dataset(propose_adapter(table, target="left"))

    assert path == Path("datasets/mine.toml")
    assert list(dataset.X.columns) == ["Age", "Balance", "City", "since"]
    assert dataset.X["Balance"].isna().sum() == 23
    assert dataset.X["since"].iloc[0] == 18262.0  # 2020-01-01
    assert list(dataset.X["City"].cat.categories) == ["Málaga €", "York"]
    assert int(dataset.y.sum()) == 40
    assert dataset.ids is not None
    assert dataset.ids.iloc[0] == "C-000"


def test_all_formats_give_the_same_dataset(home: Path) -> None:
    table = pd.read_csv(write_table(home / "plain.csv"), dtype={"Age": int})
    table.to_csv(home / "packed.csv.gz", index=False)
    with pd.ExcelWriter(home / "book.xlsx") as book:
        pd.DataFrame({"about": ["text"]}).to_excel(book, sheet_name="Notes", index=False)
        table.to_excel(book, sheet_name="Data", index=False)
    digests = set()
    for file in ("plain.csv", "packed.csv.gz", "book.xlsx"):
        digests.add(add_dataset(propose_adapter(home / file, target="left"))[1].digest)

    assert len(digests) == 1


def test_the_sheet_that_has_the_target_is_taken(home: Path) -> None:
    with pd.ExcelWriter(home / "book.xlsx") as book:
        pd.DataFrame({"about": ["text"]}).to_excel(book, sheet_name="Notes", index=False)
        pd.DataFrame({"a": [1, 2, 2], "left": [0, 1, 0]}).to_excel(
            book, sheet_name="Data", index=False
        )

    assert propose_adapter(home / "book.xlsx", target="left").lines[0] == (
        "sheet 'Data': the only one that has the target"
    )
    with pytest.raises(DataError) as caught:
        propose_adapter(home / "book.xlsx", target="gone")
    assert str(caught.value) == (
        f"{home}/book.xlsx: no sheet has a column 'gone'\nhint: the sheets are: 'Notes', 'Data'"
    )


def test_paths_are_stored_so_that_they_are_found_again(
    home: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")

    def stored(table: Path) -> str:
        path, _ = add_dataset(propose_adapter(table, target="left"), force=True)
        return path.read_text().split("file = ")[1].splitlines()[0]

    assert stored(write_table(home / "here.csv")) == '"../here.csv"'
    assert stored(write_table(elsewhere / "there.csv")) == f'"{elsewhere}/there.csv"'
    monkeypatch.setenv("BENCH_DATA_DIR", str(elsewhere))
    assert stored(elsewhere / "there.csv") == '"there.csv"'


def test_nothing_is_overwritten_without_force(home: Path) -> None:
    proposal = propose_adapter(write_table(home / "mine.csv"), target="left")
    path, _ = add_dataset(proposal)
    mine = path.read_text() + "# mine\n"
    path.write_text(mine)

    with pytest.raises(UsageError) as caught:
        add_dataset(proposal)

    assert str(caught.value) == (
        "datasets/mine.toml exists already\nhint: give another --name, or replace it with --force"
    )
    assert path.read_text() == mine
    add_dataset(proposal, force=True)
    assert path.read_text() + "# mine\n" == mine


def test_an_adapter_that_somebody_wrote_is_not_overwritten_even_with_force(home: Path) -> None:
    proposal = propose_adapter(write_table(home / "mine.csv"), target="left")
    path, _ = add_dataset(proposal)
    path.write_text("mine")

    with pytest.raises(UsageError) as caught:
        add_dataset(proposal, force=True)

    assert str(caught.value) == (
        "datasets/mine.toml was not written by add, and --force replaces only what was\n"
        "hint: give another --name, or remove the file first"
    )
    assert path.read_text() == "mine"


def test_an_adapter_may_be_written_into_any_folder(home: Path) -> None:
    proposal = propose_adapter(write_table(home / "mine.csv"), target="left", name="other-name")

    add_dataset(proposal, datasets_dir=home / "a" / "b")

    options = LoadOptions(datasets_dir=home / "a" / "b")
    assert load_dataset("other-name", options=options).name == "other-name"


def test_a_word_that_is_a_level_elsewhere_is_missing_among_numbers_only(home: Path) -> None:
    (home / "t.csv").write_text("n,level,left\n1,None,0\nNone,x,1\n3,x,0\n")

    proposal = propose_adapter(home / "t.csv", target="left")

    assert "missing" not in proposal.document["source"]
    assert proposal.document["source"]["missing_numbers"] == ["None"]
    assert proposal.document["columns"] == {"numeric": ["n"], "categorical": ["level"]}


@pytest.mark.parametrize(
    ("target", "positive", "message"),
    [
        ("Left", "", "there is no column 'Left'; did you mean 'left'?"),
        ("left", "Yes", "target 'left' holds no 'Yes'; did you mean 'yes'?"),
        (
            "City",
            "",
            "target 'City' holds 'Málaga €' and 'York' equally often, and neither says who left",
        ),
    ],
)
def test_a_target_that_does_not_fit_is_refused(
    home: Path, target: str, positive: str, message: str
) -> None:
    table = write_table(home / "mine.csv")

    with pytest.raises(DataError) as caught:
        propose_adapter(table, target=target, positive=positive)

    assert caught.value.message == f"{table}: {message}"
    assert caught.value.hint


def test_a_file_that_is_not_there_and_a_name_that_is_no_slug_are_refused(home: Path) -> None:
    with pytest.raises(SourceError, match=r"^gone\.csv: no such file$"):
        propose_adapter(Path("gone.csv"), target="left")
    with pytest.raises(UsageError, match=r"^name 'My Data' is not a slug\n"):
        propose_adapter(write_table(home / "mine.csv"), target="left", name="My Data")


def test_a_file_without_any_feature_is_refused(home: Path) -> None:
    lines = "".join(f"key-{i},{i % 2}\n" for i in range(60))
    (home / "t.csv").write_text(f"key,left\n{lines}")

    with pytest.raises(DataError, match=r"^no column is left as a feature: all are identifiers"):
        propose_adapter(home / "t.csv", target="left")
