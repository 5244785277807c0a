"""What a ranking is worth at some cost or other: lift, MPC, EMPC and the H-measure."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.decisions import cumulative_counts, from_zero, hull_counts
from bench.distributions import beta_moments

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
    hits = np.interp(n_top, from_zero(contacted), from_zero(tp))
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

    reached, wasted = _hull_shares(y_true, y_score)
    clv, incentive, contact = _as_amounts(economics)
    a, b = economics.acceptance_alpha, economics.acceptance_beta
    more_reached, more_wasted = reached[1:] - reached[:-1], wasted[1:] - wasted[:-1]
    cost = (incentive + contact) * more_wasted + contact * more_reached
    # A step that reaches no more churners pays at no γ.
    pays_from = np.divide(
        cost, (clv - incentive) * more_reached, out=np.ones_like(cost), where=more_reached > 0
    )
    gamma = np.concatenate([[0.0], np.minimum(pays_from, 1.0), [1.0]])
    mass, mass_times_gamma = _beta_masses(gamma, a, b)
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


def empc_fraction(y_true: ArrayLike, y_score: ArrayLike, economics: EconomicsSpec) -> float:
    """Return the share of customers that the campaigns behind EMPC contact on average."""
    return expected_maximum_profit(y_true, y_score, economics).fraction


def mpc(y_true: ArrayLike, y_score: ArrayLike, economics: EconomicsSpec) -> float:
    """Return the maximum profit in currency per customer of the base, chosen on these rows."""
    return maximum_profit(y_true, y_score, economics).profit


def h_measure(
    y_true: ArrayLike, y_score: ArrayLike, *, alpha: float | None = None, beta: float | None = None
) -> float:
    """Return Hand's H-measure: what the ranking saves, averaged over the relative costs.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
    y_score : array-like of shape (n_samples,)
        Only their order matters.
    alpha, beta : float, optional
        Shape of the Beta distribution of c, the relative cost of a false
        alarm. By default π₁ + 1 and π₀ + 1 (Hand & Anagnostopoulos 2014), so
        that a false alarm mostly costs what its class is worth by frequency;
        Hand (2009) took 2 and 2.

    Returns
    -------
    float
        1 for a perfect ranking, 0 for a constant score.

    Notes
    -----
    H = 1 − ∫ L(c) w(c) dc / ∫ min(c π₀, (1 − c) π₁) w(c) dc with L the least
    loss over the vertices of the ROC hull: vertex k is best between the costs
    π₁ΔT / (π₁ΔT + π₀ΔF) of the edges after and before it.
    """
    import numpy as np

    reached, wasted = _hull_shares(y_true, y_score)
    prevalence = float(reached[-1])
    a = prevalence + 1 if alpha is None else alpha
    b = 2 - prevalence if beta is None else beta
    up, right = reached[1:] - reached[:-1], wasted[1:] - wasted[:-1]
    edges = np.concatenate([[1.0], up / (up + right), [0.0]])
    mass, mass_times_c = _beta_masses(edges[::-1], a, b)
    mass, mass_times_c = mass[::-1], mass_times_c[::-1]
    loss = wasted * mass_times_c + (prevalence - reached) * (mass - mass_times_c)
    below, above = zip(*_beta_masses(np.array([0.0, prevalence, 1.0]), a, b), strict=True)
    worst = (1 - prevalence) * below[1] + prevalence * (above[0] - above[1])
    return float(1 - loss.sum() / worst)


def _beta_masses(
    edges: NDArray[np.float64], a: float, b: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return ∫ w dx and ∫ x w dx of the Beta density w between ascending edges."""
    return _remembered_masses(edges.tobytes(), a, b)


@functools.lru_cache(maxsize=1024)
def _remembered_masses(
    edges: bytes, a: float, b: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    # Rows that differ after the fit only have the same ranking, so the same edges.
    import numpy as np

    below, moment = beta_moments(np.frombuffer(edges), a, b)
    return below[1:] - below[:-1], moment[1:] - moment[:-1]


def economics_problem(economics: EconomicsSpec) -> str:
    """Return what is wrong with the amounts, ``""`` where they make a campaign."""
    clv, incentive, contact = economics.clv, economics.incentive, economics.contact
    a, b = economics.acceptance_alpha, economics.acceptance_beta
    if not (clv > incentive >= 0 and contact >= 0 and incentive + contact > 0):
        return (
            f"clv = {clv}, incentive = {incentive}, contact = {contact}: "
            "expected clv > incentive >= 0, contact >= 0, and some cost"
        )
    if not (a > 0 and b > 0):
        return f"acceptance_alpha = {a}, acceptance_beta = {b}: expected numbers above 0"
    return ""


def _as_amounts(economics: EconomicsSpec) -> tuple[float, float, float]:
    problem = economics_problem(economics)
    if problem:
        raise ValueError(problem)
    return economics.clv, economics.incentive, economics.contact


def _hull_shares(
    y_true: ArrayLike, y_score: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return positives and negatives down to each vertex of the ROC hull, as shares of all rows."""
    rows, tp, fp = hull_counts(y_true, y_score)
    return tp / rows[-1], fp / rows[-1]
