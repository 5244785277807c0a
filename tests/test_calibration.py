"""Figures of calibration against logistic regression, root finding and simulation."""

from __future__ import annotations

import numpy as np
import pytest
import sklearn.metrics as sk
from scipy.optimize import brentq, minimize
from scipy.special import expit as scipy_expit
from scipy.special import logit as scipy_logit
from sklearn.linear_model import LogisticRegression

from bench.calibration import (
    brier_skill,
    calibration_in_the_large,
    calibration_slope,
    ece,
    ece_noise_floor,
    expit,
    fit_logistic,
    logit,
)


def draw(seed: int, n: int = 2000, *, slope: float = 1.0, shift: float = 0.0):
    """Return labels and probabilities that are too timid by ``slope`` and too low by ``shift``."""
    rng = np.random.default_rng(seed)
    margin = rng.normal(-1.3, 1.3, n)
    y = (rng.random(n) < scipy_expit(slope * margin + shift)).astype(np.int8)
    return y, scipy_expit(margin)


def test_logit_and_expit_are_each_other_s_inverse():
    p = np.linspace(0.001, 0.999, 50)

    assert expit(logit(p)) == pytest.approx(p, abs=1e-12)
    assert logit(p) == pytest.approx(scipy_logit(p), abs=1e-12)


def test_certainty_has_a_finite_logit():
    assert logit([0.0, 1.0]) == pytest.approx([-13.815510, 13.815510], abs=1e-5)
    assert expit([-1e9, 1e9]).tolist() == [pytest.approx(0.0, abs=1e-300), 1.0]


@pytest.mark.parametrize("seed", range(5))
def test_the_logistic_fit_equals_scikit_learn_s(seed):
    y, p = draw(seed, slope=0.6, shift=0.5)
    theirs = LogisticRegression(C=1e12, tol=1e-10, max_iter=1000).fit(logit(p)[:, None], y)

    intercept, slope = fit_logistic(logit(p), y.astype(float))

    assert intercept == pytest.approx(theirs.intercept_[0], abs=1e-5)
    assert slope == pytest.approx(theirs.coef_[0, 0], abs=1e-5)
    assert calibration_slope(y, p) == pytest.approx(slope, abs=1e-10)


def test_the_logistic_fit_finds_its_way_from_far_off():
    y, p = draw(0)
    x = 1000 + 500 * logit(p)

    def loss(params):
        z = params[0] + params[1] * logit(p)
        return np.sum(np.logaddexp(0, z) - y * z)

    best = minimize(loss, [0, 1], tol=1e-12).x
    intercept, slope = fit_logistic(x, y.astype(float))

    assert 500 * slope == pytest.approx(best[1], abs=1e-5)
    assert intercept + 1000 * slope == pytest.approx(best[0], abs=1e-5)


@pytest.mark.parametrize("seed", [18, 46, 64, 292])
def test_the_logistic_fit_finds_the_top_from_where_the_likelihood_is_flat(seed):
    # Certain of either class and often wrong: Newton's first step is a million times too long.
    random = np.random.default_rng(seed)
    x = 13.8 * np.sign(random.normal(random.normal(0, 2), 1, 60))
    target = (random.random(60) < 0.5).astype(float)

    intercept, slope = fit_logistic(x, target)

    # With two values of x the fit is exact: the share of positives at each.
    for side in (-13.8, 13.8):
        expected = target[x == side].mean()
        assert expit(intercept + slope * side) == pytest.approx(expected, abs=1e-9)


def test_the_logistic_fit_does_not_depend_on_where_it_begins():
    y, p = draw(3)
    x, target = logit(p), y.astype(float)

    assert fit_logistic(x, target, intercept=4.0) == pytest.approx(
        fit_logistic(x, target), abs=1e-12
    )


