"""What would take hours on many rows is skipped, and says so."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bench.domain import Candidate, EvalProtocol, Experiment
from bench.execution.planning import Plan, plan_experiment
from bench.execution.traits import Traits

MILLION = Traits(
    digest="d" * 64,
    n_samples=1_000_000,
    n_positives=100_000,
    n_numeric=40,
    n_categorical=10,
    n_levels=55,
    has_missing_numbers=True,
)
BASE = Candidate("logistic", "none", "default")


def plan(*candidates: Candidate, traits: Traits = MILLION) -> Plan:
    protocol = EvalProtocol(folds=3)
    return plan_experiment(Experiment("size", (BASE, *candidates), protocol), traits)


@pytest.mark.parametrize(
    ("candidate", "expected"),
    [
        (
            replace(BASE, model="svm-rbf"),
            "svm-rbf takes too long on more than 50,000 rows, and there are 1,000,000",
        ),
        (
            replace(BASE, strategy="smote"),
            "smote takes too long on more than 200,000 rows, and there are 1,000,000",
        ),
        (
            replace(BASE, strategy="smotenc"),
            "smotenc takes too long on more than 100,000 rows, and there are 1,000,000",
        ),
        (
            replace(BASE, strategy="smote-enn"),
            "smote-enn takes too long on more than 100,000 rows, and there are 1,000,000",
        ),
        (
            replace(BASE, strategy="tomek-links"),
            "tomek-links takes too long on more than 100,000 rows, and there are 1,000,000",
        ),
        (
            replace(BASE, strategy="cluster-centroids"),
            "cluster-centroids takes too long on more than 50,000 rows, and there are 1,000,000",
        ),
        (
            replace(BASE, preparation="impute-knn"),
            "impute-knn takes too long on more than 50,000 rows, and there are 1,000,000",
        ),
    ],
    ids=str,
)
def test_a_candidate_that_would_take_hours_is_skipped_with_its_limit(
    candidate: Candidate, expected: str
) -> None:
    assert [skip.reason for skip in plan(candidate).skips] == [expected]


@pytest.mark.parametrize("model", ["lightgbm", "xgboost", "catboost", "logistic", "svm-linear"])
@pytest.mark.parametrize("strategy", ["none", "class-weight", "random-under", "random-over"])
def test_what_is_linear_in_the_rows_runs_on_a_million(model: str, strategy: str) -> None:
    assert plan(Candidate(model, strategy, "default")).skips == ()


@pytest.mark.parametrize(("n_samples", "n_skipped"), [(50_000, 0), (50_001, 1)])
def test_a_limit_is_the_largest_number_of_rows_that_runs(n_samples: int, n_skipped: int) -> None:
    traits = replace(MILLION, n_samples=n_samples, n_positives=5_000)

    assert len(plan(replace(BASE, model="svm-rbf"), traits=traits).skips) == n_skipped


def test_auto_does_not_choose_what_is_skipped() -> None:
    auto = Candidate("logistic", "auto", "optuna")
    experiment = Experiment(
        "size", (auto,), EvalProtocol(folds=3), choices=("none", "smote", "class-weight")
    )

    jobs = plan_experiment(experiment, MILLION).jobs

    assert {job.choices for job in jobs} == {("none", "class-weight")}
