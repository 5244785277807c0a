"""A worker that starts while the data are still being read, where a run is likely to need one."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path

from bench.domain import Experiment
from bench.execution.engine import LocalEngine
from bench.serial import to_json


@contextlib.contextmanager
def early_worker(
    experiment: Experiment, folder: Path, *, plugins: tuple[str, ...]
) -> Iterator[LocalEngine | None]:
    """Start one worker if ``experiment`` probably lacks fits in ``folder``; stop it at the end.

    What it imports takes about as long as reading a table, and another core.
    A wrong guess costs that core's second and nothing else.
    """
    if not expects_work(experiment, folder):
        yield None
        return
    engine = LocalEngine(1, plugins=plugins)
    try:
        yield engine
    finally:
        engine.stop()


def expects_work(experiment: Experiment, folder: Path) -> bool:
    """Return whether the last run in ``folder`` was another one, or did not end well."""
    try:
        last = json.loads((folder / "run.json").read_text(encoding="utf-8"))
        is_same = last["experiment"] == json.loads(json.dumps(to_json(experiment)))
        return not is_same or bool(last["is_interrupted"] or last["failures"])
    except (OSError, ValueError, TypeError, KeyError):
        return True
