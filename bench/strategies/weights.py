"""Strategies that weigh training rows instead of changing them.

All weights have a mean of 1 and travel as sample weights, so that the word
means the same in every library (LightGBM's ``scale_pos_weight``, for one,
leaves the initial score alone).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bench.domain import Trial
from bench.strategies.base import Needs, Strategy, Weighing

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LEAST_COST = 0.1
"""A churner whom it does not pay to keep still counts for a tenth of a false alarm."""


def balanced_weights(context: Weighing) -> NDArray[np.float64]:
    """Return ``(n / (2 n_class)) ** power``, scaled to a mean of 1.

    At ``power = 1`` this is scikit-learn's ``class_weight="balanced"``; at 0
    nothing is weighed.

    Parameters
    ----------
    context : Weighing
        With ``power``, a float in [0, 1], among its params.

    Returns
    -------
    ndarray of shape (n_samples,)
    """
    import numpy as np

    y = context.y
    counts = np.bincount(y, minlength=2)
    weights = (len(y) / (2.0 * counts[y])) ** context.params["power"]
    return np.asarray(weights / weights.mean(), dtype=np.float64)


def effective_number_weights(context: Weighing) -> NDArray[np.float64]:
    """Return the inverse of each class's effective number of rows, scaled to a mean of 1.

    A new row of a class that has many adds little that is new: the effective
    number is (1 − βⁿ) / (1 − β), between 1 (β → 0) and n (β → 1, where this is
    ``class-weight``). Source: Cui, Jia, Lin, Song & Belongie (2019),
    "Class-balanced loss based on effective number of samples".

    Parameters
    ----------
    context : Weighing
        With ``beta``, a float in (0, 1), among its params.

    Returns
    -------
    ndarray of shape (n_samples,)
    """
    import numpy as np

    y, beta = context.y, context.params["beta"]
    counts = np.bincount(y, minlength=2)
    effective = -np.expm1(counts * np.log(beta)) / (1.0 - beta)
    weights = 1.0 / effective[y]
    return np.asarray(weights / weights.mean(), dtype=np.float64)


def cost_weights(context: Weighing) -> NDArray[np.float64]:
    """Return what a wrong decision on each customer costs, scaled to a mean of 1.

    Overlooking a churner costs γ (CLV − d) − f, what the offer would have
    earned; bothering one who stays costs d + f. (d is the incentive, f the
    contact, γ the mean chance that a would-be churner accepts.) With these
    weights the threshold .5 is the one that costs least (Elkan 2001; Zadrozny,
    Langford & Abe 2003). Where customers' values are known, a customer's CLV
    is the dataset's, times the value over the mean value of the training rows.

    Parameters
    ----------
    context : Weighing
        With ``power``, a float in (0, 1], among its params: 1 weighs by the
        costs themselves, less by something between them and equal weights.

    Returns
    -------
    ndarray of shape (n_samples,)
    """
    import numpy as np

    economics = context.economics
    clv = economics.clv * _relative_value(context)
    acceptance = economics.acceptance_alpha / (
        economics.acceptance_alpha + economics.acceptance_beta
    )
    false_alarm = economics.incentive + economics.contact
    missed = acceptance * (clv - economics.incentive) - economics.contact
    cost = np.where(context.y == 1, np.maximum(missed, LEAST_COST * false_alarm), false_alarm)
    weights = cost ** context.params["power"]
    return np.asarray(weights / weights.mean(), dtype=np.float64)


def _relative_value(context: Weighing) -> NDArray[np.float64]:
    """Return each customer's value over the mean, 1 where it is not known."""
    import numpy as np

    relative = np.ones(len(context.y))
    if context.value is None:
        return relative
    is_known = ~np.isnan(context.value)
    known = context.value[is_known]
    if known.size and known.mean() > 0:
        relative[is_known] = known / known.mean()
    return relative


def _power(trial: Trial) -> dict[str, Any]:
    return {"power": trial.suggest_float("power", 0.1, 1.0)}


def _middle_power(trial: Trial) -> dict[str, Any]:
    return {"power": trial.suggest_float("power", 0.3, 0.7)}


def _beta(trial: Trial) -> dict[str, Any]:
    """Return one of the values of Cui et al.; below .99 hardly anything happens to a table."""
    return {"beta": trial.suggest_categorical("beta", (0.99, 0.999, 0.9999, 0.99999))}


WEIGHTS = (
    Strategy(
        name="class-weight",
        summary="weigh each row by n / (2 n_class)",
        defaults={"power": 1.0},
        weigh=balanced_weights,
        search_space=_power,
    ),
    Strategy(
        name="sqrt-weight",
        summary="weigh each row by the square root of n / (2 n_class)",
        defaults={"power": 0.5},
        weigh=balanced_weights,
        search_space=_middle_power,
    ),
    Strategy(
        name="effective-number",
        summary="weigh each row by the inverse of its class's effective number (Cui 2019)",
        defaults={"beta": 0.9999},
        weigh=effective_number_weights,
        search_space=_beta,
    ),
    Strategy(
        name="cost-weight",
        summary="weigh each row by what a wrong decision on this customer costs (Elkan 2001)",
        needs=Needs(economics=True),
        defaults={"power": 1.0},
        weigh=cost_weights,
        search_space=_power,
    ),
)
