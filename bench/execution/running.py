"""Runs what a plan lacks, keeps every result as it comes, and says how it went."""

from __future__ import annotations

import shlex
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from bench.data.values import customer_values
from bench.domain import (
    Dataset,
    DatasetFacts,
    Experiment,
    Job,
    Result,
    Run,
)
from bench.environment import describe_machine, find_commit, library_versions, usable_cores
from bench.evaluation.splits import row_groups
from bench.evaluation.tables import build_table
from bench.evaluation.workspace import Workspace
from bench.execution.costs import learn_costs
from bench.execution.engine import LocalEngine
from bench.execution.planning import Plan, Traits, describe_traits, guess_cost, plan_experiment
from bench.execution.scheduling import Schedule, Task
from bench.execution.work import Hooks, build_tasks
from bench.store import Store, is_done


class Observer(Protocol):
    """Is told what happens; the command line draws it, a notebook may ignore it."""

    def planned(self, plan: Plan, missing: tuple[Job, ...], *, workers: int) -> None:
        """Work is about to begin."""
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
    traits = describe_traits(dataset)
    plan = plan_experiment(experiment, traits)
    results = store.read_results(plan.jobs)
    missing = missing_jobs(plan, results)
    if missing:
        plan = with_learnt_costs(plan, traits, store)
    observer.planned(plan, missing, workers=options.count_workers(len(missing)))
    run = _describe_run(experiment, facts, plan, options)
    book = _Book(replace(run, n_reused=len(plan.jobs) - len(missing)), store, results, observer)
    values = customer_values(dataset)
    if values is not None:
        store.write_values(values, dataset_digest=dataset.digest)
    try:
        if missing:
            _run_missing(missing, dataset, plan, book=book, options=options)
    except KeyboardInterrupt:
        book.close(is_interrupted=True)
        raise
    return Outcome(book.close(is_interrupted=False), results)


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
        self._n_fitted = 0
        store.write_run(self._now(is_interrupted=True))

    def keep(self, result: Result) -> None:
        """Keep ``result`` on disk and in memory."""
        self.store.write_result(result)
        self.results[result.record.job.id] = result
        self._n_fitted += 1
        self.observer.finished(result)

    def close(self, *, is_interrupted: bool) -> Run:
        """Write how it went, and return it."""
        run = self._now(is_interrupted=is_interrupted)
        self.store.write_run(run)
        return run

    def _now(self, *, is_interrupted: bool) -> Run:
        return replace(
            self._run,
            failures=_failures(self._run.jobs, self.results),
            seconds=round(time.monotonic() - self._started, 1),
            n_fitted=self._n_fitted,
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


def _run_missing(
    missing: tuple[Job, ...], dataset: Dataset, plan: Plan, *, book: _Book, options: RunOptions
) -> None:
    first = missing[0]
    workers = options.count_workers(len(missing))
    hooks = Hooks(keep=book.keep, advanced=book.observer.advanced)
    with (
        # In this order: on Ctrl-C the workers, who write there, are stopped first.
        tempfile.TemporaryDirectory(prefix="churnbench-") as scratch,
        LocalEngine(workers, plugins=options.plugins) as engine,
    ):
        table = build_table(dataset, row_groups(dataset, first.duplicates))
        key = Workspace.create(
            table,
            Path(scratch),
            folds=first.folds,
            seed=first.seed,
            train_prevalence=first.train_prevalence,
        )
        tasks = build_tasks(missing, key, plan, studies=book.store.studies, hooks=hooks)

        def on_start(task: Task) -> None:
            if task.job is not None:
                book.observer.started(task.job)

        Schedule(tasks, on_start=on_start).run(engine)


def _failures(jobs: tuple[Job, ...], results: dict[str, Result]) -> dict[str, str]:
    """Return job id → the last line of the traceback."""
    failures = {}
    for job in jobs:
        result = results.get(job.id)
        if result is not None and result.record.status == "failed":
            lines = result.record.error.strip().splitlines() or ["no message"]
            failures[job.id] = lines[-1]
    return failures
