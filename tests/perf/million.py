"""Runs `bench run` on growing tables and writes `results/perf/size.md`: memory and time by rows.

Usage: python tests/perf/million.py [--rows 10000,100000,1000000] [--models A,B] [--folds 3]

Memory is the proportional set size (PSS) of the command and all processes
below it, added up a few times a second: a page that several of them map counts
once. From the highest sum the workers' own footprint is taken off: what two
workers that have started and imported what every job needs take by PSS before
their first job, measured on a pool without work. The command's own interpreter
and the libraries that jobs import later stay in. Beside it stands what the
largest single fit takes of its own: a svm-linear one on a matrix of the same
size and share of zeros, by the growth of its process's anonymous memory.

Sizes may be measured in several calls: what others found stays in size.json.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import math
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

MODELS = "lightgbm,xgboost,catboost,logistic,svm-linear"
STRATEGIES = "none,class-weight,random-under"
N_NUMERIC, N_CATEGORICAL = 40, 10
MISSING = 0.02
POSITIVES = 0.1
WORKERS = 2
SAMPLE_SECONDS = 0.2
BLOCK = 100_000
ROOT = Path(__file__).resolve().parents[2]
_IDLE = """
import time
from bench.execution.engine import LocalEngine
with LocalEngine({workers}):
    time.sleep({seconds})
"""


_ONE_FIT = """
import re, sys, threading
import numpy as np
from sklearn.svm import LinearSVC

def anonymous():
    with open("/proc/self/smaps_rollup", encoding="ascii") as file:
        return int(re.search(r"Anonymous: +([0-9]+)", file.read())[1]) * 1024 / 1e6

rows, filled, zeros = map(int, sys.argv[1:])
random = np.random.default_rng(0)
X = np.zeros((rows, filled + zeros))
for column in range(filled):
    X[:, column] = random.normal(size=rows)
y = X[:, 0] > 1
LinearSVC(dual=False).fit(X[:100], y[:100])
before, peak, done = anonymous(), 0.0, threading.Event()

def sample():
    global peak
    while not done.wait(0.1):
        peak = max(peak, anonymous())

thread = threading.Thread(target=sample)
thread.start()
LinearSVC(dual=False).fit(X, y)
done.set()
thread.join()
print(max(0.0, peak - before))
"""


@dataclass(frozen=True)
class Measured:
    """One run of the command."""

    rows: int
    load_seconds: float
    wall_seconds: float
    cpu_seconds: float
    peak_mb: float
    one_fit_mb: float

    @property
    def frame_mb(self) -> float:
        """The table as float64, in MB of 10^6 bytes."""
        return self.rows * (N_NUMERIC + N_CATEGORICAL) * 8 / 1e6

    @property
    def times_frame(self) -> float:
        """The peak above idle workers by the float64 frame."""
        return self.peak_mb / self.frame_mb

    @property
    def bound_mb(self) -> float:
        """Four times the frame and the largest fit."""
        return 4 * self.frame_mb + self.one_fit_mb

    def growth_from(self, other: Measured) -> float:
        """CPU seconds per n log n as a multiple of those of ``other``."""
        return (self.cpu_seconds / _n_log_n(self.rows)) / (other.cpu_seconds / _n_log_n(other.rows))


def _n_log_n(n: int) -> float:
    return n * math.log(n)


# --- the table ------------------------------------------------------------------------


def write_dataset(folder: Path, n_rows: int) -> str:
    """Write a table of ``n_rows`` and its adapter to ``folder``; return the adapter's name."""
    name = f"size-{n_rows}"
    numeric = [f"n{i}" for i in range(N_NUMERIC)]
    categorical = [f"c{i}" for i in range(N_CATEGORICAL)]
    random = np.random.default_rng(7)
    weights = random.normal(size=N_NUMERIC) / np.arange(1, N_NUMERIC + 1)
    effects = [random.normal(size=n) / 2 for n in _n_levels()]
    with open(folder / f"{name}.csv", "w", encoding="utf-8") as file:
        file.write(",".join([*numeric, *categorical, "churned"]) + "\n")
        for first in range(0, n_rows, BLOCK):
            _write_rows(file, random, min(BLOCK, n_rows - first), weights, effects)
    adapter = (
        f'name = "{name}"\n[source]\nfile = "{name}.csv"\n[target]\ncolumn = "churned"\n'
        f'positive = "yes"\n[columns]\nnumeric = {json.dumps(numeric)}\n'
        f"categorical = {json.dumps(categorical)}\n"
    )
    (folder / f"{name}.toml").write_text(adapter, encoding="utf-8")
    return name


