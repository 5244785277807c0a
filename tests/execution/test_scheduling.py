"""The order of work, and what happens when a worker dies."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Future
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from typing import Any

import pytest

from bench.execution.engine import LocalEngine
from bench.execution.scheduling import Schedule, Task


class Doomed(Exception):
    """What a call raises that takes its worker with it."""


class FakeEngine:
    """Runs at once, in this process; a doomed call breaks the pool as a dead worker does.

    Calls of ``held`` tasks stay in flight until the pool breaks; started again
    afterwards, they run.
    """

    def __init__(self, workers: int = 2) -> None:
        self.workers = workers
        self.restarts = 0
        self.renewed_before: list[int] = []
        self.n_submitted = 0
        self.is_broken = False
        self._in_flight: list[Future[Any]] = []

    def submit(self, function: Callable[..., Any], *arguments: Any) -> Future[Any]:
        if self.is_broken:
            raise BrokenProcessPool("a worker died earlier")
        self.n_submitted += 1
        future: Future[Any] = Future()
        if function is hold and not self.restarts:
            self._in_flight.append(future)
            return future
        try:
            future.set_result(function(*arguments))
        except Doomed:
            self.is_broken = True
            for lost in (future, *self._in_flight):
                lost.set_exception(BrokenProcessPool("a worker died"))
            self._in_flight = []
        except ValueError as error:
            future.set_exception(error)
        return future

    def restart(self) -> None:
        self.restarts += 1
        self.is_broken = False

    def renew(self) -> None:
        self.renewed_before.append(self.n_submitted)

    def stop(self) -> None:
        raise AssertionError("nothing here stops an engine")


def work(value: str = "") -> str:
    return value


def hold() -> str:
    return "held, then done"


def die() -> None:
    raise Doomed


def refuse() -> None:
    raise ValueError("no")


class Log:
    """What a schedule did: starts, ends with their outcomes, and how many were in flight."""

    def __init__(self) -> None:
        self.started: list[Any] = []
        self.ended: dict[Any, Any] = {}
        self.most_in_flight = 0

    def on_start(self, task: Task) -> None:
        self.started.append(task.key)
        self.most_in_flight = max(self.most_in_flight, len(self.started) - len(self.ended))

    def on_end(self, task: Task, future: Future[Any]) -> None:
        assert task.key not in self.ended
        self.ended[task.key] = future.exception() or future.result()


def run(tasks: list[Task], engine: Any) -> Log:
    log = Log()
    for task in tasks:
        task.on_end = partial(log.on_end, task)
    Schedule(tasks, on_start=log.on_start).run(engine)
    return log


def test_every_task_runs_once_and_hands_over_its_result() -> None:
    log = run([Task(k, (work, (f"did {k}",)), 1.0) for k in "abcdef"], FakeEngine())
    assert sorted(log.started) == list("abcdef")
    assert log.ended == {k: f"did {k}" for k in "abcdef"}


def test_no_tasks_is_no_work() -> None:
    assert run([], FakeEngine()).started == []


def test_a_task_waits_for_what_it_needs() -> None:
    tasks = [
        Task("job", (work, ()), 100.0, ("resampled", "prepared")),
        Task("resampled", (work, ()), 50.0, ("prepared",)),
        Task("prepared", (work, ()), 1.0),
        Task("other", (work, ()), 2.0),
    ]
    started = run(tasks, FakeEngine(workers=1)).started
    assert started.index("prepared") < started.index("resampled") < started.index("job")


def test_the_longest_way_to_the_end_goes_first() -> None:
    tasks = [
        Task("short", (work, ()), 1.0),
        Task("long", (work, ()), 5.0),
        Task("needed", (work, ()), 0.1),  # 0.1 + 9.0 is the longest way
        Task("after", (work, ()), 9.0, ("needed",)),
        Task("middle", (work, ()), 3.0),
    ]
    log = run(tasks, FakeEngine(workers=0))  # workers + 1: one at a time
    assert log.started == ["needed", "after", "long", "middle", "short"]


def test_equal_tasks_keep_the_order_of_the_plan() -> None:
    keys = [f"task-{i}" for i in range(9)]
    log = run([Task(k, (work, ()), 1.0) for k in keys], FakeEngine(workers=0))
    assert log.started == keys


def test_a_need_that_is_not_among_the_tasks_is_already_there() -> None:
    assert run([Task("a", (work, ()), 1.0, ("done earlier",))], FakeEngine()).started == ["a"]


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_one_task_more_than_workers_is_in_flight_and_never_two(workers: int) -> None:
    log = run([Task(i, (work, ()), float(i)) for i in range(30)], FakeEngine(workers))
    assert log.most_in_flight == workers + 1


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_slots_of_wide_tasks_in_flight_never_exceed_the_workers(workers: int) -> None:
    tasks = [Task(i, (work, ()), float(i % 7), slots=1 + i % 2) for i in range(40)]
    slots = {task.key: min(task.slots, workers) for task in tasks}
    log = Log()
    taken: list[int] = []

    def note(task: Task) -> None:
        log.on_start(task)
        flying = [slots[key] for key in log.started if key not in log.ended]
        is_narrow = max(flying) == 1
        taken.append(sum(flying))
        assert sum(flying) <= workers + is_narrow

    for task in tasks:
        task.on_end = partial(log.on_end, task)
    Schedule(tasks, on_start=note).run(FakeEngine(workers))
    assert len(log.ended) == 40
    assert max(taken) >= workers


def test_narrow_tasks_go_on_while_a_wide_one_waits_for_room() -> None:
    tasks = [
        Task("first", (work, ()), 9.0),
        Task("second", (work, ()), 8.0),
        Task("wide", (work, ()), 7.0, slots=2),
        Task("third", (work, ()), 1.0),
    ]
    assert run(tasks, FakeEngine(2)).started == ["first", "second", "third", "wide"]


def test_a_call_is_made_up_when_its_task_starts() -> None:
    log = Log()
    first = Task("first", (work, ("a",)), 1.0)
    second = Task("second", lambda: (work, (f"after {log.ended['first']}",)), 1.0, ("first",))
    for task in (first, second):
        task.on_end = partial(log.on_end, task)
    Schedule([first, second], on_start=log.on_start).run(FakeEngine())
    assert log.ended["second"] == "after a"


def test_what_a_task_raises_is_its_own_outcome() -> None:
    tasks = [Task("a", (refuse, ()), 2.0), Task("b", (work, ("fine",)), 1.0, ("a",))]
    log = run(tasks, FakeEngine())
    assert str(log.ended["a"]) == "no"
    assert log.ended["b"] == "fine"


# --- a worker dies --------------------------------------------------------------------


def test_the_task_that_kills_its_worker_is_blamed_and_no_other() -> None:
    engine = FakeEngine(workers=2)
    tasks = [
        Task("held-1", (hold, ()), 9.0),
        Task("held-2", (hold, ()), 8.0),
        Task("guilty", (die, ()), 7.0),
        *(Task(f"later-{i}", (work, ("fine",)), 1.0) for i in range(4)),
    ]
    log = run(tasks, engine)
    assert isinstance(log.ended.pop("guilty"), BrokenExecutor)
    assert log.ended.pop("held-1") == log.ended.pop("held-2") == "held, then done"
    assert set(log.ended.values()) == {"fine"}
    # Once when it happened, and once when it was tried alone.
    assert engine.restarts == 2


def test_two_guilty_tasks_are_both_found() -> None:
    engine = FakeEngine(workers=1)
    tasks = [
        Task("a", (die, ()), 3.0),
        Task("b", (die, ()), 2.0),
        Task("c", (work, ("fine",)), 1.0),
    ]
    log = run(tasks, engine)
    assert isinstance(log.ended["a"], BrokenExecutor)
    assert isinstance(log.ended["b"], BrokenExecutor)
    assert log.ended["c"] == "fine"


def test_tasks_that_wait_for_a_guilty_one_still_run() -> None:
    tasks = [Task("shared", (die, ()), 1.0), Task("job", (work, ("fine",)), 1.0, ("shared",))]
    log = run(tasks, FakeEngine())
    assert log.ended["job"] == "fine"


def test_workers_are_renewed_once_after_the_last_task_that_leaves_memory() -> None:
    engine = FakeEngine(workers=2)
    large = [Task(f"large {i}", (work, ()), 9.0, leaves_memory=True) for i in range(3)]
    small = [Task(f"small {i}", (work, ()), 1.0) for i in range(3)]
    run([*small, *large], engine)
    assert engine.n_submitted == 6
    assert engine.renewed_before == [3]


def test_workers_that_leave_nothing_are_kept() -> None:
    engine = FakeEngine(workers=2)
    run([Task(i, (work, ()), 1.0, slots=i) for i in (1, 2)], engine)
    assert engine.renewed_before == []


def test_a_pool_that_is_found_broken_when_work_is_handed_over_is_replaced() -> None:
    # The worker of "guilty" dies at once, before the next task is submitted.
    engine = FakeEngine(workers=3)
    tasks = [Task("guilty", (die, ()), 9.0), *(Task(i, (work, ("fine",)), 1.0) for i in range(3))]
    log = run(tasks, engine)
    assert isinstance(log.ended.pop("guilty"), BrokenExecutor)
    assert set(log.ended.values()) == {"fine"}


def kill_worker() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def process_id() -> int:
    return os.getpid()


def one_thread() -> list[str | None]:
    return [os.environ.get(name) for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")]


@pytest.mark.slow
def test_a_real_worker_that_is_killed_takes_nothing_else_with_it() -> None:
    with LocalEngine(2) as engine:
        tasks = [Task("guilty", (kill_worker, ()), 9.0)]
        tasks += [Task(i, (process_id, ()), 1.0) for i in range(8)]
        log = run(tasks, engine)
        assert isinstance(log.ended.pop("guilty"), BrokenExecutor)
        assert len(log.ended) == 8
        assert os.getpid() not in log.ended.values()
        assert engine.submit(one_thread).result() == ["1", "1"]
        engine.stop()


# --- a time limit ---------------------------------------------------------------------


class StoppableEngine(FakeEngine):
    """One that may be stopped."""

    def __init__(self, workers: int = 2) -> None:
        super().__init__(workers)
        self.stops = 0

    def stop(self) -> None:
        self.stops += 1


class FakeLimit:
    """Time that passes only when a task ends, by its cost."""

    def __init__(self, seconds: float) -> None:
        self.left = seconds
        self.ended_keys: list[Any] = []

    def seconds_left(self) -> float:
        return self.left

    def may_start(self, task: Task) -> bool:
        return task.cost <= self.left

    def ended(self, task: Task) -> None:
        self.ended_keys.append(task.key)
        self.left -= task.cost


def run_within(tasks: list[Task], engine: Any, limit: FakeLimit) -> Log:
    log = Log()
    for task in tasks:
        task.on_end = partial(log.on_end, task)
    Schedule(tasks, on_start=log.on_start).run(engine, limit=limit)
    return log


def test_within_a_limit_that_holds_them_all_tasks_run_as_without_one() -> None:
    tasks = [Task(k, (work, ()), 1.0) for k in "abc"]
    engine = StoppableEngine(workers=0)
    log = run_within(tasks, engine, FakeLimit(10.0))
    assert log.started == list("abc")
    assert engine.stops == 0


def test_a_task_that_would_end_too_late_is_given_up_with_all_that_wait_for_it() -> None:
    tasks = [
        Task("shared", (work, ()), 1.0),
        Task("long", (work, ()), 9.0, ("shared",)),
        Task("after-long", (work, ()), 0.1, ("long",)),
        Task("short", (work, ()), 2.0, ("shared",)),
    ]
    limit = FakeLimit(6.0)
    log = run_within(tasks, StoppableEngine(workers=0), limit)
    assert log.started == limit.ended_keys == ["shared", "short"]


def test_when_the_time_is_up_the_engine_is_stopped_and_nothing_in_flight_is_kept() -> None:
    limit = FakeLimit(1.0)
    tasks = [
        Task("in flight", (hold, ()), 0.9),
        Task("done", (work, ()), 0.5),
        Task("last", (work, ()), 0.5),
        Task("never", (work, ()), 0.4),
    ]
    engine = StoppableEngine(workers=1)
    log = run_within(tasks, engine, limit)
    assert list(log.ended) == ["done", "last"]
    assert "in flight" in log.started
    assert "never" not in log.started
    assert engine.stops == 1


def test_without_any_time_nothing_starts() -> None:
    engine = StoppableEngine()
    assert run_within([Task("a", (work, ()), 1.0)], engine, FakeLimit(0.0)).started == []
    assert engine.stops == 1


def test_priority_comes_before_cost_and_is_shared_with_what_is_needed_first() -> None:
    tasks = [
        Task("long", (work, ()), 9.0),
        Task("needed-by-short", (work, ()), 0.1),
        Task("short", (work, ()), 1.0, ("needed-by-short",), priority=2.0),
        Task("middle", (work, ()), 5.0, priority=1.0),
    ]
    log = run(tasks, FakeEngine(workers=0))
    assert log.started == ["needed-by-short", "short", "middle", "long"]
