"""A table made from a CSV and one TOML file, and whole runs of the command line on it."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

import bench

N_ROWS = 400

ADAPTER = """\
name = "shop"
[source]
file = "shop.csv"
[target]
column = "churned"
"""

GRID = (
    *("run", "--dataset", "shop", "--folds", "3", "--trials", "4", "--inner-folds", "2"),
    *("--models", "lightgbm,logistic,random-forest,svm-rbf"),
    *("--strategies", "none,class-weight,random-under,smote-enn,auto"),
)


@dataclass(frozen=True)
class Shop:
    """A folder with an adapter of the user's own; results go wherever a run is told."""

    folder: Path

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "bench", *arguments]

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Start a run in a process group of its own."""
        environment = {**os.environ, "PYTHONPATH": str(Path(bench.__file__).parents[1])}
        for name in ("OMP_NUM_THREADS", "BENCH_DATA_DIR"):
            environment.pop(name, None)
        return subprocess.Popen(
            self.command(*arguments),
            cwd=self.folder,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )

    def run(self, *arguments: str) -> str:
        """Run to the end and return what went to stderr."""
        process = self.start(*arguments)
        _, error = process.communicate()
        assert process.returncode == 0, error.decode()
        return error.decode()

    def board(self, out: str) -> bytes:
        return (self.folder / out / "shop" / "leaderboard.csv").read_bytes()


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def write_shop(folder: Path, *, plant: bool = False) -> Shop:
    """Write a table of customers and its adapter: one TOML file and no Python."""
    random = np.random.default_rng(11)
    fee, usage, age = (
        random.normal(50, 10, N_ROWS),
        random.normal(size=N_ROWS),
        random.random(N_ROWS),
    )
    plan = random.choice(["basic", "plus", "team"], size=N_ROWS)
    margin = 0.1 * (fee - 50) - usage + 0.8 * (plan == "basic") + random.logistic(size=N_ROWS)
    churned = margin > np.quantile(margin, 0.75)
    lines = ["customer,fee,usage,age,plan,refund,churned"]
    for row in range(N_ROWS):
        shown_age = "" if row % 9 == 0 else f"{20 + 60 * age[row]:.0f}"
        # Where it is planted, who left got a refund: known only afterwards.
        refund = churned[row] if plant else random.random() < 0.25
        lines.append(
            f"c{row},{fee[row]:.2f},{usage[row]:.3f},{shown_age},{plan[row]},"
            f"{'given' if refund else 'none'},{'Yes' if churned[row] else 'No'}"
        )
    (folder / "datasets").mkdir()
    (folder / "datasets" / "shop.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "datasets" / "shop.toml").write_text(ADAPTER, encoding="utf-8")
    return Shop(folder)


@pytest.fixture(scope="session")
def read_rows() -> Callable[[Path], list[dict[str, str]]]:
    return rows_of


@pytest.fixture(scope="session")
def grid() -> tuple[str, ...]:
    """A small grid with studies, early stopping, resampling and scores without probabilities."""
    return GRID


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    return write_shop(tmp_path_factory.mktemp("shop"))


@pytest.fixture(scope="session")
def leaking_shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """The same customers with a copy of the target among their columns."""
    return write_shop(tmp_path_factory.mktemp("leaking"), plant=True)


@pytest.fixture(scope="session")
def undisturbed(shop: Shop, grid: tuple[str, ...]) -> str:
    """The results folder of the grid, run with two workers and left alone."""
    shop.run(*grid, "--jobs", "2", "--out", "undisturbed")
    return "undisturbed"
