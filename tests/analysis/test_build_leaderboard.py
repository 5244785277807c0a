"""The board against hand-worked figures, and its independence of order."""

from __future__ import annotations

import math
import random
import subprocess
import sys
import time
from dataclasses import replace
from statistics import fmean, median, stdev

import numpy as np
import pytest

from bench.analysis import build_leaderboard
from bench.analysis.multiplicity import adjust_for_picking, holm
from bench.analysis.statistics import (
    corrected_interval,
    corrected_paired_test,
    equivalence_p_value,
    moderated_paired_tests,
)
from bench.decisions import threshold_by_f1
from bench.domain import Candidate, ClassCounts
from bench.errors import UnknownNameError
from bench.metrics import METRICS, f1, roc_auc

BEST = Candidate("catboost", tuning="recommended")
TWIN = Candidate("lightgbm", tuning="recommended")
POOR = Candidate("svm-rbf")
QUALITY = {BEST: 1.6, TWIN: 1.6, POOR: 0.2}


def values_of(run, results, candidate, metric=roc_auc):
    return [
        metric(results[job.id].predictions.y, results[job.id].predictions.score)
        for job in run.jobs
        if job.candidate == candidate
    ]


@pytest.fixture
def run(make_run):
    return make_run([POOR, TWIN, BEST])


@pytest.fixture
def results(run, make_results):
    return make_results(run, QUALITY)


def test_a_score_is_the_mean_spread_and_corrected_interval_over_splits(run, results):
    board = build_leaderboard(run, results, rank_by="roc_auc")

    for row in board.rows:
        values = values_of(run, results, row.candidate)
        low, high = corrected_interval(values, test_train_ratio=1 / 4)
        score = row.scores["roc_auc"]
        assert score.mean == pytest.approx(fmean(values), abs=1e-15)
        assert score.std == pytest.approx(stdev(values), abs=1e-15)
        assert (score.low, score.high) == (low, high)


def test_rows_are_ranked_by_the_mean_in_the_metric_s_direction(run, results):
    by_auc = build_leaderboard(run, results, rank_by="roc_auc")
    by_brier = build_leaderboard(run, results, rank_by="brier")

    means = [row.scores["roc_auc"].mean for row in by_auc.rows]
    assert means == sorted(means, reverse=True)
    losses = [row.scores["brier"].mean for row in by_brier.rows]
    assert losses == sorted(losses)
    assert [row.rank for row in by_auc.rows] == [row.rank for row in by_brier.rows] == [1, 2, 3]


def test_equal_means_stand_in_the_order_of_the_names(make_run, make_result):
    candidates = [Candidate(name) for name in ("xgboost", "catboost", "lightgbm")]
    run = make_run(candidates)
    results = {job.id: make_result(job) for job in run.jobs}

    board = build_leaderboard(run, results, rank_by="roc_auc")

    assert [row.candidate.model for row in board.rows] == ["catboost", "lightgbm", "xgboost"]
    assert all(row.is_tied_with_best for row in board.rows)


def test_ties_follow_the_paired_corrected_test_adjusted_over_the_board(run, results):
    board = build_leaderboard(run, results, rank_by="roc_auc")

    first, *others = board.rows
    tests = [
        corrected_paired_test(
            np.subtract(
                values_of(run, results, row.candidate), values_of(run, results, first.candidate)
            ),
            test_train_ratio=1 / 4,
        )
        for row in others
    ]
    adjusted = adjust_for_picking(tests, n_rows=3)
    assert [row.is_tied_with_best for row in others] == [p >= 0.05 for p in adjusted]
    assert [(row.difference_low, row.difference_high) for row in others] == [
        (test.low, test.high) for test in tests
    ]
    assert board.resolvable_difference == pytest.approx(
        median((test.high - test.low) / 2 for test in tests)
    )
    assert {row.candidate: row.is_tied_with_best for row in board.rows} == {
        BEST: True,
        TWIN: True,
        POOR: False,
    }
    assert (first.difference_low, first.difference_high) == (None, None)


