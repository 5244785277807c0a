"""Splits by time: the past learns, the next period tests."""

from __future__ import annotations

import numpy as np
import pytest

from bench.domain import Split
from bench.errors import UsageError
from bench.evaluation.both_classes import check_periods
from bench.evaluation.splits import (
    OUTER,
    STOP,
    Splitter,
    assign_periods,
    inner_parts,
    time_ranks,
)

# Rows lie in no order of time.
TIME = np.random.default_rng(0).permutation(120).astype(float)
Y = (TIME % 3 == 0).astype(np.int8)


@pytest.fixture(scope="module")
def splitter() -> Splitter:
    return Splitter(Y, time_ranks(TIME), folds=5, seed=0, by_time=True)


def test_periods_of_twelve_moments_in_three_are_four_each() -> None:
    ranks = time_ranks(np.arange(12.0)[::-1])
    assert assign_periods(ranks, 3).tolist() == [2] * 4 + [1] * 4 + [0] * 4


def test_a_moment_is_never_divided() -> None:
    # Eight of ten rows are of one moment: its middle row is in the second of two periods.
    ranks = time_ranks(np.array([1.0, 2, 2, 2, 2, 2, 2, 2, 2, 3]))
    assert assign_periods(ranks, 2).tolist() == [0, 1, 1, 1, 1, 1, 1, 1, 1, 1]


@pytest.mark.parametrize("fold", range(5))
@pytest.mark.parametrize("part", [OUTER, STOP, *inner_parts(3)], ids=str)
def test_whatever_is_held_back_is_later_than_all_that_learns(
    splitter: Splitter, fold: int, part: object
) -> None:
    train, held = splitter.rows(Split(0, fold), part)  # type: ignore[arg-type]
    assert TIME[train].max() < TIME[held].min()
    assert (np.diff(train) > 0).all()
    assert (np.diff(held) > 0).all()


def test_folds_of_six_periods_test_the_last_five_and_learn_from_all_before(
    splitter: Splitter,
) -> None:
    for fold in range(5):
        train, test = splitter.rows(Split(0, fold))
        assert sorted(TIME[train]) == list(range(20 * (fold + 1)))
        assert sorted(TIME[test]) == list(range(20 * (fold + 1), 20 * (fold + 2)))


@pytest.mark.parametrize("part", [STOP, *inner_parts(3)], ids=str)
def test_parts_lie_within_the_training_rows(splitter: Splitter, part: object) -> None:
    train, _ = splitter.rows(Split(0, 2))
    learning, held = splitter.rows(Split(0, 2), part)  # type: ignore[arg-type]
    assert set(learning) | set(held) <= set(train)


def test_a_period_without_churn_is_refused_with_its_counts() -> None:
    y = (np.arange(60) < 20).astype(np.int8)
    with pytest.raises(UsageError) as raised:
        check_periods(y, np.arange(60), folds=2, inner=0)
    assert str(raised.value) == (
        "period 1 of 3 has 20 positives and 0 negatives, and each class must be in every period\n"
        "hint: use fewer, longer periods (--folds), or --split random"
    )


def test_inner_periods_of_the_shortest_training_set_are_checked_too() -> None:
    y = np.tile([0, 0, 0, 0, 0, 0, 0, 0, 0, 1], 6).astype(np.int8)
    check_periods(y, np.arange(60), folds=2, inner=0)
    with pytest.raises(UsageError, match="period 1 of 4 has 0 positives and 5 negatives"):
        check_periods(y, np.arange(60), folds=2, inner=3)
