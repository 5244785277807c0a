"""The machine, the versions, the code and the commit behind a set of numbers."""

from __future__ import annotations

import functools
import hashlib
import os
import platform
import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Any

import bench

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
BENEATH = ("joblib", "threadpoolctl", "openpyxl", "pyarrow", "distributed")
"""What else reads tables or runs fits, where it is installed."""

PACKAGE = Path(__file__).resolve().parent
FOLDERS = (
    "analysis",
    "data",
    "doctor",
    "domain",
    "evaluation",
    "execution",
    "models",
    "reports",
    "strategies",
)
"""Where in the package figures are made and written, beside the modules at its top."""
ENTRANCES = ("__init__.py", "__main__.py", "api.py", "errors.py", "progress.py")
"""The modules at its top that have no hand in that."""

_PIECE = re.compile(
    r"""
    (?P<docstring> ^[ \t]* [rR]? ["]{3} (?: \\. | (?!["]{3})[^\\] )* ["]{3}
        [ \t]* (?: [#][^\n]* )? $ )
    | ["]{3} (?: \\. | (?!["]{3})[^\\] )* ["]{3}
    | [']{3} (?: \\. | (?![']{3})[^\\] )* [']{3}
    | " (?: \\. | [^\\"\n] )* "
    | ' (?: \\. | [^\\'\n] )* '
    | (?P<comment> [#][^\n]* )
    """,
    re.VERBOSE | re.MULTILINE | re.DOTALL,
)

# Several single-threaded fits side by side beat one fit on several threads at
# this size, and samplers return other rows with 2 OpenMP threads than with 1.
ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "BLIS_NUM_THREADS": "1",
    "VECLIB_MAXIMUM_THREADS": "1",
    "NUMEXPR_NUM_THREADS": "1",
}
STATUS = Path("/proc/self/status")
CLEAR_REFS = Path("/proc/self/clear_refs")


@functools.cache
def library_version(distribution: str) -> str:
    """Return the installed version of ``distribution``, or ``"missing"``.

    ``xgboost-cpu`` is the same library under another name; our own version is
    that of the code that runs, installed or not.
    """
    if distribution == "churnbench":
        return bench.__version__
    from importlib import metadata  # slow to import, and most verbs ask for no version

    names = [distribution, "xgboost-cpu"] if distribution == "xgboost" else [distribution]
    for name in names:
        try:
            return metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return "missing"


def library_versions(distributions: Iterable[str] = REPORTED) -> dict[str, str]:
    """Return the installed versions of ``distributions``."""
    return {name: library_version(name) for name in distributions}


def pin_threads() -> bool:
    """Give every library of this process one thread; return False where it is too late for that.

    Libraries read their variables when they are loaded, numpy first of all.
    """
    if "numpy" in sys.modules:
        return False
    os.environ.update(ONE_THREAD)
    return True


@functools.cache
def describe_environment() -> dict[str, Any]:
    """Return what may have had a hand in the numbers that are made by this process.

    That is ``versions`` of libraries, ``machine`` (Python, system, processor)
    and ``code``, see `code_digests`.
    """
    versions = library_versions((*REPORTED, *BENEATH))
    machine = describe_machine()
    return {
        "versions": {name: version for name, version in versions.items() if version != "missing"},
        "machine": {name: machine[name] for name in ("python", "system", "processor")},
        "code": code_digests(),
    }


@functools.cache
def code_digests(package: Path = PACKAGE) -> dict[str, str]:
    """Return module → twelve digits of the digest of its code, as in ``bench/store.py``.

    Docstrings, comments and blank lines do not count, so that they can be
    edited without casting doubt on any figure.
    """
    digests = {}
    for path in sorted(package.rglob("*.py")):
        name = path.relative_to(package)
        is_at_top = len(name.parts) == 1 and name.name not in ENTRANCES
        if is_at_top or name.parts[0] in FOLDERS:
            code = strip_words(path.read_text(encoding="utf-8"))
            digest = hashlib.sha256(code.encode()).hexdigest()
            digests[(package.name / name).as_posix()] = digest[:12]
    return digests


def strip_words(source: str) -> str:
    """Return Python ``source`` without docstrings, comments, blank lines and trailing blanks."""

    def keep(match: re.Match[str]) -> str:
        return match[0] if match.lastgroup is None else ""

    lines = _PIECE.sub(keep, source).splitlines()
    return "\n".join(line.rstrip() for line in lines if line.strip())


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
    from importlib import metadata

    return any(True for _ in metadata.distributions(name=distribution))


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
