"""What the values of a feature add to the score: SHAP values, summed up by value.

Only sums leave this module: ranges of numbers between quantiles of the whole
column, and levels, each with ten test rows or more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.dependence import Dependence, DependenceBin
from bench.evaluation.tables import Table

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

N_FEATURES = 8
N_RANGES = 12
MOST_BINS = 20
FEWEST_ROWS = 10
"""Of a bin; those with fewer are left out."""
LOW, HIGH = 0.1, 0.9
MISSING = -1


def summarise_dependence(
    contributions: NDArray[np.float64], table: Table, rows: NDArray[np.int64]
) -> dict[str, Dependence]:
    """Return feature → what its values add, for the features with the largest mean size.

    Parameters
    ----------
    contributions : ndarray of shape (n_rows, n_features)
        SHAP values on the margin, by feature of ``table``.
    table : Table
    rows : ndarray of shape (n_rows,)
        Row numbers in ``table``.
    """
    import numpy as np

    sizes = np.abs(contributions).mean(axis=0)
    found = {}
    for feature in np.argsort(-sizes, kind="stable")[:N_FEATURES]:
        if sizes[feature] > 0:
            bins = _bins(contributions[:, feature], table, int(feature), rows)
            if bins:
                name, is_number = table.features[feature], int(feature) in table.numeric_features
                found[name] = Dependence("number" if is_number else "level", bins)
    return found


def _bins(
    values: NDArray[np.float64], table: Table, feature: int, rows: NDArray[np.int64]
) -> tuple[DependenceBin, ...]:
    import numpy as np

    if feature in table.numeric_features:
        column = table.numeric[:, table.numeric_features.index(feature)]
        at = np.asarray(column[rows])
        group = np.searchsorted(_cuts(column), at)
        group[np.isnan(at)] = MISSING
    else:
        at = group = np.asarray(table.codes[rows, table.categorical_features.index(feature)])
    numbers, sizes = np.unique(group, return_counts=True)
    largest = np.argsort(-sizes, kind="stable")[:MOST_BINS]
    kept = sorted(int(numbers[k]) for k in largest if sizes[k] >= FEWEST_ROWS)
    return tuple(_bin(number, values[group == number], at[group == number]) for number in kept)


def _cuts(column: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return quantiles of the whole column, so that the bins of all splits are the same."""
    import numpy as np

    known = column[~np.isnan(column)]
    return (
        np.unique(np.quantile(known, np.linspace(0, 1, N_RANGES + 1)[1:-1]))
        if known.size
        else known
    )


def _bin(number: int, values: NDArray[np.float64], at: NDArray[np.float64]) -> DependenceBin:
    import numpy as np

    low, high = np.quantile(values, (LOW, HIGH))
    return DependenceBin(
        group=number,
        at=None if number == MISSING else _short(at.mean()),
        n=len(values),
        mean=_short(values.mean()),
        low=_short(low),
        high=_short(high),
    )


def _short(value: float) -> float:
    return float(f"{value:.5g}")
