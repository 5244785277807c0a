"""Workers that start while the data are still being read, where a run is likely to need them."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path

from bench.domain import Experiment
from bench.execution.engine import LocalEngine
from bench.serial import to_json


@contextlib.contextmanager
def early_workers(
    experiment: Experiment, folder: Path, *, workers: int, plugins: tuple[str, ...]
) -> Iterator[LocalEngine | None]:
    """Start workers if ``experiment`` probably lacks fits in ``folder``; stop them at the end.

    What they import takes about as long as reading a table, and other cores.
    Where some run has been, little may be missing: one worker then, the others
    when they are known to be worth their start. A wrong guess costs a second of
    a core and nothing else.
    """
    if not expects_work(experiment, folder):
        yield None
        return
    is_new = not (folder / "run.json").exists()
    engine = LocalEngine(workers if is_new else 1, plugins=plugins)
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
