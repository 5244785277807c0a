"""The one place where whatever a stranger's code raises is caught.

A learner, a plug-in or a sampler may raise anything. Its error becomes a
record, a broken clause or a message; it never becomes a number, and it never
takes the rest of a run with it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")

_HEAD = "Traceback (most recent call last):"
_GROUP = re.compile(r"^ {2}[+|] (?:Exception Group )?", re.MULTILINE)
"""What stands before the lines of a group of exceptions."""
_CHAINED = re.compile(
    r"^(?:The above exception was the direct cause of the following exception|"
    r"During handling of the above exception, another exception occurred):$",
    re.MULTILINE,
)


@dataclass(frozen=True)
class Returned(Generic[T]):
    """What a call returned."""

    value: T


@dataclass(frozen=True)
class Raised:
    """What a call raised, with its traceback."""

    error: Exception


def attempt(call: Callable[[], T]) -> Returned[T] | Raised:
    """Return what ``call`` returned or raised; interrupts and exits pass through."""
    try:
        return Returned(call())
    except Exception as error:  # noqa: BLE001 - see the module's docstring
        return Raised(error)


def error_line(trace: str) -> str:
    """Return the type and the first line of what was raised last: ``ValueError: too few rows``.

    A message may have many lines, and its last one says little. Text without
    a traceback gives its first line.
    """
    lines = _GROUP.sub("", _CHAINED.split(trace)[-1]).strip().splitlines()
    if _HEAD in lines:
        # Frames are indented; what was raised stands at the margin.
        frames = lines[lines.index(_HEAD) + 1 :]
        start = next((k for k, line in enumerate(frames) if line[:1].strip()), len(frames))
        lines = frames[start:]
    kind, *message = lines or ["no message"]
    if kind.rstrip().endswith(":"):
        more = next((line.strip() for line in message if line.strip()), "")
        return f"{kind.rstrip()} {more}".rstrip(" :")
    return kind.strip()
