"""Panels of several series on shared lines: importances, sweeps, pairs."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

from bench.reports.figures.frames import Frame, Place
from bench.reports.figures.looks import (
    COLOURS,
    EDGE,
    GREY,
    LIGHT,
    LINE,
    MARKERS,
    SMALL,
    WIDTH,
    Entry,
    colour_of,
    drawable,
    fit,
    legend_lines,
    marker_of,
    open_sheet,
    width_of,
)
from bench.reports.figures.values import (
    Axis,
    ImportanceFigure,
    PairsFigure,
    Panel,
    SweepFigure,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_ROW = 0.27
_NAMES = 2.4
"""Inches for the features' names: the panels need the rest."""
_LINEAR_TO = 0.01
_GAINS = (-1.0, -0.1, -0.01, 0.0, 0.01, 0.1, 1.0)


def draw_importance(data: ImportanceFigure) -> Figure:
    """Return a panel per method with the features' shares, a marker per model."""
    n = len(data.features)
    told = {shares.model for panel in data.panels for shares in panel.shares}
    entries = [Entry(m, k, "dot") for k, m in enumerate(data.models) if m in told]
    words = LINE * (legend_lines(entries) + 1) + EDGE
    below = words + 0.42
    sheet, top = open_sheet(0.26 + _ROW * n + below, data.title)
    features = [fit(name, _NAMES) for name in data.features]
    left = max(map(width_of, features)) + 2 * EDGE
    column = (WIDTH - left - EDGE) / len(data.panels)
    for k, feature in enumerate(features):
        sheet.write(left - EDGE, below + _ROW * (n - k - 0.5) - 0.045, feature, ha="right")
    high = 100 * max(
        share + (spread or 0.0)
        for panel in data.panels
        for one in panel.shares
        for share, spread in zip(one.shares, one.spreads, strict=True)
        if share is not None
    )
    x_axis, y_axis = Axis("", 0.0, 1.04 * high or 1.0, "count"), Axis("", n - 0.5, -0.5)
    for k, panel in enumerate(data.panels):
        x = left + column * k
        frame = Frame(sheet, x, below, column - 0.15, _ROW * n, x_axis, y_axis)
        frame.draw_x(n=max(2, min(6, int(column / 0.5))))
        _draw_shares(frame, panel, data)
        sheet.write(x, top - EDGE - 0.16, panel.method, size=10)
        sheet.write(x, below - 0.36, "share, %", size=SMALL)
    sheet.write_legend(words, entries)
    lines = ["whiskers: one standard deviation over the splits to each side"]
    sheet.write_lines(words - LINE * legend_lines(entries), lines)
    return sheet.figure


def _draw_shares(frame: Frame, panel: Panel, data: ImportanceFigure) -> None:
    rows = range(len(data.features))
    lines: list[tuple[Place, Place]] = [((0.0, y), (frame.x.high, y)) for y in rows]
    frame.segments(lines, color=LIGHT, linewidth=0.7, zorder=1)
    for one in panel.shares:
        k = data.models.index(one.model)
        # A little above or below the line, so that equal shares stay visible.
        shift = 0.6 * ((k + 0.5) / len(data.models) - 0.5)
        points = [
            (100 * share, y + shift, 100 * (spread or 0.0))
            for y, (share, spread) in enumerate(zip(one.shares, one.spreads, strict=True))
            if share is not None
        ]
        frame.segments(
            [((max(0.0, x - spread), y), (x + spread, y)) for x, y, spread in points],
            color=colour_of(k),
            linewidth=0.9,
            alpha=0.7,
        )
        frame.line(
            [(x, y) for x, y, _ in points],
            linestyle="none",
            marker=marker_of(k),
            color=colour_of(k),
            markeredgecolor="white",
            markeredgewidth=0.5,
            markersize=6,
            zorder=2.6,
        )


