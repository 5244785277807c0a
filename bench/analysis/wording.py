"""A finding in words, and the few rules of how figures stand in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Verdict:
    """One finding.

    Attributes
    ----------
    subject : str
        A model, ``"threshold"``, ``"prior correction"``, ``"simple model"`` or ``"defaults"``.
    sentence : str
        What was found, with the figures behind it in square brackets; names of
        candidates and models stand in backticks.
    figures : mapping of str to float
        The same figures for programs.
    """

    subject: str
    sentence: str
    figures: Mapping[str, float] = field(default_factory=dict)


def join_words(words: Sequence[str], last: str = "and") -> str:
    """Return ``a, b and c``."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


def format_figure(value: float, digits: int = 4, *, is_signed: bool = False) -> str:
    """Return a number as boards print it: ``.8453``, or ``+.0031`` for a change."""
    rounded = round(value, digits) + 0.0  # no negative zero
    text = f"{rounded:{'+' if is_signed else ''}.{digits}f}"
    return text.replace("0.", ".", 1) if abs(rounded) < 1 else text


def format_margin(margin: float) -> str:
    """Return a margin with the digits that it has, at most four: ``.005``."""
    return f"{margin:.4g}".removeprefix("0")


def format_range(values: Sequence[float]) -> str:
    """Return ``-.0012 to +.0031`` of several changes."""
    low, high = (format_figure(value, is_signed=True) for value in (min(values), max(values)))
    return low if low == high else f"{low} to {high}"
