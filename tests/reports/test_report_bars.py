"""Intervals as characters: ends to half a cell, means inside, nothing off the axis."""

from __future__ import annotations

import math

import pytest

from bench.domain import Score
from bench.reports.bars import ASCII, BLOCKS, Axis, draw_bar, glyphs_for, span_axis

AXIS = Axis(0.0, 1.0, 10)


def score(low: float, mean: float, high: float) -> Score:
    return Score(mean, 0.1, low, high)


@pytest.mark.parametrize(
    ("bounds", "bar"),
    [
        ((0.0, 0.55, 1.0), "━━━━━╋━━━━"),
        ((0.25, 0.45, 0.65), "  ╺━╋━╸   "),
        ((0.2, 0.45, 0.7), "  ━━╋━━   "),
        ((0.5, 0.5, 0.5), "     ╋    "),
        ((-0.5, 0.15, 0.3), "<╋━       "),
        ((0.7, 0.95, 1.5), "       ━━>"),
        ((1.2, 1.3, 1.4), "         >"),
        ((-0.4, -0.3, -0.2), "<         "),
    ],
)
def test_a_bar_is_the_interval_with_its_mean(bounds: tuple[float, float, float], bar: str) -> None:
    assert draw_bar(score(*bounds), AXIS, BLOCKS) == bar


def test_a_missing_interval_is_blank() -> None:
    assert draw_bar(None, AXIS, BLOCKS) == " " * 10
    assert draw_bar(Score(0.5, math.nan, math.nan, math.nan), AXIS, BLOCKS) == " " * 10


def test_the_axis_spans_all_intervals() -> None:
    axis = span_axis([score(0.8, 0.82, 0.84), None, score(0.7, 0.75, 0.81)], width=12)

    assert axis == Axis(0.7, 0.84, 12)
    assert axis.labels(2) == ".70      .84"
    assert span_axis([None, Score(0.5, math.nan, math.nan, math.nan)], width=12) is None


def test_intervals_without_width_stand_in_the_middle() -> None:
    axis = span_axis([score(0.8, 0.8, 0.8)], width=9)

    assert axis is not None
    assert draw_bar(score(0.8, 0.8, 0.8), axis, ASCII) == "    +    "


@pytest.mark.parametrize(
    ("encoding", "glyphs"),
    [("utf-8", BLOCKS), ("ascii", ASCII), ("cp1252", ASCII), ("no-such-codec", ASCII)],
)
def test_glyphs_are_those_that_the_encoding_has(encoding: str, glyphs: object) -> None:
    assert glyphs_for(encoding) == glyphs
