"""``sweep`` on a small table, with real workers."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Ask = Callable[..., Any]

SMALL = ("sweep", "--dataset", "shop", "--folds", "2", "--jobs", "2", "--models", "logistic")
FAST = (*SMALL, "--strategies", "class-weight,random-over", "--prevalence", "0.9,0.2,0.1,0.001")


def test_a_sweep_leaves_its_pages_and_repeated_fits_nothing(
    ask: Ask, add_table: Any, home: Path
) -> None:
    add_table()
    first = ask(*FAST)
    assert first.code == 0, first.err
    folder = home / "results" / "shop" / "sweep"
    assert {path.name for path in folder.iterdir()} == {
        "unthinned",
        "0.2",
        "0.1",
        "sweep.md",
        "sweep.csv",
        "sweep.svg",
        "sweep.png",
    }
    with (folder / "sweep.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 3 * 3 * 5
    assert {row["strategy"] for row in rows} == {"none", "class-weight", "random-over"}
    own, *thinned = dict.fromkeys((row["prevalence"], row["positives"]) for row in rows)
    negatives = float(own[1]) * (1 - float(own[0])) / float(own[0])  # in half of the rows
    for prevalence, positives in thinned:
        share = float(positives) / (float(positives) + negatives)
        assert share == pytest.approx(float(prevalence), abs=1 / 100)
    assert "note: 0.9 is not below the data's own prevalence of " in first.err
    assert "note: 0.001 is left out: of " in first.err
    assert "ROC-AUC, logistic: " in first.out

    before = (folder / "sweep.csv").read_bytes()
    again = ask(*FAST)
    assert again.err.count("plan: 3 candidates, 6 fits, 6 of them kept from earlier runs\n") == 3
    assert (folder / "sweep.csv").read_bytes() == before


def test_a_sweep_leaves_an_ordinary_run_alone(ask: Ask, add_table: Any, home: Path) -> None:
    add_table()
    run = ("run", "--dataset", "shop", "--folds", "2", "--jobs", "2", "--models", "logistic")
    run = (*run, "--strategies", "none", "--tuning", "default", "--importance", "none")
    assert ask(*run).code == 0
    folder = home / "results" / "shop"
    before = {p.name: p.read_bytes() for p in folder.iterdir() if p.is_file()}
    assert ask(*FAST).code == 0
    assert {p.name: p.read_bytes() for p in folder.iterdir() if p.is_file()} == before


def test_the_board_of_one_prevalence_can_be_shown(ask: Ask, add_table: Any, home: Path) -> None:
    add_table()
    ask(*FAST)
    shown = ask("leaderboard", "results/shop/sweep/0.1")
    assert shown.code == 0, shown.err
    assert "logistic+random-over+default" in shown.out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("--prevalence", "5"),
            "error: --prevalence 5 is no share of positives, expected between 0 and 1\n"
            "hint: write 5 % as 0.05\n",
        ),
        (
            ("--strategies", "smot"),
            "error: unknown strategy 'smot'; did you mean 'smote'? "
            "(see: python -m bench list strategies)\n",
        ),
        (("--jobs", "-1"), "error: --jobs -1 is too few, expected 1 (or 0: one a core)\n"),
    ],
    ids=str,
)
def test_a_mistake_is_one_clear_message(
    ask: Ask, add_table: Any, arguments: tuple[str, ...], message: str
) -> None:
    add_table()
    answer = ask("sweep", "--dataset", "shop", *arguments)
    assert (answer.code, answer.err) == (2, message)


def test_what_is_no_number_is_refused_by_the_parser(ask: Ask) -> None:
    answer = ask("sweep", "--prevalence", "few")
    assert answer.code == 2
    assert answer.err.endswith(
        "error: argument --prevalence: 'few' is no list of numbers, such as 0.3,0.1,0.05\n"
    )
