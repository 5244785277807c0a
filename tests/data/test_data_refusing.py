"""What is wrong with a table is told in one clear message."""

from __future__ import annotations

import gzip

import pytest
from data_tables import GOOD, PATH, TABLE, refused, rows

from bench.errors import BenchError


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("", f"{PATH}: the file is empty\nhint: expected a table with a header"),
        ("\n \n", f"{PATH}: the file is empty\nhint: expected a table with a header"),
        ("a,b,churned\n", f"{PATH}: there is a header but no rows below it"),
        (
            rows("1,x,3,Yes", header="a,b,a,churned"),
            f"{PATH}: two columns are called 'a'\nhint: rename one in the file",
        ),
        (
            rows("1,x,3,Yes", header="a  b,b,a b,churned"),
            f"{PATH}: two columns are called 'a b'\nhint: rename one in the file",
        ),
        (
            rows("1,x,Yes", header="a,b,Churned"),
            f"{PATH}: there is no column 'churned'; did you mean 'Churned'?\n"
            "hint: the columns are: 'a', 'b', 'Churned'",
        ),
        (
            rows("1,caf\xe9,Yes").encode("latin-1"),
            f"{PATH}: not utf-8 text (byte 0xe9 at 17)\n"
            'hint: name the encoding, for instance [source] encoding = "cp1252"',
        ),
        (
            rows("1,x,Yes", "2,x,Yes"),
            f"{PATH}: target 'churned' holds one class only: 'Yes' in all 2 rows",
        ),
        (
            rows("1,x,Yes", "2,x,", "3,y,No"),
            f"{PATH}: target 'churned' is missing in 1 of 3 rows, the first is row 2\n"
            "hint: remove these rows from the file: what is not known cannot be learnt",
        ),
        (
            rows("1,x,left", "2,x,stayed"),
            f"{PATH}: target 'churned' holds 'left', 'stayed', and which of them is positive "
            "is not declared\nhint: declare it, for instance [target] positive = 'stayed'",
        ),
        (
            rows("1,,Yes", "2,NA,No"),
            f"{PATH}: column 'b' has no value in any row\n"
            "hint: leave it out: [columns] drop = ['b']",
        ),
        (
            rows("1,x,Yes", "inf,x,No", "-Infinity,x,No"),
            f"{PATH}: column 'a' holds 2 infinite values, the first in row 2\n"
            'hint: correct the file, or declare [source] missing = ["inf"]',
        ),
        (
            rows("1,x,Yes", "2,x,No,7"),
            f"{PATH}: rows of unequal length: Expected 3 fields in line 3, saw 4\n"
            "hint: is [source] separator right, and is text that holds it in quotes?",
        ),
        (
            rows("1,x,Yes,9", "2,x,No,7"),
            f"{PATH}: rows of unequal length: "
            "Length of header or names does not match length of data. "
            "This leads to a loss of data with index_col=False.\n"
            "hint: is [source] separator right, and is text that holds it in quotes?",
        ),
        (rows("Yes", "No", header="churned"), f"{PATH}: no column is left as a feature"),
    ],
)
def test_a_table_that_cannot_be_used_gets_one_message(
    add_adapter, table: str | bytes, message: str
) -> None:
    add_adapter(table=table)

    assert refused() == message


def test_bytes_beyond_the_first_rows_are_checked_too(add_adapter) -> None:
    table = rows(*(f"{i},x,{'Yes' if i % 2 else 'No'}" for i in range(9000)))
    add_adapter(table=table.encode() + "1,caf\xe9,No\n".encode("latin-1"))

    assert refused().startswith(f"{PATH}: not utf-8 text (byte 0xe9 at ")


