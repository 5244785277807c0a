"""A dataset as plain arrays that worker processes share through memory-mapped files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.data.canonical import numbers_of
from bench.domain import Dataset
from bench.evaluation.arrays import Blocks, map_array, write_array
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
        arrays = {name: getattr(self, name) for name in ARRAYS}
        _write(folder, arrays, self)


@dataclass(frozen=True, eq=False)
class Columns:
    """What a table's columns are; the arrays are elsewhere."""

    features: tuple[str, ...]
    numeric_features: tuple[int, ...]
    categorical_features: tuple[int, ...]
    economics: EconomicsSpec


def _write(
    folder: Path, arrays: Mapping[str, NDArray[Any] | Blocks], columns: Table | Columns
) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, array in arrays.items():
        write_array(folder / f"{name}.npy", array)
    names = {
        "features": columns.features,
        "numeric_features": columns.numeric_features,
        "categorical_features": columns.categorical_features,
        "economics": to_json(columns.economics),
    }
    (folder / "columns.json").write_text(json.dumps(names), encoding="utf-8")


def read_table(folder: Path) -> Table:
    """Return the table in ``folder``; its arrays are mapped, not read."""
    arrays = {name: map_array(folder / f"{name}.npy") for name in ARRAYS}
    columns = json.loads((folder / "columns.json").read_text(encoding="utf-8"))
    return Table(
        **arrays,
        features=tuple(columns["features"]),
        numeric_features=tuple(columns["numeric_features"]),
        categorical_features=tuple(columns["categorical_features"]),
        economics=from_json(EconomicsSpec, columns["economics"]),
    )


def write_table(dataset: Dataset, groups: NDArray[np.int64], folder: Path) -> None:
    """Write the arrays of ``dataset`` for `read_table`, one column at a time.

    ``groups`` come from `bench.evaluation.splits`.
    """
    import numpy as np

    columns = _describe(dataset)
    X, n_samples = dataset.X, len(dataset.y)
    numeric, categorical = columns.numeric_features, columns.categorical_features
    arrays: dict[str, NDArray[Any] | Blocks] = {
        "numeric": Blocks(
            (n_samples, len(numeric)),
            (numbers_of(X.iloc[:, feature]) for feature in numeric),
            by_columns=True,
        ),
        "codes": Blocks(
            (n_samples, len(categorical)),
            (_codes(X.iloc[:, feature]) for feature in categorical),
            dtype="<i4",
            by_columns=True,
        ),
        "y": np.asarray(dataset.y, dtype=np.int8),
        "groups": groups,
    }
    _write(folder, arrays, columns)


def _describe(dataset: Dataset) -> Columns:
    import pandas as pd

    X = dataset.X
    is_categorical = [isinstance(dtype, pd.CategoricalDtype) for dtype in X.dtypes]
    return Columns(
        features=tuple(map(str, X.columns)),
        numeric_features=tuple(i for i, flag in enumerate(is_categorical) if not flag),
        categorical_features=tuple(i for i, flag in enumerate(is_categorical) if flag),
        economics=dataset.spec.economics,
    )


def _codes(column: pd.Series[Any]) -> NDArray[np.int32]:
    """Return the level numbers of a column; a missing value is a level of its own, the last."""
    import numpy as np

    levels = column.cat
    codes = levels.codes.to_numpy().astype(np.int32)
    codes[codes < 0] = len(levels.categories)
    return codes