def test_equivalence_is_two_one_sided_tests_within_the_margin(make_run, make_results):
    quality = {BEST: 1.6, TWIN: 1.6, POOR: 0.2}
    run = make_run(list(quality), repeats=10)
    results = make_results(run, quality, n=2000)

    board = build_leaderboard(run, results, rank_by="roc_auc")

    first, *others = board.rows
    assert board.equivalence_margin == 0.005
    assert first.is_equivalent_to_best
    for row in others:
        test = corrected_paired_test(
            np.subtract(
                values_of(run, results, row.candidate), values_of(run, results, first.candidate)
            ),
            test_train_ratio=1 / 4,
        )
        inside = equivalence_p_value(test, margin=0.005) < 0.05
        assert row.is_equivalent_to_best == inside
    assert [row.is_equivalent_to_best for row in others] == [True, False]


def test_chances_and_the_expected_figure_stand_on_the_board(run, results):
    board = build_leaderboard(run, results, rank_by="roc_auc")

    assert sum(row.p_best for row in board.rows) == pytest.approx(1.0)
    assert board.rows[-1].p_best < 0.01
    assert board.expected_of_selection <= board.rows[0].scores["roc_auc"].mean


def test_repeats_to_separate_are_for_first_rows_that_are_tied(make_run, make_results):
    alike, apart = {BEST: 1.0, TWIN: 0.98}, {BEST: 3.0, POOR: 0.2}

    def repeats(quality):
        run = make_run(list(quality))
        return build_leaderboard(run, make_results(run, quality), rank_by="roc_auc")

    assert repeats(apart).repeats_to_separate is None
    tied = repeats(alike)
    assert tied.rows[1].is_tied_with_best
    assert tied.repeats_to_separate == 0 or 1 < tied.repeats_to_separate <= 100


def test_the_first_row_is_not_taken_for_one_that_was_named_beforehand(make_run, make_results):
    # Holm over the tests against the first row alone would tell some of these apart from it.
    quality = {Candidate("catboost"): 1.6} | {Candidate(f"m{i}"): 1.35 for i in range(8)}
    run = make_run(list(quality))
    results = make_results(run, quality)

    first, *others = build_leaderboard(run, results, rank_by="roc_auc").rows

    best = values_of(run, results, first.candidate)
    tests = moderated_paired_tests(
        [np.subtract(values_of(run, results, row.candidate), best) for row in others],
        test_train_ratio=1 / 4,
    )
    picked = [p >= 0.05 for p in adjust_for_picking(tests, n_rows=9)]
    assert [row.is_tied_with_best for row in others] == picked
    assert picked != [p >= 0.05 for p in holm([test.p_value for test in tests])]


def test_a_row_that_one_test_alone_would_separate_can_still_be_tied(make_run, make_results):
    # Six rows slightly worse than the best: some fall below p = .05 only before Holm.
    best = Candidate("catboost")
    quality = {best: 1.6} | {Candidate(f"m{i}"): 1.46 for i in range(6)}
    run = make_run(list(quality))

    board = build_leaderboard(run, make_results(run, quality), rank_by="roc_auc")

    assert board.rows[0].candidate == best
    # A 95 % interval without 0 is what a single test at p < .05 says.
    assert any(row.is_tied_with_best and row.difference_high < 0 for row in board.rows[1:])


def test_a_worse_row_has_a_negative_difference_where_higher_is_better(run, results):
    last = build_leaderboard(run, results, rank_by="roc_auc").rows[-1]

    assert last.difference_low < last.difference_high < 0


def test_a_failed_fold_lowers_coverage_and_never_the_mean(run, results, fail):
    third = [job for job in run.jobs if job.candidate == BEST][2]
    values = values_of(run, results, BEST)
    results[third.id] = fail(results[third.id])

    row = build_leaderboard(run, results, rank_by="roc_auc").rows[-1]

    assert row.candidate == BEST
    assert (row.status, row.n_splits, row.coverage) == ("partial", 4, 0.8)
    assert row.scores["roc_auc"].mean == pytest.approx(fmean(values[:2] + values[3:]), abs=1e-15)


