"""Thinned training rows: nested, at the right prevalence, with test rows left alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from doing import build_table, run_whole

from bench.domain import Candidate, ClassCounts, Dataset, Job, Split
from bench.evaluation.splits import OUTER, STOP, Splitter, inner_parts, row_groups
from bench.evaluation.thinning import count_kept
from bench.evaluation.workspace import Workspace

PREVALENCES = (0.25, 0.1, 0.05, 0.02)
SPLITS = [Split(repeat, fold) for repeat in range(2) for fold in range(3)]


@pytest.fixture(scope="module")
def customers(make_dataset: Callable[..., Dataset]) -> Dataset:
    return make_dataset(900, share=0.3)


def splitter(dataset: Dataset, prevalence: float | None) -> Splitter:
    groups = row_groups(dataset, "together")
    return Splitter(dataset.y, groups, folds=3, seed=4, train_prevalence=prevalence)


@pytest.mark.parametrize("split", SPLITS, ids=str)
def test_rows_kept_at_a_prevalence_are_among_those_kept_at_any_higher_one(
    customers: Dataset, split: Split
) -> None:
    larger = set(splitter(customers, None).rows(split)[0].tolist())
    for prevalence in PREVALENCES:
        rows = set(splitter(customers, prevalence).rows(split)[0].tolist())
        assert rows < larger
        larger = rows


@pytest.mark.parametrize("prevalence", PREVALENCES)
def test_only_positives_of_training_rows_are_left_out(
    customers: Dataset, prevalence: float
) -> None:
    for split in SPLITS:
        train, test = splitter(customers, None).rows(split)
        thinned, untouched = splitter(customers, prevalence).rows(split)
        np.testing.assert_array_equal(untouched, test)
        left_out = np.setdiff1d(train, thinned)
        assert (customers.y[left_out] == 1).all()
        np.testing.assert_array_equal(np.sort(thinned), thinned)


@pytest.mark.parametrize("prevalence", PREVALENCES)
def test_the_prevalence_is_right_within_one_row(customers: Dataset, prevalence: float) -> None:
    for split in SPLITS:
        y = customers.y[splitter(customers, prevalence).rows(split)[0]]
        positives, negatives = int(y.sum()), int((y == 0).sum())
        shares = [(positives + k) / (positives + k + negatives) for k in (-1, 0, 1)]
        assert shares[0] < prevalence < shares[2]
        assert abs(shares[1] - prevalence) <= min(abs(share - prevalence) for share in shares)


@pytest.mark.parametrize(
    ("positives", "negatives", "prevalence", "kept"),
    # 4139 / 99 = 41.8; 90 · .1 / .9 = 10; a prevalence beyond the data's keeps all.
    [(1495, 4139, 0.01, 42), (50, 90, 0.1, 10), (50, 90, 0.9, 50)],
)
def test_as_many_positives_are_kept_as_by_hand(
    positives: int, negatives: int, prevalence: float, kept: int
) -> None:
    assert count_kept(positives, negatives, prevalence) == kept


def test_splits_and_seeds_lose_other_positives(customers: Dataset) -> None:
    first = splitter(customers, 0.05).rows(SPLITS[0])[0]
    other = Splitter(
        customers.y, row_groups(customers, "together"), folds=3, seed=5, train_prevalence=0.05
    ).rows(SPLITS[0])[0]
    kept = {rows.tobytes() for rows in (first, other, splitter(customers, 0.05).rows(SPLITS[1])[0])}
    assert len(kept) == 3


def test_which_of_a_splits_positives_stay_is_drawn_for_each_split(customers: Dataset) -> None:
    places = set()
    for split in SPLITS:
        train, _ = splitter(customers, None).rows(split)
        thinned, _ = splitter(customers, 0.05).rows(split)
        positives = train[customers.y[train] == 1]
        places.add(np.flatnonzero(np.isin(positives, thinned)).tobytes())
    assert len(places) == len(SPLITS)


@pytest.mark.parametrize("part", [STOP, *inner_parts(2)], ids=str)
def test_inner_parts_divide_the_thinned_rows(customers: Dataset, part: object) -> None:
    thinned = splitter(customers, 0.1)
    train, _ = thinned.rows(SPLITS[0], OUTER)
    learn, held = thinned.rows(SPLITS[0], part)  # type: ignore[arg-type]
    np.testing.assert_array_equal(np.sort(np.concatenate([learn, held])), train)


def test_a_job_learns_from_thinned_rows_and_reports_on_all_test_rows(
    customers: Dataset, make_job: Callable[..., Job], tmp_path_factory: pytest.TempPathFactory
) -> None:
    table = build_table(customers, row_groups(customers, "together"))
    job = make_job(Candidate("logistic"), fold=1)
    outcomes = {}
    for prevalence in (None, 0.05):
        folder = tmp_path_factory.mktemp("thinned")
        key = Workspace.create(table, folder, folds=3, seed=0, train_prevalence=prevalence)
        outcomes[prevalence] = run_whole(
            replace(job, train_prevalence=prevalence), Workspace(key), "none", folder
        )
    whole, thinned = outcomes[None], outcomes[0.05]
    assert whole.predictions is not None
    assert thinned.predictions is not None
    np.testing.assert_array_equal(thinned.predictions.rows, whole.predictions.rows)
    # Of 900 rows 270 are positive; two thirds train: 420 negatives, 420 · .05 / .95 = 22.1.
    assert whole.record.counts_before == ClassCounts(420, 180)
    assert thinned.record.counts_before == ClassCounts(420, 22)
    assert thinned.record.n_train == 442
