"""Which task next: shared work before the jobs that wait for it, the longest first."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Hashable, Iterable
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Future, wait
from dataclasses import dataclass, field
from typing import Any

from bench.domain import Job
from bench.execution.engine import Engine


@dataclass(eq=False)
class Task:
    """One call, the tasks that must end first, and roughly how long it takes.

    ``job`` is None for shared work.
    """

    key: Hashable
    function: Callable[..., Any]
    arguments: tuple[Any, ...]
    cost: float
    after: tuple[Hashable, ...] = ()
    job: Job | None = None
    rank: float = field(default=0.0, init=False)


class Schedule:
    """Runs tasks on an engine in an order that keeps every worker busy.

    Parameters
    ----------
    tasks : iterable of Task
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
        for task in self._tasks.values():
            self._waiting[task.key] = {key for key in task.after if key in self._tasks}
            for key in self._waiting[task.key]:
                self._dependents.setdefault(key, []).append(task.key)
        for task in self._tasks.values():
            self._rank(task)
        order = {key: position for position, key in enumerate(self._tasks)}
        self._order = order
        self._ready = [
            (-task.rank, order[task.key]) for task in self._tasks.values() if self._is_free(task)
        ]
        heapq.heapify(self._ready)
        self._by_position = list(self._tasks.values())

    def run(self, engine: Engine, on_end: Callable[[Task, Future[Any]], None]) -> None:
        """Run everything; ``on_end`` gets every task with its finished future.

        When a worker dies, the tasks in flight are tried once more, one at a
        time, so that the guilty one is known and the others lose nothing.
        """
        while self._ready or self._flying or self._suspects:
            if not self._fill(engine):
                self._recover(engine, on_end)
                continue
            done, _ = wait(self._flying, return_when=FIRST_COMPLETED)
            broken = [future for future in done if _died(future)]
            for future in done:
                if future not in broken:
                    self._end(self._flying.pop(future), future, on_end)
            if broken:
                self._recover(engine, on_end)

    def _fill(self, engine: Engine) -> bool:
        """Hand out work, and return whether the engine took it.

        One task more than there are workers, so that none waits for us.
        """
        if self._suspects:
            return bool(self._flying) or self._start(engine, self._suspects[0])
        while self._ready and len(self._flying) <= engine.workers:
            if not self._start(engine, self._by_position[self._ready[0][1]]):
                return False
            heapq.heappop(self._ready)
        return True

    def _start(self, engine: Engine, task: Task) -> bool:
        try:
            future = engine.submit(task.function, *task.arguments)
        except BrokenExecutor:  # a worker has died since the last task was handed over
            return False
        self._on_start(task)
        self._flying[future] = task
        return True

    def _end(
        self, task: Task, future: Future[Any], on_end: Callable[[Task, Future[Any]], None]
    ) -> None:
        if self._suspects and self._suspects[0] is task:
            self._suspects.pop(0)
        for key in self._dependents.get(task.key, ()):
            self._waiting[key].discard(task.key)
            if not self._waiting[key]:
                heapq.heappush(self._ready, (-self._tasks[key].rank, self._order[key]))
        on_end(task, future)

    def _recover(self, engine: Engine, on_end: Callable[[Task, Future[Any]], None]) -> None:
        engine.restart()
        flying, self._flying = self._flying, {}
        for future, task in flying.items():
            if future.done() and not _died(future):
                self._end(task, future, on_end)
            elif self._suspects and self._suspects[0] is task:
                self._end(task, future, on_end)  # it was alone: it is the one
            else:
                self._suspects.append(task)

    def _is_free(self, task: Task) -> bool:
        return not self._waiting[task.key]

    def _rank(self, task: Task) -> None:
        """Rank a task by the longest path that starts with it."""
        if not task.rank:
            longest = 0.0
            for key in self._dependents.get(task.key, ()):
                self._rank(self._tasks[key])
                longest = max(longest, self._tasks[key].rank)
            task.rank = task.cost + longest


def _died(future: Future[Any]) -> bool:
    return future.cancelled() or isinstance(future.exception(), BrokenExecutor)
