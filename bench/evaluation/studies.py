"""Nested studies: their finished trials, kept on disk, and what they chose.

Finished trials are kept in an Optuna journal file, one line each, by the one
process that hands out the work; `bench.evaluation.trials` runs them anywhere.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bench.domain import Job
from bench.evaluation.trials import (
    Inner,
    Proposal,
    TrialOutcome,
    choices_of,
    direction_of,
    evaluate,
    propose,
)
from bench.evaluation.workspace import Workspace
from bench.models import MODELS
from bench.strategies import UnsuitableRowsError

if TYPE_CHECKING:
    import numpy as np
    import optuna
    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class StudyState:
    """The finished trials of a study, and the inner scores of the best one if still at hand."""

    trials: tuple[optuna.trial.FrozenTrial, ...] = ()
    inner: Inner | None = None


@dataclass(frozen=True, eq=False)
class Tuned:
    """What a study chose.

    ``inner_score`` holds the out-of-fold scores of the training rows (in the
    order of the outer part) at the chosen trial; ``rounds`` is the mean number
    of boosting rounds over inner folds, 0 without boosting; ``messages`` are
    the warnings of its trials.
    """

    proposal: Proposal
    rounds: int
    inner_score: NDArray[np.float64]
    seconds: float
    n_trials: int
    messages: tuple[str, ...] = ()
    peak_memory_mb: float = 0.0


class Study:
    """The study of one job: what is finished of it, in memory and in its journal.

    Parameters
    ----------
    job : Job
    folder : Path
        Where journals are kept.
    """

    def __init__(self, job: Job, folder: Path) -> None:
        import optuna

        optuna.logging.set_verbosity(optuna.logging.ERROR)
        self._journal = _open_journal(folder / f"{job.id}.log", job)
        self.state = StudyState(tuple(self._journal.trials)[: job.trials])

    @property
    def n_finished(self) -> int:
        """How many trials there are."""
        return len(self.state.trials)

    def add(self, outcome: TrialOutcome) -> None:
        """Keep a finished trial."""
        self._journal.add_trial(outcome.trial)
        inner = self.state.inner if outcome.inner is None else outcome.inner
        self.state = StudyState((*self.state.trials, outcome.trial), inner)


def conclude(workspace: Workspace, job: Job, state: StudyState) -> Tuned:
    """Return what the finished study of ``job`` chose.

    Raises
    ------
    UnsuitableRowsError
        If no trial came to an end.
    """
    import optuna

    study = optuna.create_study(direction=direction_of(job))
    study.add_trials(state.trials)
    if all(trial.state != optuna.trial.TrialState.COMPLETE for trial in study.trials):
        refusal = state.trials[-1].user_attrs.get("refusal", "given up")
        raise UnsuitableRowsError(f"no trial came to an end; the last one: {refusal}")
    fixed = optuna.trial.FixedTrial(study.best_params)
    proposal = propose(fixed, MODELS.lookup(job.candidate.model), choices=choices_of(job))
    inner = state.inner
    if inner is None:  # the study was continued, and journals hold no scores
        inner, _ = evaluate(workspace, job, proposal)
    said = [trial.user_attrs for trial in state.trials]
    notes = itertools.chain.from_iterable(one.get("messages", ()) for one in said)
    return Tuned(
        proposal=proposal,
        rounds=round(sum(inner.rounds) / len(inner.rounds)),
        inner_score=inner.scores,
        seconds=sum(one.get("seconds", 0.0) for one in said),
        n_trials=len(state.trials),
        messages=tuple(dict.fromkeys(notes)),
        peak_memory_mb=max(one.get("peak_memory_mb", 0.0) for one in said),
    )


def _open_journal(path: Path, job: Job) -> optuna.Study:
    """Return the study on disk that keeps the finished trials, one line each.

    Whoever opens it with tools of Optuna's sees the same best trial as we do.
    """
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
    return optuna.create_study(
        storage=storage, study_name=job.id, direction=direction_of(job), load_if_exists=True
    )
