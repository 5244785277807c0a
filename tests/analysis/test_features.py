"""Stability of top features and what strategies do to rankings, against figures from outside."""

from __future__ import annotations

import numpy as np
import pytest
from page_runs import make_page_findings

from bench.analysis.features import (
    build_shifts,
    build_stabilities,
    n_chosen,
    selection_stability,
)
from bench.domain import Candidate


def test_the_same_choice_every_time_is_perfectly_stable() -> None:
    assert selection_stability([[1, 1, 0, 0]] * 3) == pytest.approx((1.0, 1.0, 1.0))


def test_stability_is_the_formula_of_the_paper_worked_by_hand() -> None:
    # Three selections of one feature among three: p = (2/3, 1/3, 0), k/d = 1/3.
    # Mean variance (3/2)(2/9 + 2/9 + 0)/3 = 2/9, over (1/3)(2/3) = 2/9: 1 - 1 = 0.
    found = selection_stability([[1, 0, 0], [1, 0, 0], [0, 1, 0]])

    # Influence (x.p/3 - 1/9) / (2/9): 1/2, 1/2, 0; deviations 1/6, 1/6, -1/3: squares 1/6.
    error = 2 * (1 / 6) ** 0.5 / 3
    assert found == pytest.approx((0.0, -1.959964 * error, 1.959964 * error), abs=1e-6)


def test_stability_agrees_with_the_mean_kappa_of_pairs_where_sizes_are_equal() -> None:
    # With equal sizes it is the mean over pairs of (overlap/k - k/d) / (1 - k/d), Kuncheva (2007).
    random = np.random.default_rng(3)
    k, d, n = 4, 11, 7
    Z = np.zeros((n, d))
    for row in Z:
        row[random.choice(d, k, replace=False)] = 1
    pairs = [((Z[i] @ Z[j]) / k - k / d) / (1 - k / d) for i in range(n) for j in range(i + 1, n)]

    found = selection_stability(Z)

    assert found is not None
    assert found[0] == pytest.approx(np.mean(pairs))


def test_the_interval_holds_the_true_stability_of_independent_choices() -> None:
    # Choices by lot have stability 0: about 95 % of the intervals of 30 of them hold it.
    random = np.random.default_rng(0)
    held = 0
    for _ in range(400):
        Z = random.permuted(np.tile([1.0] * 4 + [0.0] * 8, (30, 1)), axis=1)
        found = selection_stability(Z)
        assert found is not None
        held += found[1] <= 0 <= found[2]
    assert held / 400 > 0.88


def test_the_error_is_that_of_leaving_selections_out_one_by_one() -> None:
    # The delta method and the jackknife agree where there are many; sizes differ here.
    random = np.random.default_rng(4)
    Z = (random.random((200, 12)) < np.array([0.9, 0.3] + [0.05] * 10)).astype(float)
    found = selection_stability(Z)
    left_out = [selection_stability(np.delete(Z, k, axis=0)) for k in range(200)]
    values = np.array([one[0] for one in left_out if one is not None])

    jackknife = (199 * values.var()) ** 0.5

    assert found is not None
    assert (found[2] - found[0]) / 1.959964 == pytest.approx(jackknife, rel=0.02)


def test_a_single_split_or_all_features_have_no_stability() -> None:
    assert selection_stability([[1, 0]]) is None
    assert selection_stability([[1, 1], [1, 1]]) is None


@pytest.mark.parametrize(("n", "k"), [(1, 0), (2, 1), (19, 9), (20, 10), (500, 10)])
def test_at_most_ten_and_at_most_half_of_the_features_are_chosen(n: int, k: int) -> None:
    assert n_chosen(n) == k


def test_every_method_of_a_candidate_gets_its_stability() -> None:
    findings = make_page_findings()

    found = build_stabilities(findings.scored, [Candidate("lightgbm")], list("abcdef"))

    assert [(one.method, one.n_chosen, one.n_splits) for one in found] == [
        ("permutation", 3, 4),
        ("shap", 3, 4),
    ]
    assert all(one.low <= one.value <= one.high for one in found)


def test_a_strategy_is_set_against_none_by_a_method_that_judges_both() -> None:
    findings = make_page_findings()

    shifts = build_shifts(findings.scored, list("abcdef"), ["shap", "gain", "coefficient"])

    assert [(str(one.candidate), one.method) for one in shifts] == [
        ("lightgbm+class-weight+default", "shap"),
        ("lightgbm+smote+default", "shap"),
        ("logistic+smote+default", "coefficient"),
    ]
    assert all(one.correlation > 0.7 and one.between_splits is not None for one in shifts)
