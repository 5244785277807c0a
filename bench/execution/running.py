"""Runs what a plan lacks, keeps every result as it comes, and says how it went."""

from __future__ import annotations

import shlex
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from bench.data.values import customer_values
from bench.domain import (
    Dataset,
    DatasetFacts,
    Experiment,
    Job,
    Result,
    Run,
)
from bench.environment import (
    code_digests,
    describe_machine,
    find_commit,
    library_versions,
    usable_cores,
)
from bench.evaluation.arrays import give_back_memory
from bench.evaluation.both_classes import check_folds, check_periods
from bench.evaluation.splits import row_groups, time_ranks
from bench.evaluation.workspace import Workspace
from bench.execution.budget import Budget, prefer_cheap
from bench.execution.costs import learn_costs
from bench.execution.engine import LocalEngine
from bench.execution.engines import INLINE, count_slots, open_engine
from bench.execution.planning import Plan, guess_cost, plan_experiment
from bench.execution.scheduling import Schedule, Task
from bench.execution.scratch import scratch_folder
from bench.execution.stages import Race, Referee, Stage
from bench.execution.traits import Traits, describe_traits
from bench.execution.work import Hooks, build_tasks
from bench.guard import error_line
from bench.store import Store, is_done

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LITTLE_SECONDS = 1.5
"""Work for so many CPU seconds is done sooner by one process than by two new workers."""


class Observer(Protocol):
    """Is told what happens; the command line draws it, a notebook may ignore it."""

    def planned(self, plan: Plan, missing: tuple[Job, ...], *, workers: int) -> None:
        """Work is about to begin."""
        ...

    def staged(self, stage: Stage) -> None:
        """A repeat of a race is about to begin; only races have these."""
        ...

    def started(self, job: Job) -> None:
        """A worker begins with ``job``, or with a trial of its study."""
        ...

    def advanced(self, job: Job, share: float) -> None:
        """A trial of the study of ``job`` is done, ``share`` of what the job costs."""
        ...

    def finished(self, result: Result) -> None:
        """``result`` is kept."""
        ...


@dataclass(frozen=True)
class RunOptions:
    """What cannot change a number: workers, plug-in files to load, the command to repeat it.

    ``engine`` is where fits run, ``scheduler`` the address of a Dask cluster's.
    With ``is_pinned``, this process's libraries have one thread each as workers'
    have: where nobody asked for workers, little work is then done right here,
    unless workers were started ``early``.
    ``referee`` decides who stops in a race. ``started`` is when the command
    began, by ``time.monotonic``: a time budget counts from there.
    """

    workers: int = 0
    plugins: tuple[str, ...] = ()
    command: str = ""
    referee: Referee | None = None
    started: float | None = None
    engine: str = "local"
    scheduler: str = ""
    is_pinned: bool = False
    early: LocalEngine | None = None

    def settled(self, plan: Plan, missing: tuple[Job, ...]) -> RunOptions:
        """Return these options with the engine and the workers that ``missing`` is worth."""
        if self.scheduler and missing:
            return replace(self, workers=count_slots(self.scheduler))
        is_free = self.engine == "local" and not self.workers
        if is_free and sum(plan.costs[job.id] for job in missing) < LITTLE_SECONDS:
            if self.early is not None:
                return replace(self, workers=1)
            if self.is_pinned:
                return replace(self, engine=INLINE, workers=1)
        return replace(self, workers=self.count_workers(len(missing)))

    def count_workers(self, n_jobs: int) -> int:
        """Return how many workers to use for ``n_jobs`` jobs."""
        return max(1, min(self.workers or usable_cores(), n_jobs))


@dataclass(frozen=True, eq=False)
class Outcome:
    """A run and all its results, old and new."""

    run: Run
    results: dict[str, Result] = field(repr=False)


