"""What is guessed of columns, values and targets, and how a doubt shows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from bench.adding import add_dataset, propose_adapter
from bench.adding.guesses import choose_format, dates_among
from bench.adding.layout import find_layout
from bench.adding.targets import find_target
from bench.errors import DataError

Proposed = Callable[..., Any]


def table(home: Path, columns: dict[str, Sequence[Any]], *, n_rows: int = 120) -> Path:
    """Write a table with an honest feature, a target, and what a test adds."""
    whole: dict[str, Sequence[Any]] = {
        "usage": [(i * 37) % 101 for i in range(n_rows)],
        **columns,
        "churned": ["yes" if i % 4 == 0 else "no" for i in range(n_rows)],
    }
    pd.DataFrame(whole).to_csv(home / "t.csv", index=False)
    return home / "t.csv"


def said(lines: Sequence[str], start: str) -> str:
    """Return the one line that starts so."""
    found = [line for line in lines if line.startswith(start)]
    assert len(found) == 1, lines
    return found[0]


# --- targets --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "name", "positive"),
    [
        (["No", "Yes"], "Churn", "Yes"),
        (["0", "1"], "Exited", "1"),
        (["False", "True"], "left", "True"),
        (["N", "Y"], "churn", "Y"),
        (["-1", "1"], "churn", "1"),
        (["Existing Customer", "Attrited Customer"], "Attrition_Flag", "Attrited Customer"),
        (["Nein", "Ja"], "Kündigung", "Ja"),
        (["churned", "not churned"], "state", "churned"),
        (["non-churn", "churn"], "state", "churn"),
        (["active", "inactive"], "state", "inactive"),
        (["stayed", "moved"], "state", "moved"),
        (["Yes", "No"], "IsRetained", "No"),
        (["0", "1"], "not_renewed", "1"),
    ],
)
def test_the_positive_value_is_the_one_that_says_who_left(
    values: list[str], name: str, positive: str
) -> None:
    column = pd.Series(values * 3 + values[:1], name=name)

    assert find_target(column, "", "t.csv").positive == positive


def test_the_rarer_value_is_taken_with_a_warning_where_no_word_helps() -> None:
    target = find_target(pd.Series(["A", "B", "A", "A"], name="kind"), "", "t.csv")

    assert target.positive == "B"
    assert target.why == "ONLY because it is rarer than 'A'; if that is wrong, say --positive"


def test_one_of_three_values_may_be_named() -> None:
    column = pd.Series(["left", "moved", "stayed"], name="state")

    assert find_target(column, "moved", "t.csv").positive == "moved"
    with pytest.raises(DataError) as caught:
        find_target(column, "", "t.csv")
    assert str(caught.value) == (
        "t.csv: target 'state' holds 3 different values, 'left', 'moved', 'stayed', expected two\n"
        "hint: if one of them means churned, name it with --positive; all others then did not"
    )


# --- layout ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "target", "separator", "skip_rows"),
    [
        (["a;b,c;left", "1;2,5;0", "2;3,5;1"], "left", ";", 0),
        (["sep=;", "a;b;left", "1;2;0", "2;3;1"], "left", ";", 1),
        (["Title, of it;;", ";;", "a;b;left", "1;2;0", "3;4;1"], "left", ";", 2),
        (["a|b|left", "x, y|2|0", "z, y|3|1"], "", "|", 0),
        (["a  long name  left", "1  two words  0", "2  more words  1"], "left", "wide-blanks", 0),
        (["a b left", "1 2   0", "2 3 1"], "left", "blanks", 0),
    ],
)
def test_the_table_is_found_in_the_lines(
    lines: list[str], target: str, separator: str, skip_rows: int
) -> None:
    layout = find_layout([f"{line}\n" for line in lines], target, "t.csv")

    assert (layout.separator, layout.skip_rows) == (separator, skip_rows)


# --- numbers and dates ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("texts", "separator", "layout"),
    [
        (["1,5", "22,75"], ";", (",", "")),
        (["1.234,5", "2,75"], ";", (",", ".")),
        (["1,234.5", "2.75"], ",", (".", ",")),
        (["1,234", "12,345"], ",", (".", ",")),  # a comma between cells is none within
        (["1,234", "12,345"], ";", (",", "")),
        (["1 234,5", "2,75"], ";", (",", " ")),
        (["1'234.5", "2.75"], ";", (".", "'")),
        (["1.2.3", "2.0.1"], ",", (".", "")),  # versions
    ],
)
def test_numbers_are_read_as_most_columns_need_it(
    texts: list[str], separator: str, layout: tuple[str, str]
) -> None:
    numbers = choose_format({"n": dict.fromkeys(texts, 1)}, separator)

    assert (numbers.decimal, numbers.thousands) == layout


@pytest.mark.parametrize(
    ("texts", "date_format"),
    [
        (["2024-01-31", "2024-02-28"], ""),
        (["2024-01-31T10:00:00Z", "2024-02-28T10:00:00+02:00"], ""),
        (["31.01.2024", "28.02.2024"], "%d.%m.%Y"),
        (["01/31/2024", "02/03/2024"], "%m/%d/%Y"),
        (["31/01/2024", "02/03/2024"], "%d/%m/%Y"),
        (["01/02/2024", "01/03/2024", "01/04/2024"], "%d/%m/%Y"),  # first days of months
        (["02/01/2024", "03/01/2024", "04/01/2024"], "%m/%d/%Y"),
        (["20240131", "20240228"], "%Y%m%d"),
        (["31-Jan-2024", "28-Feb-2024"], "%d-%b-%Y"),
        (["2024-01", "2024-02"], "%Y-%m"),
    ],
)
def test_dates_are_recognised(texts: list[str], date_format: str) -> None:
    dates = dates_among(texts)

    assert dates is not None
    assert dates.date_format == date_format
    assert not dates.is_ambiguous


@pytest.mark.parametrize(
    "texts",
    [["1.5", "2.5"], ["2024-02-30"], ["12:30"], ["A-1", "B-2"], ["31.01.2024", "02/28/2024"]],
)
def test_what_is_no_date_is_not_taken_for_one(texts: list[str]) -> None:
    assert dates_among(texts) is None


def test_days_and_months_that_cannot_be_told_apart_are_said_so(home: Path) -> None:
    days = [f"{1 + i % 12:02}/{1 + i % 11:02}/2024" for i in range(120)]

    proposal = propose_adapter(table(home, {"since": days}), target="churned")

    assert "though no row tells days from months" in said(proposal.lines, "dates 'since'")


def test_points_that_may_separate_thousands_are_pointed_out(home: Path) -> None:
    paid = [f"{1 + i % 90}.{100 + (i * 7) % 900}" for i in range(120)]
    (home / "t.csv").write_text(
        "paid;churned\n" + "".join(f"{p};{i % 2}\n" for i, p in enumerate(paid))
    )

    proposal = propose_adapter(home / "t.csv", target="churned")

    assert said(proposal.lines, "CHECK 'paid'") == (
        "CHECK 'paid': always three digits behind the point; if it separates thousands, "
        'set decimal = "," and thousands = "." in [source]'
    )


def test_numbers_written_otherwise_than_the_others_are_dropped_with_the_reason(home: Path) -> None:
    lines = [f"{i},5;{i},25;{i}.5;{'yes' if i % 3 else 'no'}" for i in range(60)]
    (home / "t.csv").write_text("\n".join(["a;b;point;churned", *lines]))

    proposal = propose_adapter(home / "t.csv", target="churned")

    assert list(add_dataset(proposal)[1].X.columns) == ["a", "b"]
    assert said(proposal.lines, "drop (1): 'point'") == (
        "drop (1): 'point': CHECK: numbers, but not written as those of the other columns; "
        "write all of them in one way to use it"
    )


# --- columns --------------------------------------------------------------------------


def test_a_customer_with_several_rows_keeps_them_on_one_side(home: Path) -> None:
    file = table(home, {"customer_id": [f"K{i // 3:03}" for i in range(120)]})

    _, dataset = add_dataset(propose_adapter(file, target="churned"))

    assert list(dataset.X.columns) == ["usage"]
    assert dataset.groups is not None
    assert dataset.groups.tolist() == [i // 3 for i in range(120)]


def test_free_text_and_rare_values_and_constants_are_dropped_with_their_reason(home: Path) -> None:
    file = table(
        home,
        {
            "remark": [f"the customer called {i} times about it" for i in range(600)],
            "street": [f"Street {i % 250}" for i in range(600)],
            "country": ["NO"] * 600,
        },
        n_rows=600,
    )

    lines = propose_adapter(file, target="churned").lines

    assert said(lines, "drop (1): 'remark'").endswith("free text")
    assert said(lines, "drop (1): 'street'").endswith("too few to learn from")
    assert said(lines, "drop (1): 'country'").endswith("the same value in every row")


def test_what_may_be_known_only_afterwards_stays_and_is_pointed_out(home: Path) -> None:
    file = table(home, {"cancellation_date": [f"2024-01-{1 + i % 28:02}" for i in range(120)]})

    proposal = propose_adapter(file, target="churned")

    assert proposal.document["columns"]["dates"] == ["cancellation_date"]
    assert "move it to drop" in said(proposal.lines, "CHECK 'cancellation_date'")


def test_a_number_that_often_means_no_value_is_pointed_out(home: Path) -> None:
    file = table(home, {"days": [999 if i % 10 == 0 else i % 60 for i in range(120)]})

    assert said(propose_adapter(file, target="churned").lines, "'days' holds 999") == (
        "'days' holds 999 in 12 rows and otherwise 1 to 59: if that means no value, "
        'add "999" to [source] missing'
    )


def test_a_monthly_amount_weighs_the_profit(home: Path) -> None:
    file = table(home, {"MonthlyCharges": [20.5 + i for i in range(120)]})

    proposal = propose_adapter(file, target="churned")

    assert proposal.document["economics"] == {"value": "MonthlyCharges"}
    assert said(proposal.lines, "value 'MonthlyCharges'").startswith("value 'MonthlyCharges': by")


def test_few_odd_words_among_many_numbers_are_no_value_but_said_so(home: Path) -> None:
    file = table(home, {"age": ["pending" if i == 7 else str(i % 50) for i in range(120)]})

    _, dataset = add_dataset(propose_adapter(file, target="churned"))
    lines = propose_adapter(file, target="churned").lines

    assert dataset.X["age"].isna().sum() == 1
    assert said(lines, "missing_numbers 'pending'").startswith("missing_numbers 'pending': ONLY")
