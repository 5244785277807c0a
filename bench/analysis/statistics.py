"""What differences over cross-validation splits can and cannot show.

The training sets of different splits share most of their rows, so that the
figures of splits vary less than independent ones would: the naive t-test finds
differences that are not there. The variance is corrected after Nadeau & Bengio
(2003), "Inference for the generalization error", Machine Learning 52.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


@dataclass(frozen=True)
class PairedTest:
    """Whether a mean difference over splits is more than noise.

    ``p_value`` is two-sided and corrected for shared training rows;
    ``naive_p_value`` takes the splits for independent and is only for show.
    """

    difference: float
    low: float
    high: float
    p_value: float
    naive_p_value: float


def corrected_interval(
    values: ArrayLike, *, test_train_ratio: float, level: float = 0.95
) -> tuple[float, float]:
    """Return a confidence interval of the mean over cross-validation splits.

    Parameters
    ----------
    values : array-like of shape (n_splits,)
        One figure, or one paired difference, per split.
    test_train_ratio : float
        Test rows divided by training rows of a split: 1 / (k − 1) for k folds.
    level : float, default=0.95

    Returns
    -------
    low, high : float
        Mean ± t_{J−1} · √((1/J + test_train_ratio) · s²) for J splits.

    Raises
    ------
    ValueError
        If there are fewer than two values: one split says nothing of noise.
    """
    from scipy.special import stdtrit

    mean, variance, n_splits = _moments(values)
    error = _standard_error(variance, n_splits, test_train_ratio)
    half_width = float(stdtrit(n_splits - 1, (1 + level) / 2)) * error
    return mean - half_width, mean + half_width


def corrected_paired_test(differences: ArrayLike, *, test_train_ratio: float) -> PairedTest:
    """Return the corrected resampled t-test of a zero mean difference.

    Parameters
    ----------
    differences : array-like of shape (n_splits,)
        Figures of two candidates on the same splits, subtracted.
    test_train_ratio : float
        Test rows divided by training rows of a split: 1 / (k − 1) for k folds.

    Returns
    -------
    PairedTest
        With a 95 % interval. Differences that are all 0 have a p-value of 1,
        and those that are all the same otherwise one of 0.

    Raises
    ------
    ValueError
        If there are fewer than two differences.
    """
    mean, variance, n_splits = _moments(differences)
    low, high = corrected_interval(differences, test_train_ratio=test_train_ratio)
    corrected = _standard_error(variance, n_splits, test_train_ratio)
    naive = _standard_error(variance, n_splits, 0.0)
    return PairedTest(
        difference=mean,
        low=low,
        high=high,
        p_value=_two_sided_p(mean, corrected, n_splits - 1),
        naive_p_value=_two_sided_p(mean, naive, n_splits - 1),
    )


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


def _moments(values: ArrayLike) -> tuple[float, float, int]:
    import numpy as np

    array = np.asarray(values, dtype=np.float64)
    if array.ndim != 1 or array.size < 2:
        raise ValueError(f"values of shape {array.shape}, expected at least two in a row")
    return float(array.mean()), float(array.var(ddof=1)), array.size


def _standard_error(variance: float, n_splits: int, test_train_ratio: float) -> float:
    return float(((1 / n_splits + test_train_ratio) * variance) ** 0.5)


def _two_sided_p(mean: float, standard_error: float, df: int) -> float:
    from scipy.special import stdtr

    if mean == 0:
        return 1.0
    if standard_error == 0:
        return 0.0
    return float(2 * stdtr(df, -abs(mean) / standard_error))
