"""Our cells equal plain scikit-learn and imbalanced-learn, written out by hand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from imblearn.over_sampling import SMOTE
from imblearn.pipeline import Pipeline
from imblearn.under_sampling import RandomUnderSampler
from lightgbm import LGBMClassifier
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.utils.class_weight import compute_sample_weight
from xgboost import XGBClassifier

from bench.doctor import diagnose
from bench.domain import Candidate, Dataset, EvalProtocol, Experiment, Job, Predictions
from bench.evaluation.job import JobOptions, run_job
from bench.evaluation.workspace import Workspace
from bench.execution.running import RunOptions, run_experiment
from bench.identity import derive_seed
from bench.store import Store

CELLS = (
    Candidate("logistic"),
    Candidate("lightgbm", "class-weight"),
    Candidate("xgboost"),
    Candidate("random-forest", "random-under"),
    Candidate("logistic", "smote"),
)


def by_hand(dataset: Dataset, candidate: Candidate, test: Any, *, fold: int) -> float:
    """Return the ROC-AUC on the ``test`` rows of a fit on all others; nothing of ours is used.

    Except the seeds, which have to be the same.
    """
    fit_seed = derive_seed(0, "fit", 0, fold, "outer", candidate.model)
    sampling_seed = derive_seed(0, "resample", 0, fold, "outer", candidate.strategy)
    model = {
        "logistic": LogisticRegression(max_iter=1000),
        "lightgbm": LGBMClassifier(random_state=fit_seed, n_jobs=1, verbose=-1),
        "xgboost": XGBClassifier(tree_method="hist", random_state=fit_seed, n_jobs=1),
        "random-forest": RandomForestClassifier(random_state=fit_seed, n_jobs=1),
    }[candidate.model]
    sampler = {
        "smote": SMOTE(random_state=sampling_seed),
        "random-under": RandomUnderSampler(random_state=sampling_seed),
    }.get(candidate.strategy, "passthrough")
    encode = make_column_transformer(
        (StandardScaler(), make_column_selector(dtype_include="number")),
        (
            OneHotEncoder(handle_unknown="ignore", sparse_output=False),
            make_column_selector(dtype_exclude="number"),
        ),
    )
    pipeline = Pipeline([("encode", encode), ("sampler", sampler), ("model", model)])
    X = dataset.X.astype({c: object for c in dataset.X if dataset.X[c].dtype == "category"})
    train = np.setdiff1d(np.arange(len(X)), test)
    arguments = {}
    if candidate.strategy == "class-weight":
        arguments["model__sample_weight"] = compute_sample_weight("balanced", dataset.y[train])
    pipeline.fit(X.iloc[train], dataset.y[train], **arguments)
    return float(roc_auc_score(dataset.y[test], pipeline.predict_proba(X.iloc[test])[:, 1]))


def auc_of(predictions: Predictions | None) -> float:
    assert predictions is not None
    return float(roc_auc_score(predictions.y, predictions.score))


@pytest.fixture(scope="module")
def workspace(telco: Dataset, make_workspace: Callable[..., Workspace]) -> Workspace:
    assert not telco.X.select_dtypes("number").isna().to_numpy().any()  # nothing to impute
    return make_workspace(telco, folds=5)


@pytest.mark.parametrize("candidate", CELLS, ids=str)
def test_a_cell_equals_the_same_pipeline_by_hand(
    telco: Dataset, workspace: Workspace, make_job: Callable[..., Job], candidate: Candidate
) -> None:
    for fold in (0, 3):
        job = make_job(candidate, fold=fold, folds=5)
        predictions = run_job(job, workspace, JobOptions("none")).predictions
        assert predictions is not None
        expected = by_hand(telco, candidate, predictions.rows, fold=fold)
        assert auc_of(predictions) == pytest.approx(expected, abs=1e-9)


@pytest.mark.slow
def test_every_cell_of_a_run_equals_the_same_pipeline_by_hand(
    telco: Dataset, tmp_path: Path
) -> None:
    class Silent:
        def planned(self, plan: Any, missing: Any, *, workers: int) -> None: ...
        def started(self, job: Any) -> None: ...
        def advanced(self, job: Any, share: float) -> None: ...
        def finished(self, result: Any) -> None: ...

    outcome = run_experiment(
        Experiment(telco.name, CELLS, EvalProtocol(), importance="none"),
        telco,
        diagnose(telco),
        store=Store(tmp_path / telco.name),
        options=RunOptions(workers=2),
        observer=Silent(),
    )
    differences = {}
    for job in outcome.run.jobs:
        predictions = outcome.results[job.id].predictions
        assert predictions is not None
        expected = by_hand(telco, job.candidate, predictions.rows, fold=job.split.fold)
        differences[str(job.candidate), job.split.fold] = auc_of(predictions) - expected
    assert len(differences) == 25
    table = pd.Series(differences)
    assert table.abs().max() <= 1e-9, table[table.abs() > 1e-9].to_string()


def test_test_rows_of_the_folds_are_every_customer_once(workspace: Workspace) -> None:
    from bench.domain import Split

    tests = [workspace.splitter.rows(Split(0, fold))[1] for fold in range(5)]
    np.testing.assert_array_equal(np.sort(np.concatenate(tests)), np.arange(7043))
