"""The parts that findings rest on: spellings, dates, numbers as text, agreement, distances."""

from __future__ import annotations

import numpy as np
import pytest

from bench.doctor.adapter_lines import drop_line, levels_line
from bench.doctor.dates import looks_like_dates, read_dates
from bench.doctor.kinds import CODES, FAMILIES, KINDS, finding, one_of_each
from bench.doctor.rows import agreement
from bench.doctor.texts import certain_spellings, is_loose_number, likely_spellings
from bench.specs import ColumnsSpec, DatasetSpec, SourceSpec, TargetSpec


@pytest.mark.parametrize(
    ("levels", "merges"),
    [
        ({"Yes": 50, "yes": 5, "No": 40}, {"yes": "Yes"}),
        ({"CC": 30, "Credit Card": 20}, {"CC": "Credit Card"}),
        ({"Cash on Delivery": 9, "COD": 8}, {"COD": "Cash on Delivery"}),
        ({"Phones": 9, "Phone": 8}, {"Phone": "Phones"}),
        ({"Germany": 900, "Gremany": 3}, {"Gremany": "Germany"}),
        ({"M": 9, "Female": 8, "F": 3, "Male": 2}, {"M": "Male", "F": "Female"}),
        ({"USA": 9, "United States of America": 8}, {"USA": "United States of America"}),
    ],
)
def test_spellings_of_one_thing_are_merged_into_the_better_name(
    levels: dict[str, int], merges: dict[str, str]
) -> None:
    assert certain_spellings(levels) == merges


@pytest.mark.parametrize(
    "levels",
    [
        {"Male": 900, "Female": 3},
        {"city A": 900, "city B": 3},
        {"plan 1": 900, "plan 2": 3},
        {"<5": 9, ">5": 8, "5": 7},
        {"No": 9, "No internet service": 8, "Yes": 7},
        {"Bank transfer (automatic)": 9, "Credit card (automatic)": 8, "Mailed check": 2},
        {"basic": 9, "basic plus": 8, "premium": 7},
        {"One year": 9, "Two year": 8, "Month-to-month": 2},
        {"card": 9, "debit card": 8, "gift card": 7},
        {"A": 9, "Annual": 8, "B": 7},
    ],
)
def test_different_things_stay_apart(levels: dict[str, int]) -> None:
    assert certain_spellings(levels) == {}
    assert likely_spellings(levels) == {}


def test_dates_are_read_with_days_or_months_first_as_more_are_possible() -> None:
    texts = ["03.04.2021", "25.12.2021", "31.02.2021"]

    dates = read_dates(texts)

    assert dates.days == (18720, 18986, None)
    assert dates.impossible == (2,)
    assert read_dates(["04/03/2021", "12/25/2021"]).days == (18720, 18986)


@pytest.mark.parametrize(
    "texts",
    [
        ["2021-04-03T10:00:00Z"] * 3,
        ["03-Apr-21", "03 April 2021", "3. Apr. 2021"],
        ["Apr 3, 2021", "April 03, 2021", "Apr. 3, 2021"],
        ["20210403", "20210403", "20210403"],
    ],
)
def test_dates_in_many_styles_are_read(texts: list[str]) -> None:
    assert looks_like_dates(texts)
    assert read_dates(texts).days == (18720,) * 3


@pytest.mark.parametrize(
    "texts", [["1", "2", "3"], ["10.5", "11.5", "12.5"], ["a", "b", "2021-01-01"]]
)
def test_other_texts_are_no_dates(texts: list[str]) -> None:
    assert not looks_like_dates(texts)


@pytest.mark.parametrize("text", ["$1,234.50", "12,5", "30 %", "1'000", "EUR 5", "5 €", "-3,2"])
def test_numbers_as_people_write_them_are_seen(text: str) -> None:
    assert is_loose_number(text)


@pytest.mark.parametrize("text", ["12.5", "abc", "C000017", "Plan 2", "2021-01-01", ""])
def test_plain_numbers_and_words_are_no_numbers_as_text(text: str) -> None:
    assert not is_loose_number(text)


def test_agreement_is_the_intraclass_correlation_of_a_hand() -> None:
    # Shrout & Fleiss (1979), table 2: six targets, four judges; table 4: ICC(1, 1) = .17.
    ratings = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]

    found = agreement(np.repeat(np.arange(6), 4), np.ravel(ratings).astype(float))

    assert found == pytest.approx(0.17, abs=0.005)


def test_every_kind_says_what_it_does_and_families_name_kinds() -> None:
    assert len(set(CODES)) == len(CODES)
    assert all(kind.effect for kind in KINDS)
    assert {code for family in FAMILIES for code in family} <= set(CODES)


def test_the_worst_comes_first_and_says_a_thing_once() -> None:
    found = one_of_each(
        [
            finding("few-positives", "few"),
            finding("near-identifier", "near", ["a"]),
            finding("near-identifier", "near", ["b"]),
            finding("entity-column", "entity", ["a"]),
            finding("target-leak", "leak", ["a"]),
        ]
    )

    assert [(f.code, f.columns) for f in found] == [
        ("target-leak", ("a",)),
        ("near-identifier", ("b",)),
        ("few-positives", ()),
        ("entity-column", ("a",)),
    ]


def test_lines_for_the_adapter_keep_what_is_there_and_quote() -> None:
    spec = DatasetSpec(
        "demo", SourceSpec(), TargetSpec("y"), columns=ColumnsSpec(drop=("old", 'a "b"'))
    )

    assert drop_line(spec, ["new"]) == r'[columns] drop = ["old", "a \"b\"", "new"]'
    assert levels_line("pay", {"CC": "Credit Card"}) == (
        '[columns.levels] "pay" = { "CC" = "Credit Card" }'
    )
