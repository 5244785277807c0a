"""The small Python API: run an experiment, read a board."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.analysis.racing import Referee
from bench.data.doctor import diagnose
from bench.data.loading import LoadOptions, load_dataset
from bench.domain import Job, Leaderboard, Result, Run
from bench.errors import StoreError
from bench.execution.engines import check_engine
from bench.execution.planning import Plan
from bench.execution.requests import Request, build_experiment
from bench.execution.running import RunOptions, run_experiment
from bench.execution.stages import Stage
from bench.plugins import load_plugins
from bench.store import Store

if TYPE_CHECKING:
    import pandas as pd

    from bench.analysis import Findings


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
    **asked: Any,
) -> Leaderboard:
    """Run an experiment as ``python -m bench run`` does, and return its leaderboard.

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
    **asked
        Fields of `bench.execution.requests.Request`, such as ``preset="quick"``
        or ``models=("lightgbm",)``.

    Raises
    ------
    BenchError
        If the input is wrong; the message says what and where.
    """
    started = time.monotonic()
    check_engine(engine, scheduler)
    load_plugins(plugins)
    experiment = build_experiment(Request(dataset=dataset, **asked))
    data = load_dataset(experiment.dataset, options=load or LoadOptions())

    store = Store(Path(out) / data.name)
    outcome = run_experiment(
        replace(experiment, dataset=data.name),
        data,
        diagnose(data),
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
        observer=Silent(),
    )
    return write_boards(outcome.run, outcome.results, store).leaderboard


def write_boards(run: Run, results: dict[str, Result], store: Store) -> Findings:
    """Write all files of the results folder from stored results, and return what they show."""
    from bench.analysis import analyse, summarise_importance
    from bench.analysis.preparation_effects import summarise_preparations
    from bench.reports.economics import describe_economics
    from bench.reports.writing import write_reports

    values = store.read_values(dataset_digest=run.facts.digest)
    findings = analyse(run, results, values=values)
    write_reports(
        store.folder,
        findings.leaderboard,
        importance=summarise_importance(run, results),
        effects=findings.effects,
        verdicts=findings.verdicts,
        economics=describe_economics(run.facts.economics, findings.references),
        preparations=summarise_preparations(run, results, metric=run.experiment.rank_by),
    )
    return findings


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
