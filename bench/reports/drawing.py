"""Plain values drawn with matplotlib: deterministic and colour-blind safe.

The object-oriented interface shares no state with a caller's own figures, and
settings hold for one drawing only, so that a user's ``matplotlibrc`` changes
nothing. Names of strangers are never read as mathematics.
"""

from __future__ import annotations

import io
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bench.reports.tables import format_number

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Okabe & Ito (2008), told apart with every common colour blindness, and shapes
# for those who print in black and white.
_COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#000000")
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<", ">", "*")
_BLUE, _GREY, _LIGHT, _RED = "#0072B2", "#767676", "#DDDDDD", "#B03A00"

_LINEAR_TO = 0.01
_GAINS = (-1.0, -0.1, -0.01, 0.0, 0.01, 0.1, 1.0)
_WIDTH_INCHES = 8.0
_DPI = 144
_FONT = "DejaVu Sans"  # comes with matplotlib, hence the same everywhere

_SETTINGS = {
    "svg.hashsalt": "churnbench",
    "svg.fonttype": "path",
    "text.parse_math": False,
    "font.family": [_FONT],
    "font.size": 9.0,
    "axes.titlesize": 10.0,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "axes.edgecolor": _GREY,
    "xtick.color": _GREY,
    "xtick.labelcolor": "black",
    "ytick.left": False,
}


@dataclass(frozen=True)
class Dot:
    """One line of the ranking figure."""

    label: str
    mean: float
    low: float
    high: float
    is_tied: bool


@dataclass(frozen=True)
class RankingFigure:
    """All that the ranking figure shows; ``plain`` and ``baseline`` are references."""

    title: str
    metric: str
    n_splits: int
    dots: tuple[Dot, ...]
    n_more: int
    plain: float | None
    baseline: float | None


@dataclass(frozen=True)
class Panel:
    """One method: for each model, the shares of the features in the figure's order."""

    method: str
    shares: tuple[tuple[str, tuple[float | None, ...]], ...]


@dataclass(frozen=True)
class ImportanceFigure:
    """All that the importance figure shows."""

    title: str
    features: tuple[str, ...]
    models: tuple[str, ...]
    panels: tuple[Panel, ...]


@dataclass(frozen=True)
class SweepPanel:
    """One metric and model: a line of gains over ``none`` for each strategy.

    A gain is None where there is no figure; ``is_real`` says which are beyond noise.
    """

    metric: str
    model: str
    gains: tuple[tuple[str, tuple[float | None, ...], tuple[bool, ...]], ...]


@dataclass(frozen=True)
class SweepFigure:
    """All that the sweep's figure shows: panels by metric, then by model."""

    title: str
    prevalences: tuple[float, ...]
    strategies: tuple[str, ...]
    models: tuple[str, ...]
    panels: tuple[SweepPanel, ...]


@dataclass(frozen=True)
class PairsPanel:
    """One metric: for each series a (before, after) a label, None where there is no figure."""

    metric: str
    series: tuple[tuple[str, tuple[tuple[float, float] | None, ...]], ...]


@dataclass(frozen=True)
class PairsFigure:
    """Two figures a line, joined: hollow for before, filled for after."""

    title: str
    labels: tuple[str, ...]
    panels: tuple[PairsPanel, ...]
    caption: str


Drawable = RankingFigure | ImportanceFigure | SweepFigure | PairsFigure


def draw(data: Drawable, *, mark: str) -> tuple[bytes, bytes]:
    """Return the figure as SVG and as PNG, with ``mark`` in the description of both."""
    with _own_settings():
        if isinstance(data, RankingFigure):
            figure = _ranking(data)
        elif isinstance(data, ImportanceFigure):
            figure = _importance(data)
        elif isinstance(data, PairsFigure):
            figure = _pairs(data)
        else:
            figure = _sweep(data)
        svg, png = io.BytesIO(), io.BytesIO()
        svg_facts: dict[str, Any] = {"Date": None, "Creator": None, "Description": mark}
        png_facts: dict[str, Any] = {"Software": None, "Description": mark}
        figure.savefig(svg, format="svg", metadata=svg_facts)
        figure.savefig(png, format="png", metadata=png_facts, dpi=_DPI)
    return svg.getvalue(), png.getvalue()


