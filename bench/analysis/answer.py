"""The answer in plain words, and what each imbalance strategy changes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bench.analysis.scoring import score_splits, split_ratio
from bench.analysis.statistics import holm, moderated_paired_tests
from bench.domain import BoardRow, Candidate, Leaderboard, Result, Run
from bench.metrics import METRICS

PLAIN = Candidate("logistic")
"""The simple model that a winner should be compared with."""

_LISTED = 3


@dataclass(frozen=True)
class StrategyEffect:
    """What a strategy changes against ``none`` in the same model, tuning and preparation.

    Attributes
    ----------
    candidate : Candidate
        The one with the strategy.
    difference, low, high : float
        Mean of (with strategy − ``none``) over the splits in the metric's own
        unit, with its corrected 95 % interval.
    p_value : float
        Of the paired corrected test.
    adjusted_p_value : float
        The same after Holm over all effects of the run.
    is_better : bool
        Whether the difference goes in the metric's better direction.
    """

    candidate: Candidate
    difference: float
    low: float
    high: float
    p_value: float
    adjusted_p_value: float
    is_better: bool

    @property
    def is_beyond_noise(self) -> bool:
        """Whether the difference holds up among all that were tested, at 5 %."""
        return self.adjusted_p_value < 0.05


def strategy_effects(
    run: Run, results: Mapping[str, Result], *, metric: str
) -> tuple[StrategyEffect, ...]:
    """Return the effect of every strategy that ran, with its ``none``, on all splits.

    Effects stand in the order of their candidates; with a single split, where
    nothing can be tested, there are none.

    Raises
    ------
    UnknownNameError
        If ``metric`` is no metric.
    """
    chosen = METRICS.lookup(metric)
    n_splits = len({job.split for job in run.jobs})
    values = {
        candidate: [split.values[metric] for split in splits if metric in split.values]
        for candidate, splits in score_splits(run, results, [chosen]).items()
    }
    complete = {c: v for c, v in values.items() if len(v) == n_splits}
    pairs = {c: replace(c, strategy="none") for c in complete if c.strategy != "none"}
    if n_splits < 2:
        return ()
    tested = {candidate: plain for candidate, plain in pairs.items() if plain in complete}
    tests = moderated_paired_tests(
        [
            [a - b for a, b in zip(complete[candidate], complete[plain], strict=True)]
            for candidate, plain in tested.items()
        ],
        test_train_ratio=split_ratio(run),
    )
    adjusted = holm([test.p_value for test in tests])
    return tuple(
        StrategyEffect(
            candidate=candidate,
            difference=test.difference,
            low=test.low,
            high=test.high,
            p_value=test.p_value,
            adjusted_p_value=p_value,
            is_better=(test.difference > 0) == (chosen.direction == "higher"),
        )
        for candidate, test, p_value in zip(tested, tests, adjusted, strict=True)
    )


def answer(leaderboard: Leaderboard, effects: Sequence[StrategyEffect] = ()) -> list[str]:
    """Return two or three sentences that say what the board shows, and no more than that.

    Parameters
    ----------
    leaderboard : Leaderboard
    effects : sequence of StrategyEffect
        Those of the same run on the metric that ranks the board; without them
        nothing is said about strategies.
    """
    ranked = [row for row in leaderboard.rows if row.rank is not None]
    if not ranked:
        return [f"No candidate finished all {leaderboard.n_splits} splits, so nothing is ranked."]
    title = METRICS.lookup(leaderboard.rank_by).title
    sentences = [_best_sentence(leaderboard, ranked, title)]
    if effects:
        sentences.append(_effects_sentence(effects, title))
    if leaderboard.resolvable_difference is not None:
        sentences.append(
            f"With {leaderboard.n_splits} splits, differences below about "
            f"{leaderboard.resolvable_difference:.4f} cannot be resolved."
        )
    return sentences


def _best_sentence(leaderboard: Leaderboard, ranked: Sequence[BoardRow], title: str) -> str:
    best, others = ranked[0], ranked[1:]
    score = best.scores[leaderboard.rank_by]
    opening = f"The best mean {title} is {score.mean:.4f}"
    if leaderboard.n_splits < 2:
        return (
            f"{opening} by `{best.candidate}`, from a single split, "
            "which cannot tell a difference from noise."
        )
    opening += f" (95 % interval {score.low:.4f} to {score.high:.4f}) by `{best.candidate}`"
    if not others:
        return f"{opening}, the only candidate that finished all splits."
    tied = [row for row in others if row.is_tied_with_best]
    if len(tied) == len(others) == 1:
        return f"{opening}, but `{tied[0].candidate}` cannot be told apart from it."
    if not tied:
        return f"{opening}, ahead of {_all_others(len(others))} by more than noise."
    models = ", ".join(
        f"{model} ({n})" for model, n in sorted(Counter(r.candidate.model for r in tied).items())
    )
    n_tied = f"all {len(tied)}" if len(tied) == len(others) else f"{len(tied)} of the {len(others)}"
    return (
        f"{opening}, but {n_tied} other candidates cannot be told "
        f"apart from it: {models}{_about_plain(ranked, tied)}."
    )


def _all_others(n: int) -> str:
    return "the one other candidate" if n == 1 else f"all {n} other candidates"


def _about_plain(ranked: Sequence[BoardRow], tied: Sequence[BoardRow]) -> str:
    """Say whether the plain model is as good, where it took part and is not the best itself."""
    if PLAIN not in [row.candidate for row in ranked[1:]]:
        return ""
    is_among = PLAIN in [row.candidate for row in tied]
    return f"; plain `{PLAIN}` is {'among' if is_among else 'not among'} them"


def _effects_sentence(effects: Sequence[StrategyEffect], title: str) -> str:
    real = [effect for effect in effects if effect.is_beyond_noise]
    compared = f"{len(effects)} paired comparison{'' if len(effects) == 1 else 's'}"
    within = "`none` in the same model, tuning and preparation"
    if not real:
        return (
            f"No imbalance strategy could be shown to change {title} against {within} "
            f"({compared}, Holm-corrected)."
        )
    n_better = sum(effect.is_better for effect in real)
    largest = sorted(real, key=lambda e: (-abs(e.difference), str(e.candidate)))[:_LISTED]
    examples = ", ".join(f"`{e.candidate}` {e.difference:+.4f}" for e in largest)
    lead = "such as " if len(real) > len(largest) else ""
    return (
        f"Against {within}, imbalance strategies changed {title} beyond noise in {len(real)} of "
        f"{compared} (Holm-corrected): {n_better} for the better, {len(real) - n_better} for "
        f"the worse, {lead}{examples}."
    )
