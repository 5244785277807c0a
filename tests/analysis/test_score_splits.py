"""Figures per split against the same figures worked out from the stored scores."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import sklearn.metrics as sk

from bench.analysis.scoring import score_splits, split_ratio
from bench.decisions import threshold_by_f1
from bench.domain import Candidate
from bench.metrics import METRICS

ONE = Candidate("lightgbm")


def test_a_threshold_comes_from_the_other_folds_of_the_same_repeat_only(make_run, make_results):
    run = make_run([ONE], folds=3, repeats=2)
    results = make_results(run, {ONE: 1.0})

    splits = score_splits(run, results, METRICS)[ONE]

    for scored in splits:
        others = [
            results[job.id].predictions
            for job in run.jobs
            if job.split.repeat == scored.split.repeat and job.split.fold != scored.split.fold
        ]
        expected = threshold_by_f1(
            np.concatenate([p.y for p in others]), np.concatenate([p.score for p in others])
        )
        assert scored.threshold == expected
        mine = scored.predictions
        assert scored.values["f1"] == pytest.approx(sk.f1_score(mine.y, mine.score >= expected))


def test_a_lonely_fold_has_no_threshold_and_no_decisions(make_run, make_results):
    run = make_run([ONE], folds=3)
    results = make_results(run, {ONE: 1.0})
    first = run.jobs[0]

    (scored,) = score_splits(run, {first.id: results[first.id]}, METRICS)[ONE]

    assert scored.threshold is None
    assert "f1" not in scored.values
    assert "f1_at_05" in scored.values


def test_failed_and_missing_folds_are_left_out_of_the_thresholds(make_run, make_results, fail):
    run = make_run([ONE], folds=4)
    results = make_results(run, {ONE: 1.0})
    ids = [job.id for job in run.jobs]
    results[ids[1]] = fail(results[ids[1]])
    del results[ids[2]]

    scored = score_splits(run, results, METRICS)[ONE]

    assert [s.split.fold for s in scored] == [0, 3]
    other = results[ids[3]].predictions
    assert scored[0].threshold == threshold_by_f1(other.y, other.score)


def test_a_failed_job_is_not_scored_even_where_it_left_predictions(make_run, make_results):
    run = make_run([ONE], folds=3)
    results = make_results(run, {ONE: 1.0})
    first = results[run.jobs[0].id]
    results[run.jobs[0].id] = replace(first, record=replace(first.record, status="failed"))

    scored = score_splits(run, results, METRICS)[ONE]

    assert [s.split.fold for s in scored] == [1, 2]


def test_results_of_other_runs_are_passed_over(make_run, make_results):
    run = make_run([ONE])
    stranger = make_run([Candidate("xgboost")])

    scored = score_splits(run, make_results(stranger, {Candidate("xgboost"): 1.0}), METRICS)

    assert scored == {ONE: ()}


def test_the_ratio_of_five_folds_is_a_quarter(make_run):
    assert split_ratio(make_run([ONE], folds=5)) == 0.25