def test_incomplete_candidates_come_last_unranked_and_untied(run, results, fail):
    for job in run.jobs:
        if job.candidate == BEST:
            results[job.id] = fail(results[job.id])
    del results[next(job.id for job in run.jobs if job.candidate == TWIN)]

    board = build_leaderboard(run, results, rank_by="roc_auc")

    assert [(row.candidate, row.status, row.rank, row.is_tied_with_best) for row in board.rows] == [
        (POOR, "complete", 1, True),
        (TWIN, "partial", None, False),
        (BEST, "failed", None, False),
    ]
    assert board.rows[2].scores == {}
    assert board.resolvable_difference is None


def test_a_candidate_planned_on_fewer_splits_is_not_ranked(run, results):
    shorter = replace(run, jobs=run.jobs[:-1])

    board = build_leaderboard(shorter, results, rank_by="roc_auc")

    assert [(r.candidate, r.rank) for r in board.rows if r.rank is None] == [(BEST, None)]
    assert board.n_splits == 5


def test_score_only_models_are_ranked_by_their_scores_and_have_no_probability_metrics(run, results):
    for job in run.jobs:
        if job.candidate == POOR:
            result = results[job.id]
            results[job.id] = replace(result, record=replace(result.record, outputs="score"))

    by_auc = build_leaderboard(run, results, rank_by="roc_auc")
    by_brier = build_leaderboard(run, results, rank_by="brier")

    (row,) = (row for row in by_auc.rows if row.candidate == POOR)
    assert row.outputs == "score"
    assert {"roc_auc", "f1", "empc", "threshold"} <= set(row.scores)
    assert {"brier", "log_loss", "ece", "f1_at_05"}.isdisjoint(row.scores)
    assert (by_brier.rows[-1].candidate, by_brier.rows[-1].rank) == (POOR, None)


def test_with_a_single_split_nothing_is_told_apart(run, results):
    only = replace(run, jobs=tuple(job for job in run.jobs if job.split.fold == 0))

    board = build_leaderboard(only, results, rank_by="roc_auc")

    assert [row.rank for row in board.rows] == [1, 2, 3]
    assert all(row.is_tied_with_best for row in board.rows)
    assert all(row.difference_low is None for row in board.rows)
    assert board.resolvable_difference is None
    score = board.rows[0].scores["roc_auc"]
    assert math.isnan(score.std)
    assert math.isnan(score.low)
    assert math.isnan(score.high)


def test_optimism_is_f1_at_the_cross_fitted_minus_f1_at_the_nested_threshold(make_run, make_result):
    run = make_run([BEST], folds=2)
    y, score = [0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]
    inner = ([0, 1], [0.2, 0.9])
    results = {job.id: make_result(job, y, score, inner=inner) for job in run.jobs}

    board = build_leaderboard(run, results, rank_by="roc_auc")

    # Cross-fitted: F1 .8 at the cut between .1 and .35. Nested: the cut .55 finds one of two.
    assert threshold_by_f1(y, score) == pytest.approx(0.225)
    assert f1(y, np.array(score) >= 0.55) == pytest.approx(2 / 3)
    assert board.threshold_optimism == pytest.approx(0.8 - 2 / 3)
    assert board.n_optimism == 2


def test_a_study_decides_at_the_threshold_of_its_own_inner_scores(make_run, make_result):
    run = make_run([BEST], folds=2)
    y, score = [0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]
    inner = ([0, 1], [0.2, 0.9])
    results = {job.id: make_result(job, y, score, inner=inner) for job in run.jobs}

    (row,) = build_leaderboard(run, results, rank_by="roc_auc").rows

    assert row.scores["threshold"].mean == pytest.approx(0.55)
    assert row.scores["f1"].mean == pytest.approx(2 / 3)