def run_experiment(
    experiment: Experiment,
    dataset: Dataset,
    facts: DatasetFacts,
    *,
    store: Store,
    options: RunOptions,
    observer: Observer,
) -> Outcome:
    """Run ``experiment`` on ``dataset`` and keep everything in ``store``.

    Only jobs without a finished record are done. ``run.json`` is written
    before the first and after the last, so that a killed run can be read.

    Raises
    ------
    UsageError
        If nothing is left to run, a part of a split would lack a class (in a
        race of the repeat that comes next; earlier ones are kept), or a time
        budget was used up before anything was finished.
    KeyboardInterrupt
        After everything that was finished has been kept.
    """
    traits = describe_traits(dataset)
    plan = plan_experiment(experiment, traits)
    results = store.read_results(plan.jobs)
    missing = missing_jobs(plan, results)
    groups = _groups_of(dataset, missing)
    is_next = [job for job in missing if not experiment.race or job.split.repeat == 0]
    _check_classes(dataset, groups, is_next)
    if missing:
        plan = with_learnt_costs(plan, traits, store)
    options = options.settled(plan, missing)
    observer.planned(plan, missing, workers=options.workers)
    values = customer_values(dataset)
    if values is not None:
        store.write_values(values, dataset_digest=dataset.digest)
    run = _describe_run(experiment, facts, plan, options)
    book = _Book(run, store, results, observer)
    work = _Work(dataset, groups, plan, options)
    try:
        if experiment.race:
            if options.referee is None:
                raise ValueError("a race has no referee, expected RunOptions.referee")
            race = Race(run, plan, options.referee, values=values)
            _run_race(race, work, book=book)
        else:
            book.ask(run, missing)
            _run_missing(missing, work, book=book)
    except KeyboardInterrupt:
        book.close(is_interrupted=True)
        raise
    run = book.close(is_interrupted=False)
    return Outcome(run, {job.id: results[job.id] for job in run.jobs})


def _describe_run(
    experiment: Experiment, facts: DatasetFacts, plan: Plan, options: RunOptions
) -> Run:
    return Run(
        experiment=experiment,
        facts=facts,
        jobs=plan.jobs,
        skips=plan.skips,
        versions=library_versions(),
        machine=describe_machine(),
        code=code_digests(),
        commit=find_commit(Path(__file__).resolve().parents[2]),
        command=options.command or shlex.join(["python", "-m", "bench", *sys.argv[1:]]),
        started_at=datetime.now(UTC).isoformat(timespec="seconds"),
    )


class _Book:
    """Keeps results as they come, and ``run.json`` before the first and after the last."""

    def __init__(
        self, run: Run, store: Store, results: dict[str, Result], observer: Observer
    ) -> None:
        self.store, self.results, self.observer = store, results, observer
        self._run = run
        self._started = time.monotonic()
        self._asked: set[str] = set()
        self._fitted: set[str] = set()
        self._lost: dict[str, Result] = {}

    def ask(self, run: Run, missing: Iterable[Job] = ()) -> None:
        """Note what is asked for now, and the jobs of it that are about to be done."""
        self._run = run
        self._asked |= {job.id for job in missing}
        self.store.write_run(self._now(is_interrupted=True))

    def cut_of(self, jobs: Iterable[Job]) -> tuple[Job, ...]:
        """Return those of ``jobs`` that were asked for and not done."""
        return tuple(job for job in jobs if job.id in self._asked - self._fitted)

    def keep(self, result: Result) -> None:
        """Keep ``result`` on disk and in memory.

        A finished job is done again for its importances only: where that fails,
        what is there stays, and the failure is told all the same.
        """
        job_id = result.record.job.id
        earlier = self.results.get(job_id)
        is_finished = earlier is not None and earlier.record.status == "ok"
        if is_finished and result.record.status == "failed":
            self._lost[job_id] = result
        else:
            self.store.write_result(result)
            self.results[job_id] = result
        self._fitted.add(job_id)
        self.observer.finished(result)

    def close(self, *, is_interrupted: bool) -> Run:
        """Write how it went, and return it."""
        run = self._now(is_interrupted=is_interrupted)
        self.store.write_run(run)
        return run

    def _now(self, *, is_interrupted: bool) -> Run:
        return replace(
            self._run,
            failures=_failures(self._run.jobs, {**self.results, **self._lost}),
            seconds=round(time.monotonic() - self._started, 1),
            n_fitted=len(self._fitted),
            n_reused=sum(job.id not in self._asked for job in self._run.jobs),
            is_interrupted=is_interrupted,
        )


def missing_jobs(plan: Plan, results: Mapping[str, Result]) -> tuple[Job, ...]:
    """Return the jobs of ``plan`` that ``results`` do not answer."""
    return tuple(
        job for job in plan.jobs if not is_done(results.get(job.id), plan.explained[job.id])
    )


