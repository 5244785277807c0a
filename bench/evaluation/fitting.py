"""One fit: how many boosting rounds, how long it took, what it scores."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from bench.domain import Job, Split
from bench.evaluation.splits import OUTER, STOP, Part, inner_parts
from bench.evaluation.workspace import Trainable, View, Workspace
from bench.identity import derive_seed
from bench.models import MODELS, Averaged, Model, StoppingSet, TrainingSet
from bench.models.base import Curve, StoppingMetric
from bench.strategies import Strategy

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
    """A fitted estimator with the model that can use it and what it cost.

    ``model`` is the candidate's, or for an ensemble the mean of several.
    ``curve`` holds the best metric on the held-back rows until certain rounds,
    for one boosted fit that had such rows.
    """

    model: Model
    estimator: Any
    rounds: int
    seconds: float
    curve: Curve = ()

    def score(self, X: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return one score per row."""
        return self.model.predict_score(self.estimator, X)


def why_not_pair(model: Model, strategy: Strategy) -> str:
    """Return why ``strategy`` has no meaning for ``model``, or ``""`` if it does."""
    capabilities = model.capabilities
    if strategy.weigh is not None and not capabilities.takes_weights:
        return f"{model.name} takes no sample weights, which is what {strategy.name} sets"
    if strategy.loss is not None:
        loss = strategy.loss(strategy.defaults).name
        if loss not in capabilities.losses:
            able = _named(other for other in MODELS if loss in other.capabilities.losses)
            return f"{model.name} cannot minimise the {loss} loss; {able} can"
    part = strategy.needs.part
    if part and part not in capabilities.parts:
        able = _named(other for other in MODELS if part in other.capabilities.parts)
        return f"{strategy.name} is made of {able}, not of {model.name}"
    return ""


def _named(models: Iterable[Model]) -> str:
    names = [model.name for model in models] or ["no model here"]
    return " and ".join([", ".join(names[:-1])] * (len(names) > 1) + names[-1:])


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
    """Build and fit ``model`` on what a strategy made of the training rows.

    An ensemble is as many fits as it has members, each with a seed of its own;
    its number of rounds is their mean.

    Raises
    ------
    ValueError
        If the strategy asks for something that the model cannot do.
    """
    reason = why_not_pair(model, train.strategy)
    if reason:
        raise ValueError(reason)
    wrap, seconds = train.strategy.wrap, 0.0
    estimators: list[Any] = []
    rounds: list[int] = []
    for number, data in enumerate(_learning_sets(train)):
        own_seed = derive_seed(seed, "member", number) if train.members else seed
        estimator = model.build(params, seed=own_seed, threads=threads)
        if wrap is not None:
            estimator = wrap(estimator, data.y, params=train.params, seed=own_seed)
        started = time.process_time()
        rounds.append(model.fit(estimator, data, stopping))
        seconds += time.process_time() - started
        estimators.append(estimator)
    if not train.members:
        curve = getattr(estimators[0], "stopping_curve_", ())
        return Fitted(model, estimators[0], rounds[0], seconds, curve)
    return Fitted(Averaged(model), tuple(estimators), round(sum(rounds) / len(rounds)), seconds)


def _learning_sets(train: Trainable) -> Iterator[TrainingSet]:
    """Yield what each member of an ensemble learns from; without members, everything once."""
    data = train.data
    if not train.members:
        yield data
    for rows in train.members:
        weight = None if data.weight is None else data.weight[rows]
        yield replace(data, X=data.X[rows], y=data.y[rows], weight=weight)


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


def stopping_set(
    job: Job, X: NDArray[np.float64], y: NDArray[np.int8], bar: Curve = ()
) -> StoppingSet:
    """Return the held-back rows of an inner fold, for early stopping in a study.

    A fit that is below ``bar`` at one of its rounds is given up.
    """
    return StoppingSet(X, y, _metric(job), STUDY_PATIENCE, bar)


def parts_of(job: Job) -> tuple[Part, ...]:
    """Return the parts of its split that ``job`` learns from or is held against."""
    candidate = job.candidate
    if candidate.tuning == "optuna":
        return (OUTER, *inner_parts(job.inner_folds))
    stops = MODELS.lookup(candidate.model).capabilities.has_early_stopping
    return (OUTER, STOP) if candidate.tuning == "recommended" and stops else (OUTER,)


def outer_view(job: Job) -> View:
    """Return the view of the training and test rows of ``job``."""
    return View(job.split, OUTER, job.candidate.preparation)


def _metric(job: Job) -> StoppingMetric:
    return next(metric for metric in STOPPING_METRICS if metric == job.metric)
