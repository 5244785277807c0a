"""The sentences against boards whose truth is known, and effects against paired tests."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from bench.analysis import StrategyEffect, answer, build_leaderboard, strategy_effects
from bench.analysis.multiplicity import holm
from bench.analysis.scoring import score_splits
from bench.analysis.statistics import corrected_paired_test
from bench.domain import BoardRow, Candidate, Leaderboard, Score
from bench.metrics import METRICS, roc_auc

BEST, PLAIN, POOR = Candidate("catboost"), Candidate("logistic"), Candidate("svm-rbf")
SMOTE, WEIGHT = Candidate("svm-rbf", "smote"), Candidate("svm-rbf", "class-weight")


def scores(run, results):
    return score_splits(run, results, METRICS)


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
        "There is no single winner: 4 of 5 candidates (catboost 1, logistic 1, svm-rbf 2) cannot "
        "be told apart from the highest mean, that of `catboost+none+default` (mean ROC-AUC "
        ".8474, 95 % interval .8374 to .8574); plain `logistic+none+default` is among those "
        "tied.",
        "If in doubt take `catboost+none+default`: it has the best mean; it needs neither an "
        "imbalance strategy nor a study. Plain `logistic+none+default` is tied, too, but it is "
        "more than one standard error behind the best mean.",
        "With 5 splits, differences below about .0046 cannot be resolved.",
    ]


def test_rows_that_are_shown_to_be_as_good_are_counted(board):
    equivalent = replace(row(PLAIN, 2, tied=True), is_equivalent_to_best=True)
    best = replace(row(BEST, 1, tied=True), is_equivalent_to_best=True)
    leaderboard = board(best, equivalent, row(POOR, 3, tied=True))

    said, _ = answer(replace(leaderboard, equivalence_margin=0.005))

    assert "; 1 of the others is shown to be within ±.005 of it; plain" in said


def test_a_plain_model_that_falls_behind_is_said_to_be_behind(board):
    said, _ = answer(
        board(
            row(BEST, 1, tied=True),
            row(POOR, 2, tied=True),
            row(SMOTE, 3, tied=True),
            row(PLAIN, 4, tied=False),
        )
    )

    assert said.endswith("; plain `logistic+none+default` is behind it by more than noise.")


def test_nothing_is_said_of_a_plain_model_that_is_the_best_or_took_no_part(board):
    rest = row(POOR, 2, tied=True), row(SMOTE, 3, tied=True)

    first, _ = answer(board(row(PLAIN, 1, tied=True), *rest))
    absent, _ = answer(board(row(BEST, 1, tied=True), *rest))

    assert first.startswith("There is no single winner: all 3 candidates (logistic 1, svm-rbf 2)")
    assert first.endswith("(mean ROC-AUC .8000, 95 % interval .7900 to .8100).")
    assert absent.endswith("(mean ROC-AUC .8000, 95 % interval .7900 to .8100).")


def test_a_tie_of_two_names_the_other_one(board):
    two, _ = answer(board(row(BEST, 1, tied=True), row(PLAIN, 2, tied=True)))
    three, _ = answer(
        board(row(BEST, 1, tied=True), row(PLAIN, 2, tied=True), row(POOR, 3, tied=False))
    )

    assert two == (
        "`catboost+none+default` has the best mean ROC-AUC .8000, 95 % interval .7900 to .8100, "
        "but `logistic+none+default` cannot be told apart from it."
    )
    assert three == f"{two[:-1]}; all others are behind by more than noise."


def test_a_clear_winner_is_ahead_of_all_others(board):
    (said,) = answer(
        board(row(BEST, 1, tied=True), row(PLAIN, 2, tied=False), row(POOR, 3, tied=False))
    )

    assert said == (
        "`catboost+none+default` is the best, ahead of all 2 others by more than noise "
        "(mean ROC-AUC .8000, 95 % interval .7900 to .8100)."
    )


def test_a_winner_over_one_other_is_said_in_the_singular(board):
    (said,) = answer(board(row(BEST, 1, tied=True), row(POOR, 2, tied=False)))

    assert "is the best, ahead of the one other candidate by more than noise (" in said


def test_what_the_choice_is_expected_to_give_stands_beside_the_maximum(board):
    best = replace(row(BEST, 1, tied=True, mean=0.85), p_best=0.224)
    leaderboard = board(best, row(POOR, 2, tied=True))

    *_, said = answer(replace(leaderboard, expected_of_selection=0.8491))
    *_, same = answer(replace(leaderboard, expected_of_selection=0.85001))

    assert said == (
        f"Choosing the highest of 2, `{BEST}`, flatters it: expect .8491 of it on other "
        "customers, not .8500; the chance that it is really the best is 22 %."
    )
    assert same.startswith(f"Choosing the highest of 2, `{BEST}`, flatters it by less than .0001; ")


@pytest.mark.parametrize(
    ("repeats", "end"),
    [
        (None, "cannot be resolved."),
        (0, "cannot be resolved; no number of repeats up to 100 would tell the first two apart."),
        (7, "cannot be resolved; about 7 repeats would tell the first two apart, if they differ "
            "so."),
    ],
)  # fmt: skip
def test_the_repeats_that_would_separate_the_first_two_are_told(board, repeats, end):
    leaderboard = board(row(BEST, 1, tied=True), row(POOR, 2, tied=True), resolvable=0.0046)

    said = answer(replace(leaderboard, repeats_to_separate=repeats))[-1]

    assert said == f"With 5 splits, differences below about .0046 {end}"


def test_unranked_rows_are_not_spoken_of(board):
    (said,) = answer(board(row(BEST, 1, tied=True), row(POOR, None, tied=False)))

    assert said == (
        "`catboost+none+default` is the only candidate that finished all splits (mean ROC-AUC "
        ".8000, 95 % interval .7900 to .8100)."
    )


def test_nothing_is_ranked_where_no_candidate_finished(board):
    assert answer(board(row(POOR, None, tied=False))) == [
        "No candidate finished all 5 splits, so nothing is ranked."
    ]


@pytest.mark.parametrize(("mean", "is_noise"), [(0.505, True), (0.55, False)])
def test_where_the_best_may_be_a_coin_nothing_is_said_to_rank(board, mean, is_noise):
    said = answer(board(row(BEST, 1, tied=True, mean=mean), row(POOR, 2, tied=True, mean=0.5)))

    assert (
        said[0]
        == "No candidate was shown to rank customers better than chance (ROC-AUC .5): what follows "
        "is noise."
    ) is is_noise


def test_a_row_that_knows_nothing_makes_no_noise_of_the_others_by_leading_another_figure(board):
    prior = row(Candidate("prior-only"), 1, tied=True, mean=0.5)
    good = row(PLAIN, 2, tied=True, mean=0.85)
    recall = {"recall": Score(1.0, 0.0, 1.0, 1.0)}
    rows = [replace(r, scores=dict(r.scores) | recall) for r in (prior, good)]

    said = answer(replace(board(*rows), rank_by="recall"))
    alone = answer(replace(board(rows[0]), rank_by="recall"))

    assert not any("what follows is noise" in sentence for sentence in said)
    assert alone[0] == (
        "No candidate was shown to rank customers better than chance (ROC-AUC .5): what follows "
        "is noise."
    )


def test_a_baseline_that_is_alone_is_called_one(board):
    said = answer(board(row(Candidate("prior-only"), 1, tied=True, mean=0.5)))

    assert said[-1] == (
        "Nothing but `prior-only+none+default` finished all splits, the baseline that scores all "
        "customers alike (mean ROC-AUC .5000, 95 % interval .4900 to .5100)."
    )


def test_where_lower_is_better_the_best_mean_is_the_lowest(board):
    loss = {"brier": Score(0.1, 0.01, 0.09, 0.11)}
    rows = [
        replace(row(c, k, tied=True), scores=loss) for k, c in enumerate([BEST, POOR, SMOTE], 1)
    ]
    leaderboard = replace(board(*rows), rank_by="brier", expected_of_selection=0.11)

    said = answer(leaderboard)

    assert " cannot be told apart from the lowest mean, that of " in said[0]
    assert said[-1].startswith("Choosing the lowest of 3, ")


def test_a_single_split_is_said_to_prove_nothing(board):
    (said,) = answer(board(row(BEST, 1, tied=True), row(POOR, 2, tied=True), n_splits=1))

    assert said == (
        "`catboost+none+default` has the best mean ROC-AUC .8000, but a single split cannot tell "
        "a difference from noise."
    )


def test_strategies_without_a_real_effect_are_said_not_to_help(board):
    effects = [effect(SMOTE, 0.01, 0.2), effect(WEIGHT, -0.01, 0.05)]

    said = answer(board(row(POOR, 1, tied=True), row(SMOTE, 2, tied=True)), effects)

    assert said[-1] == (
        "No imbalance strategy (`class-weight` and `smote`) was shown to change ROC-AUC, in 2 "
        "comparisons with `none` in the same model (Holm-corrected)."
    )


def test_strategies_with_a_real_effect_are_counted_by_direction_and_named(board):
    effects = [effect(SMOTE, -0.02, 0.01), effect(WEIGHT, 0.01, 0.01), effect(BEST, 0.5, 0.3)]

    said = answer(board(row(POOR, 1, tied=True), row(SMOTE, 2, tied=True)), effects)

    assert said[-1] == (
        "Imbalance strategies improve ROC-AUC in 1 of 3 comparisons with `none` in the same model "
        "(`svm-rbf+class-weight+default` +.0100) and worsen it in 1 (`svm-rbf+smote+default` "
        "-.0200); in the other one no change was shown (Holm-corrected)."
    )


def test_of_many_real_effects_the_largest_two_are_examples(board):
    effects = [
        effect(Candidate("svm-rbf", f"s{i}"), difference, 0.01)
        for i, difference in enumerate([-0.01, -0.04, -0.02, -0.03])
    ]

    said = answer(board(row(POOR, 1, tied=True), row(SMOTE, 2, tied=True)), effects)

    assert said[-1] == (
        "Imbalance strategies worsen ROC-AUC in 4 of 4 comparisons with `none` in the same model, "
        "all of svm-rbf (such as `svm-rbf+s1+default` -.0400, `svm-rbf+s3+default` -.0300) "
        "(Holm-corrected)."
    )


def test_effects_are_paired_within_model_tuning_and_preparation(make_run, make_results):
    native = replace(SMOTE, preparation="native")
    quality = {POOR: 1.0, SMOTE: 1.0, WEIGHT: 0.2, native: 1.0, Candidate("xgboost", "smote"): 1.0}
    run = make_run(list(quality))
    results = make_results(run, quality)

    effects = strategy_effects(run, scores(run, results), metric="roc_auc")

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

    (found,) = strategy_effects(run, scores(run, results), metric="brier")

    assert found.difference < 0
    assert found.is_better


def test_incomplete_candidates_and_single_splits_have_no_effects(make_run, make_results):
    run = make_run([POOR, SMOTE])
    results = make_results(run, {POOR: 1.0, SMOTE: 1.0})
    single = replace(run, jobs=tuple(job for job in run.jobs if job.split.fold == 0))

    partial = {key: value for key, value in results.items() if key != run.jobs[-1].id}

    assert strategy_effects(run, scores(run, partial), metric="roc_auc") == ()
    assert strategy_effects(single, scores(single, results), metric="roc_auc") == ()


def test_a_whole_run_is_answered_in_five_sentences(make_run, make_results):
    quality = {POOR: 1.0, SMOTE: 1.0, WEIGHT: 1.0, PLAIN: 1.0, BEST: 1.2}
    run = make_run(list(quality))
    results = make_results(run, quality)

    said = answer(
        build_leaderboard(run, results, rank_by="roc_auc"),
        strategy_effects(run, scores(run, results), metric="roc_auc"),
    )

    assert len(said) == 5


def test_where_nobody_ties_with_the_best_there_is_no_doubt(board):
    said = answer(board(row(BEST, 1, tied=True), row(PLAIN, 2, tied=False)))

    assert not any("in doubt" in sentence for sentence in said)
