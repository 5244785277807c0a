"""Which rows have equal features."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray


def duplicate_groups(X: pd.DataFrame) -> NDArray[np.int64]:
    """Return for each row the number of the first row that has the same features.

    Exact, and linear in the cells: columns split the groups one after the
    other, and rows that are alone already are not looked at again.

    Parameters
    ----------
    X : DataFrame of shape (n_samples, n_features)
        A missing value equals a missing value.

    Returns
    -------
    ndarray of shape (n_samples,), int64
        Equal for equal rows; a row without a double has a number of its own.
    """
    import numpy as np

    first = np.zeros(len(X), dtype=np.int64)  # one group, until columns split it
    rows = np.arange(len(X), dtype=np.int64)  # those that are not alone yet
    for name in X.columns:
        if not len(rows):
            break
        values = _values(X[name])
        own, leader = values[rows], values[first[rows]]
        if ((own == leader) | ((own != own) & (leader != leader))).all():
            continue
        codes, n_codes = _numbered(own)
        keys, n_keys = _numbered(first[rows] * n_codes + codes)
        leaders = np.empty(n_keys, dtype=np.int64)
        leaders[keys[::-1]] = rows[::-1]  # the last write wins: the first row of each group
        first[rows] = leaders[keys]
        rows = rows[np.bincount(keys)[keys] > 1]
    return first


def group_sizes(groups: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return for each row how many rows its group has."""
    import numpy as np

    return np.bincount(groups, minlength=len(groups))[groups]


def count_shared_rows(X: pd.DataFrame) -> int:
    """Return how many rows share all features with another row."""
    return int((group_sizes(duplicate_groups(X)) > 1).sum())


def _values(column: pd.Series[Any]) -> NDArray[Any]:
    """Return numbers that are equal where the cells are; NaN or -1 where one is missing."""
    import pandas as pd

    if isinstance(column.dtype, pd.CategoricalDtype):
        return column.cat.codes.to_numpy()
    return column.to_numpy()


def _numbered(values: NDArray[Any]) -> tuple[NDArray[np.int64], int]:
    """Return each value's number, in order of their first places, and how many there are."""
    import numpy as np
    import pandas as pd

    codes, uniques = pd.factorize(values, use_na_sentinel=False)
    return codes.astype(np.int64), len(uniques)