def draw_sweep(data: SweepFigure) -> Figure:
    """Return a row of panels per metric, a column per model, gains against prevalence."""
    from matplotlib.figure import Figure
    from matplotlib.ticker import FixedLocator, FuncFormatter

    n_columns = len(data.models)
    n_rows = len(data.panels) // n_columns
    figure = Figure(figsize=(WIDTH, 1.3 + 1.75 * n_rows), layout="constrained")
    grid = figure.subplots(n_rows, n_columns, sharex=True, sharey="row", squeeze=False)
    handles: dict[str, Any] = {}
    for axes, panel in zip(grid.flat, data.panels, strict=True):
        axes.axhline(0.0, color=GREY, linewidth=0.9, zorder=0)
        for strategy, gains, is_real in panel.gains:
            k = data.strategies.index(strategy)
            handles[strategy] = _draw_gains(axes, data.prevalences, gains, is_real, look=k)
        axes.set_xscale("log")
        axes.set_xticks(data.prevalences, [f"{100 * p:.3g} %" for p in data.prevalences])
        # Linear around 0, so that one strategy that breaks down leaves room for the others.
        axes.set_yscale("symlog", linthresh=_LINEAR_TO)
        axes.yaxis.set_major_locator(FixedLocator(_GAINS))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda gain, _: f"{gain:+g}" if gain else "0"))
        axes.minorticks_off()
    for axes in grid[-1]:
        axes.set_xlabel("positives among training rows", loc="left")
    for axes, model in zip(grid[0], data.models, strict=True):
        axes.set_title(drawable(model), loc="left")
    for axes, panel in zip(grid[:, 0], data.panels[::n_columns], strict=True):
        axes.set_ylabel(textwrap.fill(drawable(panel.metric), 20))
    figure.suptitle(drawable(data.title), x=0.01, ha="left", fontweight="bold", fontsize=10)
    shown = [strategy for strategy in data.strategies if strategy in handles]
    figure.legend(
        [handles[strategy] for strategy in shown],
        [drawable(strategy) for strategy in shown],
        loc="outside lower left",
        title="gain over none: up is better everywhere; filled: beyond noise",
        alignment="left",
        ncols=min(len(shown), 5),
        frameon=False,
    )
    return figure


def _draw_gains(
    axes: Axes,
    prevalences: tuple[float, ...],
    gains: tuple[float | None, ...],
    is_real: tuple[bool, ...],
    *,
    look: int,
) -> Any:
    """Draw one strategy's line, its marks filled where the gain is beyond noise."""
    colour, marker = COLOURS[look % len(COLOURS)], MARKERS[look % len(MARKERS)]
    points = [
        (p, gain, real)
        for p, gain, real in zip(prevalences, gains, is_real, strict=True)
        if gain is not None
    ]
    (line,) = axes.plot(
        [p for p, _, _ in points],
        [gain for _, gain, _ in points],
        marker,
        linestyle="-",
        color=colour,
        linewidth=1.0,
        markersize=4.5,
        markerfacecolor="white",
    )
    real_ones = [(p, gain) for p, gain, real in points if real]
    if real_ones:
        axes.plot(*zip(*real_ones, strict=True), marker, color=colour, markersize=4.5)
    return line


def draw_pairs(data: PairsFigure) -> Figure:
    """Return a panel per metric, a line per label, joined marks of each series."""
    from matplotlib.figure import Figure

    n = len(data.labels)
    figure = Figure(figsize=(WIDTH, 1.5 + 0.24 * n), layout="constrained")
    grid = figure.subplots(1, len(data.panels), sharey=True, squeeze=False)[0]
    handles: dict[str, Any] = {}
    for axes, panel in zip(grid, data.panels, strict=True):
        for y in range(n):
            axes.axhline(y, color=LIGHT, linewidth=0.7, zorder=0)
        for k, (name, pairs) in enumerate(panel.series):
            # A little above or below the line, so that equal figures stay visible.
            shift = 0.6 * ((k + 0.5) / len(panel.series) - 0.5)
            for y, pair in enumerate(pairs):
                if pair is not None:
                    handles[name] = _draw_pair(axes, pair, y + shift, look=k)
        axes.set_title(drawable(panel.metric), loc="left")
    grid[0].set_yticks(range(n), [drawable(label) for label in data.labels])
    grid[0].set_ylim(n - 0.4, -0.6)
    figure.suptitle(drawable(data.title), x=0.01, ha="left", fontweight="bold", fontsize=10)
    figure.legend(
        list(handles.values()),
        [drawable(name) for name in handles],
        loc="outside lower left",
        title=drawable(data.caption),
        alignment="left",
        ncols=min(len(handles), 6),
        frameon=False,
    )
    return figure


def _draw_pair(axes: Axes, pair: tuple[float, float], y: float, *, look: int) -> Any:
    """Draw both ends of a pair and the line between them."""
    colour, marker = COLOURS[look % len(COLOURS)], MARKERS[look % len(MARKERS)]
    axes.plot(pair, [y, y], color=colour, linewidth=1.1)
    axes.plot(pair[0], y, marker, color=colour, markerfacecolor="white", markersize=5)
    (filled,) = axes.plot(pair[1], y, marker, linestyle="none", color=colour, markersize=5)
    return filled
