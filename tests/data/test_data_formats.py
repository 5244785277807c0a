"""Numbers, dates and layouts that an adapter declares are read by the declaration alone."""

from __future__ import annotations

import datetime

import numpy as np
import pytest
from data_tables import PATH, load, refused, rows

from bench.data.cells import NumberFormat, column_names
from bench.data.dates import days_of
from bench.errors import SpecError

ENDS = ("Yes", "No", "Yes", "No")


def column(*cells: str, separator: str = ";") -> str:
    """Return a table with one feature."""
    lines = [separator.join(pair) for pair in zip(cells, ENDS, strict=False)]
    return rows(*lines, header=f"a{separator}churned")


# --- numbers --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("declared", "text", "value"),
    [
        (NumberFormat(), "1234.5", 1234.5),
        (NumberFormat(), "1,234.5", None),
        (NumberFormat(","), "1234,5", 1234.5),
        (NumberFormat(","), "1234.5", None),
        (NumberFormat(","), "1e3", 1000.0),
        (NumberFormat(","), "-,5", -0.5),
        (NumberFormat(",", "."), "1.234,5", 1234.5),
        (NumberFormat(",", "."), "1.234.567", 1234567.0),
        (NumberFormat(",", "."), "1.23,5", None),
        (NumberFormat(",", "."), "12.5", None),
        (NumberFormat(",", "."), "0.125", None),
        (NumberFormat(".", ","), "12,345,678.25", 12345678.25),
        (NumberFormat(".", ","), "1234.25", 1234.25),
        (NumberFormat(",", " "), "1\u00a0234\u202f567,5", 1234567.5),
        (NumberFormat(".", "'"), "1\u2019234.5", 1234.5),
        (NumberFormat(".", ",", ("$",)), "-$1,234.50", -1234.5),
        (NumberFormat(".", ",", ("$",)), "$ -1,234.50", -1234.5),
        (NumberFormat(signs=("%",)), "12.5 %", 12.5),
        (NumberFormat(signs=("€",)), "12.5 $", None),
        (NumberFormat(".", ","), "1_000", None),
        (NumberFormat(".", ","), "nan", None),
        (NumberFormat(".", ","), "", None),
    ],
)
def test_a_number_is_what_the_declared_writing_makes_of_it(
    declared: NumberFormat, text: str, value: float | None
) -> None:
    assert declared.number(text) == value


def test_declared_numbers_are_read_beside_plain_ones(add_adapter) -> None:
    table = rows(
        "1.234,50 €;7;0,1;Yes",
        "-2,5;1.000;0,2;No",
        "n.a.;;0,30000000000000004;No",
        header="amount;whole;plain;churned",
    )
    source = (
        'file = "demo.csv"\nseparator = ";"\ndecimal = ","\nthousands = "."\nsigns = ["€"]\n'
        'missing_numbers = ["n.a."]'
    )
    add_adapter(table=table, source=source)

    X = load().X

    assert X["amount"].tolist()[:2] == [1234.5, -2.5]
    assert np.isnan(X["amount"][2])
    assert X["whole"].tolist()[:2] == [7.0, 1000.0]
    assert X["plain"].tolist() == [0.1, 0.2, 0.30000000000000004]


def test_a_token_among_numbers_stays_a_level_elsewhere(add_adapter) -> None:
    table = rows("none,none,Yes", "1,x,No", "2,none,No")
    add_adapter(table=table, source='file = "demo.csv"\nmissing_numbers = ["none"]')

    X = load().X

    assert X["a"].tolist()[1:] == [1.0, 2.0]
    assert np.isnan(X["a"][0])
    assert list(X["b"].cat.categories) == ["none", "x"]


def test_a_number_written_otherwise_is_refused_with_its_row(add_adapter) -> None:
    add_adapter(
        '[columns]\nnumeric = ["a"]',
        table=column("1.234", "12.5", "1,5"),
        source='file = "demo.csv"\nseparator = ";"\ndecimal = ","\nthousands = "."',
    )

    assert refused().startswith(
        f"{PATH}: column 'a' is numeric, but 1 of 3 cells are not numbers, "
        "the first is '12.5' in row 2\n"
    )


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ('decimal = ";"', "decimal must be '.' or ',', found ';'"),
        ('thousands = "."', "decimal and thousands are both '.'"),
        ('thousands = "_"', "thousands must be one of '.', ',', ' ', \"'\""),
        ('signs = ["1"]', "signs must be texts without digits, such as '$' or '%'"),
        ("skip_rows = -1", "skip_rows must be a whole number from 0 up, found a number (-1)"),
        ("number_repeats = 1", "number_repeats must be true or false, found a number (1)"),
        (
            'separator = "::"',
            "separator must be one character, found '::'\n"
            "hint: runs of blanks are separators, too: blanks or wide-blanks",
        ),
    ],
)
def test_declarations_that_cannot_be_are_refused(add_adapter, source: str, message: str) -> None:
    add_adapter(source=f'file = "demo.csv"\n{source}')

    said = refused(SpecError).removeprefix("datasets/demo.toml: [source] ")
    assert said.removeprefix("datasets/demo.toml: [source]").strip() == message


