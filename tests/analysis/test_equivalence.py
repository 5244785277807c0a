"""Equivalence, repeats that would separate, and rows that the data picked, by hand and scipy."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from bench.analysis.multiplicity import adjust_for_picking, holm
from bench.analysis.statistics import (
    PairedTest,
    corrected_interval,
    corrected_paired_test,
    equivalence_p_value,
    repeats_to_separate,
)

DIFFERENCES = [0.001, 0.002, 0.003, 0.004, 0.005]


def test_the_equivalence_p_value_is_the_larger_of_two_one_sided_ones():
    test = corrected_paired_test(DIFFERENCES, test_train_ratio=1 / 4)
    error = math.sqrt((1 / 5 + 1 / 4) * np.var(DIFFERENCES, ddof=1))

    p_value = equivalence_p_value(test, margin=0.005)

    from_above = stats.t.cdf((0.003 - 0.005) / error, 4)
    from_below = stats.t.sf((0.003 + 0.005) / error, 4)
    assert p_value == pytest.approx(max(from_above, from_below))


@pytest.mark.parametrize("shift", [-0.004, -0.001, 0.0, 0.0005, 0.002, 0.01])
def test_equivalence_at_5_percent_is_a_90_percent_interval_inside_the_margin(shift):
    differences = np.array(DIFFERENCES) - 0.003 + shift
    test = corrected_paired_test(differences, test_train_ratio=1 / 4)
    low, high = corrected_interval(differences, test_train_ratio=1 / 4, level=0.9)

    is_inside = low > -0.004 and high < 0.004
    assert (equivalence_p_value(test, margin=0.004) < 0.05) == is_inside


@pytest.mark.parametrize(("difference", "p_value"), [(0.0, 0.0), (0.004, 0.0), (0.006, 1.0)])
def test_a_difference_without_noise_is_within_the_margin_or_not(difference, p_value):
    test = corrected_paired_test([difference] * 5, test_train_ratio=1 / 4)

    assert equivalence_p_value(test, margin=0.005) == p_value


def test_the_repeats_that_separate_are_the_first_at_which_the_interval_leaves_zero():
    differences = np.array([0.0, 0.0025, 0.005, 0.0075, 0.01])
    differences = 0.005 + (differences - 0.005) * math.sqrt(1.6e-5 / np.var(differences, ddof=1))
    test = corrected_paired_test(differences, test_train_ratio=1 / 4)

    repeats = repeats_to_separate(test, folds=5, repeats=1)

    def is_separated(total):
        n = 5 * total
        return stats.t.ppf(0.975, n - 1) * math.sqrt((1 / n + 1 / 4) * 1.6e-5) < 0.005

    assert repeats == min(total for total in range(2, 101) if is_separated(total))
    assert not is_separated(1)


def test_no_number_of_repeats_makes_up_for_shared_training_rows():
    # However many splits there are, the error stays above √(s² / 4), about .002.
    differences = np.array([-0.004, -0.001, 0.002, 0.005, 0.008])
    test = corrected_paired_test(differences, test_train_ratio=1 / 4)

    assert repeats_to_separate(test, folds=5, repeats=1, most=10_000) is None


def test_a_picked_row_is_met_by_the_studentised_range():
    # Published: the 5 % points of the range of 10 means are 5.92 with 8 degrees of freedom
    # and 4.47 with infinitely many.
    def adjusted(q, df):
        error = 0.001
        difference = q / math.sqrt(2) * error
        p_value = 2 * stats.t.sf(difference / error, df)
        test = PairedTest(difference, 0.0, 0.0, p_value, 0.0, error, df)
        return adjust_for_picking([test], n_rows=10)[0]

    assert adjusted(5.92, 8) == pytest.approx(0.05, abs=0.005)
    assert adjusted(4.47, math.inf) == pytest.approx(0.05, abs=0.005)


def test_between_two_rows_picking_changes_nothing():
    test = corrected_paired_test(DIFFERENCES, test_train_ratio=1 / 4)

    assert adjust_for_picking([test], n_rows=2) == [test.p_value]


def test_picking_never_lowers_what_holm_says():
    tests = [
        corrected_paired_test(np.add(DIFFERENCES, shift), test_train_ratio=1 / 4)
        for shift in (0.0, 0.001, 0.01)
    ]

    assert all(
        picked >= adjusted
        for picked, adjusted in zip(
            adjust_for_picking(tests, n_rows=4), holm([t.p_value for t in tests]), strict=True
        )
    )