def _n_levels() -> list[int]:
    """Return how many levels each category has."""
    return [3 + i % 6 for i in range(N_CATEGORICAL)]


def _write_rows(file, random, n_rows, weights, effects) -> None:  # type: ignore[no-untyped-def]
    numbers = random.normal(size=(n_rows, N_NUMERIC)).round(4)
    levels = [random.integers(0, len(effect), n_rows) for effect in effects]
    score = numbers @ weights + numbers[:, 0] * numbers[:, 1]
    score += sum(effect[level] for effect, level in zip(effects, levels, strict=True))
    score += random.logistic(size=n_rows)
    churned = score > np.quantile(score, 1 - POSITIVES)
    is_missing = random.random(numbers.shape) < MISSING
    texts = np.where(is_missing, "", numbers.astype("U8"))
    codes = np.array([[f"level{i}" for i in level] for level in levels], dtype="U8").T
    labels = np.where(churned, "yes", "no")
    for row, code, label in zip(texts.tolist(), codes.tolist(), labels.tolist(), strict=True):
        file.write(",".join([*row, *code, label]) + "\n")


# --- memory ---------------------------------------------------------------------------


def children_of(pid: int) -> list[int]:
    """Return the processes below ``pid``, itself left out."""
    found, waiting = [], [pid]
    while waiting:
        parent = waiting.pop()
        with contextlib.suppress(OSError):
            for thread in os.listdir(f"/proc/{parent}/task"):
                text = Path(f"/proc/{parent}/task/{thread}/children").read_text(encoding="ascii")
                waiting += [int(child) for child in text.split()]
                found += [int(child) for child in text.split()]
    return found


def pss_mb(pids: Sequence[int]) -> float:
    """Return the summed proportional set size of processes, in MB of 10^6 bytes."""
    total = 0
    for pid in pids:
        with contextlib.suppress(OSError):  # one that has just ended
            text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
            total += next(
                int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:")
            )
    return total * 1024 / 1e6


def idle_workers_mb() -> float:
    """Return what the workers take that have started and have had no job."""
    command = [sys.executable, "-c", _IDLE.format(workers=WORKERS, seconds=12)]
    with subprocess.Popen(command, cwd=ROOT) as process:
        time.sleep(8)
        idle = pss_mb(children_of(process.pid))
        process.wait()
    return idle


def one_fit_mb(n_rows: int, *, folds: int) -> float:
    """Return what a svm-linear fit takes of its own on the training rows of one split."""
    levels = sum(_n_levels())
    filled = 2 * N_NUMERIC + N_CATEGORICAL  # numbers, marks of their gaps, one level each
    shape = (n_rows * (folds - 1) // folds, filled, levels - N_CATEGORICAL)
    command = [sys.executable, "-c", _ONE_FIT, *map(str, shape)]
    return float(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)


class PeakOf:
    """Samples the summed PSS of a process and those below it until it is closed."""

    def __init__(self, pid: int, log: Path | None = None) -> None:
        self.peak_mb = 0.0
        self._pid = pid
        self._log = log
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._sample)
        self._thread.start()

    def _sample(self) -> None:
        started = time.monotonic()
        lines = []
        while not self._done.wait(SAMPLE_SECONDS):
            parent, below = pss_mb([self._pid]), pss_mb(children_of(self._pid))
            self.peak_mb = max(self.peak_mb, parent + below)
            lines.append(f"{time.monotonic() - started:.1f} {parent:.0f} {below:.0f}\n")
        if self._log is not None:
            self._log.write_text("".join(lines), encoding="ascii")

    def close(self) -> None:
        """Stop sampling."""
        self._done.set()
        self._thread.join()


# --- runs -----------------------------------------------------------------------------


