"""The file as it is: every column as text, also those that the adapter leaves out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bench.data.canonical import as_canonical_category, is_numeric
from bench.data.cells import collapse, missing_tokens
from bench.data.loading import LoadOptions
from bench.data.reading import read_table, table_names
from bench.data.sources import find_local, places
from bench.domain import Dataset

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray


MOST_ROWS = 200_000
"""Of longer tables numeric features are not read as text."""


@dataclass(frozen=True, eq=False)
class RawColumn:
    """One column as text.

    Attributes
    ----------
    codes : ndarray of shape (n_rows,), int32
        The number of each row's text, -1 where there is none.
    texts : tuple of str
        The distinct texts, stripped, whole numbers without a point.
    """

    codes: NDArray[np.int32]
    texts: tuple[str, ...]

    def counts(self) -> dict[str, int]:
        """Return how often each text is met."""
        import numpy as np

        n = np.bincount(self.codes[self.codes >= 0], minlength=len(self.texts))
        return dict(zip(self.texts, n.tolist(), strict=True))


Raw = Mapping[str, RawColumn]


def read_raw(dataset: Dataset, options: LoadOptions, *, most_rows: int = MOST_ROWS) -> Raw:
    """Return the columns of a dataset's file as text, row by row as in the dataset.

    Nothing of a table that is made here and lies in no file. Of a large table
    without the numeric features, whose cells would take gigabytes as text.

    Raises
    ------
    SourceError, DataError
        If the file cannot be read again.
    """
    source = dataset.spec.source
    file = None if source.generator else find_local(dataset.spec, places(options.data_dir))
    if file is None:
        return {}
    names = table_names(file.path, source)
    is_large = len(dataset.y) > most_rows
    skip = {n for n in names if is_large and n in dataset.X and is_numeric(dataset.X[n])}
    table = read_table(file.path, source, text=[n for n in names if n not in skip], skip=skip)
    missing = missing_tokens(source)
    raw = {str(name): _raw(table[name], missing) for name in table.columns}
    # The loader leaves out rows without any value, and refuses those without a label only.
    is_row = raw[collapse(dataset.spec.target.column)].codes >= 0
    if is_row.all():
        return raw
    return {name: RawColumn(column.codes[is_row], column.texts) for name, column in raw.items()}


def _raw(column: pd.Series[Any], missing: frozenset[str]) -> RawColumn:
    category = as_canonical_category(column, missing=missing)
    return RawColumn(category.codes, tuple(map(str, category.categories)))
