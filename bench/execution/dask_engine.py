"""Runs tasks on a Dask cluster: an existing one, or one of this process's own."""

from __future__ import annotations

import contextlib
import threading
import time
import uuid
from collections.abc import Callable, Iterable
from concurrent.futures import BrokenExecutor, Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any

import bench
from bench.errors import BenchError, UsageError
from bench.execution import dask_worker
from bench.execution.dask_worker import Setting, pack, unpack, versions_here
from bench.guard import Raised, attempt

CONNECT_SECONDS = 5
WORKER_SECONDS = 10
LOST_SECONDS = 60
"""For so long a cluster may be without any worker, for instance while its own are restarted."""
WATCH_SECONDS = 2
RELEASE_SECONDS = 10
BLOCK_BYTES = 16 * 1024 * 1024
UNUSABLE = "the Dask cluster cannot be used any more"
KEPT = "everything finished is kept; the same command goes on from there"


class DaskEngine:
    """Tasks on the workers of a Dask cluster.

    A worker that is lost costs its own fits only: Dask hands these to another
    one. A worker that joins later is set up when its first task comes to it.

    Parameters
    ----------
    workers : int
        How many workers a cluster of our own has.
    scheduler : str
        The address of an existing cluster's, such as ``tcp://10.0.0.5:8786``;
        empty means a cluster of our own.
    plugins : tuple of str
        Plug-in files; the workers get their contents.
    is_shared : bool
        Whether workers map the workspace where they see its folder; otherwise
        all of them get a copy, one for each host, as those do who do not see it.

    Raises
    ------
    UsageError
        If there is no scheduler or no worker, or one that would give other numbers.
    """

    def __init__(
        self,
        workers: int,
        *,
        scheduler: str = "",
        plugins: tuple[str, ...] = (),
        is_shared: bool = True,
    ) -> None:
        contents = tuple(
            (Path(path).name, Path(path).read_text(encoding="utf-8")) for path in plugins
        )
        self._setting = Setting(uuid.uuid4().hex, versions_here(), contents)
        self._folder: Path | None = None
        self._is_shared = is_shared
        self._n_tasks = 0
        self._flying: dict[Future[Any], Any] = {}
        self._failure: BenchError | None = None
        self._workers = 0
        self._lock = threading.Lock()
        self._giving = threading.Lock()
        self._ended = threading.Event()
        self._cluster: Any = None
        self._client: Any = None
        with contextlib.ExitStack() as undone:
            undone.callback(self.stop)
            self._connect(scheduler, workers)
            self._set_up(self._count_workers())
            undone.pop_all()
        threading.Thread(target=self._watch, daemon=True).start()

    @property
    def workers(self) -> int:
        """How many tasks run at once."""
        return self._workers

    def publish(self, folder: Path) -> None:
        """Have every worker find the workspace in ``folder``, or receive a copy of its table."""
        self._folder = folder
        self._give_table(self._count_workers())

    def submit(self, function: Callable[..., Any], *arguments: Any) -> Future[Any]:
        """Start ``function(*arguments)`` on some worker and return its future."""
        if self._failure is not None:
            raise BrokenExecutor(self._failure.message)
        future: Future[Any] = Future()
        self._send(pack((function, arguments)), future)
        return future

    def renew(self) -> None:
        """Do nothing: the memory of a cluster's hosts is its owner's to plan."""

    def restart(self) -> None:
        """Say why the cluster cannot be used any more; only the user can help it.

        Raises
        ------
        UsageError
            Always.
        """
        raise self._failure or UsageError(UNUSABLE, hint=KEPT)

    def stop(self) -> None:
        """Cancel what is in flight, and leave an existing cluster as it was."""
        self._ended.set()
        if self._client is not None and self._client.status == "running":
            with contextlib.suppress(OSError, FutureTimeoutError):
                self._client.cancel(list(self._flying.values()))
                self._client.run(
                    dask_worker.release,
                    self._setting.token,
                    on_error="ignore",
                    callback_timeout=RELEASE_SECONDS,
                )
        for part in (self._client, self._cluster):
            if part is not None:
                part.close()

    def __enter__(self) -> DaskEngine:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    # --- the cluster ------------------------------------------------------------------

    def _connect(self, scheduler: str, workers: int) -> None:
        import logging

        from distributed import LocalCluster

        if not scheduler:
            # The processes are those that do the fits.
            self._cluster = LocalCluster(
                n_workers=workers,
                threads_per_worker=1,
                processes=False,
                dashboard_address="127.0.0.1:0",  # no dashboard, but a server in any case
                scheduler_kwargs={"dashboard": False},
                memory_limit=0,
                silence_logs=logging.ERROR,
            )
        self._client = _connected(self._cluster or scheduler)

    def _count_workers(self) -> list[str]:
        """Return the workers that there are, and remember how many tasks they can do at once."""
        counts: dict[str, int] = self._client.nthreads()
        if counts:
            self._workers = sum(counts.values())
        return list(counts)

    def _set_up(self, addresses: list[str]) -> None:
        """Start the fit processes of some workers, once they are known to give our numbers."""
        for address, wrong in self._ask(dask_worker.set_up, self._setting, workers=addresses):
            ours = self._setting.versions
            if wrong:
                found = ", ".join(f"{name} {version}" for name, version in wrong.items())
                expected = ", ".join(f"{name} {ours[name]}" for name in wrong)
                raise UsageError(
                    f"worker {address} has {found}, expected {expected} as here",
                    hint="numbers depend on them: install the same versions on every host",
                )

    def _give_table(self, addresses: list[str]) -> None:
        """Make sure that some workers are ready and, if there is a table, have it."""
        token, folder = self._setting.token, self._folder
        with self._giving:
            if folder is None:
                list(self._ask(dask_worker.open_without_table, token, workers=addresses))
                return
            seen = str(folder) if self._is_shared else ""
            find = partial(self._ask, dask_worker.find_table, token, seen)
            lacking = [address for address, is_there in find(workers=addresses) if not is_there]
            for address in lacking:
                # Another worker of its host may have received it meanwhile.
                if any(not is_there for _, is_there in find(workers=[address])):
                    self._copy_table(folder, address)
                    list(find(workers=[address]))

    def _copy_table(self, folder: Path, address: str) -> None:
        tell = partial(self._ask, workers=[address])
        for file in sorted((folder / "table").iterdir()):
            with file.open("rb") as content:
                is_first = True
                while block := content.read(BLOCK_BYTES):
                    call = partial(dask_worker.receive, is_first=is_first)
                    list(tell(call, self._setting.token, file.name, block))
                    is_first = False
        list(tell(dask_worker.complete, self._setting.token))

    def _ask(
        self, function: Callable[..., Any], *arguments: Any, workers: list[str]
    ) -> Iterable[tuple[str, Any]]:
        """Call ``function`` on some workers; those that are gone meanwhile give no answer."""
        answers = self._client.run(function, *arguments, workers=workers, on_error="return")
        for address, answer in answers.items():
            if isinstance(answer, OSError):
                continue
            # What a worker cannot unpickle comes back as a plain Exception that quotes it.
            if isinstance(answer, ImportError | AttributeError) or type(answer) is Exception:
                raise UsageError(
                    f"worker {address} cannot run churnbench {bench.__version__}: {answer}",
                    hint="install the same version on every host",
                )
            if isinstance(answer, BenchError):
                raise UsageError(f"worker {address}: {answer.message}", hint=answer.hint)
            if isinstance(answer, Exception):
                raise UsageError(f"worker {address}: {type(answer).__name__}: {answer}")
            yield address, answer

    def _watch(self) -> None:
        """Follow how many workers there are, and give up when there are none for too long."""
        last_seen = time.monotonic()
        while not self._ended.wait(WATCH_SECONDS):
            if self._client.status != "running":
                continue
            with contextlib.suppress(OSError, FutureTimeoutError):
                if self._count_workers():
                    last_seen = time.monotonic()
            if time.monotonic() - last_seen > LOST_SECONDS:
                self._fail(UsageError("the Dask cluster has lost all its workers", hint=KEPT))

    # --- tasks ------------------------------------------------------------------------

    def _send(self, payload: bytes, future: Future[Any]) -> None:
        import dask.config

        with self._lock:
            self._n_tasks += 1
            key = f"churnbench-{self._setting.token}-{self._n_tasks}"
        with dask.config.set({"distributed.admin.large-graph-warning-threshold": "100GB"}):
            sent = self._client.submit(
                dask_worker.serve, self._setting.token, payload, key=key, pure=False
            )
        self._flying[future] = sent
        sent.add_done_callback(partial(self._receive, payload, future))

    def _receive(self, payload: bytes, future: Future[Any], sent: Any) -> None:
        """Hand an outcome over; called in a thread of Dask's, where nobody hears an error."""
        self._flying.pop(future, None)
        if self._ended.is_set() or future.done():
            return
        done = attempt(partial(self._hand_over, payload, future, sent))
        if isinstance(done, Raised):
            error = done.error
            self._failure = (
                error
                if isinstance(error, BenchError)
                else UsageError(f"{UNUSABLE}: {type(error).__name__}: {error}", hint=KEPT)
            )
            future.set_exception(BrokenExecutor(self._failure.message))

    def _hand_over(self, payload: bytes, future: Future[Any], sent: Any) -> None:
        if sent.status == "error":  # such as KilledWorker, after some workers died over it
            future.set_exception(sent.exception())
            return
        if sent.status != "finished":
            raise UsageError("the connection to the Dask scheduler is lost", hint=KEPT)
        answer = sent.result()
        if isinstance(answer, str):  # a worker that has joined: it, or another one, tries again
            self._set_up([answer])
            self._give_table([answer])
            self._send(payload, future)
            return
        unpacked = attempt(partial(unpack, answer))
        outcome = unpacked if isinstance(unpacked, Raised) else unpacked.value
        if isinstance(outcome, Raised):
            future.set_exception(outcome.error)
        else:
            future.set_result(outcome.value)

    def _fail(self, error: BenchError) -> None:
        self._failure = error
        for future in list(self._flying):
            self._flying.pop(future, None)
            if not future.done():
                future.set_exception(BrokenExecutor(error.message))


def count_slots(scheduler: str) -> int:
    """Return how many tasks the cluster behind an address does at once.

    Raises
    ------
    UsageError
        If there is no scheduler or no worker.
    """
    with _connected(scheduler) as client:
        return sum(client.nthreads().values())


def _connected(target: Any) -> Any:
    """Return a client of a cluster, or of the one behind an address, that has a worker."""
    from distributed import Client

    try:
        client = Client(target, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError) as error:
        raise UsageError(
            f"no Dask scheduler answers at {target}: {error}",
            hint="start one: dask scheduler; then workers: dask worker ADDRESS",
        ) from None
    try:
        client.wait_for_workers(1, timeout=WORKER_SECONDS)
    except TimeoutError:
        client.close()
        raise UsageError(
            f"the Dask cluster at {target} has no workers",
            hint=f"start some, on any host: dask worker {target}",
        ) from None
    return client
