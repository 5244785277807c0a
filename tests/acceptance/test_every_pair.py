"""Every strategy runs with every model that it applies to, on data with all its gaps."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from bench.data import load_dataset
from bench.domain import Candidate, Dataset, EvalProtocol, Experiment, Result, Split
from bench.evaluation.job import JobOptions, run_job
from bench.evaluation.workspace import Workspace
from bench.execution.planning import Plan, plan_experiment
from bench.execution.traits import describe_traits
from bench.metrics import roc_auc
from bench.models import MODELS
from bench.strategies import STRATEGIES

pytestmark = pytest.mark.slow

N_ROWS = 1000
FOLDS = 2
REASONS = (
    " is made of ",
    " cannot minimise the focal loss; ",
    " is for tables of categories only, and there are numbers",
    " has no recommended settings beside its defaults",
)


@pytest.fixture(params=["telco", "ecommerce"])
def sample(request: pytest.FixtureRequest, telco: Dataset) -> Dataset:
    """A thousand customers of each."""
    dataset = telco
    if request.param == "ecommerce":
        folder = os.environ.get("BENCH_DATA_DIR", "")
        if not (folder and (Path(folder) / "ecommerce.xlsx").is_file()):
            pytest.skip("BENCH_DATA_DIR does not hold ecommerce.xlsx")
        dataset = load_dataset("ecommerce")
    rows = np.sort(np.random.default_rng(0).permutation(len(dataset.y))[:N_ROWS])
    return replace(
        dataset, X=dataset.X.iloc[rows].reset_index(drop=True), y=dataset.y[rows], groups=None
    )


def plan_all(dataset: Dataset) -> Plan:
    candidates = tuple(
        Candidate(model.name, strategy.name, tuning)
        for model in MODELS
        for strategy in STRATEGIES
        for tuning in ("default", "recommended")
    )
    asked = Experiment(dataset.name, candidates, EvalProtocol(folds=FOLDS), importance="none")
    return plan_experiment(asked, describe_traits(dataset))


def problem_with(result: Result, workspace: Workspace) -> str:
    """Return what is wrong with a result, ``""`` if nothing is."""
    record, found = result.record, result.predictions
    if found is None:
        return record.error.strip().splitlines()[-1]
    if not np.array_equal(found.y, workspace.table.y[found.rows]):
        return "test rows have other labels"
    if not np.isfinite(found.score).all():
        return "scores are not finite"
    if not 0 < record.learned_prevalence < 1:
        return f"a share of {record.learned_prevalence} positives was learnt"
    uses_features = MODELS.lookup(record.job.candidate.model).capabilities.uses_features
    if uses_features and roc_auc(found.y, found.score) <= 0.5:
        return f"ROC-AUC is {roc_auc(found.y, found.score):.3f}"
    return ""


def test_every_pair_that_applies_gives_scores_and_all_others_a_reason(
    sample: Dataset, make_workspace: Callable[..., Workspace]
) -> None:
    plan = plan_all(sample)
    workspace = make_workspace(sample, folds=FOLDS)

    problems = {}
    with threadpool_limits(1):
        for job in plan.jobs:
            if job.split == Split(0, 0):
                result = run_job(job, workspace, JobOptions("none"))
                problems[str(job.candidate)] = problem_with(result, workspace)

    assert {pair: problem for pair, problem in problems.items() if problem} == {}
    assert len(problems) == 217 + 67
    unexplained = [s for s in plan.skips if not any(r in s.reason for r in REASONS)]
    assert unexplained == []
