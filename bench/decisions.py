"""From scores to decisions: pure functions of labels and scores.

A customer counts as a predicted churner where ``score >= threshold``. A rule
that chooses a threshold is a function ``(y, score) -> float``; it is fitted on
rows other than those that report the decisions.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    ThresholdRule = Callable[[ArrayLike, ArrayLike], float]


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
    import numpy as np

    y, score = as_labels_and_scores(y_true, y_score)
    order = np.argsort(-score, kind="stable")
    score, is_positive = score[order], y[order] == 1
    ends = np.append(np.flatnonzero(np.diff(score)), score.size - 1)
    tp = np.cumsum(is_positive)[ends]
    return score[ends], tp, ends + 1 - tp


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
    import numpy as np

    y, pred = as_labels_and_scores(y_true, y_pred)
    is_predicted = pred == 1
    n_predicted = int(np.count_nonzero(is_predicted))
    if n_predicted + np.count_nonzero(pred == 0) != pred.size:
        raise ValueError("y_pred holds values other than 0 and 1")
    n_positives = int(np.count_nonzero(y == 1))
    tp = int(np.count_nonzero(is_predicted & (y == 1)))
    fp = n_predicted - tp
    return Confusion(tp, fp, n_positives - tp, pred.size - n_positives - fp)


def predictions_at(score: ArrayLike, threshold: float) -> NDArray[np.int8]:
    """Return 1 for every score of at least ``threshold``, else 0.

    Raises
    ------
    ValueError
        If a score is NaN or infinite: NaN would pass for a low score.
    """
    import numpy as np

    scores = np.asarray(score, dtype=np.float64)
    _check_finite(scores)
    return (scores >= threshold).astype(np.int8)


def _check_finite(score: NDArray[np.float64]) -> None:
    import numpy as np

    if not np.isfinite(score).all():
        raise ValueError("scores hold NaN or infinite values")


def confusion_at(y: ArrayLike, score: ArrayLike, threshold: float) -> Confusion:
    """Return the confusion counts of deciding at ``threshold``."""
    return confusion(y, predictions_at(score, threshold))


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
    best = int(np.argmax(tp / (tp + fp + tp[-1])))
    if best == cuts.size - 1:
        return _below_all(lowest=float(cuts[-1]), highest=float(cuts[0]))
    upper, lower = float(cuts[best]), float(cuts[best + 1])
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
