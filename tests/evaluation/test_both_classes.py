"""Splits are refused before any fit where whole groups leave some part without a class."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.domain import Candidate, Job
from bench.errors import UsageError
from bench.evaluation.both_classes import check_folds
from bench.evaluation.fitting import parts_of
from bench.evaluation.splits import Splitter, assign_folds

MakeJob = Callable[..., Job]

# Six groups of ten; each of the first three holds five churners.
GROUPS = np.repeat(np.arange(6), 10)
Y = np.where(GROUPS < 3, np.tile([0, 1], 30), 0).astype(np.int8)
PLAIN = Candidate("logistic")
STUDY = Candidate("logistic", "none", "optuna")
STOPPED = Candidate("lightgbm", "none", "recommended")


def check(jobs: list[Job], *, y: Any = Y, groups: Any = GROUPS) -> None:
    check_folds(y, groups, jobs, remedy="use another column")


def refusal(jobs: list[Job], **data: Any) -> str:
    with pytest.raises(UsageError) as raised:
        check(jobs, **data)
    return str(raised.value)


def test_a_fold_without_churners_is_refused_with_its_counts(make_job: MakeJob) -> None:
    check([make_job(PLAIN, folds=3, fold=fold) for fold in range(3)])
    # Three groups with churners cannot be in four folds.
    assert refusal([make_job(PLAIN, folds=4, fold=fold) for fold in range(4)]) == (
        "fold 1 of 4 has 0 positives and 10 negatives, and each class must be there\n"
        "hint: use fewer folds (--folds), or use another column"
    )


def test_folds_of_every_repeat_are_checked(make_job: MakeJob) -> None:
    second, third = (
        [make_job(STOPPED, fold=fold, repeat=repeat) for fold in range(3)] for repeat in (1, 2)
    )
    check(second)
    assert refusal([*third, *second]) == (
        "early stopping in fold 2 of 3 of repeat 3 has 0 positives and 10 negatives, "
        "and each class must be there\n"
        "hint: use --repeats 2 (finished fits are kept), leave recommended out of --tuning, "
        "or use another column"
    )


def test_the_first_repeat_that_lacks_a_class_is_the_one_refused(make_job: MakeJob) -> None:
    jobs = [make_job(c, fold=f, repeat=r) for c in (STUDY, STOPPED) for r in (2, 0) for f in (0, 1)]
    assert " of repeat " not in refusal(jobs)


@pytest.mark.parametrize(("is_mixed", "most"), [(False, 6.0), (True, 15.0)])
def test_a_check_with_studies_takes_a_few_divisions_of_the_rows(
    make_job: MakeJob, is_mixed: bool, most: float
) -> None:
    # One group of a third of the rows; the others are of one label, or have one churner each.
    rows = np.arange(45_000)
    groups = np.where(rows < 15_000, -1, rows // 4)
    y = ((rows if is_mixed else rows // 4) % 4 == 0).astype(np.int8)
    jobs = [make_job(STUDY, folds=5, inner_folds=5, fold=fold) for fold in range(5)]
    started = time.process_time()
    assign_folds(y, groups, folds=5, seed=0)
    divided = time.process_time()
    check(jobs, y=y, groups=groups)
    assert time.process_time() - divided < most * (divided - started)


def test_training_rows_without_churners_are_refused(make_job: MakeJob) -> None:
    groups = np.where(Y == 1, -1, np.arange(60))
    assert refusal([make_job(PLAIN, folds=2, fold=1)], groups=groups).startswith(
        "fold 2 of 2 learns from 0 positives and 23 negatives, and each class must be there\n"
    )


def test_an_inner_fold_without_churners_is_refused_where_there_is_a_study(
    make_job: MakeJob,
) -> None:
    check([make_job(STUDY, folds=3, inner_folds=2)])
    # Two groups with churners are left to learn from, and cannot be in three inner folds.
    assert refusal([make_job(PLAIN), make_job(STUDY, inner_folds=3)]) == (
        "inner fold 3 of 3 in fold 1 of 3 has 0 positives and 10 negatives, "
        "and each class must be there\n"
        "hint: use fewer inner folds (--inner-folds), leave optuna out of --tuning, "
        "or use another column"
    )


def test_early_stopping_without_churners_is_refused_where_something_stops_early(
    make_job: MakeJob,
) -> None:
    assert refusal([make_job(STOPPED, fold=fold) for fold in range(3)]) == (
        "early stopping in fold 2 of 3 has 0 positives and 10 negatives, "
        "and each class must be there\n"
        "hint: leave recommended out of --tuning, or use another column"
    )


def test_too_few_churners_for_early_stopping_are_refused(make_job: MakeJob) -> None:
    # Six of nine churners are in one group: the fold that tests it learns from three.
    groups = np.where(np.arange(60) < 6, -1, np.arange(60))
    y = (np.arange(60) < 9).astype(np.int8)
    assert refusal([make_job(STOPPED, folds=2, fold=1)], y=y, groups=groups).startswith(
        "fold 2 of 2 learns from 3 positives and 26 negatives, too few of a class to divide by 5\n"
    )


@given(
    st.integers(0, 10_000),
    st.integers(2, 9),
    st.sampled_from([1, 40]),
    st.sampled_from([PLAIN, STUDY, STOPPED]),
    st.sampled_from([None, 0.1]),
)
def test_what_is_let_pass_has_both_classes_everywhere(
    make_job: MakeJob,
    seed: int,
    largest: int,
    times: int,
    candidate: Candidate,
    prevalence: float | None,
) -> None:
    random = np.random.default_rng(seed)
    sizes = random.integers(1, largest + 1, size=60)
    sizes[0] *= times
    groups = np.repeat(np.arange(60), sizes)
    y = (random.random(len(groups)) < random.beta(0.3, 0.7, size=60)[groups]).astype(np.int8)
    if np.bincount(y, minlength=2).min() < 3:
        return
    job = make_job(candidate, train_prevalence=prevalence)
    try:
        check([job], y=y, groups=groups)
    except UsageError:
        return
    splitter = Splitter(y, groups, folds=3, seed=0, train_prevalence=prevalence)
    for part in parts_of(job):
        for rows in splitter.rows(job.split, part):
            assert set(y[rows]) == {0, 1}
