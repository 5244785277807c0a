"""Signed-rank tests against scipy, enumeration and one posterior that can be worked out."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from scipy.stats import rankdata, wilcoxon

from bench.analysis.signed_rank import bayesian_signed_rank, wilcoxon_p_value


@pytest.mark.parametrize("n", [3, 5, 6, 9, 20])
def test_wilcoxon_equals_scipy_where_nothing_ties(n):
    differences = np.random.default_rng(n).normal(0.4, 1, n)

    assert wilcoxon_p_value(differences) == pytest.approx(
        wilcoxon(differences, method="exact").pvalue, abs=1e-12
    )


def test_wilcoxon_with_ties_is_the_share_of_all_signings():
    differences = np.array([0.1, 0.1, -0.2, 0.3, 0.3, 0.3])
    ranks = rankdata(np.abs(differences))
    middle = ranks.sum() / 2
    observed = abs(ranks[differences > 0].sum() - middle)
    sums = [abs(ranks @ signs - middle) for signs in product((0, 1), repeat=6)]

    assert wilcoxon_p_value(differences) == pytest.approx(
        np.mean([value >= observed - 1e-12 for value in sums])
    )


def test_differences_of_zero_say_nothing():
    assert wilcoxon_p_value([0.0, 0.0]) == 1.0
    assert wilcoxon_p_value([0.0, 1.0, 2.0, 3.0]) == wilcoxon_p_value([1.0, 2.0, 3.0])


def test_five_datasets_can_never_reach_five_percent():
    assert wilcoxon_p_value([1, 2, 3, 4, 5]) == pytest.approx(2 / 2**5)


def test_the_posterior_of_one_dataset_is_the_one_worked_out_by_hand():
    # The imagined dataset's weight w is Beta(1/2, 1), P(w < x) = √x. All pairs but w² lie
    # beyond the region: better has the most where 1 − w² > 1/2, that is w < 1/√2.
    posterior = bayesian_signed_rank([0.5], rope=0.01, seed=0)

    assert posterior.better == pytest.approx(2 ** (-1 / 4), abs=0.012)
    assert posterior.worse == 0.0
    assert posterior.better + posterior.same == pytest.approx(1.0)


def test_differences_within_the_region_are_the_same():
    posterior = bayesian_signed_rank([0.001, -0.002, 0.003, 0.0], rope=0.005, seed=0)

    assert posterior.same == 1.0


def test_swapping_the_two_swaps_better_and_worse():
    differences = np.array([0.02, 0.01, -0.01, 0.03, 0.004])

    one = bayesian_signed_rank(differences, rope=0.005, seed=1)
    other = bayesian_signed_rank(-differences, rope=0.005, seed=1)

    assert (one.better, one.same, one.worse) == pytest.approx(
        (other.worse, other.same, other.better)
    )
    assert one.better > 0.7
