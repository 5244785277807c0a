"""Focal loss: derivatives against finite differences, the way back against a minimiser."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from scipy.special import expit, log_expit, logit

from bench.losses import FocalLoss

MARGINS = np.repeat(np.linspace(-8.0, 8.0, 161), 2)
LABELS = np.tile([0, 1], 161)
SETTINGS = ((0.25, 2.0), (0.5, 1.0), (0.75, 0.5), (0.4, 3.0))
CASES = list(
    itertools.product(((0.25, 2.0), (0.5, 1.0), (0.75, 0.5)), (0.02, 0.1, 0.265, 0.6, 0.9))
)


def by_the_book(alpha: float, gamma: float, p: float, y: int) -> float:
    """Return -a (1 - p_t)^gamma ln p_t, as Lin et al. (2017) print it."""
    p_t = p if y == 1 else 1 - p
    weight = alpha if y == 1 else 1 - alpha
    return float(-weight * (1 - p_t) ** gamma * np.log(p_t))


@pytest.mark.parametrize(("alpha", "gamma"), SETTINGS)
def test_the_value_is_the_published_formula(alpha: float, gamma: float) -> None:
    found = FocalLoss(alpha, gamma).value([-1.0, 0.3, 2.0, 0.0], [1, 0, 1, 0])

    pairs = zip(expit([-1.0, 0.3, 2.0, 0.0]), (1, 0, 1, 0), strict=True)
    np.testing.assert_allclose(found, [by_the_book(alpha, gamma, p, y) for p, y in pairs])


@pytest.mark.parametrize(("alpha", "gamma"), SETTINGS)
def test_the_gradient_is_the_slope_of_the_value(alpha: float, gamma: float) -> None:
    loss, step = FocalLoss(alpha, gamma), 1e-5

    rise = loss.value(MARGINS + step, LABELS) - loss.value(MARGINS - step, LABELS)

    assert np.abs(rise / (2 * step) - loss.gradient(MARGINS, LABELS)).max() < 1e-9


@pytest.mark.parametrize(("alpha", "gamma"), SETTINGS)
def test_the_hessian_is_the_slope_of_the_gradient(alpha: float, gamma: float) -> None:
    loss, step = FocalLoss(alpha, gamma), 1e-5

    rise = loss.gradient(MARGINS + step, LABELS) - loss.gradient(MARGINS - step, LABELS)
    unclamped = loss.hessian(MARGINS, LABELS, least=-np.inf)

    assert np.abs(rise / (2 * step) - unclamped).max() < 2e-8


def test_errors_against_differences_are_those_of_the_reference() -> None:
    # The published check states 5e-11 and 2e-8 for alpha = .25, gamma = 2.
    loss, step = FocalLoss(), 3e-5
    rise = loss.value(MARGINS + step, LABELS) - loss.value(MARGINS - step, LABELS)
    bend = loss.gradient(MARGINS + step, LABELS) - loss.gradient(MARGINS - step, LABELS)

    assert np.abs(rise / (2 * step) - loss.gradient(MARGINS, LABELS)).max() < 5e-11
    unclamped = loss.hessian(MARGINS, LABELS, least=-np.inf)
    assert np.abs(bend / (2 * step) - unclamped).max() < 2e-8


def test_without_focus_it_is_half_of_log_loss() -> None:
    loss = FocalLoss(0.5, 0.0)
    sign = np.where(LABELS == 1, 1.0, -1.0)
    p = expit(MARGINS)

    np.testing.assert_allclose(loss.value(MARGINS, LABELS), -0.5 * log_expit(sign * MARGINS))
    np.testing.assert_allclose(loss.gradient(MARGINS, LABELS), 0.5 * (p - LABELS), atol=1e-12)
    np.testing.assert_allclose(loss.hessian(MARGINS, LABELS, least=0.0), 0.5 * p * (1 - p))
    np.testing.assert_allclose(loss.to_probability(p), p)


def test_the_hessian_of_the_confidently_wrong_is_raised_to_a_millionth() -> None:
    # At gamma = 2 it turns negative for a positive below -2.79.
    loss = FocalLoss()
    margins = [-2.78, -2.80]

    unclamped = loss.hessian(margins, [1, 1], least=-np.inf)

    assert unclamped[0] > 0 > unclamped[1]
    assert loss.hessian([-50.0, -5.0, -2.80, 50.0], [1, 1, 1, 1]).tolist() == [1e-6] * 4
    assert loss.hessian(MARGINS, LABELS).min() == 1e-6


def test_extreme_margins_overflow_nowhere() -> None:
    loss = FocalLoss()

    found = [f([-800.0, 800.0], [1, 0]) for f in (loss.value, loss.gradient, loss.hessian)]

    np.testing.assert_allclose(found, [[200.0, 600.0], [-0.25, 0.75], [1e-6, 1e-6]])


@pytest.mark.parametrize(("setting", "eta"), CASES, ids=str)
def test_the_score_that_minimises_the_loss_leads_back_to_the_probability(
    setting: tuple[float, float], eta: float
) -> None:
    alpha, gamma = setting

    def expected_loss(q: float) -> float:
        return eta * by_the_book(alpha, gamma, q, 1) + (1 - eta) * by_the_book(alpha, gamma, q, 0)

    best = minimize_scalar(
        expected_loss, bounds=(1e-9, 1 - 1e-9), method="bounded", options={"xatol": 1e-12}
    ).x

    assert FocalLoss(alpha, gamma).to_probability([best])[0] == pytest.approx(eta, abs=1e-5)


@pytest.mark.parametrize(("alpha", "gamma"), [*SETTINGS, (0.1, 0.0), (0.9, 5.0)])
def test_the_way_back_keeps_the_order_and_both_ends(alpha: float, gamma: float) -> None:
    q = np.linspace(0.0, 1.0, 1001)

    found = FocalLoss(alpha, gamma).to_probability(q)

    assert found[0] == 0.0
    assert found[-1] == 1.0
    assert (np.diff(found) >= 0).all()
    assert (np.diff(found[q <= 0.9]) > 0).all()


def test_the_way_back_from_a_half_depends_on_alpha_alone() -> None:
    # By symmetry in q and 1 - q, the factors of gamma cancel at q = .5.
    for gamma in (0.0, 1.0, 2.0, 5.0):
        assert FocalLoss(0.25, gamma).to_probability([0.5])[0] == pytest.approx(0.75)
    assert logit(FocalLoss(0.5, 2.0).to_probability([0.5])[0]) == pytest.approx(0.0)


@pytest.mark.parametrize(("alpha", "gamma"), SETTINGS)
@pytest.mark.parametrize("prevalence", [0.001, 0.02, 0.265, 0.9])
def test_boosting_starts_where_the_loss_of_everyone_together_is_least(
    alpha: float, gamma: float, prevalence: float
) -> None:
    loss = FocalLoss(alpha, gamma)

    start = loss.start_margin(prevalence)

    slopes = loss.gradient([start, start], [1, 0])
    assert prevalence * slopes[0] + (1 - prevalence) * slopes[1] == pytest.approx(0.0, abs=1e-9)
    assert FocalLoss(0.5, 0.0).start_margin(prevalence) == pytest.approx(logit(prevalence))


@pytest.mark.parametrize("prevalence", [0.0, 1.0])
def test_a_single_class_has_no_start(prevalence: float) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the whole message is below
        FocalLoss().start_margin(prevalence)

    assert str(caught.value) == f"prevalence = {prevalence}: expected a share inside (0, 1)"


@pytest.mark.parametrize("q", [[-0.1], [1.1], [float("nan")]])
def test_scores_that_are_no_sigmoids_are_refused(q: list[float]) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the whole message is below
        FocalLoss().to_probability(q)

    assert str(caught.value) == "focal scores lie outside [0, 1]: expected sigmoids of margins"


@pytest.mark.parametrize(("alpha", "gamma"), [(0.0, 2.0), (1.0, 2.0), (0.25, -1.0)])
def test_parameters_without_a_minimum_are_refused(alpha: float, gamma: float) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the whole message is below
        FocalLoss(alpha, gamma)

    assert str(caught.value) == (
        f"alpha = {alpha}, gamma = {gamma}: expected 0 < alpha < 1 and gamma >= 0"
    )


def test_a_strategy_s_params_name_the_loss() -> None:
    assert FocalLoss.of({"alpha": 0.4, "gamma": 1}) == FocalLoss(0.4, 1.0)