def measure(
    folder: Path, n_rows: int, *, models: str, folds: int, idle_mb: float, log: Path | None
) -> Measured:
    """Run the command on a table of ``n_rows``."""
    name = write_dataset(folder, n_rows)
    bench = [sys.executable, "-m", "bench", "run", "--dataset", name, "--datasets-dir", str(folder)]
    bench += ["--models", models, "--strategies", STRATEGIES, "--tuning", "default"]
    bench += ["--folds", str(folds), "--importance", "none", "--jobs", str(WORKERS)]
    bench += ["--out", str(folder / "out")]
    load_seconds = _seconds([*bench, "--plan"])
    before = _cpu_seconds()
    started = time.perf_counter()
    with subprocess.Popen(bench, cwd=ROOT, stdout=subprocess.DEVNULL) as process:
        sampler = PeakOf(process.pid, log)
        code = process.wait()
        sampler.close()
    wall, cpu = time.perf_counter() - started, _cpu_seconds() - before
    if code:
        raise SystemExit(f"{n_rows} rows: the command ended with {code}")
    (folder / f"{name}.csv").unlink()
    own = one_fit_mb(n_rows, folds=folds)
    return Measured(n_rows, load_seconds, wall, cpu, sampler.peak_mb - idle_mb, own)


def _seconds(command: list[str]) -> float:
    started = time.perf_counter()
    subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


def _cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def rendered(rows: Sequence[Measured], *, idle_mb: float, models: str, folds: int) -> str:
    """Return the table as Markdown."""
    columns = f"{N_NUMERIC} numeric and {N_CATEGORICAL} categorical columns"
    lines = [
        "# Size",
        "",
        f"`bench run --models {models} --strategies {STRATEGIES} --tuning default --folds {folds} "
        f"--importance none --jobs {WORKERS}` on {columns}, {POSITIVES:.0%} positives, "
        f"{MISSING:.0%} of the numbers missing. Peak: PSS of all processes together, highest of a "
        f"sample every {SAMPLE_SECONDS} s, less {idle_mb:.0f} MB that idle workers take. "
        "Loading is `--plan`: the file is read, checked and diagnosed.",
        "",
        "| rows | float64 frame, MB | loading, s | wall, s | CPU, s | peak, MB | times the frame "
        "| largest fit, MB | 4 frames and that fit, MB | CPU by n log n |",
        "|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    lines += [
        f"| {row.rows:,} | {row.frame_mb:.0f} | {row.load_seconds:.1f} | {row.wall_seconds:.0f} "
        f"| {row.cpu_seconds:.0f} | {row.peak_mb:.0f} | {row.times_frame:.2f} "
        f"| {row.one_fit_mb:.0f} | {row.bound_mb:.0f} | {row.growth_from(rows[0]):.2f} |"
        for row in rows
    ]
    lines += [
        "",
        "The last column is 1 for the smallest table; above 1 is more than n log n. Of any peak "
        "some 300 MB are libraries that idle workers have not loaded.",
        "",
    ]
    return "\n".join(lines)


def main() -> None:
    """Measure every size and write the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", default="10000,100000,1000000")
    parser.add_argument("--models", default=MODELS)
    parser.add_argument("--folds", type=int, default=3)
    parser.add_argument("--log", type=Path, help="folder for the samples of every size")
    parser.add_argument("--results", type=Path, default=ROOT / "results" / "perf")
    arguments = parser.parse_args()
    idle = idle_workers_mb()
    kept = arguments.results / "size.json"
    rows: dict[int, Measured] = {}
    if kept.exists():
        found = json.loads(kept.read_text(encoding="utf-8"))
        rows = {row["rows"]: Measured(**row) for row in found}
    for n_rows in map(int, arguments.rows.split(",")):
        log = arguments.log / f"{n_rows}.txt" if arguments.log else None
        with tempfile.TemporaryDirectory(prefix="churnbench-size-") as folder:
            rows[n_rows] = measure(
                Path(folder),
                n_rows,
                models=arguments.models,
                folds=arguments.folds,
                idle_mb=idle,
                log=log,
            )
        # After every size, for the largest takes long.
        in_order = [rows[n] for n in sorted(rows)]
        text = rendered(in_order, idle_mb=idle, models=arguments.models, folds=arguments.folds)
        arguments.results.mkdir(parents=True, exist_ok=True)
        kept.write_text(json.dumps(list(map(asdict, in_order)), indent=1), encoding="utf-8")
        (arguments.results / "size.md").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
