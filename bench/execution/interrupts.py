"""Ctrl-C at moments that can bear it: raised inside a lock, it would leave that locked for ever."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from types import FrameType


class Interrupts:
    """Whether the user has pressed Ctrl-C since we began to keep it."""

    def __init__(self) -> None:
        self._has_come = False

    def note(self, number: int, frame: FrameType | None) -> None:
        """Keep a first signal; a second one is not for waiting."""
        if self._has_come:
            raise KeyboardInterrupt
        self._has_come = True

    def let_through(self) -> None:
        """Raise KeyboardInterrupt if one is kept."""
        if self._has_come:
            raise KeyboardInterrupt


@contextlib.contextmanager
def kept_interrupts() -> Iterator[Interrupts]:
    """Keep Ctrl-C until `Interrupts.let_through` is called, at the latest at the end.

    Where somebody else handles it, or this is not the main thread (others are
    not interrupted anyway), that stays as it is.
    """
    interrupts = Interrupts()
    is_ours = (
        threading.current_thread() is threading.main_thread()
        and signal.getsignal(signal.SIGINT) is signal.default_int_handler
    )
    if not is_ours:
        yield interrupts
        return
    signal.signal(signal.SIGINT, interrupts.note)
    try:
        yield interrupts
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    interrupts.let_through()


@contextlib.contextmanager
def prompt_interrupts() -> Iterator[None]:
    """Within `kept_interrupts`, keep no Ctrl-C for a while: a fit in this process may be long."""
    handler = signal.getsignal(signal.SIGINT)
    if not isinstance(getattr(handler, "__self__", None), Interrupts):
        yield
        return
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)


@contextlib.contextmanager
def ignored_interrupts() -> Iterator[None]:
    """Ignore Ctrl-C for a moment, so that processes started in it do so for good."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    handler = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)
