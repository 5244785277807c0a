"""The final table in the terminal: fits 80 columns, readable when piped into a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from bench.domain import BoardRow, Leaderboard
from bench.reports.escaping import clean, shorten
from bench.reports.tables import (
    SUMMARY,
    Board,
    format_coverage,
    format_score,
    lead_by,
    rows_of,
    standin_words,
    used_columns,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console
    from rich.table import Table


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
    console.print(_table(leaderboard, board, rows[:n_rows]))
    for line in _notes(leaderboard, rows, n_rows):
        console.print(Text(line, style="dim"))
    for sentence in answer:
        console.print(Text(clean(sentence.replace("`", ""))))
    if folder is not None:
        # Not wrapped: a broken path cannot be clicked or copied.
        console.print(Text(f"Full boards: {clean(str(folder))}"), soft_wrap=True)


def _table(leaderboard: Leaderboard, board: Board, rows: Sequence[BoardRow]) -> Table:
    """Return the rows as a table; only the leading figure has its interval, for width."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    columns = used_columns(board, rows)
    is_partial = any(row.coverage < 1 for row in rows)
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, show_edge=False)
    table.add_column("#", justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    table.add_column("candidate", overflow="fold", ratio=1)
    for column in columns:
        table.add_column(Text(shorten(column.title, 18)), justify="right", no_wrap=True)
    if is_partial:
        table.add_column("done", justify="right", no_wrap=True)
    for row in rows:
        cells = [
            "" if row.rank is None else str(row.rank),
            "=" if row.is_tied_with_best else "",
            clean(str(row.candidate)),
            *(
                format_score(
                    row.scores.get(column.name),
                    digits=column.digits if position == 0 else min(column.digits, 3),
                    has_interval=position == 0,
                )
                for position, column in enumerate(columns)
            ),
        ]
        if is_partial:
            cells.append(format_coverage(row))
        style = "bold" if row.is_tied_with_best else "" if row.rank else "dim"
        table.add_row(*(Text(cell) for cell in cells), style=style)
    return table


def _notes(leaderboard: Leaderboard, rows: Sequence[BoardRow], n_rows: int) -> list[str]:
    """Return the legend and what the table does not show."""
    notes = ["= cannot be told from the best by this run; [..] corrected 95 % interval"]
    if len(rows) > n_rows:
        notes.append(f"{len(rows) - n_rows} more candidates in the files")
    n_incomplete = sum(row.status != "complete" for row in leaderboard.rows)
    if n_incomplete:
        notes.append(f"{n_incomplete} candidates lack splits and are not ranked")
    n_skipped = len(leaderboard.run.skips)
    if n_skipped:
        notes.append(f"{n_skipped} candidates skipped, reasons in leaderboard.md")
    return notes
