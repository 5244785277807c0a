"""What figures show, as plain values: all that a drawing needs, and nothing that draws."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Format = Literal["number", "signed", "share", "count", "times", "seconds"]
"""How an axis prints its values: ``.85``, ``+.02``, ``25 %``, ``1,200``, ``2.5×``, ``40 ms``."""

REFERENCE, BOUND = -1, -2
"""Looks of lines that are no candidate: thin and dotted, thin and dashed, both grey."""


@dataclass(frozen=True)
class Dot:
    """One line of a list: a figure with its interval, filled where it is marked."""

    label: str
    mean: float
    low: float
    high: float
    is_filled: bool


@dataclass(frozen=True)
class Reference:
    """A value that all dots are compared with; nameless where the axis says what it is."""

    value: float
    dash: Literal["dashed", "dotted", "solid"]
    name: str = ""


@dataclass(frozen=True)
class DotsFigure:
    """A list of dots with their intervals; ``notes`` say below what the axis and the marks are.

    A reference with a name must not stretch the axis, one without does.
    """

    title: str
    dots: tuple[Dot, ...]
    notes: tuple[str, ...]
    references: tuple[Reference, ...] = ()
    axis: Format = "number"


@dataclass(frozen=True)
class Axis:
    """An axis from ``low`` to ``high``; ``ticks`` are named places, where it has no numbers."""

    label: str
    low: float
    high: float
    format: Format = "number"
    is_log: bool = False
    ticks: tuple[tuple[float, str], ...] = ()


@dataclass(frozen=True)
class Line:
    """Points (x, y) that are joined; ``look`` numbers colour and dashes."""

    name: str
    points: tuple[tuple[float, float], ...]
    look: int
    is_thin: bool = False


@dataclass(frozen=True)
class Band:
    """Points (x, low, high)."""

    name: str
    points: tuple[tuple[float, float, float], ...]
    look: int


@dataclass(frozen=True)
class Points:
    """Points (x, y), with the ends of whiskers where they have some; hollow ones are not marked."""

    name: str
    points: tuple[tuple[float, float], ...]
    look: int
    whiskers: tuple[tuple[float, float], ...] = ()
    are_whiskers_flat: bool = False
    are_filled: tuple[bool, ...] = ()


@dataclass(frozen=True)
class Plot:
    """One pair of axes with what lies in it."""

    x: Axis
    y: Axis
    lines: tuple[Line, ...] = ()
    bands: tuple[Band, ...] = ()
    points: tuple[Points, ...] = ()
    title: str = ""


@dataclass(frozen=True)
class PlotsFigure:
    """Plots side by side, a legend of all that has a name, and notes below."""

    title: str
    plots: tuple[Plot, ...]
    notes: tuple[str, ...] = ()
    n_columns: int = 1
    plot_height: float = 3.6


@dataclass(frozen=True)
class Cell:
    """A figure in words, and how strongly it is shaded: blue up to 1, orange down to -1."""

    text: str
    shade: float


@dataclass(frozen=True)
class GridFigure:
    """Rows and columns of figures; None where there is none."""

    title: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: tuple[tuple[Cell | None, ...], ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Shares:
    """What a model makes of the features, in the figure's order, with the spread over splits."""

    model: str
    shares: tuple[float | None, ...]
    spreads: tuple[float | None, ...]


@dataclass(frozen=True)
class Panel:
    """One method of telling importance: the shares of each model."""

    method: str
    shares: tuple[Shares, ...]


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


Drawable = DotsFigure | PlotsFigure | GridFigure | ImportanceFigure | SweepFigure | PairsFigure
