"""Every strategy of ours holds every clause, and ours hold more than yours need to."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from bench.contracts import STRATEGY_CLAUSES, Clause
from bench.contracts.tables import category_rows, mixed_rows, small_case, small_table
from bench.domain import Split
from bench.evaluation.splits import OUTER
from bench.evaluation.workspace import View, Workspace
from bench.models import TrainingSet
from bench.strategies import STRATEGIES, Strategy, UnsuitableRowsError

SAMPLERS = [s for s in STRATEGIES if s.resample is not None]
INTERPOLATING = [
    "smote",
    "adasyn",
    "borderline-smote",
    "kmeans-smote",
    "smote-enn",
    "smote-tomek",
]
THROWS_NO_DICE = ("near-miss", "tomek-links", "edited-nearest-neighbours")
DROPPING = [
    "random-under",
    "near-miss",
    "tomek-links",
    "edited-nearest-neighbours",
    "one-sided-selection",
]

# Prints a digest of what every sampler makes of 5000 rows with many equal distances:
# among equals, more threads find other neighbours.
DIGESTS = """
import hashlib
import numpy as np
from bench.contracts import Clause
from bench.strategies import STRATEGIES

random = np.random.default_rng(0)
X = random.integers(0, 2, size=(5000, 20)).astype(float)
y = (2 * X[:, 0] + random.normal(size=5000) > 2.4).astype(np.int8)

def print_digest(strategy):
    rows, labels = strategy.resample(X, y, params=strategy.defaults, categorical=(19,), seed=5)
    print(strategy.name, hashlib.sha256(rows.tobytes() + labels.tobytes()).hexdigest())

# In reverse: the first must be pinned too, and repeating rows at random needs no distances.
for strategy in reversed(list(STRATEGIES)):
    if strategy.resample is not None:
        problem = Clause(print_digest).problem_with(strategy)
        assert not problem, problem
