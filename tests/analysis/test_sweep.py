"""The table of a sweep: paired differences to none at each prevalence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from bench.analysis.multiplicity import holm
from bench.analysis.statistics import corrected_paired_test, moderated_paired_tests
from bench.analysis.sweep import (
    AT_TRAINING_PREVALENCE,
    SweepPoint,
    SweepTable,
    brier_at,
    summarise_sweep,
)
from bench.domain import Candidate, ClassCounts, Result, Run, Skip
from bench.metrics import brier, roc_auc

NONE = Candidate("logistic")
SMOTE = replace(NONE, strategy="smote")
WEIGHT = replace(NONE, strategy="class-weight")
OTHER = Candidate("lightgbm", "none", "recommended")
OTHER_SMOTE = replace(OTHER, strategy="smote")
CANDIDATES = (NONE, SMOTE, WEIGHT, OTHER, OTHER_SMOTE)


def point(
    prevalence: float,
    quality: dict[Candidate, float],
    make_run: Callable[..., Run],
    make_results: Callable[..., dict[str, Result]],
) -> SweepPoint:
    run = make_run(list(quality))
    results = {
        job_id: Result(
            replace(result.record, counts_before=ClassCounts(700, 50), n_train=750, n_test=200),
            result.predictions,
        )
        for job_id, result in make_results(run, quality).items()
    }
    return SweepPoint(prevalence, run, results)


@pytest.fixture
def points(
    make_run: Callable[..., Run], make_results: Callable[..., dict[str, Result]]
) -> list[SweepPoint]:
    near = {NONE: 1.0, SMOTE: 1.02, WEIGHT: 0.99, OTHER: 1.1, OTHER_SMOTE: 1.1}
    far = {NONE: 0.5, SMOTE: 1.5, WEIGHT: 0.5, OTHER: 0.9, OTHER_SMOTE: 0.2}
    return [point(p, q, make_run, make_results) for p, q in ((0.05, far), (0.3, near))]


@pytest.fixture
def table(points: list[SweepPoint]) -> SweepTable:
    return summarise_sweep(points, remarks=["0.001 is left out"])


def aucs(point: SweepPoint, candidate: Candidate) -> list[float]:
    found = []
    for job in point.run.jobs:
        predictions = point.results[job.id].predictions
        assert predictions is not None
        if job.candidate == candidate:
            found.append(roc_auc(predictions.y, predictions.score))
    return found


def test_cells_hold_every_prevalence_candidate_and_metric(table: SweepTable) -> None:
    assert table.prevalences == (0.3, 0.05)
    assert table.plain == (OTHER, NONE)
    assert table.metrics == (
        "roc_auc",
        "average_precision",
        "f1",
        "brier",
        AT_TRAINING_PREVALENCE,
    )
    assert len(table.cells) == 2 * 5 * 5
    assert {cell.positives for cell in table.cells} == {50.0}
    assert table.remarks == ("0.001 is left out",)


def test_a_difference_is_paired_with_none_of_the_same_model(
    points: list[SweepPoint], table: SweepTable
) -> None:
    far = points[0]
    pairs = [(SMOTE, NONE), (WEIGHT, NONE), (OTHER_SMOTE, OTHER)]
    changes = [
        np.subtract(aucs(far, candidate), aucs(far, plain)).tolist() for candidate, plain in pairs
    ]
    # The correction takes the rows that were learnt from: 200 test rows for 750.
    by_hand = moderated_paired_tests(changes, test_train_ratio=200 / 750)
    for (candidate, _), test in zip(pairs, by_hand, strict=True):
        plain = replace(candidate, strategy="none")
        cells = {cell.candidate: cell for cell in table.select("roc_auc", plain, 0.05)}
        cell = cells[candidate]
        assert cell.difference == pytest.approx(test.difference, abs=1e-12)
        assert (cell.low, cell.high) == pytest.approx((test.low, test.high), abs=1e-12)
        assert cells[plain].difference is None
    assert (
        by_hand[0].difference
        == corrected_paired_test(changes[0], test_train_ratio=200 / 750).difference
    )


def test_holm_is_over_the_whole_sweep_of_a_metric(table: SweepTable) -> None:
    for metric in table.metrics:
        tested = [c for c in table.cells if c.metric == metric and c.p_value is not None]
        assert len(tested) == 6
        adjusted = holm([cell.p_value or 0.0 for cell in tested])
        assert [cell.adjusted_p_value for cell in tested] == adjusted


def test_a_gain_goes_in_the_better_direction(table: SweepTable) -> None:
    for cell in table.cells:
        if cell.difference is None:
            assert cell.gain == 0
        elif "brier" in cell.metric:
            assert cell.gain == -cell.difference
        else:
            assert cell.gain == cell.difference


def test_a_large_gain_is_beyond_noise_and_a_small_one_is_not(table: SweepTable) -> None:
    found = {
        (cell.prevalence, cell.candidate): cell.is_beyond_noise
        for cell in table.cells
        if cell.metric == "roc_auc"
    }
    assert found[0.05, SMOTE]
    assert found[0.05, OTHER_SMOTE]
    assert not found[0.3, OTHER_SMOTE]
    assert not found[0.05, NONE]


def test_brier_at_a_prevalence_weighs_the_classes_by_hand() -> None:
    # Squared errors: positives .25 and .01, negatives .04, .04 and .16.
    y, p = [1, 1, 0, 0, 0], [0.5, 0.9, 0.2, 0.2, 0.4]
    assert brier_at(y, p, prevalence=0.1) == pytest.approx(0.1 * 0.13 + 0.9 * 0.08)


def test_brier_at_the_rows_own_prevalence_is_the_brier_score() -> None:
    random = np.random.default_rng(0)
    y, p = (random.random(400) < 0.2).astype(int), random.random(400)
    assert brier_at(y, p, prevalence=y.mean()) == pytest.approx(brier(y, p), abs=1e-12)


def test_a_candidate_that_lacks_a_split_is_left_out_and_its_failure_counted(
    points: list[SweepPoint],
) -> None:
    far, near = points
    lost = next(job.id for job in far.run.jobs if job.candidate == SMOTE)
    results = {job_id: result for job_id, result in far.results.items() if job_id != lost}
    run = replace(far.run, failures={lost: "boom"}, skips=(Skip(WEIGHT, "too few"),))
    table = summarise_sweep([SweepPoint(0.05, run, results), near])
    left = {cell.candidate for cell in table.cells if cell.prevalence == 0.05}
    assert left == {NONE, OTHER, OTHER_SMOTE}
    assert table.n_failed == 1
    assert table.skips == ((0.05, Skip(WEIGHT, "too few")),)


def test_without_none_nothing_is_compared(
    make_run: Callable[..., Run], make_results: Callable[..., dict[str, Result]]
) -> None:
    table = summarise_sweep([point(0.1, {SMOTE: 1.0, OTHER: 1.0}, make_run, make_results)])
    assert all(cell.difference is None for cell in table.cells)


def test_a_sweep_without_points_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^a sweep without points, expected at least one$"):
        summarise_sweep([])