# --- dates and time -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "date_format", "days"),
    [
        ("1970-01-01", "", 0.0),
        ("2024-02-29", "", 19782.0),
        ("1969-12-31", "", -1.0),
        ("1970-01-02T12:00:00", "", 1.5),
        ("1970-01-02 01:00:00+01:00", "", 1.0),
        ("1970-01-02T00:00:00Z", "", 1.0),
        ("1970-01-02 06:00:00 UTC", "", 1.25),
        ("29.02.2024", "%d.%m.%Y", 19782.0),
        ("29.02.2023", "%d.%m.%Y", None),
        ("20240229", "%Y%m%d", 19782.0),
        ("20240229", "", None),
        ("29.02.2024", "", None),
    ],
)
def test_a_date_is_days_since_1970_utc(text: str, date_format: str, days: float | None) -> None:
    assert days_of(text, date_format) == days


def test_dates_are_features_and_missing_ones_stay_so(add_adapter) -> None:
    table = rows("31.12.1970,1971-01-02,Yes", ",1970-01-02,No", header="since,until,churned")
    add_adapter(
        '[columns]\ndates = ["since", "until"]\n[columns.date_format]\nsince = "%d.%m.%Y"',
        table=table,
    )

    X = load().X

    assert X["since"][0] == (datetime.date(1970, 12, 31) - datetime.date(1970, 1, 1)).days
    assert np.isnan(X["since"][1])
    assert X["until"].tolist() == [366.0, 1.0]
    assert load().time is None


def test_a_date_written_otherwise_is_refused_with_its_row(add_adapter) -> None:
    add_adapter(
        '[columns]\ndates = ["since"]',
        table=rows("1970-01-02,Yes", "31.12.1970,No", header="since,churned"),
    )

    assert refused() == (
        f"{PATH}: column 'since' holds dates, but 1 of 2 cells are not written as 2024-12-31, "
        "the first is '31.12.1970' in row 2\n"
        "hint: declare how they are written, for instance\n"
        '[columns.date_format]\n"since" = "%d.%m.%Y"'
    )


DATED = rows(
    "1970-01-03,5,x,Yes", "1970-01-01,6,x,No", "1970-01-02,6,y,No", header="since,month,who,churned"
)


def test_the_time_orders_the_rows_and_is_no_feature_unless_declared(add_adapter) -> None:
    add_adapter('[columns]\ntime = "since"', table=DATED)
    dataset = load()
    assert dataset.time is not None
    assert dataset.time.tolist() == [2.0, 0.0, 1.0]
    assert list(dataset.X.columns) == ["month", "who"]

    add_adapter('[columns]\ntime = "since"\ndates = ["since"]', table=DATED)
    dataset = load()
    assert dataset.time is not None
    assert dataset.time.tolist() == [2.0, 0.0, 1.0]
    assert list(dataset.X.columns) == ["since", "month", "who"]


def test_a_column_of_numbers_orders_rows_as_it_is(add_adapter) -> None:
    add_adapter('[columns]\ntime = "month"\ndrop = "since"', table=DATED)

    time = load().time

    assert time is not None
    assert time.tolist() == [5.0, 6.0, 6.0]


def test_a_load_may_name_another_time_and_group_and_changes_no_feature(add_adapter) -> None:
    toml = '[columns]\ndates = ["since"]\ncategorical = ["who"]\nnumeric = ["month"]'
    add_adapter(toml, table=DATED)
    plain = load()

    dataset = load(time="since", group="who")

    assert dataset.time is not None
    assert dataset.time.tolist() == [2.0, 0.0, 1.0]
    assert dataset.groups is not None
    assert dataset.groups.tolist() == [0, 0, 1]
    assert dataset.X.equals(plain.X)
    assert load(time="since").digest == plain.digest


