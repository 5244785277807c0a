"""Are the probabilities right? Figures of calibration, and the logistic fit behind some."""

from __future__ import annotations

import functools
import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bench.decisions import as_labels_and_scores, remembered

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

CLIPPED_AT = 1e-6
"""Probabilities nearer to 0 or 1 are moved to this distance before a logit is taken."""

SURE_STEP = 1.7
"""A Newton step that moves no logit by more than this r raises the likelihood: its gain is at
least λ² (1 − (eʳ − r − 1) / r²), λ the Newton decrement (Bach 2010, Self-concordant analysis for
logistic regression, Electronic Journal of Statistics 4)."""

N_BINS = 10
N_RESAMPLES = 100
MOST_KEPT = 2_000_000
"""Random numbers of the noise floor that are kept for the next call."""


def as_labels_and_probabilities(
    y_true: ArrayLike, y_prob: ArrayLike
) -> tuple[NDArray[Any], NDArray[np.float64]]:
    """Return both as arrays of one length.

    Raises
    ------
    ValueError
        As `bench.decisions.as_labels_and_scores`, and if a probability lies
        outside [0, 1].
    """
    return remembered(_check_labels_and_probabilities, y_true, y_prob)


def _check_labels_and_probabilities(
    y_true: ArrayLike, y_prob: ArrayLike
) -> tuple[NDArray[Any], NDArray[np.float64]]:
    y, p = as_labels_and_scores(y_true, y_prob)
    if p.min() < 0 or p.max() > 1:
        raise ValueError("probabilities lie outside [0, 1]")
    return y, p


def logit(p: ArrayLike) -> NDArray[np.float64]:
    """Return log odds of probabilities, those of 0 and 1 by `CLIPPED_AT`."""
    import numpy as np

    inner = np.clip(np.asarray(p, dtype=np.float64), CLIPPED_AT, 1 - CLIPPED_AT)
    return np.asarray(np.log(inner / (1 - inner)))


def expit(x: ArrayLike) -> NDArray[np.float64]:
    """Return 1 / (1 + exp(−x)); far out it is 0 or 1 without a warning."""
    import numpy as np

    return np.asarray(1 / (1 + np.exp(np.minimum(-np.asarray(x, dtype=np.float64), 700))))


def fit_logistic(
    x: NDArray[np.float64], target: NDArray[np.float64], *, intercept: float = 0.0
) -> tuple[float, float]:
    """Return the intercept and slope of the logistic regression of ``target`` on ``x``.

    Newton's method on the log likelihood, with half steps where a whole one
    does not raise it, begun at ``intercept`` and a slope of 1. ``target`` holds
    shares in [0, 1]; the caller makes sure that the maximum is finite and ``x``
    not constant.
    """
    centre, scale = float(x.mean()), float(x.std()) or 1.0
    z = (x - centre) / scale
    a, b, is_top = _climb(intercept + centre, scale, z, target)
    if not is_top:
        # Where all probabilities begin at 0 or 1 the likelihood is flat; at slope 0 it never is.
        rate = float(target.mean())
        a, b, _ = _climb(math.log(rate / (1 - rate)), 0.0, z, target)
    return a - b * centre / scale, b / scale


def _climb(
    a: float, b: float, z: NDArray[np.float64], target: NDArray[np.float64]
) -> tuple[float, float, bool]:
    """Return where Newton's method leads from x = a + b·z, and whether it is the maximum."""
    import numpy as np

    furthest = float(np.abs(z).max())
    for _ in range(100):
        p = expit(a + b * z)
        residual, weight = target - p, p * (1 - p)
        weighted = weight * z
        g0, g1 = float(residual.sum()), float(residual @ z)
        h00, h01, h11 = float(weight.sum()), float(weighted.sum()), float(weighted @ z)
        determinant = h00 * h11 - h01 * h01
        if determinant <= 0:
            break
        step_a = (h11 * g0 - h01 * g1) / determinant
        step_b = (h00 * g1 - h01 * g0) / determinant
        share = 1.0
        if abs(step_a) + abs(step_b) * furthest > SURE_STEP:
            share = _share_that_gains((a, b), (step_a, step_b), z, target)
        a, b = a + share * step_a, b + share * step_b
        if abs(step_a) + abs(step_b) < 1e-8:  # Newton's error is its square
            return a, b, True
        if not share:
            break
    return a, b, False


def _share_that_gains(
    at: tuple[float, float],
    step: tuple[float, float],
    z: NDArray[np.float64],
    target: NDArray[np.float64],
) -> float:
    """Return how much of a Newton step to take, halved until the likelihood does not fall."""
    value = _log_likelihood(*at, z, target)
    share = 1.0
    # Where all probabilities are near 0 or 1 a step can be 1e6 times too long.
    while share > 1e-12:
        tried = _log_likelihood(at[0] + share * step[0], at[1] + share * step[1], z, target)
        if tried >= value - 1e-12 * abs(value):
            return share
        share /= 2
    return 0.0


