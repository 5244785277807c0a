"""Times our grid on a Dask cluster against the local engine: `results/perf/dask.md`.

Usage: python tests/perf/cluster.py [--rounds N] [--cells full|small]

7 models × 9 strategies × 5 folds on Telco with library defaults. A scheduler
and two workers of one thread are started beside, before anything is timed; the
engines take turns, and `leaderboard.csv` is compared byte for byte.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from grid import FOLDS, MODELS, STRATEGIES
from measuring import (
    BENCH,
    RESULTS,
    ROOT,
    Runs,
    fit_seconds,
    median,
    ratio,
    read_records,
    render_sources,
    render_table,
    run_timed,
    shown,
    telco_file,
    write_report,
)

WORKERS = 2
CELLS = {
    "full": (MODELS, STRATEGIES),
    "small": ("logistic,lightgbm,decision-tree", "none,smote,random-under"),
}


def start(kind: str, *arguments: str, awaited: str) -> tuple[subprocess.Popen[str], str]:
    """Start a part of a cluster; return it and the line that says that it runs."""
    command = [sys.executable, "-m", f"distributed.cli.dask_{kind}", *arguments]
    process = subprocess.Popen(
        [*command, "--no-dashboard", "--host", "127.0.0.1"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    line = next(line for line in process.stderr if awaited in line)
    # Nobody reads on: what it logs must not fill the pipe.
    threading.Thread(target=process.stderr.read, daemon=True).start()
    return process, line


@dataclass(frozen=True)
class Cluster:
    """A scheduler's address, and the processes of it and its workers."""

    address: str
    processes: tuple[int, ...]

    def cpu_seconds(self) -> float:
        """Return the CPU seconds of all processes, and of those below them that have ended."""
        ticks = 0
        for process in self.processes:
            text = Path(f"/proc/{process}/stat").read_text(encoding="utf-8")
            ticks += sum(map(int, text.rpartition(")")[2].split()[11:15]))
        return ticks / os.sysconf("SC_CLK_TCK")


@contextmanager
def cluster() -> Iterator[Cluster]:
    """Start a scheduler and workers, and end them."""
    processes = []
    try:
        scheduler, line = start("scheduler", "--port", "0", awaited="Scheduler at:")
        processes.append(scheduler)
        address = line.split()[-1]
        for _ in range(WORKERS):
            options = (address, "--nthreads", "1", "--no-nanny")
            worker, _ = start("worker", *options, awaited="Registered to:")
            processes.append(worker)
        yield Cluster(address, tuple(process.pid for process in processes))
    finally:
        for process in reversed(processes):
            process.kill()
            process.wait()


def run_grid(runs: Runs, grid: dict[str, str], there: Cluster | None, out: Path) -> bytes:
    """Time the grid once, from an empty folder, and return its leaderboard."""
    options = [] if there is None else ["--engine", "dask", "--scheduler", there.address]
    before = 0.0 if there is None else there.cpu_seconds()
    asked = ["--models", grid["models"], "--strategies", grid["strategies"], *options]
    fixed = ["--tuning", "default", "--importance", "none", "--folds", str(FOLDS)]
    fixed += ["--jobs", str(WORKERS), "--out", str(out)]
    timing = run_timed([*BENCH, "run", "--dataset", "telco", *asked, *fixed])
    fits, resamples = fit_seconds(read_records(out / "telco"))
    floor = (fits + resamples) / WORKERS
    runs.add(
        timing,
        **grid,
        side="local" if there is None else "dask",
        floor=floor,
        overhead=timing.wall_seconds / floor,
        all_cpu_seconds=timing.cpu_seconds + (there.cpu_seconds() - before if there else 0.0),
    )
    return (out / "telco" / "leaderboard.csv").read_bytes()


def measure(runs: Runs, grid: dict[str, str], rounds: int) -> None:
    """Run both engines in turn; fail if their leaderboards differ."""
    with cluster() as there:
        for number in range(rounds):
            with tempfile.TemporaryDirectory() as name:
                local = run_grid(runs, grid, None, Path(name) / "local")
                dask = run_grid(runs, grid, there, Path(name) / "dask")
            if local != dask:
                raise SystemExit("leaderboard.csv of the two engines differ")
            print(f"round {number + 1} of {rounds} done", file=sys.stderr)


def write_table(runs: Runs, grid: dict[str, str], folder: Path) -> None:
    """Write dask.md from the last call that measured this grid."""
    found = {side: runs.last(**grid, side=side) for side in ("local", "dask")}
    rows = []
    for side, timed in found.items():
        seconds = " / ".join(shown(run["wall_seconds"]) for run in timed)
        middles = [shown(median(timed, field)) for field in ("wall_seconds", "floor")]
        overhead = shown(median(timed, "overhead"), 3)
        rows.append([side, seconds, *middles, overhead, shown(median(timed, "all_cpu_seconds"))])
    header = ["engine", "seconds", "median", "floor", "seconds / floor", "CPU s of all processes"]
    more = ratio(median(found["dask"]), median(found["local"]))
    size = [len(grid[name].split(",")) for name in ("models", "strategies")]
    write_report(
        folder / "dask.md",
        f"# The local engine and a Dask cluster: {size[0]} models × {size[1]} strategies × "
        f"{FOLDS} folds on Telco",
        f"Wall seconds of whole commands, in turn: {WORKERS} worker processes of the local "
        f"engine, and `--engine dask --scheduler …` with {WORKERS} workers of one thread on "
        "this machine that were started before. Floor: CPU seconds of fits and of resampling / "
        f"{WORKERS}. `leaderboard.csv` was the same byte for byte in every round.",
        render_table(header, rows),
        f"Dask takes {shown(more, 3)} times as long as the local engine (median).",
        "Measured by:",
        render_sources([run for timed in found.values() for run in timed]),
    )


def main() -> None:
    """Measure, and write the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--cells", choices=tuple(CELLS), default="full", help="small: to try it")
    parser.add_argument("--results", type=Path, default=RESULTS, help="where the table goes")
    arguments = parser.parse_args()
    telco_file()
    runs = Runs(arguments.results / "dask.json")
    models, strategies = CELLS[arguments.cells]
    grid = {"models": models, "strategies": strategies}
    measure(runs, grid, arguments.rounds)
    write_table(runs, grid, arguments.results)


if __name__ == "__main__":
    main()
