"""Ticks of axes: round numbers, printed as the boards print them."""

from __future__ import annotations

import math
from itertools import pairwise

from bench.reports.figures.values import Axis, Format
from bench.reports.numbers import format_number

_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


def ticks_between(low: float, high: float, n: int = 5) -> list[float]:
    """Return round numbers from ``low`` to ``high``, about ``n`` of them."""
    if not high > low:
        return [low]
    rough = (high - low) / n
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(k * power for k in _STEPS if k * power >= rough * 0.999)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [float(f"{k * step:.12g}") for k in range(first, last + 1)]


def log_ticks(low: float, high: float, n: int = 8) -> list[float]:
    """Return 1, 2 and 5 of each power of ten; the powers alone where that is too many.

    Where hardly one of these lies on the axis, other round numbers are returned.
    """
    steps = (1, 2, 5) if 3 * math.log10(high / low) <= n else (1,)
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    found = [float(f"{step * 10.0**power:.3g}") for power in powers for step in steps]
    inside = [tick for tick in found if low * 0.999 <= tick <= high * 1.001]
    return inside if len(inside) > 1 else ticks_between(low, high)


def print_ticks(ticks: list[float], kind: Format) -> list[str]:
    """Return the ticks in words, with as many digits as tell them apart."""
    if kind == "seconds":
        return [_duration(tick) for tick in ticks]
    factor = 100.0 if kind == "share" else 1.0
    digits = _digits([factor * tick for tick in ticks])
    if kind == "share":
        return [f"{100 * tick:.{digits}f} %" for tick in ticks]
    if kind == "times":
        return [f"{tick:.{digits}f}×" for tick in ticks]
    if kind == "count":
        return [f"{tick:,.{digits}f}".replace("-", "−") for tick in ticks]
    return [_number(tick, digits, is_signed=kind == "signed") for tick in ticks]


def _number(tick: float, digits: int, *, is_signed: bool) -> str:
    if tick == 0:
        return "0"
    if digits:
        return format_number(tick, digits=digits, is_signed=is_signed).replace("-", "−")
    return f"{tick:{'+' if is_signed else ''},.0f}".replace("-", "−")


def _digits(ticks: list[float]) -> int:
    steps = [b - a for a, b in pairwise(ticks) if b > a]
    if not steps:
        return 2
    step = min(steps)
    digits = max(0, -math.floor(math.log10(step) + 1e-9))
    return digits + 1 if abs(round(step, digits) - step) > step * 1e-6 else digits


def _duration(seconds: float) -> str:
    return f"{1000 * seconds:.3g} ms" if seconds < 1 else f"{seconds:,.4g} s"


def ticks_of(axis: Axis, n: int = 5) -> list[tuple[float, str]]:
    """Return where the ticks of ``axis`` are, and what stands there."""
    if axis.ticks:
        return list(axis.ticks)
    places = (log_ticks if axis.is_log else ticks_between)(axis.low, axis.high, n)
    return list(zip(places, print_ticks(places, axis.format), strict=True))
