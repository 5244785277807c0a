"""Preparations against the plain one, and the stability of what selections keep."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from bench.analysis.preparation_effects import nogueira_stability, summarise_preparations
from bench.analysis.statistics import corrected_paired_test
from bench.domain import Candidate, Result, Run
from bench.metrics import roc_auc

PLAIN = Candidate("logistic")
CLIPPED = replace(PLAIN, preparation="clip-iqr")
SELECTED = replace(PLAIN, preparation="select-mi")


def kuncheva(sets: Sequence[set[int]], n_features: int) -> float:
    """Return Kuncheva's index (2007): mean over pairs of (r·d − k²) / (k (d − k))."""
    k = len(sets[0])
    return float(
        np.mean(
            [
                (len(a & b) * n_features - k**2) / (k * (n_features - k))
                for a, b in combinations(sets, 2)
            ]
        )
    )


def matrix(sets: Sequence[set[int]], n_features: int) -> list[list[bool]]:
    return [[feature in chosen for feature in range(n_features)] for chosen in sets]


# --- the measure ----------------------------------------------------------------------


def test_stability_is_nogueiras_worked_by_hand() -> None:
    # Three sets among four columns: {0, 1}, {0, 1}, {0, 2}; shares 1, 2/3, 1/3, 0.
    # Variances 3/2 · p (1 − p): 0, 1/3, 1/3, 0, mean 1/6; by chance 1/2 · 1/2; 1 − 4/6.
    found = nogueira_stability(matrix([{0, 1}, {0, 1}, {0, 2}], 4))
    assert found is not None
    assert found[0] == pytest.approx(1 / 3, abs=1e-12)


def test_its_interval_is_the_one_worked_by_hand() -> None:
    # {0}, {1}, {0, 1, 2} among four: shares 2/3, 2/3, 1/3, 0, mean κ = 5/12, κ (1 − κ) = 35/144.
    # Φ = 1 − (3/4 · 1/3) · 144/35 = −1/35. Times 35/144, with 2κkᵢ/d − kᵢ/d − κ + 1 at the end:
    # {0}, {1}:  1/6  − 5/48  − 1/70 · 13/24 =  92/1680
    # {0, 1, 2}: 5/12 − 15/48 − 1/70 · 11/24 = 164/1680
    # Φ_i lie 144/35 · 72/1680 = 216/1225 apart; the variance is 4/9 · 2/3 of its square.
    found = nogueira_stability(matrix([{0}, {1}, {0, 1, 2}], 4))
    assert found is not None
    half = 1.959963984540054 * np.sqrt(8 / 27) * 216 / 1225
    assert found == pytest.approx((-1 / 35, -1 / 35 - half, -1 / 35 + half), abs=1e-12)


@pytest.mark.parametrize("k", [2, 5, 9])
def test_at_a_fixed_number_of_columns_it_is_kunchevas_index(k: int) -> None:
    random = np.random.default_rng(k)
    sets = [set(random.choice(12, size=k, replace=False).tolist()) for _ in range(7)]
    found = nogueira_stability(matrix(sets, 12))
    assert found is not None
    assert found[0] == pytest.approx(kuncheva(sets, 12), abs=1e-12)


def test_equal_sets_are_perfectly_stable() -> None:
    assert nogueira_stability(matrix([{1, 3}] * 4, 6)) == (1.0, 1.0, 1.0)


def test_random_sets_are_around_0_and_the_interval_covers_it_as_it_should() -> None:
    random = np.random.default_rng(0)
    found = [nogueira_stability(random.random((40, 30)) < 0.4) for _ in range(300)]
    values = np.array([interval for interval in found if interval is not None])
    assert abs(values[:, 0].mean()) < 0.003
    covered = float(np.mean((values[:, 1] <= 0) & (values[:, 2] >= 0)))
    assert 0.9 <= covered <= 1.0


@pytest.mark.parametrize("sets", [[{0, 1}], [{0, 1, 2}] * 3, [set()] * 3], ids=str)
def test_a_single_set_or_all_or_no_columns_say_nothing(sets: list[set[int]]) -> None:
    assert nogueira_stability(matrix(sets, 3)) is None


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
    by_hand = kuncheva([{0, 1}, {0, 1}, {0, 1}, {0, 2}, {0, 1}], 4)
    assert row.stability == pytest.approx(by_hand, abs=1e-12)


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