def test_optimism_is_not_measured_across_studies_that_chose_differently(make_run, make_result):
    run = make_run([BEST], folds=2)
    y, score = [0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]
    inner = ([0, 1], [0.2, 0.9])
    results = {
        job.id: make_result(job, y, score, inner=inner, chosen_strategy=chosen)
        for job, chosen in zip(run.jobs, ("none", "smote"), strict=True)
    }

    board = build_leaderboard(run, results, rank_by="roc_auc")

    assert (board.threshold_optimism, board.n_optimism) == (None, 0)


def test_without_studies_there_is_no_optimism_to_measure(run, results):
    board = build_leaderboard(run, results, rank_by="roc_auc")

    assert (board.threshold_optimism, board.n_optimism) == (None, 0)


def test_counts_and_costs_are_means_over_splits_and_memory_the_peak(make_run, make_result):
    run = make_run([BEST], folds=2)
    results = {}
    for job, fit, memory, after in zip(run.jobs, (1.0, 3.0), (50.0, 80.0), (700, 701), strict=True):
        result = make_result(job, seconds={"fit": fit, "tune": 4.0}, peak_memory_mb=memory)
        record = replace(result.record, counts_after=ClassCounts(700, after))
        results[job.id] = replace(result, record=record)

    (row,) = build_leaderboard(run, results, rank_by="roc_auc").rows

    assert row.counts_before == (700.0, 300.0)
    assert row.counts_after == (700.0, 700.5)
    assert row.costs == {
        "prepare_seconds": 0.0,
        "resample_seconds": 0.0,
        "tune_seconds": 4.0,
        "fit_seconds": 2.0,
        "predict_seconds": 0.0,
        "peak_memory_mb": 80.0,
    }


def test_the_board_does_not_depend_on_the_order_of_jobs_and_results(run, results):
    board = build_leaderboard(run, results, rank_by="f1")
    shuffler = random.Random(0)

    for _ in range(3):
        ids, jobs = list(results), list(run.jobs)
        shuffler.shuffle(ids)
        shuffler.shuffle(jobs)
        again = build_leaderboard(
            replace(run, jobs=tuple(jobs)), {i: results[i] for i in ids}, rank_by="f1"
        )
        assert again.rows == board.rows
        assert again.resolvable_difference == board.resolvable_difference


def test_an_unknown_metric_is_refused_with_the_nearest_name(run, results):
    message = r"^unknown metric 'roc-auc'; did you mean 'roc_auc'\? \(see: .* list metrics\)$"
    with pytest.raises(UnknownNameError, match=message):
        build_leaderboard(run, results, rank_by="roc-auc")


def test_an_empty_store_still_gives_a_board_of_what_was_planned(run):
    board = build_leaderboard(run, {}, rank_by="roc_auc")

    assert [(row.status, row.coverage) for row in board.rows] == [("missing", 0.0)] * 3


def test_the_board_of_a_standard_run_takes_less_than_a_second(make_run, make_results):
    candidates = [Candidate(f"model-{i:02d}") for i in range(52)]
    run = make_run(candidates)
    results = make_results(run, dict.fromkeys(candidates, 1.0), n=1409)
    build_leaderboard(run, results, rank_by="roc_auc")

    started = time.process_time()
    board = build_leaderboard(run, results, rank_by="roc_auc")

    assert time.process_time() - started < 1.0
    measured = set(board.rows[0].scores)
    assert measured >= {"roc_auc", "f1", "brier", "empc", "threshold"}
    assert measured <= {*METRICS.names, "threshold"}


def test_reading_results_needs_no_learner_and_importing_loads_nothing_heavy():
    script = (
        "import sys, bench.analysis\n"
        "heavy = {'numpy', 'scipy', 'pandas', 'sklearn', 'lightgbm', 'xgboost', 'catboost'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "[]"
