"""Folds: stratified, groups whole, deterministic, and nested where studies need them."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.domain import Dataset, Split
from bench.errors import UsageError
from bench.evaluation.splits import (
    OUTER,
    STOP,
    Splitter,
    assign_folds,
    inner_parts,
    row_groups,
)

SEEDS = st.integers(min_value=0, max_value=2**31 - 1)
PARTS = (OUTER, STOP, *inner_parts(3))


@st.composite
def problems(draw: st.DrawFn, *, largest_group: int = 1) -> tuple[Any, Any, int]:
    """Return labels in any order, groups of up to ``largest_group`` rows, and folds."""
    folds = draw(st.integers(2, 6))
    n_negatives = draw(st.integers(folds, 40))
    n_positives = draw(st.integers(folds, 20))
    random = np.random.default_rng(draw(st.integers(0, 1000)))
    y = random.permutation(np.repeat([0, 1], [n_negatives, n_positives])).astype(np.int8)
    sizes: list[int] = []
    while sum(sizes) < len(y):
        sizes.append(draw(st.integers(1, largest_group)) if largest_group > 1 else 1)
    groups = np.repeat(np.arange(len(sizes)), sizes)[: len(y)] * 7
    return y, random.permutation(groups), folds


def class_counts(y: Any, fold_of: Any, folds: int) -> Any:
    """Return how many rows of each class each fold has, shape (folds, 2)."""
    return np.array(
        [[((fold_of == fold) & (y == label)).sum() for label in (0, 1)] for fold in range(folds)]
    )


@given(problems(), SEEDS)
def test_without_groups_no_fold_has_two_rows_more_of_a_class_than_another(
    problem: tuple[Any, Any, int], seed: int
) -> None:
    y, groups, folds = problem
    fold_of = assign_folds(y, groups, folds=folds, seed=seed)
    counts = class_counts(y, fold_of, folds)
    assert counts.sum() == len(y)
    assert np.ptp(counts, axis=0).max() <= 1
    assert np.ptp(counts.sum(axis=1)) <= 1


@given(problems(largest_group=5), SEEDS)
def test_a_group_is_never_divided(problem: tuple[Any, Any, int], seed: int) -> None:
    y, groups, folds = problem
    fold_of = assign_folds(y, groups, folds=folds, seed=seed)
    assert set(fold_of) <= set(range(folds))
    for group in np.unique(groups):
        assert len(set(fold_of[groups == group])) == 1


@given(problems(largest_group=5), SEEDS)
def test_with_groups_each_class_is_within_the_largest_group_of_its_share(
    problem: tuple[Any, Any, int], seed: int
) -> None:
    y, groups, folds = problem
    fold_of = assign_folds(y, groups, folds=folds, seed=seed)
    largest = np.unique(groups, return_counts=True)[1].max()
    shares = np.bincount(y, minlength=2) / folds
    assert np.abs(class_counts(y, fold_of, folds) - shares).max() <= max(largest, 1)


@given(problems(largest_group=3), SEEDS)
def test_folds_are_the_same_every_time(problem: tuple[Any, Any, int], seed: int) -> None:
    y, groups, folds = problem
    first = assign_folds(y, groups, folds=folds, seed=seed)
    np.testing.assert_array_equal(first, assign_folds(y, groups, folds=folds, seed=seed))


@given(problems(largest_group=3), SEEDS)
def test_the_numbers_of_groups_mean_nothing(problem: tuple[Any, Any, int], seed: int) -> None:
    y, groups, folds = problem
    first = assign_folds(y, groups, folds=folds, seed=seed)
    second = assign_folds(y, groups * 3 + 11, folds=folds, seed=seed)
    np.testing.assert_array_equal(first, second)


def test_another_seed_gives_other_folds() -> None:
    y = np.tile([0, 0, 1], 40).astype(np.int8)
    groups = np.arange(120)
    first = assign_folds(y, groups, folds=5, seed=0)
    assert (first != assign_folds(y, groups, folds=5, seed=1)).any()


def test_two_hundred_thousand_rows_in_groups_are_dealt_in_seconds() -> None:
    random = np.random.default_rng(0)
    y = (random.random(200_000) < 0.1).astype(np.int8)
    groups = random.integers(0, 60_000, size=200_000)
    started = time.process_time()
    fold_of = assign_folds(y, groups, folds=5, seed=0)
    # Quadratic in the groups it would be minutes; it is half a second.
    assert time.process_time() - started < 10
    counts = class_counts(y, fold_of, 5)
    largest = np.bincount(groups).max()
    assert np.abs(counts - counts.mean(axis=0)).max() <= largest


@pytest.mark.parametrize(("n_negatives", "n_positives"), [(30, 4), (4, 30), (30, 0)])
def test_fewer_rows_of_a_class_than_folds_are_refused(n_negatives: int, n_positives: int) -> None:
    y = np.repeat([0, 1], [n_negatives, n_positives]).astype(np.int8)
    with pytest.raises(UsageError) as raised:
        assign_folds(y, np.arange(len(y)), folds=5, seed=0)
    assert str(raised.value) == (
        f"5 folds need at least 5 rows of each class, but there are {n_positives} positives "
        f"and {n_negatives} negatives\nhint: use fewer folds (--folds)"
    )


# --- splits and their parts -----------------------------------------------------------


@pytest.fixture(scope="module")
def splitter() -> Splitter:
    """Four folds of 200 rows, of which 60 lie in pairs."""
    y = np.tile([0, 0, 0, 1], 50).astype(np.int8)
    groups = np.arange(200)
    groups[1:60:2] = groups[0:60:2]
    return Splitter(y, groups, folds=4, seed=5)


def groups_of(splitter: Splitter, rows: Any) -> set[int]:
    return set(splitter._groups[rows].tolist())


def test_test_rows_of_the_folds_are_all_rows_once(splitter: Splitter) -> None:
    tests = [splitter.rows(Split(0, fold))[1] for fold in range(4)]
    np.testing.assert_array_equal(np.sort(np.concatenate(tests)), np.arange(200))


@pytest.mark.parametrize("part", PARTS, ids=str)
@pytest.mark.parametrize("fold", range(4))
def test_rows_that_learn_and_rows_held_back_share_nothing(
    splitter: Splitter, part: Any, fold: int
) -> None:
    train, held = splitter.rows(Split(1, fold), part)
    assert not set(train) & set(held)
    assert not groups_of(splitter, train) & groups_of(splitter, held)
    assert (np.diff(train) > 0).all()
    assert (np.diff(held) > 0).all()


@pytest.mark.parametrize("part", PARTS[1:], ids=str)
@pytest.mark.parametrize("fold", range(4))
def test_stopping_and_inner_parts_divide_the_training_rows(
    splitter: Splitter, part: Any, fold: int
) -> None:
    train, _ = splitter.rows(Split(0, fold))
    learning, held = splitter.rows(Split(0, fold), part)
    np.testing.assert_array_equal(np.sort(np.concatenate([learning, held])), train)


def test_inner_folds_hold_back_every_training_row_once(splitter: Splitter) -> None:
    train, _ = splitter.rows(Split(0, 2))
    held = [splitter.rows(Split(0, 2), part)[1] for part in inner_parts(3)]
    np.testing.assert_array_equal(np.sort(np.concatenate(held)), train)


def test_a_fifth_is_held_back_for_stopping(splitter: Splitter) -> None:
    train, _ = splitter.rows(Split(0, 0))
    _, held = splitter.rows(Split(0, 0), STOP)
    assert abs(len(held) - len(train) / 5) <= 2


def test_repeats_differ_and_do_not_depend_on_who_asked_before(splitter: Splitter) -> None:
    fresh = Splitter(splitter._y, splitter._groups, folds=4, seed=5)
    np.testing.assert_array_equal(fresh.rows(Split(2, 1))[1], splitter.rows(Split(2, 1))[1])
    assert list(splitter.rows(Split(0, 1))[1]) != list(splitter.rows(Split(1, 1))[1])


@pytest.mark.parametrize("other", [Split(0, 1), Split(1, 0)], ids=str)
@pytest.mark.parametrize("part", PARTS[1:], ids=str)
def test_parts_do_not_depend_on_which_were_asked_for_before(
    splitter: Splitter, part: Any, other: Split
) -> None:
    expected = Splitter(splitter._y, splitter._groups, folds=4, seed=5).rows(Split(0, 0), part)
    for split, before in [(other, part), *((Split(0, 0), asked) for asked in PARTS)]:
        splitter.rows(split, before)
        for rows, own in zip(splitter.rows(Split(0, 0), part), expected, strict=True):
            np.testing.assert_array_equal(rows, own)


# --- groups ---------------------------------------------------------------------------


@pytest.fixture
def twins(as_dataset: Callable[..., Dataset]) -> Callable[..., Dataset]:
    """Rows 0 and 2 are equal, so are 3 and 4 (their missing value too), and 1 and 5 nearly."""

    def build(groups: list[int] | None = None) -> Dataset:
        X = pd.DataFrame(
            {
                "a": [1.0, 2.0, 1.0, np.nan, np.nan, 2.5],
                "b": pd.Categorical(["x", "y", "x", "y", "y", "y"]),
            }
        )
        return as_dataset(X, [0, 1, 1, 0, 1, 0], groups=groups)

    return build


def together(groups: Any) -> set[frozenset[int]]:
    """Return the sets of rows that share a group, single rows left out."""
    sets = [frozenset(np.flatnonzero(groups == group).tolist()) for group in np.unique(groups)]
    return {rows for rows in sets if len(rows) > 1}


def test_equal_rows_are_together_whatever_their_labels(twins: Callable[..., Dataset]) -> None:
    assert together(row_groups(twins(), "together")) == {frozenset({0, 2}), frozenset({3, 4})}


def test_ignoring_duplicates_leaves_every_row_alone(twins: Callable[..., Dataset]) -> None:
    np.testing.assert_array_equal(row_groups(twins(), "ignore"), np.arange(6))


def test_ignoring_duplicates_keeps_declared_groups(twins: Callable[..., Dataset]) -> None:
    groups = row_groups(twins([0, 1, 2, 3, 1, 5]), "ignore")
    assert together(groups) == {frozenset({1, 4})}


def test_declared_groups_and_duplicates_are_merged(twins: Callable[..., Dataset]) -> None:
    # 2 and 3 are of one household, which links both pairs of twins; 1 and 5 another.
    groups = row_groups(twins([0, 1, 2, 2, 4, 1]), "together")
    assert together(groups) == {frozenset({0, 2, 3, 4}), frozenset({1, 5})}