def with_learnt_costs(plan: Plan, traits: Traits, store: Store) -> Plan:
    """Return ``plan`` with the costs that earlier records of the dataset suggest."""
    costs = learn_costs(
        plan.costs,
        plan.jobs,
        store.read_records(),
        guess=lambda job: guess_cost(job, traits),
    )
    return replace(plan, costs=costs)


@dataclass(frozen=True, eq=False)
class _Work:
    """What is to be done, on what, and how.

    ``groups`` keep rows together or in order; empty where nothing is missing.
    """

    dataset: Dataset
    groups: NDArray[np.int64]
    plan: Plan
    options: RunOptions


def _run_race(race: Race, work: _Work, *, book: _Book) -> None:
    """Run repeat after repeat until the race is over."""
    plan, options = work.plan, work.options
    seconds = race.run.experiment.budget_seconds
    budget = None
    if seconds is not None:
        started = time.monotonic() if options.started is None else options.started
        budget = Budget(seconds, started=started, workers=options.workers)
    while not race.is_over:
        stage = race.next_stage(
            lambda job: not is_done(book.results.get(job.id), plan.explained[job.id])
        )
        if stage.repeat > 0:
            _check_classes(work.dataset, work.groups, stage.missing)
        if budget is not None:
            budget.count_fits(len(stage.jobs) - len(stage.missing))
        book.ask(race.with_stage(stage), stage.missing)
        book.observer.staged(stage)
        _run_missing(stage.missing, work, book=book, budget=budget)
        is_time_up = budget is not None and budget.seconds_left() <= 0
        race.close(stage, book.results, cut=book.cut_of(stage.missing), is_time_up=is_time_up)
    book.ask(race.run)


def _run_missing(
    missing: tuple[Job, ...], work: _Work, *, book: _Book, budget: Budget | None = None
) -> None:
    if not missing or (budget is not None and budget.seconds_left() <= 0):
        return
    first, plan, options = missing[0], work.plan, work.options
    hooks = Hooks(keep=book.keep, advanced=book.observer.advanced)
    with (
        # In this order: on Ctrl-C the workers, who write there, are stopped first.
        scratch_folder() as scratch,
        open_engine(
            options.engine,
            workers=options.workers,
            plugins=options.plugins,
            scheduler=options.scheduler,
            early=options.early,
        ) as engine,
    ):
        key = Workspace.stage(
            work.dataset,
            work.groups,
            scratch,
            folds=first.folds,
            seed=first.seed,
            train_prevalence=first.train_prevalence,
        )
        key = replace(key, by_time=first.is_by_time)
        give_back_memory()  # reading takes half as much again as the table
        engine.publish(scratch)
        tasks = build_tasks(missing, key, plan, studies=book.store.studies, hooks=hooks)

        def on_start(task: Task) -> None:
            if task.job is not None:
                book.observer.started(task.job)

        if budget is not None and first.split.repeat == 0:
            prefer_cheap(tasks, plan.costs)
        Schedule(tasks, on_start=on_start).run(engine, limit=budget)


def _groups_of(dataset: Dataset, missing: tuple[Job, ...]) -> NDArray[np.int64]:
    """Return what keeps rows together or in order: equal rows, declared groups, or time.

    Nothing where nothing is missing.
    """
    import numpy as np

    if not missing:
        return np.empty(0, dtype=np.int64)
    first = missing[0]
    if not first.is_by_time or dataset.time is None:
        return row_groups(dataset, first.duplicates)
    return time_ranks(dataset.time)


def _check_classes(dataset: Dataset, groups: NDArray[np.int64], jobs: Sequence[Job]) -> None:
    """Refuse ``jobs`` if some part of their splits would lack a class.

    Raises
    ------
    UsageError
        With the part, and the ways out.
    """
    if not jobs:
        return
    if jobs[0].is_by_time and dataset.time is not None:
        inner = max(job.inner_folds for job in jobs)
        check_periods(dataset.y, groups, folds=jobs[0].folds, inner=inner)
        return
    is_declared = dataset.groups is not None
    remedy = "use groups of another column" if is_declared else "use --duplicates ignore"
    check_folds(dataset.y, groups, jobs, remedy=remedy)


def _failures(jobs: tuple[Job, ...], results: dict[str, Result]) -> dict[str, str]:
    """Return job id → what was raised, in a line."""
    failures = {}
    for job in jobs:
        result = results.get(job.id)
        if result is not None and result.record.status == "failed":
            failures[job.id] = error_line(result.record.error)
    return failures
