"""One job becomes one record, whatever happens."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from doing import run_whole
from sklearn.metrics import roc_auc_score

from bench.domain import Candidate, ClassCounts, Dataset, Job, Result
from bench.evaluation.job import JobOptions, run_job
from bench.evaluation.workspace import Workspace
from bench.serial import from_json, to_json

MakeJob = Callable[..., Job]
RunJob = Callable[..., Result]

SECONDS = ["prepare", "resample", "tune", "fit", "predict", "explain"]


@pytest.fixture
def run(toy_workspace: Workspace, make_job: MakeJob, tmp_path: Path) -> RunJob:
    """Run a candidate on the first split of the toy table."""

    def run(candidate: Candidate, *, importance: str = "none", **changes: object) -> Result:
        job = make_job(candidate, **changes)
        return run_whole(job, toy_workspace, importance, tmp_path / "studies")

    return run


@pytest.mark.parametrize(
    "candidate",
    [
        Candidate("logistic"),
        Candidate("xgboost", "smote", "recommended"),
        Candidate("catboost", "none", "recommended", "native"),
        Candidate("mlp", "none", "optuna"),
        Candidate("random-forest", "smote", "optuna"),
    ],
    ids=str,
)
def test_a_record_survives_json(run: RunJob, candidate: Candidate) -> None:
    record = run(candidate, importance="native").record
    assert record.status == "ok", record.error
    text = json.dumps(to_json(record), allow_nan=False)
    assert from_json(type(record), json.loads(text)) == record


def test_predictions_are_of_the_test_rows(
    run: RunJob, toy: Dataset, toy_workspace: Workspace
) -> None:
    result = run(Candidate("logistic", "smote"), fold=1)
    _, test = toy_workspace.splitter.rows(result.record.job.split)
    assert result.predictions is not None
    np.testing.assert_array_equal(result.predictions.rows, test)
    np.testing.assert_array_equal(result.predictions.y, toy.y[test])
    assert roc_auc_score(toy.y[test], result.predictions.score) > 0.65
    assert result.predictions.inner_score.shape == (0,)


def test_row_counts_add_up(run: RunJob, toy: Dataset) -> None:
    record = run(Candidate("logistic", "random-under")).record
    assert record.n_train + record.n_test == len(toy.y)
    positives = record.counts_before.positives
    assert record.counts_before.negatives + positives == record.n_train
    assert record.counts_after == ClassCounts(positives, positives)


@pytest.mark.parametrize(
    "candidate",
    [
        Candidate("logistic"),
        Candidate("lightgbm", "smote", "recommended"),
        Candidate("decision-tree", "auto", "optuna"),
    ],
    ids=str,
)
def test_seconds_have_six_parts_and_memory_is_measured(run: RunJob, candidate: Candidate) -> None:
    record = run(candidate, importance="full").record
    assert list(record.seconds) == SECONDS
    assert all(seconds >= 0 for seconds in record.seconds.values())
    assert record.seconds["fit"] > 0
    assert (record.seconds["tune"] > 0) == (candidate.tuning != "default")
    assert record.peak_memory_mb > 50  # numpy and scikit-learn alone take more


def test_a_failure_becomes_a_record_with_its_traceback(
    run: RunJob, make_job: MakeJob, toy: Dataset, make_workspace: Callable[..., Workspace]
) -> None:
    rare = replace(toy, y=(np.arange(len(toy.y)) % 60 == 0).astype(np.int8))
    job = make_job(Candidate("logistic", "smote"), folds=2)
    result = run_job(job, make_workspace(rare, folds=2), JobOptions("none"))
    assert result.predictions is None
    assert (result.record.job, result.record.status) == (job, "failed")
    assert result.record.error.startswith("Traceback (most recent call last):\n")
    assert (
        result.record.error.strip()
        .splitlines()[-1]
        .startswith(
            "bench.strategies.base.UnsuitableRowsError: SMOTE gives up on these rows: "
            "Expected n_neighbors <= n_samples_fit"
        )
    )


def test_an_unknown_model_fails_its_job_and_no_other(run: RunJob) -> None:
    result = run(Candidate("logistics"))
    assert result.record.status == "failed"
    assert "unknown model 'logistics'; did you mean 'logistic'?" in result.record.error


def test_warnings_are_kept_once_each(run: RunJob) -> None:
    record = run(Candidate("mlp")).record
    assert record.status == "ok"
    assert record.messages == (
        "ConvergenceWarning: Stochastic Optimizer: Maximum iterations (200) reached and the "
        "optimization hasn't converged yet.",
    )
    assert run(Candidate("logistic")).record.messages == ()


def test_a_model_without_probabilities_says_so(run: RunJob) -> None:
    result = run(Candidate("svm-linear"))
    assert result.record.outputs == "score"
    assert result.predictions is not None
    assert result.predictions.score.min() < 0
    assert run(Candidate("logistic")).record.outputs == "probability"


def test_the_prior_is_the_share_of_positives_in_training_rows(run: RunJob) -> None:
    result = run(Candidate("prior-only"))
    counts = result.record.counts_before
    assert result.predictions is not None
    expected = counts.positives / (counts.positives + counts.negatives)
    np.testing.assert_allclose(result.predictions.score, expected)


def test_default_means_the_librarys_own_settings(run: RunJob) -> None:
    assert run(Candidate("xgboost")).record.params == {}
    assert run(Candidate("xgboost")).record.best_iteration == 100


def test_recommended_rounds_are_found_on_training_rows_and_then_fixed(run: RunJob) -> None:
    record = run(Candidate("lightgbm", "none", "recommended")).record
    assert 1 <= record.params["n_estimators"] < 1000
    assert record.best_iteration == record.params["n_estimators"]


def test_recommended_rounds_do_not_depend_on_test_rows(
    toy: Dataset,
    toy_workspace: Workspace,
    make_workspace: Callable[..., Workspace],
    make_job: MakeJob,
    run: RunJob,
) -> None:
    candidate = Candidate("lightgbm", "smote", "recommended")
    job = make_job(candidate)
    _, test = toy_workspace.splitter.rows(job.split)
    X, y = toy.X.copy(), toy.y.copy()
    X.loc[test, ["usage", "noise"]] *= -50
    y[test] = 1 - y[test]
    other = make_workspace(replace(toy, X=X, y=y))
    other.splitter = toy_workspace.splitter
    found = run_job(job, other, JobOptions("none"))
    assert found.record.params == run(candidate).record.params


def test_a_study_keeps_what_it_chose_and_its_inner_scores(run: RunJob) -> None:
    result = run(Candidate("logistic", "auto", "optuna"), choices=("smote",))
    assert result.record.chosen_strategy == "smote"
    assert set(result.record.strategy_params) == {"balance", "k_neighbors"}
    assert set(result.record.params) == {"C"}
    assert result.predictions is not None
    assert result.predictions.inner_score.shape == (result.record.n_train,)
    assert result.predictions.inner_y.sum() == result.record.counts_before.positives


def test_a_job_gives_the_same_scores_every_time(run: RunJob) -> None:
    for candidate in (Candidate("random-forest", "smote"), Candidate("catboost")):
        first, second = run(candidate).predictions, run(candidate).predictions
        assert first is not None
        assert second is not None
        np.testing.assert_array_equal(first.score, second.score)


def test_strategies_of_one_model_share_the_seed_of_the_fit(
    make_dataset: Callable[..., Dataset],
    make_workspace: Callable[..., Workspace],
    make_job: MakeJob,
) -> None:
    # Of equally many rows a class, class-weight weighs all the same: only seeds could differ.
    workspace = make_workspace(make_dataset(share=0.5))
    options = JobOptions("none")
    plain = run_job(make_job(Candidate("mlp")), workspace, options)
    weighed = run_job(make_job(Candidate("mlp", "class-weight")), workspace, options)
    assert plain.predictions is not None
    assert weighed.predictions is not None
    np.testing.assert_allclose(plain.predictions.score, weighed.predictions.score, atol=1e-6)
