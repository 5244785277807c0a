"""Costs, savings and campaigns against cost matrices and sums worked out one by one."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit

from bench.campaigns import (
    best_fraction,
    campaign_profit,
    cost_thresholds,
    customer_clvs,
    expected_savings,
    profit_curve,
    profit_references,
    savings,
)
from bench.inputs import Inputs
from bench.metrics import compute_all
from bench.profit import empc, maximum_profit
from bench.specs import EconomicsSpec

ECONOMICS = EconomicsSpec()
# CLV 200, incentive 10, contact 1, γ = .3: gain = .3 · 190 − 1 = 56, loss = 11.


def draw(seed: int, n: int = 500):
    rng = np.random.default_rng(seed)
    p = expit(rng.normal(-1.2, 1.3, n))
    return (rng.random(n) < p).astype(np.int8), p, rng.uniform(50, 400, n)


def cost(y: int, contacted: float, clv: float) -> float:
    """Return the expected cost of one customer, straight from what happens to him."""
    incentive, contact, gamma = 10.0, 1.0, 0.3
    if y == 0:
        return contacted * (incentive + contact)
    if_contacted = contact + gamma * incentive + (1 - gamma) * clv
    return contacted * if_contacted + (1 - contacted) * clv


# --- thresholds -----------------------------------------------------------------------


def test_contacting_pays_from_the_published_probability():
    # (d + f) / (γ (CLV − d) + d) = 11 / 67
    assert cost_thresholds(1, ECONOMICS)[0] == pytest.approx(11 / 67)


def test_at_his_threshold_contacting_a_customer_earns_nothing():
    clv = np.array([50.0, 200.0, 800.0])
    threshold = cost_thresholds(3, ECONOMICS, clv)

    assert threshold[0] > threshold[1] > threshold[2]
    for p, worth in zip(threshold, clv, strict=True):
        left, called = (
            p * cost(1, contacted, worth) + (1 - p) * cost(0, contacted, worth)
            for contacted in (0.0, 1.0)
        )
        assert called == pytest.approx(left, abs=1e-12)


def test_a_customer_who_is_worth_nothing_is_never_contacted():
    free = EconomicsSpec(incentive=0.0, contact=1.0)

    assert cost_thresholds(2, ECONOMICS, [0.0, 20.0])[0] > 1
    assert cost_thresholds(1, free, [0.0])[0] == np.inf


# --- values ---------------------------------------------------------------------------


def test_customers_are_worth_in_proportion_to_their_value_and_clv_on_average():
    clv = customer_clvs([10.0, 30.0, 80.0], ECONOMICS)

    assert clv == pytest.approx([50.0, 150.0, 400.0])


def test_a_missing_value_counts_as_the_mean_and_a_negative_one_as_nothing():
    assert customer_clvs([30.0, np.nan, 60.0, -5.0], ECONOMICS) == pytest.approx(
        [200.0, 200.0, 400.0, 0.0]
    )


@pytest.mark.parametrize("values", [[np.nan, np.nan], [0.0, 0.0]])
def test_without_any_value_all_customers_are_worth_the_same(values):
    assert customer_clvs(values, ECONOMICS).tolist() == [200.0, 200.0]


# --- savings --------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(5))
def test_savings_are_what_the_cost_matrix_says(seed):
    y, p, clv = draw(seed)
    treated = p >= 11 / (0.3 * (clv - 10) + 10)

    def total(contacted) -> float:
        return sum(cost(*row) for row in zip(y, contacted, clv, strict=True))

    cheapest = min(total(np.zeros(y.size)), total(np.ones(y.size)))
    assert savings(y, p, ECONOMICS, clv) == pytest.approx(1 - total(treated) / cheapest)
    assert expected_savings(y, p, ECONOMICS, clv) == pytest.approx(1 - total(p) / cheapest)


def test_contacting_nobody_and_everybody_save_nothing_more_than_the_cheaper_of_them():
    y, p, _ = draw(0)

    nobody, everybody = (savings(y, np.full(y.size, q), ECONOMICS) for q in (0.0, 1.0))

    assert max(nobody, everybody) == pytest.approx(0.0, abs=1e-12)
    assert min(nobody, everybody) < 0
    assert savings(y, y, ECONOMICS) > savings(y, p, ECONOMICS) > 0


# --- campaigns ------------------------------------------------------------------------


def test_the_profit_curve_adds_up_gains_and_losses_from_the_top():
    contacted, profit = profit_curve([1, 0, 1, 0], [0.9, 0.8, 0.7, 0.1], ECONOMICS)

    assert contacted.tolist() == [0, 1, 2, 3, 4]
    assert profit == pytest.approx([0, 56, 45, 101, 90])
    assert best_fraction([1, 0, 1, 0], [0.9, 0.8, 0.7, 0.1], ECONOMICS) == 0.75


def test_a_campaign_shares_ties_in_expectation():
    # The best two of four tied customers, one of them a churner: (56 − 3 · 11) / 2 on average.
    profit = campaign_profit([1, 0, 0, 0], [0.5] * 4, ECONOMICS, fraction=0.5)

    assert profit == pytest.approx((56 - 3 * 11) / 2 / 4)


def test_the_curve_of_equal_customers_is_the_curve_without_values():
    y, p, _ = draw(1)
    p = np.round(p, 1)

    plain = profit_curve(y, p, ECONOMICS)
    valued = profit_curve(y, p, ECONOMICS, np.full(y.size, 200.0))

    assert plain[0].tolist() == valued[0].tolist()
    assert plain[1] == pytest.approx(valued[1])


def test_where_no_campaign_pays_nobody_is_contacted():
    dear = EconomicsSpec(clv=20, incentive=10, contact=5)
    y, p, _ = draw(2)

    assert best_fraction(y, p, dear) == 0.0
    assert campaign_profit(y, p, dear, fraction=0.0) == 0.0


def test_the_best_share_of_the_rows_themselves_earns_the_maximum_profit():
    y, p, _ = draw(3)

    profit = campaign_profit(y, p, ECONOMICS, fraction=best_fraction(y, p, ECONOMICS))

    assert profit == pytest.approx(maximum_profit(y, p, ECONOMICS).profit)


def test_regret_is_what_the_frozen_share_misses():
    y, p, clv = draw(4)
    inputs = Inputs(y, p, economics=ECONOMICS, clv=clv, fraction=0.05, value_fraction=0.2)

    values = compute_all(inputs)

    assert values["campaign_regret"] == pytest.approx(values["mpc"] - values["campaign_profit"])
    assert values["campaign_regret"] > 0
    top = np.argsort(-(p * (0.3 * (clv - 10) - 1) - (1 - p) * 11))[:100]
    earned = np.where(y == 1, 0.3 * (clv - 10) - 1, -11)[top].sum() / 500
    assert values["value_profit"] == pytest.approx(earned)


def test_scores_without_probabilities_rank_customers_by_score():
    y, p, clv = draw(5)
    inputs = Inputs(y, p, "score", economics=ECONOMICS, clv=clv, value_fraction=0.2)

    expected = campaign_profit(y, p, ECONOMICS, fraction=0.2, clv=clv)
    assert compute_all(inputs)["value_profit"] == pytest.approx(expected)


def test_a_share_above_one_is_refused():
    with pytest.raises(ValueError, match=r"^fraction = 1.2, expected a share in \[0, 1\]$"):
        campaign_profit([0, 1], [0.1, 0.2], ECONOMICS, fraction=1.2)


def test_values_of_other_customers_are_refused():
    with pytest.raises(ValueError, match=r"^clv of shape \(3,\) does not fit 2 customers$"):
        savings([0, 1], [0.1, 0.2], ECONOMICS, [1.0, 2.0, 3.0])


# --- references -----------------------------------------------------------------------


def test_the_references_of_telco_are_the_published_ones():
    y = np.repeat([1, 0], [1869, 5174])

    references = profit_references(y, ECONOMICS)

    assert references["empc"].nobody == 0
    assert references["empc"].everybody == pytest.approx(6.91, abs=0.005)
    assert references["empc"].perfect == pytest.approx(14.86, abs=0.005)
    assert references["campaign_profit"].everybody == pytest.approx((1869 * 56 - 5174 * 11) / 7043)
    assert references["campaign_profit"].perfect == pytest.approx(1869 * 56 / 7043)
    assert "value_profit" not in references


def test_no_model_leaves_the_bounds_that_the_references_set():
    y, p, values = draw(6)
    references = profit_references(y, ECONOMICS, values)
    clv = customer_clvs(values, ECONOMICS)

    for fraction in (0.0, 0.1, 0.5, 1.0):
        earned = campaign_profit(y, p, ECONOMICS, fraction=fraction, clv=clv)
        assert earned <= references["value_profit"].perfect
    assert earned == pytest.approx(references["value_profit"].everybody)
    assert references["empc"].everybody < empc(y, p, ECONOMICS) < references["empc"].perfect
