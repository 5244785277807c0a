"""Which engines there are, and how to start one by its name."""

from __future__ import annotations

import contextlib
import importlib.util
import re
from collections.abc import Iterator

from bench.errors import UsageError
from bench.execution.engine import Engine, InlineEngine, LocalEngine
from bench.registry import unknown_name

ENGINES = ("local", "dask")
INLINE = "inline"
"""Chosen by the run itself, never asked for."""
ADDRESS = re.compile(r"(tcp|tls|ucx|ws|wss)://.+:\d+")


def check_engine(name: str, scheduler: str) -> None:
    """Refuse an engine that is not known or not installed, or a scheduler that it has no use for.

    Raises
    ------
    UsageError
        With the way out.
    """
    if name not in ENGINES:
        message = unknown_name("engine", name, ENGINES).message.split(" (see")[0]
        raise UsageError(f"--engine: {message}", hint=f"choose from: {', '.join(ENGINES)}")
    if scheduler and name != "dask":
        raise UsageError(
            f"--scheduler {scheduler} is for Dask, but the engine is {name}",
            hint="add --engine dask",
        )
    if scheduler and not ADDRESS.fullmatch(scheduler):
        raise UsageError(
            f"--scheduler {scheduler} is no address, expected one such as tcp://10.0.0.5:8786"
        )
    if name == "dask" and importlib.util.find_spec("distributed") is None:
        raise UsageError(
            "--engine dask needs the library distributed, which is not installed",
            hint='pip install "churnbench[dask]"',
        )


@contextlib.contextmanager
def open_engine(
    name: str,
    *,
    workers: int,
    plugins: tuple[str, ...],
    scheduler: str = "",
    early: LocalEngine | None = None,
) -> Iterator[Engine]:
    """Start the engine called ``name``, and stop it at the end.

    ``workers`` is how many tasks to run at once on this machine; a cluster
    behind ``scheduler`` says itself. A local engine that was started ``early``
    is used, and left running for whoever started it, unless something went wrong.

    Raises
    ------
    UsageError
        If the engine cannot be had, or its workers cannot be used.
    """
    if name == INLINE:
        yield InlineEngine()
        return
    check_engine(name, scheduler)
    if name == "local" and early is not None:
        early.resize(workers)
        with early:  # on Ctrl-C it is stopped before anyone removes what it writes to
            yield early
        return
    if name == "local":
        with LocalEngine(workers, plugins=plugins) as local:
            yield local
        return
    from bench.execution.dask_engine import DaskEngine

    with DaskEngine(workers, scheduler=scheduler, plugins=plugins) as cluster:
        yield cluster


def count_slots(scheduler: str) -> int:
    """Return how many tasks an existing Dask cluster does at once.

    Raises
    ------
    UsageError
        If it cannot be reached or has no worker.
    """
    check_engine("dask", scheduler)
    from bench.execution import dask_engine

    return dask_engine.count_slots(scheduler)
