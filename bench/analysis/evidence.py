"""What stands behind the boards: curves, differences by metric, what every fit was and met."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bench.analysis.curves import CurveSet, build_curves
from bench.analysis.effects import Scored, StrategyEffect, compare, strategy_pairs
from bench.analysis.findings import Findings
from bench.analysis.money import earnings_sentence
from bench.analysis.racing import on_shared_repeats, shared_repeats
from bench.analysis.scoring import split_ratio
from bench.distributions import t_quantile
from bench.domain import Candidate, Record, Run
from bench.metrics import METRICS

AUTO = "auto"
"""The strategy that lets a study choose among others."""


@dataclass(frozen=True)
class Fit:
    """One finished fit of a candidate: its class counts and its parameters."""

    split: int
    counts_before: tuple[int, int]
    counts_after: tuple[int, int]
    params: Mapping[str, Any]


@dataclass(frozen=True)
class Evidence:
    """What a page shows beside the board.

    Attributes
    ----------
    curves : CurveSet
    effects : mapping of str to tuple of StrategyEffect
        By metric; of metrics that have a better direction.
    fits : mapping of Candidate to tuple of Fit
        By fitted candidate, in the order of the splits.
    probabilities, earnings : str
        What strategies do to probabilities, and what the best campaign earns,
        as sentences; empty where nothing was compared.
    test_train_ratio, t_95 : float
        What corrected 95 % intervals over these splits are made with; 0 where
        there is a single split.
    """

    curves: CurveSet
    effects: Mapping[str, tuple[StrategyEffect, ...]]
    fits: Mapping[Candidate, tuple[Fit, ...]]
    probabilities: str
    earnings: str
    test_train_ratio: float
    t_95: float


def build_evidence(findings: Findings) -> Evidence:
    """Return what stands behind the board of ``findings``."""
    leaderboard, scored = findings.leaderboard, findings.scored
    curves = build_curves(scored)
    effects = _effects(leaderboard.run, scored)
    return Evidence(
        curves=curves,
        effects=effects,
        probabilities=_about_probabilities(effects.get("brier", ())),
        fits=_fits(scored, curves),
        earnings=earnings_sentence(leaderboard, curves),
        test_train_ratio=split_ratio(leaderboard.run),
        t_95=t_quantile(0.975, leaderboard.n_splits - 1) if leaderboard.n_splits > 1 else 0.0,
    )


def _effects(run: Run, scored: Scored) -> dict[str, tuple[StrategyEffect, ...]]:
    """Return what strategies change, by metric, on the splits that all candidates share."""
    shared, on_shared = shared_repeats(run), on_shared_repeats(scored, run)
    pairs = strategy_pairs(shared.candidates)
    found = {
        metric.name: compare(shared, on_shared, pairs, metric=metric.name)
        for metric in METRICS
        if metric.direction != "neither"
    }
    return {name: effects for name, effects in found.items() if effects}


def _about_probabilities(effects: Sequence[StrategyEffect]) -> str:
    """Say in how many comparisons the Brier score got worse or better by more than noise."""
    if not effects:
        return ""
    real = [effect.is_better for effect in effects if effect.is_beyond_noise]
    n_worse, n_better, rest = real.count(False), real.count(True), len(effects) - len(real)
    text = (
        f"Probabilities (Brier score) get worse in {n_worse or 'none'} of {len(effects)} "
        f"comparisons and better in {n_better or 'none'}"
    )
    return f"{text}; in the other {rest} no change was shown." if rest else f"{text}."


def _fits(scored: Scored, curves: CurveSet) -> dict[Candidate, tuple[Fit, ...]]:
    number = {one.split: k for k, one in enumerate(curves.splits)}
    fits: dict[Candidate, tuple[Fit, ...]] = {}
    for candidate, splits in scored.items():
        if candidate.fitted not in fits and splits:
            fits[candidate.fitted] = tuple(_fit(number[s.split], s.record) for s in splits)
    return fits


def _fit(split: int, record: Record) -> Fit:
    params = {**record.params, **{f"strategy: {k}": v for k, v in record.strategy_params.items()}}
    if record.job.candidate.strategy == AUTO:
        params["strategy chosen"] = record.chosen_strategy
    if record.best_iteration is not None:
        params["rounds after early stopping"] = record.best_iteration
    before, after = record.counts_before, record.counts_after
    return Fit(
        split, (before.negatives, before.positives), (after.negatives, after.positives), params
    )