@pytest.mark.parametrize(
    ("toml", "message"),
    [
        (
            '[columns]\nnumeric = ["a", "bb"]',
            f"{PATH}: there is no column 'bb'; did you mean 'b'?\n"
            "hint: the columns are: 'a', 'b', 'churned'",
        ),
        (
            "[columns.fill]\nA = 0",
            f"{PATH}: there is no column 'A'; did you mean 'a'?\n"
            "hint: the columns are: 'a', 'b', 'churned'",
        ),
        (
            '[columns]\nnumeric = "rest"',
            f"{PATH}: column 'b' is numeric, but 3 of 3 cells are not numbers, "
            "the first is 'x' in row 1\n"
            "hint: declare it in [columns] categorical, or the text in [source] missing",
        ),
        (
            '[columns.fill]\na = "none"',
            f"{PATH}: column 'a' is numeric, but [columns] fill has the text 'none'",
        ),
        (
            '[columns.levels.b]\n"z" = "x"',
            f"{PATH}: column 'b': [columns] levels merges 'z', but the column holds no such "
            "level\nhint: its levels are: 'x', 'y'",
        ),
        (
            '[columns.levels.a]\n"1" = "2"',
            f"{PATH}: column 'a' is numeric, so [columns] levels cannot merge its levels",
        ),
        (
            '[economics]\nvalue = "A"',
            "datasets/demo.toml: [economics] value = 'A' is not a numeric feature; "
            "did you mean 'a'?",
        ),
        (
            "[expect]\nrows = 4",
            f"datasets/demo.toml: [expect] rows = 4, but {PATH} has 3 rows\n"
            "hint: if the source changed, update sha256 and [expect] together",
        ),
        (
            "[expect]\nrows = 3\npositives = 2",
            'datasets/demo.toml: [expect] positives = 2, but churned is "Yes" 1 times\n'
            "hint: if the source changed, update sha256 and [expect] together",
        ),
    ],
)
def test_a_declaration_that_does_not_fit_gets_one_message(
    add_adapter, toml: str, message: str
) -> None:
    add_adapter(toml, table=rows(*GOOD))

    assert refused(BenchError) == message


def test_text_among_numbers_is_counted_and_shown_with_its_row(add_adapter) -> None:
    lines = [f"{i},x,{'Yes' if i % 2 else 'No'}" for i in range(300)]
    add_adapter(
        '[columns]\nnumeric = ["a"]', table=rows(*lines, "n. a.,x,No", "1,x,No", "1_0,x,No")
    )

    assert refused() == (
        f"{PATH}: column 'a' is numeric, but 2 of 303 cells are not numbers, "
        "the first is 'n. a.' in row 301\n"
        "hint: declare it in [columns] categorical, or the text in [source] missing"
    )


def test_a_positive_value_that_is_not_there_is_told_with_those_that_are(add_adapter) -> None:
    add_adapter(table=rows(*GOOD), target='column = "churned"\npositive = "yes"')

    assert refused() == (
        f"{PATH}: target 'churned' holds no 'yes'; did you mean 'Yes'?\n"
        "hint: its values are: 'No', 'Yes'; set [target] positive to one of them"
    )


def test_a_group_that_is_missing_is_refused(add_adapter) -> None:
    add_adapter('[columns]\ngroup = "b"', table=rows("1,h,Yes", "2,,No"))

    assert refused() == f"{PATH}: group column 'b' is missing in 1 rows, the first is row 2"


def test_filling_does_not_hide_a_column_without_values(add_adapter) -> None:
    add_adapter("[columns.fill]\nb = 1", table=rows("1,,Yes", "2,,No"))

    assert refused().startswith(f"{PATH}: column 'b' has no value in any row")


@pytest.mark.parametrize(
    ("file", "content", "message"),
    [
        ("demo.csv.gz", b"a,churned\n", "datasets/demo.csv.gz: cannot be read: "),
        (
            "demo.csv.gz",
            gzip.compress(TABLE.encode())[:-12],
            "datasets/demo.csv.gz: cannot be read: ",
        ),
        ("demo.xlsx", b"a,churned\n", "datasets/demo.xlsx: not an Excel workbook: "),
    ],
)
def test_a_file_that_is_not_what_its_name_says_is_refused(
    add_adapter, file: str, content: bytes, message: str
) -> None:
    add_adapter(table=content, file=file, source=f'file = "{file}"')

    assert refused().startswith(message)


def test_an_unknown_encoding_is_refused(add_adapter) -> None:
    add_adapter(source='file = "demo.csv"\nencoding = "utf-9"')

    assert refused() == f"{PATH}: [source] encoding = 'utf-9' is not a known encoding"
