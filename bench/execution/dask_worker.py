"""What runs inside a Dask worker: it hands tasks to fit processes and passes their bytes on.

No fit runs in the Dask worker itself. Its processes are those of the local
engine in all that can change a number (one thread for every library from the
start, the plug-ins of this run and of no earlier one), a fit that crashes takes
no Dask worker with it, one that holds the interpreter does not keep the worker
from answering its scheduler, and a worker with several threads has a process
for each.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import queue
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing.reduction import ForkingPickler
from pathlib import Path
from typing import IO, Any

import bench
from bench.environment import ONE_THREAD, library_versions
from bench.evaluation.workspace import WorkspaceKey
from bench.execution.engine import IDLE_SECONDS
from bench.execution.worker import initialise
from bench.guard import Raised, attempt

TRIES = 2
"""A process may die through no fault of its fit, when memory is short for instance; not twice."""


def pack(value: Any) -> bytes:
    """Return ``value`` as process pools of the standard library hand it over."""
    return bytes(ForkingPickler.dumps(value))


def unpack(message: bytes) -> Any:
    """Return what another process has packed."""
    return ForkingPickler.loads(message)


@dataclass(frozen=True)
class Setting:
    """What a worker must know of a run: its name, versions, plug-in files by name and content."""

    token: str
    versions: dict[str, str]
    plugins: tuple[tuple[str, str], ...]


def versions_here() -> dict[str, str]:
    """Return the versions that numbers depend on."""
    python = ".".join(map(str, sys.version_info[:2]))
    return {"python": python, "bench": bench.__version__, **library_versions()}


def private_folder(token: str) -> Path:
    """Return this host's own folder of a run, which all its workers share."""
    return Path(tempfile.gettempdir()) / f"churnbench-{token}"


def has_table(folder: str | Path) -> bool:
    """Return whether the workspace in ``folder`` can be seen from here."""
    return (Path(folder) / "table" / "columns.json").is_file()


# --- called by the engine on every worker ---------------------------------------------


def set_up(setting: Setting, dask_worker: Any) -> dict[str, str]:
    """Start the fit processes, and return nothing; or else the versions that differ."""
    here = versions_here()
    differing = {k: here.get(k, "missing") for k, v in setting.versions.items() if here.get(k) != v}
    if differing:
        return differing
    key = (setting.token, dask_worker.address)
    if key in _pools and not _pools[key].is_closed:
        return {}
    files = []
    for name, source in setting.plugins:
        file = Path(tempfile.mkdtemp(dir=_made(private_folder(setting.token)))) / name
        file.write_text(source, encoding="utf-8")
        files.append(str(file))
    _pools[key] = Pool(dask_worker.state.nthreads, tuple(files), place=dask_worker.address)
    return {}


async def find_table(token: str, folder: str, dask_worker: Any) -> bool:
    """Wait for the fit processes, and return whether this worker has the table.

    ``folder`` is mapped where it can be seen; without a name, or elsewhere,
    the workspace is in a folder of this host's own. No task runs before it is there.
    """
    pool = _pools[(token, dask_worker.address)]
    await asyncio.to_thread(pool.wait)
    pool.folder = folder if folder and has_table(folder) else str(private_folder(token))
    pool.is_open = has_table(pool.folder)
    return pool.is_open


async def open_without_table(token: str, dask_worker: Any) -> None:
    """Wait for the fit processes, and let tasks run that need no table."""
    pool = _pools[(token, dask_worker.address)]
    await asyncio.to_thread(pool.wait)
    pool.is_open = True


def receive(token: str, name: str, block: bytes, *, is_first: bool) -> None:
    """Append ``block`` to a file of the table; the first one begins the file anew."""
    file = _made(_made(private_folder(token)) / "part") / name
    with file.open("wb" if is_first else "ab") as out:
        out.write(block)


def _made(folder: Path) -> Path:
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def complete(token: str) -> None:
    """Make the table that has been received visible."""
    folder = private_folder(token)
    os.replace(folder / "part", folder / "table")


def release(token: str, dask_worker: Any) -> None:
    """Kill the fit processes and remove what has been written."""
    pool = _pools.pop((token, dask_worker.address), None)
    if pool is not None:
        pool.close()
    shutil.rmtree(private_folder(token), ignore_errors=True)


def serve(token: str, payload: bytes) -> bytes | str:
    """Do a task; return its outcome, or this worker's address if it is not set up (any more)."""
    from distributed import get_worker

    address: str = get_worker().address
    pool = _pools.get((token, address))
    answer = pool.call(payload) if pool is not None and pool.is_open else None
    return address if answer is None else answer


# --- fit processes --------------------------------------------------------------------


