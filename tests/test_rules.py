"""Decision rules: what their names mean, and the thresholds they set against brute force."""

from __future__ import annotations

import re

import numpy as np
import pytest
import sklearn.metrics as sk
from scipy.stats import binomtest

from bench.decisions import (
    threshold_by_capacity,
    threshold_by_mcc,
    threshold_by_precision,
    threshold_by_recall,
    wilson_lower,
)
from bench.errors import UnknownNameError, UsageError
from bench.rules import parse_decision


def draw(seed: int, n: int = 400, n_levels: int = 60):
    rng = np.random.default_rng(seed)
    y = (rng.random(n) < 0.3).astype(int)
    return y, np.round((rng.random(n) + 0.6 * y) * n_levels) / n_levels


# --- names ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("f1", "f1"),
        ("mcc", "mcc"),
        ("cost", "cost"),
        ("capacity", "capacity-10"),
        ("precision", "precision-80"),
        ("recall", "recall-80"),
        ("capacity-25", "capacity-25"),
        ("precision=.8", "precision-80"),
        ("recall=0.29", "recall-29"),
    ],
)
def test_a_decision_has_one_slug_however_it_is_written(text, slug):
    assert parse_decision(text).slug == slug
    assert parse_decision(slug).slug == slug


@pytest.mark.parametrize(
    "text", ["precision-0", "precision-100", "recall=1.5", "capacity-", "recall=x"]
)
def test_a_share_that_is_no_whole_percentage_is_refused(text):
    rule = re.split("[-=]", text)[0]
    usual = {"precision": 80, "recall": 80, "capacity": 10}[rule]
    message = (
        f"decision {text!r}: expected a share in whole percent from 1 to 99\n"
        f"hint: write {rule}-{usual}, or {rule}={usual / 100:g}"
    )
    with pytest.raises(UsageError, match=f"^{re.escape(message)}$"):
        parse_decision(text)


def test_a_rule_without_a_parameter_takes_none():
    with pytest.raises(UsageError, match=r"^decision 'f1-80': f1 takes no parameter$"):
        parse_decision("f1-80")


def test_an_unknown_rule_gets_a_suggestion():
    message = (
        "unknown decision 'recal'; did you mean 'recall'? (see: python -m bench list decisions)"
    )
    with pytest.raises(UnknownNameError, match=f"^{re.escape(message)}$"):
        parse_decision("recal-80")


def test_a_percentage_reaches_its_rule_as_a_share():
    y, score = draw(0)

    for slug, rule in [
        ("capacity-20", lambda: threshold_by_capacity(y, score, share=0.2)),
        ("precision-50", lambda: threshold_by_precision(y, score, target=0.5)),
        ("recall-70", lambda: threshold_by_recall(y, score, target=0.7)),
    ]:
        assert parse_decision(slug).fit(y, score) == rule()


def test_the_cost_rule_is_not_fitted_on_labels():
    with pytest.raises(ValueError, match=r"^the rule 'cost' is not fitted on labels$"):
        parse_decision("cost").fit([0, 1], [0.1, 0.2])


# --- thresholds -----------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(10))
def test_no_other_threshold_has_a_better_mcc(seed):
    y, score = draw(seed)

    found = sk.matthews_corrcoef(y, score >= threshold_by_mcc(y, score))

    best = max(sk.matthews_corrcoef(y, score >= cut) for cut in np.unique(score))
    assert found == pytest.approx(best, abs=1e-12)


def test_a_constant_score_lets_mcc_predict_everybody():
    assert threshold_by_mcc([0, 1, 0], [0.4, 0.4, 0.4]) == 0.0


@pytest.mark.parametrize(("seed", "share"), [(0, 0.1), (1, 0.1), (2, 0.25), (3, 0.5)])
def test_capacity_is_filled_as_far_as_ties_allow_and_never_exceeded(seed, share):
    y, score = draw(seed)
    threshold = threshold_by_capacity(y, score, share=share)

    n_called = np.sum(score >= threshold)
    next_score = score[score < threshold].max()

    assert n_called <= share * y.size
    assert np.sum(score >= next_score) > share * y.size


def test_capacity_calls_nobody_where_the_highest_score_ties_too_often():
    assert threshold_by_capacity([0, 1, 0, 1], [0.4, 0.4, 0.4, 0.4], share=0.5) == 1.4


def test_wilson_s_bound_equals_scipy_s():
    lower = wilson_lower([0, 3, 41], [10, 10, 41])

    expected = [
        binomtest(k, n).proportion_ci(method="wilson").low for k, n in ((0, 10), (3, 10), (41, 41))
    ]
    assert lower == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_a_precision_target_calls_the_most_customers_that_surely_reach_it(seed):
    y, score = draw(seed)
    threshold = threshold_by_precision(y, score, target=0.5)

    reaching = [
        cut
        for cut in np.unique(score)
        if wilson_lower(y[score >= cut].sum(), np.sum(score >= cut)) >= 0.5
    ]
    assert (score >= threshold).tolist() == (score >= min(reaching)).tolist()


def test_an_unreachable_precision_has_no_threshold():
    y, score = draw(0)

    assert threshold_by_precision(y, score, target=0.99) is None


@pytest.mark.parametrize("seed", range(5))
def test_a_recall_target_calls_the_fewest_customers_that_reach_it(seed):
    y, score = draw(seed)
    threshold = threshold_by_recall(y, score, target=0.7)

    reaching = [cut for cut in np.unique(score) if sk.recall_score(y, score >= cut) >= 0.7 - 1e-12]
    assert (score >= threshold).tolist() == (score >= max(reaching)).tolist()


def test_seven_of_a_hundred_churners_are_a_recall_of_seven_percent():
    y, score = np.ones(101, dtype=int), np.linspace(1, 0, 101)
    y[-1] = 0

    # .07 · 100 = 7.000000000000001 in floating point.
    assert np.sum(score >= threshold_by_recall(y, score, target=0.07)) == 7
