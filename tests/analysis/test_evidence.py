"""Whether strategies help, in words, against effects whose truth is made."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bench.analysis import StrategyEffect, Verdict
from bench.analysis.evidence import help_sentences, summarise_strategies
from bench.domain import Candidate

SMOTE, ENN = Candidate("logistic", "smote"), Candidate("logistic", "smote-enn")
WEIGHT, OTHER_WEIGHT = Candidate("logistic", "class-weight"), Candidate("xgboost", "class-weight")
THE_TEST = (
    "All are compared with `none` in the same model, decisions by F1 with a threshold chosen for "
    "each, profit by EMPC, probabilities by the Brier score; what was shown is beyond noise after "
    "Holm's correction."
)


def effect(candidate, difference=0.0, adjusted_p=1.0, *, is_better=False):
    return StrategyEffect(candidate, difference, 0.0, 0.0, adjusted_p, adjusted_p, is_better)


@pytest.fixture
def nothing():
    """Return effects of SMOTE, its kin and weights that are noise for all that matters."""
    candidates = (WEIGHT, OTHER_WEIGHT, SMOTE, ENN)
    return {m: [effect(c) for c in candidates] for m in ("roc_auc", "f1", "empc", "brier")}


def test_smote_is_spoken_of_by_name_and_first(nothing):
    smote, others, end = help_sentences(nothing, None)

    assert smote == (
        "SMOTE was not shown to help: `smote` and `smote-enn` were not shown to improve ranking, "
        "decisions, profit or probabilities."
    )
    assert others == (
        "Other strategies: `class-weight` was not shown to improve ranking, decisions, profit or "
        "probabilities."
    )
    assert end == THE_TEST


def test_what_gets_worse_is_counted_and_no_longer_merely_not_improved(nothing):
    worse = [effect(c, 0.05, 0.01) for c in (WEIGHT, OTHER_WEIGHT, SMOTE)]
    nothing["brier"] = [*worse, effect(ENN)]

    smote, others, _ = help_sentences(nothing, None)

    assert smote.endswith(
        "were not shown to improve ranking, decisions or profit and worsen probabilities in 1 of "
        "2 comparisons."
    )
    assert others.endswith("ranking, decisions or profit and worsens probabilities in 2 of 2 "
                           "comparisons.")  # fmt: skip


def test_where_smote_helps_it_is_said_with_the_largest_gain(nothing):
    nothing["f1"][2:] = [
        effect(SMOTE, 0.02, 0.01, is_better=True),
        effect(ENN, 0.03, 0.01, is_better=True),
    ]

    smote, others, _ = help_sentences(nothing, None)

    assert smote == (
        "SMOTE helps in places: `smote` and `smote-enn` were shown to improve decisions in 2 of 2 "
        "comparisons (such as `logistic+smote-enn+default` +.0300) and were not shown to improve "
        "ranking, profit or probabilities."
    )
    assert "not shown to improve ranking, decisions" in others


def test_a_gain_that_is_shown_to_be_too_small_to_matter_is_no_help(nothing):
    small = effect(SMOTE, 0.0001, 0.01, is_better=True)
    nothing["roc_auc"][2] = replace(small, is_equivalent=True)

    assert help_sentences(nothing, None)[0] == (
        "SMOTE was not shown to help: `smote` and `smote-enn` were not shown to improve ranking, "
        "decisions, profit or probabilities."
    )


def test_without_smote_others_are_told_alone_and_without_strategies_nothing(nothing):
    weights = {metric: found[:2] for metric, found in nothing.items()}

    first, *_ = help_sentences(weights, None)

    assert first.startswith("`class-weight` was not shown to improve ranking")
    assert help_sentences({}, None) == []


def test_means_without_a_test_are_told_apart_from_what_was_tested(nothing):
    figures = {"f1_at_05_by_strategies": 0.0392, "f1_by_moving_the_threshold": 0.0453}
    figures |= {"f1_comparisons": 40.0, "f1_better": 0.0}

    said = help_sentences(nothing, Verdict("threshold", "", figures))
    beaten = help_sentences(nothing, Verdict("threshold", "", figures | {"f1_better": 2.0}))

    assert said[2] == (
        "No strategy was shown to beat a moved threshold in 40 comparisons of F1. Against the "
        "usual threshold of .5, moving it changes F1 by +.0453 and strategies by +.0392 (means "
        "over candidates, not tested)."
    )
    assert beaten[2].startswith(
        "Strategies were shown to beat a moved threshold in 2 of 40 comparisons of F1. "
    )


def test_effects_are_grouped_by_strategy_over_all_models(nothing):
    found = summarise_strategies(nothing)

    assert [one.strategy for one in found] == ["class-weight", "smote", "smote-enn"]
    assert [e.candidate for e in found[0].changes["f1"]] == [WEIGHT, OTHER_WEIGHT]
