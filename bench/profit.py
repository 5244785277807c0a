"""What a campaign that calls the top of a ranking earns: lift, MPC and EMPC."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.decisions import cumulative_counts

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    from bench.specs import EconomicsSpec


def lift(y_true: ArrayLike, y_score: ArrayLike, *, fraction: float = 0.1) -> float:
    """Return how much denser in positives the top of the ranking is than the whole.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        Labels, 1 for the positive class.
    y_score : array-like of shape (n_samples,)
        Scores on any scale, higher means more likely positive. Rows that tie
        across the cut count by their expected share.
    fraction : float in (0, 1], default=0.1
        Share of customers that a campaign can reach; ⌈fraction · n⌉ of them.

    Returns
    -------
    float
        1.0 is random; the maximum is ``1 / max(prevalence, fraction)``.
    """
    import numpy as np

    if not 0 < fraction <= 1:
        raise ValueError(f"fraction = {fraction}, expected a share in (0, 1]")
    _, tp, fp = cumulative_counts(y_true, y_score)
    contacted = tp + fp
    # Rounded first: .07 · 100 is 7.000000000000001, and not a reason to contact eight.
    n_top = math.ceil(round(fraction * int(contacted[-1]), 9))
    hits = np.interp(n_top, np.append(0, contacted), np.append(0, tp))
    return float(hits / n_top / (tp[-1] / contacted[-1]))


@dataclass(frozen=True)
class Campaign:
    """What the best retention campaign earns, and the share of customers it contacts."""

    profit: float
    fraction: float


def expected_maximum_profit(
    y_true: ArrayLike, y_score: ArrayLike, economics: EconomicsSpec
) -> Campaign:
    """Return EMPC and the fraction to contact, averaged over the acceptance rate γ.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
    y_score : array-like of shape (n_samples,)
        Only their order matters. A constant score means to contact everybody.
    economics : EconomicsSpec
        CLV, incentive and contact cost in currency per customer; γ, the chance
        that a would-be churner accepts, follows Beta(alpha, beta).

    Returns
    -------
    Campaign
        Profit in currency per customer of the base, compared with doing nothing.

    Notes
    -----
    The integral ∫ max_t P(t; γ) h(γ) dγ is a finite sum over the convex hull of
    the ROC curve, since vertex k is best from γ_k to γ_{k+1}. Verbraken,
    Verbeke & Baesens (2013), IEEE TKDE 25(5).
    """
    import numpy as np
    from scipy.special import betainc

    reached, wasted = _hull_shares(y_true, y_score)
    clv, incentive, contact = _as_amounts(economics)
    a, b = economics.acceptance_alpha, economics.acceptance_beta
    more_reached, more_wasted = np.diff(reached), np.diff(wasted)
    cost = (incentive + contact) * more_wasted + contact * more_reached
    # A step that reaches no more churners pays at no γ.
    pays_from = np.divide(
        cost, (clv - incentive) * more_reached, out=np.ones_like(cost), where=more_reached > 0
    )
    gamma = np.concatenate([[0.0], np.minimum(pays_from, 1.0), [1.0]])
    mass = np.diff(betainc(a, b, gamma))
    mass_times_gamma = a / (a + b) * np.diff(betainc(a + 1, b, gamma))
    gain = (clv - incentive) * reached * mass_times_gamma
    spent = (contact * reached + (incentive + contact) * wasted) * mass
    return Campaign(float(np.sum(gain - spent)), float(np.sum((reached + wasted) * mass)))


def maximum_profit(y_true: ArrayLike, y_score: ArrayLike, economics: EconomicsSpec) -> Campaign:
    """Return MPC: the best cut where every would-be churner accepts with the mean chance."""
    import numpy as np

    reached, wasted = _hull_shares(y_true, y_score)
    clv, incentive, contact = _as_amounts(economics)
    a, b = economics.acceptance_alpha, economics.acceptance_beta
    gain = (a / (a + b) * (clv - incentive) - contact) * reached
    profit = gain - (incentive + contact) * wasted
    best = int(np.argmax(profit))
    return Campaign(float(profit[best]), float(reached[best] + wasted[best]))


def empc(y_true: ArrayLike, y_score: ArrayLike, economics: EconomicsSpec) -> float:
    """Return the expected maximum profit in currency per customer of the base."""
    return expected_maximum_profit(y_true, y_score, economics).profit


def _as_amounts(economics: EconomicsSpec) -> tuple[float, float, float]:
    clv, incentive, contact = economics.clv, economics.incentive, economics.contact
    if not (clv > incentive >= 0 and contact >= 0 and incentive + contact > 0):
        raise ValueError(
            f"clv = {clv}, incentive = {incentive}, contact = {contact}: "
            "expected clv > incentive >= 0, contact >= 0, and some cost"
        )
    return clv, incentive, contact


def _hull_shares(
    y_true: ArrayLike, y_score: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return positives and negatives down to each vertex of the ROC hull, as shares of all rows."""
    import numpy as np

    _, tp, fp = cumulative_counts(y_true, y_score)
    n_samples = int(tp[-1] + fp[-1])
    tp, fp = np.append(0, tp), np.append(0, fp)
    # A point on or below the line through its neighbours is no vertex. All such
    # points go at once, in whole numbers, until none is left.
    while True:
        up, right = np.diff(tp), np.diff(fp)
        is_vertex = up[:-1] * right[1:] > up[1:] * right[:-1]
        if is_vertex.all():
            return tp / n_samples, fp / n_samples
        keep = np.concatenate([[True], is_vertex, [True]])
        tp, fp = tp[keep], fp[keep]
