"""Tables become canonical, whatever their file looks like."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from data_tables import load, refused, rows

from bench.data.canonical import frame_digest


def test_columns_get_canonical_types(add_adapter) -> None:
    add_adapter('[columns]\nid = "id"')

    dataset = load()

    assert dict(dataset.X.dtypes.astype(str)) == {"age": "float64", "plan": "category"}
    assert list(dataset.X["plan"].cat.categories) == ["basic", "plus"]
    assert dataset.X["plan"].cat.categories.dtype == "str"
    assert dataset.y.dtype == np.int8
    assert dataset.y[:5].tolist() == [1, 0, 0, 0, 1]
    assert dataset.ids.tolist()[:2] == ["c0", "c1"]
    assert (dataset.name, dataset.origin, dataset.notes) == ("demo", "file", ())
    assert dataset.spec.target.positive == "Yes"
    assert dataset.digest == frame_digest(dataset.X, dataset.y)


def test_missing_tokens_are_missing_and_the_word_none_is_a_level(add_adapter) -> None:
    tokens = ["", "NA", "N/A", "NaN", "nan", "null", "NULL", "?", " ", "None"]
    add_adapter(
        table=rows(*(f"{token},{token},No" for token in tokens[:-1]), "5, None ,Yes"),
        source='file = "demo.csv"\nmissing = ["?"]',
    )

    dataset = load()

    assert dataset.X["a"].tolist()[-1] == 5.0
    assert dataset.X["a"].isna().sum() == 9
    assert dataset.X["b"].isna().sum() == 9
    assert list(dataset.X["b"].cat.categories) == ["None"]


def test_types_are_inferred_from_all_rows_and_not_from_the_first(add_adapter) -> None:
    lines = [f"{i},{i},{'Yes' if i % 2 else 'No'}" for i in range(500)]
    add_adapter(table=rows(*lines, "1,late,No"))

    dataset = load()

    assert dataset.X["a"].dtype == np.float64
    assert set(dataset.X["b"].cat.categories) == {"late", *map(str, range(500))}


def test_truth_values_are_levels_as_they_are_spelt(add_adapter) -> None:
    add_adapter(table=rows("TRUE,1,Yes", "FALSE,2,No", "TRUE,3,No"))

    assert list(load().X["a"].cat.categories) == ["FALSE", "TRUE"]


def test_codes_that_are_declared_categories_lose_their_point(add_adapter) -> None:
    add_adapter('[columns]\ncategorical = "rest"', table=rows("84.0,007,Yes", "84,7,No", "2,x,No"))

    dataset = load()

    assert list(dataset.X["a"].cat.categories) == ["2", "84"]
    assert list(dataset.X["b"].cat.categories) == ["007", "7", "x"]


def test_numbers_are_read_to_the_last_digit(add_adapter) -> None:
    numbers = ["0.1", "1e23", "9007199254740993", "120.86000000000001", "8.41e21"]
    add_adapter(table=rows(*(f"{n},x,{'Yes' if i else 'No'}" for i, n in enumerate(numbers))))

    assert load().X["a"].tolist() == [float(number) for number in numbers]


def test_blanks_in_names_are_collapsed_in_the_file_and_in_the_adapter(add_adapter) -> None:
    add_adapter(
        '[columns]\nnumeric = ["Call  Failure", "Age Group"]',
        table=rows("1,2,Yes", "3,4,No", header="Call  Failure, Age   Group,churned"),
    )

    assert list(load().X.columns) == ["Call Failure", "Age Group"]


def test_ids_and_dropped_columns_are_no_features(add_adapter) -> None:
    add_adapter(
        '[columns]\nid = ["key", "row"]\ndrop = "note"',
        table=rows("1,01,x,3,Yes", "2,02,y,4,No", header="row,key,note,a,churned"),
    )

    dataset = load()

    assert list(dataset.X.columns) == ["a"]
    assert dataset.ids.tolist() == ["01", "02"]
    assert dataset.ids.name == "key"


def test_groups_are_numbered_and_no_feature(add_adapter) -> None:
    add_adapter('[columns]\ngroup = "b"', table=rows("1,h2,Yes", "2,h1,No", "3,h2,No"))

    dataset = load()

    assert dataset.groups.tolist() == [0, 1, 0]
    assert list(dataset.X.columns) == ["a"]


def test_fill_and_levels_are_applied(add_adapter) -> None:
    add_adapter(
        '[columns]\nfill = { a = 0, b = "none" }\nlevels = { b = { "COD" = "Cash" } }',
        table=rows(",COD,Yes", "2,Cash,No", "3,,No"),
    )

    dataset = load()

    assert dataset.X["a"].tolist() == [0.0, 2.0, 3.0]
    assert dataset.X["b"].tolist() == ["Cash", "Cash", "none"]
    assert list(dataset.X["b"].cat.categories) == ["Cash", "none"]


def test_merged_spellings_that_make_rows_equal_are_noted(add_adapter) -> None:
    add_adapter(
        '[columns.levels.b]\n"COD" = "Cash"', table=rows("1,COD,Yes", "1,Cash,No", "3,Cash,No")
    )

    assert load().notes == (
        "0 rows share all features with another row as the file spells them, "
        "2 once the spellings of one level are merged",
    )


@pytest.mark.parametrize(
    ("labels", "positive"),
    [("01", "1"), (("no", "YES"), "YES"), (("False", "True"), "True"), (("0.0", "1.0"), "1")],
)
def test_the_positive_class_is_inferred_where_everybody_knows_it(
    add_adapter, labels: tuple[str, str], positive: str
) -> None:
    add_adapter(table=rows(f"1,x,{labels[0]}", f"2,y,{labels[1]}"))

    dataset = load()

    assert dataset.y.tolist() == [0, 1]
    assert dataset.spec.target.positive == positive


def test_all_other_values_of_the_target_are_negative(add_adapter) -> None:
    add_adapter(
        table=rows("1,x,Churned", "2,y,Stayed", "3,x,Joined"),
        target='column = "churned"\npositive = "Churned"',
    )

    assert load().y.tolist() == [1, 0, 0]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_the_separator_is_recognised(add_adapter, separator: str) -> None:
    add_adapter(table=rows('"1,5;x|y",x,Yes', "2,y,No").replace(",", separator))

    assert list(load().X.columns) == ["a", "b"]


@pytest.mark.parametrize(
    ("encoding", "declared"), [("utf-8", ""), ("utf-8-sig", ""), ("cp1252", "cp1252")]
)
def test_encodings_are_read(add_adapter, encoding: str, declared: str) -> None:
    add_adapter(
        table=rows("1,café,Yes", "2,y,No", header="à,b,churned").encode(encoding),
        source=f'file = "demo.csv"\nencoding = "{declared}"',
    )

    dataset = load()

    assert list(dataset.X.columns) == ["à", "b"]
    assert dataset.X["b"].tolist() == ["café", "y"]


def test_the_digest_is_that_of_the_table_whatever_the_file(home: Path, add_adapter) -> None:
    frame = pd.DataFrame(
        {"a": [1.5, None, 84], "b": ["x", None, "y"], "c": [1, 2, 1], "churned": [0, 1, 0]}
    )
    add_adapter('[columns]\ncategorical = ["c"]', table=frame.to_csv(index=False))
    digests = {load().digest}
    frame.to_csv(home / "datasets" / "demo.csv", sep=";", index=False, lineterminator="\r\n")
    digests.add(load().digest)
    frame.astype({"c": float}).to_csv(home / "datasets" / "demo.csv", index=False)
    digests.add(load().digest)
    for file in ("demo.csv.gz", "demo.xlsx"):
        add_adapter('[columns]\ncategorical = ["c"]', table=None, source=f'file = "{file}"')
        write = frame.to_excel if file.endswith("xlsx") else frame.to_csv
        write(home / "datasets" / file, index=False)
        digests.add(load().digest)

    assert len(digests) == 1


def test_the_sheet_of_a_workbook_is_chosen_by_name(home: Path, add_adapter) -> None:
    add_adapter(table=None, source='file = "demo.xlsx"\nsheet = "Data"')
    with pd.ExcelWriter(home / "datasets" / "demo.xlsx") as book:
        pd.DataFrame({"about": ["text"]}).to_excel(book, sheet_name="Notes", index=False)
        pd.DataFrame({"a": [1, 2], "churned": [True, False]}).to_excel(
            book, sheet_name="Data", index=False
        )

    assert load().y.tolist() == [1, 0]

    add_adapter(table=None, source='file = "demo.xlsx"')
    assert refused() == (
        "datasets/demo.xlsx: the workbook has 2 sheets: 'Notes', 'Data'\n"
        "hint: name one: [source] sheet = 'Notes'"
    )
    add_adapter(table=None, source='file = "demo.xlsx"\nsheet = "data"')
    assert refused() == (
        "datasets/demo.xlsx: no sheet 'data'; did you mean 'Data'?\n"
        "hint: the sheets are: 'Notes', 'Data'"
    )


@pytest.mark.slow
def test_a_large_file_is_read_at_a_steady_pace(home: Path, add_adapter) -> None:
    generator = np.random.default_rng(0)
    n_samples = 200_000
    table = pd.DataFrame({f"n{i}": generator.normal(size=n_samples).round(4) for i in range(20)})
    for i in range(10):
        table[f"c{i}"] = generator.choice(["red", "green", "blue"], n_samples)
    table["churned"] = generator.integers(0, 2, n_samples)
    add_adapter(table=None)
    table.to_csv(home / "datasets" / "demo.csv", index=False)
    started = time.process_time()

    dataset = load()

    assert dataset.X.shape == (n_samples, 30)
    assert time.process_time() - started < 15


def test_values_beside_the_positive_one_are_told_where_there_are_several(
    add_adapter: Any,
) -> None:
    table = "n,churned\n" + "".join(
        f"{i},{('yes', 'no', 'no', 'churn risk')[i % 4]}\n" for i in range(40)
    )
    add_adapter(table=table, target='column = "churned"\npositive = "yes"')
    assert load().notes == (
        "target 'churned': everything but 'yes' counts as stayed: 'no' (20), 'churn risk' (10)",
    )


def test_two_values_need_no_note(add_adapter: Any) -> None:
    add_adapter(table="n,churned\n" + "".join(f"{i},{i % 2}\n" for i in range(40)))
    assert load().notes == ()
