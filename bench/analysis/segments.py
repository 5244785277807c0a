"""How candidates do in slices of the customers, each slice the rows with one range or level.

Only sums over at least ten customers leave this module. A customer who was
scored in several repeats counts once, with the mean of his scores; scores are
compared as shares of the test rows of their split that lie below.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from bench.analysis.multiplicity import holm
from bench.analysis.scoring import ScoredSplit
from bench.distributions import t_cdf, t_quantile

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import ArrayLike, NDArray

FEWEST_ROWS = 10
"""Of a slice; for what is said of the order of its customers, of either class."""
MOST_ROWS = 20_000
"""Of larger tables as many rows are drawn, the same at every time."""
MOST_SLICES = 400
MOST_LEVELS = 12
N_RANGES = 4
TOP_SHARE = 0.1
"""The customers whom models disagree on are the tenth with the largest spread of their places."""


@dataclass(frozen=True, eq=False)
class Slice:
    """Some customers: those with ``label`` in ``feature``; ``is_in`` is of shape (n_samples,)."""

    feature: str
    label: str
    is_in: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Scores:
    """What a candidate says of every customer, NaN where he was never in a test fold.

    ``place`` is the share of his split's test rows with lower scores, ties
    counting one half; ``probability`` is ``None`` for mere scores.
    """

    place: NDArray[np.float64]
    probability: NDArray[np.float64] | None


@dataclass(frozen=True)
class OrderInSlice:
    """ROC-AUC inside a slice with its 95 % interval, and whether it differs from that outside.

    The error is DeLong's, made on the logit scale; the p-value is two-sided and
    adjusted after Holm over all slices of the candidate.
    """

    roc_auc: float
    low: float
    high: float
    outside: float
    p_value: float


@dataclass(frozen=True)
class LevelInSlice:
    """Mean predicted probability and the share that did leave; p after Holm, two-sided."""

    predicted: float
    observed: float
    p_value: float


@dataclass(frozen=True)
class DisagreementInSlice:
    """The share of a slice among the tenth that models disagree on; p after Holm, two-sided."""

    share: float
    p_value: float


def build_slices(X: pd.DataFrame) -> tuple[Slice, ...]:
    """Return the slices of every column that hold, and leave out, at least ten customers.

    Numbers are cut at their quartiles, rounded to three digits, or taken value
    by value where there are few; beyond twelve levels of a category the rarer
    ones are one slice. Values that are missing are a slice of their own.
    """
    found: list[Slice] = []
    for position, name in enumerate(map(str, X.columns)):
        column = X.iloc[:, position]
        parts = _levels(column) if str(column.dtype) == "category" else _ranges(column)
        found += [
            Slice(name, label, is_in)
            for label, is_in in parts
            if FEWEST_ROWS <= int(is_in.sum()) <= len(is_in) - FEWEST_ROWS
        ]
    return tuple(found[:MOST_SLICES])


def _levels(column: pd.Series[Any]) -> list[tuple[str, NDArray[np.bool_]]]:
    import numpy as np

    codes = column.cat.codes.to_numpy()
    names = [str(name) for name in column.cat.categories]
    sizes = np.bincount(codes[codes >= 0], minlength=len(names))
    order = np.argsort(-sizes, kind="stable")
    own = [int(k) for k in order[:MOST_LEVELS] if sizes[k] >= FEWEST_ROWS]
    parts = [(names[k], codes == k) for k in own]
    return [
        *parts,
        ("other levels", (codes >= 0) & ~np.isin(codes, own)),
        ("missing", codes < 0),
    ]


def _ranges(column: pd.Series[Any]) -> list[tuple[str, NDArray[np.bool_]]]:
    import numpy as np

    values = column.to_numpy(dtype=np.float64)
    known = values[~np.isnan(values)]
    parts: list[tuple[str, NDArray[np.bool_]]] = [("missing", np.isnan(values))]
    if known.size == 0:
        return parts
    distinct = np.unique(known)
    if distinct.size <= N_RANGES:
        return [*((f"{value:.6g}", values == value) for value in distinct), *parts]
    quantiles = np.quantile(known, np.linspace(0, 1, N_RANGES + 1)[1:-1])
    cuts = np.unique([float(f"{cut:.3g}") for cut in quantiles])
    group = np.searchsorted(cuts, values, side="left")
    group[np.isnan(values)] = -1
    words = [
        f"up to {cuts[0]:g}",
        *(f"above {a:g}, up to {b:g}" for a, b in pairwise(cuts)),
        f"above {cuts[-1]:g}",
    ]
    return [*((word, group == k) for k, word in enumerate(words)), *parts]


def pool_scores(splits: Sequence[ScoredSplit], n_samples: int) -> Scores:
    """Return what one candidate says of every customer, as the mean over repeats."""
    import numpy as np

    places, probabilities, times = np.zeros(n_samples), np.zeros(n_samples), np.zeros(n_samples)
    for one in splits:
        rows, score = one.predictions.rows, one.predictions.score
        places[rows] += _mid_ranks(score) / len(score)
        probabilities[rows] += score
        times[rows] += 1
    seen = np.where(times > 0, times, np.nan)
    is_probability = all(one.record.outputs == "probability" for one in splits)
    return Scores(places / seen, probabilities / seen if is_probability else None)


def order_in_slices(
    slices: Sequence[Slice], y: ArrayLike, place: NDArray[np.float64]
) -> list[OrderInSlice | None]:
    """Return ROC-AUC by slice; ``None`` with fewer than ten of a class in or out of it."""
    import numpy as np

    known = ~np.isnan(place)
    order = order_by_score(np.asarray(y)[known], place[known])
    found: list[tuple[Area, Area] | None] = []
    for one in slices:
        is_in = one.is_in[known][order.rows]
        parts = (is_in, ~is_in)
        counts = [int((part & is_own).sum()) for part in parts for is_own in order.classes]
        is_told = min(counts) >= FEWEST_ROWS
        found.append(
            (area_under_roc(order, parts[0]), area_under_roc(order, parts[1])) if is_told else None
        )
    p_values = iter(holm([_apart(*pair) for pair in found if pair is not None]))
    return [
        None
        if pair is None
        else OrderInSlice(
            pair[0].value, *pair[0].interval, outside=pair[1].value, p_value=next(p_values)
        )
        for pair in found
    ]


def _apart(one: Area, other: Area) -> float:
    """Return the two-sided p-value of two equal areas, of different rows, on the logit scale."""
    (first, error_1), (second, error_2) = one.on_logit_scale, other.on_logit_scale
    variance = error_1**2 + error_2**2
    df = variance**2 / (error_1**4 / one.df + error_2**4 / other.df)
    return 2 * t_cdf(-abs(first - second) / math.sqrt(variance), df)


def level_in_slices(
    slices: Sequence[Slice], y: ArrayLike, probability: NDArray[np.float64]
) -> list[LevelInSlice | None]:
    """Return predicted and observed shares by slice, tested against true probabilities."""
    import numpy as np

    y = np.asarray(y)
    found: list[tuple[float, float, float] | None] = []
    for one in slices:
        inside = one.is_in & ~np.isnan(probability)
        p = probability[inside]
        if p.size < FEWEST_ROWS:
            found.append(None)
            continue
        gap = float((y[inside] - p).sum())
        found.append(
            (
                float(p.mean()),
                float(y[inside].mean()),
                _two_sided(gap, float((p * (1 - p)).sum()) ** 0.5),
            )
        )
    p_values = iter(holm([one[2] for one in found if one is not None]))
    return [None if one is None else LevelInSlice(one[0], one[1], next(p_values)) for one in found]


def disagreement_in_slices(
    slices: Sequence[Slice], places: Sequence[NDArray[np.float64]]
) -> list[DisagreementInSlice | None]:
    """Return by slice how many are of the tenth on whose places the candidates differ most.

    Tested against a slice that is drawn by lot, without putting back. Customers whose
    spread is the same share the places that are left for them in the tenth. ``None``
    also where the candidates nowhere differ.
    """
    import numpy as np

    # Sums in another order must not decide who is of the tenth.
    spread = np.round(np.std(np.stack(places), axis=0), 12)
    known = ~np.isnan(spread)
    n = int(known.sum())
    if n < 2 * FEWEST_ROWS or not spread[known].any():
        return [None] * len(slices)
    in_top = _shares_of_top(spread[known], round(TOP_SHARE * n))
    mean, variance = float(in_top.mean()), float(in_top.var(ddof=1))
    found: list[tuple[float, float] | None] = []
    for one in slices:
        inside = one.is_in & known
        m = int(inside.sum())
        if m < FEWEST_ROWS or m > n - FEWEST_ROWS:
            found.append(None)
            continue
        error = math.sqrt(m * variance * (n - m) / n)
        hits = float(in_top[one.is_in[known]].sum())
        # Half a customer less: counts are whole, the normal distribution is not.
        found.append((hits / m, _two_sided(max(0.0, abs(hits - m * mean) - 0.5), error)))
    p_values = iter(holm([one[1] for one in found if one is not None]))
    return [None if one is None else DisagreementInSlice(one[0], next(p_values)) for one in found]


def _shares_of_top(spread: NDArray[np.float64], wanted: int) -> NDArray[np.float64]:
    """Return by how much each is of the ``wanted`` largest: 1, 0, or equally at the boundary."""
    import numpy as np

    boundary = np.sort(spread)[-wanted]
    above, at = spread > boundary, spread == boundary
    shares: NDArray[np.float64] = above + at * (wanted - above.sum()) / at.sum()
    return shares


@dataclass(frozen=True)
class Area:
    """An area under the ROC curve, its standard error and the degrees of freedom of that.

    ``edge`` is how near to 0 and 1 so few customers can show it to be. Intervals
    and tests are made on the logit scale: there the error of small slices is
    closer to what it is taken for.
    """

    value: float
    error: float
    df: float
    edge: float

    @property
    def on_logit_scale(self) -> tuple[float, float]:
        """The area and its error as logarithms of odds."""
        value = min(max(self.value, self.edge), 1 - self.edge)
        return math.log(value / (1 - value)), self.error / (value * (1 - value))

    @property
    def interval(self) -> tuple[float, float]:
        """The ends of the 95 % interval."""
        middle, error = self.on_logit_scale
        half = t_quantile(0.975, self.df) * error
        low, high = (1 / (1 + math.exp(-(middle + end))) for end in (-half, half))
        return min(low, self.value), max(high, self.value)


@dataclass(frozen=True, eq=False)
class Order:
    """Rows from the lowest score to the highest, sorted once for all slices.

    ``classes`` says of each place in that order whether its row is negative, and
    whether it is positive; ``first`` and ``behind`` where its equals begin and end.
    """

    rows: NDArray[np.intp]
    classes: tuple[NDArray[np.bool_], NDArray[np.bool_]]
    first: NDArray[np.intp]
    behind: NDArray[np.intp]


def order_by_score(y: NDArray[Any], score: NDArray[np.float64]) -> Order:
    """Return rows of both classes in the order of their scores."""
    import numpy as np

    rows = np.argsort(score, kind="stable")
    ordered, is_positive = score[rows], y[rows] == 1
    sides = [np.searchsorted(ordered, ordered, side=side) for side in ("left", "right")]
    return Order(rows, (~is_positive, is_positive), *sides)


def area_under_roc(order: Order, is_in: NDArray[np.bool_]) -> Area:
    """Return ROC-AUC of some rows and its standard error.

    Parameters
    ----------
    order : Order
    is_in : ndarray of shape (n_rows,)
        By place in the order; at least two rows of either class.

    Returns
    -------
    Area
        With the error of DeLong, DeLong & Clarke-Pearson (1988), "Comparing the
        areas under two or more correlated receiver operating characteristic
        curves", Biometrics 44, and degrees of freedom after Satterthwaite: with
        few of a class the error itself is uncertain. Where all is in order
        nothing spreads: the error is then taken to be half a customer of the
        rarer class.
    """
    import numpy as np

    places = []
    for own, other in (reversed(order.classes), order.classes):
        others = np.concatenate(([0], np.cumsum(is_in & other)))
        at = np.flatnonzero(is_in & own)
        # Which share of the other class has lower scores, equal ones by half.
        places.append((others[order.first[at]] + others[order.behind[at]]) / (2 * others[-1]))
    parts = [float(one.var(ddof=1)) / len(one) for one in places]
    value, variance, fewest = float(places[0].mean()), sum(parts), min(map(len, places))
    edge = 1 / (2 * fewest)
    if variance == 0:
        return Area(value, edge, fewest - 1, edge)
    spread = sum(part**2 / (len(one) - 1) for part, one in zip(parts, places, strict=True))
    return Area(value, variance**0.5, variance**2 / spread, edge)


def _mid_ranks(score: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how many scores lie below each, equal ones counting one half."""
    import numpy as np

    ordered = np.sort(score)
    low = np.searchsorted(ordered, score, side="left")
    high = np.searchsorted(ordered, score, side="right")
    ranks: NDArray[np.float64] = (low + high) / 2
    return ranks


def _two_sided(gap: float, error: float) -> float:
    if error == 0:
        return 1.0 if gap == 0 else 0.0
    return math.erfc(abs(gap) / error / math.sqrt(2))
