"""From the user's columns to what a model sees; everything learnt from training rows.

Two stages, because samplers act on different ones:

``mixed``
    numeric columns imputed by the median (with an indicator column where
    training rows miss values) and scaled; categories as level numbers.
``encoded``
    the same, categories one-hot: what every model gets by default, so that a
    strategy is compared with another and not with another encoding.

The ``native`` preparation stops at ``mixed`` without imputing, for learners
that take categories and missing values themselves.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bench.evaluation.tables import Table

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MOST_LEVELS = 100
"""Rarer levels than the 100 most frequent of a column share one column."""

PREPARATIONS = ("encoded", "native")


@dataclass(frozen=True)
class Layout:
    """Where the columns of a matrix come from.

    Attributes
    ----------
    sources : tuple of int
        For each column its feature, as a position in `Table.features`.
    categorical : tuple of int
        Columns that hold category codes.
    """

    sources: tuple[int, ...]
    categorical: tuple[int, ...] = ()


class Preparer:
    """Learns a preparation from some rows and applies it to any.

    Parameters
    ----------
    table : Table
    rows : ndarray of int
        The rows to learn from.
    preparation : {"encoded", "native"}
    """

    def __init__(self, table: Table, rows: NDArray[np.int64], *, preparation: str) -> None:
        import numpy as np
        from sklearn.impute import SimpleImputer
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

        self._table = table
        self._is_native = preparation == "native"
        self._numeric: Any = None
        self._levels: Any = None
        sources = list(table.numeric_features)
        if sources:
            imputer = SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True)
            # Columns in one piece, as a DataFrame hands them to scikit-learn: the order of
            # summation decides the last bit of a mean, and the last bit decides which of
            # two equally near neighbours SMOTE takes.
            by_columns = FunctionTransformer(np.asfortranarray)
            steps = [by_columns] if self._is_native else [imputer, by_columns]
            self._numeric = make_pipeline(*steps, StandardScaler())
            with np.errstate(invalid="ignore"):  # a column without any value stays without
                self._numeric.fit(table.numeric[rows])
            if not self._is_native:
                sources += [sources[column] for column in imputer.indicator_.features_]
        n_numeric = len(sources)
        categorical = tuple(range(n_numeric, n_numeric + len(table.categorical_features)))
        self.mixed_layout = Layout((*sources, *table.categorical_features), categorical)
        self.layout = self.mixed_layout
        if not categorical:
            return
        self._levels = OneHotEncoder(
            handle_unknown="infrequent_if_exist",
            max_categories=MOST_LEVELS,
            sparse_output=False,
        ).fit(table.codes[rows])
        if not self._is_native:
            for feature, names in zip(
                table.categorical_features, _output_sizes(self._levels), strict=True
            ):
                sources += [feature] * names
            self.layout = Layout(tuple(sources))

    def to_mixed(self, rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the numbers, scaled, beside category codes."""
        import numpy as np

        parts = []
        if self._numeric is not None:
            parts.append(self._numeric.transform(self._table.numeric[rows]))
        if self._levels is not None:
            parts.append(self._known_codes(self._table.codes[rows]))
        return np.hstack(parts)

    def to_matrix(self, mixed: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return what a model sees, from what `to_mixed` returned or a sampler made of it."""
        import numpy as np

        if self._is_native or self._levels is None:
            return mixed
        first = self.mixed_layout.categorical[0]
        codes = np.rint(mixed[:, first:]).astype(np.int32)
        return np.hstack([mixed[:, :first], self._levels.transform(codes)])

    def _known_codes(self, codes: NDArray[np.int32]) -> NDArray[np.float64]:
        """Return codes as floats.

        Under ``native`` they are positions among the levels of the training
        rows, and NaN for a level that these lack.
        """
        import numpy as np

        known = codes.astype(np.float64)
        if self._is_native:
            for column, levels in enumerate(self._levels.categories_):
                position = np.searchsorted(levels, codes[:, column])
                is_known = np.isin(codes[:, column], levels)
                known[:, column] = np.where(is_known, position, np.nan)
        return known


def _output_sizes(encoder: Any) -> list[int]:
    """Return how many columns a one-hot encoder makes of each of its inputs."""
    sizes = []
    for levels, infrequent in zip(encoder.categories_, encoder.infrequent_categories_, strict=True):
        rare = 0 if infrequent is None else len(infrequent)
        sizes.append(len(levels) - rare + (1 if rare else 0))
    return sizes
