"""What the figures that lie beside a board, a sweep or the leak lab show."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from bench.analysis.choice import BASELINE, PLAIN
from bench.domain import BoardRow, Candidate, Leaderboard
from bench.metrics import is_lower_better
from bench.reports.banners import standin_words
from bench.reports.boards import RANKING, Board, in_order, lead_by, rows_of
from bench.reports.escaping import shorten
from bench.reports.figures.looks import MARKERS
from bench.reports.figures.values import (
    Dot,
    DotsFigure,
    ImportanceFigure,
    Panel,
    Reference,
    Shares,
    SweepFigure,
    SweepPanel,
)
from bench.reports.importance_views import (
    in_shown_order,
    main_candidates,
    rows_by_method,
    share_spread,
    top_features,
)
from bench.reports.numbers import plural

if TYPE_CHECKING:
    from bench.analysis.importance import ImportanceRow, ImportanceTable
    from bench.analysis.sweep import SweepCell, SweepTable

N_CANDIDATES = 30
N_BRIEF = 20
"""Candidates of a board that does not rank."""
N_FEATURES = 12
_N_MODELS = 3


def figure_title(subject: str, leaderboard: Leaderboard) -> str:
    """Return what is shown and, on a line of its own, of which data."""
    facts = leaderboard.run.facts
    return f"{subject}\n{shorten(facts.title or facts.name, 60)}{standin_words(leaderboard)}"


def ranking(leaderboard: Leaderboard) -> DotsFigure:
    """Return the ranking: ranked candidates with the metric that ranks them."""
    ranked = [row for row in in_order(leaderboard) if row.rank is not None]
    return board_figure(lead_by(RANKING, leaderboard.rank_by), leaderboard, rows=ranked)


def board_figure(
    board: Board,
    leaderboard: Leaderboard,
    *,
    rows: list[BoardRow] | None = None,
    n_most: int = N_CANDIDATES,
) -> DotsFigure:
    """Return the first candidates of a board with its first figure, and the references.

    ``rows`` are those of the board, where they are not all of them.
    """
    column = board.columns[0]
    name = column.name
    of_board = rows_of(board, leaderboard) if rows is None else rows
    measured = [
        row
        for row in of_board
        if name in row.scores and row.coverage == 1 and math.isfinite(row.scores[name].mean)
    ]
    means = {row.candidate: row.scores[name].mean for row in measured}
    shown = [row for row in measured if row.candidate.model != BASELINE]
    baseline = [mean for candidate, mean in means.items() if candidate.model == BASELINE][:1]
    references = []
    if PLAIN in means:
        references.append(Reference(means[PLAIN], "dashed", "plain logistic regression"))
    references += [
        Reference(mean, "dotted", "the prior alone, which knows no customer") for mean in baseline
    ]
    n_more = len(shown) - n_most
    more = (f"{plural(n_more, 'more candidate')} in leaderboard.csv",) if n_more > 0 else ()
    return DotsFigure(
        title=figure_title(f"{board.title}: {shorten(column.title, 40)}", leaderboard),
        dots=tuple(dot_of(row, name) for row in shown[:n_most]),
        notes=(*_notes(column.title, leaderboard, name=name, shown=shown[:n_most]), *more),
        references=tuple(references),
    )


def _notes(
    title: str, leaderboard: Leaderboard, *, name: str, shown: Sequence[BoardRow]
) -> tuple[str, ...]:
    lower = is_lower_better(name)
    notes = [
        f"{shorten(title, 40)}{' (lower is better)' if lower else ''}, mean over "
        f"{plural(leaderboard.n_splits, 'split')} with 95 % interval"
    ]
    if any(row.is_tied_with_best for row in leaderboard.rows):
        ranking_title = lead_by(RANKING, leaderboard.rank_by).columns[0].title
        told = "" if name == leaderboard.rank_by else f" in {shorten(ranking_title, 40)}"
        notes.append(f"filled: cannot be told from the best{told}, judged by paired differences")
        if any(row.rank is None for row in shown):
            notes.append("hollow: told from the best, or another row repaired, which has no rank")
    return tuple(notes)


def dot_of(row: BoardRow, metric: str) -> Dot:
    """Return a candidate's figure with its interval."""
    score = row.scores[metric]
    return make_dot(
        str(row.candidate),
        (score.mean, score.low, score.high),
        is_filled=row.is_tied_with_best,
    )


def make_dot(label: str, interval: Sequence[float], *, is_filled: bool) -> Dot:
    """Return a dot of (mean, low, high), of no width where a single split has no interval."""
    mean, low, high = (x if math.isfinite(x) else interval[0] for x in interval)
    return Dot(label, mean, low, high, is_filled)


def importance(table: ImportanceTable, leaderboard: Leaderboard) -> ImportanceFigure:
    """Return the shares of the top features by method, one candidate for each model."""
    candidates = main_candidates(table, leaderboard)[: len(MARKERS)]
    features = top_features(table, candidates, n=N_FEATURES)
    by_candidate = {candidate: rows_by_method(table, candidate) for candidate in candidates}
    methods = in_shown_order({m for found in by_candidate.values() for m in found})

    def shares(candidate: Candidate, method: str) -> Shares:
        rows: list[ImportanceRow | None] = [
            by_candidate[candidate][method].get(f) for f in features
        ]
        return Shares(
            candidate.model,
            tuple(None if row is None else row.share for row in rows),
            tuple(None if row is None else share_spread(row) for row in rows),
        )

    return ImportanceFigure(
        title=figure_title("Importance of the features", leaderboard),
        features=tuple(features),
        models=tuple(sorted(candidate.model for candidate in candidates)),
        panels=tuple(
            Panel(
                method,
                tuple(shares(c, method) for c in candidates if by_candidate[c].get(method)),
            )
            for method in methods
        ),
    )


def sweep(table: SweepTable) -> SweepFigure:
    """Return gains over ``none`` by prevalence, metric and model."""
    from bench.analysis.sweep import title_of

    models = table.plain[:_N_MODELS]
    tested = [cell for cell in table.cells if cell.difference is not None]
    strategies = tuple(dict.fromkeys(cell.candidate.strategy for cell in tested))
    by_key = {(cell.metric, cell.prevalence, cell.candidate): cell for cell in tested}

    def line(
        metric: str, plain: Candidate, strategy: str
    ) -> tuple[str, tuple[float | None, ...], tuple[bool, ...]]:
        candidate = replace(plain, strategy=strategy)
        cells: list[SweepCell | None] = [
            by_key.get((metric, prevalence, candidate)) for prevalence in table.prevalences
        ]
        return (
            strategy,
            tuple(None if cell is None else cell.gain for cell in cells),
            tuple(cell is not None and cell.is_beyond_noise for cell in cells),
        )

    return SweepFigure(
        title=shorten(table.facts.title or table.facts.name, 48)
        + (" (STAND-IN DATA)" if table.facts.is_standin else ""),
        prevalences=table.prevalences,
        strategies=strategies,
        models=tuple(plain.model for plain in models),
        panels=tuple(
            SweepPanel(
                shorten(title_of(metric), 34),
                plain.model,
                tuple(line(metric, plain, strategy) for strategy in strategies),
            )
            for metric in table.metrics
            for plain in models
        ),
    )