"""


def rows_for(strategy: Strategy) -> TrainingSet:
    if strategy.needs.only_categories:
        return category_rows()
    return mixed_rows() if strategy.needs.stage == "mixed" else small_case().train


def resample(strategy: Strategy, *, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rows = rows_for(strategy)
    assert strategy.resample is not None
    return strategy.resample(
        rows.X, rows.y, params=strategy.defaults, categorical=rows.categorical, seed=seed
    )


@pytest.mark.parametrize(
    ("strategy", "clause"),
    [
        pytest.param(strategy, clause, id=f"{strategy.name}-{clause.name}")
        for strategy in STRATEGIES
        for clause in STRATEGY_CLAUSES
        if clause.applies(strategy)
    ],
)
def test_strategy_holds(strategy: Strategy, clause: Clause[Strategy]) -> None:
    assert clause.problem_with(strategy) == ""


def test_every_strategy_clause_applies_to_some_strategy_of_ours() -> None:
    idle = [c.name for c in STRATEGY_CLAUSES if not any(c.applies(s) for s in STRATEGIES)]

    assert idle == []


@pytest.mark.parametrize(
    "strategy", [s for s in SAMPLERS if s.name not in THROWS_NO_DICE], ids=lambda s: s.name
)
def test_another_seed_gives_other_rows(strategy: Strategy) -> None:
    X, _ = resample(strategy, seed=0)
    other_X, _ = resample(strategy, seed=1)

    assert X.shape != other_X.shape or not np.array_equal(X, other_X)


@pytest.mark.parametrize("name", [*INTERPOLATING, "smotenc"])
def test_made_up_positives_lie_within_the_range_of_the_real_ones(name: str) -> None:
    strategy = STRATEGIES.lookup(name)
    rows = rows_for(strategy)
    real = rows.X[rows.y == 1]

    X, y = resample(strategy)

    made_up = X[y == 1]
    assert len(np.unique(made_up, axis=0)) > len(real)
    assert (made_up >= real.min(axis=0) - 1e-9).all()
    assert (made_up <= real.max(axis=0) + 1e-9).all()


@pytest.mark.parametrize(
    "strategy", [s for s in SAMPLERS if s.name != "cluster-centroids"], ids=lambda s: s.name
)
def test_negatives_are_never_made_up(strategy: Strategy) -> None:
    rows = rows_for(strategy)
    real = {row.tobytes() for row in rows.X[rows.y == 0]}

    X, y = resample(strategy)

    assert {row.tobytes() for row in X[y == 0]} <= real


@pytest.mark.parametrize("name", DROPPING)
def test_undersampling_keeps_every_positive_and_only_real_rows(name: str) -> None:
    rows = small_case().train
    real = {row.tobytes() for row in rows.X}

    X, y = resample(STRATEGIES.lookup(name))

    assert {row.tobytes() for row in X} <= real
    assert y.sum() == rows.y.sum()
    assert len(y) < len(rows.y)


def test_smoten_makes_up_rows_of_known_levels_without_a_warning() -> None:
    rows = category_rows()

    X, y = resample(STRATEGIES.lookup("smoten"))

    assert y.mean() == 0.5
    for column, known in zip(X.T, rows.X.T, strict=True):
        assert set(column) == set(known)


def test_kmeans_smote_goes_down_to_one_cluster_where_positives_are_few() -> None:
    rows = small_case().train
    few = np.sort(np.append(np.flatnonzero(rows.y == 0), np.flatnonzero(rows.y == 1)[:7]))
    strategy = STRATEGIES.lookup("kmeans-smote")
    assert strategy.resample is not None

    _, y = strategy.resample(
        rows.X[few],
        rows.y[few],
        params={"balance": 1.0, "k_neighbors": 6, "n_clusters": 20},
        categorical=(),
        seed=0,
    )

    assert y.sum() == (y == 0).sum()


def test_a_sampler_that_gives_up_says_so() -> None:
    rows = small_case().train
    y = np.zeros_like(rows.y)
    y[:3] = 1
    strategy = STRATEGIES.lookup("smote")
    assert strategy.resample is not None

    with pytest.raises(UnsuitableRowsError) as caught:
        strategy.resample(rows.X, y, params=strategy.defaults, categorical=(), seed=0)

    assert str(caught.value) == (
        "SMOTE gives up on these rows: Expected n_neighbors <= n_samples_fit, but n_neighbors = 6, "
        "n_samples_fit = 3, n_samples = 3"
    )


@pytest.mark.parametrize(
    "name",
    ["random-over", "random-under", "smote", "smotenc", "near-miss", "cluster-centroids"],
)
def test_classes_are_equally_frequent_by_default(name: str) -> None:
    _, y = resample(STRATEGIES.lookup(name))

    assert y.mean() == 0.5


def columns_of_ones_and_zeros(folder: Path, strategy: str) -> list[bool]:
    """Return for each one-hot column of a resampled training set whether it holds only 0 and 1."""
    workspace = Workspace(Workspace.create(small_table(), folder, folds=4, seed=0))
    X = workspace.trainable(View(Split(0, 0), OUTER), strategy).data.X
    return [bool(np.isin(column, (0.0, 1.0)).all()) for column in X[:, 5:].T]


def test_smotenc_resamples_levels_and_smote_what_was_made_of_them(tmp_path: Path) -> None:
    by_smotenc = columns_of_ones_and_zeros(tmp_path / "smotenc", "smotenc")
    by_smote = columns_of_ones_and_zeros(tmp_path / "smote", "smote")

    assert all(by_smotenc)
    assert not any(by_smote)


@pytest.mark.slow
def test_clauses_see_the_same_rows_whatever_openmp_is_told() -> None:
    outputs = [
        subprocess.run(
            [sys.executable, "-c", DIGESTS],
            env={**os.environ, "OMP_NUM_THREADS": threads, "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for threads in ("1", "2")
    ]

    assert outputs[0].count("\n") == len(SAMPLERS)
    assert outputs[0] == outputs[1]
