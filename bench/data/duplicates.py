"""Which rows have equal features."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray


def duplicate_groups(X: pd.DataFrame) -> NDArray[np.int64]:
    """Return for each row the number of the first row that has the same features.

    Exact, without hashing, and linear in the cells: columns refine the groups
    one after the other, and rows that are alone already are not looked at again.

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

    n_samples = len(X)
    first = np.arange(n_samples, dtype=np.int64)
    rows = first.copy()  # those that may still have a double
    keys = np.zeros(n_samples, dtype=np.int64)
    for name in X.columns:
        codes, n_codes = _codes(X[name], rows)
        keys, counts = _renumbered(keys * n_codes + codes)
        is_shared = counts[keys] > 1
        rows, keys = rows[is_shared], keys[is_shared]
        if not len(rows):
            return first
    groups, _ = _renumbered(keys)
    leader = np.empty(int(groups.max()) + 1, dtype=np.int64)
    leader[groups[::-1]] = rows[::-1]  # the last write wins: the first row of each group
    first[rows] = leader[groups]
    return first


def group_sizes(groups: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return for each row how many rows its group has."""
    import numpy as np

    return np.bincount(groups, minlength=len(groups))[groups]


def count_shared_rows(X: pd.DataFrame) -> int:
    """Return how many rows share all features with another row."""
    return int((group_sizes(duplicate_groups(X)) > 1).sum())


def _codes(column: pd.Series[Any], rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], int]:
    import numpy as np
    import pandas as pd

    if isinstance(column.dtype, pd.CategoricalDtype):
        codes = column.cat.codes.to_numpy()[rows].astype(np.int64) + 1
        return codes, len(column.cat.categories) + 1
    values = column.to_numpy()
    codes, uniques = pd.factorize(values[rows], use_na_sentinel=True)
    return codes.astype(np.int64) + 1, len(uniques) + 1


def _renumbered(keys: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    import numpy as np
    import pandas as pd

    codes = pd.factorize(keys)[0].astype(np.int64)
    return codes, np.bincount(codes)
