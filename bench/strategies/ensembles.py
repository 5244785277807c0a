"""Strategies that fit several learners, each on rows where negatives are fewer.

``balance`` is how far the ratio moves: 0 leaves it as it is, 1 makes both
classes equally frequent. Unlike one undersample, an ensemble of them sees
every negative sooner or later.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from bench.domain import ClassCounts, Trial
from bench.strategies.base import Needs, Strategy, balanced_counts
from bench.strategies.samplers import LIBRARIES, class_ratio

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Labels = NDArray[np.int8]
    Rows = NDArray[np.int64]


def draw_balanced(y: Labels, *, params: Mapping[str, Any], seed: int) -> tuple[Rows, ...]:
    """Return ``n_members`` sets of rows: all of the rarer class, as many others as asked for.

    Nothing is drawn twice within a set.
    """
    import numpy as np

    wanted = balanced_counts(y, params["balance"])
    members = []
    for number in range(params["n_members"]):
        random = np.random.default_rng([seed, number])
        chosen = [
            random.choice(np.flatnonzero(y == label), size=size, replace=False)
            for label, size in ((0, wanted.negatives), (1, wanted.positives))
        ]
        members.append(np.sort(np.concatenate(chosen)))
    return tuple(members)


def _in_adaboost(estimator: Any, y: Labels, *, params: Mapping[str, Any], seed: int) -> Any:
    """Return AdaBoost on the estimator, kept as shallow as the strategy says."""
    from sklearn.ensemble import AdaBoostClassifier

    return AdaBoostClassifier(
        estimator=estimator.set_params(max_depth=params["max_depth"]),
        n_estimators=params["n_estimators"],
        learning_rate=params["learning_rate"],
        random_state=seed,
    )


def _in_rusboost(estimator: Any, y: Labels, *, params: Mapping[str, Any], seed: int) -> Any:
    """Return AdaBoost that drops other negatives at random in every round."""
    from imblearn.ensemble import RUSBoostClassifier

    return RUSBoostClassifier(
        estimator=estimator.set_params(max_depth=params["max_depth"]),
        n_estimators=params["n_estimators"],
        learning_rate=params["learning_rate"],
        sampling_strategy=class_ratio(y, params["balance"]),
        random_state=seed,
    )


def _balanced_forest(estimator: Any, y: Labels, *, params: Mapping[str, Any], seed: int) -> Any:
    """Return the same forest with a balanced bootstrap for every tree."""
    from imblearn.ensemble import BalancedRandomForestClassifier

    wanted = balanced_counts(y, params["balance"])
    arguments = {
        **estimator.get_params(deep=False),
        "bootstrap": False,  # the sampler draws, not the forest
        "replacement": params["replacement"],
        "sampling_strategy": {0: wanted.negatives, 1: wanted.positives},
    }
    return BalancedRandomForestClassifier(**arguments)


def _shares_drawn(y: Labels, params: Mapping[str, Any]) -> tuple[float, float]:
    """Return the shares of negatives and of positives that a boosting round draws."""
    wanted, positives = _member_counts(y, params), int(y.sum())
    return wanted.negatives / (len(y) - positives), wanted.positives / positives


def _member_counts(y: Labels, params: Mapping[str, Any]) -> ClassCounts:
    return balanced_counts(y, params["balance"])


def _balance(trial: Trial) -> dict[str, Any]:
    return {"balance": trial.suggest_float("balance", 0.2, 1.0)}


def _bagging_space(trial: Trial) -> dict[str, Any]:
    return {**_balance(trial), "n_members": trial.suggest_int("n_members", 5, 20)}


def _boosting_space(trial: Trial) -> dict[str, Any]:
    return {
        **_balance(trial),
        "n_estimators": trial.suggest_int("n_estimators", 10, 200, log=True),
        "learning_rate": trial.suggest_float("learning_rate", 0.05, 1.0, log=True),
        "max_depth": trial.suggest_int("max_depth", 1, 3),
    }


def _easy_space(trial: Trial) -> dict[str, Any]:
    return {**_boosting_space(trial), "n_members": trial.suggest_int("n_members", 5, 15)}


def _forest_space(trial: Trial) -> dict[str, Any]:
    return {
        **_balance(trial),
        "replacement": trial.suggest_categorical("replacement", (True, False)),
    }


ENSEMBLES = (
    Strategy(
        name="balanced-bagging",
        summary="average fits on several balanced undersamples (Wallace 2011)",
        defaults={"balance": 1.0, "n_members": 10},
        draw=draw_balanced,
        meets=_member_counts,
        search_space=_bagging_space,
        fit_factor=6.0,
    ),
    Strategy(
        name="easy-ensemble",
        summary="average AdaBoost of small trees on several balanced undersamples (Liu 2009)",
        needs=Needs(part="weak-learner"),
        # The stumps of imbalanced-learn's EasyEnsembleClassifier.
        defaults={
            "balance": 1.0,
            "n_members": 10,
            "n_estimators": 50,
            "learning_rate": 1.0,
            "max_depth": 1,
        },
        draw=draw_balanced,
        wrap=_in_adaboost,
        meets=_member_counts,
        search_space=_easy_space,
        libraries=("scikit-learn",),
        fit_factor=40.0,
    ),
    Strategy(
        name="rusboost",
        summary="AdaBoost of small trees, with other negatives dropped every round (Seiffert 2010)",
        needs=Needs(part="weak-learner"),
        # Not imbalanced-learn's stumps at rate 1: boosting ends where a tree that learnt from
        # balanced rows is worse than chance on all of them, on Telco after 5 of 50 rounds.
        defaults={"balance": 1.0, "n_estimators": 50, "learning_rate": 0.1, "max_depth": 3},
        wrap=_in_rusboost,
        meets=_member_counts,
        search_space=_boosting_space,
        libraries=LIBRARIES,
        fit_factor=5.0,
    ),
    Strategy(
        name="balanced-forest",
        summary="a random forest with a balanced bootstrap for every tree (Chen 2004)",
        needs=Needs(part="forest"),
        defaults={"balance": 1.0, "replacement": True},
        wrap=_balanced_forest,
        meets=_member_counts,
        search_space=_forest_space,
        libraries=LIBRARIES,
    ),
    Strategy(
        name="class-bagging",
        summary="every boosting round draws as many negatives as positives",
        needs=Needs(part="class-bagging"),
        defaults={"balance": 1.0},
        bag=_shares_drawn,
        meets=_member_counts,
        search_space=_balance,
        fit_factor=0.8,
    ),
)
