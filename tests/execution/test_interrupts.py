"""Ctrl-C comes when a run can bear it, and comes through."""

import signal

import pytest

from bench.execution.interrupts import (
    ignored_interrupts,
    kept_interrupts,
    prompt_interrupts,
)

pytestmark = pytest.mark.usefixtures("heeded")


def press_ctrl_c() -> None:
    signal.raise_signal(signal.SIGINT)


def walk(steps: str, reached: list[str]) -> None:
    """Press Ctrl-C (``c``), let it through (``l``) or do something else, and note each step."""
    with kept_interrupts() as interrupts:
        for step in steps:
            if step == "c":
                press_ctrl_c()
            if step == "l":
                interrupts.let_through()
            reached.append(step)


@pytest.mark.parametrize(
    ("steps", "done"),
    [
        ("l.c.l.", "l.c."),  # kept until it is let through
        (".c.", ".c."),  # or until the end
        (".c.c.", ".c."),  # a second one is not kept
    ],
)
def test_an_interrupt_is_kept_for_a_moment_that_can_bear_it(steps: str, done: str) -> None:
    reached: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        walk(steps, reached)
    assert "".join(reached) == done


def test_a_long_task_in_this_process_is_interrupted_at_once() -> None:
    reached = []
    with kept_interrupts():
        with pytest.raises(KeyboardInterrupt), prompt_interrupts():
            press_ctrl_c()
        reached.append("the task was given up")
    assert reached == ["the task was given up"]


def test_afterwards_interrupts_come_at_once_again() -> None:
    with kept_interrupts():
        pass
    with ignored_interrupts():
        press_ctrl_c()
    with pytest.raises(KeyboardInterrupt):
        press_ctrl_c()


def test_whoever_handles_interrupts_already_goes_on_to() -> None:
    pressed = []
    before = signal.signal(signal.SIGINT, lambda number, frame: pressed.append(number))
    try:
        with kept_interrupts() as interrupts:
            press_ctrl_c()
            interrupts.let_through()
    finally:
        signal.signal(signal.SIGINT, before)
    assert pressed == [signal.SIGINT]
