"""The small Python API: run an experiment, read a board."""

from __future__ import annotations

import difflib
import inspect
import os
import time
from collections.abc import Collection
from contextlib import AbstractContextManager, nullcontext
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.analysis.racing import Referee
from bench.data.loading import LoadOptions, load_dataset
from bench.doctor import admit, diagnose
from bench.domain import DatasetFacts, Experiment, Job, Result
from bench.errors import StoreError
from bench.execution.engines import check_engine
from bench.execution.partitions import loading_for, settle_split
from bench.execution.planning import Plan
from bench.execution.requests import Request, build_experiment
from bench.execution.running import Observer, RunOptions, run_experiment
from bench.execution.stages import Stage
from bench.plugins import load_plugins
from bench.progress import (
    ProgressObserver,
    choose_console,
    describe_race,
    is_interactive,
    print_facts,
)
from bench.reports.notebook import ShownLeaderboard, as_shown
from bench.reports.writing import write_boards
from bench.store import Store

if TYPE_CHECKING:
    import pandas as pd


class Silent:
    """An observer that says nothing."""

    def planned(self, plan: Plan, missing: tuple[Job, ...], *, workers: int) -> None:
        """Say nothing."""

    def staged(self, stage: Stage) -> None:
        """Say nothing."""

    def started(self, job: Job) -> None:
        """Say nothing."""

    def advanced(self, job: Job, share: float) -> None:
        """Say nothing."""

    def finished(self, result: Result) -> None:
        """Say nothing."""


def run(
    dataset: str = "telco",
    *,
    out: str | os.PathLike[str] = "results",
    jobs: int = 0,
    plugins: tuple[str, ...] = (),
    engine: str = "local",
    scheduler: str = "",
    load: LoadOptions | None = None,
    show: bool | None = None,
    **asked: Any,
) -> ShownLeaderboard:
    """Run an experiment as ``python -m bench run`` does, and return its leaderboard.

    In a notebook the leaderboard shows as a table.

    Parameters
    ----------
    dataset : str
        An adapter's name.
    out : path
        Where results go; the files are written into ``out/<dataset>``.
    jobs : int
        Worker processes; 0 means as many as cores.
    plugins : tuple of str
        Python files with your own models, strategies or metrics.
    engine : {"local", "dask"}
        Where fits run.
    scheduler : str
        The address of an existing Dask cluster's; empty means a cluster of our own.
    load : LoadOptions, optional
        How the data are found.
    show : bool, optional
        Whether progress is shown; where it is not given, in IPython and notebooks only.
    **asked
        Fields of `bench.execution.requests.Request`, such as ``preset="quick"``
        or ``models=("lightgbm",)``.

    Raises
    ------
    BenchError
        If the input is wrong; the message says what and where.
    TypeError
        If there is no such argument.
    """
    started = time.monotonic()
    _check_names(asked)
    check_engine(engine, scheduler)
    load_plugins(plugins)
    request = Request(dataset=dataset, **asked)
    experiment = build_experiment(request)
    data = load_dataset(experiment.dataset, options=loading_for(experiment, load or LoadOptions()))

    experiment = settle_split(replace(experiment, dataset=data.name), data)
    facts = admit(diagnose(data), request.accept)
    store = Store(Path(out) / data.name)
    with _observer(experiment, facts, show=show, started=started) as observer:
        outcome = run_experiment(
            experiment,
            data,
            facts,
            store=store,
            options=RunOptions(
                workers=jobs,
                plugins=plugins,
                command=f"bench.run({dataset!r}, …)",
                referee=Referee(),
                started=started,
                engine=engine,
                scheduler=scheduler,
            ),
            observer=observer,
        )
    return as_shown(write_boards(outcome.run, outcome.results, store, dataset=data).leaderboard)


def _check_names(asked: Collection[str]) -> None:
    """Refuse arguments that `run` has not, as Python does."""
    own = set(inspect.signature(run).parameters) - {"asked"}
    known = sorted(own | {field.name for field in fields(Request)})
    for name in asked:
        if name not in known:
            near = difflib.get_close_matches(name, known)
            also = f"; did you mean {' or '.join(map(repr, near))}?" if near else ""
            raise TypeError(f"run() got an unexpected keyword argument {name!r}{also}")


def _observer(
    experiment: Experiment, facts: DatasetFacts, *, show: bool | None, started: float
) -> AbstractContextManager[Observer]:
    """Return what shows the progress of a run, or says nothing."""
    if not (is_interactive() if show is None else show):
        return nullcontext(Silent())
    console = choose_console()
    print_facts(console, facts)
    seconds = experiment.budget_seconds
    return ProgressObserver(
        console,
        rank_by=experiment.rank_by,
        race=describe_race(experiment),
        until=None if seconds is None else started + seconds,
    )


def read_leaderboard(folder: str | os.PathLike[str] = "results/telco") -> pd.DataFrame:
    """Return ``leaderboard.csv`` of a results folder as a frame, one row per candidate.

    Raises
    ------
    StoreError
        If the folder holds no board.
    """
    import pandas as pd

    path = Path(folder) / "leaderboard.csv"
    if not path.is_file():
        raise StoreError(f"{path}: no such board", hint="python -m bench run --dataset telco")
    return pd.read_csv(path)