@contextmanager
def _own_settings() -> Iterator[None]:
    import matplotlib

    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        settings: Any = matplotlib.rcParams  # its keys are typed, differently in each version
        settings.update(_SETTINGS)
        yield


def _drawable(text: str) -> str:
    """Return ``text`` with a box for what the font lacks; matplotlib would warn instead."""
    from matplotlib.font_manager import findfont, get_font

    glyphs = get_font(findfont(_FONT)).get_charmap()
    return "".join(c if ord(c) in glyphs else "\N{WHITE SQUARE}" for c in text)


def _ranking(data: RankingFigure) -> Figure:
    """Return dots with intervals, the tie group filled, the references as lines."""
    from matplotlib.figure import Figure

    n = len(data.dots)
    figure = Figure(figsize=(_WIDTH_INCHES, 1.8 + 0.2 * n), layout="constrained")
    axes = figure.add_subplot()
    positions = range(n)
    for y, dot in zip(positions, data.dots, strict=True):
        colour = _BLUE if dot.is_tied else _GREY
        axes.plot([dot.low, dot.high], [y, y], color=colour, linewidth=1.3)
        face = colour if dot.is_tied else "white"
        axes.plot(dot.mean, y, "o", color=colour, markerfacecolor=face, markersize=5)
    axes.set_yticks(list(positions), [_drawable(dot.label) for dot in data.dots])
    for label, dot in zip(axes.get_yticklabels(), data.dots, strict=True):
        label.set_color(_BLUE if dot.is_tied else "black")
    axes.set_ylim(n - 0.4, -0.6)
    references = _draw_references(axes, data)
    axes.set_xlabel("\n".join([*_ranking_caption(data), *references]), loc="left")
    _set_title(figure, data.title)
    return figure


def _draw_references(axes: Axes, data: RankingFigure) -> list[str]:
    """Draw a line for each reference and say what it is; one far away must not stretch the axis."""
    low, high = axes.get_xlim()
    lines = []
    for name, value, style in (
        ("plain logistic regression", data.plain, "dashed"),
        ("the prior alone, which knows no customer", data.baseline, "dotted"),
    ):
        if value is None:
            continue
        is_near = low <= value <= high
        if is_near:
            axes.axvline(value, color=_RED, linewidth=1.1, linestyle=style, zorder=0)
        where = style if is_near else "out of view"
        lines.append(f"{where}: {name}, {format_number(value)}")
    axes.set_xlim(low, high)
    return lines


def _ranking_caption(data: RankingFigure) -> list[str]:
    lines = [f"{_drawable(data.metric)}, mean over {data.n_splits} splits with 95 % interval"]
    if any(dot.is_tied for dot in data.dots):
        lines.append("filled: cannot be told from the best, judged by paired differences")
    if data.n_more:
        lines.append(f"{data.n_more} more candidates are in leaderboard.csv")
    return lines


def _set_title(figure: Figure, title: str) -> None:
    figure.suptitle(_drawable(title), x=0.01, ha="left", fontweight="bold", fontsize=10)


def _importance(data: ImportanceFigure) -> Figure:
    """Return a panel per method with the features' shares, a marker per model."""
    from matplotlib.figure import Figure

    n = len(data.features)
    height = 1.6 + 0.27 * n
    figure = Figure(figsize=(_WIDTH_INCHES, height), layout="constrained")
    panels = figure.subplots(1, len(data.panels), sharey=True, sharex=True, squeeze=False)[0]
    handles: dict[str, Any] = {}
    for axes, panel in zip(panels, data.panels, strict=True):
        for y in range(n):
            axes.axhline(y, color=_LIGHT, linewidth=0.7, zorder=0)
        for model, shares in panel.shares:
            k = data.models.index(model)
            # A little above or below the line, so that equal shares stay visible.
            shift = 0.5 * ((k + 0.5) / len(data.models) - 0.5)
            points = [(100 * s, y + shift) for y, s in enumerate(shares) if s is not None]
            (handles[model],) = axes.plot(
                *zip(*points, strict=True),
                MARKERS[k],
                color=_COLOURS[k % len(_COLOURS)],
                markeredgecolor="white",
                markeredgewidth=0.5,
                markersize=6,
            )
        axes.set_title(_drawable(panel.method), loc="left")
        axes.set_xlabel("share, %", loc="left")
    panels[0].set_yticks(range(n), [_drawable(name) for name in data.features])
    panels[0].set_ylim(n - 0.5, -0.5)
    _set_title(figure, data.title)
    models = [model for model in data.models if model in handles]
    figure.legend(
        [handles[model] for model in models],
        [_drawable(model) for model in models],
        loc="outside lower left",
        ncols=min(len(models), 6),
        frameon=False,
    )
    return figure


