"""Where tasks run: one small interface, and worker processes on this machine behind it."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from concurrent.futures import Future, wait
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol

from bench.environment import ONE_THREAD
from bench.execution.interrupts import ignored_interrupts, prompt_interrupts
from bench.guard import Raised, attempt

IDLE_SECONDS = 300
HAND_OVER_SECONDS = 5.0
"""How long a task may take from `submit` into the workers' queue: milliseconds, usually."""


class Engine(Protocol):
    """Runs functions somewhere, ``workers`` at a time."""

    @property
    def workers(self) -> int:
        """How many tasks run at once; a cluster's may change."""
        ...

    def publish(self, folder: Path) -> None:
        """Make the workspace in ``folder`` known wherever tasks run, before any that needs it."""
        ...

    def submit(self, function: Callable[..., Any], *arguments: Any) -> Future[Any]:
        """Start ``function(*arguments)`` and return its future."""
        ...

    def restart(self) -> None:
        """Replace workers of which one has died."""
        ...

    def renew(self) -> None:
        """Replace idle workers by new ones: earlier fits have left them large."""
        ...

    def stop(self) -> None:
        """Stop at once; what is in flight is lost."""
        ...


class LocalEngine:
    """Worker processes on this machine (loky), started once and kept warm.

    Parameters
    ----------
    workers : int
    plugins : tuple of str
        Plug-in files that every worker loads.
    """

    def __init__(self, workers: int, *, plugins: tuple[str, ...] = ()) -> None:
        self.workers = workers
        self._plugins = plugins
        self._ready: Future[Any] = Future()
        self._executor = self._start()

    def _start(self) -> Any:
        from joblib.externals.loky import get_reusable_executor

        from bench.execution.worker import initialise, ready

        executor = get_reusable_executor(
            max_workers=self.workers,
            timeout=IDLE_SECONDS,
            initializer=initialise,
            initargs=(self._plugins,),
            env=ONE_THREAD,
        )
        with ignored_interrupts():
            self._ready = executor.submit(ready)  # starts all workers, who inherit that
        return executor

    def publish(self, folder: Path) -> None:
        """Do nothing: all workers see this machine's folders."""

    def submit(self, function: Callable[..., Any], *arguments: Any) -> Future[Any]:
        """Start ``function(*arguments)`` in a worker and return its future."""
        future: Future[Any] = self._executor.submit(function, *arguments)
        return future

    def resize(self, workers: int) -> None:
        """Have so many workers from now on; those that have started stay warm."""
        if workers == self.workers:
            return
        wait([self._ready])  # a pool at work is not resized without a warning
        self.workers = workers
        self._executor = self._start()

    def restart(self) -> None:
        """Replace the pool after a worker has died."""
        self.stop()
        self._executor = self._start()

    def renew(self) -> None:
        """Start new workers: CatBoost keeps what a fit took (600 MB after a million rows)."""
        self.restart()

    def stop(self) -> None:
        """Kill the workers.

        Not before all tasks are in their queue, of which this sends the last: loky's
        thread that puts them there forgets those it has not put yet when workers are
        killed, and dies of that. Whoever was interrupted does not know what it has sent.
        """
        from bench.execution.worker import ready

        with contextlib.suppress(RuntimeError):  # stopped or broken: nothing is on its way
            last = self._executor.submit(ready)
            give_up = time.monotonic() + HAND_OVER_SECONDS
            while not (last.running() or last.done()) and time.monotonic() < give_up:
                time.sleep(0.001)
        self._executor.shutdown(wait=True, kill_workers=True)

    def __enter__(self) -> LocalEngine:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is not None:
            self.stop()


class InlineEngine:
    """This process itself, for work that is done before a worker would have started.

    Its libraries must be pinned to one thread as those of workers are, see
    `bench.environment.pin_threads`.
    """

    workers = 1

    def __init__(self) -> None:
        from bench.execution.worker import preload

        preload()

    def publish(self, folder: Path) -> None:
        """Do nothing: this process has made the folder."""

    def submit(self, function: Callable[..., Any], *arguments: Any) -> Future[Any]:
        """Do ``function(*arguments)`` now and return its future, which is done."""
        future: Future[Any] = Future()
        with prompt_interrupts():
            outcome = attempt(lambda: function(*arguments))
        if isinstance(outcome, Raised):
            future.set_exception(outcome.error)
        else:
            future.set_result(outcome.value)
        return future

    def restart(self) -> None:
        """Do nothing: there are no workers that could die."""

    def renew(self) -> None:
        """Do nothing: this process cannot be replaced."""

    def stop(self) -> None:
        """Do nothing: nothing is ever in flight."""
