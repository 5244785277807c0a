"""Figures of the boards, and of what strategies change."""

from __future__ import annotations

from collections.abc import Iterator

from bench.analysis.choice import BASELINE
from bench.analysis.effects import StrategyEffect
from bench.domain import BoardRow, Leaderboard
from bench.metrics import is_lower_better, metric_title
from bench.reports.boards import Board, boards_of, lead_by, rows_of
from bench.reports.csv_files import Cell as CsvCell
from bench.reports.figures import known
from bench.reports.figures.exhibits import CANDIDATE, Exhibit, Material, both_ends, candidate_cells
from bench.reports.figures.values import Cell, DotsFigure, GridFigure, Reference
from bench.reports.numbers import format_number, plural

INTERVALS = "Bars are 95 % intervals, corrected for the training rows that splits share."


def exhibits_of_boards(material: Material) -> Iterator[Exhibit]:
    """Return a figure of each board, and what strategies change, where there is any."""
    for board in boards_of(material.leaderboard):
        yield from _board(material.leaderboard, board)
    yield from _heat(material)
    yield from _differences(material)


def exhibits_of_ranking(leaderboard: Leaderboard) -> Iterator[Exhibit]:
    """Return the figure of the ranking, where anybody is ranked."""
    return _board(leaderboard, boards_of(leaderboard)[0])


def _board(leaderboard: Leaderboard, board: Board) -> Iterator[Exhibit]:
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
    shown, which = both_ends(effects, known.N_CANDIDATES)
    if not shown:
        return
    yield Exhibit(
        name="differences",
        heading="What strategies change",
        caption=f"Change in {metric_title(metric)} against the same model, tuning and "
        "preparation without a strategy, the mean of paired differences over "
        f"{_n_splits(material)}. {INTERVALS} Filled dots are beyond noise (p under .05 "
        "after Holm's correction over all comparisons)."
        + (f" Drawn: {which}; the table has all." if which else ""),
        data=DotsFigure(
            title=material.title(f"Change in {metric_title(metric)} against no strategy"),
            dots=tuple(
                known.make_dot(
                    str(e.candidate),
                    (e.difference, e.low, e.high),
                    is_filled=e.is_beyond_noise,
                )
                for e in shown
            ),
            notes=(
                "mean paired difference with 95 % interval; filled: beyond noise"
                + (" (lower is better)" if sign > 0 else ""),
                *([which] if which else []),
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


def _n_splits(material: Material) -> str:
    return plural(material.leaderboard.n_splits, "split")
