"""Columns that tell the outcome two at a time and not one by one."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

from bench.data.canonical import is_numeric
from bench.doctor.adapter_lines import drop_line
from bench.doctor.kinds import finding
from bench.doctor.leaks import LEAK_AUC, Suspect
from bench.doctor.ranking import auc_bound, folds_of, rank_auc, sample_rows
from bench.domain import Finding
from bench.specs import DatasetSpec

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

CERTAIN_AUC = 0.99
"""From here on no two honest columns are believed to rank so well."""

_MORE_THAN_EACH = 0.01
"""How much better two must be than independent columns as good as they are one by one."""

_ROWS_PER_CLASS = 2000
_LEAST_PER_CLASS = 10
_BINS = 12
_CELLS = (_BINS + 1) ** 2
_SEPARATION = 1.6
"""Mahalanobis distance of the class means below which no line is tried; 2.3 is ROC-AUC .95."""


def find_pair_leaks(
    suspects: list[Suspect], y: NDArray[np.int8], spec: DatasetSpec, *, most: int
) -> Iterator[Finding]:
    """Yield pairs of columns whose combination tells the outcome, the best one first.

    A pair is judged by the churn rates in the cells that the two span, learnt
    from other rows, and where both are numbers by the best line through them,
    on their own scale and on that of logarithms (ratios and products).

    Parameters
    ----------
    most : int
        How many columns are looked at: those that rank best alone.
    """
    rows = sample_rows(y, _ROWS_PER_CLASS)
    known = [s for s in suspects if s.auc <= LEAK_AUC]
    known = sorted(known, key=lambda s: -s.auc)[:most]
    n_positives = int(y.sum())
    if len(known) < 2 or min(n_positives, len(y) - n_positives) < _LEAST_PER_CLASS:
        return
    found = [
        (auc, pair)
        for pair, auc in _pair_aucs(known, y[rows], rows).items()
        if auc > LEAK_AUC and _is_more_than_each(auc, *(known[k].auc for k in pair), y=y[rows])
    ]
    told: set[int] = set()
    for auc, pair in sorted(found, reverse=True):
        if told & set(pair):
            continue
        told |= set(pair)
        first, second = (known[k] for k in sorted(pair))
        is_certain = auc > CERTAIN_AUC and auc_bound(auc, y[rows]) > LEAK_AUC
        yield finding(
            "pair-leak",
            f"columns {first.name!r} and {second.name!r} together have ROC-AUC {auc:.3f}, "
            f"{first.auc:.3f} and {second.auc:.3f} alone: are both known before the customer "
            "leaves?",
            [first.name, second.name],
            remedy=drop_line(spec, [first.name, second.name]),
            severity="severe" if is_certain else "warning",
        )


def _is_more_than_each(auc: float, first: float, second: float, *, y: NDArray[np.int8]) -> bool:
    """Whether two columns rank better than independent ones as good as they are one by one."""
    alone = _if_independent(first, second)
    return auc > alone + _MORE_THAN_EACH and auc_bound(auc, y) > alone


def _if_independent(first: float, second: float) -> float:
    """Return the ROC-AUC of two independent normal scores with these of their own.

    With z the normal quantile of an ROC-AUC the distances of the class means
    add up as squares: z² = z₁² + z₂².
    """
    normal = NormalDist()
    z = [normal.inv_cdf(min(max(auc, 0.5), 1 - 1e-9)) for auc in (first, second)]
    return normal.cdf((z[0] ** 2 + z[1] ** 2) ** 0.5)


def _pair_aucs(
    known: list[Suspect], y: NDArray[np.int8], rows: NDArray[np.int64]
) -> dict[tuple[int, int], float]:
    import numpy as np

    bins = [_binned(s.column, rows) for s in known]
    fold = folds_of(y, 2)
    best = {
        (i, j): _cells_auc(bins[i] * (_BINS + 1) + bins[j], y, fold)
        for i, j in itertools.combinations(range(len(known)), 2)
    }
    numbers = [k for k, s in enumerate(known) if is_numeric(s.column)]
    values = np.array([_filled(known[k].column.to_numpy()[rows]) for k in numbers])
    for scaled in (values, np.sign(values) * np.log1p(np.abs(values))):
        for (i, j), auc in _line_aucs(scaled, y).items():
            pair = (numbers[i], numbers[j])
            best[pair] = max(best[pair], auc)
    return best


def _binned(column: pd.Series[Any], rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return 0 where a value is missing, else one more than the number of its level or quantile."""
    import numpy as np

    if is_numeric(column):
        values = column.to_numpy()[rows]
        known = np.unique(values[~np.isnan(values)])
        if len(known) > _BINS:
            shares = np.linspace(0, 1, _BINS + 1)[1:-1]
            known = np.unique(np.quantile(values[~np.isnan(values)], shares))
            return np.where(np.isnan(values), 0, np.searchsorted(known, values) + 1)
        return np.where(np.isnan(values), 0, np.searchsorted(known, values, "right"))
    codes = column.cat.codes.to_numpy()[rows].astype(np.int64)
    counts = np.bincount(codes[codes >= 0], minlength=len(column.cat.categories))
    rank = np.empty(len(counts), dtype=np.int64)
    rank[np.argsort(-counts, kind="stable")] = np.arange(len(counts))
    # The rarest levels share the last cell.
    return np.where(codes < 0, 0, np.minimum(rank[codes], _BINS - 1) + 1)


