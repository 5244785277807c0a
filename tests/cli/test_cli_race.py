"""``run --race`` and ``run --budget`` on a small table, with real workers."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Ask = Callable[..., Any]

SMALL = ("run", "--dataset", "shop", "--jobs", "2", "--tuning", "default", "--importance", "none")
GRID = (*SMALL, "--models", "logistic,prior-only", "--strategies", "none")


def read_run(home: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((home / "results" / "shop" / "run.json").read_text())
    return found


def board(home: Path) -> list[dict[str, str]]:
    with (home / "results" / "shop" / "leaderboard.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_the_plan_tells_a_race_and_a_budget(ask: Ask, add_table: Any) -> None:
    add_table()
    answer = ask(*GRID, "--plan", "--race", "--repeats", "3")
    assert answer.code == 0, answer.err
    assert "plan: 2 candidates, up to 30 fits; the first repeat about " in answer.out
    assert "race: up to 3 repeats; after each, whoever is behind for certain stops\n" in answer.out
    answer = ask(*GRID, "--plan", "--budget", "90s")
    assert "plan: 2 candidates, up to 200 fits; " in answer.out
    assert (
        "budget: 1 min 30 s for all, boards included: the cheapest candidates first, then up to 20 "
        "repeats; whoever is behind for certain stops\n"
    ) in answer.out


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (
            ("--race",),
            "error: --race stops candidates between repeats, and there is only one\n"
            "hint: ask for several, such as --repeats 5\n",
        ),
        (
            ("--budget", "soon"),
            "error: --budget 'soon' is no length of time\n"
            "hint: write 10m, 90s, 1h30m, or seconds\n",
        ),
    ],
)
def test_what_makes_no_race_or_budget_is_wrong_input(
    ask: Ask, add_table: Any, flags: tuple[str, ...], message: str
) -> None:
    add_table()
    answer = ask(*GRID, *flags)
    assert (answer.code, answer.err) == (2, message)


def test_a_race_is_told_while_it_runs_and_on_the_board(
    ask: Ask, add_table: Any, home: Path
) -> None:
    add_table()
    # Three candidates, so that two are left when the baseline is out: after two repeats, so few
    # customers as there are.
    models = (*SMALL, "--models", "logistic,prior-only,svm-linear", "--strategies", "none")
    answer = ask(*models, "--race", "--repeats", "3")
    assert answer.code == 0, answer.err
    assert "repeat 1 of up to 3: " in answer.err
    assert "repeat 3 of up to 3: 2 candidates left in the race\n" in answer.err
    said = " ".join(answer.out.split())
    assert "The race stopped 1 of 3 candidates whose ROC-AUC was behind" in said
    assert "that saved 5 fits." in said
    found = {row["model"]: (row["status"], row["n_splits"]) for row in board(home)}
    assert found == {
        "logistic": ("complete", "15"),
        "svm-linear": ("complete", "15"),
        "prior-only": ("stopped", "10"),
    }
    run = read_run(home)
    assert (len(run["jobs"]), run["n_fitted"], run["ending"]) == (40, 40, "planned")
    again = ask(*models, "--race", "--repeats", "3")
    assert "The race stopped 1 of 3 candidates" in again.out
    assert read_run(home)["n_fitted"] == 0


def test_a_race_that_is_decided_ends_and_says_so(ask: Ask, add_table: Any, home: Path) -> None:
    add_table()
    answer = ask(*GRID, "--budget", "10h")
    assert answer.code == 0, answer.err
    said = " ".join(answer.out.split())
    assert "and ended after 2 repeats with one candidate left." in said
    assert "This run was given 10 h (--budget) and ended before, when the race was decided." in said
    run = read_run(home)
    assert (run["ending"], len(run["jobs"])) == ("decided", 20)
    assert {row["status"] for row in board(home)} == {"complete"}


def test_a_budget_that_is_too_short_for_anything_is_wrong_input(
    ask: Ask, add_table: Any, home: Path
) -> None:
    add_table()
    answer = ask(*GRID, "--budget", "0.1s")
    assert answer.code == 2
    assert answer.err.endswith(
        "error: the budget of 0.1 s was used up before any candidate had finished its folds\n"
        "hint: give it more, such as --budget 10m; finished fits are kept for that\n"
    )
