"""Fitting and scoring a model as a run would, and raising where nobody could use the outcome."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, get_args

from bench.contracts.base import ContractBroken
from bench.contracts.tables import small_case
from bench.models import Model, StoppingSet, TrainingSet
from bench.models.base import StoppingMetric

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LARGEST_SEED = 2**31 - 1
PATIENCE = 10


@dataclass(frozen=True, eq=False)
class FittedOnce:
    """One fit, and its scores of the rows that it was asked about."""

    estimator: Any
    rounds: int
    scores: NDArray[np.float64]


def fit_and_score(
    model: Model,
    train: TrainingSet,
    X: NDArray[np.float64],
    *,
    params: Mapping[str, Any] | None = None,
    stopping: StoppingSet | None = None,
) -> FittedOnce:
    """Build, fit and score as a run would, and raise unless the scores are usable."""
    import numpy as np

    estimator = model.build(params or {}, seed=LARGEST_SEED, threads=1)
    rounds = model.fit(estimator, train, stopping)
    scores = model.predict_score(estimator, X)
    if not isinstance(scores, np.ndarray) or scores.dtype != np.float64:
        found = getattr(scores, "dtype", type(scores).__name__)
        raise ContractBroken(f"predict_score returned {found}, expected an array of float64")
    if scores.shape != (len(X),):
        raise ContractBroken(f"scores have shape {scores.shape}, expected ({len(X)},)")
    if not np.isfinite(scores).all():
        raise ContractBroken(f"{int((~np.isfinite(scores)).sum())} scores are not finite")
    return FittedOnce(estimator, rounds, scores)


def stopping_rows(metric: StoppingMetric = "roc_auc", *, flip: bool = False) -> StoppingSet:
    """Return held-back rows, ``flip`` with the labels the wrong way round."""
    case = small_case()
    y = 1 - case.held_y if flip else case.held_y
    return StoppingSet(case.held_X, y, metric, PATIENCE)


def check_stopping(model: Model, train: TrainingSet) -> None:
    """Raise unless it stops by every metric, sooner where held-back rows contradict it."""
    case = small_case()
    for metric in get_args(StoppingMetric):
        rounds = []
        for flip in (False, True):
            stopping = stopping_rows(metric, flip=flip)
            params = model.recommended
            fitted = fit_and_score(model, train, case.held_X, params=params, stopping=stopping)
            rounds.append(fitted.rounds)
        if min(rounds) < 1:
            raise ContractBroken(f"by {metric} it keeps {min(rounds)} rounds, expected at least 1")
        # A ranking may come out well by luck in some round; a loss only grows.
        if metric == "log_loss" and rounds[1] >= rounds[0]:
            raise ContractBroken(
                f"by {metric} it keeps {rounds[0]} rounds, and {rounds[1]} where held-back rows "
                "contradict what it learns, expected fewer"
            )


def check_explanations(model: Model, estimator: Any, X: NDArray[np.float64]) -> None:
    """Raise unless importances are one finite number per column."""
    import numpy as np

    found = {
        "gains": (model.gains(estimator), (X.shape[1],)),
        "coefficients": (model.coefficients(estimator), (X.shape[1],)),
        "contributions": (model.contributions(estimator, X), X.shape),
    }
    for name, (values, shape) in found.items():
        if values is None:
            continue
        if np.shape(values) != shape:
            raise ContractBroken(f"{name} have shape {np.shape(values)}, expected {shape}")
        if not np.isfinite(values).all():
            raise ContractBroken(f"{name} hold values that are not finite")
