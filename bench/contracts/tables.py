"""The small made-up customers on whom models and strategies are tried."""

from __future__ import annotations

import functools
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from bench.evaluation.preparing import Preparer
from bench.evaluation.tables import Table
from bench.evaluation.workspace import Workspace
from bench.models import TrainingSet

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

N_SAMPLES = 400
N_TRAIN = 280
N_POSITIVES = 80
UNSEEN = 3


@dataclass(frozen=True, eq=False)
class Case:
    """Rows to learn from and rows held back, free to be written to."""

    train: TrainingSet
    held_X: NDArray[np.float64]
    held_y: NDArray[np.int8]


@functools.cache
def small_table() -> Table:
    """Return 400 customers, 80 of them positive: what numbers and levels tell can be learnt.

    The third number misses one value in ten, the second category has a level
    for missing values, and level `UNSEEN` of the first one occurs in held rows
    only.
    """
    import numpy as np

    random = np.random.default_rng(2024)
    numeric = random.normal(size=(N_SAMPLES, 4))
    plan = random.integers(0, 3, N_SAMPLES)
    region = random.integers(0, 5, N_SAMPLES)
    signal = 1.5 * numeric[:, 0] - numeric[:, 1] + np.asarray([0.0, 0.7, 1.5])[plan]
    order = np.argsort(signal + random.logistic(size=N_SAMPLES))
    y = np.zeros(N_SAMPLES, dtype=np.int8)
    y[order[-N_POSITIVES:]] = 1
    numeric[random.random(N_SAMPLES) < 0.1, 2] = np.nan
    plan[N_TRAIN + 5 : N_TRAIN + 15] = UNSEEN
    return Table(
        numeric=numeric,
        codes=np.column_stack([plan, region]).astype(np.int32),
        y=y,
        groups=np.arange(N_SAMPLES, dtype=np.int64),
        features=("usage", "tenure", "income", "noise", "plan", "region"),
        numeric_features=(0, 1, 2, 3),
        categorical_features=(4, 5),
    )


def small_case(preparation: str = "encoded") -> Case:
    """Return the small table as a model sees it, a new copy each time."""
    import numpy as np

    table = small_table()
    train, held = np.arange(N_TRAIN), np.arange(N_TRAIN, N_SAMPLES)
    preparer = _preparer(preparation)
    return Case(
        train=TrainingSet(
            preparer.to_matrix(preparer.to_mixed(train)),
            table.y[train],
            categorical=preparer.layout.categorical,
        ),
        held_X=preparer.to_matrix(preparer.to_mixed(held)),
        held_y=table.y[held],
    )


def mixed_rows() -> TrainingSet:
    """Return the training rows before encoding: scaled numbers beside category codes."""
    import numpy as np

    preparer = _preparer("encoded")
    return TrainingSet(
        preparer.to_mixed(np.arange(N_TRAIN)),
        small_table().y[:N_TRAIN].copy(),
        categorical=preparer.mixed_layout.categorical,
    )


def coarse_rows() -> TrainingSet:
    """Return rows of nine kinds, each with both labels, which no model can tell apart."""
    import numpy as np

    table = small_table()
    X = np.clip(np.rint(table.numeric[:, :2]), -1.0, 1.0)
    y = table.y.copy()
    kinds = X[:, 0] * 3 + X[:, 1]
    for kind in np.unique(kinds):
        first, second = np.flatnonzero(kinds == kind)[:2]
        y[first], y[second] = 0, 1
    return TrainingSet(X, y)


@functools.cache
def table_of_categories() -> Table:
    """Return the customers of the small table with their numbers cut into levels."""
    import numpy as np

    table = small_table()
    cuts = np.digitize(np.nan_to_num(table.numeric), (-0.7, 0.7))
    return replace(
        table,
        numeric=np.empty((N_SAMPLES, 0)),
        codes=np.hstack([cuts, table.codes]).astype(np.int32),
        numeric_features=(),
        categorical_features=tuple(range(len(table.features))),
    )


def category_rows() -> TrainingSet:
    """Return training rows that are level numbers only."""
    import numpy as np

    table = table_of_categories()
    codes = table.codes[:N_TRAIN].astype(np.float64)
    return TrainingSet(codes, table.y[:N_TRAIN].copy(), categorical=tuple(range(codes.shape[1])))


@contextmanager
def small_workspace(table: Table, *, folds: int) -> Iterator[Workspace]:
    """Yield a workspace of ``table`` that is gone afterwards."""
    # On Windows a file that is still mapped cannot be deleted.
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        yield Workspace(Workspace.create(table, Path(folder), folds=folds, seed=0))


def read_only(array: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return ``array`` as a run hands it over, mapped from a file that nobody may write to."""
    array.flags.writeable = False
    return array


@functools.cache
def _preparer(preparation: str) -> Preparer:
    import numpy as np

    return Preparer(small_table(), np.arange(N_TRAIN), preparation=preparation)
