"""What boards say of races and of time budgets."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from rich.console import Console

from bench.analysis.answer import answer
from bench.analysis.verdicts import Verdict
from bench.domain import BoardRow, Candidate, Leaderboard, Skip, Stop
from bench.reports.boards import DECISIONS, in_order, rows_of
from bench.reports.csv_files import render_leaderboard_csv
from bench.reports.figures.known import ranking
from bench.reports.json_file import render_leaderboard_json
from bench.reports.markdown import render_leaderboard_markdown
from bench.reports.terminal import print_board

BEST, PLAIN = Candidate("lightgbm"), Candidate("logistic")
EARLY, LATE = Candidate("svm-rbf"), Candidate("xgboost")


def make_raced(make: SimpleNamespace, **changes: Any) -> Leaderboard:
    """A race of four over three repeats of five folds: one stopped after one, one after two."""
    rows = [
        make.row(BEST, 0.846, rank=1, is_tied_with_best=True, n_splits=15),
        make.row(PLAIN, 0.845, rank=2, is_tied_with_best=True, n_splits=15),
        make.row(LATE, 0.821, status="stopped", n_splits=10, coverage=2 / 3),
        make.row(EARLY, 0.801, status="stopped", n_splits=5, coverage=1 / 3),
    ]
    board: Leaderboard = make.leaderboard(rows, n_splits=15)
    protocol = replace(board.run.experiment.protocol, repeats=changes.pop("most", 3))
    template = board.run.jobs[0]
    repeats = {BEST: 3, PLAIN: 3, LATE: 2, EARLY: 1}
    jobs = tuple(
        replace(template, candidate=candidate, split=split)
        for candidate, n in repeats.items()
        for split in replace(protocol, repeats=n).splits
    )
    run = replace(
        board.run,
        experiment=replace(
            board.run.experiment,
            protocol=protocol,
            race=True,
            budget_seconds=changes.pop("budget_seconds", None),
        ),
        jobs=jobs,
        skips=changes.pop("skips", ()),
        stopped=(
            Stop(EARLY, 1, BEST, "roc_auc", -0.045, 0.0004, 0.002),
            Stop(LATE, 2, BEST, "roc_auc", -0.025, 0.00001, 0.00067),
        ),
        ending=changes.pop("ending", "planned"),
    )
    return replace(board, run=run, **changes)


def render(board: Leaderboard, **parts: Any) -> str:
    return render_leaderboard_markdown(board, answer=answer(board), **parts)


def test_stopped_rows_follow_the_ranked_ones_by_how_long_they_lasted(make: SimpleNamespace) -> None:
    board = make_raced(make)
    shuffled = replace(board, rows=tuple(reversed(board.rows)))
    assert [row.candidate for row in in_order(shuffled)] == [BEST, PLAIN, LATE, EARLY]


def test_stopped_after_the_same_repeats_the_better_figure_comes_first(
    make: SimpleNamespace,
) -> None:
    rows = [
        make.row(Candidate(name), auc, status="stopped", n_splits=5, coverage=0.2)
        for name, auc in (("a", 0.7), ("b", 0.8))
    ]
    assert [row.candidate.model for row in in_order(make.leaderboard(rows))] == ["b", "a"]


def test_no_board_sorts_rows_of_unequal_splits_among_each_other(make: SimpleNamespace) -> None:
    def better(row: BoardRow) -> BoardRow:
        return replace(row, scores={**row.scores, "f1": make.score(0.9)})

    board = make_raced(make)
    board = replace(board, rows=(*board.rows[:3], better(board.rows[3])))
    assert [row.candidate for row in rows_of(DECISIONS, board)] == [BEST, PLAIN, LATE, EARLY]


def test_the_page_says_who_stopped_when_behind_whom_and_what_was_saved(
    make: SimpleNamespace,
) -> None:
    page = render(make_raced(make))
    assert "## Stopped in the race\n" in page
    assert "15 fits were not made, about 4 CPU seconds.\n" in page  # 15 × (.25 + .01)
    lines = [line for line in page.splitlines() if line.startswith(("| xgboost", "| svm-rbf"))]
    assert [part.strip() for part in lines[0].split("|")[1:-1]] == [
        *("xgboost+none+default", "2", "-.0250", "lightgbm+none+default", "< .0001", ".0007")
    ]
    assert [part.strip() for part in lines[1].split("|")[1:-1]] == [
        *("svm-rbf+none+default", "1", "-.0450", "lightgbm+none+default", ".0004", ".0020")
    ]
    assert "Candidates that the race stopped have no rank" in page
    assert "67 %" in page
    assert "33 %" in page
    assert "incomplete candidate" not in page


def test_the_protocol_line_has_the_repeats_that_were_run(make: SimpleNamespace) -> None:
    page = render(make_raced(make, most=7))
    assert "Protocol: 3 repeats of 5 stratified folds" in page
    assert "; a race of up to 7 repeats." in page


def test_a_budget_is_told_at_the_top_and_at_the_protocol(make: SimpleNamespace) -> None:
    board = make_raced(make, budget_seconds=600.0, most=20, ending="budget")
    page = render(board)
    said = (
        "This run was given 10 min (`--budget`): 3 repeats of up to 20 went into it. That depends "
        "on the clock, so that another run may show other digits; the figures of each row are "
        "those of `--repeats 3 --race` instead of the budget."
    )
    assert page.count(said) == 2
    top, end = page.split("## Ranking", 1)[0], page.split("## How to reproduce", 1)[1]
    assert said in top
    assert said in end


def test_candidates_that_a_budget_had_no_time_for_are_named_once(make: SimpleNamespace) -> None:
    reason = "not run: the budget of 10 min was used up"
    late = Candidate("catboost", "smote")
    skips = (Skip(late, reason), Skip(replace(late, repair="prior"), reason))
    page = render(make_raced(make, budget_seconds=600.0, ending="budget", skips=skips))
    assert f"- {reason}: catboost+smote+default\n" in page + "\n"
    assert "without 1 candidate for which it was too short" in page


def test_the_terminal_tells_a_race_and_a_budget(make: SimpleNamespace) -> None:
    board = make_raced(make, budget_seconds=600.0, ending="budget")
    console = Console(width=120, file=io.StringIO(), color_system=None)
    print_board(board, console, answer=answer(board))
    printed = " ".join(console.file.getvalue().split())  # type: ignore[attr-defined]
    assert "2 rows stopped in the race, not ranked" in printed
    assert "without all splits" not in printed
    assert "This run was given 10 min (--budget): 3 repeats of up to 3 went into it." in printed


def test_the_csv_has_a_status_of_its_own_and_nothing_of_a_clock(make: SimpleNamespace) -> None:
    board = make_raced(make)
    rows = list(csv.DictReader(io.StringIO(render_leaderboard_csv(board))))
    assert [(r["rank"], r["status"], r["n_splits"], r["tied_with_best"]) for r in rows] == [
        ("1", "complete", "15", "true"),
        ("2", "complete", "15", "true"),
        ("", "stopped", "10", ""),
        ("", "stopped", "5", ""),
    ]
    slower = replace(
        board, rows=tuple(replace(row, costs={"fit_seconds": 99.0}) for row in board.rows)
    )
    assert render_leaderboard_csv(slower) == render_leaderboard_csv(board)


def test_the_json_holds_who_was_stopped_and_how_the_run_ended(make: SimpleNamespace) -> None:
    board = make_raced(make, budget_seconds=600.0, ending="budget")
    found = json.loads(render_leaderboard_json(board, answer=answer(board)))
    assert (found["race"], found["budget_seconds"], found["ending"]) == (True, 600, "budget")
    assert found["n_repeats"] == 3
    assert [(s["candidate"]["model"], s["repeats"]) for s in found["stopped"]] == [
        ("svm-rbf", 1),
        ("xgboost", 2),
    ]
    assert any("--budget" in sentence for sentence in found["answer"])


def test_verdicts_say_on_which_repeats_they_stand(make: SimpleNamespace) -> None:
    verdicts = [Verdict("lightgbm", "`lightgbm` stays as it is.")]
    page = render(make_raced(make), verdicts=verdicts)
    words = "Over the first of 3 repeats, which all candidates finished: who was left in the race"
    assert words in page
    assert words not in render(make.few_rows(), verdicts=verdicts)


def test_figures_show_ranked_rows_only(make: SimpleNamespace) -> None:
    labels = [dot.label for dot in ranking(make_raced(make)).dots]
    assert labels == [str(BEST), str(PLAIN)]


@pytest.mark.parametrize("ending", ["planned", "decided"])
def test_a_budget_that_was_not_used_up_says_so(make: SimpleNamespace, ending: str) -> None:
    page = render(make_raced(make, budget_seconds=600.0, ending=ending))
    ends = {
        "planned": "which was enough for all 3 repeats that were allowed.",
        "decided": "and ended before, when the race was decided.",
    }
    assert f"This run was given 10 min (`--budget`){', ' if ending == 'planned' else ' '}" in page
    assert ends[ending] in page
    assert "another run may show other digits" not in page


def test_the_answer_speaks_of_those_left_in_the_race(make: SimpleNamespace) -> None:
    board = make_raced(make)
    clear = replace(
        board,
        rows=(board.rows[0], replace(board.rows[1], is_tied_with_best=False), *board.rows[2:]),
    )
    assert "ahead of the one other candidate that was left in the race" in answer(clear)[0]
    alone = replace(board, rows=(board.rows[0], *board.rows[2:]))
    assert answer(alone)[0].startswith(
        "`lightgbm+none+default` is the best: all others were stopped on the way, behind it ("
    )
