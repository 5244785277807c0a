"""A published figure held against what honesty reaches here, and against every mistake."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev
from typing import Literal

from bench.errors import UsageError
from bench.leaklab.judging import CEILINGS, LOWER_IS_BETTER, LabRow, LabTable, Values
from bench.registry import unknown_name

Verdict = Literal["plausible", "at the edge", "impossible"]

ALIASES = {
    "auc": "roc_auc",
    "roc-auc": "roc_auc",
    "auroc": "roc_auc",
    "ap": "average_precision",
    "pr_auc": "average_precision",
    "auprc": "average_precision",
    "f1_score": "f1",
    "acc": "accuracy",
    "balanced-accuracy": "balanced_accuracy",
}
CLAIMABLE = (
    "roc_auc",
    "average_precision",
    "f1",
    "accuracy",
    "balanced_accuracy",
    "mcc",
    "g_mean",
    "brier",
    "precision",
    "recall",
)
FREE = ("precision", "recall")
"""Any value can be had by the threshold alone; only the two together say something."""

GUESSING = {"roc_auc": 0.5, "balanced_accuracy": 0.5, "mcc": 0.0}
"""What scores show that know nothing, at any share of positives."""

SLACK = 0.01
"""How far beyond a mistake's own spread a figure still counts as reproduced: others use other
settings, encodings and folds."""

USUAL_DEVIATIONS = 2.0
"""A single split lies within so many standard deviations of the mean, as a rule."""

LUCKY_DEVIATIONS = 3.5
"""And within so many by luck; beyond them nobody is lucky."""

_PART = re.compile(r"\s*([^\s=,;]+)\s*=\s*([^\s=;]+?)\s*(?:[,;\s]|$)")


@dataclass(frozen=True)
class Band:
    """What honesty reaches in one metric, in its better direction.

    Attributes
    ----------
    best : float
        The best mean over splits.
    candidate : str
        Whose it is.
    usual : float
        What a single split of it shows as a rule (the mean and two standard
        deviations), or the luckiest split of any candidate where that is better.
    edge : float
        What a single split may show by luck (three and a half).
    """

    metric: str
    best: float
    candidate: str
    usual: float
    edge: float


@dataclass(frozen=True)
class Judged:
    """One claimed figure and what to think of it."""

    metric: str
    value: float
    verdict: Verdict
    band: Band | None
    note: str = ""


@dataclass(frozen=True)
class Suspect:
    """A mistake that reproduces the claim, and how far its figures are from it.

    ``distance`` is the root mean square over the claimed metrics, each in units
    of the spread over splits (at least `SLACK`).
    """

    mistake: str
    title: str
    model: str
    figures: Mapping[str, float]
    distance: float
    reproduces: bool
    goes_further: bool
    """Whether it makes every figure look better than claimed."""


@dataclass(frozen=True)
class ClaimVerdict:
    """The claim as a whole."""

    dataset: str
    verdict: Verdict
    judged: tuple[Judged, ...]
    suspects: tuple[Suspect, ...]
    n_references: int


def parse_claim(text: str) -> dict[str, float]:
    """Return metric → claimed value, of text such as ``roc_auc=.992 f1=95.8%``.

    Raises
    ------
    UsageError
        If a part is no figure, a metric is unknown or named twice, or a value
        is out of its range.
    """
    claim: dict[str, float] = {}
    position = 0
    while position < len(text):
        match = _PART.match(text, position)
        if match is None:
            rest = text[position:].strip()
            raise UsageError(
                f"--claim: {rest!r} is no figure, expected METRIC=NUMBER",
                hint='such as --claim "roc_auc=.992 f1=.958"',
            )
        name, value = match.groups()
        metric = _metric(name)
        if metric in claim:
            raise UsageError(f"--claim: {metric} is given twice, expected one value")
        claim[metric] = _value(metric, value)
        position = match.end()
    if not claim:
        raise UsageError(
            "--claim: nothing is claimed, expected METRIC=NUMBER",
            hint='such as --claim "roc_auc=.992 f1=.958"',
        )
    return claim


def _metric(name: str) -> str:
    key = name.lower()
    key = ALIASES.get(key, key.replace("-", "_"))
    if key not in CLAIMABLE:
        message = unknown_name("metric", name, CLAIMABLE).message.split(" (see")[0]
        raise UsageError(f"--claim: {message}", hint=f"there are: {', '.join(CLAIMABLE)}")
    return key


def _value(metric: str, text: str) -> float:
    number = text.rstrip(",").removesuffix("%")
    is_percent = text.rstrip(",") != number
    try:
        value = float(number) / (100 if is_percent else 1)
    except ValueError:
        raise UsageError(
            f"--claim: {metric}={text} is no number", hint=f"such as {metric}=.85 or {metric}=85%"
        ) from None
    least = -1.0 if metric == "mcc" else 0.0
    if 1 < value <= 100 and not is_percent:
        raise UsageError(
            f"--claim: {metric}={text} is more than 1",
            hint=f"a percentage is written {metric}={number}%",
        )
    if not math.isfinite(value) or not least <= value <= 1:
        raise UsageError(f"--claim: {metric}={text} is out of range, expected {least:g} to 1")
    return value


# --- judging --------------------------------------------------------------------------


def judge_claim(claim: Mapping[str, float], table: LabTable) -> ClaimVerdict:
    """Return what to think of a claim on the dataset of ``table``."""
    claim = _with_joint_f1(claim)
    judged = tuple(_judge(metric, value, table) for metric, value in claim.items())
    order: tuple[Verdict, ...] = ("plausible", "at the edge", "impossible")
    worst = max((one.verdict for one in judged), key=order.index)
    suspects = [_suspect(claim, row, table) for row in table.rows]
    found = [suspect for suspect in suspects if suspect is not None]
    found.sort(key=lambda s: (not s.reproduces, s.distance, s.mistake, s.model))
    return ClaimVerdict(table.facts.name, worst, judged, tuple(found), len(table.references))


def _with_joint_f1(claim: Mapping[str, float]) -> dict[str, float]:
    """Return the claim with the F1 that its precision and recall make together."""
    found = dict(claim)
    precision, recall = found.get("precision", 0.0), found.get("recall", 0.0)
    if precision + recall > 0 and min(precision, recall) > 0 and "f1" not in found:
        found["f1"] = 2 * precision * recall / (precision + recall)
    return found


def _judge(metric: str, value: float, table: LabTable) -> Judged:
    if metric in FREE:
        note = "any value can be had by the threshold alone; it says something beside the other"
        return Judged(metric, value, "plausible", None, note)
    band = find_band(table, metric)
    if band is None:
        note = "no model of this lab gives what the metric needs"
        return Judged(metric, value, "plausible", None, note)
    sign = _sign(metric)
    verdict: Verdict = "impossible"
    if sign * value <= sign * band.usual:
        verdict = "plausible"
    elif sign * value <= sign * band.edge:
        verdict = "at the edge"
    note = ""
    if value < GUESSING.get(metric, 0.0):
        note = "less than guessing gives; the classes may stand the wrong way round"
    return Judged(metric, value, verdict, band, note)


def _sign(metric: str) -> float:
    return -1.0 if metric in LOWER_IS_BETTER else 1.0


def find_band(table: LabTable, metric: str) -> Band | None:
    """Return what the best honest candidates reach, None where none has the metric.

    Decisions are taken at whichever threshold suits the test rows best, so
    that a figure beyond the band is beyond every way to decide, too.
    """
    sign = _sign(metric)
    key = f"best_{metric}" if metric in CEILINGS else metric
    able = [(r.candidate, r.values[key]) for r in table.references if key in r.values]
    if not able:
        return None
    candidate, values = max(able, key=lambda one: (sign * fmean(one[1]), one[0]))
    best = sign * fmean(values)
    # Few splits say little of their spread, but candidates share the splits.
    spread = math.sqrt(fmean(_spread(found) ** 2 for _, found in able))
    luckiest = max(sign * value for _, found in able for value in found)
    usual = max(best + USUAL_DEVIATIONS * spread, luckiest)
    edge = max(best + LUCKY_DEVIATIONS * spread, usual)
    most = 1.0 if sign > 0 else 0.0
    return Band(
        metric=metric,
        best=sign * best,
        candidate=candidate,
        usual=sign * min(usual, most),
        edge=sign * min(edge, most),
    )


def _spread(values: Sequence[float]) -> float:
    """Return how far a further split lies from the mean of these, as a standard deviation."""
    return max(stdev(values), SLACK / 2) * math.sqrt(1 + 1 / len(values))


def _suspect(claim: Mapping[str, float], row: LabRow, table: LabTable) -> Suspect | None:
    """Return how near a mistake comes to a claim, None where they share no metric."""
    shared = {metric: found for metric in claim if (found := _leaky(row.leaky, metric))}
    if not shared:
        return None
    distances: list[float] = []
    figures: dict[str, float] = {}
    reproduces = True
    for metric, ways in shared.items():
        nearest = min(ways, key=lambda values: abs(fmean(values) - claim[metric]))
        figures[metric] = fmean(nearest)
        distances.append(abs(figures[metric] - claim[metric]) / max(_spread(nearest), SLACK))
        low = min(fmean(values) - USUAL_DEVIATIONS * _spread(values) for values in ways) - SLACK
        high = max(fmean(values) + USUAL_DEVIATIONS * _spread(values) for values in ways) + SLACK
        reproduces = reproduces and low <= claim[metric] <= high
    distance = math.sqrt(fmean(d * d for d in distances))
    goes_further = all(
        _sign(metric) * fmean(max(ways, key=lambda values: _sign(metric) * fmean(values)))
        >= _sign(metric) * claim[metric]
        for metric, ways in shared.items()
    )
    title = next(m.title for m in table.mistakes if m.name == row.mistake)
    return Suspect(row.mistake, title, row.model, figures, distance, reproduces, goes_further)


def _leaky(values: Values, metric: str) -> list[tuple[float, ...]]:
    """Return a metric as a paper may have taken it: at .5, at a chosen threshold, at the best."""
    ways = (metric, f"{metric}_at_05", f"best_{metric}")
    return [values[way] for way in ways if way in values]
