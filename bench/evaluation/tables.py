"""A dataset as plain arrays that worker processes share through memory-mapped files."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bench.domain import Dataset
from bench.serial import from_json, to_json
from bench.specs import EconomicsSpec

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

ARRAYS = ("numeric", "codes", "y", "groups")


@dataclass(frozen=True, eq=False)
class Table:
    """The numbers of a dataset.

    Attributes
    ----------
    numeric : ndarray of shape (n_samples, n_numeric), float64
        NaN where a value is missing.
    codes : ndarray of shape (n_samples, n_categorical), int32
        Level numbers; a missing value is a level of its own, the last.
    y : ndarray of shape (n_samples,), int8
    groups : ndarray of shape (n_samples,), int64
        Rows with equal numbers stay on one side of every split.
    features : tuple of str
        The user's columns, in the user's order.
    numeric_features, categorical_features : tuple of int
        Positions in ``features`` of the columns of ``numeric`` and ``codes``.
    economics : EconomicsSpec
        What customers and campaigns are worth, as the adapter has it.
    """

    numeric: NDArray[np.float64]
    codes: NDArray[np.int32]
    y: NDArray[np.int8]
    groups: NDArray[np.int64]
    features: tuple[str, ...]
    numeric_features: tuple[int, ...]
    categorical_features: tuple[int, ...]
    economics: EconomicsSpec = EconomicsSpec()

    def value_of(self, rows: NDArray[np.int64]) -> NDArray[np.float64] | None:
        """Return what the customers in ``rows`` are worth; None where no column says so."""
        import numpy as np

        names = [self.features[feature] for feature in self.numeric_features]
        if self.economics.value not in names:
            return None
        return np.asarray(self.numeric[rows, names.index(self.economics.value)])

    def write(self, folder: Path) -> None:
        """Write the arrays to ``folder`` for `read_table`."""
        import numpy as np

        folder.mkdir(parents=True, exist_ok=True)
        for name in ARRAYS:
            np.save(folder / f"{name}.npy", getattr(self, name))
        names = {
            "features": self.features,
            "numeric_features": self.numeric_features,
            "categorical_features": self.categorical_features,
            "economics": to_json(self.economics),
        }
        (folder / "columns.json").write_text(json.dumps(names), encoding="utf-8")


def read_table(folder: Path) -> Table:
    """Return the table in ``folder``; its arrays are mapped, not read."""
    import numpy as np

    arrays = {name: np.load(folder / f"{name}.npy", mmap_mode="r") for name in ARRAYS}
    columns = json.loads((folder / "columns.json").read_text(encoding="utf-8"))
    return Table(
        **arrays,
        features=tuple(columns["features"]),
        numeric_features=tuple(columns["numeric_features"]),
        categorical_features=tuple(columns["categorical_features"]),
        economics=from_json(EconomicsSpec, columns["economics"]),
    )


def build_table(dataset: Dataset, groups: NDArray[np.int64]) -> Table:
    """Return the arrays of ``dataset``; ``groups`` come from `bench.evaluation.splits`."""
    import numpy as np
    import pandas as pd

    X = dataset.X
    is_categorical = [isinstance(dtype, pd.CategoricalDtype) for dtype in X.dtypes]
    numeric = [i for i, flag in enumerate(is_categorical) if not flag]
    categorical = [i for i, flag in enumerate(is_categorical) if flag]
    return Table(
        numeric=X.iloc[:, numeric].to_numpy(dtype=np.float64),
        codes=_codes(X, categorical),
        y=np.asarray(dataset.y, dtype=np.int8),
        groups=groups,
        features=tuple(map(str, X.columns)),
        numeric_features=tuple(numeric),
        categorical_features=tuple(categorical),
        economics=dataset.spec.economics,
    )


def _codes(X: pd.DataFrame, columns: Sequence[int]) -> NDArray[np.int32]:
    import numpy as np

    codes = np.empty((len(X), len(columns)), dtype=np.int32)
    for target, column in enumerate(columns):
        levels = X.iloc[:, column].cat
        codes[:, target] = np.where(levels.codes < 0, len(levels.categories), levels.codes)
    return codes
