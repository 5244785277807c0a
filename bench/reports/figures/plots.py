"""Plots of lines, bands and points, side by side."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from bench.reports.figures.frames import Frame, Place, y_margin
from bench.reports.figures.looks import (
    EDGE,
    LINE,
    SMALL,
    WIDTH,
    Entry,
    Sheet,
    colour_of,
    dash_of,
    fit,
    legend_lines,
    marker_of,
    open_sheet,
    wrap,
)
from bench.reports.figures.values import Line, Plot, PlotsFigure, Points

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_BELOW = 0.46
"""For ticks and the name of the horizontal axis."""
_ABOVE = 0.24
"""For the name of the vertical one, which stands above it, where it is read more easily."""
_NAMES = 0.56
"""So much of the width is there for the names of an axis that has no numbers."""
_BOLD = 1.2
"""Bold type is at most so much wider."""
_MARKS = 8
"""A line bears so many marks, by which it is told from others in print."""


def draw_plots(data: PlotsFigure) -> Figure:
    """Return the plots in rows, what their marks mean, and the notes."""
    entries = _entries(data.plots)
    notes = [line for note in data.notes for line in wrap(note)]
    n_rows = -(-len(data.plots) // data.n_columns)
    has_titles = any(plot.title for plot in data.plots)
    row = data.plot_height + _BELOW + _ABOVE + (LINE if has_titles else 0)
    words = LINE * (legend_lines(entries) + len(notes)) + EDGE
    sheet, top = open_sheet(n_rows * row + words, data.title)
    column = (WIDTH - EDGE) / data.n_columns
    for k, plot in enumerate(data.plots):
        corner = (EDGE + column * (k % data.n_columns), top - EDGE - row * (k // data.n_columns))
        _draw_plot(sheet, plot, corner, width=column - EDGE, height=data.plot_height)
    sheet.write_legend(words, entries)
    sheet.write_lines(words - LINE * legend_lines(entries), notes)
    return sheet.figure


def _draw_plot(
    sheet: Sheet, plot: Plot, corner: tuple[float, float], *, width: float, height: float
) -> None:
    """Draw one plot below and right of ``corner``."""
    x, y = corner
    if plot.title:
        sheet.write(x, y - 0.14, fit(plot.title, width / _BOLD), weight="bold")
        y -= LINE
    sheet.write(x, y - 0.13, plot.y.label, size=SMALL)
    bottom = y - _ABOVE - height
    names = tuple((at, fit(name, width * _NAMES, size=SMALL)) for at, name in plot.y.ticks)
    y_axis = replace(plot.y, ticks=names)
    margin = y_margin(y_axis)
    inner = width - margin - EDGE
    frame = Frame(sheet, x + margin, bottom, inner, height, plot.x, y_axis)
    frame.draw_y()
    frame.draw_x(n=max(3, min(8, int(inner / 0.45))))
    for band in plot.bands:
        frame.band(band.points, colour=colour_of(band.look))
    for line in plot.lines:
        _draw_line(frame, line)
    for points in plot.points:
        _draw_points(frame, points)
    sheet.write(x + margin + inner, bottom - 0.36, plot.x.label, size=SMALL, ha="right")


def _draw_line(frame: Frame, line: Line) -> None:
    marks: dict[str, Any] = {}
    if line.look >= 0 and not line.is_thin and len(line.points) > 2 * _MARKS:
        step = len(line.points) // _MARKS
        start = (line.look * step) // 3 % step
        marks = {
            "marker": marker_of(line.look),
            "markevery": (start, step),
            "markersize": 4,
            "markeredgecolor": "white",
            "markeredgewidth": 0.5,
        }
    frame.line(
        line.points,
        color=colour_of(line.look),
        linestyle=dash_of(line.look),
        linewidth=1.0 if line.is_thin or line.look < 0 else 1.6,
        zorder=2.1 if line.look < 0 else 2.3,
        **marks,
    )


def _draw_points(frame: Frame, points: Points) -> None:
    colour = colour_of(points.look)
    if points.whiskers:
        ends: list[tuple[Place, Place]] = [
            ((low, y), (high, y)) if points.are_whiskers_flat else ((x, low), (x, high))
            for (x, y), (low, high) in zip(points.points, points.whiskers, strict=True)
        ]
        frame.segments(ends, color=colour, linewidth=1.3)
    filled = points.are_filled or (True,) * len(points.points)
    for is_filled in (True, False):
        own = [at for at, marked in zip(points.points, filled, strict=True) if marked == is_filled]
        frame.marks(own, marker=marker_of(points.look), colour=colour, is_filled=is_filled)


def _entries(plots: tuple[Plot, ...]) -> list[Entry]:
    """Return what has a name, once."""
    found: dict[Entry, None] = {}  # candidates first, then what they are compared with
    for plot in plots:
        named = [(line.name, line.look, "line") for line in plot.lines]
        named += [(points.name, points.look, "dot") for points in plot.points]
        named += [(band.name, band.look, "band") for band in plot.bands]
        for name, look, kind in named:
            if name:
                found[Entry(name, look, kind)] = None
    return sorted(found, key=lambda entry: entry.look < 0)
