"""Importances name the user's own columns and add up to what the libraries say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from doing import run_whole
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.preprocessing import StandardScaler

from bench.domain import Candidate, Dataset, Job, Result, Split
from bench.evaluation.explaining import native_importance, permutation_importance
from bench.evaluation.fitting import fit_model
from bench.evaluation.splits import OUTER
from bench.evaluation.workspace import View, Workspace
from bench.models import MODELS

MakeJob = Callable[..., Job]
FEATURES = ("usage", "plan", "age", "region", "noise")


def run(workspace: Workspace, job: Job, importance: str, tmp_path: Path) -> Result:
    result = run_whole(job, workspace, importance, tmp_path)
    assert result.record.status == "ok", result.record.error
    return result


@pytest.mark.parametrize(
    ("model", "methods"),
    [
        ("lightgbm", ["gain", "shap"]),
        ("xgboost", ["gain", "shap"]),
        ("catboost", ["gain", "shap"]),
        ("random-forest", ["gain"]),
        ("decision-tree", ["gain"]),
        ("logistic", ["coefficient"]),
        ("svm-linear", ["coefficient"]),
        ("svm-rbf", []),
        ("mlp", []),
    ],
)
def test_native_importances_are_those_of_the_family_by_the_users_columns(
    toy_workspace: Workspace, make_job: MakeJob, tmp_path: Path, model: str, methods: list[str]
) -> None:
    record = run(toy_workspace, make_job(Candidate(model)), "native", tmp_path).record
    assert list(record.importance) == methods
    assert record.explained == "native"
    for values in record.importance.values():
        assert tuple(values) == FEATURES
        assert max(values, key=values.__getitem__) == "usage"
        assert min(values.values()) >= 0


@pytest.mark.parametrize("model", ["lightgbm", "xgboost", "catboost"])
def test_native_categories_are_explained_too(
    toy_workspace: Workspace, make_job: MakeJob, tmp_path: Path, model: str
) -> None:
    candidate = Candidate(model, preparation="native")
    importance = run(toy_workspace, make_job(candidate), "native", tmp_path).record.importance
    assert list(importance) == ["gain", "shap"]
    assert importance["shap"]["plan"] > importance["shap"]["noise"] / 2
    assert max(importance["shap"], key=importance["shap"].__getitem__) == "usage"


def test_nothing_is_explained_at_none(
    toy_workspace: Workspace, make_job: MakeJob, tmp_path: Path
) -> None:
    record = run(toy_workspace, make_job(Candidate("lightgbm")), "none", tmp_path).record
    assert (record.importance, record.explained) == ({}, "none")


def test_permutation_is_there_only_at_full(
    toy_workspace: Workspace, make_job: MakeJob, tmp_path: Path
) -> None:
    job = make_job(Candidate("svm-rbf"))
    assert "permutation" not in run(toy_workspace, job, "native", tmp_path).record.importance
    record = run(toy_workspace, job, "full", tmp_path).record
    assert record.explained == "full"
    values = record.importance["permutation"]
    assert tuple(values) == FEATURES
    assert max(values, key=values.__getitem__) == "usage"


def test_gain_of_a_feature_is_the_sum_over_its_columns(toy_workspace: Workspace) -> None:
    view = View(Split(0, 0), OUTER)
    prepared = toy_workspace.prepared(view)
    model = MODELS.lookup("lightgbm")
    fitted = fit_model(model, {}, toy_workspace.trainable(view, "none"), seed=0, threads=1)
    gains = fitted.estimator.booster_.feature_importance("gain")
    found = native_importance(model, fitted.estimator, prepared, FEATURES).importance["gain"]
    assert found["usage"] == gains[0]
    assert found["age"] == pytest.approx(gains[1] + gains[3])  # the mark of a missing age
    assert found["plan"] == pytest.approx(gains[4:7].sum())
    assert sum(found.values()) == pytest.approx(gains.sum())


def test_shap_of_a_feature_is_the_mean_magnitude_of_the_sum_over_its_columns(
    toy_workspace: Workspace,
) -> None:
    view = View(Split(0, 0), OUTER)
    prepared = toy_workspace.prepared(view)
    model = MODELS.lookup("lightgbm")
    fitted = fit_model(model, {}, toy_workspace.trainable(view, "none"), seed=0, threads=1)
    values = fitted.estimator.booster_.predict(np.asarray(prepared.held_X), pred_contrib=True)
    found = native_importance(model, fitted.estimator, prepared, FEATURES).importance["shap"]
    assert found["usage"] == pytest.approx(np.abs(values[:, 0]).mean())
    assert found["plan"] == pytest.approx(np.abs(values[:, 4:7].sum(axis=1)).mean())


@pytest.mark.parametrize("model", ["lightgbm", "xgboost", "catboost"])
def test_shap_values_add_up_to_the_margin(toy_workspace: Workspace, model: str) -> None:
    view = View(Split(0, 0), OUTER)
    entry = MODELS.lookup(model)
    fitted = fit_model(entry, {}, toy_workspace.trainable(view, "none"), seed=0, threads=1)
    X = np.asarray(toy_workspace.prepared(view).held_X)
    probability = entry.predict_score(fitted.estimator, X)
    margin = np.log(probability / (1 - probability))
    contributions = entry.contributions(fitted.estimator, X)
    assert contributions is not None
    rest = margin - contributions.sum(axis=1)
    np.testing.assert_allclose(rest, rest[0], atol=1e-4)  # the expected value, the same for all


def test_the_coefficient_of_a_number_is_its_weight_times_its_spread(
    as_dataset: Callable[..., Dataset],
    make_workspace: Callable[..., Workspace],
    make_job: MakeJob,
    tmp_path: Path,
) -> None:
    random = np.random.default_rng(0)
    X = pd.DataFrame(random.normal(size=(150, 2)), columns=["a", "b"])
    y = (X["a"] - 0.3 * X["b"] + random.normal(size=150) > 0.4).to_numpy()
    workspace = make_workspace(as_dataset(X, y))
    job = make_job(Candidate("logistic"))
    found = run(workspace, job, "native", tmp_path).record.importance["coefficient"]
    train, test = workspace.splitter.rows(job.split)
    scaler = StandardScaler().fit(X.to_numpy()[train])
    fit = LogisticRegression().fit(scaler.transform(X.to_numpy()[train]), y[train])
    spread = scaler.transform(X.to_numpy()[test]).std(axis=0)
    expected = np.abs(fit.coef_[0]) * spread
    np.testing.assert_allclose([found["a"], found["b"]], expected, rtol=1e-6)


def test_permutation_of_the_only_column_costs_all_that_the_model_knows(
    as_dataset: Callable[..., Dataset],
    make_workspace: Callable[..., Workspace],
    make_job: MakeJob,
    tmp_path: Path,
) -> None:
    random = np.random.default_rng(0)
    y = np.tile([0, 0, 1], 400)
    X = pd.DataFrame({"a": y + random.normal(size=1200), "constant": 1.0})
    workspace = make_workspace(as_dataset(X, y))
    result = run(workspace, make_job(Candidate("logistic")), "full", tmp_path)
    values = result.record.importance["permutation"]
    assert result.predictions is not None
    auc = roc_auc_score(result.predictions.y, result.predictions.score)
    assert values["constant"] == 0
    # Shuffled scores rank at .5; three shuffles of 400 rows stray by about .02.
    assert values["a"] == pytest.approx(auc - 0.5, abs=0.06)


def test_models_slow_to_predict_are_asked_about_500_rows_with_the_prevalence_kept(
    as_dataset: Callable[..., Dataset], make_workspace: Callable[..., Workspace]
) -> None:
    random = np.random.default_rng(0)
    y = np.tile([0, 0, 0, 0, 1], 480)
    workspace = make_workspace(
        as_dataset(pd.DataFrame({"a": y + random.normal(size=2400)}), y), folds=2
    )
    view = View(Split(0, 0), OUTER)
    prepared = workspace.prepared(view)
    asked: list[int] = []

    class Listening(type(MODELS.lookup("svm-rbf"))):  # type: ignore[misc]
        def predict_score(self, estimator: object, X: np.ndarray) -> np.ndarray:
            asked.append(len(X))
            return np.asarray(X[:, 0])

    values = permutation_importance(Listening(), None, prepared, features=("a",), seed=0)
    assert set(asked) == {500}
    assert len(asked) == 4
    assert values["a"] > 0.1


def test_of_many_test_rows_2000_are_explained_from_all_over_the_file(
    as_dataset: Callable[..., Dataset], make_workspace: Callable[..., Workspace]
) -> None:
    y = np.tile([0, 1], 2500)
    X = pd.DataFrame({"a": np.arange(5000.0)})  # sorted: the first rows are the smallest
    prepared = make_workspace(as_dataset(X, y), folds=2).prepared(View(Split(0, 0), OUTER))
    asked: list[np.ndarray] = []

    class Watching(type(MODELS.lookup("lightgbm"))):  # type: ignore[misc]
        def gains(self, estimator: object) -> None:
            return None

        def contributions(self, estimator: object, X: np.ndarray) -> np.ndarray:
            asked.append(X)
            return np.asarray(X)

    for _ in range(2):
        native_importance(Watching(), None, prepared, ("a",))

    assert [len(rows) for rows in asked] == [2000, 2000]
    np.testing.assert_array_equal(*asked)
    assert len(np.unique(asked[0])) == 2000
    spread = np.asarray(prepared.held_X).std()
    assert asked[0].mean() == pytest.approx(np.asarray(prepared.held_X).mean(), abs=spread / 20)


def test_permutation_shuffles_all_columns_of_a_feature_together(toy_workspace: Workspace) -> None:
    view = View(Split(0, 0), OUTER)
    prepared = toy_workspace.prepared(view)
    sources = np.asarray(prepared.layout.sources)
    is_valid: list[bool] = []

    class Watching(type(MODELS.lookup("logistic"))):  # type: ignore[misc]
        def predict_score(self, estimator: object, X: np.ndarray) -> np.ndarray:
            is_valid.append(bool((X[:, sources == 1].sum(axis=1) == 1).all()))
            return np.asarray(X[:, 0])

    permutation_importance(Watching(), None, prepared, features=FEATURES, seed=0)
    assert len(is_valid) == 1 + 3 * len(FEATURES)
    assert all(is_valid)


def test_importance_does_not_change_a_score(
    toy_workspace: Workspace, make_job: MakeJob, tmp_path: Path
) -> None:
    job = make_job(Candidate("xgboost", "smote"))
    plain = run(toy_workspace, job, "none", tmp_path)
    full = run(toy_workspace, job, "full", tmp_path)
    assert plain.predictions is not None
    assert full.predictions is not None
    np.testing.assert_array_equal(plain.predictions.score, full.predictions.score)
    unexplained = replace(full.record, importance={}, dependence={}, explained="none")
    assert replace(unexplained, seconds={}, peak_memory_mb=0) == (
        replace(plain.record, seconds={}, peak_memory_mb=0)
    )


# --- what fails -----------------------------------------------------------------------


def test_a_method_that_fails_is_left_out_and_told_and_the_others_stay(
    toy_workspace: Workspace,
) -> None:
    view = View(Split(0, 0), OUTER)
    prepared = toy_workspace.prepared(view)
    boosting = MODELS.lookup("lightgbm")
    fitted = fit_model(boosting, {}, toy_workspace.trainable(view, "none"), seed=0, threads=1)

    class Broken(type(boosting)):  # type: ignore[misc]
        def gains(self, estimator: object) -> np.ndarray:
            return np.full(prepared.held_X.shape[1], np.nan)

        def coefficients(self, estimator: object) -> np.ndarray:
            raise KeyError("coef_")

    found = native_importance(Broken(), fitted.estimator, prepared, FEATURES)

    whole = native_importance(boosting, fitted.estimator, prepared, FEATURES)
    assert found.importance == {"shap": whole.importance["shap"]}
    np.testing.assert_array_equal(found.shap, whole.shap)
    assert found.failures == (
        "no importance by gain: ValueError: some values are not finite",
        "no importance by coefficient: KeyError: 'coef_'",
    )
    assert whole.failures == ()


def test_a_fit_that_cannot_be_explained_is_finished_all_the_same(
    toy: Dataset, make_workspace: Callable[..., Workspace], make_job: MakeJob, tmp_path: Path
) -> None:
    # All churners in one household: two of three folds test none, and nothing can be ranked.
    groups = np.where(toy.y == 1, -1, np.arange(len(toy.y)))
    workspace = make_workspace(replace(toy, groups=groups))
    held = (workspace.prepared(View(Split(0, fold), OUTER)).held_y for fold in range(3))
    fold = next(fold for fold, y in enumerate(held) if not y.any())

    record = run(workspace, make_job(Candidate("logistic"), fold=fold), "full", tmp_path).record

    assert list(record.importance) == ["coefficient"]
    assert record.explained == "full"
    assert record.messages == (
        "no importance by permutation: ValueError: y_true holds a single class, expected both",
    )
