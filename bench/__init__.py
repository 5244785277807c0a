"""ChurnBench: which model really finds your churners, and what is it worth?

``bench.run``, ``bench.load_dataset`` and ``bench.read_leaderboard`` are the
Python side of the command line; importing this package imports nothing else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bench.api import read_leaderboard as read_leaderboard
    from bench.api import run as run
    from bench.data.loading import load_dataset as load_dataset

__version__ = "0.1.0"
__all__ = ["__version__", "load_dataset", "read_leaderboard", "run"]

_HOMES = {
    "run": "bench.api",
    "read_leaderboard": "bench.api",
    "load_dataset": "bench.data.loading",
}


def __getattr__(name: str) -> Any:
    import importlib

    if name not in _HOMES:
        raise AttributeError(f"module 'bench' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)
