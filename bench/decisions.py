"""From scores to decisions: pure functions of labels and scores.

A customer counts as a predicted churner where ``score >= threshold``. A rule
that chooses a threshold is a function of ``(y, score)``; it is fitted on rows
other than those that report the decisions. `bench.rules` names the rules.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar, cast

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    ThresholdRule = Callable[[ArrayLike, ArrayLike], float]
    Counts = tuple[NDArray[Any], NDArray[np.int64], NDArray[np.int64]]

T = TypeVar("T")
_last: dict[str, tuple[Any, Any, Any]] = {}


# --- counts ---------------------------------------------------------------------------


def as_labels_and_scores(
    y_true: ArrayLike, y_score: ArrayLike
) -> tuple[NDArray[Any], NDArray[np.float64]]:
    """Return both as arrays of one length.

    Raises
    ------
    ValueError
        If the lengths differ, the labels are not both 0 and 1, or a score is
        NaN or infinite.
    """
    return remembered(_check_labels_and_scores, y_true, y_score)


def _check_labels_and_scores(
    y_true: ArrayLike, y_score: ArrayLike
) -> tuple[NDArray[Any], NDArray[np.float64]]:
    import numpy as np

    y, score = np.asarray(y_true), np.asarray(y_score, dtype=np.float64)
    if y.ndim != 1 or y.shape != score.shape:
        raise ValueError(f"y_true of shape {y.shape} and scores of shape {score.shape} do not fit")
    n_positives, n_negatives = np.count_nonzero(y == 1), np.count_nonzero(y == 0)
    if n_positives + n_negatives != y.size:
        raise ValueError("y_true holds labels other than 0 and 1")
    if not (n_positives and n_negatives):
        raise ValueError("y_true holds a single class, expected both")
    _check_finite(score)
    return y, score


def cumulative_counts(
    y_true: ArrayLike, y_score: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.int64]]:
    """Return the distinct scores, descending, and the positives and negatives down to each.

    Returns
    -------
    cuts : ndarray of shape (n_distinct,)
    tp, fp : ndarray of shape (n_distinct,)
        Rows of either class with a score of at least ``cuts``.
    """
    return remembered(_count_down, y_true, y_score)


def _count_down(y_true: ArrayLike, y_score: ArrayLike) -> Counts:
    import numpy as np

    y, score = as_labels_and_scores(y_true, y_score)
    if (score[1:] > score[:-1]).any():
        order = np.argsort(-score, kind="stable")
        y, score = y[order], score[order]
    ends = ends_of_ties(score)
    tp = np.cumsum(y == 1)[ends]
    return locked(score[ends]), locked(tp), locked(ends + 1 - tp)


def ends_of_ties(score: NDArray[np.float64]) -> NDArray[np.intp]:
    """Return the last row of each run of equal scores, of rows that are sorted by score."""
    import numpy as np

    is_last = np.ones(score.size, dtype=np.bool_)
    np.not_equal(score[1:], score[:-1], out=is_last[:-1])
    return np.flatnonzero(is_last)


def from_zero(values: NDArray[Any]) -> NDArray[Any]:
    """Return ``values`` behind a 0."""
    import numpy as np

    longer = np.zeros(values.size + 1, dtype=values.dtype)
    longer[1:] = values
    return longer


def ranks_alike(score: NDArray[np.float64], other: NDArray[np.float64]) -> bool:
    """Return whether two descending lists of scores have their ties in the same places.

    A list that does not descend is like no other.
    """
    import numpy as np

    below = score[1:] < score[:-1]
    return bool(
        np.array_equal(below, other[1:] < other[:-1])
        and np.array_equal(below, score[1:] != score[:-1])
        and np.array_equal(below, other[1:] != other[:-1])
    )


def locked(array: NDArray[Any]) -> NDArray[Any]:
    """Return ``array``, which from now on cannot be written to."""
    array.flags.writeable = False
    return array


def remembered(function: Callable[[ArrayLike, ArrayLike], T], y: ArrayLike, score: ArrayLike) -> T:
    """Return ``function(y, score)``, from memory for the same locked arrays as the last time.

    Most metrics begin with the same checks and counts of the same rows. Only
    arrays that own their data and cannot be written to are remembered, by
    identity.
    """
    last = _last.get(function.__name__)
    if last is not None and last[0] is y and last[1] is score:
        return cast(T, last[2])
    result = function(y, score)
    if _is_locked(y) and _is_locked(score):
        _last[function.__name__] = (y, score, result)
    return result


def _is_locked(array: object) -> bool:
    import numpy as np

    return isinstance(array, np.ndarray) and not array.flags.writeable and array.base is None


@dataclass(frozen=True)
class Confusion:
    """How many customers of each class were predicted to be of which."""

    tp: int
    fp: int
    fn: int
    tn: int


def confusion(y_true: ArrayLike, y_pred: ArrayLike) -> Confusion:
    """Return the confusion counts of 0/1 predictions.

    Raises
    ------
    ValueError
        If ``y_pred`` holds anything but 0 and 1 (such as scores), or ``y_true``
        does not hold both.
    """
    return remembered(_count_confusion, y_true, y_pred)


def _count_confusion(y_true: ArrayLike, y_pred: ArrayLike) -> Confusion:
    import numpy as np

    y, pred = _check_labels_and_scores(y_true, y_pred)
    is_predicted = pred == 1
    n_predicted = int(np.count_nonzero(is_predicted))
    if n_predicted + np.count_nonzero(pred == 0) != pred.size:
        raise ValueError("y_pred holds values other than 0 and 1")
    n_positives = int(np.count_nonzero(y == 1))
    tp = int(np.count_nonzero(is_predicted & (y == 1)))
    fp = n_predicted - tp
    return Confusion(tp, fp, n_positives - tp, pred.size - n_positives - fp)


def predictions_at(score: ArrayLike, threshold: ArrayLike) -> NDArray[np.int8]:
    """Return 1 for every score of at least ``threshold`` (one, or one per customer), else 0.

    Raises
    ------
    ValueError
        If a score is NaN or infinite: NaN would pass for a low score.
    """
    import numpy as np

    scores = np.asarray(score, dtype=np.float64)
    _check_finite(scores)
    return np.asarray(scores >= np.asarray(threshold)).astype(np.int8)


def _check_finite(score: NDArray[np.float64]) -> None:
    import numpy as np

    if not np.isfinite(score).all():
        raise ValueError("scores hold NaN or infinite values")


def hull_counts(
    y_true: ArrayLike, y_score: ArrayLike
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return the vertices of the convex hull of the ROC curve.

    Returns
    -------
    rows, tp, fp : ndarray of shape (n_vertices,)
        How many of the highest scores lie down to each vertex, and how many of
        them are positive and negative; the first vertex is that of no rows.
    """
    return remembered(_count_hull, y_true, y_score)


