"""Lists of figures with their intervals, one a line."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from bench.reports.figures.frames import Frame
from bench.reports.figures.looks import (
    BLUE,
    EDGE,
    GREY,
    LIGHT,
    LINE,
    RED,
    WIDTH,
    fit,
    open_sheet,
    width_of,
    wrap,
)
from bench.reports.figures.values import Axis, DotsFigure
from bench.reports.numbers import format_number

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_ROW = 0.2
_TICKS = 0.28
_WIDEST = 4.0
"""Of labels: as much is left for the figures."""


def draw_dots(data: DotsFigure) -> Figure:
    """Return dots with intervals, marked ones filled, and the references as lines."""
    n = len(data.dots)
    low, high = _limits(data)
    notes = [line for note in (*data.notes, *_references(data, low, high)) for line in wrap(note)]
    body, below = _ROW * (n + 0.2), _TICKS + LINE * len(notes) + EDGE
    sheet, _ = open_sheet(body + below, data.title)
    labels = [fit(dot.label, _WIDEST) for dot in data.dots]
    left = max(map(width_of, labels)) + 2 * EDGE
    frame = Frame(
        sheet,
        left,
        below,
        WIDTH - left - 2 * EDGE,
        body,
        x=Axis("", low, high, data.axis),
        y=Axis("", n - 0.4, -0.6),
    )
    frame.draw_x()
    has_both = len({dot.is_filled for dot in data.dots}) > 1
    for y, (dot, label) in enumerate(zip(data.dots, labels, strict=True)):
        colour = BLUE if dot.is_filled and has_both else "black"
        at = frame.inches(low, y)[1] - 0.045
        sheet.write(left - EDGE, at, label, ha="right", color=colour)
    _draw_rows(frame, data)
    for reference in data.references:
        if low <= reference.value <= high:
            is_named = bool(reference.name)
            frame.line(
                [(reference.value, n - 0.4), (reference.value, -0.6)],
                color=RED if is_named else GREY,
                linewidth=1.1 if is_named else 0.9,
                linestyle=reference.dash,
                zorder=2.2,
            )
    sheet.write_lines(below - _TICKS, notes)
    return sheet.figure


def _draw_rows(frame: Frame, data: DotsFigure) -> None:
    low, high = frame.x.low, frame.x.high
    rows = list(enumerate(data.dots))
    frame.segments([((low, y), (high, y)) for y, _ in rows], color=LIGHT, linewidth=0.6, zorder=1)
    frame.segments(
        [((dot.low, y), (dot.high, y)) for y, dot in rows],
        colors=[BLUE if dot.is_filled else GREY for dot in data.dots],
        linewidth=1.4,
    )
    for is_filled, colour in ((True, BLUE), (False, GREY)):
        own = [(dot.mean, float(y)) for y, dot in rows if dot.is_filled == is_filled]
        frame.marks(own, marker="o", colour=colour, is_filled=is_filled)


def _limits(data: DotsFigure) -> tuple[float, float]:
    """Return what holds all dots and nameless references, with a little room on both sides."""
    values = [x for dot in data.dots for x in (dot.mean, dot.low, dot.high) if math.isfinite(x)]
    values += [reference.value for reference in data.references if not reference.name]
    low, high = min(values), max(values)
    room = 0.04 * (high - low) or 0.01 * abs(high) or 0.01
    return low - room, high + room


def _references(data: DotsFigure, low: float, high: float) -> list[str]:
    """Return what each named reference is; those out of view are told in words alone."""
    return [
        f"{one.dash if low <= one.value <= high else 'out of view'}: {one.name}, "
        f"{format_number(one.value)}"
        for one in data.references
        if one.name
    ]
