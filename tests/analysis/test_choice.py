"""The rule of whom to take if in doubt, on boards whose right answer is plain."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from bench.analysis.choice import choice_sentence, choose
from bench.domain import BoardRow, Candidate, Leaderboard, Score

BEST = Candidate("catboost", "smote", "optuna")
BOOSTER = Candidate("lightgbm", tuning="recommended")
PLAIN = Candidate("logistic")
WEIGHT = Candidate("lightgbm", "class-weight")
BASELINE = Candidate("prior-only")
# Of a mean over 5 folds: √(1/5 + 1/4) · std
ERROR = math.sqrt(0.45) * 0.01


def row(candidate, rank, mean, *, tied=True, same=False, **others):
    scores = {"roc_auc": mean, "brier": 0.1, "f1": 0.6, "empc": 10.0} | others
    return BoardRow(
        candidate,
        "complete",
        n_splits=5,
        coverage=1.0,
        rank=rank,
        is_tied_with_best=tied,
        is_equivalent_to_best=same,
        difference_low=None if rank == 1 else -0.01,
        difference_high=None if rank == 1 else 0.002,
        scores={
            name: Score(value, 0.01, value - 0.02, value + 0.02)
            for name, value in scores.items()
            if value is not None
        },
    )


@pytest.fixture
def board(make_run):
    def build(*rows, n_splits=5, **fields):
        run = make_run([r.candidate for r in rows])
        fields = {"equivalence_margin": 0.005} | fields
        return Leaderboard(run, fields.pop("rank_by", "roc_auc"), rows, n_splits, **fields)

    return build


def chosen(board):
    choice = choose(board)
    return None if choice is None else choice.row.candidate


def test_of_those_tied_the_simplest_is_taken(board):
    rows = row(BEST, 1, 0.85), row(WEIGHT, 2, 0.849), row(BOOSTER, 3, 0.848), row(PLAIN, 4, 0.847)

    assert chosen(board(*rows)) == PLAIN
    assert chosen(board(*rows[:3])) == BOOSTER
    assert chosen(board(*rows[:2])) == WEIGHT


def test_those_shown_to_be_as_good_go_before_those_merely_tied(board):
    best, booster = row(BEST, 1, 0.85, same=True), row(BOOSTER, 2, 0.849, same=True)

    assert chosen(board(best, booster, row(PLAIN, 3, 0.848))) == BOOSTER


def test_nobody_is_taken_who_is_behind_or_further_off_than_one_standard_error(board):
    best = row(BEST, 1, 0.85)
    near, far = 0.85 - 0.99 * ERROR, 0.85 - 1.01 * ERROR

    assert chosen(board(best, row(PLAIN, 2, near))) == PLAIN
    assert chosen(board(best, row(PLAIN, 2, far))) == BEST
    assert chosen(board(best, row(PLAIN, 2, near, tied=False))) == BEST


@pytest.mark.parametrize("lost", [{"brier": 0.2}, {"brier": None}, {"f1": 0.5}, {"empc": 9.0}])
def test_true_probabilities_decisions_and_profit_go_before_simplicity(board, lost):
    rows = row(BEST, 1, 0.85), row(BOOSTER, 2, 0.849), row(PLAIN, 3, 0.848, **lost)

    assert chosen(board(*rows)) == BOOSTER


def test_where_nobody_keeps_all_probabilities_go_before_profit(board):
    best = row(BEST, 1, 0.85, brier=0.2, f1=0.6, empc=10.0)

    assert chosen(board(best, row(PLAIN, 2, 0.849, empc=9.0))) == PLAIN


def test_in_all_else_the_same_the_higher_mean_is_taken(board):
    other = replace(BOOSTER, model="xgboost")

    assert chosen(board(row(other, 1, 0.85), row(BOOSTER, 2, 0.849))) == other


def test_the_baseline_is_never_taken(board):
    rows = row(BEST, 1, 0.85), row(BASELINE, 2, 0.849)

    assert chosen(board(*rows)) == BEST


def test_a_lower_loss_is_the_better_one_where_it_ranks(board):
    best, plain = row(BEST, 1, 0.85, brier=0.1), row(PLAIN, 2, 0.849, brier=0.104)
    worse = replace(plain, scores=plain.scores | {"brier": Score(0.12, 0.01, 0.1, 0.14)})

    assert chosen(board(best, plain, rank_by="brier")) == PLAIN
    assert chosen(board(best, worse, rank_by="brier")) == BEST


def test_nothing_is_taken_of_noise_a_single_split_or_one_candidate(board):
    rows = row(BEST, 1, 0.505), row(PLAIN, 2, 0.5)
    good = row(BEST, 1, 0.85), row(PLAIN, 2, 0.849)

    assert choose(board(*rows)) is None
    assert choose(board(*good, n_splits=1)) is None
    assert choose(board(good[0])) is None
    assert choice_sentence(board(*rows)) == ""


def test_the_sentence_gives_the_reasons_and_what_it_costs(board):
    best, booster = row(BEST, 1, 0.85, same=True), row(BOOSTER, 2, 0.8492, same=True)

    assert choice_sentence(board(best, booster)) == (
        "If in doubt take `lightgbm+none+recommended`: it is shown to be as good as the best mean, "
        "within ±.005 (ROC-AUC -.0008, 95 % interval -.0100 to +.0020); it needs neither an "
        "imbalance strategy nor a study; its probabilities, decisions and profit are within one "
        "standard error of the best of these."
    )


def test_the_sentence_claims_no_more_than_was_shown(board):
    tied = board(row(BEST, 1, 0.85), row(BOOSTER, 2, 0.849, f1=0.4, brier=None))
    best = board(row(WEIGHT, 1, 0.85), row(BEST, 2, 0.849))

    assert choice_sentence(tied) == "If in doubt take `catboost+smote+optuna`: it has the best " \
        "mean; its probabilities, decisions and profit are within one standard error of the best " \
        "of these."  # fmt: skip
    assert choice_sentence(best).startswith("If in doubt take `lightgbm+class-weight+default`: it "
                                            "has the best mean; its prob")  # fmt: skip
    plain = choice_sentence(board(row(BEST, 1, 0.85, brier=0.2), row(PLAIN, 2, 0.849, empc=9.0)))
    assert plain == (
        "If in doubt take `logistic+none+default`: it cannot be told apart from the best mean "
        "(ROC-AUC -.0010, 95 % interval -.0100 to +.0020); it is the plain model and needs "
        "neither an imbalance strategy nor a study; its probabilities and decisions are within "
        "one standard error of the best of these."
    )


@pytest.mark.parametrize(
    ("others", "why"),
    [
        (
            [row(BOOSTER, 2, 0.8492, same=True), row(PLAIN, 3, 0.845)],
            "it is not shown to be within ±.005 of the best mean (ROC-AUC -.0050, 95 % interval of "
            "this pair alone -.0100 to +.0020)",
        ),
        (
            [row(BOOSTER, 2, 0.8492), row(PLAIN, 3, 0.84)],
            "it is more than one standard error behind the best mean (ROC-AUC -.0100, 95 % "
            "interval of this pair alone -.0100 to +.0020)",
        ),
        (
            [row(BOOSTER, 2, 0.8492), row(PLAIN, 3, 0.848, brier=0.12)],
            "its Brier score is more than one standard error off the best of these (.1200, "
            "against .1000 of `lightgbm+none+recommended`)",
        ),
        ([row(BOOSTER, 2, 0.8492), row(PLAIN, 3, 0.848, brier=None)], "it has no Brier score"),
    ],
)
def test_what_decided_against_a_plain_model_that_is_tied_is_told(board, others, why):
    said = choice_sentence(board(row(BEST, 1, 0.85, same=True), *others))

    assert said.startswith("If in doubt take `lightgbm+none+recommended`: ")
    assert said.endswith(f"best of these. Plain `logistic+none+default` is tied, too, but {why}.")


def test_nothing_is_said_of_a_plain_model_that_is_behind_or_taken(board):
    behind = board(row(BEST, 1, 0.85), row(BOOSTER, 2, 0.849), row(PLAIN, 3, 0.8, tied=False))
    taken = board(row(BEST, 1, 0.85), row(PLAIN, 2, 0.849))

    assert "Plain" not in choice_sentence(behind)
    assert "Plain" not in choice_sentence(taken)
