"""Which of the user's columns stay: learnt from training rows, all parts of a column together.

Three methods score the columns and keep the better half (rounded up):

``chi2``
    Pearson's χ² between column and label, less what chance would give (its
    degrees of freedom); numbers are cut at the training rows' deciles, a
    missing value is a level of its own.
``mutual information``
    in nats, numbers by their nearest neighbours (Ross 2014), categories by
    counts less what chance would give (Miller 1955).
``importance``
    the gain of a small LightGBM.

``correlation`` keeps one column of each group whose association is above .9.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

KEPT_SHARE = 0.5
"""The share of the user's columns that a score keeps, rounded up."""

ALIKE_FROM = 0.9
"""Columns that are associated more than this are a group of which one stays."""

N_BINS = 10


@dataclass(frozen=True, eq=False)
class PlainRows:
    """Training rows as a selection sees them.

    Attributes
    ----------
    numbers : ndarray of shape (n_rows, n_numeric)
        As the user has them, NaN for missing.
    mixed : ndarray of shape (n_rows, n_mixed)
        Imputed and scaled numbers first, category codes last.
    encoded : ndarray of shape (n_rows, n_columns)
        The plain ``encoded`` preparation.
    numeric, categorical : tuple of int
        Features of the first columns of ``mixed`` and of its last ones.
    sources : ndarray of shape (n_columns,)
        For each column of ``encoded`` its feature.
    n_features : int
    """

    numbers: NDArray[np.float64]
    mixed: NDArray[np.float64]
    encoded: NDArray[np.float64]
    numeric: tuple[int, ...]
    categorical: tuple[int, ...]
    sources: NDArray[np.int64]
    n_features: int


Score = Callable[[PlainRows, "NDArray[np.int8]", int], "NDArray[np.float64]"]
Select = Callable[[PlainRows, "NDArray[np.int8]", int], tuple[int, ...]]


def keep_better_half(score: Score) -> Select:
    """Return a selection of the better half by ``score``; equal ones in the user's order."""

    def select(rows: PlainRows, y: NDArray[np.int8], seed: int) -> tuple[int, ...]:
        import numpy as np

        n_kept = math.ceil(KEPT_SHARE * rows.n_features)
        best = np.argsort(-score(rows, y, seed), kind="stable")[:n_kept]
        return tuple(sorted(best.tolist()))

    return select


def score_by_chi2(rows: PlainRows, y: NDArray[np.int8], seed: int) -> NDArray[np.float64]:
    """Return χ² less its degrees of freedom for each feature.

    Of columns with a common number of rows and two classes it gives the order
    of the bias-corrected Cramér's V (Bergsma 2013, Journal of the Korean
    Statistical Society 42), so that many levels are no advantage. Where labels
    and levels are independent its mean is 0.
    """
    import numpy as np
    from sklearn.feature_selection import chi2

    scores = np.zeros(rows.n_features)
    for feature in range(rows.n_features):
        if feature in rows.numeric:
            levels = _bins(rows.numbers[:, rows.numeric.index(feature)])
        else:
            levels = rows.encoded[:, rows.sources == feature]
        # Over all levels of a column, scikit-learn's parts add up to Pearson's statistic.
        parts, _ = chi2(levels, y)
        scores[feature] = parts.sum() - (levels.shape[1] - 1)
    return scores


