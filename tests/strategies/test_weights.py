"""Weights: known answers worked by hand and by scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.utils.class_weight import compute_sample_weight

from bench.domain import ClassCounts
from bench.specs import EconomicsSpec
from bench.strategies import STRATEGIES, Weighing
from bench.strategies.base import balanced_counts

Y = np.array([0] * 30 + [1] * 10, dtype=np.int8)


def weigh(name: str, y: np.ndarray = Y, **fields: object) -> np.ndarray:
    strategy = STRATEGIES.lookup(name)
    assert strategy.weigh is not None
    params = {**strategy.defaults, **fields.pop("params", {})}  # type: ignore[dict-item]
    return strategy.weigh(Weighing(y, params, **fields))  # type: ignore[arg-type]


def test_class_weight_is_scikit_learn_s_balanced() -> None:
    np.testing.assert_allclose(weigh("class-weight"), compute_sample_weight("balanced", Y))


def test_sqrt_weight_is_the_square_root_of_class_weight() -> None:
    ratio = weigh("sqrt-weight")[-1] / weigh("sqrt-weight")[0]

    assert ratio == pytest.approx(np.sqrt(3.0))


def test_the_effective_number_is_that_of_cui_et_al() -> None:
    # (1 - .999^n) / (1 - .999) for 30 and 10 rows: 29.569 and 9.955.
    weight = weigh("effective-number", params={"beta": 0.999})

    assert weight[-1] / weight[0] == pytest.approx(29.56903 / 9.95512, rel=1e-5)


def test_the_effective_number_ends_as_class_weight() -> None:
    weight = weigh("effective-number", params={"beta": 1 - 1e-9})

    np.testing.assert_allclose(weight, weigh("class-weight"), rtol=1e-6)


def test_cost_weight_makes_one_half_the_threshold_that_costs_least() -> None:
    # With the default amounts: 11 for a false alarm, .3 (200 - 10) - 1 = 56 for a missed
    # churner, who pays from a chance of 11 / 67 = .164 on.
    weight = weigh("cost-weight")

    assert weight[-1] / weight[0] == pytest.approx(56 / 11)
    assert weight[0] / (weight[0] + weight[-1]) == pytest.approx(0.164, abs=5e-4)


def test_cost_weight_follows_each_customer_s_value() -> None:
    value = np.full(40, 50.0)
    value[-1], value[-2], value[-3] = 100.0, 25.0, np.nan

    weight = weigh("cost-weight", value=value)

    # Values are relative to the mean of those known, 1975 / 39.
    clv = 200 * np.array([100.0, 25.0, 50.0]) / (1975 / 39)
    expected = (0.3 * (clv - 10) - 1) / 11
    found = np.array([weight[-1], weight[-2], weight[-4]]) / weight[0]
    np.testing.assert_allclose(found, expected)
    assert weight[-3] / weight[0] == pytest.approx(56 / 11)
    assert np.ptp(weight[:30]) == 0.0


def test_a_churner_who_is_worth_less_than_the_offer_keeps_a_small_weight() -> None:
    value = np.full(40, 100.0)
    value[-1] = 0.0

    weight = weigh("cost-weight", value=value)

    assert weight[-1] / weight[0] == pytest.approx(0.1)


def test_cost_weight_takes_the_dataset_s_amounts() -> None:
    economics = EconomicsSpec(clv=1000, incentive=50, contact=5, acceptance_alpha=1.0)

    weight = weigh("cost-weight", economics=economics)

    assert weight[-1] / weight[0] == pytest.approx((950 / 15 - 5) / 55)


@pytest.mark.parametrize("value", [np.full(40, np.nan), np.zeros(40), None], ids=["nan", "0", "no"])
def test_values_that_say_nothing_change_nothing(value: np.ndarray | None) -> None:
    np.testing.assert_array_equal(weigh("cost-weight", value=value), weigh("cost-weight"))


def test_balance_leads_from_the_ratio_there_is_to_one() -> None:
    assert balanced_counts(Y, 0.0) == ClassCounts(30, 10)
    assert balanced_counts(Y, 0.5) == ClassCounts(15, 10)
    assert balanced_counts(Y, 1.0) == ClassCounts(10, 10)
    assert balanced_counts(1 - Y, 0.5) == ClassCounts(10, 15)
