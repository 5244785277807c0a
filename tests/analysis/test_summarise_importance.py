"""Importance over splits against hand-worked ranks and SciPy's Spearman."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import spearmanr

from bench.analysis.importance import Agreement, spearman, summarise_importance
from bench.domain import Candidate, Record, Result

LGBM, CAT = Candidate("lightgbm", tuning="recommended"), Candidate("catboost")
SMOTE = Candidate("lightgbm", "smote", "recommended")
UNTUNED = Candidate("lightgbm")


@pytest.fixture
def with_importance(make_run, make_result):
    """Return a run with as many splits as given, and results that hold the given importances."""

    def build(table):
        run = make_run(list(table), folds=len(next(iter(table.values()))))
        results = {
            job.id: make_result(job, importance=table[job.candidate][job.split.fold])
            for job in run.jobs
        }
        return run, results

    return build


@pytest.mark.parametrize("seed", range(5))
def test_spearman_equals_scipy_with_and_without_ties(seed):
    rng = np.random.default_rng(seed)
    a, b = rng.normal(size=12), np.round(rng.normal(size=12))

    assert spearman(a, b) == pytest.approx(spearmanr(a, b).statistic, abs=1e-12)


def test_spearman_of_a_constant_is_undefined():
    assert spearman([1.0, 1.0, 1.0], [1.0, 2.0, 3.0]) is None


def test_rows_hold_mean_spread_share_and_rank_over_splits(with_importance):
    run, results = with_importance(
        {LGBM: [{"gain": {"age": 1.0, "plan": 6.0}}, {"gain": {"age": 3.0, "plan": 6.0}}]}
    )

    first, second = summarise_importance(run, results).rows

    assert (first.feature, first.importance, first.importance_std) == ("plan", 6.0, 0.0)
    assert (second.feature, second.importance) == ("age", 2.0)
    assert second.importance_std == pytest.approx(2**0.5)
    assert (first.share, second.share) == (0.75, 0.25)
    assert (first.rank, second.rank) == (1, 2)
    assert (first.model, first.strategy, first.tuning, first.preparation, first.method) == (
        "lightgbm",
        "none",
        "recommended",
        "encoded",
        "gain",
    )
    assert first.n_splits == 2


def test_a_feature_that_a_split_does_not_name_counts_as_zero_there(with_importance):
    run, results = with_importance({LGBM: [{"gain": {"a": 4.0, "b": 1.0}}, {"gain": {"b": 1.0}}]})

    rows = summarise_importance(run, results).rows

    assert {row.feature: row.importance for row in rows} == {"a": 2.0, "b": 1.0}


def test_negative_permutation_importance_has_no_share_and_comes_last(with_importance):
    split = {"permutation": {"a": -0.1, "b": 0.3, "c": 0.0}}
    run, results = with_importance({LGBM: [split, split]})

    rows = summarise_importance(run, results).rows

    assert [(row.feature, row.share) for row in rows] == [("b", 1.0), ("c", 0.0), ("a", 0.0)]


def test_equal_features_are_ranked_by_name(with_importance):
    split = {"gain": {"c": 1.0, "a": 1.0, "b": 1.0}}
    run, results = with_importance({LGBM: [split, split]})

    assert [row.feature for row in summarise_importance(run, results).rows] == ["a", "b", "c"]


def test_a_single_split_has_no_spread_and_no_stability(with_importance, fail):
    split = {"gain": {"a": 2.0, "b": 1.0}}
    run, results = with_importance({LGBM: [split, split]})
    results[run.jobs[1].id] = fail(results[run.jobs[1].id])

    table = summarise_importance(run, results)

    assert [(row.importance_std, row.n_splits) for row in table.rows] == [(None, 1), (None, 1)]
    assert table.stability == ()


def test_agreement_between_models_pairs_equal_strategies_within_a_method(with_importance):
    ascending, descending = {"a": 1.0, "b": 2.0, "c": 3.0}, {"a": 3.0, "b": 2.0, "c": 1.0}
    run, results = with_importance(
        {
            LGBM: [{"gain": ascending, "shap": ascending}] * 2,
            SMOTE: [{"gain": descending}] * 2,
            UNTUNED: [{"gain": ascending}] * 2,
            CAT: [{"gain": ascending, "shap": descending}] * 2,
        }
    )

    table = summarise_importance(run, results)

    assert table.between_models == (
        Agreement("gain", "catboost", "lightgbm", pytest.approx(1.0), 2),
        Agreement("shap", "catboost", "lightgbm", pytest.approx(-1.0), 1),
    )
    assert table.between_methods == (
        Agreement("catboost", "gain", "shap", pytest.approx(-1.0), 1),
        Agreement("lightgbm", "gain", "shap", pytest.approx(1.0), 1),
    )


def test_stability_is_the_mean_correlation_over_pairs_of_splits(make_run, make_result):
    run = make_run([LGBM], folds=3)
    rng = np.random.default_rng(0)
    table = np.round(rng.normal(size=(3, 8)), 1)
    results = {
        job.id: make_result(
            job, importance={"gain": {f"f{i}": v for i, v in enumerate(table[job.split.fold])}}
        )
        for job in run.jobs
    }

    (row,) = summarise_importance(run, results).stability

    pairs = [spearmanr(table[i], table[j]).statistic for i, j in ((0, 1), (0, 2), (1, 2))]
    assert row.correlation == pytest.approx(np.mean(pairs), abs=1e-12)
    assert (row.candidate, row.method, row.n_splits) == (LGBM, "gain", 3)


def test_the_table_does_not_depend_on_the_order_of_jobs_and_results(with_importance):
    rng = random.Random(0)
    run, results = with_importance(
        {
            candidate: [
                {m: {f: rng.random() for f in "cab"} for m in ("shap", "gain")} for _ in range(4)
            ]
            for candidate in (SMOTE, CAT, LGBM)
        }
    )

    again = summarise_importance(
        replace(run, jobs=run.jobs[::-1]), dict(reversed(list(results.items())))
    )

    assert again == summarise_importance(run, results)


def test_methods_that_failed_are_told_by_model_and_method_with_their_first_reason(
    make_run, make_result
):
    run = make_run([LGBM, SMOTE, CAT], folds=3)
    messages = {
        LGBM: ("no importance by gain: ValueError: it broke\nat line 2", "UserWarning: slow"),
        SMOTE: ("no importance by gain: KeyError: 'x'",),
        CAT: ("UserWarning: no importance by gain: told by a library",),
    }
    results = {
        job.id: make_result(job, messages=messages[job.candidate])
        for job in run.jobs
        if job.candidate != SMOTE or job.split.fold == 0
    }

    assert summarise_importance(run, results).failures == (
        "importance by gain failed in 4 fits of lightgbm+none+recommended and 1 more "
        "(not tried again): ValueError: it broke",
    )


def test_finished_fits_among_the_failures_of_a_run_lack_importances_only(make_run, make_result):
    run = make_run([LGBM, CAT])
    ids = [job.id for job in run.jobs if job.candidate == LGBM]
    run = replace(run, failures=dict.fromkeys(ids, "OSError: no room"))
    results = {job.id: make_result(job) for job in run.jobs}
    results[ids[0]] = Result(Record(run.jobs[0], "failed"), None)

    assert summarise_importance(run, results).failures == (
        f"importances could not be added to {len(ids) - 1} fits (the next run tries again): "
        "OSError: no room",
    )


def test_a_run_without_importance_gives_an_empty_table(make_run, make_result):
    run = make_run([LGBM])

    table = summarise_importance(run, {job.id: make_result(job) for job in run.jobs})

    assert (table.rows, table.between_models, table.stability) == ((), (), ())