def _bins(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return one 0/1 column for each decile that holds rows, and one for missing values."""
    import numpy as np

    is_missing = np.isnan(values)
    known = values[~is_missing]
    shares = np.arange(1, N_BINS) / N_BINS
    edges = np.unique(np.quantile(known, shares)) if known.size else np.empty(0)
    codes = np.where(is_missing, N_BINS, np.searchsorted(edges, values, side="right"))
    return np.asarray(codes[:, np.newaxis] == np.unique(codes), dtype=np.float64)


def score_by_mutual_information(
    rows: PlainRows, y: NDArray[np.int8], seed: int
) -> NDArray[np.float64]:
    """Return the mutual information of each feature with the label, in nats.

    ``seed`` drives the tiny noise that parts equal numbers (Ross 2014, PLOS ONE
    9). From categories (levels − 1) / 2n is taken off, the plug-in estimate's
    bias where there is nothing to know (Miller 1955).
    """
    import numpy as np
    from sklearn.feature_selection import mutual_info_classif

    n_numeric, n_categorical = len(rows.numeric), len(rows.categorical)
    codes = rows.mixed[:, rows.mixed.shape[1] - n_categorical :]
    columns = np.hstack([rows.mixed[:, :n_numeric], codes])
    is_discrete = np.arange(n_numeric + n_categorical) >= n_numeric
    found = mutual_info_classif(columns, y, discrete_features=is_discrete, random_state=seed)
    n_levels = np.array([np.unique(codes[:, k]).size for k in range(n_categorical)])
    found[n_numeric:] -= (n_levels - 1) / (2 * len(y))
    scores = np.empty(rows.n_features)
    scores[[*rows.numeric, *rows.categorical]] = found
    return scores


def score_by_importance(rows: PlainRows, y: NDArray[np.int8], seed: int) -> NDArray[np.float64]:
    """Return the split gain of each feature, all its columns together, in a small LightGBM.

    60 trees of 8 leaves at .05, which suits tables of this size.
    """
    import numpy as np
    from lightgbm import LGBMClassifier

    small = LGBMClassifier(
        n_estimators=60,
        num_leaves=8,
        learning_rate=0.05,
        importance_type="gain",
        random_state=seed,
        n_jobs=1,
        verbose=-1,
    ).fit(rows.encoded, y)
    gains = np.zeros(rows.n_features)
    np.add.at(gains, rows.sources, small.feature_importances_)
    return gains


def keep_one_of_each_group(rows: PlainRows, y: NDArray[np.int8], seed: int) -> tuple[int, ...]:
    """Return the features left when, of those associated above .9, one of each group stays.

    A group is whatever such pairs connect. The one that stays has the most
    mutual information with the label: of two columns of which one can be had
    from the other, that is the finer one.
    """
    import numpy as np
    from scipy.sparse.csgraph import connected_components

    is_alike = associations(rows) > ALIKE_FROM
    n_groups, group = connected_components(is_alike, directed=False)
    if n_groups == rows.n_features:
        return tuple(range(rows.n_features))
    best_first = np.argsort(-score_by_mutual_information(rows, y, seed), kind="stable")
    kept = {int(group[feature]): int(feature) for feature in best_first[::-1]}
    return tuple(sorted(kept.values()))


def associations(rows: PlainRows) -> NDArray[np.float64]:
    """Return how strongly any two features go together, shape (n_features, n_features).

    The root mean square of their canonical correlations: |r| of two numbers,
    the correlation ratio η of a number and a category, Cramér's V of two
    categories. It is symmetric, in [0, 1], and 0 where a column is constant.
    """
    import numpy as np

    bases = [_basis(_block(rows, feature)) for feature in range(rows.n_features)]
    found = np.zeros((rows.n_features, rows.n_features))
    for i, first in enumerate(bases):
        for j, second in enumerate(bases[: i + 1]):
            rank = min(first.shape[1], second.shape[1])
            if rank:
                share = float(np.sum((first.T @ second) ** 2)) / rank
                found[i, j] = found[j, i] = math.sqrt(min(share, 1.0))
    return found


def _block(rows: PlainRows, feature: int) -> NDArray[np.float64]:
    """Return the number of a feature, imputed, or the 0/1 columns of its levels."""
    if feature in rows.numeric:
        return rows.mixed[:, [rows.numeric.index(feature)]]
    return rows.encoded[:, rows.sources == feature]


def _basis(block: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return orthonormal columns that span the centred columns of ``block``."""
    import numpy as np

    left, size, _ = np.linalg.svd(block - block.mean(axis=0), full_matrices=False)
    return np.asarray(left[:, size > 1e-9 * math.sqrt(len(block))])
