"""Strategies that weigh training rows instead of changing them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from bench.domain import Trial
from bench.strategies.base import Strategy

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def balanced_weights(y: NDArray[np.int8], params: Mapping[str, Any]) -> NDArray[np.float64]:
    """Return ``(n / (2 n_class)) ** power``, scaled to a mean of 1.

    At ``power = 1`` this is scikit-learn's ``class_weight="balanced"``; at 0
    nothing is weighed. Always passed as sample weights, so that the word means
    the same in every library (LightGBM's ``scale_pos_weight``, for one, leaves
    the initial score alone).

    Parameters
    ----------
    y : ndarray of shape (n_samples,)
        Labels, 1 for the positive class.
    params : mapping
        ``power``, a float in [0, 1].

    Returns
    -------
    ndarray of shape (n_samples,)
    """
    import numpy as np

    counts = np.bincount(y, minlength=2)
    weights = (len(y) / (2.0 * counts[y])) ** params["power"]
    return np.asarray(weights / weights.mean(), dtype=np.float64)


def _power(trial: Trial) -> dict[str, Any]:
    return {"power": trial.suggest_float("power", 0.1, 1.0)}


CLASS_WEIGHT = Strategy(
    name="class-weight",
    summary="weigh each row by n / (2 n_class)",
    defaults={"power": 1.0},
    weigh=balanced_weights,
    search_space=_power,
)
