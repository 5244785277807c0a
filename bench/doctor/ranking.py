"""How well one column, or two together, rank the customers by their labels."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from bench.data.canonical import is_numeric
from bench.identity import derive_seed

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

CONFIDENCE = 1.645
"""Standard errors that a one-sided 95 % bound lies below the estimate."""

_FOLDS = 5


def rank_auc(y: NDArray[Any], score: NDArray[np.float64]) -> float:
    """Return the ROC-AUC of a score, ties counting one half.

    Parameters
    ----------
    y : ndarray of shape (n_samples,)
        Labels, 0 or 1, both present.
    score : ndarray of shape (n_samples,)
        Finite or infinite numbers, no NaN.

    Returns
    -------
    float
        The Mann-Whitney statistic over the product of the class sizes
        (Hanley & McNeil, 1982).
    """
    import numpy as np

    _, place, counts = np.unique(score, return_inverse=True, return_counts=True)
    mean_rank = np.cumsum(counts) - (counts - 1) / 2.0
    n_positives = int(y.sum())
    n_negatives = len(y) - n_positives
    rank_sum = float(mean_rank[place[y == 1]].sum())
    return (rank_sum - n_positives * (n_positives + 1) / 2.0) / (n_positives * n_negatives)


def auc_error(auc: float, n_positives: int, n_negatives: int) -> float:
    """Return the standard error of a ROC-AUC, by Hanley & McNeil (1982), formula 1.

    Parameters
    ----------
    auc : float in [0, 1]
        The estimate.
    n_positives, n_negatives : int
        How many rows of each class it is of, at least one.
    """
    both_above = auc / (2 - auc)
    both_below = 2 * auc**2 / (1 + auc)
    variance = (
        auc * (1 - auc)
        + (n_positives - 1) * (both_above - auc**2)
        + (n_negatives - 1) * (both_below - auc**2)
    ) / (n_positives * n_negatives)
    return math.sqrt(max(variance, 0.0))


def auc_bound(auc: float, y: NDArray[Any]) -> float:
    """Return what the true ROC-AUC is above, 95 % certain."""
    n_positives = int(y.sum())
    return auc - CONFIDENCE * auc_error(auc, n_positives, len(y) - n_positives)


def column_auc(column: pd.Series[Any], y: NDArray[np.int8], rows: NDArray[np.int64]) -> float:
    """Return the ROC-AUC, at least one half or nearly, of a canonical column on some rows.

    Numbers rank by themselves, in the better direction; levels by their churn
    rates among other rows.
    """
    if is_numeric(column):
        return numeric_auc(column.to_numpy()[rows], y[rows])
    return categorical_auc(column.cat.codes.to_numpy()[rows], y[rows])


def numeric_auc(values: NDArray[np.float64], y: NDArray[np.int8]) -> float:
    """Return the better direction's ROC-AUC; missing values may be at either end."""
    import numpy as np

    is_missing = np.isnan(values)
    ends = (-np.inf, np.inf) if is_missing.any() else (0.0,)
    aucs = [rank_auc(y, np.where(is_missing, end, values)) for end in ends]
    return max(max(auc, 1.0 - auc) for auc in aucs)


def categorical_auc(codes: NDArray[Any], y: NDArray[np.int8]) -> float:
    """Return the ROC-AUC of each level's churn rate among the other folds' rows.

    A level that is met in no other row gets the overall rate, so that a column
    with a level for every row says nothing, as it should.
    """
    import numpy as np

    levels = codes.astype(np.int64) + 1  # missing is a level too
    n_levels = int(levels.max()) + 1
    fold = folds_of(y, _FOLDS)
    score = np.empty(len(y))
    for number in range(_FOLDS):
        is_test = fold == number
        seen = np.bincount(levels[~is_test], minlength=n_levels)
        positives = np.bincount(levels[~is_test], weights=y[~is_test], minlength=n_levels)
        rate = np.where(seen > 0, positives / np.maximum(seen, 1), y.mean())
        score[is_test] = rate[levels[is_test]]
    return rank_auc(y, score)


def folds_of(y: NDArray[np.int8], n_folds: int) -> NDArray[np.int64]:
    """Return a fold for each row, both classes spread evenly."""
    import numpy as np

    fold = np.empty(len(y), dtype=np.int64)
    generator = np.random.default_rng(derive_seed("doctor", "folds"))
    for label in (0, 1):
        rows = np.flatnonzero(y == label)
        fold[generator.permutation(rows)] = np.arange(len(rows)) % n_folds
    return fold


def sample_rows(y: NDArray[np.int8], most: int) -> NDArray[np.int64]:
    """Return at most ``most`` evenly spaced rows of each class.

    ROC-AUC does not depend on the class sizes.
    """
    import numpy as np

    def spaced(label: int) -> NDArray[np.int64]:
        rows = np.flatnonzero(y == label)
        if len(rows) <= most:
            return rows
        return rows[np.linspace(0, len(rows) - 1, most).astype(np.int64)]

    return np.sort(np.concatenate([spaced(0), spaced(1)]))
