"""Which task next: shared work before the jobs that wait for it, the longest first."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Hashable, Iterable
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Future, wait
from dataclasses import dataclass, field
from typing import Any, Protocol

from bench.domain import Job
from bench.execution.engine import Engine
from bench.execution.interrupts import Interrupts, kept_interrupts

PATIENCE = 0.2
"""Seconds until Ctrl-C is heeded, at most."""

Call = tuple[Callable[..., Any], tuple[Any, ...]]


@dataclass(eq=False)
class Task:
    """One call, the tasks that must end first, and roughly how long it takes.

    Attributes
    ----------
    key : hashable
    call : Call or callable
        The function and its arguments, or what returns these when it is time.
    cost : float
        Seconds, roughly.
    after : tuple
        Keys of the tasks that must have ended.
    job : Job or None
        What the task is a part of; None for work that jobs share.
    on_end : callable or None
        Is told how the task ended, before any that waits for it starts.
    slots : int
        How many workers' cores (and memory) it takes.
    priority : float
        The highest goes first, whatever it costs; what others wait for has theirs.
    leaves_memory : bool
        Whether a worker keeps much memory afterwards; the workers are renewed after
        the last of these.
    """

    key: Hashable
    call: Call | Callable[[], Call]
    cost: float
    after: tuple[Hashable, ...] = ()
    job: Job | None = None
    on_end: Callable[[Future[Any]], None] | None = None
    slots: int = 1
    priority: float = 0.0
    leaves_memory: bool = False
    rank: float = field(default=0.0, init=False)


class Limit(Protocol):
    """A time limit, and who decides what is still begun before it."""

    def seconds_left(self) -> float:
        """Return how long until whatever is in flight is given up."""
        ...

    def may_start(self, task: Task) -> bool:
        """Return whether ``task`` can be expected to end in time."""
        ...

    def ended(self, task: Task) -> None:
        """Note that ``task`` is done."""
        ...


class Schedule:
    """Runs tasks on an engine in an order that keeps every worker busy.

    Parameters
    ----------
    tasks : iterable of Task
        Each after those that it waits for.
    on_start : callable
        Called with a task when it is handed to a worker.
    """

    def __init__(self, tasks: Iterable[Task], *, on_start: Callable[[Task], None]) -> None:
        self._tasks = {task.key: task for task in tasks}
        self._on_start = on_start
        self._waiting: dict[Hashable, set[Hashable]] = {}
        self._dependents: dict[Hashable, list[Hashable]] = {}
        self._suspects: list[Task] = []
        self._flying: dict[Future[Any], Task] = {}
        self._limit: Limit | None = None
        self._n_leaving = sum(task.leaves_memory for task in self._tasks.values())
        self._are_large = False
        for task in self._tasks.values():
            self._waiting[task.key] = {key for key in task.after if key in self._tasks}
            for key in self._waiting[task.key]:
                self._dependents.setdefault(key, []).append(task.key)
        # Ranked by the longest path that starts with each; followers come later in the list.
        for task in reversed(self._tasks.values()):
            followers = [self._tasks[key] for key in self._dependents.get(task.key, ())]
            task.rank = task.cost + max((follower.rank for follower in followers), default=0.0)
            task.priority = max([task.priority, *(f.priority for f in followers)])
        self._order = {key: position for position, key in enumerate(self._tasks)}
        self._ready = [self._entry(task) for task in self._tasks.values() if self._is_free(task)]
        heapq.heapify(self._ready)
        self._by_position = list(self._tasks.values())

    def run(self, engine: Engine, *, limit: Limit | None = None) -> None:
        """Run everything, or what can be done within ``limit``.

        When a worker dies, the tasks in flight are tried once more, one at a
        time, so that the guilty one is known and the others lose nothing. A
        task that may not start any more is given up with all that wait for it;
        when the time is up, the engine is stopped and nothing in flight is kept.

        Raises
        ------
        KeyboardInterrupt
            On Ctrl-C, between two tasks: all that has ended is kept.
        """
        self._limit = limit
        with kept_interrupts() as interrupts:
            self._run(engine, interrupts)

    def _run(self, engine: Engine, interrupts: Interrupts) -> None:
        limit = self._limit
        while self._ready or self._flying or self._suspects:
            interrupts.let_through()
            if limit is not None and limit.seconds_left() <= 0:
                engine.stop()
                return
            if not self._fill(engine):
                self._recover(engine)
                continue
            left = PATIENCE if limit is None else limit.seconds_left()
            timeout = max(0.0, min(PATIENCE, left))
            done, _ = wait(self._flying, timeout=timeout, return_when=FIRST_COMPLETED)
            broken = [future for future in done if _died(future)]
            for future in done:
                if future not in broken:
                    self._end(self._flying.pop(future), future)
            if broken:
                self._recover(engine)

    def _fill(self, engine: Engine) -> bool:
        """Hand out work, and return whether the engine took it.

        One task more than there are workers, so that none waits for us; but a
        task of several slots waits until these are free, and later ones that
        fit go first. Nothing starts while workers wait to be renewed.
        """
        if self._suspects:
            return bool(self._flying) or self._start(engine, self._suspects[0])
        if self._are_large and not self._n_leaving:
            if self._flying:
                return True
            engine.renew()
            self._are_large = False
        too_wide, is_taken = [], True
        while self._ready and is_taken:
            entry = heapq.heappop(self._ready)
            task = self._by_position[entry[-1]]
            if self._has_room(task, engine.workers):
                if self._limit is not None and not self._limit.may_start(task):
                    continue
                is_taken = self._start(engine, task)
            if task not in self._flying.values():
                too_wide.append(entry)
                if task.slots == 1:
                    break
        for entry in too_wide:
            heapq.heappush(self._ready, entry)
        return is_taken

    def _has_room(self, task: Task, workers: int) -> bool:
        slots = [max(1, min(t.slots, workers)) for t in (task, *self._flying.values())]
        spare = 1 if max(slots) == 1 else 0
        return sum(slots) <= workers + spare

    def _start(self, engine: Engine, task: Task) -> bool:
        function, arguments = task.call() if callable(task.call) else task.call
        try:
            future = engine.submit(function, *arguments)
        except BrokenExecutor:  # a worker has died since the last task was handed over
            return False
        self._on_start(task)
        self._flying[future] = task
        return True

    def _end(self, task: Task, future: Future[Any]) -> None:
        if self._suspects and self._suspects[0] is task:
            self._suspects.pop(0)
        for key in self._dependents.get(task.key, ()):
            self._waiting[key].discard(task.key)
            if not self._waiting[key]:
                heapq.heappush(self._ready, self._entry(self._tasks[key]))
        if task.leaves_memory:
            self._n_leaving -= 1
            self._are_large = True
        if self._limit is not None:
            self._limit.ended(task)
        if task.on_end is not None:
            task.on_end(future)

    def _recover(self, engine: Engine) -> None:
        engine.restart()
        flying, self._flying = self._flying, {}
        for future, task in flying.items():
            if future.done() and not _died(future):
                self._end(task, future)
            elif self._suspects and self._suspects[0] is task:
                self._end(task, future)  # it was alone: it is the one
            else:
                self._suspects.append(task)

    def _entry(self, task: Task) -> tuple[float, float, int]:
        """Return what puts a task in its place: priority, longest way to the end, position."""
        return -task.priority, -task.rank, self._order[task.key]

    def _is_free(self, task: Task) -> bool:
        return not self._waiting[task.key]


def _died(future: Future[Any]) -> bool:
    return future.cancelled() or isinstance(future.exception(), BrokenExecutor)