def test_a_slope_below_one_says_too_extreme():
    y, p = draw(1, 20_000, slope=0.5)

    assert calibration_slope(y, p) == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize(
    ("y", "p"),
    [
        ([0, 1, 0, 1], [0.3, 0.3, 0.3, 0.3]),
        ([0, 0, 1, 1], [0.1, 0.2, 0.7, 0.8]),
        ([1, 1, 0, 0], [0.1, 0.2, 0.7, 0.8]),
    ],
)
def test_there_is_no_slope_where_nothing_determines_it(y, p):
    assert calibration_slope(y, p) is None


@pytest.mark.parametrize("shift", [-1.0, 0.0, 6.0])
def test_calibration_in_the_large_is_the_shift_that_meets_the_number_of_positives(shift):
    y, p = draw(2, shift=shift)

    root = brentq(lambda a: np.sum(scipy_expit(scipy_logit(p) + a)) - y.sum(), -20, 20, xtol=1e-14)

    assert calibration_in_the_large(y, p) == pytest.approx(root, abs=1e-9)


def test_calibration_in_the_large_is_found_from_far_off():
    y, p = np.repeat([0, 1], 50), np.full(100, 1e-5)

    assert calibration_in_the_large(y, p) == pytest.approx(-scipy_logit(1e-5), abs=1e-9)


def test_brier_skill_is_zero_for_the_prevalence_and_one_for_perfection():
    y, p = draw(3)

    assert brier_skill(y, np.full(y.size, y.mean())) == pytest.approx(0.0, abs=1e-12)
    assert brier_skill(y, y) == 1.0
    assert brier_skill(y, p) == pytest.approx(1 - sk.brier_score_loss(y, p) / y.var())


# --- the noise floor ------------------------------------------------------------------


@pytest.mark.parametrize("levels", [None, 20, 1])
def test_the_noise_floor_is_what_ece_gives_for_true_probabilities(levels):
    _, p = draw(4, 500)
    p = p if levels is None else np.round(p * levels) / levels if levels > 1 else np.full(500, 0.3)
    rng = np.random.default_rng(0)
    found = [ece((rng.random(p.size) < p).astype(int), p) for _ in range(600)]

    floor = ece_noise_floor(p, n_resamples=600)

    assert floor.mean == pytest.approx(np.mean(found), rel=0.04)
    assert floor.q95 == pytest.approx(np.quantile(found, 0.95), rel=0.06)


def test_the_noise_floor_shrinks_with_the_root_of_the_rows():
    _, p = draw(5, 1409)

    # .023 on 1,409 rows of Telco, .0099 on all 7,043: a ratio of √5.
    ratio = ece_noise_floor(p).mean / ece_noise_floor(np.tile(p, 5) + np.arange(7045) * 1e-9).mean
    assert ratio == pytest.approx(5**0.5, rel=0.05)


def test_the_noise_floor_depends_on_no_order_and_on_no_state():
    _, p = draw(6)

    np.random.default_rng().random(3)
    assert ece_noise_floor(p) == ece_noise_floor(p[::-1]) == ece_noise_floor(p)


def test_the_noise_floor_of_many_rows_is_drawn_in_parts():
    _, p = draw(7, 30_000)

    assert ece_noise_floor(p).mean == pytest.approx(
        ece_noise_floor(p, n_resamples=60).mean, rel=0.1
    )


def test_ece_shares_the_churn_rate_of_ties_across_a_bin_s_edge():
    # Three tied rows, two of them churners, in two bins: 2/3 each, whichever comes first.
    y, p = [0, 1, 1, 0], [0.5, 0.5, 0.5, 0.9]

    # Bins (.5, .5) and (.5, .9): gaps 2 (.5 − 2/3) and (.5 − 2/3) + (.9 − 0).
    expected = (2 * abs(0.5 - 2 / 3) + abs(0.5 - 2 / 3 + 0.9)) / 4
    for order in ([0, 1, 2, 3], [2, 1, 0, 3]):
        given = np.array(y)[order], np.array(p)[order]
        assert ece(*given, n_bins=2) == pytest.approx(expected)
