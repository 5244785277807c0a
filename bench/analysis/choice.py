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
from bench.analysis.wording import format_figure, format_margin, join_words
from bench.domain import BoardRow, Candidate, Leaderboard
from bench.metrics import METRICS

PLAIN = Candidate("logistic")
"""The simple model that a winner should be compared with."""

CHANCE = 0.5
"""The ROC-AUC of a ranking that knows nothing."""

_RANKING = "roc_auc"
"""Says whether customers are ranked at all, whatever the board is ranked by."""

BASELINE = "prior-only"
"""Gives every customer the same probability: a reference on every board, and never chosen."""

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
    plain : BoardRow or None
        `PLAIN`, where it is tied with the first row and was not chosen.
    decided_by : str
        The metric by which it was not; empty where there is no such row.
    """

    row: BoardRow
    best: BoardRow
    kept: tuple[str, ...]
    plain: BoardRow | None
    decided_by: str

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
    plain = next((r for r in ranked if r.candidate == PLAIN and r.is_tied_with_best), None)
    if plain is None or row.candidate == PLAIN:
        return Choice(row, best, kept, None, "")
    lost = next(
        (metric for metric, noun in others if noun in kept and PLAIN not in keeping[noun]), ""
    )
    return Choice(row, best, kept, plain, lost if plain in rows else leaderboard.rank_by)


def is_chance(leaderboard: Leaderboard) -> bool:
    """Return whether no ranked row was shown to rank better than a coin, by its ROC-AUC."""
    ranked = [row for row in leaderboard.rows if row.rank is not None]
    scores = [row.scores[_RANKING] for row in ranked if _RANKING in row.scores]
    return (
        bool(scores)
        and leaderboard.n_splits > 1
        and not any(score.low > CHANCE for score in scores)
    )


def _as_good(
    ranked: Sequence[BoardRow], best: BoardRow, leaderboard: Leaderboard
) -> list[BoardRow]:
    """Return the rows that there are to choose from, by the first part of the rule."""
    tied = _tied(ranked)
    if _is_any_shown(tied, best):
        return [row for row in tied if row.is_equivalent_to_best]
    near = _near_the_best(tied, leaderboard.rank_by, leaderboard)
    return [row for row in tied if row.candidate in near]


def _tied(rows: Sequence[BoardRow]) -> list[BoardRow]:
    """Return what cannot be told from the best row, without what knows no customer."""
    return [row for row in rows if row.is_tied_with_best and row.candidate.model != BASELINE]


def _is_any_shown(rows: Sequence[BoardRow], best: BoardRow) -> bool:
    """Return whether any row is shown to be as good as ``best``, beside that itself."""
    return any(row.is_equivalent_to_best for row in rows if row.candidate != best.candidate)


def _near_the_best(
    rows: Sequence[BoardRow], metric: str, leaderboard: Leaderboard
) -> set[Candidate]:
    """Return those of ``rows`` whose mean is within one standard error of the best of them."""
    means = {row.candidate: row.scores[metric].mean for row in rows if metric in row.scores}
    if not means:
        return set()
    sign = METRICS.lookup(metric).sign
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
    return (
        f"If in doubt take `{choice.row.candidate}`: {'; '.join(reasons)}."
        f"{_why_not_plain(choice, leaderboard)}"
    )


def _standing(choice: Choice, leaderboard: Leaderboard) -> str:
    """Return how the choice stands to the highest mean, with the difference and its interval."""
    if choice.is_best:
        return "it has the best mean"
    margin = leaderboard.equivalence_margin
    words = "it cannot be told apart from the best mean"
    if choice.row.is_equivalent_to_best and margin is not None:
        words = f"it is shown to be as good as the best mean, within ±{format_margin(margin)}"
    return f"{words}{_gap(choice.row, choice, leaderboard)}"


def _gap(row: BoardRow, choice: Choice, leaderboard: Leaderboard, *, alone: str = "") -> str:
    """Return how far ``row`` is from the highest mean, with the interval, in brackets."""
    low, high = row.difference_low, row.difference_high
    if low is None or high is None:
        return ""
    metric = leaderboard.rank_by
    gap = row.scores[metric].mean - choice.best.scores[metric].mean
    told, lowest, highest = (format_figure(value, is_signed=True) for value in (gap, low, high))
    return f" ({METRICS.lookup(metric).title} {told}, 95 % interval{alone} {lowest} to {highest})"


def _why_not_plain(choice: Choice, leaderboard: Leaderboard) -> str:
    """Return what decided against the plain model, where that is tied with the best, too."""
    if choice.plain is None:
        return ""
    margin = leaderboard.equivalence_margin
    # The interval may leave out 0 and the row be tied all the same: ties are of all rows at once.
    gap = _gap(choice.plain, choice, leaderboard, alone=" of this pair alone")
    if choice.decided_by != leaderboard.rank_by:
        title = METRICS.lookup(choice.decided_by).title
        own, other = (row.scores.get(choice.decided_by) for row in (choice.plain, choice.row))
        why = f"it has no {title}"
        if own is not None and other is not None:
            why = (
                f"its {title} is more than one standard error off the best of these "
                f"({format_figure(own.mean)}, against {format_figure(other.mean)} of "
                f"`{choice.row.candidate}`)"
            )
    elif margin is not None and _is_any_shown(_tied(leaderboard.rows), choice.best):
        why = f"it is not shown to be within ±{format_margin(margin)} of the best mean{gap}"
    else:
        why = f"it is more than one standard error behind the best mean{gap}"
    return f" Plain `{PLAIN}` is tied, too, but {why}."
