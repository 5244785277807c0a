"""Small tables with a known signal, and the jobs and workspaces that tests need of them."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from doing import build_table

from bench.data import load_dataset
from bench.domain import Candidate, Dataset, Job, Split
from bench.evaluation.splits import row_groups
from bench.evaluation.workspace import Workspace
from bench.specs import DatasetSpec, SourceSpec, TargetSpec

MakeDataset = Callable[..., Dataset]
MakeJob = Callable[..., Job]
MakeWorkspace = Callable[..., Workspace]


def pytest_configure() -> None:
    """Use one OpenMP thread, as workers do: samplers return other rows with two."""
    os.environ["OMP_NUM_THREADS"] = "1"


def dataset_of(X: pd.DataFrame, y: Any, *, groups: Any = None, name: str = "toy") -> Dataset:
    """Return a dataset as loading would, without a file."""
    return Dataset(
        spec=DatasetSpec(name, SourceSpec(), TargetSpec("churned"), title="Toy"),
        X=X,
        y=np.asarray(y, dtype=np.int8),
        digest="d" * 64,
        origin="built-in",
        groups=None if groups is None else np.asarray(groups, dtype=np.int64),
    )


def _make_dataset(n_samples: int = 240, *, seed: int = 0, share: float = 0.3) -> Dataset:
    """Return customers whose ``usage``, ``age`` and ``plan`` say something, ``noise`` nothing.

    ``age`` misses a tenth of its values, ``region`` a twentieth.
    """
    random = np.random.default_rng(seed)
    usage, noise = random.normal(size=n_samples), random.normal(size=n_samples)
    age = np.round(random.uniform(18, 80, size=n_samples), 1)
    plan = random.choice(["basic", "plus", "team"], size=n_samples, p=[0.5, 0.3, 0.2])
    region = random.choice(["east", "north", "south"], size=n_samples).astype(object)
    margin = 1.5 * usage + 0.03 * age + 1.2 * (plan == "basic") + random.logistic(size=n_samples)
    y = margin >= np.quantile(margin, 1 - share)
    age[random.random(n_samples) < 0.1] = np.nan
    region[random.random(n_samples) < 0.05] = None
    X = pd.DataFrame(
        {
            "usage": usage,
            "plan": pd.Categorical(plan),
            "age": age,
            "region": pd.Categorical(region),
            "noise": noise,
        }
    )
    return dataset_of(X, y)


def _make_job(candidate: Candidate, *, repeat: int = 0, fold: int = 0, **changes: Any) -> Job:
    """Return a job of three folds; a study gets three trials on two inner folds."""
    fields: dict[str, Any] = {"folds": 3, "seed": 0}
    if candidate.tuning != "default":
        fields["metric"] = "roc_auc"
    if candidate.tuning == "optuna":
        fields |= {"trials": 3, "inner_folds": 2}
    if candidate.strategy == "auto":
        fields["choices"] = ("none", "class-weight", "smote")
    return Job("d" * 64, candidate, Split(repeat, fold), **fields | changes)


@pytest.fixture(scope="session")
def make_dataset() -> MakeDataset:
    return _make_dataset


@pytest.fixture(scope="session")
def as_dataset() -> MakeDataset:
    return dataset_of


@pytest.fixture(scope="session")
def make_job() -> MakeJob:
    return _make_job


@pytest.fixture(scope="session")
def toy() -> Dataset:
    return _make_dataset()


@pytest.fixture(scope="session")
def make_workspace(tmp_path_factory: pytest.TempPathFactory) -> MakeWorkspace:
    def make(dataset: Dataset, *, folds: int = 3, seed: int = 0) -> Workspace:
        table = build_table(dataset, row_groups(dataset, "together"))
        folder = tmp_path_factory.mktemp("workspace")
        return Workspace(Workspace.create(table, folder, folds=folds, seed=seed))

    return make


@pytest.fixture(scope="session")
def toy_workspace(toy: Dataset, make_workspace: MakeWorkspace) -> Workspace:
    return make_workspace(toy)


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real tables."""
    folder = os.environ.get("BENCH_DATA_DIR", "")
    if not folder:
        pytest.skip("BENCH_DATA_DIR is not set")
    return Path(folder)


@pytest.fixture(scope="session")
def telco() -> Dataset:
    """The real Telco table where BENCH_DATA_DIR has it, else its stand-in."""
    folder = os.environ.get("BENCH_DATA_DIR", "")
    is_here = bool(folder) and (Path(folder) / "telco.csv").is_file()
    return load_dataset("telco" if is_here else "telco-standin")
