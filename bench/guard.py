"""The one place where whatever a stranger's code raises is caught.

A learner, a plug-in or a sampler may raise anything. Its error becomes a
record, a broken clause or a message; it never becomes a number, and it never
takes the rest of a run with it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


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
