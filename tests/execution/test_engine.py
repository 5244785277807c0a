"""Worker processes: stopped at any moment, they leave nothing behind and no thread in trouble."""

import signal
import threading
import time
from typing import Any

import pytest

from bench.execution.engine import LocalEngine
from bench.execution.scheduling import Schedule, Task


@pytest.fixture
def troubled(monkeypatch: pytest.MonkeyPatch) -> list[BaseException | None]:
    """Return what threads have died of."""
    found: list[BaseException | None] = []

    def note(arguments: threading.ExceptHookArgs) -> None:
        found.append(arguments.exc_value)

    monkeypatch.setattr(threading, "excepthook", note)
    return found


def test_workers_stopped_right_after_a_task_was_handed_over(
    troubled: list[BaseException | None],
) -> None:
    # Without waiting for the hand-over one stop in seven met the moment.
    futures: list[Any] = []
    for n_workers in (1, 2) * 25:
        engine = LocalEngine(n_workers)
        futures += [engine.submit(len, "abc"), engine.submit(time.sleep, 60)]
        engine.stop()
    assert troubled == []
    assert all(future.done() for future in futures)


def test_a_stopped_engine_can_be_stopped_again_and_restarted(
    troubled: list[BaseException | None],
) -> None:
    engine = LocalEngine(1)
    engine.stop()
    engine.stop()
    engine.restart()
    assert engine.submit(len, "abc").result(timeout=60) == 3
    engine.renew()
    assert engine.submit(len, "abcd").result(timeout=60) == 4
    engine.stop()
    assert troubled == []


@pytest.mark.usefixtures("heeded")
def test_an_interrupted_schedule_keeps_what_has_ended_and_hands_out_nothing_more(
    troubled: list[BaseException | None],
) -> None:
    ended: list[Any] = []

    def interrupt(future: Any) -> None:
        signal.raise_signal(signal.SIGINT)
        ended.append(future.result())

    tasks = [Task(n, (len, ("abc",)), 1.0, on_end=interrupt if n == 3 else None) for n in range(50)]
    started: list[Task] = []
    engine = LocalEngine(2)
    with pytest.raises(KeyboardInterrupt):
        Schedule(tasks, on_start=started.append).run(engine)
    engine.stop()
    assert ended == [3]
    assert len(started) < 50
    assert troubled == []
