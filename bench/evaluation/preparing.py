"""From the user's columns to what a model sees; everything learnt from training rows.

Two stages, because samplers act on different ones:

``mixed``
    numeric columns imputed by the median (with an indicator column where
    training rows miss values) and scaled; categories as level numbers.
``encoded``
    the same, categories one-hot: what every model gets by default, so that a
    strategy is compared with another and not with another encoding.

The ``native`` preparation stops at ``mixed`` without imputing, for learners
that take categories and missing values themselves. All others differ from
``encoded`` in one thing, see `bench.evaluation.preparations`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bench.evaluation.arrays import Blocks, row_blocks
from bench.evaluation.preparations import PLAIN, PREPARATIONS, Preparation
from bench.evaluation.selecting import PlainRows
from bench.evaluation.tables import Table

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MOST_LEVELS = 100
"""Rarer levels than the 100 most frequent of a column share one column."""


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
        The rows to learn from; a selection looks at their labels too.
    preparation : str
        A name in `PREPARATIONS`.
    seed : int, default=0
        The dice of selections that throw some.

    Attributes
    ----------
    selected : tuple of str
        The user's columns that a selection kept; empty where there was none.
    """

    def __init__(
        self, table: Table, rows: NDArray[np.int64], *, preparation: str, seed: int = 0
    ) -> None:
        entry = PREPARATIONS.lookup(preparation)
        self._table = table
        self._is_native = entry.changes == "encoding"
        self._numeric: list[_Numbers] = []
        self._levels: Any = None
        self.selected: tuple[str, ...] = ()
        kept = tuple(range(len(table.features)))
        if entry.select is not None:
            kept = entry.select(plain_rows(table, rows), table.y[rows], seed)
            self.selected = tuple(table.features[feature] for feature in kept)
        self._numbers, self._categories = (
            [column for column, feature in enumerate(features) if feature in kept]
            for features in (table.numeric_features, table.categorical_features)
        )
        sources = self._learn_numbers(entry, rows)
        levels = tuple(table.categorical_features[column] for column in self._categories)
        categorical = tuple(range(len(sources), len(sources) + len(levels)))
        self.mixed_layout = Layout((*sources, *levels), categorical)
        self.layout = self.mixed_layout
        if not categorical:
            return
        self._learn_levels(rows)
        if not self._is_native:
            for feature, names in zip(levels, _output_sizes(self._levels), strict=True):
                sources += [feature] * names
            self.layout = Layout(tuple(sources))

    def _learn_numbers(self, entry: Preparation, rows: NDArray[np.int64]) -> list[int]:
        """Fit what is done to numbers and return the feature of each column that comes of it."""
        import numpy as np

        columns, features = self._numbers, self._table.numeric_features
        groups = [columns] if entry.is_joint else [[column] for column in columns]
        for group in groups if columns else ():
            values = self._raw_numbers(rows, group)
            fences = None if entry.fences is None else entry.fences(values)
            if fences is not None:
                values = np.clip(values, *fences)
            pipeline, marked = _fit_numbers(values, [] if self._is_native else entry.imputing())
            marks = [group[position] for position in marked]
            self._numeric.append(_Numbers(pipeline, fences, tuple(group), tuple(marks)))
        marks = [column for numbers in self._numeric for column in numbers.marked]
        return [features[column] for column in (*columns, *marks)]

    def _learn_levels(self, rows: NDArray[np.int64]) -> None:
        from sklearn.preprocessing import OneHotEncoder

        self._levels = OneHotEncoder(
            handle_unknown="infrequent_if_exist",
            max_categories=MOST_LEVELS,
            sparse_output=False,
        ).fit(self._codes(rows))

    def _raw_numbers(self, rows: NDArray[np.int64], columns: Sequence[int]) -> NDArray[np.float64]:
        """Return the numbers as the user has them, column by column in memory."""
        import numpy as np

        values = np.empty((len(rows), len(columns)), order="F")
        for position, column in enumerate(columns):
            values[:, position] = self._table.numeric[rows, column]
        return values

    def _codes(self, rows: NDArray[np.int64]) -> NDArray[np.int32]:
        return self._table.codes[rows][:, self._categories]

    def blocks(self, rows: NDArray[np.int64]) -> Blocks:
        """Return what a model sees of ``rows``, made piece by piece while it is written."""
        shape = (len(rows), len(self.layout.sources))
        return Blocks(shape, (self.to_matrix(self.to_mixed(part)) for part in row_blocks(rows)))

    def to_mixed(self, rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the numbers, scaled, beside category codes."""
        import numpy as np

        # Columns in one piece: SMOTENC's last bits depend on it.
        mixed = np.empty((len(rows), len(self.mixed_layout.sources)), order="F")
        value, mark = 0, len(self._numbers)
        for numbers in self._numeric:
            values = self._raw_numbers(rows, numbers.columns)
            if numbers.fences is not None:
                values = np.clip(values, *numbers.fences)
            made = numbers.pipeline.transform(values)
            n_own, n_marks = len(numbers.columns), len(numbers.marked)
            mixed[:, value : value + n_own] = made[:, :n_own]
            mixed[:, mark : mark + n_marks] = made[:, n_own:]
            value, mark = value + n_own, mark + n_marks
        if self._levels is not None:
            mixed[:, mark:] = self._known_codes(self._codes(rows))
        return mixed

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


@dataclass(frozen=True, eq=False)
class _Numbers:
    """What is done to some numeric columns of the table, learnt from training rows.

    ``marked`` are those of ``columns`` that get a second column, which marks gaps.
    """

    pipeline: Any
    fences: tuple[NDArray[np.float64], NDArray[np.float64]] | None
    columns: tuple[int, ...]
    marked: tuple[int, ...]


def _fit_numbers(values: NDArray[np.float64], steps: list[Any]) -> tuple[Any, list[int]]:
    """Return a fitted pipeline that imputes by ``steps`` and scales, and the columns it marks."""
    import numpy as np
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer, StandardScaler

    # Columns in one piece, as a DataFrame hands them to scikit-learn: the order of
    # summation decides the last bit of a mean, and the last bit decides which of
    # two equally near neighbours SMOTE takes.
    by_columns = FunctionTransformer(np.asfortranarray)
    pipeline = make_pipeline(*steps, by_columns, StandardScaler())
    with np.errstate(invalid="ignore"):  # a column without any value stays without
        pipeline.fit(values)
    return pipeline, steps[-1].indicator_.features_.tolist() if steps else []


def plain_rows(table: Table, rows: NDArray[np.int64]) -> PlainRows:
    """Return ``rows`` as a selection sees them, in the plain preparation learnt from them."""
    import numpy as np

    plain = Preparer(table, rows, preparation=PLAIN)
    mixed = plain.to_mixed(rows)
    return PlainRows(
        numbers=table.numeric[rows],
        mixed=mixed,
        encoded=plain.to_matrix(mixed),
        numeric=table.numeric_features,
        categorical=table.categorical_features,
        sources=np.asarray(plain.layout.sources),
        n_features=len(table.features),
    )


def _output_sizes(encoder: Any) -> list[int]:
    """Return how many columns a one-hot encoder makes of each of its inputs."""
    sizes = []
    for levels, infrequent in zip(encoder.categories_, encoder.infrequent_categories_, strict=True):
        rare = 0 if infrequent is None else len(infrequent)
        sizes.append(len(levels) - rare + (1 if rare else 0))
    return sizes
