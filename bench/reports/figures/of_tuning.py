"""Figures of tuning: what it bought, and how searches went."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bench.reports.figures.exhibits import (
    Exhibit,
    Material,
    is_lower_better,
    label_of,
    metric_title,
)
from bench.reports.figures.known import make_dot
from bench.reports.figures.values import (
    Axis,
    DotsFigure,
    Line,
    Plot,
    PlotsFigure,
    Points,
    Reference,
)
from bench.reports.tables import plural

_MOST_TWINS = 24
_FEW = 6
"""Searches that have a look each; of more, lines are thin and trials are left out."""


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


def _bought(material: Material, tuned: Mapping[str, Any]) -> Exhibit:
    metric = tuned["metric"]
    lower = is_lower_better(metric)
    bought = sorted(tuned["bought"], key=lambda one: one[2] if lower else -one[2])
    rows = material.rows
    return Exhibit(
        name="tuning_gains",
        heading="What tuning bought",
        caption=f"Change in {metric_title(metric)} of tuned candidates against the same model and "
        "strategy untuned, or at recommended settings (a study that chose its strategy is set "
        f"against none), over {plural(material.leaderboard.n_splits, 'split')}. Bars are 95 % "
        "intervals, paired by split and corrected for shared training rows. Filled: beyond noise "
        "(p under .05 after Holm's correction).",
        data=DotsFigure(
            title=material.title(f"What tuning bought in {metric_title(metric)}"),
            dots=tuple(
                make_dot(
                    f"{label_of(rows[one[0]].candidate)} against {rows[one[1]].candidate.tuning}",
                    one[2:5],
                    is_filled=bool(one[6] & 1),
                )
                for one in bought[:_MOST_TWINS]
            ),
            notes=(
                "mean paired difference with 95 % interval; filled: beyond noise"
                + (" (lower is better)" if lower else ""),
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
                "candidate": str(rows[row].candidate),
                "against": str(rows[twin].candidate),
                "metric": metric,
                "difference": difference,
                "low": low,
                "high": high,
                "adjusted_p_value": p,
                "beyond_noise": bool(flags & 1),
                "equivalent": bool(flags & 2),
                "seconds": seconds,
                "seconds_against": seconds_of_twin,
            }
            for row, twin, difference, low, high, p, flags, _, seconds, seconds_of_twin in bought
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
