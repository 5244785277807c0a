"""A time budget: how it is written, and what may still begin before it is used up."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Callable, Mapping, Sequence

from bench.domain import Candidate
from bench.errors import UsageError
from bench.execution.scheduling import Task

MOST_REPEATS = 20
"""With a budget, where ``--repeats`` does not say; more hardly narrow an interval."""

_BOARDS_SECONDS = 2.0
_FIT_SECONDS = 0.005
"""What reading and writing the boards takes, and for each fit besides, on a quiet core."""

_STEADY_SECONDS = 10.0
"""After so much work the pace that was measured counts as much as the guess."""

_WRITTEN = re.compile(
    r"(?:(?P<h>\d+(?:\.\d+)?)\s*h)?\s*(?:(?P<m>\d+(?:\.\d+)?)\s*m(?:in)?)?\s*"
    r"(?:(?P<s>\d+(?:\.\d+)?)\s*s?)?"
)


def parse_budget(text: str | float) -> float:
    """Return the seconds of a budget such as ``10m``, ``90s``, ``1h30m`` or ``600``.

    Raises
    ------
    UsageError
        If it is none, or not above 0.
    """
    match = _WRITTEN.fullmatch(str(text).strip().lower())
    parts = match.groupdict() if match else {}
    sizes = {"h": 3600, "m": 60, "s": 1}
    seconds = sum(float(parts[unit] or 0) * size for unit, size in sizes.items()) if parts else 0
    if not 0 < seconds < math.inf:
        raise UsageError(
            f"--budget {str(text)!r} is no length of time",
            hint="write 10m, 90s, 1h30m, or seconds",
        )
    return seconds


class Budget:
    """What is left of a time budget, and whether a task can be expected to end within it.

    Parameters
    ----------
    seconds : float
        Of the whole command: loading counts, and so do the boards.
    started : float
        When the command began, by ``clock``.
    workers : int
    clock : callable
        Seconds since any moment.

    Notes
    -----
    Costs of tasks are guesses of CPU seconds. They are scaled by the pace so
    far: the workers' wall seconds over the costs of what they finished, which
    holds wrong guesses and busy cores alike.
    """

    def __init__(
        self,
        seconds: float,
        *,
        started: float,
        workers: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._end = started + seconds
        self._clock = clock
        self._workers = workers
        self._began = clock()
        self._done = 0.0
        self._n_fits = 0
        # How much slower than by its CPU seconds this process is served.
        self._stretch = min(6.0, max(1.0, (self._began - started) / max(time.process_time(), 0.1)))

    def count_fits(self, n_fits: int) -> None:
        """Keep the time aside that ``n_fits`` more take to be judged on the boards."""
        self._n_fits += n_fits

    def seconds_left(self) -> float:
        """Return how long fits may go on, so that the boards are there in time."""
        boards = self._stretch * (_BOARDS_SECONDS + _FIT_SECONDS * self._n_fits)
        return self._end - boards - self._clock()

    def may_start(self, task: Task) -> bool:
        """Return whether ``task`` can be expected to end in time."""
        return task.cost * self.pace <= self.seconds_left()

    def ended(self, task: Task) -> None:
        """Note that ``task`` is done."""
        self._done += task.cost
        if task.job is not None and task.key == task.job.id:
            self.count_fits(1)

    @property
    def pace(self) -> float:
        """Wall seconds of a worker for a second of guessed cost."""
        spent = self._workers * (self._clock() - self._began)
        return (spent + _STEADY_SECONDS) / (self._done + _STEADY_SECONDS)


def prefer_cheap(tasks: Sequence[Task], costs: Mapping[str, float]) -> None:
    """Have every candidate finished before a dearer one begins, studies last.

    A budget that cannot hold all of them then holds as many as it can, and no
    half of another.

    Parameters
    ----------
    tasks : sequence of Task
        Their priorities are set.
    costs : mapping of job id to float
        What the jobs cost as a whole.
    """
    jobs = [task.job for task in tasks if task.job is not None]
    dearest: dict[Candidate, float] = {}
    for job in jobs:
        dearest[job.candidate] = max(dearest.get(job.candidate, 0.0), costs[job.id])
    order = sorted(dearest, key=lambda c: (c.tuning != "optuna", -dearest[c], c))
    places = {candidate: float(place) for place, candidate in enumerate(order, start=1)}
    for task in tasks:
        if task.job is not None:
            task.priority = places[task.job.candidate]
