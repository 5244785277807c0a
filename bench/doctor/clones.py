"""Columns that others are computed from: copies, sums and products."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from bench.data.canonical import is_numeric
from bench.doctor.adapter_lines import drop_line
from bench.doctor.kinds import finding
from bench.domain import Finding
from bench.specs import DatasetSpec

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

_ROWS = 2000
_MOST_COLUMNS = 60
_COPY = 0.9999
_SUM = 1 - 1e-6
_PRODUCT = 0.99
_MORE_THAN_ONE = 0.1
"""What a pair leaves unexplained must be below this share of what its better column leaves."""

_LEAST_VALUES = 10


def find_clones(X: pd.DataFrame, spec: DatasetSpec) -> Iterator[Finding]:
    """Yield columns that are copies of others, and those that are computed from two others."""
    copies = list(_copies(X))
    for name, other, how in copies:
        yield finding(
            "copied-column",
            f"column {name!r} says the same as {other!r}{how}",
            [name, other],
            remedy=drop_line(spec, [name]),
        )
    copied = {name for name, _, _ in copies}
    numbers = [
        name
        for name in map(str, X.columns)
        if is_numeric(X[name]) and name not in copied and X[name].nunique() >= _LEAST_VALUES
    ][:_MOST_COLUMNS]
    computed = list(_computed(X, numbers, spec))
    yield from computed
    told = {frozenset(found.columns) for found in computed}
    for k, parts, r_squared in _combined(X, numbers):
        if not any(three <= {k, *parts} for three in told):
            yield finding(
                "arithmetic-clone",
                f"{k!r} = a sum of multiples of {', '.join(map(repr, parts))} "
                f"(R² {r_squared:.4f}): one of them says nothing new",
                [k, *parts],
                remedy=f"if a plain linear model is wanted: {drop_line(spec, [k])}",
            )
            return


def _copies(X: pd.DataFrame) -> Iterator[tuple[str, str, str]]:
    """Yield columns that an earlier one determines, and that determine it."""
    import numpy as np
    import pandas as pd

    # factorize numbers values by first appearance: columns that determine each other agree.
    codes = {str(n): pd.factorize(X[n], use_na_sentinel=False)[0].astype(np.int64) for n in X}
    kinds = {name: int(values.max()) + 1 for name, values in codes.items()}
    usual = {name: int(np.bincount(values).max()) for name, values in codes.items()}
    told: set[str] = set()
    for other, name in itertools.combinations(codes, 2):
        if name in told or other in told or len(X) - usual[name] < _LEAST_VALUES:
            continue
        if kinds[name] <= len(X) / 2:
            is_copy = kinds[name] == kinds[other] and np.array_equal(codes[name], codes[other])
        else:  # values that are met once determine any other
            is_copy = is_numeric(X[name]) and is_numeric(X[other])
            is_copy = is_copy and _is_line(X[name].to_numpy(), X[other].to_numpy())
        if is_copy:
            told.add(name)
            is_same = X[name].astype("str").equals(X[other].astype("str"))
            yield name, other, "" if is_same else ", written in another way"


def _is_line(values: NDArray[np.float64], others: NDArray[np.float64]) -> bool:
    """Whether one column is the other in another unit, up to rounding."""
    import numpy as np

    is_known = ~np.isnan(values)
    if not np.array_equal(is_known, ~np.isnan(others)):
        return False
    values, others = values[is_known], others[is_known]
    if not (np.ptp(values) and np.ptp(others)):
        return False
    return bool(abs(np.corrcoef(values, others)[0, 1]) > _COPY)


def _computed(X: pd.DataFrame, numbers: list[str], spec: DatasetSpec) -> Iterator[Finding]:
    """Yield columns that nearly are the sum or the product of two others, the surest first.

    Differences and ratios are sums and products, seen from another of the three.
    """
    import numpy as np

    if len(numbers) < 3:
        return
    values = _sampled(X, numbers)
    if values.shape[1] < 10 * _LEAST_VALUES:
        return
    i, j = np.triu_indices(len(numbers), 1)
    targets = _standard(values)
    single = (targets @ targets.T / values.shape[1]) ** 2
    found: list[tuple[float, int, int, int, str]] = []
    for sign, combined, least in (
        ("+", values[i] + values[j], _SUM),
        ("×", values[i] * values[j], _PRODUCT),
    ):
        squared = (_standard(combined) @ targets.T / values.shape[1]) ** 2
        for pair, k in np.argwhere(squared > least).tolist():
            a, b = int(i[pair]), int(j[pair])
            if k in (a, b):
                continue
            unexplained = 1 - max(single[k, a], single[k, b])
            if 1 - squared[pair, k] < _MORE_THAN_ONE * unexplained:
                found.append((float(squared[pair, k]), k, a, b, sign))
    yield from _told_once(found, numbers, spec)


def _combined(X: pd.DataFrame, numbers: list[str]) -> Iterator[tuple[str, list[str], float]]:
    """Yield columns that three or more others add up to, with the others and R²; plain sums first.

    Each column is regressed on all others by their correlations.
    """
    import numpy as np

    values = _sampled(X, numbers)
    if len(numbers) < 4 or values.shape[1] < 10 * len(numbers):
        return
    standard = _standard(values)
    r = standard @ standard.T / values.shape[1]
    found = []
    for k in range(len(numbers)):
        others = np.delete(np.arange(len(numbers)), k)
        weights, *_ = np.linalg.lstsq(r[np.ix_(others, others)], r[others, k], rcond=1e-10)
        left = max(1 - float(weights @ r[others, k]), 0.0)
        used = [(numbers[o], w) for o, w in zip(others, weights, strict=True) if abs(w) > 0.01]
        if left < 1 - _SUM and len(used) > 2:
            found.append((any(w < 0 for _, w in used), k, [name for name, _ in used], 1 - left))
    for _, k, parts, r_squared in sorted(found):
        yield numbers[k], parts, r_squared


def _sampled(X: pd.DataFrame, numbers: list[str]) -> NDArray[np.float64]:
    """Return evenly spaced rows without gaps, one array row for each column."""
    import numpy as np

    values = X[numbers].to_numpy()
    values = values[np.flatnonzero(~np.isnan(values).any(axis=1))]
    spaced = np.linspace(0, len(values) - 1, min(_ROWS, len(values))).astype(np.int64)
    return np.ascontiguousarray(values[spaced].T)


def _told_once(
    found: list[tuple[float, int, int, int, str]], numbers: list[str], spec: DatasetSpec
) -> Iterator[Finding]:
    """Yield one finding for each set of three columns, the surest first."""
    told: set[frozenset[int]] = set()
    for squared, k, a, b, sign in sorted(found, key=lambda f: (-f[0], f[1:])):
        three = frozenset((k, a, b))
        if three in told:
            continue
        told.add(three)
        relation = "=" if squared > _SUM else "≈"
        yield finding(
            "arithmetic-clone",
            f"{numbers[k]!r} {relation} {numbers[a]!r} {sign} {numbers[b]!r} "
            f"(R² {squared:.4f}): one of the three says nothing new",
            [numbers[k], numbers[a], numbers[b]],
            remedy=f"if a plain linear model is wanted: {drop_line(spec, [numbers[k]])}",
        )


def _standard(rows: NDArray[Any]) -> NDArray[np.float64]:
    """Return each row with mean 0 and variance 1; all 0 where it is constant."""
    import numpy as np

    centred = rows - rows.mean(axis=1, keepdims=True)
    scale = np.sqrt((centred**2).mean(axis=1, keepdims=True))
    return np.where(scale > 1e-12, centred / np.where(scale > 1e-12, scale, 1.0), 0.0)
