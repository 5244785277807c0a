"""The few Markdown constructs that the pages are made of, readable as plain text too."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

from bench.reports.escaping import clean, escape_markdown, width_of

Align = Literal["left", "right"]


def render_table(
    titles: Sequence[str], rows: Iterable[Sequence[str]], *, right: Iterable[int] = ()
) -> str:
    """Return a GitHub table with padded cells.

    Parameters
    ----------
    titles : sequence of str
        One heading a column; the cells must already be escaped.
    rows : iterable of sequences of str
        As many cells a row as there are titles.
    right : iterable of int
        Positions of the columns that hold numbers; the others start at the left.
    """
    numbers = set(right)
    lines = [list(titles), *(list(row) for row in rows)]
    widths = [max(3, *(width_of(line[k]) for line in lines)) for k in range(len(titles))]

    def pad(cell: str, k: int) -> str:
        space = " " * (widths[k] - width_of(cell))
        return space + cell if k in numbers else cell + space

    rule = [
        "-" * (width - 1) + ":" if k in numbers else "-" * width for k, width in enumerate(widths)
    ]
    padded = [[pad(cell, k) for k, cell in enumerate(line)] for line in lines]
    return "\n".join(f"| {' | '.join(line)} |" for line in [padded[0], rule, *padded[1:]])


def render_long_table(
    titles: Sequence[str], rows: Sequence[Sequence[str]], *, right: Iterable[int], n_shown: int
) -> str:
    """Return a table of the first rows and, folded below it, one of the others."""
    right = tuple(right)
    # A handful of rows is not worth a click.
    if len(rows) <= n_shown + 3:
        return render_table(titles, rows, right=right)
    rest = render_table(titles, rows[n_shown:], right=right)
    shown = render_table(titles, rows[:n_shown], right=right)
    return f"{shown}\n\n{fold(f'{len(rows) - n_shown} more', rest)}"


def fold(summary: str, body: str) -> str:
    """Return ``body`` hidden behind ``summary``; the blank lines keep it Markdown."""
    return f"<details><summary>{summary}</summary>\n\n{body}\n\n</details>"


def fold_long(summary: str, lines: Sequence[str], *, n_shown: int = 8) -> str:
    """Return ``lines``, folded where they are many."""
    body = "\n".join(lines)
    return body if len(lines) <= n_shown else fold(summary, body)


def render_sentence(text: str) -> str:
    """Return a sentence of ours escaped, but with what it has in backticks left as code."""
    pieces = text.split("`")
    if len(pieces) % 2 == 0:
        return escape_markdown(text)
    pieces[::2] = [_escape_keeping_ends(piece) for piece in pieces[::2]]
    pieces[1::2] = [clean(piece) for piece in pieces[1::2]]
    return "`".join(pieces)


def _escape_keeping_ends(text: str) -> str:
    """Return ``text`` escaped, the blanks that part it from its neighbours kept."""
    before, after = text[:1].isspace(), text[-1:].isspace()
    escaped = escape_markdown(text)
    return f"{' ' * before}{escaped}{' ' * (after and bool(escaped))}"


def render_code(text: str) -> str:
    """Return ``text`` on one line in a fence that it cannot close."""
    text = clean(text)
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}sh\n{text}\n{fence}"


def join_blocks(blocks: Iterable[str]) -> str:
    """Return the blocks that are not empty, with a blank line between them."""
    return "\n\n".join(block for block in blocks if block) + "\n"
