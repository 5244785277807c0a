"""The sentences against boards whose truth is known, and effects against paired tests."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from bench.analysis import StrategyEffect, answer, build_leaderboard, strategy_effects
from bench.analysis.statistics import corrected_paired_test, holm
from bench.domain import BoardRow, Candidate, Leaderboard, Score
from bench.metrics import roc_auc

BEST, PLAIN, POOR = Candidate("catboost"), Candidate("logistic"), Candidate("svm-rbf")
SMOTE, WEIGHT = Candidate("svm-rbf", "smote"), Candidate("svm-rbf", "class-weight")


def row(candidate, rank, *, tied, mean=0.8):
    return BoardRow(
        candidate,
        "complete" if rank else "partial",
        n_splits=5,
        coverage=1.0,
        rank=rank,
        is_tied_with_best=tied,
        scores={"roc_auc": Score(mean, 0.01, mean - 0.01, mean + 0.01)},
    )


@pytest.fixture
def board(make_run):
    def build(*rows, n_splits=5, resolvable=None):
        run = make_run([r.candidate for r in rows])
        return Leaderboard(run, "roc_auc", rows, n_splits, resolvable_difference=resolvable)

    return build


def effect(candidate, difference, adjusted_p):
    """Return an effect that a single test would find, whatever Holm says of it."""
    return StrategyEffect(candidate, difference, 0.0, 0.0, 0.001, adjusted_p, difference > 0)


def test_a_tie_names_how_many_of_which_models_and_whether_the_plain_one_is_among_them(board):
    said = answer(
        board(
            row(BEST, 1, tied=True, mean=0.8474),
            row(PLAIN, 2, tied=True),
            row(POOR, 3, tied=True),
            row(SMOTE, 4, tied=True),
            row(WEIGHT, 5, tied=False),
            resolvable=0.00461,
        )
    )

    assert said == [
        "The best mean ROC-AUC is 0.8474 (95 % interval 0.8374 to 0.8574) by "
        "`catboost+none+default`, but 3 of the 4 other candidates cannot be told apart from it: "
        "logistic (1), svm-rbf (2); plain `logistic+none+default` is among them.",
        "With 5 splits, differences below about 0.0046 cannot be resolved.",
    ]


def test_a_plain_model_that_falls_behind_is_said_not_to_be_in_the_tie(board):
    (said,) = answer(
        board(row(BEST, 1, tied=True), row(POOR, 2, tied=True), row(PLAIN, 3, tied=False))
    )

    assert said.endswith("svm-rbf (1); plain `logistic+none+default` is not among them.")


def test_nothing_is_said_of_a_plain_model_that_is_the_best_or_took_no_part(board):
    rest = row(POOR, 2, tied=True), row(SMOTE, 3, tied=True)

    (first,) = answer(board(row(PLAIN, 1, tied=True), *rest))
    (absent,) = answer(board(row(BEST, 1, tied=True), *rest))

    assert first.endswith("but all 2 other candidates cannot be told apart from it: svm-rbf (2).")
    assert absent.endswith("but all 2 other candidates cannot be told apart from it: svm-rbf (2).")


def test_a_tie_of_two_names_the_other_one(board):
    (said,) = answer(board(row(BEST, 1, tied=True), row(PLAIN, 2, tied=True)))

    assert said.endswith(
        "by `catboost+none+default`, but `logistic+none+default` cannot be told apart from it."
    )


def test_a_clear_winner_is_ahead_of_all_others(board):
    (said,) = answer(
        board(row(BEST, 1, tied=True), row(PLAIN, 2, tied=False), row(POOR, 3, tied=False))
    )

    assert said.endswith(
        "by `catboost+none+default`, ahead of all 2 other candidates by more than noise."
    )


def test_a_winner_over_one_other_is_said_in_the_singular(board):
    (said,) = answer(board(row(BEST, 1, tied=True), row(POOR, 2, tied=False)))

    assert said.endswith("ahead of the one other candidate by more than noise.")


def test_unranked_rows_are_not_spoken_of(board):
    (said,) = answer(board(row(BEST, 1, tied=True), row(POOR, None, tied=False)))

    assert said.endswith("by `catboost+none+default`, the only candidate that finished all splits.")


def test_nothing_is_ranked_where_no_candidate_finished(board):
    assert answer(board(row(POOR, None, tied=False))) == [
        "No candidate finished all 5 splits, so nothing is ranked."
    ]


def test_a_single_split_is_said_to_prove_nothing(board):
    (said,) = answer(board(row(BEST, 1, tied=True), row(POOR, 2, tied=True), n_splits=1))

    assert said == (
        "The best mean ROC-AUC is 0.8000 by `catboost+none+default`, from a single split, "
        "which cannot tell a difference from noise."
    )


def test_strategies_without_a_real_effect_are_said_not_to_help(board):
    effects = [effect(SMOTE, 0.01, 0.2), effect(WEIGHT, -0.01, 0.05)]

    said = answer(board(row(POOR, 1, tied=True), row(SMOTE, 2, tied=True)), effects)

    assert said[1] == (
        "No imbalance strategy could be shown to change ROC-AUC against `none` in the same "
        "model, tuning and preparation (2 paired comparisons, Holm-corrected)."
    )


def test_strategies_with_a_real_effect_are_counted_by_direction_and_named(board):
    effects = [effect(SMOTE, -0.02, 0.01), effect(WEIGHT, 0.01, 0.01), effect(BEST, 0.5, 0.3)]

    said = answer(board(row(POOR, 1, tied=True), row(SMOTE, 2, tied=True)), effects)

    assert said[1] == (
        "Against `none` in the same model, tuning and preparation, imbalance strategies changed "
        "ROC-AUC beyond noise in 2 of 3 paired comparisons (Holm-corrected): 1 for the better, "
        "1 for the worse, `svm-rbf+smote+default` -0.0200, `svm-rbf+class-weight+default` +0.0100."
    )


def test_of_many_real_effects_the_largest_three_are_examples(board):
    effects = [
        effect(Candidate("svm-rbf", f"s{i}"), difference, 0.01)
        for i, difference in enumerate([0.01, -0.04, 0.02, 0.03])
    ]

    said = answer(board(row(POOR, 1, tied=True), row(SMOTE, 2, tied=True)), effects)

    assert said[1].endswith(
        "4 of 4 paired comparisons (Holm-corrected): 3 for the better, 1 for the worse, such as "
        "`svm-rbf+s1+default` -0.0400, `svm-rbf+s3+default` +0.0300, `svm-rbf+s2+default` +0.0200."
    )


def test_effects_are_paired_within_model_tuning_and_preparation(make_run, make_results):
    native = replace(SMOTE, preparation="native")
    quality = {POOR: 1.0, SMOTE: 1.0, WEIGHT: 0.2, native: 1.0, Candidate("xgboost", "smote"): 1.0}
    run = make_run(list(quality))
    results = make_results(run, quality)

    effects = strategy_effects(run, results, metric="roc_auc")

    assert [e.candidate for e in effects] == [WEIGHT, SMOTE]
    by_candidate = {
        c: np.array(
            [
                roc_auc(results[j.id].predictions.y, results[j.id].predictions.score)
                for j in run.jobs
                if j.candidate == c
            ]
        )
        for c in (POOR, SMOTE, WEIGHT)
    }
    tests = [
        corrected_paired_test(by_candidate[e.candidate] - by_candidate[POOR], test_train_ratio=0.25)
        for e in effects
    ]
    assert [e.p_value for e in effects] == pytest.approx([t.p_value for t in tests])
    assert [e.adjusted_p_value for e in effects] == holm([e.p_value for e in effects])
    assert [(e.low, e.high) for e in effects] == [(t.low, t.high) for t in tests]
    assert effects[0].is_beyond_noise
    assert not effects[0].is_better
    assert not effects[1].is_beyond_noise


def test_a_lower_loss_is_a_better_effect(make_run, make_results):
    run = make_run([POOR, SMOTE])
    results = make_results(run, {POOR: 0.2, SMOTE: 2.0})

    (found,) = strategy_effects(run, results, metric="brier")

    assert found.difference < 0
    assert found.is_better


def test_incomplete_candidates_and_single_splits_have_no_effects(make_run, make_results):
    run = make_run([POOR, SMOTE])
    results = make_results(run, {POOR: 1.0, SMOTE: 1.0})
    single = replace(run, jobs=tuple(job for job in run.jobs if job.split.fold == 0))

    partial = {key: value for key, value in results.items() if key != run.jobs[-1].id}

    assert strategy_effects(run, partial, metric="roc_auc") == ()
    assert strategy_effects(single, results, metric="roc_auc") == ()


def test_a_whole_run_is_answered_in_at_most_three_sentences(make_run, make_results):
    quality = {POOR: 1.0, SMOTE: 1.0, WEIGHT: 1.0, PLAIN: 1.0, BEST: 1.2}
    run = make_run(list(quality))
    results = make_results(run, quality)

    said = answer(
        build_leaderboard(run, results, rank_by="roc_auc"),
        strategy_effects(run, results, metric="roc_auc"),
    )

    assert len(said) == 3
