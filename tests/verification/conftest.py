"""A shop with a small recorded run, copied for every test that changes something of it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import bench
from bench.api import Silent
from bench.data import load_dataset
from bench.data.loading import LoadOptions
from bench.doctor import diagnose
from bench.domain import Candidate, Experiment, Job, Result
from bench.execution.requests import Request, build_experiment
from bench.execution.running import RunOptions, run_experiment
from bench.reports.writing import write_boards
from bench.store import Store
from bench.verification.boards import FileCheck
from bench.verification.checking import (
    TOLERANCE,
    Recorded,
    RowCheck,
    check_rows,
    load_here,
    read_recorded,
)
from bench.verification.rows import Choice, choose_rows

INLINE = RunOptions(is_pinned=True)
N_CUSTOMERS = 160
ADAPTER = """\
name = "shop"
[source]
file = "shop.csv"
[target]
column = "churned"
[columns]
id = "customer"
[economics]
value = "fee"
"""


def customers() -> list[str]:
    """Return lines of CSV: who pays much and uses little leaves."""
    random = np.random.default_rng(5)
    lines = ["customer,fee,usage,plan,churned"]
    for row in range(N_CUSTOMERS):
        fee, usage = random.normal(50, 10), random.normal()
        leaves = 0.1 * (fee - 50) - usage + random.logistic() > 1
        plan = ("basic", "plus", "team")[random.integers(3)]
        lines.append(f"K{7000 + row},{fee:.2f},{usage:.3f},{plan},{'Yes' if leaves else 'No'}")
    return lines


class Shop:
    """A folder with an adapter, its table, and the results of a run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.loading = LoadOptions(datasets_dir=folder / "adapters")
        self.store = Store(folder / "results" / "shop")

    @property
    def table(self) -> Path:
        return self.folder / "adapters" / "shop.csv"

    def run(self, *, repeats: int = 1) -> None:
        """Run a few cheap candidates, a study among them, in this process."""
        dataset = load_dataset("shop", options=self.loading)
        outcome = run_experiment(
            cheap_experiment(repeats),
            dataset,
            diagnose(dataset),
            store=self.store,
            options=replace(INLINE, command="python -m bench run --dataset shop"),
            observer=Silent(),
        )
        write_boards(outcome.run, outcome.results, self.store)

    def recorded(self) -> Recorded:
        return read_recorded(self.store, None)

    def files(self) -> dict[str, FileCheck]:
        return {check.name: check for check in self.recorded().check_files()}

    def check(self, *rows: str, tolerance: float = TOLERANCE) -> dict[Candidate, RowCheck]:
        """Make rows again, all of them unless some are named."""
        recorded = self.recorded()
        chosen = choose_rows(recorded.leaderboard, Choice(rows, is_all=not rows))
        here = load_here(recorded.run, self.loading)
        checks = check_rows(
            recorded, chosen, here, tolerance=tolerance, options=INLINE, observer=Silent()
        )
        return {check.row.candidate: check for check in checks}

    def jobs(self, candidate: Candidate) -> list[Job]:
        return [job for job in self.store.read_run().jobs if job.candidate == candidate]

    def rewrite(self, jobs: Sequence[Job], change: Callable[[Result], Result]) -> None:
        """Write results anew as if they had come out otherwise, and the boards with them."""
        run = self.store.read_run()
        results = self.store.read_results(run.jobs)
        for job in jobs:
            self.store.write_result(change(results[job.id]))
        write_boards(run, self.store.read_results(run.jobs), self.store)

    def command(
        self, *arguments: str, path: Sequence[Path] = ()
    ) -> subprocess.CompletedProcess[str]:
        """Run ``python -m bench`` in the folder, with ``path`` in front of the package."""
        places = [*map(str, path), str(Path(bench.__file__).parents[1])]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(places), "NO_COLOR": "1"}
        environment.pop("BENCH_DATA_DIR", None)
        environment["BENCH_CACHE_DIR"] = str(self.folder / "cache")
        return subprocess.run(
            [sys.executable, "-m", "bench", *arguments, "--datasets-dir", "adapters"],
            cwd=self.folder,
            env=environment,
            text=True,
            capture_output=True,
        )


def cheap_experiment(repeats: int) -> Experiment:
    """Return two models with and without weights, their repairs, and one study."""
    experiment = build_experiment(
        Request(
            dataset="shop",
            models=("logistic", "decision-tree"),
            strategies=("none", "class-weight"),
            tuning=("default",),
            repairs=("none", "prior"),
            folds=2,
            repeats=repeats,
            trials=2,
            inner_folds=2,
            importance="native",
        )
    )
    study = Candidate("logistic", "none", "optuna")
    return replace(experiment, candidates=(*experiment.candidates, study))


@pytest.fixture(scope="session")
def original(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """The shop as the run has left it; not to be changed."""
    shop = Shop(tmp_path_factory.mktemp("shop"))
    shop.table.parent.mkdir()
    shop.table.write_text("\n".join(customers()) + "\n", encoding="utf-8")
    (shop.table.parent / "shop.toml").write_text(ADAPTER, encoding="utf-8")
    shop.run()
    return shop


@pytest.fixture
def shop(original: Shop, tmp_path: Path) -> Shop:
    """A copy of the shop."""
    shutil.copytree(original.folder, tmp_path / "shop")
    return Shop(tmp_path / "shop")
