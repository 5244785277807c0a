"""What studies tried, which parameters went with success, and what tuning bought.

Studies are read from their journals, which Optuna writes one JSON object a
line; nothing of Optuna is needed for that.
"""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from statistics import fmean
from typing import Any, Literal

from bench.analysis.effects import AUTO, NONE, Pair, Scored, StrategyEffect, compare
from bench.analysis.importance import spearman
from bench.analysis.shapes import seconds_per_fit
from bench.analysis.wording import format_range
from bench.domain import Candidate, Job, Leaderboard, Run, Split, Tuning
from bench.metrics import METRICS

FEWEST_TRIALS = 10
"""Fewer trials with a parameter say nothing about it."""
_CREATE_TRIAL = 4
_STATES = {1: "complete", 2: "pruned"}


@dataclass(frozen=True)
class TriedTrial:
    """A finished trial: ``value`` is the inner figure, of pruned ones that of the folds it got."""

    value: float | None
    state: Literal["complete", "pruned"]
    params: Mapping[str, Any]


@dataclass(frozen=True)
class TriedStudy:
    """The trials of one job in their order; ``best`` is the best value after each of them."""

    candidate: Candidate
    split: Split
    trials: tuple[TriedTrial, ...]
    best: tuple[float | None, ...]


@dataclass(frozen=True)
class ParameterLink:
    """How a parameter went with the figure of a candidate's trials.

    Attributes
    ----------
    kind : {"number", "category"}
    strength : float
        For numbers Spearman's correlation in [-1, 1] of value and figure, both
        as ranks within their study; for categories the correlation ratio eta in
        [0, 1] of the ranks. The sampler tries more where it was good: a link
        is no proof of a cause.
    n_trials : int
        Complete ones that have it.
    tried, chosen : tuple
        The range, or the levels by number of trials; what the studies chose.
    """

    candidate: Candidate
    name: str
    kind: Literal["number", "category"]
    strength: float
    n_trials: int
    tried: tuple[Any, ...]
    chosen: tuple[Any, ...]


def read_trials(text: str) -> tuple[TriedTrial, ...]:
    """Return the finished trials of a journal; damaged lines are passed over."""
    found = []
    for line in text.splitlines():
        try:
            entry = json.loads(line)
            if entry.get("op_code") == _CREATE_TRIAL and entry.get("state") in _STATES:
                found.append(_trial(entry))
        except (ValueError, KeyError, TypeError, IndexError, AttributeError):
            continue
    return tuple(found)


def _trial(entry: Mapping[str, Any]) -> TriedTrial:
    params = {}
    for name, raw in entry["params"].items():
        kind = json.loads(entry["distributions"][name])
        choices = kind["attributes"].get("choices")
        params[name] = raw if choices is None else choices[int(raw)]
    value = entry.get("value")
    return TriedTrial(
        float(value) if isinstance(value, int | float) and math.isfinite(value) else None,
        "complete" if entry["state"] == 1 else "pruned",
        params,
    )


def build_studies(
    jobs: Iterable[Job], trials: Mapping[str, Sequence[TriedTrial]], *, is_lower_better: bool
) -> tuple[TriedStudy, ...]:
    """Return the studies of ``jobs`` in fixed order; ``trials`` are by job id."""
    studies = []
    for job in sorted(jobs, key=lambda job: (job.candidate, job.split)):
        own = tuple(trials.get(job.id, ()))[: job.trials]
        if own:
            best = _best_so_far(own, is_lower_better=is_lower_better)
            studies.append(TriedStudy(job.candidate, job.split, own, best))
    return tuple(studies)


def _best_so_far(
    trials: Sequence[TriedTrial], *, is_lower_better: bool
) -> tuple[float | None, ...]:
    better = min if is_lower_better else max
    best: float | None = None
    found = []
    for trial in trials:
        if trial.state == "complete" and trial.value is not None:
            best = trial.value if best is None else better(best, trial.value)
        found.append(best)
    return tuple(found)


def parameter_links(studies: Sequence[TriedStudy]) -> tuple[ParameterLink, ...]:
    """Return how every parameter of every candidate went with the figure, strongest first."""
    links: list[ParameterLink] = []
    for candidate, group in groupby(studies, key=lambda study: study.candidate):
        own = list(group)
        names = sorted({name for study in own for trial in study.trials for name in trial.params})
        found = [link for name in names if (link := _link(candidate, name, own)) is not None]
        links += sorted(found, key=lambda link: (-abs(link.strength), link.name))
    return tuple(links)


def _link(candidate: Candidate, name: str, studies: Sequence[TriedStudy]) -> ParameterLink | None:
    values: list[Any] = []
    figures: list[float] = []
    chosen: list[Any] = []
    for study in studies:
        complete = [t for t in study.trials if t.state == "complete" and t.value is not None]
        winner = next((t for t in complete if t.value == study.best[-1]), None)
        chosen += [winner.params[name]] if winner is not None and name in winner.params else []
        with_it = [t for t in complete if name in t.params]
        # Ranks within a study: what is easy or hard about its rows is the same for all of them.
        figures += _unit([float(t.value or 0.0) for t in with_it])
        values += _in_study([t.params[name] for t in with_it])
    tried = [t.params[name] for study in studies for t in study.trials if name in t.params]
    is_number = all(isinstance(v, int | float) and not isinstance(v, bool) for v in tried)
    if len(figures) < FEWEST_TRIALS:
        return None
    strength = spearman(values, figures) if is_number else _correlation_ratio(values, figures)
    if strength is None:
        return None
    levels = sorted(set(map(str, tried)), key=lambda v: (-list(map(str, tried)).count(v), v))
    return ParameterLink(
        candidate,
        name,
        "number" if is_number else "category",
        strength,
        len(figures),
        (min(tried), max(tried)) if is_number else tuple(levels),
        tuple(chosen),
    )


