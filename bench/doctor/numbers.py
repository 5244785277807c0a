"""Numbers that are not what they seem: codes for "unknown", units that change half-way."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from bench.data.canonical import is_numeric
from bench.doctor.kinds import finding
from bench.domain import Finding

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

SENTINELS = (-1.0, *(sign * (10.0**k - 1) for k in range(2, 10) for sign in (-1, 1)), 1e9)
"""−1, 99, −99, 999 and so on: what people write where they do not know."""

_LEAST_SHARE = 0.005
_LEAST_ROWS = 5
_GAP = 0.5

_LEAST_HALF = 0.05
_LEAST_RATIO = 5.0
_APART = 0.99
_ALIKE = 0.15
_LEAST_UNIT_ROWS = 100
_LEAST_UNIT_VALUES = 20


def find_sentinels(X: pd.DataFrame) -> Iterator[Finding]:
    """Yield columns in which a number far off all others is met again and again."""
    for name in map(str, X.columns):
        if not is_numeric(X[name]):
            continue
        values = X[name].dropna().to_numpy()
        for sentinel in SENTINELS:
            n_rows = int((values == sentinel).sum())
            if n_rows < max(_LEAST_ROWS, _LEAST_SHARE * len(values)):
                continue
            rest = values[values != sentinel]
            if len(rest) and _is_far_off(sentinel, rest):
                low, high = float(rest.min()), float(rest.max())
                yield finding(
                    "sentinel-value",
                    f"column {name!r} is {sentinel:g} in {n_rows} rows and {low:g} to {high:g} in "
                    "all others: a code for “unknown”?",
                    [name],
                    remedy=f'[source] missing = ["{int(sentinel)}"], which then means no value in '
                    "every column",
                )
                break


def _is_far_off(sentinel: float, rest: NDArray[np.float64]) -> bool:
    """Whether a gap of half the width of all other numbers lies before it; −1: before zero."""
    import numpy as np

    low, high = float(rest.min()), float(rest.max())
    if sentinel == -1:
        return low >= 0 and len(np.unique(rest)) > 2
    gap = sentinel - high if sentinel > 0 else low - sentinel
    if sentinel < 0 and low >= 0 and len(np.unique(rest)) > 2:
        return True
    return gap > _GAP * max(high - low, 1.0)


def find_unit_changes(X: pd.DataFrame) -> Iterator[Finding]:
    """Yield columns whose numbers are a multiple from some row on, and otherwise the same."""
    for name in map(str, X.columns):
        if not is_numeric(X[name]):
            continue
        change = _change(X[name].to_numpy())
        if change is not None:
            row, ratio = change
            factor = f"{ratio:.3g} times" if ratio > 1 else f"1/{1 / ratio:.3g} of"
            yield finding(
                "unit-change",
                f"column {name!r} is {factor} what it was before from row {row + 1} on, and "
                "otherwise spread alike: another unit or currency?",
                [name],
                remedy="bring the file to one unit, or do it in prepare(features) of the adapter",
            )


def _change(values: NDArray[np.float64]) -> tuple[int, float] | None:
    """Return the row where numbers get larger or smaller by a factor, and the factor.

    The row is where the cumulated deviation of the logarithms from their mean
    is greatest (Page, 1954); it counts if the numbers before and after hardly
    overlap, by rank, and are spread alike once the factor is taken out, by
    the distance of Kolmogorov and Smirnov.
    """
    import numpy as np

    rows = np.flatnonzero(~np.isnan(values) & (values != 0))
    known = values[rows]
    if len(known) < _LEAST_UNIT_ROWS or not ((known > 0).all() or (known < 0).all()):
        return None
    if len(np.unique(known)) < _LEAST_UNIT_VALUES:
        return None
    logs = np.log(np.abs(known))
    cut = int(np.argmax(np.abs(np.cumsum(logs - logs.mean())))) + 1
    before, after = logs[:cut], logs[cut:]
    if min(len(before), len(after)) < max(_LEAST_HALF * len(logs), _LEAST_ROWS):
        return None
    step = float(np.median(after) - np.median(before))
    if abs(step) < np.log(_LEAST_RATIO):
        return None
    upper, lower = (after, before) if step > 0 else (before, after)
    # The share of pairs in order, which is an ROC-AUC.
    below = np.searchsorted(np.sort(lower), upper)
    if below.mean() / len(lower) < _APART or _distance(before + step, after) > _ALIKE:
        return None
    return int(rows[cut]), float(np.exp(step))


def _distance(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    """Return the largest difference of two empirical distributions (Kolmogorov–Smirnov)."""
    import numpy as np

    a, b = np.sort(a), np.sort(b)
    at = np.concatenate([a, b])
    shares = [np.searchsorted(x, at, side="right") / len(x) for x in (a, b)]
    return float(np.abs(shares[0] - shares[1]).max())
