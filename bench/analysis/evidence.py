"""What stands behind the boards: curves, what strategies change, what every fit was and met."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bench.analysis.curves import CurveSet, build_curves
from bench.analysis.effects import AUTO, Scored, StrategyEffect, compare, strategy_pairs
from bench.analysis.findings import Findings
from bench.analysis.money import earnings_sentences
from bench.analysis.racing import on_shared_repeats, shared_repeats
from bench.analysis.scoring import split_ratio
from bench.analysis.wording import Verdict, format_figure, join_words
from bench.distributions import t_quantile
from bench.domain import Candidate, Record, Run
from bench.metrics import METRICS

ASPECTS = (
    ("roc_auc", "ranking"),
    ("f1", "decisions"),
    ("empc", "profit"),
    ("brier", "probabilities"),
)
"""The metrics that say whether a strategy helps, each with what it stands for."""

SMOTE = "smote"
"""Strategies that are called so, or begin so, are what people ask for by name."""


@dataclass(frozen=True)
class StrategySummary:
    """What one strategy changes, by metric of `ASPECTS`, in all models and tunings."""

    strategy: str
    changes: Mapping[str, tuple[StrategyEffect, ...]]


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
    help : tuple of str
        Whether SMOTE and other strategies help, in sentences; empty where nothing
        was compared.
    strategies : tuple of StrategySummary
        The same by strategy.
    earnings : tuple of str
        How many customers to call and what that earns; empty where nobody is ranked.
    test_train_ratio, t_95 : float
        What corrected 95 % intervals over these splits are made with; 0 where
        there is a single split.
    """

    curves: CurveSet
    effects: Mapping[str, tuple[StrategyEffect, ...]]
    fits: Mapping[Candidate, tuple[Fit, ...]]
    help: tuple[str, ...]
    strategies: tuple[StrategySummary, ...]
    earnings: tuple[str, ...]
    test_train_ratio: float
    t_95: float


def build_evidence(findings: Findings) -> Evidence:
    """Return what stands behind the board of ``findings``."""
    leaderboard, scored = findings.leaderboard, findings.scored
    curves = build_curves(scored)
    effects = _effects(leaderboard.run, scored)
    threshold = next((v for v in findings.verdicts if v.subject == "threshold"), None)
    return Evidence(
        curves=curves,
        effects=effects,
        help=tuple(help_sentences(effects, threshold)),
        strategies=summarise_strategies(effects),
        fits=_fits(scored, curves),
        earnings=tuple(earnings_sentences(leaderboard, curves)),
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


def summarise_strategies(
    effects: Mapping[str, Sequence[StrategyEffect]],
) -> tuple[StrategySummary, ...]:
    """Return the effects on what matters by strategy, in the order of their names."""
    told = {metric: effects[metric] for metric, _ in ASPECTS if metric in effects}
    names = sorted({e.candidate.strategy for found in told.values() for e in found})
    return tuple(
        StrategySummary(
            name,
            {
                metric: own
                for metric, found in told.items()
                if (own := tuple(e for e in found if e.candidate.strategy == name))
            },
        )
        for name in names
    )


# --- whether strategies help ----------------------------------------------------------


def help_sentences(
    effects: Mapping[str, Sequence[StrategyEffect]], threshold: Verdict | None
) -> list[str]:
    """Return what SMOTE and its kin do, what others do, what a threshold does, and the test."""
    found = summarise_strategies(effects)
    sentences = []
    if smote := [one for one in found if one.strategy.startswith(SMOTE)]:
        is_better = any(e.matters and e.is_better for one in smote for e in _all_of(one))
        lead = "SMOTE helps in places: " if is_better else "SMOTE was not shown to help: "
        sentences.append(lead + _words(smote))
    if others := [one for one in found if one not in smote]:
        sentences.append(("Other strategies: " if smote else "") + _words(others))
    if sentences:
        sentences += _about_moving(threshold)
        sentences.append(
            "All are compared with `none` in the same model, decisions by F1 with a threshold "
            "chosen for each, profit by EMPC, probabilities by the Brier score; what was shown is "
            "beyond noise after Holm's correction."
        )
    return sentences


def _about_moving(threshold: Verdict | None) -> list[str]:
    """Return whether strategies beat a moved threshold, and what both change on average."""
    if threshold is None:
        return []
    n, n_better = (int(threshold.figures[name]) for name in ("f1_comparisons", "f1_better"))
    by_strategies, by_moving = (
        format_figure(threshold.figures[name], is_signed=True)
        for name in ("f1_at_05_by_strategies", "f1_by_moving_the_threshold")
    )
    counted = f"{n} comparison{'' if n == 1 else 's'} of F1"
    beaten = f"No strategy was shown to beat a moved threshold in {counted}."
    if n_better:
        beaten = f"Strategies were shown to beat a moved threshold in {n_better} of {counted}."
    return [
        f"{beaten} Against the usual threshold of .5, moving it changes F1 by {by_moving} and "
        f"strategies by {by_strategies} (means over candidates, not tested)."
    ]


def _all_of(one: StrategySummary) -> list[StrategyEffect]:
    return [effect for found in one.changes.values() for effect in found]


def _words(group: Sequence[StrategySummary]) -> str:
    """Return what a group of strategies was shown to improve, not to improve, and to worsen."""
    better, unchanged, worse = [], [], []
    for metric, noun in ASPECTS:
        found = [effect for one in group for effect in one.changes.get(metric, ())]
        real = [effect for effect in found if effect.matters]
        gains = [effect for effect in real if effect.is_better]
        n_worse = len(real) - len(gains)
        if gains:
            best = max(gains, key=lambda e: (abs(e.difference), str(e.candidate)))
            lead = "such as " if len(gains) > 1 else ""
            better.append(
                f"{noun} in {len(gains)} of {len(found)} comparisons ({lead}`{best.candidate}` "
                f"{format_figure(best.difference, is_signed=True)})"
            )
        elif found and not n_worse:
            unchanged.append(noun)
        if n_worse:
            worse.append(f"{noun} in {n_worse} of {len(found)}")
    names = join_words([f"`{one.strategy}`" for one in group])
    verb = "was" if len(group) == 1 else "were"
    said = []
    if better:
        said.append(f"{verb} shown to improve {join_words(better)}")
    if unchanged:
        said.append(f"{verb} not shown to improve {join_words(unchanged, 'or')}")
    if worse:
        said.append(f"{'worsens' if len(group) == 1 else 'worsen'} {join_words(worse)} comparisons")
    return f"{names} {join_words(said)}."


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
