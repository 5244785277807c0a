"""Nested studies: parameters (and under ``auto`` the strategy) chosen on inner folds only.

A study never sees a test row. It is deterministic: the sampler of trial *n* is
seeded by *n*, so a study that is killed and continued proposes what it would
have proposed anyway. Finished trials are kept in an Optuna journal file.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from bench.domain import Job
from bench.domain import Trial as TrialApi
from bench.evaluation.fitting import fit_model, fit_seed, stopping_set
from bench.evaluation.splits import inner_parts
from bench.evaluation.workspace import View, Workspace
from bench.identity import derive_seed
from bench.metrics import METRICS, Inputs
from bench.models import MODELS, Model
from bench.strategies import STRATEGIES, UnsuitableRowsError

if TYPE_CHECKING:
    import numpy as np
    import optuna
    from numpy.typing import NDArray

AUTO = "auto"


@dataclass(frozen=True)
class Proposal:
    """What one trial tries."""

    params: Mapping[str, Any]
    strategy: str
    strategy_params: Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class Tuned:
    """What a study chose.

    ``inner_score`` holds the out-of-fold scores of the training rows (in the
    order of the outer part) at the chosen trial; ``rounds`` is the mean number
    of boosting rounds over inner folds, 0 without boosting.
    """

    proposal: Proposal
    rounds: int
    inner_score: NDArray[np.float64]
    seconds: float
    n_trials: int


@dataclass(frozen=True, eq=False)
class _Inner:
    """Out-of-fold scores of one proposal, and its rounds per inner fold."""

    scores: NDArray[np.float64]
    rounds: tuple[int, ...]


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


def tune(workspace: Workspace, job: Job, *, studies: Path) -> Tuned:
    """Run (or continue) the study of ``job`` and return what it chose."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    started = time.process_time()
    search = _Search(workspace, job)
    journal = _journal(studies / f"{job.id}.log", job.id)
    study = optuna.create_study(
        direction=search.direction,
        # Three inner folds are too few for a rank test; the median of a fold is not.
        pruner=optuna.pruners.MedianPruner(n_startup_trials=min(4, job.trials), n_warmup_steps=0),
    )
    refusal: Exception | None = None
    for finished in journal.trials:
        study.add_trial(finished)
    for number in range(len(study.trials), job.trials):
        study.sampler = optuna.samplers.TPESampler(
            n_startup_trials=min(10, max(2, job.trials // 3)),
            seed=derive_seed(job.seed, "study", *_study_axes(job), number),
        )
        if number == 0:
            study.enqueue_trial(search.start)
        trial = study.ask()
        try:
            state, value = optuna.trial.TrialState.COMPLETE, search.objective(trial)
        except (optuna.TrialPruned, UnsuitableRowsError) as error:
            state, value, refusal = optuna.trial.TrialState.PRUNED, None, error
        journal.add_trial(study.tell(trial, value, state=state))
    if all(trial.state != optuna.trial.TrialState.COMPLETE for trial in study.trials):
        raise UnsuitableRowsError(f"no trial came to an end; the last one: {refusal}")
    best = study.best_trial
    proposal = propose(optuna.trial.FixedTrial(best.params), search.model, choices=search.choices)
    inner = search.inner_of(best.number, proposal)
    return Tuned(
        proposal=proposal,
        rounds=round(sum(inner.rounds) / len(inner.rounds)),
        inner_score=inner.scores,
        seconds=time.process_time() - started,
        n_trials=len(study.trials),
    )


class _Search:
    """What the trials of one study share."""

    def __init__(self, workspace: Workspace, job: Job) -> None:
        self._workspace, self._job = workspace, job
        self.model = MODELS.lookup(job.candidate.model)
        self.choices = job.choices if job.candidate.strategy == AUTO else (job.candidate.strategy,)
        self._metric = METRICS.lookup(job.metric)
        self.direction: Literal["maximize", "minimize"] = (
            "maximize" if self._metric.direction == "higher" else "minimize"
        )
        self._train, _ = workspace.splitter.rows(job.split)
        self._best: tuple[int, float, _Inner] | None = None

    @property
    def start(self) -> dict[str, Any]:
        """The first trial: the model's starting point, and ``none`` where that is a choice."""
        start = {f"model.{name}": value for name, value in self.model.start.items()}
        if len(self.choices) > 1:
            start["strategy"] = "none" if "none" in self.choices else self.choices[0]
        return start

    def objective(self, trial: optuna.Trial) -> float:
        """Return the mean metric over inner folds, or prune after any of them."""
        proposal = propose(trial, self.model, choices=self.choices)

        def report(fold: int, mean: float) -> None:
            import optuna

            trial.report(mean, fold)
            if fold + 1 < self._job.inner_folds and trial.should_prune():
                raise optuna.TrialPruned

        inner, value = self._evaluate(proposal, report)
        sign = 1.0 if self.direction == "maximize" else -1.0
        if self._best is None or sign * value > sign * self._best[1]:
            self._best = (trial.number, value, inner)
        return value

    def inner_of(self, number: int, proposal: Proposal) -> _Inner:
        """Return the out-of-fold scores of trial ``number``; made again after a restart."""
        if self._best is not None and self._best[0] == number:
            return self._best[2]
        return self._evaluate(proposal, lambda fold, mean: None)[0]

    def _evaluate(
        self, proposal: Proposal, report: Callable[[int, float], None]
    ) -> tuple[_Inner, float]:
        import numpy as np

        scores = np.full(len(self._train), np.nan)
        values: list[float] = []
        rounds: list[int] = []
        for fold, part in enumerate(inner_parts(self._job.inner_folds)):
            view = View(self._job.split, part, self._job.candidate.preparation)
            held = self._workspace.prepared(view)
            train = self._workspace.trainable(view, proposal.strategy, proposal.strategy_params)
            fitted = fit_model(
                self.model,
                proposal.params,
                train,
                seed=fit_seed(self._job.seed, self._job.split, part, self.model.name),
                threads=self._job.threads,
                stopping=stopping_set(self._job, held.held_X, held.held_y)
                if self.model.capabilities.has_early_stopping
                else None,
            )
            held_score = fitted.score(held.held_X)
            scores[np.searchsorted(self._train, held.held_rows)] = held_score
            values.append(self._value(held.held_y, held_score))
            rounds.append(fitted.rounds)
            report(fold, float(np.mean(values)))
        return _Inner(scores, tuple(rounds)), float(np.mean(values))

    def _value(self, y: NDArray[np.int8], score: NDArray[np.float64]) -> float:
        value = self._metric.compute(Inputs(y, score, self.model.capabilities.outputs))
        if value is None:
            raise ValueError(f"metric {self._metric.name} does not apply to {self.model.name}")
        return value


def _study_axes(job: Job) -> tuple[Any, ...]:
    """Return what the dice of a study depend on: the split and what is tuned, not how long."""
    return (job.split.repeat, job.split.fold, job.candidate.model, job.candidate.strategy)


def _journal(path: Path, name: str) -> optuna.Study:
    """Return the study on disk that keeps the finished trials, one line each."""
    import optuna
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend

    path.parent.mkdir(parents=True, exist_ok=True)
    # A process that was killed while it wrote leaves its lock and half a line.
    path.with_name(path.name + ".lock").unlink(missing_ok=True)
    if path.exists():
        text = path.read_bytes()
        path.write_bytes(text[: text.rfind(b"\n") + 1])
    storage = JournalStorage(JournalFileBackend(str(path)))
    return optuna.create_study(storage=storage, study_name=name, load_if_exists=True)
