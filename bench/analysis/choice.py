"""Which candidate to take where many cannot be told apart: a rule, and its reasons in words.

In the manner of the one-standard-error rule of Breiman, Friedman, Olshen & Stone
(1984), "Classification and Regression Trees", section 3.4.3: of what may be as good
as the best, take the simplest. The rule reads nothing but the board, and nothing
measured by a clock, so that the same scores always make the same choice.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from bench.analysis.scoring import split_ratio
from bench.analysis.wording import join_words
from bench.domain import BoardRow, Candidate, Leaderboard
from bench.metrics import METRICS

PLAIN = Candidate("logistic")
"""The simple model that a winner should be compared with."""

CHANCE = 0.5
"""The ROC-AUC of a ranking that knows nothing."""

BASELINE = "prior-only"
"""Knows no customer, and is never chosen."""

ASPECTS = (("brier", "probabilities"), ("f1", "decisions"), ("empc", "profit"))
"""What the other boards stand for, the most wanted first, with the words for it."""


@dataclass(frozen=True)
class Choice:
    """The candidate to take if in doubt.

    Attributes
    ----------
    row, best : BoardRow
        The chosen row and the first one, which may be the same.
    kept : tuple of str
        What else is as good as that of any row there was to choose from, within one
        standard error: of `ASPECTS`, in words.
    """

    row: BoardRow
    best: BoardRow
    kept: tuple[str, ...]

    @property
    def is_best(self) -> bool:
        """Whether it is the first row itself."""
        return self.row.candidate == self.best.candidate


def choose(leaderboard: Leaderboard) -> Choice | None:
    """Return the candidate to take, ``None`` where there is nothing to choose from.

    The rule:

    1. From the ranked rows that this run cannot tell from the first. Where some of them
       are shown to be within the board's margin of it, from those only; else from those
       whose mean is within one (corrected) standard error of it.
    2. Those whose probabilities (Brier score) are within one standard error of the best
       of them; then likewise decisions (F1), then profit (EMPC), as long as any are left.
    3. The fewest additions: a strategy, a study, a preparation, a rule of decision.
    4. The plain model before others; then the highest mean.
    """
    ranked = [row for row in leaderboard.rows if row.rank is not None]
    if len(ranked) < 2 or leaderboard.n_splits < 2 or is_chance(leaderboard):
        return None
    best = min(ranked, key=lambda row: row.rank or 0)
    rows = _as_good(ranked, best, leaderboard)
    others = [(metric, noun) for metric, noun in ASPECTS if metric != leaderboard.rank_by]
    keeping = {noun: _near_the_best(rows, metric, leaderboard) for metric, noun in others}

    def place(row: BoardRow) -> tuple[list[bool], int, bool, int]:
        lost = [row.candidate not in keepers for keepers in keeping.values()]
        return lost, _additions(row.candidate), row.candidate != PLAIN, row.rank or 0

    if not rows:
        return None
    row = min(rows, key=place)
    kept = tuple(noun for noun, keepers in keeping.items() if row.candidate in keepers)
    return Choice(row, best, kept)


def is_chance(leaderboard: Leaderboard) -> bool:
    """Return whether even the first row may rank no better than a coin, by its ROC-AUC."""
    first = next((row for row in leaderboard.rows if row.rank == 1), None)
    score = None if first is None else first.scores.get("roc_auc")
    return score is not None and leaderboard.n_splits > 1 and score.low <= CHANCE


def _as_good(
    ranked: Sequence[BoardRow], best: BoardRow, leaderboard: Leaderboard
) -> list[BoardRow]:
    """Return the rows that there are to choose from, by the first part of the rule."""
    tied = [row for row in ranked if row.is_tied_with_best and row.candidate.model != BASELINE]
    shown = [row for row in tied if row.is_equivalent_to_best]
    if any(row.candidate != best.candidate for row in shown):
        return shown
    near = _near_the_best(tied, leaderboard.rank_by, leaderboard)
    return [row for row in tied if row.candidate in near]


def _near_the_best(
    rows: Sequence[BoardRow], metric: str, leaderboard: Leaderboard
) -> set[Candidate]:
    """Return those of ``rows`` whose mean is within one standard error of the best of them."""
    means = {row.candidate: row.scores[metric].mean for row in rows if metric in row.scores}
    if not means:
        return set()
    sign = 1 if METRICS.lookup(metric).direction == "higher" else -1
    best = max(
        (row for row in rows if row.candidate in means), key=lambda row: sign * means[row.candidate]
    )
    share = 1 / leaderboard.n_splits + split_ratio(leaderboard.run)
    error = best.scores[metric].std * math.sqrt(share)
    top = means[best.candidate]
    return {candidate for candidate, mean in means.items() if sign * (top - mean) <= error}


def _additions(candidate: Candidate) -> int:
    """Return how much there is beside the model itself."""
    return sum(
        (
            candidate.strategy != "none",
            candidate.tuning == "optuna",
            candidate.preparation != "encoded",
            candidate != candidate.fitted,
        )
    )


# --- in words -------------------------------------------------------------------------


def choice_sentence(leaderboard: Leaderboard) -> str:
    """Return which candidate to take, why, and what that costs; nothing without a choice."""
    choice = choose(leaderboard)
    if choice is None:
        return ""
    reasons = [_standing(choice, leaderboard)]
    if not _additions(choice.row.candidate):
        plain = "is the plain model and " if choice.row.candidate == PLAIN else ""
        reasons.append(f"it {plain}needs neither an imbalance strategy nor a study")
    if choice.kept:
        verb = "is" if choice.kept == ("profit",) else "are"
        reasons.append(
            f"its {join_words(choice.kept)} {verb} within one standard error of the best of these"
        )
    return f"If in doubt take `{choice.row.candidate}`: {'; '.join(reasons)}."


def _standing(choice: Choice, leaderboard: Leaderboard) -> str:
    """Return how the choice stands to the highest mean, with the difference and its interval."""
    if choice.is_best:
        return "it has the best mean"
    row, metric = choice.row, leaderboard.rank_by
    margin = leaderboard.equivalence_margin
    words = "it cannot be told apart from the best mean"
    if row.is_equivalent_to_best and margin is not None:
        words = f"it is shown to be as good as the best mean, within ±{margin:.4g}"
    gap = row.scores[metric].mean - choice.best.scores[metric].mean
    low, high = row.difference_low, row.difference_high
    if low is None or high is None:
        return words
    gap, low, high = (round(value, 4) + 0.0 for value in (gap, low, high))  # no negative zero
    return (
        f"{words} ({METRICS.lookup(metric).title} {gap:+.4f}, 95 % interval {low:+.4f} to "
        f"{high:+.4f})"
    )