def _count_hull(y_true: ArrayLike, y_score: ArrayLike) -> Counts:
    import numpy as np

    _, tp, fp = cumulative_counts(y_true, y_score)
    tp, fp = from_zero(tp), from_zero(fp)
    # A point on or below the line through its neighbours is no vertex. All such
    # points go at once, in whole numbers, until none is left.
    while True:
        up, right = tp[1:] - tp[:-1], fp[1:] - fp[:-1]
        is_vertex = up[:-1] * right[1:] > up[1:] * right[:-1]
        if is_vertex.all():
            return locked(tp + fp), locked(tp), locked(fp)
        keep = np.concatenate([[True], is_vertex, [True]])
        tp, fp = tp[keep], fp[keep]


# --- thresholds -----------------------------------------------------------------------


def threshold_by_f1(y: ArrayLike, score: ArrayLike) -> float:
    """Return the threshold with the best F1 on these rows.

    Parameters
    ----------
    y : array-like of shape (n_samples,)
        Labels, 1 for the positive class.
    score : array-like of shape (n_samples,)
        Scores on any scale, higher means more likely positive.

    Returns
    -------
    float
        Midway between the lowest score that is predicted positive and the next
        one, so that rows unseen here fall on the right side. Of equally good
        cuts the highest, which predicts the fewest. Where it is best to predict
        everybody, a value that unseen scores of the same kind do not fall below
        either: 0 for scores from 0 upwards, else as far below the lowest as
        that is below the highest.

    Raises
    ------
    ValueError
        If ``y`` holds a single class, or labels and scores do not fit.
    """
    import numpy as np

    cuts, tp, fp = cumulative_counts(y, score)
    # The doubled numerator is left out; equal fractions give equal floats.
    return _threshold_after(int(np.argmax(tp / (tp + fp + tp[-1]))), cuts)


def threshold_by_mcc(y: ArrayLike, score: ArrayLike) -> float:
    """Return the threshold with the best correlation of labels and predictions on these rows.

    It lies as `threshold_by_f1` has it. Where no cut correlates (a constant
    score), everybody is predicted.
    """
    import numpy as np

    cuts, tp, fp = cumulative_counts(y, score)
    n_positives, n_negatives = float(tp[-1]), float(fp[-1])
    hits, wrong = tp.astype(np.float64), fp.astype(np.float64)
    n_predicted = hits + wrong
    product = n_predicted * (n_positives + n_negatives - n_predicted)
    # The factor of the prevalence is the same for every cut and left out.
    covariance = hits * n_negatives - wrong * n_positives
    with np.errstate(divide="ignore", invalid="ignore"):
        mcc = np.where(product > 0, covariance / np.sqrt(product), 0.0)
    best = int(np.argmax(mcc))
    return _threshold_after(best if mcc[best] > 0 else cuts.size - 1, cuts)