def _log_likelihood(
    a: float, b: float, z: NDArray[np.float64], target: NDArray[np.float64]
) -> float:
    """Return Σ t·x − ln(1 + eˣ) at x = a + b·z."""
    import numpy as np

    x = a + b * z
    return float(target @ x - np.sum(np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))))


# --- figures --------------------------------------------------------------------------


def brier(y_true: ArrayLike, y_prob: ArrayLike) -> float:
    """Return the mean squared distance of the probabilities from the labels."""
    import numpy as np

    y, p = as_labels_and_probabilities(y_true, y_prob)
    return float(np.mean((p - y) ** 2))


def log_loss(y_true: ArrayLike, y_prob: ArrayLike) -> float:
    """Return the mean negative log-likelihood; 0 and 1 are moved inwards by a float's epsilon."""
    import numpy as np

    y, p = as_labels_and_probabilities(y_true, y_prob)
    epsilon = np.finfo(np.float64).eps
    return float(-np.mean(np.log(np.clip(np.where(y == 1, p, 1 - p), epsilon, 1 - epsilon))))


def brier_skill(y_true: ArrayLike, y_prob: ArrayLike) -> float:
    """Return 1 − Brier / (π (1 − π)): 0 for everybody's prevalence, 1 for perfection."""
    import numpy as np

    y, _ = as_labels_and_probabilities(y_true, y_prob)
    prevalence = np.count_nonzero(y == 1) / y.size
    return 1 - brier(y_true, y_prob) / (prevalence * (1 - prevalence))


def calibration_slope(y_true: ArrayLike, y_prob: ArrayLike) -> float | None:
    """Return the coefficient of the labels on the logit of the probabilities; 1 is ideal.

    Below 1 the probabilities are too extreme (overfitted), above 1 too timid.
    There is none where all probabilities are equal, or where they part the
    classes entirely.
    """
    import numpy as np

    y, p = as_labels_and_probabilities(y_true, y_prob)
    x = logit(p)
    of_positives, of_negatives = x[y == 1], x[y == 0]
    is_parted = of_positives.min() >= of_negatives.max() or of_positives.max() <= of_negatives.min()
    if is_parted or x.max() - x.min() < 1e-12:
        return None
    shift = calibration_in_the_large(y_true, y_prob)
    return fit_logistic(x, np.asarray(y, dtype=np.float64), intercept=shift)[1]


def calibration_in_the_large(y_true: ArrayLike, y_prob: ArrayLike) -> float:
    """Return the intercept of the labels with the logit of the probabilities as offset.

    0 is ideal; −1 says that the odds are too high by a factor of e.
    """
    return remembered(_shift_of_logits, y_true, y_prob)


def _shift_of_logits(y_true: ArrayLike, y_prob: ArrayLike) -> float:
    import numpy as np

    y, p = as_labels_and_probabilities(y_true, y_prob)
    x = logit(p)
    n_positives = int(np.count_nonzero(y == 1))
    shift = 0.0
    for _ in range(100):
        shifted = expit(x + shift)
        step = (n_positives - float(shifted.sum())) / float((shifted * (1 - shifted)).sum())
        step = max(-2.0, min(2.0, step))  # far from the root Newton's step overshoots
        shift += step
        if abs(step) < 1e-8:  # Newton's error is its square
            break
    return shift


def ece(y_true: ArrayLike, y_prob: ArrayLike, *, n_bins: int = N_BINS) -> float:
    """Return the expected calibration error over bins of equal mass.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
    y_prob : array-like of shape (n_samples,)
        Probabilities of the positive class.
    n_bins : int, default=10
        Bins by ascending probability; the first take one row more where the
        rows do not divide evenly. Tied rows share their churn rate, so that
        the order of the rows cannot matter.

    Returns
    -------
    float
        Σ (n_b / n) |churn rate − mean probability|. It is above 0 even for
        perfect probabilities, see `ece_noise_floor`.
    """
    if n_bins == N_BINS:
        is_positive, _, bins = remembered(_arrange, y_true, y_prob)
    else:
        is_positive, _, bins = _arrange(y_true, y_prob, n_bins=n_bins)
    return float(bins.errors(is_positive[None])[0])


def _arrange(
    y_true: ArrayLike, y_prob: ArrayLike, *, n_bins: int = N_BINS
) -> tuple[NDArray[np.bool_], NDArray[np.float64], _Bins]:
    """Return who is positive and the probabilities, by ascending probability, and their bins."""
    import numpy as np

    y, p = as_labels_and_probabilities(y_true, y_prob)
    order = np.argsort(p, kind="stable")
    ascending = p[order]
    return y[order] == 1, ascending, _Bins.of(ascending, n_bins)


_Part = tuple[int, int, int]


