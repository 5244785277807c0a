"""Figures of the boards, of what strategies change, and of what candidates cost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bench.analysis.effects import StrategyEffect
from bench.analysis.shapes import pareto_front, seconds_per_fit
from bench.domain import BoardRow
from bench.reports.csv_files import Cell as CsvCell
from bench.reports.figures import known
from bench.reports.figures.exhibits import (
    CANDIDATE,
    Exhibit,
    Material,
    candidate_cells,
    is_lower_better,
    label_of,
    metric_title,
)
from bench.reports.figures.values import (
    REFERENCE,
    Axis,
    Cell,
    DotsFigure,
    GridFigure,
    Line,
    Plot,
    PlotsFigure,
    Points,
    Reference,
)
from bench.reports.tables import (
    BASELINE,
    Board,
    boards_of,
    format_number,
    lead_by,
    plural,
    rows_of,
)

MOST_CHANGES = 24
INTERVALS = "Bars are 95 % intervals, corrected for the training rows that splits share."


def exhibits_of_boards(material: Material) -> Iterator[Exhibit]:
    """Return a figure of each board, the strategies and the costs, where there is any."""
    for board in boards_of(material.leaderboard):
        yield from _board(material, board)
    yield from _heat(material)
    yield from _differences(material)
    yield from _cost(material)


def _board(material: Material, board: Board) -> Iterator[Exhibit]:
    leaderboard = material.leaderboard
    if board.name == "ranking":
        board = lead_by(board, leaderboard.rank_by)
        data = known.ranking(leaderboard)
    elif board.sort_by:
        board = lead_by(board, board.sort_by)
        data = known.board_figure(board, leaderboard, n_most=known.N_BRIEF)
    else:
        return
    metric = board.columns[0].name
    rows = [row for row in rows_of(board, leaderboard) if metric in row.scores]
    if not data.dots:
        return
    yield Exhibit(
        name=board.name,
        heading=f"{board.title} board",
        caption=f"{metric_title(metric)} of the first {plural(len(data.dots), 'candidate')} of the "
        f"{board.title.lower()} board, means over {plural(leaderboard.n_splits, 'split')}. "
        f"{INTERVALS} Filled dots cannot be told from the best candidate in "
        f"{metric_title(leaderboard.rank_by)}; overlap of bars says nothing about that, because "
        "candidates are compared split by split.",
        data=data,
        columns=("rank", *CANDIDATE, "metric", "mean", "low", "high", "tied_with_best", "n_splits"),
        rows=[
            {
                "rank": row.rank,
                **candidate_cells(row.candidate),
                "metric": metric,
                "mean": row.scores[metric].mean,
                "low": row.scores[metric].low,
                "high": row.scores[metric].high,
                "tied_with_best": None if row.rank is None else row.is_tied_with_best,
                "n_splits": row.n_splits,
            }
            for row in rows
        ],
    )


# --- strategies -----------------------------------------------------------------------


def _heat(material: Material) -> Iterator[Exhibit]:
    """Return the best row of each model and strategy in the metric that ranks."""
    metric = material.leaderboard.rank_by
    sign = -1 if is_lower_better(metric) else 1
    best: dict[tuple[str, str], BoardRow] = {}
    for row in material.rows:
        c = row.candidate
        is_plain = c.repair == "none" and c.decision == "f1" and c.model != BASELINE
        if is_plain and metric in row.scores and row.coverage == 1:
            own = best.setdefault((c.model, c.strategy), row)
            if sign * row.scores[metric].mean > sign * own.scores[metric].mean:
                best[c.model, c.strategy] = row
    models = sorted({model for model, _ in best})
    strategies = sorted({strategy for _, strategy in best}, key=lambda s: (s != "none", s))
    if len(best) < 2:
        return
    real = {e.candidate: e for e in material.evidence.effects.get(metric, ()) if e.is_beyond_noise}
    order = sorted({sign * row.scores[metric].mean for row in best.values()})

    def cell(model: str, strategy: str) -> Cell | None:
        row = best.get((model, strategy))
        if row is None:
            return None
        mean = row.scores[metric].mean
        share = order.index(sign * mean) / (len(order) - 1) if len(order) > 1 else 1.0
        return Cell(format_number(mean) + ("*" if row.candidate in real else ""), share**1.5)

    better = "lower" if sign < 0 else "higher"
    yield Exhibit(
        name="strategies",
        heading="Model × strategy",
        caption=f"{metric_title(metric)} of each model with each strategy, the best tuning of "
        f"each, means over {_n_splits(material)}; the stronger the blue, the "
        f"better ({better}), shaded by rank. * differs from none in the same model by more than "
        "noise (paired corrected test, p under .05 after Holm's correction).",
        data=GridFigure(
            title=material.title(f"{metric_title(metric)} by model and strategy"),
            rows=tuple(models),
            columns=tuple(strategies),
            cells=tuple(tuple(cell(m, s) for s in strategies) for m in models),
            notes=(f"* differs from none by more than noise; darker is better ({better})",),
        ),
        columns=(*CANDIDATE, "metric", "mean", "differs_from_none"),
        rows=[
            {
                **candidate_cells(row.candidate),
                "metric": metric,
                "mean": row.scores[metric].mean,
                "differs_from_none": row.candidate in real,
            }
            for _, row in sorted(best.items())
        ],
    )


def _differences(material: Material) -> Iterator[Exhibit]:
    metric = material.leaderboard.rank_by
    sign = 1 if is_lower_better(metric) else -1
    effects = sorted(
        material.evidence.effects.get(metric, ()), key=lambda effect: sign * effect.difference
    )
    shown = _ends(effects)
    if not shown:
        return
    left_out = (
        (f"the {MOST_CHANGES // 2} best and worst of {len(effects)}",) if shown != effects else ()
    )
    yield Exhibit(
        name="differences",
        heading="What strategies change",
        caption=f"Change in {metric_title(metric)} against the same model, tuning and "
        "preparation without a strategy, the mean of paired differences over "
        f"{_n_splits(material)}. {INTERVALS} Filled dots are beyond noise (p under .05 "
        "after Holm's correction over all comparisons)."
        + (f" Drawn: {left_out[0]}; the table has all." if left_out else ""),
        data=DotsFigure(
            title=material.title(f"Change in {metric_title(metric)} against no strategy"),
            dots=tuple(
                known.make_dot(
                    label_of(e.candidate),
                    (e.difference, e.low, e.high),
                    is_filled=e.is_beyond_noise,
                )
                for e in shown
            ),
            notes=(
                "mean paired difference with 95 % interval; filled: beyond noise"
                + (" (lower is better)" if sign > 0 else ""),
                *left_out,
            ),
            references=(Reference(0.0, "solid"),),
            axis="signed",
        ),
        columns=_DIFFERENCE_COLUMNS,
        rows=[_difference_cells(effect, metric) for effect in effects],
    )


_DIFFERENCE_COLUMNS = (
    *CANDIDATE,
    *("metric", "difference", "low", "high", "adjusted_p_value", "beyond_noise", "equivalent"),
)


def _difference_cells(effect: StrategyEffect, metric: str) -> dict[str, CsvCell]:
    return {
        **candidate_cells(effect.candidate),
        "metric": metric,
        "difference": effect.difference,
        "low": effect.low,
        "high": effect.high,
        "adjusted_p_value": effect.adjusted_p_value,
        "beyond_noise": effect.is_beyond_noise,
        "equivalent": effect.is_equivalent,
    }


def _ends(effects: list[StrategyEffect]) -> list[StrategyEffect]:
    """Return the first and the last ones, where they are too many for a figure."""
    half = MOST_CHANGES // 2
    return effects if len(effects) <= MOST_CHANGES else [*effects[:half], *effects[-half:]]


def _n_splits(material: Material) -> str:
    return plural(material.leaderboard.n_splits, "split")


# --- cost -----------------------------------------------------------------------------


def _cost(material: Material) -> Iterator[Exhibit]:
    metric = material.leaderboard.rank_by
    usable = [
        row
        for row in material.rows
        if row.rank is not None
        and row.candidate == row.candidate.fitted
        and row.candidate.model != BASELINE
        and metric in row.scores
        and seconds_per_fit(row) > 0
    ]
    if not usable:
        return
    front = pareto_front(
        usable, seconds_per_fit, metric=metric, is_lower_better=is_lower_better(metric)
    )
    yield Exhibit(
        name="quality_and_time",
        heading="Quality against time",
        caption=f"{metric_title(metric)} (mean over {_n_splits(material)}) against CPU seconds of "
        "a fit: resampling, searching and fitting, means over the splits on the machine that "
        "measured them. The dotted line joins the candidates that no other beats in the same "
        "time or less; filled marks cannot be told from the best.",
        data=_cost_figure(material, usable, front),
        columns=("rank", *CANDIDATE, "seconds", "metric", "mean", "tied_with_best", "on_front"),
        rows=[
            {
                "rank": row.rank,
                **candidate_cells(row.candidate),
                "seconds": seconds_per_fit(row),
                "metric": metric,
                "mean": row.scores[metric].mean,
                "tied_with_best": row.is_tied_with_best,
                "on_front": row in front,
            }
            for row in usable
        ],
    )


def _cost_figure(
    material: Material, usable: Sequence[BoardRow], front: Sequence[BoardRow]
) -> PlotsFigure:
    metric = material.leaderboard.rank_by
    places = {row.candidate: (seconds_per_fit(row), row.scores[metric].mean) for row in usable}
    seconds, figures = zip(*places.values(), strict=True)
    room = 0.05 * (max(figures) - min(figures)) or 0.01
    steps: list[tuple[float, float]] = []
    for row in front:
        cost, figure = places[row.candidate]
        steps += [*([(cost, steps[-1][1])] if steps else []), (cost, figure)]
    models = sorted({row.candidate.model for row in usable})
    of_model = {m: [row for row in usable if row.candidate.model == m] for m in models}
    points = tuple(
        Points(
            model,
            tuple(places[row.candidate] for row in rows),
            look=k,
            are_filled=tuple(row.is_tied_with_best for row in rows),
        )
        for k, (model, rows) in enumerate(of_model.items())
    )
    plot = Plot(
        x=Axis("CPU time of a fit", min(seconds) / 1.5, max(seconds) * 1.5, "seconds", is_log=True),
        y=Axis(metric_title(metric), min(figures) - room, max(figures) + room),
        lines=(Line("nothing is better for less", tuple(steps), REFERENCE),),
        points=points,
    )
    return PlotsFigure(
        title=material.title(f"{metric_title(metric)} against time to fit"),
        plots=(plot,),
        notes=("filled: cannot be told from the best",),
    )
