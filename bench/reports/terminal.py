"""The final table in the terminal: fits 80 columns, readable when piped into a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from bench.domain import BoardRow, Leaderboard
from bench.reports.escaping import clean, shorten
from bench.reports.tables import (
    SUMMARY,
    Board,
    Column,
    format_coverage,
    format_number,
    format_score,
    lead_by,
    plural,
    rows_of,
    standin_words,
    tie_marks,
    used_columns,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console
    from rich.table import Table

_GAP = 2
_MARKS_WIDTH = 3 + _GAP + 2 + _GAP
_NAME_WIDTH = 36
"""Longer names go on in a second line."""


def print_board(
    leaderboard: Leaderboard,
    console: Console,
    *,
    board: Board = SUMMARY,
    n_rows: int | None = None,
    answer: Sequence[str] = (),
    folder: Path | None = None,
) -> None:
    """Print ``board`` with the answer under it and where the files are.

    Nothing of a stranger is parsed as markup or sent to the terminal raw.
    """
    from rich.text import Text

    facts = leaderboard.run.facts
    if board.name in ("summary", "ranking"):
        board = lead_by(board, leaderboard.rank_by)
    if facts.is_standin:
        words = "STAND-IN DATA: not measured on the real table. Do not quote these figures."
        console.print(Text(words, style="bold reverse"))
    title = shorten(facts.title or facts.name, 40)
    console.print(Text(f"{board.title}: {title}{standin_words(leaderboard)}", style="bold"))
    rows = rows_of(board, leaderboard)
    n_rows = n_rows or board.n_shown
    console.print(_table(board, rows[:n_rows], width=console.width))
    for line in _notes(leaderboard, rows, n_rows):
        console.print(Text(line, style="dim"))
    for sentence in answer:
        console.print(Text(clean(sentence.replace("`", ""))))
    if folder is not None:
        # Not wrapped: a broken path cannot be clicked or copied.
        console.print(Text(f"Full boards: {clean(str(folder))}"), soft_wrap=True)


def _table(board: Board, rows: Sequence[BoardRow], *, width: int) -> Table:
    """Return the rows with as many of the figures as fit beside the candidates' names."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    names = [_wrap(clean(str(row.candidate))) for row in rows]
    marks = [("" if row.rank is None else str(row.rank), _mark(row)) for row in rows]
    figures = [
        (shorten(column.title, 18), [_figure(column, row, is_lead=k == 0) for row in rows])
        for k, column in enumerate(used_columns(board, rows))
    ]
    if any(row.coverage < 1 for row in rows):
        figures.insert(1, ("done", [format_coverage(row) for row in rows]))
    longest = max((len(line) for name in names for line in name.splitlines()), default=0)
    figures = _fitting(figures, width - longest - _MARKS_WIDTH)
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, show_edge=False)
    table.add_column("#", justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    table.add_column("candidate", overflow="fold")
    for title, _ in figures:
        table.add_column(Text(title), justify="right", no_wrap=True)
    for k, row in enumerate(rows):
        cells = [*marks[k], names[k], *(texts[k] for _, texts in figures)]
        style = "bold" if row.is_tied_with_best else "" if row.rank else "dim"
        table.add_row(*(Text(cell) for cell in cells), style=style)
    return table


def _wrap(name: str) -> str:
    """Return ``name``, where it is too long broken before the last part that does not fit."""
    if len(name) <= _NAME_WIDTH:
        return name
    cut = name.rfind("+", 0, _NAME_WIDTH + 1)
    return name if cut <= 0 else f"{name[:cut]}\n  {name[cut:]}"


def _mark(row: BoardRow) -> str:
    return tie_marks(row)


def _figure(column: Column, row: BoardRow, *, is_lead: bool) -> str:
    """Return a mean; only the leading figure has its interval and all its digits, for width."""
    digits = column.digits if is_lead else min(column.digits, 3)
    return format_score(row.scores.get(column.name), digits=digits, has_interval=is_lead)


def _fitting(figures: list[tuple[str, list[str]]], width: int) -> list[tuple[str, list[str]]]:
    """Return the first columns that fit ``width`` cells, at least one."""
    used = 0
    kept: list[tuple[str, list[str]]] = []
    for title, texts in figures:
        used += _GAP + max(map(len, (title, *texts)))
        if kept and used > width:
            break
        kept.append((title, texts))
    return kept


def _notes(leaderboard: Leaderboard, rows: Sequence[BoardRow], n_rows: int) -> list[str]:
    """Return the legend and what the table does not show."""
    notes = ["= cannot be told from the best by this run; [..] corrected 95 % interval"]
    margin = leaderboard.equivalence_margin
    if margin is not None and any(row.is_equivalent_to_best for row in rows[1:]):
        notes.append(
            f"~ shown to be as good as the best, within ±{format_number(margin, digits=3)}"
        )
    if len(rows) > n_rows:
        notes.append(f"{plural(len(rows) - n_rows, 'more candidate')} in the files")
    n_stopped = sum(row.status == "stopped" for row in leaderboard.rows)
    if n_stopped:
        notes.append(f"{plural(n_stopped, 'row')} stopped in the race, not ranked")
    n_incomplete = sum(row.status not in ("complete", "stopped") for row in leaderboard.rows)
    if n_incomplete:
        notes.append(f"{plural(n_incomplete, 'candidate')} without all splits, not ranked")
    n_skipped = len(leaderboard.run.skips)
    if n_skipped:
        notes.append(f"{plural(n_skipped, 'candidate')} skipped, reasons in leaderboard.md")
    return notes
