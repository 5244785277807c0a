"""How alike sets of columns are that were chosen on different rows."""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

_Z_95 = NormalDist().inv_cdf(0.975)


def selection_stability(selected: ArrayLike) -> tuple[float, float, float] | None:
    """Return how stable a choice of features is, with its 95 % interval.

    Parameters
    ----------
    selected : array-like of shape (n_sets, n_features)
        1 or True where a set holds a feature.

    Returns
    -------
    stability, low, high : float, or None
        Φ = 1 − mean_f s²_f / (κ (1 − κ)), where s²_f is the unbiased variance
        of column f and κ the mean share of features kept: 1 for equal sets,
        0 on average for random ones; at a fixed number of features it is
        Kuncheva's index. The interval is the asymptotic one for independent
        resamples; cross-validation splits share training rows, so that it is
        too narrow for them. No bound is above 1. None for fewer than two
        sets, and where all features are kept always, or none ever.

    References
    ----------
    Nogueira, Sechidis & Brown (2018), "On the stability of feature selection
    algorithms", Journal of Machine Learning Research 18 (174): definition 4
    and corollary 9.
    """
    import numpy as np

    Z = np.asarray(selected, dtype=np.float64)
    n_sets = len(Z)
    frequency = Z.mean(axis=0)
    share = float(frequency.mean())
    chance = share * (1 - share)
    if n_sets < 2 or chance <= 0:
        return None
    variance = n_sets / (n_sets - 1) * frequency * (1 - frequency)
    stability = 1 - float(variance.mean()) / chance
    own = Z.mean(axis=1)  # k_i / d
    parts = (
        (Z * frequency).mean(axis=1)
        - own * share
        + stability / 2 * (2 * share * own - own - share + 1)
    ) / chance
    half_width = _Z_95 * 2 * math.sqrt(float(((parts - parts.mean()) ** 2).sum())) / n_sets
    return stability, stability - half_width, min(1.0, stability + half_width)
