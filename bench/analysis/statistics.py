"""What differences over cross-validation splits can and cannot show.

The training sets of different splits share most of their rows, so that the
figures of splits vary less than independent ones would: the naive t-test finds
differences that are not there. The variance is corrected after Nadeau & Bengio
(2003), "Inference for the generalization error", Machine Learning 52.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.distributions import digamma, t_cdf, t_quantile, tetragamma, trigamma

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

LEVEL = 0.05
"""Of every test: below it something is shown, for a difference or for the lack of one."""

EQUAL = 1e-12
"""Figures this close are the same: sums in another order must not decide anything."""


@dataclass(frozen=True, eq=False)
class Intervals:
    """Means over splits, their spread and the ends of their intervals, of shape (n_figures,)."""

    mean: NDArray[np.float64]
    std: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]


@dataclass(frozen=True)
class PairedTest:
    """Whether a mean difference over splits is more than noise.

    ``p_value`` is two-sided and corrected for shared training rows;
    ``naive_p_value`` takes the splits for independent and is only for show.
    ``error`` is the standard error of the difference, with ``df`` degrees of
    freedom; ``low`` and ``high`` bound the 95 % interval that follows from them.
    """

    difference: float
    low: float
    high: float
    p_value: float
    naive_p_value: float
    error: float
    df: float


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
    mean, variance, n_splits = _moments(values)
    error = _standard_error(variance, n_splits, test_train_ratio)
    half_width = t_quantile((1 + level) / 2, n_splits - 1) * error
    return mean - half_width, mean + half_width


def corrected_intervals(
    values: ArrayLike, *, test_train_ratio: float, level: float = 0.95
) -> Intervals:
    """Return what `corrected_interval` does for many figures on the same splits at once.

    Parameters
    ----------
    values : array-like of shape (n_figures, n_splits)
        At least two splits.
    test_train_ratio, level : float
        As there.
    """
    import numpy as np

    table = np.asarray(values, dtype=np.float64)
    n_splits = table.shape[1]
    mean, variance = table.mean(axis=1), table.var(axis=1, ddof=1)
    error = ((1 / n_splits + test_train_ratio) * variance) ** 0.5
    half_width = t_quantile((1 + level) / 2, n_splits - 1) * error
    return Intervals(mean, variance**0.5, mean - half_width, mean + half_width)


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
        error=corrected,
        df=n_splits - 1,
    )


def corrected_unpaired_test(
    first: ArrayLike, second: ArrayLike, *, test_train_ratios: tuple[float, float]
) -> PairedTest:
    """Return the test of a zero difference between means over two sets of splits.

    For two candidates that were judged on different splits of the same rows.
    The errors of both means are corrected for shared training rows and added
    up, with the degrees of freedom of Welch & Satterthwaite. What both owe to
    the rows themselves would cancel in a paired test and does not here: the
    interval is too wide rather than too narrow.

    Parameters
    ----------
    first, second : array-like of shape (n_splits,)
        Figures, not necessarily as many.
    test_train_ratios : (float, float)
        Of both: test rows divided by training rows of a split.

    Returns
    -------
    PairedTest
        Of (second − first), with a 95 % interval.

    Raises
    ------
    ValueError
        If there are fewer than two figures of either.
    """
    (mean_1, variance_1, n_1), (mean_2, variance_2, n_2) = _moments(first), _moments(second)
    ratio_1, ratio_2 = test_train_ratios
    errors = (_standard_error(variance_1, n_1, ratio_1), _standard_error(variance_2, n_2, ratio_2))
    naive = (_standard_error(variance_1, n_1, 0.0), _standard_error(variance_2, n_2, 0.0))
    difference, error = mean_2 - mean_1, math.hypot(*errors)
    parts = errors[0] ** 4 / (n_1 - 1) + errors[1] ** 4 / (n_2 - 1)
    df = error**4 / parts if parts else n_1 + n_2 - 2
    half_width = t_quantile(0.975, df) * error
    return PairedTest(
        difference=difference,
        low=difference - half_width,
        high=difference + half_width,
        p_value=_two_sided_p(difference, error, df),
        naive_p_value=_two_sided_p(difference, math.hypot(*naive), df),
        error=error,
        df=df,
    )


def moderated_paired_tests(
    differences: Sequence[ArrayLike], *, test_train_ratio: float
) -> list[PairedTest]:
    """Return the corrected tests of many differences, their variances steadied by each other.

    Five splits give a variance four degrees of freedom: among fifty
    differences some are tiny by luck and pass for certain. A variance that is
    smaller than what is common among all is therefore raised towards that, as
    far as they have anything in common (Smyth 2004, "Linear models and
    empirical Bayes methods for assessing differential expression", Statistical
    Applications in Genetics and Molecular Biology 3). Two departures keep the
    false alarms down where few differences are compared: what is common counts
    at most as much as the difference's own splits, and a variance is never
    lowered.

    Parameters
    ----------
    differences : sequence of array-like of shape (n_splits,)
        One row for each comparison, all over the same splits.
    test_train_ratio : float
        Test rows divided by training rows of a split: 1 / (k − 1) for k folds.

    Returns
    -------
    list of PairedTest
        In the given order. With fewer than three differences that vary at all
        there is nothing to learn from others: the plain corrected tests.

    Raises
    ------
    ValueError
        If there are fewer than two splits.
    """
    moments = [_moments(row) for row in differences]
    if not moments:
        return []
    moments = _without_rounding(moments)
    n_splits = moments[0][2]
    prior = _fit_prior([variance for _, variance, _ in moments if variance > 0], n_splits - 1)
    worth = min(prior.df, n_splits - 1)
    df = n_splits - 1 + worth
    weight = worth / df
    quantile = t_quantile(0.975, df)
    tests = []
    for mean, variance, _ in moments:
        # Two candidates that give the same scores have no spread to be steadied.
        raised = weight * prior.variance + (1 - weight) * variance if variance else 0.0
        steadied = max(variance, raised)
        error = _standard_error(steadied, n_splits, test_train_ratio)
        half_width = quantile * error
        naive = _standard_error(variance, n_splits, 0.0)
        tests.append(
            PairedTest(
                difference=mean,
                low=mean - half_width,
                high=mean + half_width,
                p_value=_two_sided_p(mean, error, df),
                naive_p_value=_two_sided_p(mean, naive, n_splits - 1),
                error=error,
                df=df,
            )
        )
    return tests


def _without_rounding(
    moments: Sequence[tuple[float, float, int]],
) -> list[tuple[float, float, int]]:
    """Return the moments with 0 for what is nothing but sums in another order.

    A variance of 1e-34 among others of 1e-6 would show that they have nothing in common.
    """
    largest = max(math.hypot(mean, variance**0.5) for mean, variance, _ in moments)
    least = EQUAL * max(1.0, largest)
    return [
        (mean if abs(mean) > least else 0.0, variance if variance > least**2 else 0.0, n)
        for mean, variance, n in moments
    ]


def equivalence_p_value(test: PairedTest, *, margin: float) -> float:
    """Return the p-value of two one-sided tests that a difference is within ±``margin``.

    Under .05 exactly where the 90 % interval lies inside ±``margin``
    (Schuirmann 1987, Journal of Pharmacokinetics and Biopharmaceutics 15). A
    large value says that nothing is shown, not that there is a difference.
    """
    beyond = abs(test.difference) - margin
    if test.error == 0:
        return float(beyond >= 0)
    return t_cdf(beyond / test.error, test.df)


def repeats_to_separate(
    test: PairedTest, *, folds: int, repeats: int, most: int = 100
) -> int | None:
    """Return how many repeats of ``folds`` would make a difference significant at 5 %.

    Parameters
    ----------
    test : PairedTest
        What ``repeats`` of them show now.
    folds, repeats : int
        The protocol of the test.
    most : int, default=100
        Where to give up.

    Returns
    -------
    int or None
        The smallest total beyond ``repeats``, if the difference and its spread
        stay as they are; ``None`` where no number up to ``most`` would do.
        Repeats share their rows, so that the standard error never falls below
        √(s² / (folds − 1)).
    """
    ratio = 1 / (folds - 1)
    variance = test.error**2 / (1 / (folds * repeats) + ratio)
    for total in range(repeats + 1, most + 1):
        n_splits = folds * total
        df = test.df + n_splits - folds * repeats
        error = _standard_error(variance, n_splits, ratio)
        if _two_sided_p(test.difference, error, df) < LEVEL:
            return total
    return None


@dataclass(frozen=True)
class _Prior:
    """What the variances have in common, and how many degrees of freedom that is worth."""

    variance: float
    df: float


def _fit_prior(variances: Sequence[float], df: int) -> _Prior:
    """Fit a scaled inverse χ² to sample variances by the moments of their logarithms."""
    import numpy as np

    if len(variances) < 3:
        return _Prior(0.0, 0.0)
    centred = np.log(variances) - digamma(df / 2) + np.log(df / 2)
    mean, spread = float(centred.mean()), float(centred.var(ddof=1)) - trigamma(df / 2)
    if spread <= 0:  # no more spread than equal variances would have
        return _Prior(math.exp(mean), math.inf)
    prior_df = 2 * _inverse_trigamma(spread)
    return _Prior(math.exp(mean + digamma(prior_df / 2) - math.log(prior_df / 2)), prior_df)


def _inverse_trigamma(value: float) -> float:
    """Return x with ψ′(x) = ``value``, by Newton's method (Smyth 2004, appendix)."""
    x = 0.5 + 1 / value
    for _ in range(50):
        at_x = trigamma(x)
        step = at_x * (1 - at_x / value) / tetragamma(x)
        x += step
        if abs(step) < 1e-10 * x:
            break
    return x


def _moments(values: ArrayLike) -> tuple[float, float, int]:
    import numpy as np

    array = np.asarray(values, dtype=np.float64)
    if array.ndim != 1 or array.size < 2:
        raise ValueError(f"values of shape {array.shape}, expected at least two in a row")
    return float(array.mean()), float(array.var(ddof=1)), array.size


def _standard_error(variance: float, n_splits: int, test_train_ratio: float) -> float:
    return float(((1 / n_splits + test_train_ratio) * variance) ** 0.5)


def _two_sided_p(mean: float, standard_error: float, df: float) -> float:
    if mean == 0:
        return 1.0
    if standard_error == 0:
        return 0.0
    return 2 * t_cdf(-abs(mean) / standard_error, df)
