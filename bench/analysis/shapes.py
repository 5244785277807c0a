"""What stored curves look like when they are drawn: means over splits, decisions, a front.

The page does the same sums in ``curves.js``, ``sweep.js`` and ``costs.js``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import fmean

from bench.analysis.curves import Curve, CurveSet
from bench.domain import BoardRow


@dataclass(frozen=True)
class TopShare:
    """What calling the top of a ranking reaches: means over splits, all in [0, 1].

    ``share`` is that of the customers who are called.
    """

    share: float
    true_positive_rate: float
    false_positive_rate: float
    precision: float


@dataclass(frozen=True)
class Decision:
    """What a threshold does to all test rows together."""

    threshold: float
    precision: float
    recall: float
    f1: float
    alerts_per_1000: float


def mean_shape(curve: Curve, curves: CurveSet) -> tuple[TopShare, ...]:
    """Return what a ranking reaches at every stop, the mean over the splits with both classes."""
    splits = [
        (curves.splits[k], hits)
        for k, hits in zip(curve.splits, curve.hits, strict=True)
        if 0 < curves.splits[k].n_positives < curves.splits[k].n_samples
    ]
    if not splits:
        return ()
    return tuple(
        TopShare(
            share=fmean(split.contacted[k] / split.n_samples for split, _ in splits),
            true_positive_rate=fmean(hits[k] / split.n_positives for split, hits in splits),
            false_positive_rate=fmean(
                (split.contacted[k] - hits[k]) / (split.n_samples - split.n_positives)
                for split, hits in splits
            ),
            precision=fmean(hits[k] / split.contacted[k] for split, hits in splits),
        )
        for k in range(len(curves.stops))
    )


def decisions_by_threshold(curve: Curve, curves: CurveSet) -> tuple[Decision, ...]:
    """Return what each stored threshold does, thresholds ascending."""
    splits = [curves.splits[k] for k in curve.splits]
    n_repeats = len({split.split.repeat for split in splits})
    n = sum(split.n_samples for split in splits) / n_repeats
    positives = sum(split.n_positives for split in splits) / n_repeats
    return tuple(
        Decision(
            threshold=cut.threshold,
            precision=cut.n_hits / cut.n_alerts,
            recall=cut.n_hits / positives if positives else 0.0,
            f1=2 * cut.n_hits / (cut.n_alerts + positives),
            alerts_per_1000=1000 * cut.n_alerts / n,
        )
        for cut in reversed(curve.cuts)
    )


def score_from(curve: Curve, share: float, *, n_samples: int) -> float:
    """Return the score from which about the top ``share`` of all customers are called."""
    wanted = share * n_samples - 1
    reached = (cut.threshold for cut in curve.cuts if cut.n_alerts >= wanted)
    return next(reached, curve.cuts[-1].threshold)


def seconds_per_fit(row: BoardRow) -> float:
    """Return the CPU seconds of a fit in all: resampling, searching and fitting."""
    return sum(row.costs.get(f"{name}_seconds", 0.0) for name in ("resample", "tune", "fit"))


def pareto_front(
    rows: Sequence[BoardRow],
    cost: Callable[[BoardRow], float],
    *,
    metric: str,
    is_lower_better: bool = False,
) -> tuple[BoardRow, ...]:
    """Return the rows that no other beats at the same cost or less, cheapest first."""
    sign = -1.0 if is_lower_better else 1.0

    def quality(row: BoardRow) -> float:
        return sign * row.scores[metric].mean

    kept: list[BoardRow] = []
    for row in sorted(rows, key=lambda row: (cost(row), -quality(row))):
        if not kept or quality(row) > quality(kept[-1]):
            kept.append(row)
    return tuple(kept)
