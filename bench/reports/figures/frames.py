"""A pair of axes on a sheet, without matplotlib's: those take longer than all that is in them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bench.reports.figures.looks import GREY, LIGHT, SMALL, WIDTH, Sheet, width_of
from bench.reports.figures.ticks import ticks_of
from bench.reports.figures.values import Axis

Place = tuple[float, float]

_TICK = 0.05


@dataclass(frozen=True)
class Frame:
    """Where values lie on a sheet: inches from its lower left, and the two axes."""

    sheet: Sheet
    left: float
    bottom: float
    width: float
    height: float
    x: Axis
    y: Axis

    def inches(self, x: float, y: float) -> Place:
        """Return where a point lies, in inches."""
        return (
            self.left + self.width * _share(self.x, x),
            self.bottom + self.height * _share(self.y, y),
        )

    def place(self, at: Place) -> Place:
        """Return where a point lies, as matplotlib's figures count."""
        x, y = self.inches(*at)
        return x / WIDTH, y / self.sheet.height

    def line(self, points: Sequence[Place], **style: Any) -> None:
        """Join ``points``, or mark them."""
        from matplotlib.lines import Line2D

        xs, ys = zip(*map(self.place, points), strict=True)
        self.sheet.figure.add_artist(Line2D(xs, ys, **style))

    def marks(
        self, points: Sequence[Place], *, marker: str, colour: str, is_filled: bool = True
    ) -> None:
        """Mark ``points``, in their colour or hollow."""
        if points:
            self.line(
                points,
                linestyle="none",
                marker=marker,
                color=colour,
                markerfacecolor=colour if is_filled else "white",
                markersize=5,
                zorder=2.6,
            )

    def segments(self, ends: Sequence[tuple[Place, Place]], **style: Any) -> None:
        """Draw a straight line between each two points."""
        from matplotlib.collections import LineCollection

        placed = [(self.place(start), self.place(end)) for start, end in ends]
        transform = self.sheet.figure.transFigure
        lines = LineCollection(placed, transform=transform, **{"zorder": 2.4, **style})
        self.sheet.figure.add_artist(lines)

    def band(self, points: Sequence[tuple[float, float, float]], *, colour: str) -> None:
        """Fill what lies between the low and the high of each point."""
        from matplotlib.patches import Polygon

        over = [(x, high) for x, _, high in points]
        under = [(x, low) for x, low, _ in reversed(points)]
        corners = [self.place(at) for at in (*over, *under)]
        self.sheet.figure.add_artist(
            Polygon(corners, facecolor=colour, alpha=0.2, linewidth=0, zorder=1.5)
        )

    def draw_x(self, n: int = 6) -> None:
        """Draw the horizontal axis with about ``n`` ticks."""
        y = self.y.low
        self.line([(self.x.low, y), (self.x.high, y)], color=GREY, linewidth=0.8, zorder=1.4)
        places = ticks_of(self.x, n)
        top = self.bottom / self.sheet.height
        below = (self.bottom - _TICK) / self.sheet.height
        from matplotlib.collections import LineCollection

        at = [self.place((tick, y))[0] for tick, _ in places]
        self.sheet.figure.add_artist(
            LineCollection(
                [((x, top), (x, below)) for x in at],
                color=GREY,
                linewidth=0.8,
                transform=self.sheet.figure.transFigure,
            )
        )
        for tick, name in places:
            x, bottom = self.inches(tick, y)
            self.sheet.write(x, bottom - 0.18, name, ha="center", size=SMALL)

    def draw_y(self) -> None:
        """Draw a light line across at each tick of the vertical axis, darker at zero."""
        has_zero = self.y.low < 0 < self.y.high and not self.y.ticks
        for tick, name in ticks_of(self.y):
            ends = [(self.x.low, tick), (self.x.high, tick)]
            is_zero = has_zero and tick == 0
            self.line(ends, color=GREY if is_zero else LIGHT, linewidth=0.7, zorder=1.2)
            left, y = self.inches(self.x.low, tick)
            self.sheet.write(left - 0.06, y - 0.04, name, ha="right", size=SMALL)


def _share(axis: Axis, value: float) -> float:
    if axis.is_log:
        return math.log(value / axis.low) / math.log(axis.high / axis.low)
    return (value - axis.low) / (axis.high - axis.low)


def y_margin(axis: Axis) -> float:
    """Return how many inches the names of the ticks need on the left."""
    return max(width_of(name, size=SMALL) for _, name in ticks_of(axis)) + 0.1
