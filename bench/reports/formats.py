"""One board for a pipe: Markdown, CSV, JSON or LaTeX of the rows that are shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bench.analysis.wording import format_margin
from bench.domain import BoardRow
from bench.reports.banners import standin_words
from bench.reports.boards import Column
from bench.reports.csv_files import render_rows_csv
from bench.reports.escaping import escape_markdown
from bench.reports.latex import escape_latex, render_latex_table
from bench.reports.markdown import render_board
from bench.reports.markdown_parts import join_blocks
from bench.reports.numbers import format_score, plural, tie_marks
from bench.reports.views import View


def render_view_markdown(view: View) -> str:
    """Return the board with its legend, nothing of it folded."""
    facts = view.leaderboard.run.facts
    board = replace(view.board, is_brief=False, n_shown=len(view.rows))
    title = escape_markdown(facts.title or facts.name, width=80)
    blocks = [f"# {title}{standin_words(view.leaderboard)}", *render_board(board, view.shown)]
    if view.n_hidden:
        blocks.append(f"{plural(view.n_hidden, 'more candidate')} not shown.")
    return join_blocks(blocks)


def render_view_csv(view: View) -> str:
    """Return the rows in the order of the view, with the figures of its board."""
    return render_rows_csv(view.rows, view.board.columns)


def render_view_latex(view: View) -> str:
    """Return the board as a table for a paper; candidates that lead are in bold."""
    columns = view.columns
    facts = view.leaderboard.run.facts
    caption = (
        f"{view.board.title} of {facts.title or facts.name}{standin_words(view.leaderboard)}: "
        f"means over {plural(view.leaderboard.n_splits, 'split')}"
    )
    return render_latex_table(
        ["", "", "Candidate", *(escape_latex(column.title) for column in columns)],
        [_latex_row(row, columns) for row in view.rows],
        right=[0, *range(3, 3 + len(columns))],
        caption=escape_latex(f"{caption}, in brackets corrected 95 % intervals"),
        notes=[escape_latex(note) + "." for note in _notes(view)],
    )


def _latex_row(row: BoardRow, columns: Sequence[Column]) -> list[str]:
    name = escape_latex(str(row.candidate))
    return [
        "" if row.rank is None else str(row.rank),
        escape_latex(tie_marks(row)),
        rf"\textbf{{{name}}}" if row.is_tied_with_best else name,
        *(
            format_score(
                row.scores.get(column.name),
                digits=column.digits,
                has_interval=column.has_interval,
            ).replace("-", "$-$")
            for column in columns
        ),
    ]


def _notes(view: View) -> list[str]:
    """Return the legend, one sentence a line, without its full stop."""
    leaderboard = view.leaderboard
    notes = ["Bold and =: cannot be told from the best one by this run"]
    margin = leaderboard.equivalence_margin
    if margin is not None:
        notes.append(f"~: shown to be as good, within ±{format_margin(margin)}")
    if view.order:
        notes.append(f"Sorted by {view.order}; numbers and marks are those of the ranking")
    if view.n_hidden:
        notes.append(f"{plural(view.n_hidden, 'more candidate')} not shown")
    return notes
