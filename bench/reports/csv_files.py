"""Files for spreadsheets and scripts: fixed order, fixed digits, no formulas.

`render_leaderboard_csv` depends on stored scores alone, so that it is
byte-identical over workers, engines and resumes; everything measured by a
clock is in `render_costs_csv`.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Mapping, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING

from bench.domain import BoardRow, Leaderboard, Score
from bench.reports.boards import Column, boards_of, in_order
from bench.reports.escaping import escape_cell
from bench.serial import to_json

if TYPE_CHECKING:
    from bench.analysis.importance import ImportanceTable

Cell = str | int | float | bool | None

IDENTITY = (
    "rank",
    "model",
    "strategy",
    "tuning",
    "status",
    "n_splits",
    "coverage",
    "tied_with_best",
)

DETAILS = (
    "preparation",
    "repair",
    "decision",
    "outputs",
    "difference_low",
    "difference_high",
    "equivalent_to_best",
    "p_best",
    "negatives_before",
    "positives_before",
    "negatives_after",
    "positives_after",
    "address",
    "skip_reason",
)

COSTS = (
    "fit_seconds",
    "predict_seconds",
    "tune_seconds",
    "resample_seconds",
    "prepare_seconds",
    "peak_memory_mb",
)

IMPORTANCE = (
    "model",
    "strategy",
    "tuning",
    "method",
    "feature",
    "importance",
    "importance_std",
    "rank",
    "n_splits",
    "preparation",
    "share",
)


def render_leaderboard_csv(leaderboard: Leaderboard) -> str:
    """Return one line per candidate: ranked ones, then unranked, then skipped ones."""
    columns = [column for board in boards_of(leaderboard) for column in board.columns]
    rows = [_board_row(row, columns) for row in in_order(leaderboard)]
    for skip in sorted(leaderboard.run.skips, key=lambda skip: skip.candidate):
        cells = to_json(skip.candidate)
        cells |= {"status": "skipped", "n_splits": 0, "skip_reason": skip.reason}
        rows.append(cells)
    return render_csv(_header(columns), rows)


def render_rows_csv(rows: Iterable[BoardRow], columns: Sequence[Column]) -> str:
    """Return some rows, in the given order, with some of the figures."""
    return render_csv(_header(columns), [_board_row(row, columns) for row in rows])


def _header(columns: Iterable[Column]) -> tuple[str, ...]:
    return *IDENTITY, *(name for column in columns for name in _names(column)), *DETAILS


def render_costs_csv(leaderboard: Leaderboard) -> str:
    """Return what a fit of each candidate took: means over splits, CPU seconds and megabytes.

    Rows that differ after the fit only share a line.
    """
    fitted = {row.candidate.fitted: row.costs for row in reversed(in_order(leaderboard))}
    rows = [{**to_json(fits), **costs} for fits, costs in reversed(fitted.items())]
    return render_csv(("model", "strategy", "tuning", "preparation", *COSTS), rows)


def render_importance_csv(table: ImportanceTable) -> str:
    """Return one line per candidate, method and feature, in the user's own column names."""
    places = ("model", "strategy", "tuning", "preparation", "method", "rank", "feature")
    rows = sorted(table.rows, key=attrgetter(*places))
    return render_csv(
        IMPORTANCE, ({name: getattr(row, name) for name in IMPORTANCE} for row in rows)
    )


def _board_row(row: BoardRow, columns: Iterable[Column]) -> dict[str, Cell]:
    """Return the cells of one row by column name."""
    cells: dict[str, Cell] = to_json(row.candidate)
    cells |= {"rank": row.rank, "status": row.status, "n_splits": row.n_splits}
    cells |= {"coverage": row.coverage, "outputs": row.outputs}
    cells["tied_with_best"] = None if row.rank is None else row.is_tied_with_best
    cells["equivalent_to_best"] = None if row.rank is None else row.is_equivalent_to_best
    cells |= {"p_best": row.p_best, "address": row.address}
    cells |= {"difference_low": row.difference_low, "difference_high": row.difference_high}
    if row.n_splits:
        cells["negatives_before"], cells["positives_before"] = row.counts_before
        cells["negatives_after"], cells["positives_after"] = row.counts_after
    for column in columns:
        score = row.scores.get(column.name)
        if score is not None:
            cells |= zip(_names(column), _values(score), strict=False)
    return cells


def _names(column: Column) -> tuple[str, ...]:
    """Return the names of the mean and, where kept, of its spread and interval."""
    name = column.name
    return (name, f"{name}_std", f"{name}_low", f"{name}_high") if column.has_spread else (name,)


def _values(score: Score) -> tuple[float, ...]:
    return score.mean, score.std, score.low, score.high


def render_csv(names: Sequence[str], rows: Iterable[Mapping[str, Cell]]) -> str:
    """Return CSV text; a name that a row lacks is a blank."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([escape_cell(name) for name in names])
    for row in rows:
        writer.writerow([_render_cell(row.get(name)) for name in names])
    return text.getvalue()


def _render_cell(value: Cell) -> str:
    """Return a cell with fixed digits: blank for what does not apply, no negative zero."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return escape_cell(value)
    if isinstance(value, int):
        return str(value)
    if not math.isfinite(value):
        return ""
    text = f"{value:.6f}"
    return text.lstrip("-") if float(text) == 0 else text
