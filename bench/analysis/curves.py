"""Curves of stored scores, thinned to a bounded size: what a page draws and earns money with.

A ranking is kept as the churners among the top of every split at fixed stops, so
that the profit of calling the top of the list at a stop is exact for whatever
amounts: it is linear in the churners and the others that are called.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.analysis.effects import Scored
from bench.analysis.scoring import ScoredSplit
from bench.decisions import cumulative_counts, from_zero, wilson_lower
from bench.domain import Candidate, Split

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

STOPS = (*(k / 200 for k in range(1, 41)), *(k / 100 for k in range(21, 101)))
"""Shares of the customers at which a ranking is looked at; finer where campaigns are."""

MOST_HITS = 250_000
"""Numbers that rankings are kept in; where candidates and splits are many, stops are fewer."""

N_BINS = 10
_DIGITS = 4
_NORMAL_95 = 1.959963984540054


@dataclass(frozen=True)
class SplitCounts:
    """The test rows of a split, and how many of them are the top at each stop."""

    split: Split
    n_samples: int
    n_positives: int
    contacted: tuple[int, ...]


@dataclass(frozen=True)
class Cut:
    """How many rows score at least ``threshold``, and how many of them are positive."""

    threshold: float
    n_alerts: float
    n_hits: float


@dataclass(frozen=True)
class CalibrationBin:
    """A tenth of the rows by ascending probability.

    ``low`` and ``high`` bound the churn ``rate`` (95 % Wilson interval);
    ``noise`` is how far it would lie from ``mean`` by chance in 95 of 100 draws
    if the probabilities were true.
    """

    mean: float
    rate: float
    low: float
    high: float
    noise: float


@dataclass(frozen=True)
class Curve:
    """One ranking, which several rows of a board may share.

    Attributes
    ----------
    splits : tuple of int
        Which of the splits it covers, as positions in their list.
    hits : tuple of tuple of float
        For each of them the positives among the top at each stop; tied rows
        count by their expected share.
    cuts : tuple of Cut
        Of all test rows of a repeat together, thresholds descending.
    bins : tuple of CalibrationBin
        Likewise; empty where there are no probabilities.
    """

    candidates: tuple[Candidate, ...]
    splits: tuple[int, ...]
    hits: tuple[tuple[float, ...], ...]
    cuts: tuple[Cut, ...]
    bins: tuple[CalibrationBin, ...]


@dataclass(frozen=True)
class CurveSet:
    """All rankings of a run on the same splits, looked at at the same stops."""

    splits: tuple[SplitCounts, ...]
    curves: tuple[Curve, ...]
    stops: tuple[float, ...]

    def of(self, candidate: Candidate) -> Curve | None:
        """Return the ranking of a row, ``None`` where it has no finished split."""
        return next((curve for curve in self.curves if candidate in curve.candidates), None)


def build_curves(scored: Scored) -> CurveSet:
    """Return the curves of every candidate that finished a split.

    Parameters
    ----------
    scored : mapping of Candidate to sequence of ScoredSplit
        What `score_splits` returns.
    """
    shared: dict[tuple[Candidate, str], list[Candidate]] = {}
    for candidate, splits in scored.items():
        if splits:
            shared.setdefault((candidate.fitted, candidate.repair), []).append(candidate)
    stops = choose_stops(sum(len(scored[rows[0]]) for rows in shared.values()))
    found = {split.split: split for splits in scored.values() for split in splits}
    ordered = tuple(_count(found[split], stops) for split in sorted(found))
    number = {one.split: k for k, one in enumerate(ordered)}
    curves = (_curve(tuple(rows), scored[rows[0]], number, ordered) for rows in shared.values())
    return CurveSet(ordered, tuple(curves), stops)


def choose_stops(n_rankings: int) -> tuple[float, ...]:
    """Return the stops for so many rankings of single splits: all, or every second, fourth …"""
    step = 1
    while n_rankings * len(STOPS) > step * MOST_HITS and step < 8:
        step *= 2
    return STOPS[step - 1 :: step]  # the last is always everybody


def n_at(share: float, n_samples: int) -> int:
    """Return how many customers the top ``share`` is, as `bench.campaigns` counts them."""
    return math.ceil(round(share * n_samples, 9))


def _count(split: ScoredSplit, stops: Sequence[float]) -> SplitCounts:
    n_samples = int(split.predictions.y.size)
    return SplitCounts(
        split.split,
        n_samples,
        int((split.predictions.y == 1).sum()),
        tuple(n_at(stop, n_samples) for stop in stops),
    )


def _curve(
    candidates: tuple[Candidate, ...],
    splits: Sequence[ScoredSplit],
    number: Mapping[Split, int],
    counts: Sequence[SplitCounts],
) -> Curve:
    import numpy as np

    covered = tuple(number[split.split] for split in splits)
    y = np.concatenate([split.predictions.y for split in splits])
    score = np.concatenate([split.predictions.score for split in splits])
    n_repeats = len({split.split.repeat for split in splits})
    has_probabilities = all(split.inputs.outputs == "probability" for split in splits)
    return Curve(
        candidates=candidates,
        splits=covered,
        hits=tuple(
            _hits(split, counts[k].contacted) for split, k in zip(splits, covered, strict=True)
        ),
        cuts=_cuts(y, score, n_repeats),
        bins=_bins(y, score, n_repeats) if has_probabilities else (),
    )


def _hits(split: ScoredSplit, contacted: Sequence[int]) -> tuple[float, ...]:
    import numpy as np

    _, tp, fp = cumulative_counts(split.predictions.y, split.predictions.score)
    hits = np.interp(contacted, from_zero(tp + fp), from_zero(tp))
    return tuple(hits.tolist())


def _cuts(y: NDArray[np.int8], score: NDArray[np.float64], n_repeats: int) -> tuple[Cut, ...]:
    """Return what thresholds of few digits predict, one near each stop."""
    import numpy as np

    order = np.argsort(-score, kind="stable")
    ascending, positives = score[order][::-1], from_zero(np.cumsum(y[order] == 1))
    spread = float(ascending[-1] - ascending[0])
    places = _DIGITS - math.floor(math.log10(spread)) if spread > 0 else _DIGITS
    thresholds: dict[float, None] = {}
    for stop in STOPS:
        value = float(score[order[n_at(stop, score.size) - 1]])
        # Rounded down, so that the row itself is predicted.
        thresholds[math.floor(value * 10.0**places) / 10.0**places] = None
    cuts = []
    for threshold in thresholds:
        n_alerts = score.size - int(np.searchsorted(ascending, threshold, side="left"))
        cuts.append(Cut(threshold, n_alerts / n_repeats, int(positives[n_alerts]) / n_repeats))
    return tuple(cuts)


def _bins(
    y: NDArray[np.int8], p: NDArray[np.float64], n_repeats: int
) -> tuple[CalibrationBin, ...]:
    """Return bins of equal mass; tied rows share their churn rate, as `bench.calibration.ece`."""
    import numpy as np

    values, ties = np.unique(p, return_inverse=True)
    rates = (np.bincount(ties, weights=y == 1) / np.bincount(ties))[ties]
    order = np.argsort(p, kind="stable")
    found = []
    for rows in np.array_split(order, min(N_BINS, values.size)):
        n = rows.size / n_repeats  # the same customers in every repeat
        mean, rate = float(p[rows].mean()), float(rates[rows].mean())
        noise = _NORMAL_95 * math.sqrt(float((p[rows] * (1 - p[rows])).mean()) / n)
        low = float(wilson_lower(rate * n, n))
        high = 1 - float(wilson_lower((1 - rate) * n, n))
        found.append(CalibrationBin(mean, rate, low, high, noise))
    return tuple(found)