def test_a_dropped_column_and_an_identifier_may_order_and_group(add_adapter) -> None:
    add_adapter('[columns]\ndrop = "since"\nid = "who"', table=DATED)

    dataset = load(time="since", group="who")

    assert dataset.time is not None
    assert dataset.time.tolist() == [2.0, 0.0, 1.0]
    assert dataset.groups is not None
    assert dataset.groups.tolist() == [0, 0, 1]
    assert dataset.ids is not None
    assert dataset.ids.tolist() == ["x", "x", "y"]
    assert list(dataset.X.columns) == ["month"]


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        (
            "",
            f"{PATH}: column 'since' orders the rows, but is missing in 1 of 2 rows, the first is "
            "row 2\nhint: order them by another column, or leave these rows out of the file",
        ),
        (
            "soon",
            f"{PATH}: column 'since' holds dates, but 1 of 2 cells are not written as 2024-12-31, "
            "the first is 'soon' in row 2\nhint: declare how they are written, for instance\n"
            '[columns.date_format]\n"since" = "%d.%m.%Y"',
        ),
    ],
)
def test_a_time_that_is_missing_or_none_is_refused(add_adapter, cell: str, message: str) -> None:
    add_adapter(
        '[columns]\ntime = "since"',
        table=rows("1970-01-02,1,Yes", f"{cell},2,No", header="since,a,churned"),
    )

    assert refused() == message


def test_a_time_that_is_not_there_is_refused(add_adapter) -> None:
    add_adapter(table=DATED)

    assert refused(time="sinc").startswith(
        f"{PATH}: there is no column 'sinc'; did you mean 'since'?\n"
    )
    add_adapter('[columns]\ntime = "since"\nid = "since"', table=DATED)
    assert refused(SpecError) == (
        "datasets/demo.toml: column 'since' is declared twice, as id and as time"
    )


# --- layout ---------------------------------------------------------------------------


def test_rows_that_hold_no_data_are_skipped_by_declaration(add_adapter) -> None:
    table = "A title\n\na,b,churned\ninches,kind,gone?\n1,x,Yes\n2,y,No\nTotal 3,,\n,,\n"
    add_adapter(
        '[columns]\nnumeric = ["a"]',
        table=table,
        source='file = "demo.csv"\nskip_rows = 2\nskip_below = 1\nskip_last = 1',
    )

    dataset = load()

    assert dataset.X["a"].tolist() == [1.0, 2.0]
    assert dataset.notes == ("rows of the file left out, for they have no value in any column: 1",)


def test_rows_without_any_value_are_left_out_and_noted(add_adapter) -> None:
    add_adapter(table=rows("1,x,Yes", ",,", "2,y,No", ",,"))

    dataset = load()

    assert dataset.X["a"].tolist() == [1.0, 2.0]
    assert dataset.notes == ("rows of the file left out, for they have no value in any column: 2",)


@pytest.mark.parametrize("separator", ["blanks", "wide-blanks"])
def test_runs_of_blanks_separate_by_declaration(add_adapter, separator: str) -> None:
    table = 'a     b         churned\n1     x         Yes\n 2    "y  z"    No\n'
    add_adapter(table=table, source=f'file = "demo.csv"\nseparator = "{separator}"')

    X = load().X

    assert X["a"].tolist() == [1.0, 2.0]
    assert X["b"].tolist() == ["x", "y  z"]


def test_long_tables_of_blanks_are_read_whole(add_adapter) -> None:
    lines = [f"{i}   x{i % 7}   {'Yes' if i % 2 else 'No'}" for i in range(30_000)]
    add_adapter(
        table=rows(*lines, header="a   b   churned"),
        source='file = "demo.csv"\nseparator = "blanks"',
    )

    assert load().X["a"].tolist() == [float(i) for i in range(30_000)]


def test_repeated_names_are_numbered_by_declaration(add_adapter) -> None:
    assert column_names(["a", "a", "a.2", "a", ""], "t", number_repeats=True) == (
        *("a", "a.3", "a.2", "a.4"),
        "Unnamed: 4",
    )
    add_adapter(
        '[columns]\nnumeric = ["a.2"]',
        table=rows("1,2,Yes", "3,4,No", header="a,a,churned"),
        source='file = "demo.csv"\nnumber_repeats = true',
    )

    assert load().X["a.2"].tolist() == [2.0, 4.0]


def test_spellings_of_the_target_are_merged_by_declaration(add_adapter) -> None:
    add_adapter(
        '[columns.levels.churned]\n"yes" = "Yes"',
        table=rows("1,x,Yes", "2,y,yes", "3,y,No"),
    )

    assert load().y.tolist() == [1, 1, 0]


def test_zero_bytes_are_no_text(add_adapter) -> None:
    add_adapter(table="a,churned\n1,\0\n")

    assert refused().startswith(f"{PATH}: not a text table, for it holds zero bytes\n")