class Pool:
    """The fit processes of one run on one Dask worker, one for each of its threads."""

    def __init__(self, size: int, plugins: tuple[str, ...], *, place: str) -> None:
        self.folder = ""
        self._plugins, self._place = plugins, place
        self.is_open = self.is_closed = False
        self._lock = threading.Lock()
        self._all = [FitProcess(plugins) for _ in range(size)]
        self._idle: queue.SimpleQueue[FitProcess] = queue.SimpleQueue()
        for process in self._all:
            self._idle.put(process)
        self._timer = self._start_timer()

    def wait(self) -> None:
        """Wait until every process has started; raise what one could not load."""
        for process in self._all:
            process.wait_ready()

    def call(self, payload: bytes) -> bytes | None:
        """Return the outcome of a task; None when the pool is closed."""
        process = self._idle.get()
        deaths: list[str] = []
        try:
            while not self.is_closed and len(deaths) < TRIES:
                try:
                    return process.call(pack((self.folder, payload)))
                except (EOFError, OSError, ValueError):  # the last one: closed by `close`
                    deaths.append(process.cause_of_death())
                    process = self._replace(process)
        finally:
            self._idle.put(process)
            self._timer.cancel()
            self._timer = self._start_timer()
        if self.is_closed:
            return None
        return pack(Raised(ChildProcessError(f"{' and '.join(deaths)} on {self._place}")))

    def close(self) -> None:
        """Kill all processes."""
        with self._lock:
            self.is_closed = True
            self._timer.cancel()
            for process in self._all:
                process.kill()

    def _replace(self, dead: FitProcess) -> FitProcess:
        with self._lock:
            if self.is_closed:
                return dead
            dead.kill()
            self._all.remove(dead)
            self._all.append(FitProcess(self._plugins))
            return self._all[-1]

    def _start_timer(self) -> threading.Timer:
        # A run that was killed releases nothing.
        timer = threading.Timer(IDLE_SECONDS, self._close_if_idle)
        timer.daemon = True
        if not self.is_closed:
            timer.start()
        return timer

    def _close_if_idle(self) -> None:
        if self._idle.qsize() == len(self._all):
            self.close()


_pools: dict[tuple[str, str], Pool] = {}


class FitProcess:
    """A process that does one task after the other, asked through pipes."""

    def __init__(self, plugins: tuple[str, ...]) -> None:
        environment = {**os.environ, **ONE_THREAD}
        # Dask's nanny has malloc return memory at once, which costs fits time.
        environment.pop("MALLOC_TRIM_THRESHOLD_", None)
        code = f"import sys; sys.path[:] = {sys.path!r}; from {__name__} import work; work()"
        self._process = subprocess.Popen(
            [sys.executable, "-c", code, *plugins],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            start_new_session=True,  # Ctrl-C is the engine's to handle
        )
        self._is_ready = False
        self._lock = threading.Lock()

    def wait_ready(self) -> None:
        """Wait until the process has loaded what it needs; raise what kept it from that."""
        with self._lock:
            if not self._is_ready:
                outcome = unpack(_receive(self._process.stdout))
                if isinstance(outcome, Raised):
                    raise outcome.error
                self._is_ready = True

    def call(self, payload: bytes) -> bytes:
        """Return the answer to ``payload``; EOFError or OSError when the process dies."""
        self.wait_ready()
        _send(self._process.stdin, payload)
        return _receive(self._process.stdout)

    def cause_of_death(self) -> str:
        """Return how a process ended that has."""
        code = self._process.wait()
        if code >= 0:
            return f"exit code {code}"
        try:
            return signal.Signals(-code).name
        except ValueError:  # a number without a name
            return f"signal {-code}"

    def kill(self) -> None:
        """End the process at once."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()


def work() -> None:
    """Do tasks until there are no more: what a fit process runs."""
    questions = sys.stdin.buffer
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what libraries print must not get among the answers
    started = attempt(lambda: initialise(tuple(sys.argv[1:])))
    _send(answers, pack(started))
    while True:
        try:
            question = _receive(questions)
        except EOFError:
            return
        outcome = attempt(partial(_do, question))
        pickled = attempt(partial(pack, outcome))
        if isinstance(pickled, Raised):
            shown = f"{type(pickled.error).__name__}: {pickled.error}"
            _send(answers, pack(Raised(RuntimeError(shown))))
        else:
            _send(answers, pickled.value)


def _do(question: bytes) -> Any:
    folder, payload = unpack(question)
    function, arguments = unpack(payload)
    if folder:
        arguments = [
            replace(value, folder=folder) if isinstance(value, WorkspaceKey) else value
            for value in arguments
        ]
    return function(*arguments)


def _send(pipe: IO[bytes] | None, message: bytes) -> None:
    if pipe is None:
        raise ValueError("a fit process is started with pipes")
    pipe.write(len(message).to_bytes(8, "big"))
    pipe.write(message)
    pipe.flush()


def _receive(pipe: IO[bytes] | None) -> bytes:
    """Return the next message; EOFError if the other side has ended."""
    if pipe is None:
        raise ValueError("a fit process is started with pipes")
    size = pipe.read(8)
    message = pipe.read(int.from_bytes(size, "big")) if len(size) == 8 else b""
    if len(size) < 8 or len(message) < int.from_bytes(size, "big"):
        raise EOFError("the other side has ended")
    return message
