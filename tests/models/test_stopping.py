"""Boosting on held-back rows: the curve that a fit leaves, and the bar that ends it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, get_args

import numpy as np
import pytest
from sklearn.metrics import log_loss, roc_auc_score

from bench.contracts.tables import small_case
from bench.losses import FocalLoss
from bench.models import CHECKPOINTS, MODELS, GivenUp, StoppingSet, TrainingSet
from bench.models.base import StoppingMetric

BOOSTERS = ("lightgbm", "xgboost", "catboost")
PARAMS = {"n_estimators": 120, "learning_rate": 0.1, "max_depth": 3}
FOREVER = 1000
SKLEARN: dict[str, tuple[Callable[..., float], Any]] = {
    "roc_auc": (roc_auc_score, max),
    "log_loss": (log_loss, min),
}


def held_back(metric: Any, patience: int = FOREVER, bar: Any = ()) -> StoppingSet:
    case = small_case()
    return StoppingSet(case.held_X, case.held_y, metric, patience, bar)


def fit(
    name: str, stopping: StoppingSet | None, train: TrainingSet | None = None
) -> tuple[Any, int]:
    model = MODELS.lookup(name)
    estimator = model.build(PARAMS, seed=3, threads=1)
    return estimator, model.fit(estimator, train or small_case().train, stopping)


def staged(name: str, rounds: int) -> Iterator[np.ndarray]:
    """Yield the probabilities of the held-back rows after each round of a plain fit."""
    estimator, _ = fit(name, None)
    X = small_case().held_X
    for n_rounds in range(1, rounds + 1):
        if name == "lightgbm":
            yield estimator.predict_proba(X, num_iteration=n_rounds)[:, 1]
        elif name == "xgboost":
            yield estimator.predict_proba(X, iteration_range=(0, n_rounds))[:, 1]
        else:
            yield estimator.predict_proba(X, ntree_end=n_rounds)[:, 1]


@pytest.mark.parametrize("metric", ["roc_auc", "log_loss"])
@pytest.mark.parametrize("name", BOOSTERS)
def test_the_curve_is_the_best_so_far_of_what_the_rounds_score(name: str, metric: str) -> None:
    compute, best = SKLEARN[metric]
    y = small_case().held_y
    values = [compute(y, scores) for scores in staged(name, 120)]

    estimator, _ = fit(name, held_back(metric))

    expected = [best(values[:rounds]) for rounds in (25, 50, 100, 120, 120)]
    assert [rounds for rounds, _ in estimator.stopping_curve_] == list(CHECKPOINTS)
    found = [value for _, value in estimator.stopping_curve_]
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-6)
    assert len(set(found)) > 1


@pytest.mark.parametrize("loss", [None, FocalLoss()], ids=["own-loss", "focal"])
@pytest.mark.parametrize("metric", get_args(StoppingMetric))
@pytest.mark.parametrize("name", BOOSTERS)
def test_a_bar_out_of_reach_ends_the_fit_at_its_round(
    name: str, metric: str, loss: FocalLoss | None
) -> None:
    is_loss = metric in ("log_loss", "brier")
    train = replace(small_case().train, loss=loss)
    whole, _ = fit(name, held_back(metric), train)
    out_of_reach = 0.0 if is_loss else 1.1
    stopping = held_back(metric, bar=((7, 9.0 if is_loss else 0.0), (50, out_of_reach)))

    with pytest.raises(GivenUp) as caught:
        fit(name, stopping, train)

    assert caught.value.curve == whole.stopping_curve_[:2]
    assert (caught.value.rounds, caught.value.best) == whole.stopping_curve_[1]
    assert str(caught.value) == f"given up after 50 rounds at {caught.value.best:.6g}"


@pytest.mark.parametrize("metric", ["roc_auc", "log_loss"])
@pytest.mark.parametrize("name", BOOSTERS)
def test_a_bar_is_met_by_its_own_value_and_by_no_worse_one(name: str, metric: str) -> None:
    whole, _ = fit(name, held_back(metric))
    rounds, best = whole.stopping_curve_[0]
    worse = -1e-9 if metric == "log_loss" else 1e-9

    fit(name, held_back(metric, bar=((rounds, best),)))
    with pytest.raises(GivenUp):
        fit(name, held_back(metric, bar=((rounds, best + worse),)))


@pytest.mark.parametrize("patience", [10, FOREVER])
@pytest.mark.parametrize("name", BOOSTERS)
def test_a_bar_that_is_met_changes_nothing(name: str, patience: int) -> None:
    X = small_case().held_X
    low = tuple((rounds, 0.5) for rounds in (1, *CHECKPOINTS))

    plain, plain_rounds = fit(name, held_back("roc_auc", patience))
    barred, barred_rounds = fit(name, held_back("roc_auc", patience, low))

    assert barred_rounds == plain_rounds
    assert barred.stopping_curve_ == plain.stopping_curve_
    scores = [MODELS.lookup(name).predict_score(one, X) for one in (plain, barred)]
    np.testing.assert_array_equal(*scores)


@pytest.mark.parametrize("name", BOOSTERS)
def test_a_fit_that_is_over_before_a_bar_meets_it_and_keeps_its_best(name: str) -> None:
    _, rounds = fit(name, held_back("roc_auc", patience=10))
    assert rounds + 10 < 100
    stopping = held_back("roc_auc", patience=10, bar=((100, 1.1), (400, 1.1)))

    estimator, _ = fit(name, stopping)

    whole, _ = fit(name, held_back("roc_auc"))
    later = [value for number, value in estimator.stopping_curve_ if number >= 100]
    assert len(set(later)) == 1
    assert later[0] <= whole.stopping_curve_[2][1]


def test_a_fit_that_gives_up_trains_no_further() -> None:
    model = MODELS.lookup("catboost")
    estimator = model.build(PARAMS, seed=3, threads=1)

    with pytest.raises(GivenUp):
        model.fit(estimator, small_case().train, held_back("roc_auc", bar=((9, 1.1),)))

    assert len(estimator.evals_result_["validation"]["AUC"]) == 9