def _in_study(values: list[Any]) -> list[Any]:
    """Return ranks in (0, 1) of numbers, and anything else as text."""
    if all(isinstance(v, int | float) and not isinstance(v, bool) for v in values):
        return _unit(values)
    return list(map(str, values))


def _unit(values: Sequence[float]) -> list[float]:
    """Return mid-ranks divided by one more than their number."""
    n = len(values)
    return [
        (sum(b < a for b in values) + (sum(b == a for b in values) + 1) / 2) / (n + 1)
        for a in values
    ]


def _correlation_ratio(levels: Sequence[str], figures: Sequence[float]) -> float | None:
    """Return eta: the root of the share of the spread that lies between levels."""
    groups: dict[str, list[float]] = defaultdict(list)
    for level, one in zip(levels, figures, strict=True):
        groups[level].append(one)
    centre = fmean(figures)
    total = sum((one - centre) ** 2 for one in figures)
    if len(groups) < 2 or total == 0:
        return None
    between = sum(len(group) * (fmean(group) - centre) ** 2 for group in groups.values())
    return math.sqrt(min(1.0, between / total))


# --- what it bought -------------------------------------------------------------------


def tuning_pairs(candidates: Sequence[Candidate], against: Tuning) -> list[Pair]:
    """Return each tuned candidate with its untuned twin of level ``against``.

    A study that chose the strategy too (``auto``) is set against ``none``: it
    was free to stay there.
    """
    present = {c for c in candidates if c == c.fitted}
    pairs = []
    for candidate in sorted(present):
        if candidate.tuning in ("default", against):
            continue
        strategy = candidate.strategy if candidate.strategy != AUTO else NONE
        twin = replace(candidate, tuning=against, strategy=strategy)
        pairs += [(candidate, twin)] if twin in present else []
    return pairs


def tuning_effects(
    run: Run, scored: Scored, *, against: Literal["default", "recommended"]
) -> list[tuple[StrategyEffect, Candidate]]:
    """Return what tuning changed in the metric that ranks, and against which candidate.

    The tests are corrected and paired by split, their p-values adjusted after
    Holm over all that stand against the same level.
    """
    pairs = tuning_pairs(run.candidates, against)
    effects = compare(run, scored, pairs, metric=run.experiment.rank_by)
    twin = dict(pairs)
    return [(effect, twin[effect.candidate]) for effect in effects]


# --- in words -------------------------------------------------------------------------


def tuning_sentences(run: Run, scored: Scored, leaderboard: Leaderboard) -> tuple[str, ...]:
    """Return what studies bought and cost, and what recommended settings bought.

    Parameters
    ----------
    run : Run
    scored : mapping of Candidate to sequence of ScoredSplit
    leaderboard : Leaderboard
        Of the same run: it holds the seconds.
    """
    title = METRICS.lookup(run.experiment.rank_by).title
    by_default = tuning_effects(run, scored, against="default")
    paid = tuning_effects(run, scored, against="recommended")
    whom = "`recommended` settings"
    if not paid:
        paid = [pair for pair in by_default if pair[0].candidate.tuning == "optuna"]
        whom = "the library's own settings"
    sentences = []
    if paid:
        times = _times_as_long(paid, leaderboard)
        cost = f"; they take {times} times as long" if times else ""
        sentences.append(f"Studies (`optuna`) {_bought(paid, title, whom)}{cost}.")
    fixed = [pair for pair in by_default if pair[0].candidate.tuning == "recommended"]
    if fixed:
        own = _bought(fixed, title, "the library's own")
        sentences.append(f"The `recommended` settings {own}.")
    return tuple(sentences)


def _bought(found: Sequence[tuple[StrategyEffect, Candidate]], title: str, whom: str) -> str:
    """Return what was shown of the changes against ``whom``, with their range in brackets."""
    effects = [effect for effect, _ in found]
    n = len(effects)
    counted = f"{n} comparison{'' if n == 1 else 's'}"
    figures = format_range([effect.difference for effect in effects])
    n_better = sum(effect.matters and effect.is_better for effect in effects)
    n_worse = sum(effect.matters and not effect.is_better for effect in effects)
    n_same = sum(effect.is_equivalent for effect in effects)
    if n_same == n:
        return (
            f"were shown to change {title} too little to matter against {whom} ({figures} in "
            f"{counted}; two one-sided tests)"
        )
    if not n_better and not n_worse:
        same = f", {n_same} of them shown to be too little to matter" if n_same else ""
        return (
            f"were not shown to change {title} against {whom} ({figures} in {counted}{same}; "
            "Holm-corrected)"
        )
    shown = (("improve", n_better), ("worsen", n_worse))
    said = [f"to {verb} {title} in {k} of {counted}" for verb, k in shown if k]
    return f"were shown {' and '.join(said)} with {whom} ({figures}; Holm-corrected)"


def _times_as_long(
    found: Sequence[tuple[StrategyEffect, Candidate]], leaderboard: Leaderboard
) -> str:
    """Return how many times the seconds of their twins fits take; nothing where no one knows."""
    seconds = {row.candidate: seconds_per_fit(row) for row in leaderboard.rows}
    ratios = [
        seconds[effect.candidate] / seconds[twin] for effect, twin in found if seconds[twin] > 0
    ]
    if not ratios:
        return ""
    ends = (float(f"{end:.2g}") for end in (min(ratios), max(ratios)))
    return " to ".join(dict.fromkeys(f"{end:g}" for end in ends))
