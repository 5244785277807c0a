"""From missing jobs to tasks: shared work, the trials of studies one by one, and the jobs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Future
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from bench.domain import Importance, Job, Record, Result
from bench.evaluation.fitting import parts_of
from bench.evaluation.job import JobOptions
from bench.evaluation.studies import Study, StudyState
from bench.evaluation.workspace import View, WorkspaceKey
from bench.execution.planning import Plan
from bench.execution.scheduling import Call, Task
from bench.execution.worker import do_job, do_shared, do_trial, give_back
from bench.strategies import STRATEGIES

SHARED_SECONDS = 0.05
TRIALS_SHARE = 0.95
"""Of the cost of a job with a study; the rest is the final fit."""

SharedKey = tuple[View, str]


@dataclass(frozen=True)
class Hooks:
    """Who is told what: of a finished job, and of a trial (with its share of the job's cost)."""

    keep: Callable[[Result], None]
    advanced: Callable[[Job, float], None]


def build_tasks(
    jobs: Iterable[Job], key: WorkspaceKey, plan: Plan, *, studies: Path, hooks: Hooks
) -> list[Task]:
    """Return the tasks of ``jobs`` with the shared work that they wait for, which comes first.

    Trials of one study follow each other; those of several studies run side by
    side, so that no worker waits while any study has trials left.
    """
    shared: dict[SharedKey, Task] = {}
    tasks: list[Task] = []
    for job in jobs:
        needed = _shared_work(job)
        for view, strategy in needed:
            if (view, strategy) not in shared:
                after = ((view, ""),) if strategy else ()
                resampling = STRATEGIES.lookup(strategy).resample_seconds if strategy else 0.0
                shared[(view, strategy)] = Task(
                    (view, strategy),
                    (do_shared, (key, view, strategy)),
                    SHARED_SECONDS + resampling,
                    after,
                )
        steps = _Steps(job, key, plan.explained[job.id], studies, hooks)
        own = steps.tasks(plan.costs[job.id], plan.slots[job.id], tuple(needed))
        for task in own:
            task.leaves_memory = job.id in plan.leaving
        tasks += own
    return [*shared.values(), *tasks]


def _shared_work(job: Job) -> list[SharedKey]:
    """Return what ``job`` shares with others: prepared views, then resampled ones."""
    candidate = job.candidate
    views = [View(job.split, part, candidate.preparation) for part in parts_of(job)]
    needed: list[SharedKey] = [(view, "") for view in views]
    if candidate.tuning != "optuna" and STRATEGIES.lookup(candidate.strategy).resample is not None:
        needed += [(view, candidate.strategy) for view in views]
    return needed


@dataclass(eq=False)
class _Steps:
    """The steps of one job: the trials of its study, if it has one, and the job itself."""

    job: Job
    key: WorkspaceKey
    importance: Importance
    studies: Path
    hooks: Hooks
    failure: str = ""

    @cached_property
    def study(self) -> Study:
        """The study; opened when its first trial is about to run."""
        return Study(self.job, self.studies)

    def tasks(self, cost: float, slots: int, needed: tuple[SharedKey, ...]) -> list[Task]:
        """Return the job's tasks, in order."""
        job = self.job
        n_left = job.trials
        if n_left and (self.studies / f"{job.id}.log").exists():
            n_left -= self.study.n_finished
        share = TRIALS_SHARE / job.trials if job.trials else 0.0
        chain: list[Task] = []
        after: tuple[Any, ...] = needed
        for number in range(job.trials - n_left, job.trials):
            ended = partial(self._trial_ended, share)
            chain.append(
                Task(
                    (job.id, number),
                    self._next_trial,
                    cost * share,
                    after,
                    job,
                    on_end=ended,
                    slots=slots,
                )
            )
            after = ((job.id, number),)
        final = cost * (1 - share * job.trials)
        last = Task(job.id, self._answer, final, after, job, on_end=self._job_ended, slots=slots)
        return [*chain, last]

    def _next_trial(self) -> Call:
        if self.failure:
            return give_back, (None,)
        return do_trial, (self.key, self.job, StudyState(self.study.state.trials))

    def _trial_ended(self, share: float, future: Future[Any]) -> None:
        if self.failure:
            return
        self.failure = _death(future)
        if not self.failure:
            outcome = future.result()
            if isinstance(outcome, str):
                self.failure = outcome
            else:
                self.study.add(outcome)
                self.hooks.advanced(self.job, share)

    def _answer(self) -> Call:
        if self.failure:
            return give_back, (Result(Record(self.job, "failed", error=self.failure), None),)
        state = self.study.state if self.job.trials else None
        return do_job, (self.key, self.job, JobOptions(self.importance, state))

    def _job_ended(self, future: Future[Any]) -> None:
        death = _death(future)
        if death:
            self.hooks.keep(Result(Record(self.job, "failed", error=death), None))
        else:
            self.hooks.keep(future.result())


def _death(future: Future[Any]) -> str:
    """Return how a worker died over a task, or ``""``.

    What goes wrong in shared work goes wrong again in the jobs that need it,
    which keep the traceback; so nobody asks this of shared work.
    """
    error = future.exception()
    return f"the worker process died: {type(error).__name__}: {error}" if error else ""