def _sweep(data: SweepFigure) -> Figure:
    """Return a row of panels per metric, a column per model, gains against prevalence."""
    from matplotlib.figure import Figure
    from matplotlib.ticker import FixedLocator, FuncFormatter

    n_columns = len(data.models)
    n_rows = len(data.panels) // n_columns
    figure = Figure(figsize=(_WIDTH_INCHES, 1.3 + 1.75 * n_rows), layout="constrained")
    grid = figure.subplots(n_rows, n_columns, sharex=True, sharey="row", squeeze=False)
    handles: dict[str, Any] = {}
    for axes, panel in zip(grid.flat, data.panels, strict=True):
        axes.axhline(0.0, color=_GREY, linewidth=0.9, zorder=0)
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
        axes.set_title(_drawable(model), loc="left")
    for axes, panel in zip(grid[:, 0], data.panels[::n_columns], strict=True):
        axes.set_ylabel(textwrap.fill(_drawable(panel.metric), 20))
    _set_title(figure, data.title)
    shown = [strategy for strategy in data.strategies if strategy in handles]
    figure.legend(
        [handles[strategy] for strategy in shown],
        [_drawable(strategy) for strategy in shown],
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
    colour, marker = _COLOURS[look % len(_COLOURS)], MARKERS[look % len(MARKERS)]
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


def _pairs(data: PairsFigure) -> Figure:
    """Return a panel per metric, a line per label, joined marks of each series."""
    from matplotlib.figure import Figure

    n = len(data.labels)
    figure = Figure(figsize=(_WIDTH_INCHES, 1.5 + 0.24 * n), layout="constrained")
    grid = figure.subplots(1, len(data.panels), sharey=True, squeeze=False)[0]
    handles: dict[str, Any] = {}
    for axes, panel in zip(grid, data.panels, strict=True):
        for y in range(n):
            axes.axhline(y, color=_LIGHT, linewidth=0.7, zorder=0)
        for k, (name, pairs) in enumerate(panel.series):
            # A little above or below the line, so that equal figures stay visible.
            shift = 0.6 * ((k + 0.5) / len(panel.series) - 0.5)
            for y, pair in enumerate(pairs):
                if pair is not None:
                    handles[name] = _draw_pair(axes, pair, y + shift, look=k)
        axes.set_title(_drawable(panel.metric), loc="left")
    grid[0].set_yticks(range(n), [_drawable(label) for label in data.labels])
    grid[0].set_ylim(n - 0.4, -0.6)
    _set_title(figure, data.title)
    figure.legend(
        list(handles.values()),
        [_drawable(name) for name in handles],
        loc="outside lower left",
        title=_drawable(data.caption),
        alignment="left",
        ncols=min(len(handles), 6),
        frameon=False,
    )
    return figure


def _draw_pair(axes: Axes, pair: tuple[float, float], y: float, *, look: int) -> Any:
    """Draw both ends of a pair and the line between them."""
    colour, marker = _COLOURS[look % len(_COLOURS)], MARKERS[look % len(MARKERS)]
    axes.plot(pair, [y, y], color=colour, linewidth=1.1)
    axes.plot(pair[0], y, marker, color=colour, markerfacecolor="white", markersize=5)
    (filled,) = axes.plot(pair[1], y, marker, linestyle="none", color=colour, markersize=5)
    return filled
