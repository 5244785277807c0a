"""How figures stand on boards and pages: digits, counts, shares, signs and marks of a tie."""

from __future__ import annotations

import math
import re

from bench.analysis.wording import format_figure
from bench.domain import BoardRow, Score

_HYPHEN = re.compile(r"(?<![\w.)-])-(?=\.?\d)")


def format_number(value: float | None, *, digits: int = 4, is_signed: bool = False) -> str:
    """Return ``value`` as boards print it: ``.8449``, ``1.0234``, nothing where there is none."""
    if value is None or not math.isfinite(value):
        return ""
    return format_figure(value, digits, is_signed=is_signed)


def with_minus(text: str) -> str:
    """Return ``text`` with a real minus before its numbers; plain text keeps the hyphen."""
    return _HYPHEN.sub("−", text)


def format_score(score: Score | None, *, digits: int = 4, has_interval: bool = False) -> str:
    """Return a mean, with its interval where asked: ``.8449 [.8341, .8557]``."""
    if score is None:
        return ""
    mean = format_number(score.mean, digits=digits)
    low, high = (format_number(bound, digits=digits) for bound in (score.low, score.high))
    return f"{mean} [{low}, {high}]" if has_interval and low and high else mean


def format_count(value: float) -> str:
    """Return a number of rows: ``5,174``; a mean over splits is rounded."""
    return f"{value:,.0f}"


def plural(n: int, noun: str, nouns: str = "") -> str:
    """Return a number with its noun: ``1 row``, ``2,000 rows``."""
    return f"{n:,} {noun if n == 1 else nouns or noun + 's'}"


def tie_marks(row: BoardRow) -> str:
    """Return ``=`` for what cannot be told from the best row, ``~`` for what is as good."""
    return ("=" if row.is_tied_with_best else "") + ("~" if row.is_equivalent_to_best else "")


def format_chance(chance: float | None) -> str:
    """Return a chance in whole percent: ``22 %``, ``<1 %``, nothing where there is none."""
    if chance is None:
        return ""
    return "<1 %" if chance < 0.01 else f"{100 * chance:.0f} %"


def format_coverage(row: BoardRow) -> str:
    """Return the share of splits that a row covers, or nothing where it is all of them."""
    return "" if row.coverage >= 1 else f"{100 * row.coverage:.0f} %"
