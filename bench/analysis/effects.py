"""What one candidate changes against another on the same splits, many pairs at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bench.analysis.multiplicity import adjust_for_picking
from bench.analysis.scoring import ScoredSplit, split_ratio
from bench.analysis.statistics import LEVEL, equivalence_p_value, moderated_paired_tests
from bench.domain import Candidate, Run
from bench.metrics import METRICS

Scored = Mapping[Candidate, Sequence[ScoredSplit]]
"""What `score_splits` returns: candidate → its finished splits."""

Pair = tuple[Candidate, Candidate]

NONE = "none"
"""The strategy that leaves the training rows as they are."""

AUTO = "auto"
"""The strategy that lets a study choose among others."""


@dataclass(frozen=True)
class StrategyEffect:
    """What a candidate changes against another, as a rule ``none`` in the same model.

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
        The same after Holm over all pairs that were tested together.
    is_better : bool
        Whether the difference goes in the metric's better direction.
    is_equivalent : bool
        Whether it is shown to be within `margin_of` the metric, at 5 %.
    """

    candidate: Candidate
    difference: float
    low: float
    high: float
    p_value: float
    adjusted_p_value: float
    is_better: bool
    is_equivalent: bool = False

    @property
    def is_beyond_noise(self) -> bool:
        """Whether the difference holds up among all that were tested, at 5 %."""
        return self.adjusted_p_value < LEVEL

    @property
    def matters(self) -> bool:
        """Whether there is a difference, and not one too small to care about."""
        return self.is_beyond_noise and not self.is_equivalent


def margin_of(metric: str, typical: float) -> float:
    """Return how large a difference in ``metric`` has to be to matter.

    .005, and half a percent of figures above 1 (lift, profit); .01 for the
    figures of decisions, which hang on single customers at the threshold.
    """
    share = 0.01 if METRICS.lookup(metric).needs == "decisions" else 0.005
    return share * max(1.0, abs(typical))


def compare(
    run: Run,
    scored: Scored,
    pairs: Sequence[Pair],
    *,
    metric: str,
    n_rows: int = 0,
) -> tuple[StrategyEffect, ...]:
    """Return (first − second) of every pair that has ``metric`` on all splits of the run.

    The variances of all pairs steady each other, and Holm's correction is over
    all of them. Where their second candidate was picked by the data, ``n_rows``
    says among how many. With a single split, where nothing can be tested, there
    are none.
    """
    n_splits = len({job.split for job in run.jobs})
    values = {
        candidate: figures
        for candidate in dict.fromkeys(candidate for pair in pairs for candidate in pair)
        if len(figures := values_of(scored.get(candidate, ()), metric)) == n_splits
    }
    complete = [(a, b) for a, b in pairs if a in values and b in values]
    if n_splits < 2 or not complete:
        return ()
    tests = moderated_paired_tests(
        [[x - y for x, y in zip(values[a], values[b], strict=True)] for a, b in complete],
        test_train_ratio=split_ratio(run),
    )
    margin = margin_of(metric, max(abs(sum(values[b])) / n_splits for _, b in complete))
    is_higher_better = METRICS.lookup(metric).direction == "higher"
    return tuple(
        StrategyEffect(
            candidate=a,
            difference=test.difference,
            low=test.low,
            high=test.high,
            p_value=test.p_value,
            adjusted_p_value=adjusted,
            is_better=(test.difference > 0) == is_higher_better,
            is_equivalent=equivalence_p_value(test, margin=margin) < LEVEL,
        )
        for (a, _), test, adjusted in zip(
            complete, tests, adjust_for_picking(tests, n_rows=n_rows), strict=True
        )
    )


def values_of(splits: Sequence[ScoredSplit], metric: str) -> list[float]:
    """Return the figure of every split that has one."""
    return [split.values[metric] for split in splits if metric in split.values]


def strategy_pairs(candidates: Sequence[Candidate]) -> list[Pair]:
    """Return each candidate with a strategy, and its ``none`` in the same model, in fixed order.

    Rows that differ from others after the fit only are left out: a repair or
    a decision rule is not what the strategy does.
    """
    present = {c for c in candidates if c == c.fitted}
    pairs = ((c, replace(c, strategy=NONE)) for c in sorted(present) if c.strategy != NONE)
    return [(candidate, plain) for candidate, plain in pairs if plain in present]


def strategy_effects(run: Run, scored: Scored, *, metric: str) -> tuple[StrategyEffect, ...]:
    """Return the effect of every strategy that ran, with its ``none``, on all splits.

    Effects stand in the order of their candidates; with a single split, where
    nothing can be tested, there are none.
    """
    return compare(run, scored, strategy_pairs(run.candidates), metric=metric)