@dataclass(frozen=True, eq=False)
class _Bins:
    """Ascending probabilities in bins of equal mass, and what labels of them leave as errors.

    Attributes
    ----------
    starts : ndarray of shape (n_bins,)
        Where each begins; the first have one row more.
    expected : ndarray of shape (n_bins,)
        The sum of the probabilities in each.
    shared : list of (first, last, parts)
        The runs of tied rows that a bin's edge divides: first row, row after,
        parts. A part is the number of a bin and the rows of the run in it;
        they share the churn rate of the run.
    n_samples : int
    """

    starts: NDArray[np.int64]
    expected: NDArray[np.float64]
    shared: list[tuple[int, int, list[_Part]]]
    n_samples: int

    @classmethod
    def of(cls, p: NDArray[np.float64], n_bins: int) -> _Bins:
        """Return the bins of ascending probabilities."""
        import numpy as np

        n_bins = min(n_bins, p.size)
        k = np.arange(n_bins)
        starts = k * (p.size // n_bins) + np.minimum(k, p.size % n_bins)
        return cls(starts, np.add.reduceat(p, starts), _across(p, starts), p.size)

    def errors(self, is_positive: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Return `ece` for labels of shape (n_draws, n_samples)."""
        import numpy as np

        # As narrow as the rows of a bin allow: sums are the faster for it.
        width = np.min_scalar_type(self.n_samples // self.starts.size + 1)
        gap = np.add.reduceat(is_positive, self.starts, axis=1, dtype=width) - self.expected
        for first, last, parts in self.shared:
            rate = is_positive[:, first:last].mean(axis=1)
            for k, lower, upper in parts:
                gap[:, k] += rate * (upper - lower) - is_positive[:, lower:upper].sum(axis=1)
        errors: NDArray[np.float64] = np.abs(gap).sum(axis=1) / self.n_samples
        return errors


def _across(
    p: NDArray[np.float64], starts: NDArray[np.int64]
) -> list[tuple[int, int, list[_Part]]]:
    """Return the runs of tied rows that a bin's edge divides, as `_Bins` has them."""
    import numpy as np

    found: dict[int, tuple[int, int, list[_Part]]] = {}
    edges = starts[1:]
    for edge in edges[p[edges - 1] == p[edges]]:
        first = int(np.searchsorted(p, p[edge], "left"))
        last = int(np.searchsorted(p, p[edge], "right"))
        cuts = [first, *(int(s) for s in starts if first < s < last), last]
        in_bin = np.searchsorted(starts, cuts[:-1], "right") - 1
        parts = list(zip(map(int, in_bin), cuts[:-1], cuts[1:], strict=True))
        found[first] = (first, last, parts)
    return list(found.values())


@dataclass(frozen=True)
class NoiseFloor:
    """What `ece` would be by chance alone if the probabilities were true."""

    mean: float
    q95: float


def ece_noise_floor(
    y_prob: ArrayLike, *, n_bins: int = N_BINS, n_resamples: int = N_RESAMPLES
) -> NoiseFloor:
    """Return the mean and the 95 % quantile of `ece` over labels drawn from ``y_prob``.

    The draws depend on nothing but the number of rows and resamples, and the
    rows are drawn in the order of their probabilities.
    """
    import numpy as np

    p = np.sort(np.asarray(y_prob, dtype=np.float64))
    figures = _noise(p, _Bins.of(p, n_bins), n_resamples)
    return NoiseFloor(float(figures.mean()), float(np.quantile(figures, 0.95)))


def _noise(p: NDArray[np.float64], bins: _Bins, n_resamples: int) -> NDArray[np.float64]:
    """Return `ece` over each of ``n_resamples`` draws of labels, of ascending probabilities."""
    import numpy as np

    coarse = p.astype(np.float32)  # as fine as the draws, and compared twice as fast
    return np.concatenate([bins.errors(u < coarse) for u in _uniforms(p.size, n_resamples)])


def ece_floor(y_true: ArrayLike, y_prob: ArrayLike) -> float:
    """Return what `ece` would be on average if the probabilities were true."""
    _, p, bins = remembered(_arrange, y_true, y_prob)
    return float(_noise(p, bins, N_RESAMPLES).mean())


def _uniforms(n: int, n_resamples: int) -> Iterable[NDArray[np.float32]]:
    """Return the draws in parts of bounded size; a small whole is kept for the next call."""
    if n * n_resamples <= MOST_KEPT:
        return (_kept_uniforms(n, n_resamples),)
    return (_draw(n, 1, part) for part in range(n_resamples))


@functools.lru_cache(maxsize=4)
def _kept_uniforms(n: int, n_resamples: int) -> NDArray[np.float32]:
    return _draw(n, n_resamples, 0)


def _draw(n: int, n_resamples: int, part: int) -> NDArray[np.float32]:
    import numpy as np

    return np.random.default_rng([n, part]).random((n_resamples, n), dtype=np.float32)
