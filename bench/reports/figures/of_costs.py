"""Figures of quality against what candidates cost: time to fit, time to predict, memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from bench.analysis.choice import BASELINE
from bench.analysis.shapes import pareto_front, seconds_per_fit
from bench.domain import BoardRow
from bench.metrics import is_lower_better, metric_title
from bench.reports.figures.exhibits import CANDIDATE, Exhibit, Material, candidate_cells
from bench.reports.figures.values import REFERENCE, Axis, Format, Line, Plot, PlotsFigure, Points
from bench.reports.numbers import plural


@dataclass(frozen=True)
class _Cost:
    """Something that candidates take: the figure's ``name``, words for it, and a row's amount."""

    name: str
    words: str
    axis: str
    told: str
    column: str
    amount: Callable[[BoardRow], float]
    format: Format


_COSTS = (
    _Cost(
        name="quality_and_time",
        words="time to fit",
        axis="CPU time of a fit",
        told="CPU seconds of a fit: resampling, searching and fitting, means over the splits on "
        "the machine that measured them",
        column="seconds",
        amount=seconds_per_fit,
        format="seconds",
    ),
    _Cost(
        name="quality_and_predict_time",
        words="time to predict",
        axis="CPU time to score the test rows of a split",
        told="CPU seconds to score the test rows of a split, means over the splits on the machine "
        "that measured them",
        column="predict_seconds",
        amount=lambda row: row.costs.get("predict_seconds", 0.0),
        format="seconds",
    ),
    _Cost(
        name="quality_and_memory",
        words="memory",
        axis="peak memory of the process, MB",
        told="peak memory of the process that fitted it, in MB, the highest of the splits, on the "
        "machine that measured it; the interpreter and its libraries are in it",
        column="peak_memory_mb",
        amount=lambda row: row.costs.get("peak_memory_mb", 0.0),
        format="count",
    ),
)


def exhibits_of_costs(material: Material) -> Iterator[Exhibit]:
    """Return quality against each cost that was measured."""
    metric = material.leaderboard.rank_by
    ranked = [
        row
        for row in material.rows
        if row.rank is not None
        and row.candidate == row.candidate.fitted
        and row.candidate.model != BASELINE
        and metric in row.scores
    ]
    for cost in _COSTS:
        usable = [row for row in ranked if cost.amount(row) > 0]
        if usable:
            yield _exhibit(material, cost, usable)


def _exhibit(material: Material, cost: _Cost, usable: Sequence[BoardRow]) -> Exhibit:
    metric = material.leaderboard.rank_by
    is_lower = is_lower_better(metric)
    front = pareto_front(usable, cost.amount, metric=metric, is_lower_better=is_lower)
    return Exhibit(
        name=cost.name,
        heading=f"Quality against {cost.words}",
        caption=f"{metric_title(metric)} (mean over "
        f"{plural(material.leaderboard.n_splits, 'split')}) against {cost.told}. The dotted line "
        "joins the candidates that no other beats at the same cost or less; filled marks cannot "
        "be told from the best.",
        data=_figure(material, cost, usable, front=front),
        columns=("rank", *CANDIDATE, cost.column, "metric", "mean", "tied_with_best", "on_front"),
        rows=[
            {
                "rank": row.rank,
                **candidate_cells(row.candidate),
                cost.column: cost.amount(row),
                "metric": metric,
                "mean": row.scores[metric].mean,
                "tied_with_best": row.is_tied_with_best,
                "on_front": row in front,
            }
            for row in usable
        ],
    )


def _figure(
    material: Material, cost: _Cost, usable: Sequence[BoardRow], *, front: Sequence[BoardRow]
) -> PlotsFigure:
    metric = material.leaderboard.rank_by
    places = {row.candidate: (cost.amount(row), row.scores[metric].mean) for row in usable}
    amounts, means = zip(*places.values(), strict=True)
    room = 0.05 * (max(means) - min(means)) or 0.01
    steps: list[tuple[float, float]] = []
    for row in front:
        amount, mean = places[row.candidate]
        steps += [*([(amount, steps[-1][1])] if steps else []), (amount, mean)]
    models = sorted({row.candidate.model for row in usable})
    of_model = {m: [row for row in usable if row.candidate.model == m] for m in models}
    plot = Plot(
        x=Axis(cost.axis, min(amounts) / 1.5, max(amounts) * 1.5, cost.format, is_log=True),
        y=Axis(metric_title(metric), min(means) - room, max(means) + room),
        lines=(Line("nothing is better for less", tuple(steps), REFERENCE),),
        points=tuple(
            Points(
                model,
                tuple(places[row.candidate] for row in rows),
                look=k,
                are_filled=tuple(row.is_tied_with_best for row in rows),
            )
            for k, (model, rows) in enumerate(of_model.items())
        ),
    )
    return PlotsFigure(
        title=material.title(f"{metric_title(metric)} against {cost.words}"),
        plots=(plot,),
        notes=("filled: cannot be told from the best",),
    )
