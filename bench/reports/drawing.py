"""Plain values drawn with matplotlib: deterministic and colour-blind safe.

The object-oriented interface shares no state with a caller's own figures, and
settings hold for one drawing only, so that a user's ``matplotlibrc`` changes
nothing. Names of strangers are never read as mathematics.
"""

from __future__ import annotations

import io
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


def draw(data: RankingFigure | ImportanceFigure, *, mark: str) -> tuple[bytes, bytes]:
    """Return the figure as SVG and as PNG, with ``mark`` in the description of both."""
    with _own_settings():
        figure = _ranking(data) if isinstance(data, RankingFigure) else _importance(data)
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
