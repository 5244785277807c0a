"""Runs what a plan lacks, keeps every result as it comes, and says how it went."""

from __future__ import annotations

import shlex
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from bench.data.values import customer_values
from bench.domain import (
    Dataset,
    DatasetFacts,
    Experiment,
    Job,
    Record,
    Result,
    Run,
)
from bench.environment import describe_machine, find_commit, library_versions, usable_cores
from bench.evaluation.job import JobOptions
from bench.evaluation.splits import OUTER, STOP, Part, inner_parts, row_groups
from bench.evaluation.tables import build_table
from bench.evaluation.workspace import View, Workspace, WorkspaceKey
from bench.execution.engine import Engine, LocalEngine
from bench.execution.planning import Plan, describe_traits, plan_experiment
from bench.execution.scheduling import Schedule, Task
from bench.execution.worker import do_job, do_shared
from bench.store import Store, is_done
from bench.strategies import STRATEGIES


class Observer(Protocol):
    """Is told what happens; the command line draws it, a notebook may ignore it."""

    def planned(self, plan: Plan, missing: tuple[Job, ...], *, workers: int) -> None:
        """Work is about to begin."""
        ...

    def started(self, job: Job) -> None:
        """A worker begins with ``job``."""
        ...

    def finished(self, result: Result) -> None:
        """``result`` is kept."""
        ...


@dataclass(frozen=True)
class RunOptions:
    """What cannot change a number: workers, plug-in files to load, the command to repeat it."""

    workers: int = 0
    plugins: tuple[str, ...] = ()
    command: str = ""

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
        If nothing is left to run.
    KeyboardInterrupt
        After everything that was finished has been kept.
    """
    started = time.monotonic()
    plan = plan_experiment(experiment, describe_traits(dataset))
    results = store.read_results(plan.jobs)
    missing = missing_jobs(plan, results)
    observer.planned(plan, missing, workers=options.count_workers(len(missing)))
    run = Run(
        experiment=experiment,
        facts=facts,
        jobs=plan.jobs,
        skips=plan.skips,
        versions=library_versions(),
        machine=describe_machine(),
        commit=find_commit(Path(__file__).resolve().parents[2]),
        command=options.command or shlex.join(["python", "-m", "bench", *sys.argv[1:]]),
        started_at=datetime.now(UTC).isoformat(timespec="seconds"),
        n_reused=len(plan.jobs) - len(missing),
        is_interrupted=True,
    )
    store.write_run(run)
    values = customer_values(dataset)
    if values is not None:
        store.write_values(values, dataset_digest=dataset.digest)
    fitted = 0

    def keep(result: Result) -> None:
        nonlocal fitted
        store.write_result(result)
        results[result.record.job.id] = result
        fitted += 1
        observer.finished(result)

    def close(*, is_interrupted: bool) -> Run:
        closed = replace(
            run,
            failures=_failures(plan.jobs, results),
            seconds=round(time.monotonic() - started, 1),
            n_fitted=fitted,
            is_interrupted=is_interrupted,
        )
        store.write_run(closed)
        return closed

    try:
        if missing:
            _run_missing(
                missing, dataset, plan, store=store, options=options, observer=observer, keep=keep
            )
    except KeyboardInterrupt:
        close(is_interrupted=True)
        raise
    return Outcome(close(is_interrupted=False), results)


def missing_jobs(plan: Plan, results: Mapping[str, Result]) -> tuple[Job, ...]:
    """Return the jobs of ``plan`` that ``results`` do not answer."""
    return tuple(
        job for job in plan.jobs if not is_done(results.get(job.id), plan.explained[job.id])
    )


def _run_missing(
    missing: tuple[Job, ...],
    dataset: Dataset,
    plan: Plan,
    *,
    store: Store,
    options: RunOptions,
    observer: Observer,
    keep: Callable[[Result], None],
) -> None:
    protocol_job = missing[0]
    workers = options.count_workers(len(missing))
    with (
        # In this order: on Ctrl-C the workers, who write there, are stopped first.
        tempfile.TemporaryDirectory(prefix="churnbench-") as scratch,
        LocalEngine(workers, plugins=options.plugins) as engine,
    ):
        table = build_table(dataset, row_groups(dataset, protocol_job.duplicates))
        key = Workspace.create(
            table,
            Path(scratch),
            folds=protocol_job.folds,
            seed=protocol_job.seed,
            train_prevalence=protocol_job.train_prevalence,
        )
        tasks = build_tasks(missing, key, plan, studies=store.studies)
        _run_tasks(tasks, engine, observer=observer, keep=keep)


def _run_tasks(
    tasks: list[Task], engine: Engine, *, observer: Observer, keep: Callable[[Result], None]
) -> None:
    def on_start(task: Task) -> None:
        if task.job is not None:
            observer.started(task.job)

    def on_end(task: Task, future: Future[Any]) -> None:
        # What goes wrong in shared work goes wrong again in the jobs that need
        # it, which keep the traceback; so only jobs are looked at here.
        if task.job is not None:
            error = future.exception()
            if error is None:
                keep(future.result())
            else:
                reason = f"the worker process died: {type(error).__name__}: {error}"
                keep(Result(Record(task.job, "failed", error=reason), None))

    Schedule(tasks, on_start=on_start).run(engine, on_end)


SharedKey = tuple[View, str]


def build_tasks(jobs: Iterable[Job], key: WorkspaceKey, plan: Plan, *, studies: Path) -> list[Task]:
    """Return the tasks of ``jobs`` with the shared work that they wait for."""
    shared: dict[SharedKey, Task] = {}
    tasks = []
    for job in jobs:
        needed = _shared_work(job)
        for view, strategy in needed:
            if (view, strategy) not in shared:
                after = ((view, ""),) if strategy else ()
                cost = 0.05 + (STRATEGIES.lookup(strategy).resample_seconds if strategy else 0.0)
                shared[(view, strategy)] = Task(
                    (view, strategy), do_shared, (key, view, strategy), cost, after
                )
        options = JobOptions(importance=plan.explained[job.id], studies=str(studies))
        cost = plan.costs[job.id]
        tasks.append(Task(job.id, do_job, (key, job, options), cost, tuple(needed), job))
    return [*shared.values(), *tasks]


def _shared_work(job: Job) -> list[SharedKey]:
    """Return what ``job`` shares with others: prepared views, then resampled ones."""
    candidate = job.candidate
    parts: list[Part] = [OUTER]
    if candidate.tuning == "recommended":
        parts.append(STOP)
    is_study = candidate.tuning == "optuna"
    if is_study:
        parts += inner_parts(job.inner_folds)
    views = [View(job.split, part, candidate.preparation) for part in parts]
    needed: list[SharedKey] = [(view, "") for view in views]
    if not is_study and STRATEGIES.lookup(candidate.strategy).resample is not None:
        needed += [(view, candidate.strategy) for view in views]
    return needed


def _failures(jobs: tuple[Job, ...], results: dict[str, Result]) -> dict[str, str]:
    """Return job id → the last line of the traceback."""
    failures = {}
    for job in jobs:
        result = results.get(job.id)
        if result is not None and result.record.status == "failed":
            lines = result.record.error.strip().splitlines() or ["no message"]
            failures[job.id] = lines[-1]
    return failures
