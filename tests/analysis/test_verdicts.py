"""Verdicts on runs whose truth is made: who ties, what threshold and correction do."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from bench.analysis import build_leaderboard, build_verdicts
from bench.analysis.effects import compare, margin_of, strategy_pairs
from bench.analysis.scoring import score_splits
from bench.domain import Candidate, ClassCounts
from bench.metrics import METRICS
from bench.repairs import correct_prior

LOGISTIC = Candidate("logistic")
RECOMMENDED = Candidate("lightgbm", tuning="recommended")
DEFAULT = Candidate("lightgbm")
WEIGHT = replace(DEFAULT, strategy="class-weight")
SMOTE = replace(DEFAULT, strategy="smote")


def expit(x):
    return 1 / (1 + np.exp(-x))


@pytest.fixture
def make(make_run, make_result):
    """Return a maker of runs whose probabilities are true, but for what each candidate does."""

    def build(candidates, *, noise=None, bend=None, repeats=2, n=1000, learned=0.27):
        noise, bend = noise or {}, bend or {}
        run = make_run(candidates, repeats=repeats)
        results = {}
        for job in run.jobs:
            rng = np.random.default_rng([job.split.repeat, job.split.fold])
            own = np.random.default_rng(
                [job.split.repeat, job.split.fold, *str(job.candidate).encode()]
            )
            margin = rng.normal(-1.3, 1.3, n)
            y = (rng.random(n) < expit(margin)).astype(int)
            seen = margin + noise.get(job.candidate, 0.02) * own.normal(size=n)
            p = bend.get(job.candidate, lambda p: p)(expit(seen))
            result = make_result(job, y, p)
            after = 2700 if job.candidate.strategy == "none" else 7300
            record = replace(
                result.record,
                counts_before=ClassCounts(7300, 2700),
                counts_after=ClassCounts(7300, after),
                learned_prevalence=after / (7300 + after),
            )
            results[job.id] = replace(result, record=record)
        return run, results

    return build


def verdict_on(subject, run, results):
    (found,) = (
        v for v in build_verdicts(run, score_splits(run, results, METRICS)) if v.subject == subject
    )
    return found


def as_if_half_were_positive(p):
    return correct_prior(p, learned=0.27, true=0.5)


def test_models_of_one_quality_tie_and_a_noisy_default_loses(make):
    candidates = [LOGISTIC, RECOMMENDED, DEFAULT]
    run, results = make(candidates, noise={DEFAULT: 1.2})

    simple = verdict_on("simple model", run, results)
    defaults = verdict_on("defaults", run, results)

    assert simple.sentence.startswith("Without a strategy, `logistic+none+default` [ROC-AUC ")
    assert "] cannot be told apart from `lightgbm+none+recommended` [" in simple.sentence
    assert defaults.sentence.startswith("At the library's own settings `lightgbm+none+default` [-")
    assert "] is behind `" in defaults.sentence
    assert defaults.sentence.endswith("] by more than noise.")
    assert defaults.figures["lightgbm+none+default: adjusted p"] < 0.05


def test_a_booster_that_is_better_is_said_to_beat_logistic_regression(make):
    run, results = make([LOGISTIC, RECOMMENDED], noise={LOGISTIC: 1.2})

    said = verdict_on("simple model", run, results).sentence

    assert said.startswith("Without a strategy, `logistic+none+default` [ROC-AUC ")
    assert "] is behind `lightgbm+none+recommended` [" in said
    assert said.endswith("] by more than noise.")


@pytest.mark.parametrize("is_tied", [True, False])
@pytest.mark.parametrize("noise", [0.02, 1.2])
def test_of_the_first_row_verdicts_say_what_the_board_says(make, is_tied, noise):
    run, results = make([LOGISTIC, RECOMMENDED], noise={LOGISTIC: noise})
    board = build_leaderboard(run, results, rank_by="roc_auc")
    first, second = (replace(row, is_tied_with_best=True) for row in board.rows)
    board = replace(board, rows=(first, replace(second, is_tied_with_best=is_tied)))

    simple, *_ = build_verdicts(run, score_splits(run, results, METRICS), board=board)

    assert ("cannot be told apart from" in simple.sentence) == is_tied
    assert ("by more than noise" in simple.sentence) != is_tied


def test_who_is_behind_here_and_tied_on_the_board_is_said_to_be_both_and_why(make):
    run, results = make([LOGISTIC, RECOMMENDED, DEFAULT, SMOTE], noise={DEFAULT: 1.2})
    scored = score_splits(run, results, METRICS)
    board = build_leaderboard(run, results, rank_by="roc_auc")
    others = [row for row in board.rows if row.candidate != SMOTE]
    first = replace(next(row for row in board.rows if row.candidate == SMOTE), rank=1)
    rows = tuple(replace(row, rank=k, is_tied_with_best=True) for k, row in enumerate(others, 2))
    board = replace(board, rows=(replace(first, is_tied_with_best=True), *rows))

    _, defaults, *_ = build_verdicts(run, scored, board=board)
    _, alone, *_ = build_verdicts(run, scored)

    assert defaults.sentence == (
        f"{alone.sentence} On the board `lightgbm+none+default` is still tied with the first row: "
        "that one is the best of 4, this one of 3 without a strategy, and the more there are to "
        "pick from, the clearer a difference must be."
    )


def test_without_logistic_regression_or_defaults_nothing_is_said_of_them(make):
    run, results = make([RECOMMENDED])

    assert build_verdicts(run, score_splits(run, results, METRICS)) == ()


def test_a_strategy_that_shifts_the_prior_bends_probabilities_and_nothing_else(make):
    run, results = make([DEFAULT, WEIGHT], bend={WEIGHT: as_if_half_were_positive})

    verdict = verdict_on("lightgbm", run, results)

    assert verdict.sentence.startswith(
        "`lightgbm` (1 comparison with `none`): probabilities get worse with class-weight [Brier"
    )
    assert "ranking [" in verdict.sentence.split("; ")[1]
    assert verdict.figures["brier_worse"] == 1
    assert verdict.figures["roc_auc_equivalent"] == 1
    assert verdict.figures["roc_auc_worse"] == verdict.figures["roc_auc_better"] == 0


def test_prior_correction_repairs_a_shifted_prior_and_not_other_damage(make):
    def crush(p):  # too timid at both ends, which no shift of the odds undoes
        return 0.45 + 0.1 * p

    run, results = make(
        [DEFAULT, WEIGHT, SMOTE], bend={WEIGHT: as_if_half_were_positive, SMOTE: crush}
    )

    verdict = verdict_on("prior correction", run, results)

    assert verdict.sentence.startswith("Prior correction repairs the probabilities of class-weight")
    assert "and cannot repair smote [Brier +.0" in verdict.sentence
    by_hand = verdict.figures["lightgbm+class-weight+default: brier above none, corrected"]
    assert abs(by_hand) < 0.001
    assert verdict.figures["lightgbm+class-weight+default: brier above none"] > 0.02


def test_strategies_that_leave_the_prevalence_alone_have_nothing_to_correct(make):
    run, results = make([DEFAULT, SMOTE])
    unshifted = {
        job_id: replace(r, record=replace(r.record, learned_prevalence=0.27))
        for job_id, r in results.items()
    }

    assert "prior correction" not in {
        v.subject for v in build_verdicts(run, score_splits(run, unshifted, METRICS))
    }


def test_a_strategy_that_a_moved_threshold_replaces_is_said_to_add_nothing(make):
    run, results = make([DEFAULT, WEIGHT], bend={WEIGHT: as_if_half_were_positive}, repeats=4)

    verdict = verdict_on("threshold", run, results)

    assert verdict.sentence.startswith(
        "No strategy was shown to decide better than the plain model with a moved threshold: F1 at "
    )
    assert "1 of 1 are shown to be the same within ±.01" in verdict.sentence
    assert verdict.figures["f1_at_05_by_strategies"] > 0.03
    assert verdict.figures["f1_by_moving_the_threshold"] > 0.03


def test_a_strategy_that_truly_helps_is_named_beside_the_moved_threshold(make):
    run, results = make([DEFAULT, SMOTE], noise={DEFAULT: 2.0})

    said = verdict_on("threshold", run, results).sentence

    assert said.startswith("Only `lightgbm+smote+default` decides better than the plain model")


def test_a_single_split_has_no_verdicts(make):
    run, results = make([LOGISTIC, RECOMMENDED, DEFAULT, WEIGHT], repeats=1)
    single = replace(run, jobs=tuple(job for job in run.jobs if job.split.fold == 0))

    assert build_verdicts(single, score_splits(single, results, METRICS)) == ()


def test_rows_that_differ_after_the_fit_are_no_strategies_of_their_own():
    repaired = replace(WEIGHT, repair="prior")

    assert strategy_pairs([DEFAULT, WEIGHT, repaired, SMOTE]) == [
        (WEIGHT, DEFAULT),
        (SMOTE, DEFAULT),
    ]


def test_a_candidate_that_was_picked_among_many_has_to_differ_by_more(make):
    run, results = make([LOGISTIC, RECOMMENDED], noise={LOGISTIC: 0.4})
    scored = score_splits(run, results, METRICS)
    pairs = [(RECOMMENDED, LOGISTIC)]

    (alone,) = compare(run, scored, pairs, metric="roc_auc")
    (picked,) = compare(run, scored, pairs, metric="roc_auc", n_rows=10)

    assert alone.adjusted_p_value == alone.p_value == picked.p_value
    assert picked.adjusted_p_value > picked.p_value


@pytest.mark.parametrize(
    ("metric", "typical", "margin"),
    [("roc_auc", 0.85, 0.005), ("f1", 0.6, 0.01), ("empc", 10.0, 0.05), ("lift_at_10", 2.8, 0.014)],
)
def test_what_matters_is_half_a_hundredth_or_half_a_percent(metric, typical, margin):
    assert margin_of(metric, typical) == pytest.approx(margin)
