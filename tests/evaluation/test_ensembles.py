"""Ensembles in a run: what members learn from, how they speak, what the record says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from doing import run_whole
from imblearn.ensemble import BalancedRandomForestClassifier
from sklearn.ensemble import AdaBoostClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.tree import DecisionTreeClassifier

from bench.domain import Candidate, ClassCounts, Dataset, Job, Record, Split
from bench.evaluation.fitting import fit_model, fit_seed
from bench.evaluation.job import JobOptions, run_job
from bench.evaluation.splits import OUTER
from bench.evaluation.workspace import View, Workspace
from bench.identity import derive_seed
from bench.losses import FocalLoss
from bench.models import MODELS
from bench.specs import EconomicsSpec
from bench.strategies import STRATEGIES
from bench.strategies.base import balanced_counts

VIEW = View(Split(0, 1), OUTER)

MakeJob = Callable[..., Job]
RunJob = Callable[..., Record]


@pytest.fixture
def run(toy_workspace: Workspace, make_job: MakeJob, tmp_path: Path) -> RunJob:
    def run(candidate: Candidate, **changes: object) -> Record:
        job = make_job(candidate, **changes)
        record = run_whole(job, toy_workspace, "full", tmp_path / "studies").record
        assert record.status == "ok", record.error
        return record

    return run


def test_scores_of_balanced_bagging_are_the_mean_of_fits_on_each_member(
    toy_workspace: Workspace,
) -> None:
    train = toy_workspace.trainable(VIEW, "balanced-bagging")
    held = toy_workspace.prepared(VIEW).held_X

    found = fit_model(MODELS.lookup("logistic"), {}, train, seed=5, threads=1).score(held)

    X, y = np.asarray(train.data.X), np.asarray(train.data.y)
    by_hand = [
        LogisticRegression(max_iter=1000).fit(X[rows], y[rows]).predict_proba(held)[:, 1]
        for rows in train.members
    ]
    assert len(by_hand) == 10
    np.testing.assert_allclose(found, np.mean(by_hand, axis=0), atol=1e-9)


def test_members_hold_all_positives_and_other_negatives(toy_workspace: Workspace) -> None:
    train = toy_workspace.trainable(VIEW, "balanced-bagging")
    y = np.asarray(train.data.y)
    positives = set(np.flatnonzero(y == 1))

    members = [set(rows) for rows in train.members]

    assert all(len(rows) == len(set(rows)) for rows in train.members)
    assert set.intersection(*members) >= positives
    assert len(set.intersection(*members)) < len(positives) + 5
    assert len(set.union(*members)) > 0.95 * len(y)


def test_members_do_not_depend_on_the_model_but_their_fits_do_on_their_number(
    toy_workspace: Workspace,
) -> None:
    train = toy_workspace.trainable(VIEW, "balanced-bagging")
    again = toy_workspace.trainable(VIEW, "balanced-bagging")

    np.testing.assert_array_equal(train.members, again.members)
    fitted = fit_model(MODELS.lookup("random-forest"), {}, train, seed=5, threads=1)
    assert [forest.random_state for forest in fitted.estimator] == [
        derive_seed(5, "member", number) for number in range(10)
    ]


def test_easy_ensemble_is_adaboost_of_stumps_on_each_member(toy_workspace: Workspace) -> None:
    train = toy_workspace.trainable(VIEW, "easy-ensemble")
    held = toy_workspace.prepared(VIEW).held_X

    found = fit_model(MODELS.lookup("decision-tree"), {}, train, seed=5, threads=1).score(held)

    X, y = np.asarray(train.data.X), np.asarray(train.data.y)
    by_hand = [
        AdaBoostClassifier(
            DecisionTreeClassifier(max_depth=1),
            n_estimators=50,
            random_state=derive_seed(5, "member", number),
        )
        .fit(X[rows], y[rows])
        .predict_proba(held)[:, 1]
        for number, rows in enumerate(train.members)
    ]
    np.testing.assert_allclose(found, np.mean(by_hand, axis=0), atol=1e-9)


def test_balanced_forest_is_imbalanced_learn_s(toy_workspace: Workspace) -> None:
    train = toy_workspace.trainable(VIEW, "balanced-forest")
    held = toy_workspace.prepared(VIEW).held_X

    found = fit_model(MODELS.lookup("random-forest"), {}, train, seed=5, threads=1).score(held)

    forest = BalancedRandomForestClassifier(
        sampling_strategy="all", replacement=True, bootstrap=False, random_state=5
    )
    forest.fit(np.asarray(train.data.X), np.asarray(train.data.y))
    np.testing.assert_array_equal(found, forest.predict_proba(held)[:, 1])


@pytest.mark.parametrize(
    "candidate",
    [
        Candidate("logistic", "balanced-bagging"),
        Candidate("lightgbm", "balanced-bagging"),
        Candidate("decision-tree", "easy-ensemble"),
        Candidate("decision-tree", "rusboost"),
        Candidate("random-forest", "balanced-forest"),
        Candidate("lightgbm", "class-bagging"),
    ],
    ids=str,
)
def test_a_record_says_what_a_member_met(run: RunJob, candidate: Candidate) -> None:
    record = run(candidate)

    before = record.counts_before
    assert before.positives < before.negatives
    assert record.counts_after == ClassCounts(before.positives, before.positives)
    assert record.learned_prevalence == 0.5
    assert dict(record.strategy_params) == dict(STRATEGIES.lookup(candidate.strategy).defaults)
    assert record.importance


@pytest.mark.parametrize("model", ["logistic", "lightgbm"])
def test_importance_of_an_ensemble_is_its_members_mean(
    toy_workspace: Workspace, model: str
) -> None:
    train = toy_workspace.trainable(VIEW, "balanced-bagging")
    held = np.asarray(toy_workspace.prepared(VIEW).held_X)
    one = MODELS.lookup(model)

    fitted = fit_model(one, {}, train, seed=5, threads=1)

    for name in ("gains", "coefficients"):
        members = [getattr(one, name)(estimator) for estimator in fitted.estimator]
        found = getattr(fitted.model, name)(fitted.estimator)
        if members[0] is None:
            assert found is None
        else:
            np.testing.assert_allclose(found, np.mean(members, axis=0))
    shown = fitted.model.contributions(fitted.estimator, held)
    assert (shown is None) == (one.contributions(fitted.estimator[0], held) is None)


def test_rounds_of_an_ensemble_are_the_mean_of_what_its_members_found(run: RunJob) -> None:
    record = run(Candidate("lightgbm", "balanced-bagging", "recommended"))

    assert record.best_iteration == record.params["n_estimators"]
    assert 1 <= record.params["n_estimators"] < 1000


def test_shares_learnt_count_weights_and_made_up_rows(run: RunJob) -> None:
    none = run(Candidate("logistic"))
    prevalence = none.counts_before.positives / none.n_train
    odds = prevalence / (1 - prevalence)

    assert none.learned_prevalence == prevalence
    assert run(Candidate("logistic", "class-weight")).learned_prevalence == pytest.approx(0.5)
    assert run(Candidate("logistic", "smote")).learned_prevalence == 0.5
    assert run(Candidate("lightgbm", "focal")).learned_prevalence == prevalence
    root = np.sqrt(odds)
    sqrt_weight = run(Candidate("logistic", "sqrt-weight"))
    assert sqrt_weight.learned_prevalence == pytest.approx(root / (1 + root))
    tomek = run(Candidate("logistic", "tomek-links"))
    after = tomek.counts_after
    assert tomek.learned_prevalence == after.positives / (after.positives + after.negatives)
    assert after.positives == none.counts_before.positives
    assert after.negatives < none.counts_before.negatives


def test_the_share_learnt_is_what_a_model_without_features_predicts(
    toy_workspace: Workspace, make_job: MakeJob
) -> None:
    for strategy in ("class-weight", "cost-weight", "smote-enn", "balanced-bagging", "none"):
        job = make_job(Candidate("prior-only", strategy))
        result = run_job(job, toy_workspace, JobOptions("none"))
        assert result.predictions is not None
        np.testing.assert_allclose(result.predictions.score, result.record.learned_prevalence)


def test_focal_params_are_in_the_record_and_the_way_back_beats_the_scores(
    telco: Dataset, make_workspace: Callable[..., Workspace], make_job: MakeJob
) -> None:
    # Recommended, not default: what overfitting does to probabilities is no matter of the loss.
    workspace = make_workspace(telco, folds=5)
    for model in ("lightgbm", "xgboost", "catboost"):
        job = make_job(Candidate(model, "focal", "recommended"), folds=5)
        result = run_job(job, workspace, JobOptions("none"))
        assert dict(result.record.strategy_params) == {"alpha": 0.25, "gamma": 2.0}
        found = result.predictions
        assert found is not None
        repaired = FocalLoss.of(result.record.strategy_params).to_probability(found.score)
        brier = [float(np.mean((p - found.y) ** 2)) for p in (found.score, repaired)]
        assert brier[1] < brier[0] - 0.005
        assert repaired.mean() == pytest.approx(found.y.mean(), abs=0.03)


def test_values_of_the_training_rows_reach_the_weights(
    toy: Dataset, make_workspace: Callable[..., Workspace]
) -> None:
    spec = replace(toy.spec, economics=EconomicsSpec(value="age"))
    workspace = make_workspace(replace(toy, spec=spec))

    weight = workspace.trainable(VIEW, "cost-weight").data.weight

    train, _ = workspace.splitter.rows(VIEW.split)
    age = toy.X["age"].to_numpy()[train]
    clv = 200 * np.where(np.isnan(age), 1.0, age / np.nanmean(age))
    cost = np.where(toy.y[train] == 1, 0.3 * (clv - 10) - 1, 11.0)
    assert weight is not None
    np.testing.assert_allclose(weight, cost / cost.mean())


@pytest.mark.slow
def test_a_study_over_everything_that_a_model_can_do_comes_to_an_end(run: RunJob) -> None:
    for model, choices in (
        ("lightgbm", ("focal", "class-bagging", "cost-weight", "kmeans-smote")),
        ("decision-tree", ("easy-ensemble", "rusboost", "tomek-links")),
        ("random-forest", ("balanced-forest", "cluster-centroids")),
    ):
        record = run(Candidate(model, "auto", "optuna"), choices=choices, trials=4)
        assert record.chosen_strategy in choices
        assert set(record.strategy_params) == set(
            STRATEGIES.lookup(record.chosen_strategy).defaults
        )


def test_a_trial_whose_rows_do_not_suit_its_strategy_is_worth_nothing(
    toy: Dataset, make_workspace: Callable[..., Workspace], make_job: MakeJob, tmp_path: Path
) -> None:
    rare = replace(toy, y=(np.arange(len(toy.y)) % 40 == 0).astype(np.int8))
    workspace = make_workspace(rare, folds=2)
    fields = {"folds": 2, "trials": 6}

    mixed = make_job(Candidate("logistic", "auto", "optuna"), choices=("none", "smote"), **fields)
    hopeless = make_job(Candidate("logistic", "smote", "optuna"), **fields)

    assert run_whole(mixed, workspace, "none", tmp_path).record.chosen_strategy == "none"
    assert (
        "UnsuitableRowsError: no trial came to an end; the last one: SMOTE gives up on these rows"
        in run_whole(hopeless, workspace, "none", tmp_path).record.error
    )


def test_a_pair_that_makes_no_sense_is_refused_by_the_fit_too(toy_workspace: Workspace) -> None:
    train = toy_workspace.trainable(VIEW, "focal")

    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the whole message is below
        fit_model(MODELS.lookup("logistic"), {}, train, seed=0, threads=1)

    assert str(caught.value) == (
        "logistic cannot minimise the focal loss; lightgbm, xgboost and catboost can"
    )


def test_the_seed_of_a_fit_is_the_same_with_and_without_members() -> None:
    assert fit_seed(0, Split(0, 0), OUTER, "mlp") == fit_seed(0, Split(0, 0), OUTER, "mlp")
    assert balanced_counts(np.array([0, 0, 1], dtype=np.int8), 1.0) == ClassCounts(1, 1)
