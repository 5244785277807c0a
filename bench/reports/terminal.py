"""The final table in the terminal: fits 80 columns, readable when piped into a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from bench.domain import BoardRow, Leaderboard
from bench.reports.banners import accepted_faults, standin_words
from bench.reports.bars import draw_bar, glyphs_for, has_interval
from bench.reports.boards import SUMMARY, Board, Column
from bench.reports.escaping import clean, shorten
from bench.reports.numbers import format_coverage, format_number, format_score, tie_marks
from bench.reports.views import View, build_view, describe_view
from bench.reports.wrapping import longest_line, print_sentence, wrap_names

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console
    from rich.table import Table

_GAP = 2
_MARKS_WIDTH = 3 + _GAP + 2 + _GAP
_LEAST_BAR, _MOST_BAR = 12, 32
_ROOMY = 110
"""From this width on the ends of intervals are told in figures, too, and names are whole."""


def print_board(
    leaderboard: Leaderboard,
    console: Console,
    *,
    board: Board = SUMMARY,
    n_rows: int | None = None,
    answer: Sequence[str] = (),
    folder: Path | None = None,
) -> None:
    """Print the first rows of ``board``, see `print_view`."""
    view = build_view(leaderboard, board, n_rows=n_rows)
    print_view(view, console, answer=answer, folder=folder)


def print_view(
    view: View, console: Console, *, answer: Sequence[str] = (), folder: Path | None = None
) -> None:
    """Print a table with the answer under it and where the files are.

    Nothing of a stranger is parsed as markup or sent to the terminal raw.
    """
    from rich.text import Text

    facts = view.leaderboard.run.facts
    if facts.is_standin:
        words = "STAND-IN DATA: not measured on the real table. Do not quote these figures."
        print_sentence(console, words, style="bold reverse")
    for fault in accepted_faults(facts):
        print_sentence(console, fault, style="bold reverse")
    title = shorten(facts.title or facts.name, 40)
    words = f"{view.board.title}: {title}{standin_words(view.leaderboard)}"
    print_sentence(console, words, style="bold")
    console.print(_table(view, width=console.width, encoding=console.encoding))
    for line in describe_view(view):
        print_sentence(console, line, style="dim")
    for sentence in answer:
        print_sentence(console, sentence.replace("`", ""))
    if folder is not None:
        # Not wrapped: a broken path cannot be clicked or copied.
        console.print(Text(f"Full boards: {clean(str(folder))}"), soft_wrap=True)


def _table(view: View, *, width: int, encoding: str) -> Table:
    """Return the rows with as many of the figures as fit beside the candidates' names."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    names = [clean(str(row.candidate)) for row in view.rows]
    is_roomy = width >= _ROOMY
    if not is_roomy:
        least = _width_of(_figures(view, width=0, is_roomy=False))
        names = wrap_names(names, width - _MARKS_WIDTH - least)
    longest = longest_line(names)
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, show_edge=False)
    table.add_column("#", justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    table.add_column("candidate", overflow="fold")
    figures = _figures(view, width=width - longest - _MARKS_WIDTH, is_roomy=is_roomy)
    bar_width = min(_MOST_BAR, width - longest - _MARKS_WIDTH - _width_of(figures) - _GAP)
    bars = _bars(view, width=bar_width, encoding=encoding)
    for k, (title, _) in enumerate(figures):
        table.add_column(Text(title), justify="right", no_wrap=True)
        if bars and k == 0:
            table.add_column(Text(bars[0]), no_wrap=True)
    for k, row in enumerate(view.rows):
        cells = ["" if row.rank is None else str(row.rank), tie_marks(row), names[k]]
        cells += [texts[k] for _, texts in figures]
        if bars:
            cells.insert(4, bars[1][k])
        style = "bold" if row.is_tied_with_best else "" if row.rank else "dim"
        table.add_row(*(Text(cell) for cell in cells), style=style)
    return table


_Figure = tuple[str, list[str]]
"""A heading and a text for every row."""


def _figures(view: View, *, width: int, is_roomy: bool) -> list[_Figure]:
    """Return the figures that leave room for the bars, at least the one that leads the board."""
    if not view.columns:
        return []
    lead, has_bars = view.columns[0], view.axis(_LEAST_BAR) is not None
    figures = [_figure(lead, view, digits=lead.digits)]
    if is_roomy and has_bars:
        figures.append(("interval", [_ends(row, lead) for row in view.rows]))
    if any(row.coverage < 1 for row in view.rows):
        figures.append(("done", [format_coverage(row) for row in view.rows]))
    used = _width_of(figures) + (_LEAST_BAR + _GAP if has_bars else 0)
    for column in view.columns[1:]:
        figure = _figure(column, view, digits=min(column.digits, 3))
        used += _width_of([figure])
        if used > width:
            break
        figures.append(figure)
    return figures


def _figure(column: Column, view: View, *, digits: int) -> _Figure:
    """Return a mean for every row; only the leading figure has all its digits, for width."""
    texts = [format_score(row.scores.get(column.name), digits=digits) for row in view.rows]
    return shorten(column.title, 18), texts


def _ends(row: BoardRow, lead: Column) -> str:
    """Return the interval of the leading figure: ``[.8341, .8557]``."""
    score = row.scores.get(lead.name)
    if score is None or not has_interval(score):
        return ""
    low, high = (format_number(end, digits=lead.digits) for end in (score.low, score.high))
    return f"[{low}, {high}]"


def _bars(view: View, *, width: int, encoding: str) -> tuple[str, list[str]] | None:
    """Return the heading and the bar of every row; ``None`` where there is nothing to draw."""
    axis = view.axis(width)
    if axis is None or width < _LEAST_BAR // 2:
        return None
    lead, glyphs = view.columns[0], glyphs_for(encoding)
    bars = [draw_bar(row.scores.get(lead.name), axis, glyphs) for row in view.rows]
    return axis.labels(lead.digits), bars


def _width_of(figures: Sequence[_Figure]) -> int:
    return sum(_GAP + max(map(len, (title, *texts))) for title, texts in figures)
