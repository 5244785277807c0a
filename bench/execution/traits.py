"""What planning must know of a dataset."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from bench.domain import Dataset
from bench.evaluation.splits import time_ranks
from bench.specs import EconomicsSpec


@dataclass(frozen=True)
class Traits:
    """What planning must know of a dataset."""

    digest: str
    n_samples: int
    n_positives: int
    n_numeric: int
    n_categorical: int
    n_levels: int
    has_missing_numbers: bool
    economics: EconomicsSpec = EconomicsSpec()
    order_digest: str = ""
    """Of the order of the rows in time, where there is one."""


def describe_traits(dataset: Dataset) -> Traits:
    """Return the traits of a loaded dataset."""
    import pandas as pd

    numeric = dataset.X.select_dtypes("number")
    levels = [
        len(dataset.X[column].cat.categories)
        for column, dtype in dataset.X.dtypes.items()
        if isinstance(dtype, pd.CategoricalDtype)
    ]
    return Traits(
        digest=dataset.digest,
        n_samples=len(dataset.X),
        n_positives=int(dataset.y.sum()),
        n_numeric=numeric.shape[1],
        n_categorical=len(levels),
        n_levels=sum(levels),
        has_missing_numbers=bool(numeric.isna().to_numpy().any()),
        economics=dataset.spec.economics,
        order_digest=_digest_order(dataset),
    )


def _digest_order(dataset: Dataset) -> str:
    """Return a digest of the order of the rows in time, nothing where there is none."""
    if dataset.time is None:
        return ""
    return hashlib.sha256(time_ranks(dataset.time).astype("<i8").tobytes()).hexdigest()
