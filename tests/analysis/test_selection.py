"""Chances to be the best, and what the choice gives, where the truth is plain."""

from __future__ import annotations

import pytest

from bench.analysis.bootstrap import build_resampling
from bench.analysis.scoring import score_splits
from bench.analysis.selection import chances_to_be_best, expect_of_selection
from bench.domain import Candidate, Result
from bench.metrics import METRICS

BEST, POOR = Candidate("catboost"), Candidate("logistic")


def resampling_of(run, results, metric="roc_auc", candidates=None):
    scored = score_splits(run, results, METRICS)
    return build_resampling(scored, candidates or list(scored), metric=metric)


@pytest.mark.parametrize(("metric", "direction"), [("roc_auc", "higher"), ("brier", "lower")])
def test_chances_sum_to_one_and_the_clearly_best_row_has_nearly_all(
    make_run, make_results, metric, direction
):
    quality = {BEST: 2.0, POOR: 0.3, Candidate("xgboost"): 0.3}
    run = make_run(list(quality))
    resampling = resampling_of(run, make_results(run, quality), metric)

    chances = chances_to_be_best(resampling, direction=direction)

    assert sum(chances.values()) == pytest.approx(1.0)
    assert chances[BEST] > 0.99


def test_rows_with_the_same_scores_share_their_chance(make_run, make_results):
    twin = Candidate("lightgbm")
    run = make_run([BEST, POOR, twin])
    results = make_results(run, {BEST: 1.0, POOR: 1.0})
    by_split = {job.split: results[job.id] for job in run.jobs if job.candidate == BEST}
    for job in run.jobs:
        if job.candidate == twin:
            results[job.id] = Result(by_split[job.split].record, by_split[job.split].predictions)

    chances = chances_to_be_best(resampling_of(run, results), direction="higher")

    assert chances[BEST] == pytest.approx(chances[twin])
    assert sum(chances.values()) == pytest.approx(1.0)


def test_the_same_run_gives_the_same_figures_in_any_order_of_candidates(make_run, make_results):
    quality = {BEST: 1.0, POOR: 0.95, Candidate("xgboost"): 0.97}
    run = make_run(list(quality))
    results = make_results(run, quality)

    one = resampling_of(run, results)
    other = resampling_of(run, results, candidates=sorted(quality, reverse=True))

    first = chances_to_be_best(one, direction="higher")
    assert chances_to_be_best(one, direction="higher") == first
    assert chances_to_be_best(other, direction="higher") == pytest.approx(first)


def test_choosing_among_equals_is_expected_to_give_less_than_the_maximum(make_run, make_results):
    quality = {Candidate(f"m{k:02d}"): 1.0 for k in range(12)}
    run = make_run(list(quality))
    resampling = resampling_of(run, make_results(run, quality))

    chosen = expect_of_selection(resampling, direction="higher")

    means = [float(m) for m in sum(i.value for i in resampling.influences) / 5]
    assert chosen.maximum == pytest.approx(max(means))
    assert min(means) < chosen.expected < chosen.maximum


def test_a_choice_that_is_no_choice_is_expected_to_give_what_it_shows(make_run, make_results):
    quality = {BEST: 3.0, POOR: 0.1}
    run = make_run(list(quality))

    chosen = expect_of_selection(resampling_of(run, make_results(run, quality)), direction="higher")

    assert chosen.expected == pytest.approx(chosen.maximum, abs=1e-12)


def test_a_lower_loss_is_the_better_one(make_run, make_results):
    quality = {BEST: 3.0, POOR: 0.1}
    run = make_run(list(quality))
    resampling = resampling_of(run, make_results(run, quality), "brier")

    chosen = expect_of_selection(resampling, direction="lower")

    means = sum(i.value for i in resampling.influences) / 5
    assert chosen.maximum == pytest.approx(float(means.min()))


def test_too_few_customers_for_a_draw_leave_no_expectation(make_run, make_result):
    run = make_run([BEST, POOR])
    results = {job.id: make_result(job) for job in run.jobs}

    assert expect_of_selection(resampling_of(run, results), direction="higher").expected is None
