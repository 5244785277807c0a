"""The machine, the versions and the commit behind a set of numbers."""

from __future__ import annotations

import functools
import importlib.metadata
import os
import platform
import subprocess
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Any

REPORTED = (
    "churnbench",
    "lightgbm",
    "xgboost",
    "catboost",
    "scikit-learn",
    "imbalanced-learn",
    "optuna",
    "numpy",
    "scipy",
    "pandas",
)
STATUS = Path("/proc/self/status")
CLEAR_REFS = Path("/proc/self/clear_refs")


@functools.cache
def library_version(distribution: str) -> str:
    """Return the installed version of ``distribution``, or ``"missing"``.

    ``xgboost-cpu`` is the same library under another name.
    """
    names = [distribution, "xgboost-cpu"] if distribution == "xgboost" else [distribution]
    for name in names:
        try:
            return importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return "missing"


def library_versions(distributions: Iterable[str] = REPORTED) -> dict[str, str]:
    """Return the installed versions of ``distributions``."""
    return {name: library_version(name) for name in distributions}


def describe_machine() -> dict[str, Any]:
    """Return what a reader needs to judge times: system, processor, cores, memory in GB."""
    return {
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.release()}",
        "processor": _processor(),
        "cores": usable_cores(),
        "memory_gb": _memory_gb(),
    }


def usable_cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def find_commit(folder: Path) -> str:
    """Return the commit checked out in ``folder``, with ``+`` if changed since, or ``""``."""
    command = ["git", "-C", str(folder), "describe", "--always", "--abbrev=12", "--dirty=+"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=5, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def conflicting_libraries() -> str:
    """Return a warning if two distributions overwrite each other's files, or ``""``."""
    installed = {name: _is_installed(name) for name in ("xgboost", "xgboost-cpu")}
    if all(installed.values()):
        return (
            "xgboost and xgboost-cpu are both installed and overwrite each other's files: "
            "uninstall both, then install one"
        )
    return ""


class PeakMemory:
    """Measures the peak resident memory of this process while the context is open.

    On Linux the kernel's high-water mark is reset first; elsewhere the mark of
    the whole process is all there is.
    """

    def __init__(self) -> None:
        self.peak_mb = 0.0

    def __enter__(self) -> PeakMemory:
        if CLEAR_REFS.exists():
            try:
                CLEAR_REFS.write_text("5", encoding="ascii")
            except OSError:  # not permitted in some containers: the mark of the process remains
                return self
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.peak_mb = round(_peak_mb(), 1)


def _peak_mb() -> float:
    if STATUS.exists():
        for line in STATUS.read_text(encoding="ascii", errors="replace").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    import sys

    try:
        import resource
    except ImportError:  # Windows
        return 0.0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024 * 1024 if sys.platform == "darwin" else 1024)


def _is_installed(distribution: str) -> bool:
    return any(True for _ in importlib.metadata.distributions(name=distribution))


def _processor() -> str:
    information = Path("/proc/cpuinfo")
    if information.exists():
        for line in information.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def _memory_gb() -> float | None:
    try:
        return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, 1)
    except (AttributeError, ValueError, OSError):
        return None
