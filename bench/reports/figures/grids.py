"""Grids of figures, shaded by how good they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.reports.figures.looks import (
    BLUE,
    EDGE,
    LINE,
    ORANGE,
    SMALL,
    WIDTH,
    fit,
    open_sheet,
    width_of,
    wrap,
)
from bench.reports.figures.values import Cell, GridFigure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_ROW = 0.26
_MOST_SHADE = 0.55
"""Little enough for black figures to be read on it."""
_WIDEST = 1.1
_NAMES = 3.0
"""Of the names of rows, so that there is room for the figures."""


def draw_grid(data: GridFigure) -> Figure:
    """Return the figures in their cells; columns are named above, upright where there is room."""
    from matplotlib.patches import Rectangle

    notes = [line for note in data.notes for line in wrap(note)]
    names = [fit(name, _NAMES, size=SMALL) for name in data.rows]
    left = max(width_of(name, size=SMALL) for name in names) + 2 * EDGE
    cell = min(_WIDEST, (WIDTH - left - EDGE) / len(data.columns))
    widest = max(width_of(name, size=SMALL) for name in data.columns)
    is_turned = widest > cell - 0.06
    head = (widest if is_turned else LINE) + 0.1
    below = LINE * len(notes) + EDGE + 0.06
    sheet, top = open_sheet(head + _ROW * len(data.rows) + below, data.title)
    top -= EDGE + head
    for k, name in enumerate(data.columns):
        middle = left + cell * (k + 0.5)
        if is_turned:  # the middle of small letters is so far from their base line
            sheet.write(middle + 0.35 * SMALL / 72, top + 0.06, name, size=SMALL, angle=90)
        else:
            sheet.write(middle, top + 0.06, name, ha="center", size=SMALL)
    size = min(SMALL, SMALL * (cell - 0.04) / _widest_text(data))
    for r, name in enumerate(names):
        bottom = top - _ROW * (r + 1)
        sheet.write(left - EDGE, bottom + 0.08, name, ha="right", size=SMALL)
        for k, found in enumerate(data.cells[r]):
            if found is None:
                continue
            x = left + cell * k
            patch = Rectangle(
                (x / WIDTH, bottom / sheet.height),
                (cell - 0.02) / WIDTH,
                (_ROW - 0.02) / sheet.height,
                facecolor=_shade(found),
                linewidth=0,
                transform=sheet.figure.transFigure,
            )
            sheet.figure.add_artist(patch)
            sheet.write(x + cell / 2, bottom + 0.08, found.text, ha="center", size=size)
    sheet.write_lines(below - 0.06, notes)
    return sheet.figure


def _widest_text(data: GridFigure) -> float:
    texts = {found.text for row in data.cells for found in row if found is not None}
    return max((width_of(text, size=SMALL) for text in texts), default=0.1)


def _shade(cell: Cell) -> tuple[float, float, float]:
    """Return white mixed with blue, or with orange for what is below zero."""
    from matplotlib.colors import to_rgb

    share = min(1.0, abs(cell.shade)) * _MOST_SHADE
    red, green, blue = to_rgb(BLUE if cell.shade >= 0 else ORANGE)
    return (1 - share * (1 - red), 1 - share * (1 - green), 1 - share * (1 - blue))