def threshold_by_capacity(y: ArrayLike, score: ArrayLike, *, share: float) -> float:
    """Return the lowest threshold that predicts no more than ⌈share · n⌉ of these rows.

    Rows that tie across the limit stay below the threshold together, so that
    the outcome depends on no order; where even the highest score ties too
    often, nobody is predicted.
    """
    import numpy as np

    cuts, tp, fp = cumulative_counts(y, score)
    contacted = tp + fp
    n_top = math.ceil(round(share * int(contacted[-1]), 9))
    return _threshold_after(int(np.searchsorted(contacted, n_top, side="right")) - 1, cuts)


def threshold_by_precision(y: ArrayLike, score: ArrayLike, *, target: float) -> float | None:
    """Return the lowest threshold whose precision is surely at least ``target``.

    "Surely" is the lower end of the 95 % Wilson interval on these rows.
    ``None`` says that no threshold reaches the target.
    """
    import numpy as np

    cuts, tp, fp = cumulative_counts(y, score)
    reached = np.flatnonzero(wilson_lower(tp, tp + fp) >= target)
    return _threshold_after(int(reached[-1]), cuts) if reached.size else None


def threshold_by_recall(y: ArrayLike, score: ArrayLike, *, target: float) -> float:
    """Return the highest threshold that finds at least the share ``target`` of the positives."""
    import numpy as np

    cuts, tp, _ = cumulative_counts(y, score)
    # Rounded: .7 · 10 is 7.000000000000001 in floating point, and 7 of 10 are enough.
    n_wanted = math.ceil(round(target * int(tp[-1]), 9))
    return _threshold_after(int(np.searchsorted(tp, n_wanted)), cuts)


def wilson_lower(successes: ArrayLike, n: ArrayLike) -> NDArray[np.float64]:
    """Return the lower ends of 95 % Wilson intervals of shares (Wilson 1927)."""
    import numpy as np

    k, n = np.asarray(successes, dtype=np.float64), np.asarray(n, dtype=np.float64)
    z = 1.959963984540054
    middle = k + z * z / 2
    spread = z * np.sqrt(k * (n - k) / n + z * z / 4)
    return np.asarray((middle - spread) / (n + z * z))


def _threshold_after(last: int, cuts: NDArray[np.float64]) -> float:
    """Return a threshold that predicts the distinct scores down to number ``last``, −1 for none."""
    if last < 0:
        return float(cuts[0]) + (float(cuts[0] - cuts[-1]) or 1.0)
    if last == cuts.size - 1:
        return _below_all(lowest=float(cuts[-1]), highest=float(cuts[0]))
    upper, lower = float(cuts[last]), float(cuts[last + 1])
    middle = lower + (upper - lower) / 2
    # Between neighbouring floats there is no middle.
    return middle if middle > lower else upper


def _below_all(*, lowest: float, highest: float) -> float:
    if lowest >= 0:
        return 0.0
    return lowest - ((highest - lowest) or 1.0)


def cross_fitted_thresholds(
    folds: Sequence[tuple[ArrayLike, ArrayLike]], rule: ThresholdRule = threshold_by_f1
) -> list[float]:
    """Return a threshold for each fold, fitted on the scores of all the other folds.

    Parameters
    ----------
    folds : sequence of (y, score)
        Labels and out-of-fold scores of the test rows of one repeat.
    rule : callable, default=threshold_by_f1
        Chooses a threshold from pooled labels and scores.

    Raises
    ------
    ValueError
        If there are fewer than two folds, or the other folds of one hold a
        single class.
    """
    import numpy as np

    if len(folds) < 2:
        raise ValueError(f"{len(folds)} fold(s) given, cross-fitting needs at least 2")
    sizes = [len(np.asarray(y)) for y, _ in folds]
    if sizes != [len(np.asarray(s)) for _, s in folds]:
        raise ValueError("the labels and scores of a fold differ in length")
    y = np.concatenate([np.asarray(y) for y, _ in folds])
    score = np.concatenate([np.asarray(s, dtype=np.float64) for _, s in folds])
    fold = np.repeat(np.arange(len(folds)), sizes)
    # Sorted once for all folds: the stable sort in the rule is linear on sorted rows.
    order = np.argsort(-score, kind="stable")
    y, score, fold = y[order], score[order], fold[order]
    return [rule(y[fold != i], score[fold != i]) for i in range(len(folds))]
