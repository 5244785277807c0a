"""What contacting these customers earns, customer by customer: costs, savings, campaigns.

Everything follows from two amounts per customer, in currency. Contacting a
would-be churner earns ``gain`` = γ (CLV − d) − f on average, contacting anybody
else costs ``loss`` = d + f, where γ is the mean chance to accept, d the
incentive and f the contact; who accepts or would have stayed takes the
incentive. A churner who is not contacted costs the CLV, one who stays nothing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bench.calibration import as_labels_and_probabilities
from bench.decisions import as_labels_and_scores, cumulative_counts, ends_of_ties, from_zero
from bench.inputs import Inputs
from bench.profit import empc

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    from bench.domain import Outputs
    from bench.specs import EconomicsSpec


@dataclass(frozen=True, eq=False)
class Stakes:
    """CLV, gain and loss of every customer, arrays of shape (n_samples,)."""

    clv: NDArray[np.float64]
    gain: NDArray[np.float64]
    loss: float

    def of(self, rows: NDArray[Any]) -> Stakes:
        """Return the stakes of some of the customers."""
        return Stakes(self.clv[rows], self.gain[rows], self.loss)


def customer_clvs(values: ArrayLike, economics: EconomicsSpec) -> NDArray[np.float64]:
    """Return what each customer is worth, from what each is worth a month.

    Parameters
    ----------
    values : array-like of shape (n_samples,)
        The dataset's value column, all rows of it, since its mean matters.
        Missing ones count as the mean, negative ones as 0.
    economics : EconomicsSpec

    Returns
    -------
    ndarray of shape (n_samples,)
        CLV_i = clv · V_i / mean(V): margin · V_i / (1 − retention) with one
        retention for all, so scaled that the mean customer is worth ``clv``.
        Retention by customer would have to be read off a single snapshot, in
        which those who left early are missing.
    """
    import numpy as np

    value = np.asarray(values, dtype=np.float64)
    known = np.maximum(value[np.isfinite(value)], 0)
    mean = float(known.mean()) if known.size else 0.0
    if mean <= 0:
        return np.full(value.size, economics.clv)
    return economics.clv * np.where(np.isfinite(value), np.maximum(value, 0), mean) / mean


def find_stakes(n_samples: int, economics: EconomicsSpec, clv: ArrayLike | None = None) -> Stakes:
    """Return the stakes of customers worth ``clv`` each, the dataset's where it is not given.

    Raises
    ------
    ValueError
        If ``clv`` has another length.
    """
    import numpy as np

    worth = np.full(n_samples, economics.clv) if clv is None else np.asarray(clv, dtype=np.float64)
    if worth.shape != (n_samples,):
        raise ValueError(f"clv of shape {worth.shape} does not fit {n_samples} customers")
    incentive, contact = economics.incentive, economics.contact
    gain = acceptance(economics) * (worth - incentive) - contact
    return Stakes(worth, gain, incentive + contact)


def _mean_stakes(economics: EconomicsSpec) -> tuple[float, float]:
    """Return gain and loss of a customer who is worth what the dataset says."""
    incentive, contact = economics.incentive, economics.contact
    gain = acceptance(economics) * (economics.clv - incentive) - contact
    return gain, incentive + contact


def acceptance(economics: EconomicsSpec) -> float:
    """Return the mean chance that a would-be churner accepts the offer."""
    a, b = economics.acceptance_alpha, economics.acceptance_beta
    return a / (a + b)


# --- decisions at the threshold that pays ----------------------------------------------


def cost_thresholds(
    n_samples: int, economics: EconomicsSpec, clv: ArrayLike | None = None
) -> NDArray[np.float64]:
    """Return the probability from which contacting a customer pays.

    Returns
    -------
    ndarray of shape (n_samples,)
        loss / (gain + loss) = (d + f) / (γ (CLV − d) + d), Elkan (2001); .164
        at the default amounts. 1 or more where contacting never pays.
    """
    return _paying_from(find_stakes(n_samples, economics, clv))


def _paying_from(stakes: Stakes) -> NDArray[np.float64]:
    import numpy as np

    total = stakes.gain + stakes.loss
    never = np.full(total.size, np.inf)
    return np.asarray(np.divide(stakes.loss, total, out=never, where=total > 0))


def savings(
    y_true: ArrayLike, y_prob: ArrayLike, economics: EconomicsSpec, clv: ArrayLike | None = None
) -> float:
    """Return the share of the costs that contacting at the cost threshold saves.

    Returns
    -------
    float
        1 − cost / min(cost of contacting nobody, cost of contacting everybody).
        Below 0 the probabilities do harm. Bahnsen, Aouada & Ottersten (2015).
    """
    import numpy as np

    y, p = as_labels_and_probabilities(y_true, y_prob)
    stakes = find_stakes(y.size, economics, clv)
    return _saved(y, (p >= _paying_from(stakes)).astype(np.float64), stakes)


def expected_savings(
    y_true: ArrayLike, y_prob: ArrayLike, economics: EconomicsSpec, clv: ArrayLike | None = None
) -> float:
    """Return the savings of contacting each customer with the predicted probability.

    It can differ in sign from `savings`: it punishes timid probabilities even
    where every decision would be right.
    """
    y, p = as_labels_and_probabilities(y_true, y_prob)
    return _saved(y, p, find_stakes(y.size, economics, clv))


def _saved(y: NDArray[np.int8], contacted: NDArray[np.float64], stakes: Stakes) -> float:
    """Return the savings where each customer is contacted with a share between 0 and 1."""
    realised = _realised(y, stakes)
    cost_of_nobody = float(stakes.clv @ (y == 1))
    cost_of_everybody = cost_of_nobody - float(realised.sum())
    cost = cost_of_nobody - float(contacted @ realised)
    cheapest = min(cost_of_nobody, cost_of_everybody)
    return 1 - cost / cheapest if cheapest > 0 else 0.0


def _realised(y: NDArray[np.int8], stakes: Stakes) -> NDArray[np.float64]:
    """Return what contacting each customer turns out to earn."""
    import numpy as np

    return np.where(y == 1, stakes.gain, -stakes.loss)


# --- campaigns that reach a fraction ---------------------------------------------------


def _expected(p: NDArray[np.float64], stakes: Stakes) -> NDArray[np.float64]:
    return p * stakes.gain - (1 - p) * stakes.loss


def profit_curve(
    y_true: ArrayLike, y_score: ArrayLike, economics: EconomicsSpec, clv: ArrayLike | None = None
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return what contacting the top of a ranking earns.

    Returns
    -------
    contacted : ndarray of shape (n_distinct + 1,)
        0, and the rows down to each distinct score.
    profit : ndarray of shape (n_distinct + 1,)
        What contacting them earned in all. Between two entries lie tied rows,
        so that a straight line is what to expect there.
    """

    if clv is None:
        _, tp, fp = cumulative_counts(y_true, y_score)
        gain, loss = _mean_stakes(economics)
        return from_zero(tp + fp), from_zero(gain * tp - loss * fp)
    y, score = as_labels_and_scores(y_true, y_score)
    _, value, realised = by_value(y, score, find_stakes(y.size, economics, clv), "score")
    return profit_downwards(value, realised)


