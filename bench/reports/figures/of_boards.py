"""Figures of the boards, and of what strategies change."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bench.analysis.choice import BASELINE
from bench.analysis.effects import StrategyEffect
from bench.domain import BoardRow, Candidate, Leaderboard
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
    """Return each model with each strategy in the metric that ranks."""
    metric = material.leaderboard.rank_by
    is_lower = is_lower_better(metric)
    lines, others = _lines(material)
    rows = [row for line in lines for _, row in sorted(line.items())]
    if len(rows) < 2:
        return
    found = {strategy for line in lines for strategy in line}
    strategies = sorted(found, key=lambda name: (name != "none", name))
    real = {e.candidate for e in material.evidence.effects.get(metric, ()) if e.is_beyond_noise}
    order = sorted((row.scores[metric].mean for row in rows), reverse=is_lower)

    def cell(row: BoardRow | None) -> Cell | None:
        if row is None:
            return None
        mean = row.scores[metric].mean
        share = order.index(mean) / (len(order) - 1)
        return Cell(format_number(mean) + ("*" if row.candidate in real else ""), share**1.5)

    better = "lower" if is_lower else "higher"
    yield Exhibit(
        name="strategies",
        heading="Model × strategy",
        caption=f"{metric_title(metric)} of each model with each strategy, means over "
        f"{_n_splits(material)}. A line is one model in one tuning and preparation: those of its "
        f"best row without a strategy. The stronger the blue, the better ({better}), shaded by "
        "rank. * differs from none in the same line by more than noise (paired corrected test, "
        "p under .05 after Holm's correction)."
        + (f" Under another tuning or preparation only: {', '.join(others)}." if others else ""),
        data=GridFigure(
            title=material.title(f"{metric_title(metric)} by model and strategy"),
            rows=tuple(_line_name(next(iter(line.values())).candidate) for line in lines),
            columns=tuple(strategies),
            cells=tuple(tuple(cell(line.get(name)) for name in strategies) for line in lines),
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
            for row in rows
        ],
    )


def _lines(material: Material) -> tuple[list[dict[str, BoardRow]], list[str]]:
    """Return each model's rows by strategy, as heat.js chooses them, and strategies left out."""
    metric = material.leaderboard.rank_by
    sign = -1 if is_lower_better(metric) else 1
    by_model: dict[str, list[BoardRow]] = {}
    for row in material.rows:
        c = row.candidate
        is_plain = c.repair == "none" and c.decision == "f1" and c.model != BASELINE
        if is_plain and metric in row.scores and row.coverage == 1:
            by_model.setdefault(c.model, []).append(row)
    lines = []
    for _, own in sorted(by_model.items()):
        plain = [row for row in own if row.candidate.strategy == "none"] or own[:1]
        best = max(plain, key=lambda row: sign * row.scores[metric].mean).candidate
        lines.append(
            {
                row.candidate.strategy: row
                for row in own
                if row.candidate == replace(best, strategy=row.candidate.strategy)
            }
        )
    everywhere = {row.candidate.strategy for own in by_model.values() for row in own}
    return lines, sorted(everywhere.difference(*lines))


def _line_name(candidate: Candidate) -> str:
    """Return model and tuning, and the preparation where it is not the usual one."""
    c = candidate
    setting = c.tuning if c.preparation == "encoded" else f"{c.tuning}+{c.preparation}"
    return f"{c.model} {setting}"


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
