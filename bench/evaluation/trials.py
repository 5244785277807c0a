"""One trial of a nested study: what it proposes, and what that scores on inner folds.

A trial needs nothing but the finished trials before it, so it runs wherever
there is a free worker. It never sees a test row. The sampler of trial *n* is
seeded by *n*: a study that is killed and continued, or whose trials run in
several processes, proposes what it would have proposed anyway.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from bench.domain import Job
from bench.domain import Trial as TrialApi
from bench.evaluation.fitting import fit_model, fit_seed, stopping_set
from bench.evaluation.splits import inner_parts
from bench.evaluation.workspace import View, Workspace
from bench.identity import derive_seed
from bench.metrics import METRICS, Inputs
from bench.models import MODELS, Model
from bench.models.base import Curve, GivenUp
from bench.strategies import STRATEGIES, UnsuitableRowsError

if TYPE_CHECKING:
    import numpy as np
    import optuna
    from numpy.typing import NDArray

AUTO = "auto"
STARTUP_TRIALS = 4
"""Finished trials before any is judged by the median of those before it."""


@dataclass(frozen=True)
class Proposal:
    """What one trial tries."""

    params: Mapping[str, Any]
    strategy: str
    strategy_params: Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class Inner:
    """Out-of-fold scores of one proposal over all training rows, and its boosting per inner fold.

    Attributes
    ----------
    scores : ndarray of shape (n_train,)
    rounds : tuple of int
        Boosting rounds in each inner fold, 0 without boosting.
    curves : tuple of Curve
        The best metric until certain rounds, in each inner fold.
    """

    scores: NDArray[np.float64]
    rounds: tuple[int, ...]
    curves: tuple[Curve, ...] = ()


@dataclass(frozen=True, eq=False)
class TrialOutcome:
    """A finished trial, with its inner scores where it is the best of its study so far."""

    trial: optuna.trial.FrozenTrial
    inner: Inner | None = None


class _Names:
    """A trial that notes the names it is asked for, and answers with the lower end."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def suggest_float(self, name: str, low: float, high: float, *, log: bool = False) -> float:
        self.asked.append(name)
        return low

    def suggest_int(self, name: str, low: int, high: int, *, log: bool = False) -> int:
        self.asked.append(name)
        return low

    def suggest_categorical(self, name: str, choices: tuple[Any, ...]) -> Any:
        self.asked.append(name)
        return choices[0]


