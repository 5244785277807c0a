"""The boards: every figure has a column, rows have one order, numbers one look."""

from __future__ import annotations

import random
from dataclasses import replace
from types import SimpleNamespace

import pytest

from bench.analysis.wording import format_margin
from bench.domain import Candidate, Leaderboard, Score
from bench.metrics import METRICS
from bench.reports.boards import (
    BOARDS,
    PROBABILITIES,
    RANKING,
    SUMMARY,
    best_per_strategy,
    boards_of,
    in_order,
    lead_by,
    rows_of,
)
from bench.reports.numbers import format_number, format_score
from bench.reports.page.rendering import render_sentence


def test_every_metric_stands_on_the_board_that_it_names() -> None:
    declared = {column.name: board.name for board in BOARDS for column in board.columns}

    assert {metric.name: metric.board for metric in METRICS} == {
        name: board for name, board in declared.items() if name != "threshold"
    }


def test_a_figure_that_nobody_declared_gets_a_board(make: SimpleNamespace) -> None:
    row = make.row(Candidate("logistic"), 0.84, rank=1)
    row = replace(row, scores={**row.scores, "gini": make.score(0.3)})

    boards = boards_of(make.leaderboard([row]))

    assert [board.name for board in boards][-1] == "other"
    assert [column.name for column in boards[-1].columns] == ["gini"]


def test_order_does_not_depend_on_the_order_of_rows(leaderboard: Leaderboard) -> None:
    shuffled = list(leaderboard.rows)
    random.Random(1).shuffle(shuffled)

    assert in_order(replace(leaderboard, rows=tuple(shuffled))) == leaderboard.rows


def test_unranked_rows_follow_by_coverage_then_by_name(make: SimpleNamespace) -> None:
    unranked = [
        make.row(Candidate("b"), 0.9, status="failed", coverage=0.0),
        make.row(Candidate("c"), 0.9, status="partial", coverage=0.4),
        make.row(Candidate("a"), 0.9, status="partial", coverage=0.4),
    ]
    ranked = make.row(Candidate("z"), 0.5, rank=1)

    order = [row.candidate.model for row in in_order(make.leaderboard([*unranked, ranked]))]

    assert order == ["z", "a", "c", "b"]


def test_the_probability_board_puts_the_lowest_brier_first(leaderboard: Leaderboard) -> None:
    means = [row.scores["brier"].mean for row in rows_of(PROBABILITIES, leaderboard)]

    assert means == sorted(means)
    assert len(means) == sum("brier" in row.scores for row in leaderboard.rows)


def test_a_brief_board_has_the_best_of_each_strategy_and_the_baseline(
    leaderboard: Leaderboard,
) -> None:
    names = [str(row.candidate) for row in best_per_strategy(leaderboard.rows)]

    assert names == [
        "catboost+none+recommended",
        "logistic+auto+optuna",
        "catboost+class-weight+recommended",
        "catboost+random-over+recommended",
        "catboost+random-under+recommended",
        "catboost+smote+recommended",
        "catboost+smote-enn+recommended",
        "prior-only+none+default",
    ]


def test_the_baseline_stands_once_on_a_brief_board(make: SimpleNamespace) -> None:
    rows = [make.row(Candidate("prior-only", strategy), 0.5) for strategy in ("none", "smote")]

    assert best_per_strategy(rows) == rows[:1]


def test_the_metric_that_ranks_comes_first_with_its_interval() -> None:
    board = lead_by(SUMMARY, "mcc")

    assert [column.name for column in board.columns] == [
        "mcc",
        "roc_auc",
        "average_precision",
        "f1",
    ]
    assert board.columns[0].has_interval
    assert lead_by(RANKING, "roc_auc") == RANKING


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.84493, ".8449"),
        (1.0, "1.0000"),
        (0.99996, "1.0000"),
        (-0.41, "-.4100"),
        (-0.00001, ".0000"),
        (10.2, "10.2000"),
        (None, ""),
        (float("nan"), ""),
        (float("inf"), ""),
    ],
)
def test_numbers_have_four_digits_and_no_leading_zero(value: float | None, text: str) -> None:
    assert format_number(value) == text


@pytest.mark.parametrize(
    ("margin", "text"), [(0.005, ".005"), (0.0005, ".0005"), (0.05205, ".05205"), (1.5, "1.5")]
)
def test_a_margin_has_the_digits_that_it_has(margin: float, text: str) -> None:
    assert format_margin(margin) == text


def test_sentences_of_the_page_have_a_minus_before_numbers_and_hyphens_elsewhere() -> None:
    sentence = "`x-1` of 2026-11-21: -.0012 to +.0003 [-4.5], one-sided, 10-20, - 3"

    assert render_sentence(sentence) == (
        "<code>x-1</code> of 2026-11-21: −.0012 to +.0003 [−4.5], one-sided, 10-20, - 3"
    )


def test_a_score_shows_its_interval_only_where_it_has_one() -> None:
    assert format_score(Score(0.8449, 0.01, 0.8341, 0.8557), has_interval=True) == (
        ".8449 [.8341, .8557]"
    )
    nan = float("nan")
    assert format_score(Score(0.8449, nan, nan, nan), has_interval=True) == ".8449"
    assert format_score(None, has_interval=True) == ""
