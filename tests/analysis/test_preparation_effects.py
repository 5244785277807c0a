"""Preparations against the plain one, and what selections keep."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from bench.analysis.preparation_effects import summarise_preparations
from bench.analysis.statistics import corrected_paired_test
from bench.domain import Candidate, Result, Run
from bench.metrics import roc_auc

PLAIN = Candidate("logistic")
CLIPPED = replace(PLAIN, preparation="clip-iqr")
SELECTED = replace(PLAIN, preparation="select-mi")


# --- effects --------------------------------------------------------------------------


@pytest.fixture
def run(make_run: Callable[..., Run]) -> Run:
    made = make_run([PLAIN, CLIPPED, SELECTED])
    return replace(made, facts=replace(made.facts, features=("a", "b", "c", "d"), n_features=4))


@pytest.fixture
def results(run: Run, make_results: Callable[..., dict[str, Result]]) -> dict[str, Result]:
    """Clipping changes nothing, selecting costs a little; it keeps a with b, once with c."""
    found = make_results(run, {PLAIN: 2.0, CLIPPED: 2.0, SELECTED: 1.0})
    by_split = {job.split: found[job.id] for job in run.jobs if job.candidate == PLAIN}
    for job in run.jobs:
        result = found[job.id]
        if job.candidate == CLIPPED:
            same = by_split[job.split].predictions
            found[job.id] = Result(result.record, same)
        if job.candidate == SELECTED:
            kept = ("a", "c") if job.split.fold == 3 else ("a", "b")
            found[job.id] = Result(replace(result.record, selected=kept), result.predictions)
    return found


def aucs(run: Run, results: dict[str, Result], candidate: Candidate) -> list[float]:
    found = []
    for job in run.jobs:
        predictions = results[job.id].predictions
        assert predictions is not None
        if job.candidate == candidate:
            found.append(roc_auc(predictions.y, predictions.score))
    return found


def test_an_effect_is_the_corrected_paired_difference_to_the_plain_candidate(
    run: Run, results: dict[str, Result]
) -> None:
    (effect,) = summarise_preparations(run, results, metric="roc_auc").effects
    pairs = zip(aucs(run, results, SELECTED), aucs(run, results, PLAIN), strict=True)
    by_hand = corrected_paired_test([a - b for a, b in pairs], test_train_ratio=1 / 4)
    assert effect.candidate == SELECTED
    assert effect.difference == pytest.approx(by_hand.difference, abs=1e-12)
    assert (effect.low, effect.high) == pytest.approx((by_hand.low, by_hand.high), abs=1e-12)
    assert effect.difference < 0
    assert not effect.is_better


def test_a_preparation_that_changed_nothing_is_named_and_not_tested(
    run: Run, results: dict[str, Result]
) -> None:
    assert summarise_preparations(run, results, metric="roc_auc").unchanged == (CLIPPED,)


def test_a_selection_is_summed_up_over_splits(run: Run, results: dict[str, Result]) -> None:
    (row,) = summarise_preparations(run, results, metric="roc_auc").selections
    assert (row.preparation, row.n_splits, row.n_features) == ("select-mi", 5, 4)
    assert row.mean_kept == 2
    assert row.always == ("a",)
    assert row.sometimes == ("b", "c")
    # Kuncheva's index by hand: 6 of 10 pairs are the same, 4 agree as chance would.
    assert row.stability == pytest.approx(0.6, abs=1e-12)


def test_a_split_counts_once_however_many_models_it_served(
    make_run: Callable[..., Run], make_results: Callable[..., dict[str, Result]]
) -> None:
    other = replace(SELECTED, model="lightgbm")
    made = make_run([SELECTED, other])
    results = {
        job_id: Result(replace(result.record, selected=("a",)), result.predictions)
        for job_id, result in make_results(made, {SELECTED: 1.0, other: 1.0}).items()
    }
    (row,) = summarise_preparations(made, results, metric="roc_auc").selections
    assert row.n_splits == 5


def test_a_run_with_one_preparation_has_nothing_to_say(
    make_run: Callable[..., Run], make_results: Callable[..., dict[str, Result]]
) -> None:
    made = make_run([PLAIN, Candidate("logistic", "smote")])
    found = summarise_preparations(
        made, make_results(made, dict.fromkeys(made.candidates, 1.0)), metric="roc_auc"
    )
    assert found.effects == found.unchanged == found.selections == ()