def _cells_auc(cell: NDArray[np.int64], y: NDArray[np.int8], fold: NDArray[np.int64]) -> float:
    """Return the ROC-AUC of each cell's churn rate in the other fold, averaged over both."""
    import numpy as np

    counts = np.bincount(cell + _CELLS * (y + 2 * fold), minlength=4 * _CELLS)
    negatives, positives = counts.reshape(2, 2, _CELLS).transpose(1, 0, 2)
    aucs = []
    for test, train in ((0, 1), (1, 0)):
        seen = negatives[train] + positives[train]
        rate = (positives[train] + y.mean()) / (seen + 1)
        _, place = np.unique(rate, return_inverse=True)
        n_pos = np.bincount(place, weights=positives[test])
        n_neg = np.bincount(place, weights=negatives[test])
        below = np.cumsum(n_neg) - n_neg / 2
        aucs.append(float(n_pos @ below / (n_pos.sum() * n_neg.sum())))
    return sum(aucs) / 2


def _filled(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return values with the median where one is missing."""
    import numpy as np

    is_missing = np.isnan(values)
    return np.where(is_missing, 0.0 if is_missing.all() else np.median(values[~is_missing]), values)


def _line_aucs(values: NDArray[np.float64], y: NDArray[np.int8]) -> dict[tuple[int, int], float]:
    """Return the ROC-AUC along Fisher's discriminant of each pair of rows that it separates.

    With d the difference of the class means and S the covariance within
    classes, the direction is S⁻¹d, and d'S⁻¹d the squared distance.
    """
    import numpy as np

    if len(values) < 2:
        return {}
    means = [values[:, y == label].mean(axis=1) for label in (0, 1)]
    within = values - np.where(y == 1, means[1][:, None], means[0][:, None])
    scale = np.sqrt((within**2).mean(axis=1))
    kept = np.flatnonzero(scale > 0)
    within, d = within[kept] / scale[kept, None], (means[1] - means[0])[kept] / scale[kept]
    r = within @ within.T / len(y)
    i, j = np.triu_indices(len(kept), 1)
    rest = np.maximum(1 - r[i, j] ** 2, 1e-12)
    squared = (d[i] ** 2 + d[j] ** 2 - 2 * r[i, j] * d[i] * d[j]) / rest
    found = {}
    for k in np.flatnonzero(squared > _SEPARATION**2).tolist():
        a, b, rho = i[k], j[k], r[i[k], j[k]]
        first, second = kept[a], kept[b]
        w = (d[a] - rho * d[b]) / scale[first], (d[b] - rho * d[a]) / scale[second]
        auc = rank_auc(y, w[0] * values[first] + w[1] * values[second])
        found[int(first), int(second)] = max(auc, 1 - auc)
    return found