def start_from(model: Model, params: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``params`` of a fit as the trial of a study; what the study does not tune is left."""
    names = _Names()
    model.search_space(names)
    return {f"model.{name}": params[name] for name in names.asked if name in params}


class _Prefixed:
    """A trial whose names are prefixed, so that two search spaces never collide."""

    def __init__(self, trial: TrialApi, prefix: str) -> None:
        self._trial, self._prefix = trial, prefix

    def suggest_float(self, name: str, low: float, high: float, *, log: bool = False) -> float:
        return self._trial.suggest_float(f"{self._prefix}.{name}", low, high, log=log)

    def suggest_int(self, name: str, low: int, high: int, *, log: bool = False) -> int:
        return self._trial.suggest_int(f"{self._prefix}.{name}", low, high, log=log)

    def suggest_categorical(self, name: str, choices: tuple[Any, ...]) -> Any:
        return self._trial.suggest_categorical(f"{self._prefix}.{name}", choices)


def propose(trial: TrialApi, model: Model, *, choices: tuple[str, ...]) -> Proposal:
    """Return what ``trial`` tries: model and strategy parameters, tuned together."""
    strategy = trial.suggest_categorical("strategy", choices) if len(choices) > 1 else choices[0]
    return Proposal(
        params=model.search_space(_Prefixed(trial, "model")),
        strategy=strategy,
        strategy_params=STRATEGIES.lookup(strategy).search_space(_Prefixed(trial, strategy)),
    )


def choices_of(job: Job) -> tuple[str, ...]:
    """Return the strategies among which the study of ``job`` chooses."""
    return job.choices if job.candidate.strategy == AUTO else (job.candidate.strategy,)


def direction_of(job: Job) -> Literal["maximize", "minimize"]:
    """Return which way the study of ``job`` optimises its metric."""
    return "maximize" if METRICS.lookup(job.metric).direction == "higher" else "minimize"


def run_trial(
    workspace: Workspace, job: Job, finished: Sequence[optuna.trial.FrozenTrial]
) -> TrialOutcome:
    """Run the trial that follows ``finished`` and return it.

    A proposal is given up as soon as it is below the median of the earlier
    trials: after an inner fold, or within the boosting rounds of one.
    """
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    started = time.process_time()
    number = len(finished)
    study = optuna.create_study(
        direction=direction_of(job),
        sampler=optuna.samplers.TPESampler(
            n_startup_trials=min(10, max(2, job.trials // 3)),
            seed=derive_seed(job.seed, "study", *_axes(job), number),
        ),
        # Three inner folds are too few for a rank test; the median of a fold is not.
        pruner=optuna.pruners.MedianPruner(
            n_startup_trials=min(STARTUP_TRIALS, job.trials), n_warmup_steps=0
        ),
    )
    study.add_trials(finished)
    queue = (_start(job), *job.starts)
    if number < len(queue):
        study.enqueue_trial(dict(queue[number]))
    trial = study.ask()
    inner, value, state = None, None, optuna.trial.TrialState.PRUNED
    try:
        proposal = propose(trial, MODELS.lookup(job.candidate.model), choices=choices_of(job))
        bars = median_bars(finished, job)
        inner, value = evaluate(workspace, job, proposal, trial=trial, bars=bars)
        trial.set_user_attr("curves", inner.curves)
        state = optuna.trial.TrialState.COMPLETE
    except optuna.TrialPruned:
        pass
    except GivenUp as given_up:
        trial.set_user_attr("given_up", given_up.rounds)
    except UnsuitableRowsError as error:
        trial.set_user_attr("refusal", str(error))
    trial.set_user_attr("seconds", time.process_time() - started)
    told = study.tell(trial, value, state=state)
    is_best = inner is not None and study.best_trial.number == number
    return TrialOutcome(told, inner if is_best else None)


def median_bars(finished: Sequence[optuna.trial.FrozenTrial], job: Job) -> tuple[Curve, ...]:
    """Return, for each inner fold, the median of the earlier trials at certain rounds.

    Only trials that came to an end count, and only where there are a few of
    them; one whose fit was over before a round counts with what it came to
    (the median stopping rule of Golovin et al. 2017, "Google Vizier").
    """
    import optuna

    done = [
        trial.user_attrs["curves"]
        for trial in finished
        if trial.state == optuna.trial.TrialState.COMPLETE and trial.user_attrs.get("curves")
    ]
    if len(done) < STARTUP_TRIALS:
        return ()
    bars = []
    for fold in range(job.inner_folds):
        points = zip(*(trial[fold] for trial in done), strict=True)
        bars.append(
            tuple((same[0][0], statistics.median(best for _, best in same)) for same in points)
        )
    return tuple(bars)


def _axes(job: Job) -> tuple[Any, ...]:
    """Return what the dice of a study depend on: the split and what is tuned, not how long."""
    return (job.split.repeat, job.split.fold, job.candidate.model, job.candidate.strategy)


def _start(job: Job) -> dict[str, Any]:
    """Return the first trial: the model's starting point, and ``none`` where that is a choice."""
    model, choices = MODELS.lookup(job.candidate.model), choices_of(job)
    start = {f"model.{name}": value for name, value in model.start.items()}
    if len(choices) > 1:
        start["strategy"] = "none" if "none" in choices else choices[0]
    return start


def evaluate(
    workspace: Workspace,
    job: Job,
    proposal: Proposal,
    *,
    trial: optuna.Trial | None = None,
    bars: Sequence[Curve] = (),
) -> tuple[Inner, float]:
    """Return the out-of-fold scores of ``proposal`` and their mean metric over inner folds.

    ``bars`` are what each inner fold must reach at certain boosting rounds.

    Raises
    ------
    optuna.TrialPruned
        If ``trial`` is given and is not worth finishing.
    GivenUp
        If a bar is missed.
    """
    import numpy as np
    import optuna

    train_rows, _ = workspace.splitter.rows(job.split)
    model = MODELS.lookup(job.candidate.model)
    scores = np.full(len(train_rows), np.nan)
    values: list[float] = []
    rounds: list[int] = []
    curves: list[Curve] = []
    for fold, part in enumerate(inner_parts(job.inner_folds)):
        view = View(job.split, part, job.candidate.preparation)
        held = workspace.prepared(view)
        train = workspace.trainable(view, proposal.strategy, proposal.strategy_params)
        stopping = None
        if model.capabilities.has_early_stopping:
            bar = () if train.members or not bars else bars[fold]
            stopping = stopping_set(job, held.held_X, held.held_y, bar)
        fitted = fit_model(
            model,
            proposal.params,
            train,
            seed=fit_seed(job.seed, job.split, part, model.name),
            threads=job.threads,
            stopping=stopping,
        )
        held_score = fitted.score(held.held_X)
        scores[np.searchsorted(train_rows, held.held_rows)] = held_score
        values.append(_value(job, model, held.held_y, held_score))
        rounds.append(fitted.rounds)
        curves.append(fitted.curve)
        if trial is not None:
            trial.report(statistics.fmean(values), fold)
            if fold + 1 < job.inner_folds and trial.should_prune():
                raise optuna.TrialPruned
    return Inner(scores, tuple(rounds), tuple(curves)), statistics.fmean(values)


def _value(job: Job, model: Model, y: NDArray[np.int8], score: NDArray[np.float64]) -> float:
    metric = METRICS.lookup(job.metric)
    value = metric.compute(Inputs(y, score, model.capabilities.outputs))
    if value is None:
        raise ValueError(f"metric {metric.name} does not apply to {model.name}")
    return value
