"""Sentences and names in a terminal: broken where a reader would, in characters that it has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.reports.escaping import clean

if TYPE_CHECKING:
    from rich.console import Console

PLAIN = {"±": "+-", "…": "~", "×": "x", "−": "-", "–": "-", "→": ">"}
"""What stands for characters that an encoding lacks."""

NAME_WIDTH = 30
"""Longer names go on in a second line where the terminal is narrow."""
_LEAST_NAME = 12
_STUCK = "\ue000"  # for a space at which nothing is broken; `clean` leaves none of a stranger's


def print_sentence(console: Console, text: str, *, style: str = "") -> None:
    """Print ``text`` over as many lines as it takes, a number and its ``%`` on one.

    What the encoding lacks is spelled out before lines are broken, for it may be longer.
    """
    from rich.text import Text

    text = spell_out(clean(text), console.encoding).replace(" %", f"{_STUCK}%")
    for line in Text(text).wrap(console, console.width):
        console.print(Text(line.plain.rstrip().replace(_STUCK, " "), style=style))


def spell_out(text: str, encoding: str) -> str:
    """Return ``text`` without the characters of `PLAIN`, if ``encoding`` has not all of it."""
    try:
        text.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return "".join(PLAIN.get(character, character) for character in text)
    return text


def wrap_names(names: list[str], width: int) -> list[str]:
    """Return ``names`` with their parts over lines of ``width``, a longer part in one."""
    return [_wrap(name, min(max(width, _LEAST_NAME), NAME_WIDTH)) for name in names]


def longest_line(names: list[str]) -> int:
    """Return how many characters the longest line of `wrap_names` has."""
    return max((len(line) for name in names for line in name.splitlines()), default=0)


def _wrap(name: str, width: int) -> str:
    first, *parts = name.split("+")
    lines = [first]
    for part in parts:
        if len(lines[-1]) + 1 + len(part) <= width:
            lines[-1] += f"+{part}"
        else:
            lines.append(f"  +{part}")
    return "\n".join(lines)
