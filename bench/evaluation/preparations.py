"""The axis of preparations: the plain one, native categories, and the plain one with one change.

Whatever an entry learns (fences, means, neighbours, which columns stay) it
learns from the training rows of the part at hand; held-back rows are
transformed by it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from bench.evaluation.selecting import (
    Select,
    keep_better_half,
    keep_one_of_each_group,
    score_by_chi2,
    score_by_importance,
    score_by_mutual_information,
)
from bench.registry import Registry

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Fences = Callable[[NDArray[np.float64]], tuple[NDArray[np.float64], NDArray[np.float64]]]

Changes = Literal["nothing", "encoding", "outliers", "columns", "gaps"]

TUKEY_RANGES = 1.5
WINSOR_QUANTILE = 0.01
N_NEIGHBOURS = 5


def _median() -> list[Any]:
    from sklearn.impute import SimpleImputer

    return [SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True)]


def _mean() -> list[Any]:
    from sklearn.impute import SimpleImputer

    return [SimpleImputer(strategy="mean", add_indicator=True, keep_empty_features=True)]


def _most_frequent() -> list[Any]:
    from sklearn.impute import SimpleImputer

    return [SimpleImputer(strategy="most_frequent", add_indicator=True, keep_empty_features=True)]


def _zero() -> list[Any]:
    from sklearn.impute import SimpleImputer

    return [
        SimpleImputer(
            strategy="constant", fill_value=0.0, add_indicator=True, keep_empty_features=True
        )
    ]


def _neighbours() -> list[Any]:
    """Return a scaler first: distances need a common unit."""
    from sklearn.impute import KNNImputer
    from sklearn.preprocessing import StandardScaler

    imputer = KNNImputer(n_neighbors=N_NEIGHBOURS, add_indicator=True, keep_empty_features=True)
    return [StandardScaler(), imputer]


@dataclass(frozen=True)
class Preparation:
    """One way from the user's columns to what a model sees.

    Attributes
    ----------
    name, summary : str
    changes : {"nothing", "encoding", "outliers", "columns", "gaps"}
        What differs from the plain ``encoded``; planning skips an entry where
        there is nothing of the kind to change.
    imputing : callable
        Returns the scikit-learn steps that fill gaps in numbers; the last has
        an ``indicator_``.
    is_joint : bool
        Whether they look at all columns at once instead of each on its own.
    max_rows : int or None
        With more rows in the dataset it would take too long: planning skips it.
    fences : callable, optional
        Returns the lowest and highest value that numbers of each column may
        have, from the training rows (NaN for missing).
    select : callable, optional
        Returns the features that stay, from the training rows.
    libraries : tuple of str
        Distributions whose versions belong to a job's identity, beside
        scikit-learn.
    """

    name: str
    summary: str
    changes: Changes
    imputing: Callable[[], list[Any]] = _median
    is_joint: bool = False
    max_rows: int | None = None
    fences: Fences | None = None
    select: Select | None = None
    libraries: tuple[str, ...] = ()


def tukey_fences(
    values: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the quartiles moved outwards by 1.5 interquartile ranges (Tukey 1977)."""
    low, high = _quantiles(values, 0.25, 0.75)
    spread = TUKEY_RANGES * (high - low)
    return _open_where_equal(low - spread, high + spread)


def winsor_fences(
    values: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the quantiles .01 and .99."""
    return _open_where_equal(*_quantiles(values, WINSOR_QUANTILE, 1 - WINSOR_QUANTILE))


def _quantiles(
    values: NDArray[np.float64], low: float, high: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return two quantiles of each column without its gaps; NaN where it has no value."""
    import numpy as np

    known = [column[~np.isnan(column)] for column in values.T]
    found = [
        np.quantile(column, [low, high]) if column.size else [np.nan, np.nan] for column in known
    ]
    lows, highs = np.asarray(found, dtype=np.float64).reshape(-1, 2).T
    return lows, highs


def _open_where_equal(
    low: NDArray[np.float64], high: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return fences that leave alone what they would make a constant.

    Where most rows share one value, as in a count that is mostly 0, both
    fences fall on it, and everything that the column says lies beyond them.
    """
    import numpy as np

    is_open = ~(low < high)
    return np.where(is_open, -np.inf, low), np.where(is_open, np.inf, high)


PLAIN = "encoded"

PREPARATIONS: Registry[Preparation] = Registry(
    "preparation",
    (
        Preparation(
            PLAIN,
            "numbers imputed by the median (with a mark) and scaled, categories one-hot",
            "nothing",
        ),
        Preparation(
            "native",
            "categories and gaps as they are, for learners that take both",
            "encoding",
        ),
        Preparation(
            "clip-iqr",
            "numbers clipped 1.5 interquartile ranges beyond the quartiles (Tukey 1977)",
            "outliers",
            fences=tukey_fences,
        ),
        Preparation(
            "winsorise",
            "numbers clipped at their quantiles .01 and .99",
            "outliers",
            fences=winsor_fences,
        ),
        Preparation(
            "select-chi2",
            "the half of the columns with the largest χ² above chance; numbers in deciles",
            "columns",
            select=keep_better_half(score_by_chi2),
        ),
        Preparation(
            "select-mi",
            "the half of the columns with the most mutual information with the label",
            "columns",
            select=keep_better_half(score_by_mutual_information),
        ),
        Preparation(
            "select-correlation",
            "of columns associated above .9 the one with the most mutual information",
            "columns",
            select=keep_one_of_each_group,
            libraries=("scipy",),
        ),
        Preparation(
            "select-importance",
            "the half of the columns with the most gain in a small LightGBM",
            "columns",
            select=keep_better_half(score_by_importance),
            libraries=("lightgbm",),
        ),
        Preparation(
            "impute-mean",
            "numbers imputed by the mean instead of the median",
            "gaps",
            imputing=_mean,
        ),
        Preparation(
            "impute-knn",
            "numbers imputed by the mean of the 5 nearest training rows, by the other numbers",
            "gaps",
            imputing=_neighbours,
            is_joint=True,
            max_rows=50_000,  # every row with gaps is compared to every training row
        ),
        Preparation(
            "impute-constant",
            "numbers imputed by 0",
            "gaps",
            imputing=_zero,
        ),
        Preparation(
            "impute-most-frequent",
            "numbers imputed by their most frequent value",
            "gaps",
            imputing=_most_frequent,
        ),
    ),
)
