"""The lab on small tables, in this process: its engine starts no workers."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from bench.api import Silent
from bench.domain import Dataset, DatasetFacts
from bench.execution.running import Observer, RunOptions
from bench.leaklab.judging import LabTable
from bench.leaklab.lab import LabRequest, run_lab


@dataclass
class Watcher:
    """Notes what it is told."""

    titles: list[str] = field(default_factory=list)
    counts: list[tuple[int, int]] = field(default_factory=list)

    def honest(self, title: str) -> AbstractContextManager[Observer]:
        self.titles.append(title)
        return nullcontext(Silent())

    def leaky(self, n_done: int, n_all: int) -> None:
        self.counts.append((n_done, n_all))


def facts_of(dataset: Dataset) -> DatasetFacts:
    return DatasetFacts(
        name=dataset.name,
        title="Toy",
        digest=dataset.digest,
        origin=dataset.origin,
        n_samples=len(dataset.y),
        n_features=dataset.X.shape[1],
        n_positives=int(dataset.y.sum()),
        features=tuple(map(str, dataset.X.columns)),
    )


RunLab = Callable[..., LabTable]


@pytest.fixture(scope="session")
def run_small_lab() -> RunLab:
    def run(
        dataset: Dataset,
        folder: Path,
        *mistakes: str,
        watcher: Watcher | None = None,
        engine: str = "inline",
        workers: int = 1,
        **asked: Any,
    ) -> LabTable:
        asked = {"models": ("logistic",), "folds": 3, **asked}
        return run_lab(
            LabRequest("toy", mistakes=mistakes, **asked),
            dataset,
            facts_of(dataset),
            folder=folder,
            options=RunOptions(workers=workers, engine=engine),
            watcher=watcher or Watcher(),
        )

    return run


@pytest.fixture
def watcher() -> Watcher:
    return Watcher()


@pytest.fixture(scope="session")
def null_dataset(as_dataset: Callable[..., Dataset]) -> Dataset:
    """Customers of whom no column says whether they leave."""
    random = np.random.default_rng(5)
    X = pd.DataFrame({f"n{k}": random.normal(size=400) for k in range(6)})
    X["town"] = pd.Categorical(random.integers(0, 130, size=400).astype(str))
    return as_dataset(X, random.random(400) < 0.3)
