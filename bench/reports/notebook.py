"""The leaderboard as a notebook shows it: an HTML table, all text in it escaped."""

from __future__ import annotations

import html
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields

from bench.domain import BoardRow, Leaderboard
from bench.reports.banners import standin_words
from bench.reports.bars import Axis, has_interval
from bench.reports.boards import SUMMARY, Column
from bench.reports.escaping import clean, shorten
from bench.reports.numbers import format_score, tie_marks
from bench.reports.terminal import print_board
from bench.reports.views import build_view, describe_view

_WIDTH, _HEIGHT = 160, 14
"""Of a bar, in pixels."""
_COLUMNS = 80


@dataclass(frozen=True)
class ShownLeaderboard(Leaderboard):
    """A leaderboard that notebooks show as a table, and consoles as the terminal does."""

    def __repr__(self) -> str:
        from rich.console import Console

        text = io.StringIO()
        print_board(self, Console(file=text, width=_COLUMNS, color_system=None))
        return text.getvalue().rstrip()

    def _repr_html_(self) -> str:
        return render_leaderboard_html(self)


def as_shown(leaderboard: Leaderboard) -> ShownLeaderboard:
    """Return the same leaderboard as notebooks can show it."""
    return ShownLeaderboard(**{f.name: getattr(leaderboard, f.name) for f in fields(leaderboard)})


def render_leaderboard_html(leaderboard: Leaderboard, *, n_rows: int | None = None) -> str:
    """Return the first rows as an HTML fragment without scripts or outside parts.

    Parameters
    ----------
    leaderboard : Leaderboard
    n_rows : int, optional
        As many as the terminal shows, where it is not given.
    """
    view = build_view(leaderboard, SUMMARY, n_rows=n_rows)
    facts = leaderboard.run.facts
    title = f"{SUMMARY.title}: {shorten(facts.title or facts.name, 80)}{standin_words(leaderboard)}"
    columns, axis = view.columns, view.axis(_WIDTH)
    titles = ["#", "", "candidate", *(column.title for column in columns)]
    if axis is not None:
        titles.insert(4, "95 % interval")
    return "\n".join(
        [
            '<div class="tex2jax_ignore mathjax_ignore">',  # a $ in a name is no formula
            f"<p><b>{_escape(title)}</b></p>",
            "<table>",
            f"<thead>{_line('th', map(_escape, titles))}</thead>",
            "<tbody>",
            *(_line("td", _cells(row, columns, axis)) for row in view.rows),
            "</tbody>",
            "</table>",
            *(f"<p><small>{_escape(note)}</small></p>" for note in describe_view(view)),
            "</div>",
        ]
    )


def _cells(row: BoardRow, columns: Sequence[Column], axis: Axis | None) -> list[str]:
    """Return the cells of one row as HTML."""
    name = _escape(str(row.candidate))
    cells = [
        "" if row.rank is None else str(row.rank),
        tie_marks(row),
        f"<b>{name}</b>" if row.is_tied_with_best else name,
        *(format_score(row.scores.get(c.name), digits=c.digits) for c in columns),
    ]
    if axis is not None:
        cells.insert(4, _bar(row, columns[0], axis))
    return cells


def _bar(row: BoardRow, column: Column, axis: Axis) -> str:
    """Return an interval as a small drawing that says its figures to those who cannot see it."""
    score = row.scores.get(column.name)
    if score is None or not has_interval(score):
        return ""
    words = _escape(format_score(score, digits=column.digits, has_interval=True))
    ends = (min(max(axis.position(end), 0.0), _WIDTH) for end in (score.low, score.high))
    start, end = (f"{x:.1f}" for x in ends)
    middle = _HEIGHT / 2
    dot = axis.position(score.mean)
    circle = f'<circle cx="{dot:.1f}" cy="{middle}" r="3"/>' if 0 <= dot <= _WIDTH else ""
    return (
        f'<svg width="{_WIDTH}" height="{_HEIGHT}" role="img" aria-label="{words}" '
        f'fill="currentColor" stroke="currentColor"><title>{words}</title>'
        f'<line x1="{start}" x2="{end}" y1="{middle}" y2="{middle}"/>{circle}</svg>'
    )


def _line(kind: str, cells: Iterable[str]) -> str:
    return f"<tr>{''.join(f'<{kind}>{cell}</{kind}>' for cell in cells)}</tr>"


def _escape(text: str) -> str:
    return html.escape(clean(text))
