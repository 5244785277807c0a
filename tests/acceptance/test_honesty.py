"""Where there is nothing to learn nothing is found, and a copy of the target is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from doing import run_whole
from sklearn.metrics import roc_auc_score

from bench.domain import Candidate, Dataset, EvalProtocol, Experiment, Job
from bench.evaluation.workspace import Workspace
from bench.execution.planning import plan_experiment
from bench.execution.traits import describe_traits
from bench.strategies import STRATEGIES

pytestmark = pytest.mark.slow

N_PERMUTATIONS = 20

CANDIDATES = (
    *(Candidate("logistic", strategy) for strategy in STRATEGIES.names),
    *(Candidate("lightgbm", strategy, "recommended") for strategy in STRATEGIES.names),
    Candidate("xgboost", "none", "recommended"),
    Candidate("catboost", "none", "recommended"),
    Candidate("lightgbm", "none", "default", "native"),
    Candidate("svm-linear"),
    Candidate("decision-tree", "random-over"),
    Candidate("logistic", "auto", "optuna"),
    Candidate("prior-only"),
)


def standard_error(y: Any) -> float:
    """Return that of the Mann-Whitney statistic, as a ROC-AUC, where ranks mean nothing.

    Source: Mann & Whitney (1947), variance n1 n0 (n1 + n0 + 1) / 12.
    """
    positives = int(y.sum())
    negatives = len(y) - positives
    return float(np.sqrt((positives + negatives + 1) / (12 * positives * negatives)))


def test_on_permuted_labels_no_candidate_is_better_or_worse_than_chance(
    make_dataset: Callable[..., Dataset],
    make_workspace: Callable[..., Workspace],
    make_job: Callable[..., Job],
    tmp_path: Path,
) -> None:
    dataset = make_dataset(300)
    random = np.random.default_rng(0)
    experiment = Experiment("toy", CANDIDATES, EvalProtocol(folds=2), choices=("none", "smote"))
    skips = plan_experiment(experiment, describe_traits(dataset)).skips
    candidates = [c for c in CANDIDATES if c not in {skip.candidate for skip in skips}]
    assert len(candidates) >= 45  # what does not apply here are pairs such as logistic and focal
    aucs: dict[str, list[float]] = {str(candidate): [] for candidate in candidates}
    for permutation in range(N_PERMUTATIONS):
        permuted = replace(dataset, y=random.permutation(dataset.y))
        workspace = make_workspace(permuted, folds=2)
        studies = tmp_path / str(permutation)
        for candidate in candidates:
            folds = []
            for fold in range(2):
                result = run_whole(
                    make_job(candidate, fold=fold, folds=2), workspace, "none", studies
                )
                assert result.predictions is not None, result.record.error
                folds.append(roc_auc_score(result.predictions.y, result.predictions.score))
            aucs[str(candidate)].append(float(np.mean(folds)))
    # The two folds of a permutation are fitted on each other's test rows, so that their
    # figures go together; at worst their mean varies as one of them, over 150 rows, does.
    allowed = 3 * standard_error(dataset.y[:150]) / np.sqrt(N_PERMUTATIONS)
    means = pd.Series({name: np.mean(values) for name, values in aucs.items()})
    wrong = means[(means - 0.5).abs() > allowed]
    assert wrong.empty, f"more than {allowed:.4f} from .5:\n{wrong.to_string()}"
    assert means["prior-only+none+default"] == 0.5


@pytest.fixture(scope="module")
def leaking_run(leaking_shop: Any) -> tuple[str, Path]:
    """What stderr said, and the results, of many families on a planted copy of the target."""
    error = leaking_shop.run(
        *("run", "--dataset", "shop", "--folds", "3", "--jobs", "2"),
        *("--models", "lightgbm,xgboost,catboost,logistic,random-forest,decision-tree,svm-rbf"),
        *("--strategies", "none,smote", "--tuning", "default,recommended"),
        *("--accept", "target-leak:refund"),
    )
    return error, leaking_shop.folder / "results" / "shop"


def test_a_copy_of_the_target_scores_nearly_one(
    leaking_run: tuple[str, Path], read_rows: Callable[[Path], list[dict[str, str]]]
) -> None:
    rows = read_rows(leaking_run[1] / "leaderboard.csv")
    complete = {
        (row["model"], row["strategy"], row["tuning"]): float(row["roc_auc"])
        for row in rows
        if row["status"] == "complete"
    }
    assert len(complete) == 7 * 2 + 3 * 2
    assert min(complete.values()) > 0.99, complete


def test_a_copy_of_the_target_comes_first_in_every_importance(
    leaking_run: tuple[str, Path], read_rows: Callable[[Path], list[dict[str, str]]]
) -> None:
    rows = read_rows(leaking_run[1] / "feature_importance.csv")
    first = {
        (row["model"], row["strategy"], row["tuning"], row["method"]): row["feature"]
        for row in rows
        if row["rank"] == "1"
    }
    assert {method for *_, method in first} == {"gain", "shap", "coefficient", "permutation"}
    assert {model for model, *_ in first} == {
        *("lightgbm", "xgboost", "catboost", "logistic", "random-forest", "decision-tree"),
        "svm-rbf",
    }
    wrong = {key: feature for key, feature in first.items() if feature != "refund"}
    assert not wrong


def test_a_warning_names_the_copy_of_the_target(leaking_run: tuple[str, Path]) -> None:
    error, folder = leaking_run
    warning = "column 'refund' alone has ROC-AUC 1.000: is it known before the customer leaves?"
    assert f"severe (accepted): {warning}" in " ".join(error.split())
    board = (folder / "leaderboard.md").read_text(encoding="utf-8")
    assert "refund" in board
    assert "alone has ROC-AUC 1.000" in board
