"""Figures of tuning: what it bought, and how searches went."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from bench.metrics import is_lower_better, metric_title
from bench.reports.figures.exhibits import Exhibit, Material, both_ends, label_of
from bench.reports.figures.known import N_CANDIDATES, make_dot
from bench.reports.figures.values import (
    Axis,
    DotsFigure,
    Line,
    Plot,
    PlotsFigure,
    Points,
    Reference,
)
from bench.reports.numbers import plural

_FEW = 6
"""Searches that have a look each; of more, lines are thin and trials are left out."""
_HARDLY = 0.2
"""A number with a weaker link is not said to be better up or down."""


class _Comparison(NamedTuple):
    """A tuned candidate against its twin, as the page has it; both are numbers of rows."""

    row: int
    twin: int
    difference: float
    low: float
    high: float
    adjusted_p_value: float
    flags: int
    is_better: bool
    seconds: float
    seconds_of_twin: float

    @property
    def is_beyond_noise(self) -> bool:
        """Whether noise alone would hardly have made such a difference."""
        return bool(self.flags & 1)

    @property
    def is_equivalent(self) -> bool:
        """Whether the difference is too small to matter."""
        return bool(self.flags & 2)


def exhibits_of_tuning(material: Material) -> Iterator[Exhibit]:
    """Return the figures of tuning, where anything was tuned."""
    tuned = material.page["tuning"]
    if tuned is None:
        return
    if tuned["bought"]:
        yield _bought(material, tuned)
    if tuned["studies"]:
        first = tuned["studies"][0]["row"]
        own = [study for study in tuned["studies"] if study["row"] == first]
        yield from _searches(material, tuned["metric"], own)
        links = [link for link in tuned["links"] if link["row"] == first]
        if links:
            yield _parameters(material, tuned["metric"], links)


def _bought(material: Material, tuned: Mapping[str, Any]) -> Exhibit:
    metric = tuned["metric"]
    lower = is_lower_better(metric)
    bought = sorted(
        (_Comparison(*one) for one in tuned["bought"]),
        key=lambda one: one.difference if lower else -one.difference,
    )
    shown, which = both_ends(bought, N_CANDIDATES)
    candidates = [row.candidate for row in material.rows]
    return Exhibit(
        name="tuning_gains",
        heading="What tuning bought",
        caption=f"Change in {metric_title(metric)} of tuned candidates against the same model and "
        "strategy untuned, or at recommended settings (a study that chose its strategy is set "
        f"against none), over {plural(material.leaderboard.n_splits, 'split')}. Bars are 95 % "
        "intervals, paired by split and corrected for shared training rows. Filled: beyond noise "
        "(p under .05 after Holm's correction)."
        + (f" Drawn: {which}; the table has all." if which else ""),
        data=DotsFigure(
            title=material.title(f"What tuning bought in {metric_title(metric)}"),
            dots=tuple(
                make_dot(
                    f"{candidates[one.row]} against {candidates[one.twin].tuning}",
                    (one.difference, one.low, one.high),
                    is_filled=one.is_beyond_noise,
                )
                for one in shown
            ),
            notes=(
                "mean paired difference with 95 % interval; filled: beyond noise"
                + (" (lower is better)" if lower else ""),
                *([which] if which else []),
            ),
            references=(Reference(0.0, "solid"),),
            axis="signed",
        ),
        columns=(
            *("candidate", "against", "metric", "difference", "low", "high", "adjusted_p_value"),
            *("beyond_noise", "equivalent", "seconds", "seconds_against"),
        ),
        rows=[
            {
                "candidate": str(candidates[one.row]),
                "against": str(candidates[one.twin]),
                "metric": metric,
                "difference": one.difference,
                "low": one.low,
                "high": one.high,
                "adjusted_p_value": one.adjusted_p_value,
                "beyond_noise": one.is_beyond_noise,
                "equivalent": one.is_equivalent,
                "seconds": one.seconds,
                "seconds_against": one.seconds_of_twin,
            }
            for one in bought
        ],
    )


def _searches(
    material: Material, metric: str, studies: Sequence[Mapping[str, Any]]
) -> Iterator[Exhibit]:
    """Return the best figure so far of the searches of one candidate."""
    values = [value for study in studies for value in study["best"] if value is not None]
    if not values:
        return
    candidate = material.rows[studies[0]["row"]].candidate
    room = 0.05 * (max(values) - min(values)) or 0.005
    y = Axis(
        f"best {metric_title(metric)} on inner folds so far", min(values) - room, max(values) + room
    )
    n_trials = max(2, *(len(study["best"]) for study in studies))
    is_few = len(studies) <= _FEW
    plot = Plot(
        x=Axis("trial", 1, n_trials, "count"),
        y=y,
        lines=tuple(
            line
            for k, study in enumerate(studies)
            if (line := _steps(study, k, is_few=is_few)).points
        ),
        points=tuple(
            found for k, study in enumerate(studies) if is_few and (found := _trials(study, k, y))
        ),
    )
    yield Exhibit(
        name="searches",
        heading="How a search went",
        caption=f"Best {metric_title(metric)} on inner folds so far in the searches of "
        f"{candidate}, a line for each of {plural(len(studies), 'split')}"
        + ("; marks are trials, those given up or far below are left out." if is_few else "."),
        data=PlotsFigure(material.title(f"Searches of {label_of(candidate)}"), (plot,)),
        columns=("candidate", "split", "trial", "value", "best_so_far"),
        rows=[
            {
                "candidate": str(candidate),
                "split": study["split"],
                "trial": k,
                "value": value,
                "best_so_far": best,
            }
            for study in studies
            for k, (value, best) in enumerate(
                zip(study["tried"], study["best"], strict=True), start=1
            )
        ],
    )


def _steps(study: Mapping[str, Any], look: int, *, is_few: bool) -> Line:
    points: list[tuple[float, float]] = []
    for trial, value in enumerate(study["best"], start=1):
        if value is not None:
            points += [(trial, points[-1][1])] if points else []
            points.append((trial, value))
    return Line(f"split {study['split']}" if is_few else "", tuple(points), look, is_thin=True)


def _trials(study: Mapping[str, Any], look: int, y: Axis) -> Points | None:
    inside = [
        (float(trial), value)
        for trial, value in enumerate(study["tried"], start=1)
        if value is not None and y.low <= value <= y.high
    ]
    return Points("", tuple(inside), look) if inside else None


# --- parameters -----------------------------------------------------------------------


def _parameters(material: Material, metric: str, links: Sequence[Mapping[str, Any]]) -> Exhibit:
    """Return how the parameters of one candidate went with the figure of its trials."""
    candidate = material.rows[links[0]["row"]].candidate
    lower = is_lower_better(metric)
    shown = links[:N_CANDIDATES]
    left_out = f"the {len(shown)} strongest of {len(links)}" if len(shown) < len(links) else ""
    return Exhibit(
        name="tuning_parameters",
        heading="Which parameters went with success",
        caption=f"How closely the parameters of {candidate} went with {metric_title(metric)} on "
        "inner folds, over the complete trials of its searches, from 0 to 1. Numbers: the size of "
        "Spearman's rank correlation of value and figure within a search; choices: the "
        "correlation ratio of the same ranks. Strengths of few trials are often chance, and the "
        "sampler tries more where it was good: this is no proof of a cause."
        + (f" Drawn: {left_out}." if left_out else ""),
        data=DotsFigure(
            title=material.title(f"Parameters in the searches of {label_of(candidate)}"),
            dots=tuple(
                make_dot(
                    f"{link['name']}, {_direction(link, lower=lower)}",
                    (abs(link["strength"]),) * 3,
                    is_filled=True,
                )
                for link in shown
            ),
            notes=(
                "numbers: size of the rank correlation with the figure; choices: correlation ratio",
                *([left_out] if left_out else []),
            ),
            references=(Reference(0.0, "solid"),),
        ),
        columns=("candidate", "parameter", "kind", "strength", "n_trials", "tried", "chosen"),
        rows=[
            {
                "candidate": str(candidate),
                "parameter": link["name"],
                "kind": link["kind"],
                "strength": link["strength"],
                "n_trials": link["n"],
                "tried": link["tried"],
                "chosen": link["chosen"],
            }
            for link in links
        ],
    )


def _direction(link: Mapping[str, Any], *, lower: bool) -> str:
    """Return where trials were better, ``lower`` figures being the better ones or not."""
    if link["kind"] == "category":
        return "by choice"
    if abs(link["strength"]) < _HARDLY:
        return "hardly any link"
    return "better higher" if (link["strength"] > 0) != lower else "better lower"
