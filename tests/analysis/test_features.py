"""Stability of top features and what strategies do to rankings, against figures from outside."""

from __future__ import annotations

import pytest
from page_runs import make_page_findings

from bench.analysis.features import (
    build_shifts,
    build_stabilities,
    n_chosen,
)
from bench.domain import Candidate


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