def by_value(
    y: NDArray[np.int8], score: NDArray[np.float64], stakes: Stakes, outputs: Outputs
) -> tuple[NDArray[np.intp], NDArray[np.float64], NDArray[np.float64]]:
    """Return customers by expected profit, or by score where there are no probabilities.

    Returns
    -------
    order : ndarray of shape (n_samples,)
    value, realised : ndarray of shape (n_samples,)
        In that order: what they are ranked by, and what contacting each turned
        out to earn.
    """
    import numpy as np

    value = _expected(score, stakes) if outputs == "probability" else score
    order = np.argsort(-value)
    return order, value[order], _realised(y, stakes)[order]


def profit_downwards(
    value: NDArray[np.float64], realised: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the profit curve of what `by_value` returns, or of some of its rows."""
    import numpy as np

    ends = ends_of_ties(value)
    return from_zero(ends + 1), from_zero(np.cumsum(realised)[ends])


def best_fraction(
    y_true: ArrayLike, y_score: ArrayLike, economics: EconomicsSpec, clv: ArrayLike | None = None
) -> float:
    """Return the share of these customers at which contacting the top of the ranking earns most.

    Of equally good shares the smallest; 0 where no campaign pays.
    """
    return best_share(*profit_curve(y_true, y_score, economics, clv))


def best_share(contacted: NDArray[np.int64], profit: NDArray[np.float64]) -> float:
    """Return the share at the top of a profit curve, as `best_fraction`."""
    return float(contacted[int(profit.argmax())] / contacted[-1])


def campaign_profit(
    y_true: ArrayLike,
    y_score: ArrayLike,
    economics: EconomicsSpec,
    *,
    fraction: float,
    clv: ArrayLike | None = None,
) -> float:
    """Return what contacting the top ``fraction`` of these customers earns.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
    y_score : array-like of shape (n_samples,)
        Only their order matters; rows that tie across the cut count by their
        expected share.
    economics : EconomicsSpec
    fraction : float in [0, 1]
        Chosen on other rows, or the figure flatters.
    clv : array-like of shape (n_samples,), optional

    Returns
    -------
    float
        Currency per customer of the base, compared with contacting nobody.
    """

    return _profit_at(fraction, *profit_curve(y_true, y_score, economics, clv))


def _profit_at(fraction: float, contacted: NDArray[np.int64], profit: NDArray[np.float64]) -> float:
    """Return what the top ``fraction`` of a profit curve earns per customer."""
    import numpy as np

    if not 0 <= fraction <= 1:
        raise ValueError(f"fraction = {fraction}, expected a share in [0, 1]")
    n_samples = int(contacted[-1])
    n_top = math.ceil(round(fraction * n_samples, 9))
    return float(np.interp(n_top, contacted, profit) / n_samples)


# --- references -----------------------------------------------------------------------


@dataclass(frozen=True)
class References:
    """What a figure is for campaigns that need no model, per customer of the base."""

    everybody: float
    perfect: float
    nobody: float = 0.0


def profit_references(
    y_true: ArrayLike, economics: EconomicsSpec, values: ArrayLike | None = None
) -> Mapping[str, References]:
    """Return the references of the profit figures by the name of the metric.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        Labels of all customers.
    economics : EconomicsSpec
    values : array-like of shape (n_samples,), optional
        The dataset's value column; without it there is no ``value_profit``.
    """
    import numpy as np

    y, _ = as_labels_and_scores(y_true, np.zeros(len(np.asarray(y_true))))
    found = {
        "empc": References(empc(y, np.zeros(y.size), economics), empc(y, y, economics)),
        "campaign_profit": _references(y, find_stakes(y.size, economics)),
    }
    if values is not None:
        stakes = find_stakes(y.size, economics, customer_clvs(values, economics))
        found["value_profit"] = _references(y, stakes)
    return found


def _references(y: NDArray[np.int8], stakes: Stakes) -> References:
    import numpy as np

    realised = _realised(y, stakes)
    return References(float(realised.mean()), float(np.maximum(realised, 0).mean()))


# --- as metrics -----------------------------------------------------------------------


def savings_of(inputs: Inputs) -> float | None:
    """Return the share of the costs saved by contacting at the cost threshold."""
    if inputs.economics is None or inputs.outputs == "score":
        return None
    return savings(inputs.y, inputs.score, inputs.economics, inputs.clv)


def expected_savings_of(inputs: Inputs) -> float | None:
    """Return the share of the costs saved by contacting with the predicted probability."""
    if inputs.economics is None or inputs.outputs == "score":
        return None
    return expected_savings(inputs.y, inputs.score, inputs.economics, inputs.clv)


def campaign_profit_of(inputs: Inputs) -> float | None:
    """Return what contacting the top share earns that was best on other rows."""
    if inputs.economics is None or inputs.fraction is None:
        return None
    return campaign_profit(inputs.y, inputs.score, inputs.economics, fraction=inputs.fraction)


def campaign_regret_of(inputs: Inputs) -> float | None:
    """Return how much more the best share of these very rows would have earned."""
    earned = campaign_profit_of(inputs)
    if earned is None or inputs.economics is None:
        return None
    contacted, profit = profit_curve(inputs.y, inputs.score, inputs.economics)
    return max(0.0, float(profit.max() / contacted[-1]) - earned)


def campaign_fraction_of(inputs: Inputs) -> float | None:
    """Return the share of customers that was best to contact on other rows."""
    as_labels_and_scores(inputs.y, inputs.score)
    return None if inputs.economics is None else inputs.fraction


def value_profit_of(inputs: Inputs) -> float | None:
    """Return what the campaign earns where every customer counts by what he is worth.

    Customers are ranked by expected profit, or by score where there are no
    probabilities; the share to contact was best on other rows.
    """
    economics, clv, fraction = inputs.economics, inputs.clv, inputs.value_fraction
    if economics is None or clv is None or fraction is None:
        return None
    y, score = as_labels_and_scores(inputs.y, inputs.score)
    _, value, realised = by_value(y, score, find_stakes(y.size, economics, clv), inputs.outputs)
    return _profit_at(fraction, *profit_downwards(value, realised))
