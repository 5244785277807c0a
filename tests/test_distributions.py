"""Distributions against SciPy, closed forms and the tables of textbooks."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import special

from bench.distributions import beta_moments, digamma, t_cdf, t_quantile, tetragamma, trigamma

SHAPES = [(1.265, 1.735), (1.735, 1.265), (6.0, 14.0), (2.0, 2.0), (0.5, 0.5), (80.0, 30.0)]


@pytest.mark.parametrize(("a", "b"), SHAPES)
def test_beta_moments_equal_scipy_s(a, b):
    x = np.concatenate([[0.0, 1e-12, 1.0], np.linspace(0.001, 0.999, 999)])

    below, moment = beta_moments(x, a, b)

    assert below == pytest.approx(special.betainc(a, b, x), abs=1e-13)
    assert moment == pytest.approx(a / (a + b) * special.betainc(a + 1, b, x), abs=1e-13)


def test_the_upper_tail_of_the_arcsine_law_is_kept_near_one():
    x = np.array([1 - 1e-12])

    below, _ = beta_moments(x, 0.5, 0.5)

    assert 1 - below[0] == pytest.approx(2 / math.pi * math.sqrt(1 - x[0]), rel=1e-9)


@pytest.mark.parametrize(("a", "b"), [(1000.0, 900.0), (0.2, 600.0), (900.0, 0.06)])
def test_beta_moments_hold_for_shapes_far_from_one(a, b):
    x = np.linspace(0, 1, 2001)

    assert beta_moments(x, a, b)[0] == pytest.approx(special.betainc(a, b, x), abs=1e-11)


def test_a_uniform_has_the_moments_of_a_uniform():
    x = np.array([0.0, 0.25, 1.0])

    below, moment = beta_moments(x, 1.0, 1.0)

    assert below == pytest.approx(x, abs=1e-15)
    assert moment == pytest.approx(x**2 / 2, abs=1e-15)


@pytest.mark.parametrize("df", [0.7, 1, 4, 4.7, 14, 300.5])
def test_student_s_distribution_equals_scipy_s(df):
    for t in (-40.0, -2.776, -0.3, 0.0, 0.3, 2.776, 40.0):
        assert t_cdf(t, df) == pytest.approx(float(special.stdtr(df, t)), rel=1e-11)


def test_student_s_distribution_of_one_degree_is_cauchy_s():
    for t in (-1e3, -1.0, -1e-9, 1e-9, 1.0):
        assert t_cdf(t, 1) == pytest.approx(0.5 + math.atan(t) / math.pi, rel=1e-12)
    assert t_quantile(0.975, 1) == pytest.approx(math.tan(0.475 * math.pi), rel=1e-14)


@pytest.mark.parametrize(("df", "published"), [(4, 2.776), (14, 2.145), (29, 2.045), (120, 1.980)])
def test_quantiles_are_those_of_the_table(df, published):
    assert t_quantile(0.975, df) == pytest.approx(published, abs=0.0005)


@pytest.mark.parametrize("df", [0.7, 1, 2, 4, 8.3, 99, 5000])
def test_quantiles_equal_scipy_s_on_both_sides(df):
    for p in (0.6, 0.9, 0.975, 0.9999):
        assert t_quantile(p, df) == pytest.approx(float(special.stdtrit(df, p)), rel=1e-10)
        assert t_quantile(1 - p, df) == pytest.approx(-t_quantile(p, df), rel=1e-10)


def test_infinitely_many_degrees_are_the_normal_distribution():
    assert t_cdf(-1.959963984540054, math.inf) == pytest.approx(0.025, abs=1e-15)
    assert t_quantile(0.975, math.inf) == pytest.approx(1.959963984540054, abs=1e-14)


def test_beyond_all_bounds_a_tail_is_empty():
    assert (t_cdf(-math.inf, 4), t_cdf(math.inf, 4), t_cdf(1e200, 4)) == (0.0, 1.0, 1.0)


@pytest.mark.parametrize("x", [1e-3, 0.5, 1.0, 1.4616, 2.0, 11.9, 12.0, 1e6, 1e40])
def test_derivatives_of_the_gamma_function_s_logarithm_equal_scipy_s(x):
    assert digamma(x) == pytest.approx(float(special.digamma(x)), rel=1e-12, abs=1e-13)
    assert trigamma(x) == pytest.approx(float(special.polygamma(1, x)), rel=1e-13)
    assert tetragamma(x) == pytest.approx(float(special.polygamma(2, x)), rel=1e-13)
