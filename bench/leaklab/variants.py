"""The same customers with something added that a careless split trips over.

Each variant has honest groups, so that it can be judged honestly, too.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bench.domain import Dataset
from bench.evaluation.splits import row_groups
from bench.identity import derive_seed, digest
from bench.leaklab.catalogue import Kind
from bench.leaklab.fits import own_source
from bench.leaklab.settings import (
    COPY_ERRORS,
    GAP_SHARE,
    N_SNAPSHOTS,
    REPEATED_SHARE,
    SNAPSHOT_NOISE,
)

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

COPY_NAME = "noted afterwards"


@dataclass(frozen=True, eq=False)
class Variant:
    """A dataset to make a mistake on.

    Attributes
    ----------
    dataset : Dataset
        Its groups keep together what belongs together.
    leaky_groups : ndarray of shape (n_samples,)
        What the mistake keeps together.
    has_own_board : bool
        Whether the honest fits are those of this dataset, not of the original.
    """

    dataset: Dataset
    leaky_groups: NDArray[np.int64]
    has_own_board: bool


def build_variant(kind: Kind, dataset: Dataset, *, seed: int) -> Variant:
    """Return what the mistake of ``kind`` is made on; most are made on the data as they are."""
    groups = row_groups(dataset, "together")
    make = _MAKERS.get(kind)
    if make is None or (kind == "impute" and has_gaps(dataset)):
        return Variant(dataset, groups, has_own_board=False)
    return make(dataset, groups, derive_seed(seed, "leak-lab", kind))


def has_gaps(dataset: Dataset) -> bool:
    """Return whether any number is missing."""
    return bool(dataset.X.select_dtypes("number").isna().to_numpy().any())


def _with_gaps(dataset: Dataset, groups: NDArray[np.int64], seed: int) -> Variant:
    """Return the data with numbers taken out at random."""
    import numpy as np

    random = np.random.default_rng(seed)
    X = dataset.X.copy()
    for position in _numeric(X):
        values = X.iloc[:, position].to_numpy(dtype=np.float64, copy=True)
        values[random.random(len(values)) < GAP_SHARE] = np.nan
        X.isetitem(position, values)
    made = _remade(dataset, X, np.arange(len(X)), groups, name="gaps", seed=seed)
    return Variant(made, row_groups(made, "together"), has_own_board=True)


def _with_duplicates(dataset: Dataset, groups: NDArray[np.int64], seed: int) -> Variant:
    """Return the data with some rows a second time; the mistake takes copies for strangers."""
    import numpy as np

    n_samples = len(dataset.y)
    n_repeated = round(REPEATED_SHARE * n_samples)
    repeated = np.sort(np.random.default_rng(seed).choice(n_samples, n_repeated, replace=False))
    rows = np.concatenate([np.arange(n_samples), repeated])
    copy = np.repeat([0, 1], [n_samples, n_repeated])
    X = dataset.X.iloc[rows].reset_index(drop=True)
    made = _remade(dataset, X, rows, groups, name="duplicates", seed=seed)
    return Variant(made, groups[rows] * 2 + copy, has_own_board=True)


def _with_snapshots(dataset: Dataset, groups: NDArray[np.int64], seed: int) -> Variant:
    """Return several rows for each customer; the mistake takes them for several customers."""
    import numpy as np

    random = np.random.default_rng(seed)
    n_samples = len(dataset.y)
    rows = np.tile(np.arange(n_samples), N_SNAPSHOTS)
    snapshot = np.repeat(np.arange(N_SNAPSHOTS), n_samples)
    X = dataset.X.iloc[rows].reset_index(drop=True)
    for position in _numeric(X):
        values = X.iloc[:, position].to_numpy(dtype=np.float64, copy=True)
        known = values[~np.isnan(values)]
        spread = known.std() if known.size else 0.0
        values += SNAPSHOT_NOISE * spread * random.standard_normal(len(values)) * (snapshot > 0)
        X.isetitem(position, values)
    made = _remade(dataset, X, rows, groups, name="entity", seed=seed)
    return Variant(made, groups[rows] * N_SNAPSHOTS + snapshot, has_own_board=True)


def _with_copy(dataset: Dataset, groups: NDArray[np.int64], seed: int) -> Variant:
    """Return the data with one more column: the target, with errors. Folds stay what they are."""
    import numpy as np

    is_wrong = np.random.default_rng(seed).random(len(dataset.y)) < COPY_ERRORS
    copy = np.where(is_wrong, 1 - dataset.y, dataset.y).astype(np.float64)
    name = COPY_NAME
    while name in dataset.X.columns:
        name += "'"
    X = dataset.X.assign(**{name: copy})
    made = _remade(dataset, X, np.arange(len(X)), groups, name="copy", seed=seed)
    return Variant(made, groups, has_own_board=False)


_MAKERS: dict[Kind, Callable[[Dataset, NDArray[np.int64], int], Variant]] = {
    "impute": _with_gaps,
    "duplicates": _with_duplicates,
    "entity": _with_snapshots,
    "copy": _with_copy,
}


CHANGED = frozenset(_MAKERS)
"""Kinds of mistakes that may need data of their own."""


def _numeric(X: pd.DataFrame) -> list[int]:
    """Return the positions of the numeric columns."""
    import pandas as pd

    return [
        position
        for position, dtype in enumerate(X.dtypes)
        if not isinstance(dtype, pd.CategoricalDtype)
    ]


def _remade(
    dataset: Dataset,
    X: pd.DataFrame,
    rows: NDArray[np.intp],
    groups: NDArray[np.int64],
    *,
    name: str,
    seed: int,
) -> Dataset:
    """Return a dataset of rows of another; whatever else that knew of its rows is left behind."""
    plain = Dataset(
        spec=dataset.spec, X=X, y=dataset.y[rows], digest=dataset.digest, origin=dataset.origin
    )
    made = digest("leak-lab", dataset.digest, name, seed, own_source())
    return replace(plain, digest=made, groups=groups[rows], notes=dataset.notes)
