"""One fit: how many boosting rounds, how long it took, what it scores."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bench.domain import Job, Split
from bench.evaluation.splits import OUTER, STOP, Part
from bench.evaluation.workspace import Trainable, View, Workspace
from bench.identity import derive_seed
from bench.models import Model, StoppingSet
from bench.models.base import StoppingMetric

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

RECOMMENDED_PATIENCE = 50
STUDY_PATIENCE = 20
STOPPING_METRICS: tuple[StoppingMetric, ...] = (
    "roc_auc",
    "average_precision",
    "log_loss",
    "brier",
)


@dataclass(frozen=True, eq=False)
class Fitted:
    """A fitted estimator with what it was built from and what it cost."""

    estimator: Any
    rounds: int
    seconds: float


def fit_seed(seed: int, split: Split, part: Part, model: str) -> int:
    """Return the seed of a fit, the same for all strategies: they differ in nothing else."""
    return derive_seed(seed, "fit", split.repeat, split.fold, str(part), model)


def fit_model(
    model: Model,
    params: Mapping[str, Any],
    train: Trainable,
    *,
    seed: int,
    threads: int,
    stopping: StoppingSet | None = None,
) -> Fitted:
    """Build and fit ``model`` on what a strategy made of the training rows."""
    estimator = model.build(params, seed=seed, threads=threads)
    started = time.process_time()
    rounds = model.fit(estimator, train.data, stopping)
    return Fitted(estimator, rounds, time.process_time() - started)


def find_rounds(
    workspace: Workspace, job: Job, model: Model, params: Mapping[str, Any]
) -> tuple[int, float]:
    """Return how many boosting rounds suit ``params``, and the CPU seconds of finding out.

    A fifth of the training rows is held back *before* anything is learnt or
    resampled, and the unweighted metric on it decides. The final fit then uses
    that number on all training rows, so that every candidate of a board learns
    from the same rows.
    """
    view = View(job.split, STOP, job.candidate.preparation)
    held = workspace.prepared(view)
    train = workspace.trainable(view, job.candidate.strategy)
    fitted = fit_model(
        model,
        params,
        train,
        seed=fit_seed(job.seed, job.split, STOP, model.name),
        threads=job.threads,
        stopping=StoppingSet(held.held_X, held.held_y, _metric(job), RECOMMENDED_PATIENCE),
    )
    return fitted.rounds, fitted.seconds


def stopping_set(job: Job, X: NDArray[np.float64], y: NDArray[np.int8]) -> StoppingSet:
    """Return the held-back rows of an inner fold, for early stopping in a study."""
    return StoppingSet(X, y, _metric(job), STUDY_PATIENCE)


def outer_view(job: Job) -> View:
    """Return the view of the training and test rows of ``job``."""
    return View(job.split, OUTER, job.candidate.preparation)


def _metric(job: Job) -> StoppingMetric:
    return next(metric for metric in STOPPING_METRICS if metric == job.metric)
