"""Intervals drawn with characters, on an axis that the rows of a table share."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from bench.domain import Score
from bench.reports.numbers import format_number


@dataclass(frozen=True)
class Glyphs:
    """What a bar is drawn with; ``left`` and ``right`` fill half of a cell, if they can."""

    left: str
    line: str
    right: str
    mean: str


BLOCKS = Glyphs(left="╺", line="━", right="╸", mean="╋")
ASCII = Glyphs(left="-", line="-", right="-", mean="+")


def glyphs_for(encoding: str) -> Glyphs:
    """Return the finest glyphs that ``encoding`` has."""
    try:
        "".join((BLOCKS.left, BLOCKS.line, BLOCKS.right, BLOCKS.mean)).encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return ASCII
    return BLOCKS


@dataclass(frozen=True)
class Axis:
    """From where to where bars of ``width`` cells go."""

    low: float
    high: float
    width: int

    def position(self, value: float) -> float:
        """Return where ``value`` stands, 0 at the left end of the first cell, in cells."""
        span = self.high - self.low
        return self.width * ((value - self.low) / span if span else 0.5)

    def labels(self, digits: int) -> str:
        """Return both ends as a heading of the bars, nothing where they do not fit."""
        low, high = (format_number(end, digits=digits) for end in (self.low, self.high))
        space = self.width - len(low) - len(high)
        return low + " " * space + high if space > 0 else ""


def has_interval(score: Score | None) -> bool:
    """Return whether there is anything to draw; a single split has no interval."""
    return score is not None and math.isfinite(score.low) and math.isfinite(score.high)


def span_axis(scores: Iterable[Score | None], *, width: int) -> Axis | None:
    """Return the axis from the lowest to the highest end, ``None`` where there is no interval."""
    drawn = [score for score in scores if score is not None and has_interval(score)]
    if not drawn:
        return None
    return Axis(min(score.low for score in drawn), max(score.high for score in drawn), width)


def draw_bar(score: Score | None, axis: Axis, glyphs: Glyphs) -> str:
    """Return an interval as ``axis.width`` cells: ``  ╺━━╋━━╸ ``.

    What goes beyond the axis ends in ``<`` or ``>``.
    """
    if score is None or not has_interval(score):
        return " " * axis.width
    start, end = (axis.position(bound) for bound in (score.low, score.high))
    cells = [_cell(k, start, end, glyphs) for k in range(axis.width)]
    mean = axis.position(score.mean)
    if 0 <= mean <= axis.width:
        cells[min(int(mean), axis.width - 1)] = glyphs.mean
    slack = 1e-9 * axis.width
    if start < -slack:
        cells[0] = "<"
    if end > axis.width + slack:
        cells[-1] = ">"
    return "".join(cells)


def _cell(k: int, start: float, end: float, glyphs: Glyphs) -> str:
    """Return what cell ``k`` shows of a line from ``start`` to ``end``."""
    has_left = start <= k + 0.25 <= end
    has_right = start <= k + 0.75 <= end
    if has_left and has_right:
        return glyphs.line
    return glyphs.left if has_right else glyphs.right if has_left else " "
