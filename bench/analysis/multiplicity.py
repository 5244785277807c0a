"""Several tests at once: p-values adjusted for their number, or for a row that the data picked."""

from __future__ import annotations

import math
from collections.abc import Sequence

from bench.analysis.statistics import PairedTest

_RANGE_DRAWS = 20_000


def holm(p_values: Sequence[float]) -> list[float]:
    """Return p-values adjusted for being several, after Holm (1979), in the given order.

    All of them at or above .05 means that none of the differences holds up; the
    chance of a single false alarm among all stays at most 5 %.
    """
    order = sorted(range(len(p_values)), key=lambda i: p_values[i])
    adjusted = [0.0] * len(p_values)
    largest = 0.0
    for position, i in enumerate(order):
        largest = max(largest, min(1.0, (len(p_values) - position) * p_values[i]))
        adjusted[i] = largest
    return adjusted


def adjust_for_picking(tests: Sequence[PairedTest], *, n_rows: int) -> list[float]:
    """Return p-values of differences from a row that the data picked among ``n_rows``.

    Holm's correction takes the row for one that was named beforehand. The
    highest of many is also the luckiest, so that the largest difference among
    equally good rows is the range of their means: a p-value is therefore at
    least the chance of such a studentised range (Tukey's test, each difference
    with its own error as in Games & Howell 1976, Journal of Educational
    Statistics 1).

    Parameters
    ----------
    tests : sequence of PairedTest
        Of rows against the one that was picked.
    n_rows : int
        Among how many, at least two; with two it is Holm's correction.

    Notes
    -----
    The range is drawn 20,000 times from a fixed seed: at .05 that is ± .0015.
    """
    import numpy as np

    adjusted = holm([test.p_value for test in tests])
    if n_rows < 3 or not tests:
        return adjusted
    rng = np.random.default_rng(0)
    normal = rng.standard_normal((_RANGE_DRAWS, n_rows), dtype=np.float32)
    df = tests[0].df
    spread = np.sqrt(rng.chisquare(df, _RANGE_DRAWS) / df) if df < math.inf else 1.0
    ranges = np.sort((normal.max(axis=1) - normal.min(axis=1)) / spread)
    for i, test in enumerate(tests):
        if test.error:
            wide = math.sqrt(2) * abs(test.difference) / test.error
            share = 1 - float(np.searchsorted(ranges, wide)) / _RANGE_DRAWS
            adjusted[i] = max(adjusted[i], share)
    return adjusted
