"""What a stranger's code raised, told in a line."""

from __future__ import annotations

import traceback
from collections.abc import Callable

import pytest

from bench.guard import Raised, attempt, error_line


def trace_of(call: Callable[[], None]) -> str:
    """Return the traceback of what ``call`` raises, as records hold it."""
    outcome = attempt(call)
    assert isinstance(outcome, Raised)
    return "".join(traceback.format_exception(outcome.error))


def raise_many_lines() -> None:
    raise RuntimeError("first line\nTraceback (most recent call last):\nlast line")


def raise_below_a_blank_line() -> None:
    raise ValueError("\n  All 5 fits failed.\nIt is very likely that")


def raise_from_another() -> None:
    try:
        raise_many_lines()
    except RuntimeError as error:
        raise ValueError("too few rows\n2 are left") from error


def raise_while_handling() -> None:
    try:
        raise_from_another()
    except ValueError:
        raise KeyError  # noqa: B904 - the chain of those who do not say from what


def raise_several() -> None:
    raise ExceptionGroup("two things", [ValueError("a"), KeyError("b")])


@pytest.mark.parametrize(
    ("call", "line"),
    [
        (raise_several, "ExceptionGroup: two things (2 sub-exceptions)"),
        (raise_many_lines, "RuntimeError: first line"),
        (raise_below_a_blank_line, "ValueError: All 5 fits failed."),
        (raise_from_another, "ValueError: too few rows"),
        (raise_while_handling, "KeyError"),
    ],
)
def test_an_error_is_told_by_its_type_and_the_first_line_of_its_message(
    call: Callable[[], None], line: str
) -> None:
    assert error_line(trace_of(call)) == line


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("the worker process died: SIGKILL\nmore", "the worker process died: SIGKILL"),
        ("", "no message"),
        ("Traceback (most recent call last):\n  File", "no message"),
    ],
)
def test_text_without_a_whole_traceback_is_told_by_its_first_line(text: str, line: str) -> None:
    assert error_line(text) == line
