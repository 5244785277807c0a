"""Times whole commands and writes `results/perf/commands.md`; quotes medians, asserts nothing.

Usage: python tests/perf/commands.py [--runs N] [--standard]

`--help`, `import bench`, a quick run, the same again, and one model more: `quick`
without logistic regression is finished, and then asked for with it. The last row
is what that took beyond its own fits: wall seconds less the CPU seconds of the new
fits and of the resampling that they share, which one worker does one after another.
What any process must import before it can fit at all is timed beside it.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from measuring import (
    BENCH,
    RESULTS,
    Runs,
    fit_seconds,
    median,
    read_records,
    render_sources,
    render_table,
    run_timed,
    shown,
    write_report,
)

QUICK = (*BENCH, "run", "--dataset", "telco", "--preset", "quick")
STANDARD = (*BENCH, "run", "--dataset", "telco")
IMPORTS = (sys.executable, "-c", "from bench.execution.worker import preload; preload()")
WITHOUT = ("--models", "lightgbm,xgboost,catboost")
GOALS = {
    "bench --help": 0.3,
    "import bench": 0.05,
    "the same again (quick)": 2.0,
    "run (standard)": 240.0,
    "the same again (standard)": 2.0,
    "one model more, beyond its fits": 2.0,
}
"""At most so many seconds, by issue 4."""


def measure_start(runs: Runs, n_runs: int) -> None:
    """Time what fits nothing, beside an interpreter that does nothing at all."""
    starts = {
        "python -c pass": (sys.executable, "-c", "pass"),
        "import bench": (sys.executable, "-c", "import bench"),
        "bench --help": (*BENCH, "--help"),
    }
    for _ in range(2 * n_runs + 1):
        for label, command in starts.items():
            runs.add(run_timed(command), label=label)


def measure_run(
    runs: Runs, name: str, command: Sequence[str], *, n_fresh: int, n_again: int
) -> None:
    """Time a command from an empty folder, and then the same again without a change."""
    for number in range(n_fresh):
        with tempfile.TemporaryDirectory() as out:
            runs.add(run_timed([*command, "--out", out]), label=f"run ({name})")
            if number + 1 < n_fresh:
                continue
            for _ in range(n_again):
                timing = run_timed([*command, "--out", out])
                runs.add(timing, label=f"the same again ({name})")


def measure_addition(runs: Runs, n_runs: int) -> None:
    """Time the quick run with logistic regression after one without it."""
    for _ in range(n_runs):
        with tempfile.TemporaryDirectory() as out:
            run_timed([*QUICK, *WITHOUT, "--out", out])
            before = read_records(Path(out) / "telco")
            timing = run_timed([*QUICK, "--out", out])
            after = read_records(Path(out) / "telco")
        runs.add(run_timed(IMPORTS), label="only the imports of a worker")
        fits = sum(fit_seconds({job: after[job] for job in after.keys() - before.keys()}))
        runs.add(timing, label="one model more", fit_seconds=fits)
        beyond = timing.wall_seconds - fits
        runs.add(replace(timing, wall_seconds=beyond), label="one model more, beyond its fits")


def write_table(runs: Runs, folder: Path) -> None:
    """Write commands.md."""
    found = {label: runs.last(label=label) for label in runs.values("label")}
    rows = []
    for label, last in found.items():
        times = [run["wall_seconds"] for run in last]
        figures = [shown(value, 3) for value in (median(last), min(times), max(times))]
        figures += [shown(GOALS.get(label), 2), shown(median(last, "cpu_seconds"), 2)]
        rows.append([label, str(len(times)), *figures, shown(median(last, "others"), 2)])
    header = ["command", "runs", "median s", "least", "most", "goal", "CPU s"]
    header.append("cores kept busy by others")
    write_report(
        folder / "commands.md",
        "# Whole commands, wall seconds",
        render_table(header, rows),
        "Measured by:",
        render_sources([run for last in found.values() for run in last]),
    )


def main() -> None:
    """Measure and write the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--standard", action="store_true", help="time the standard run, too")
    parser.add_argument("--results", type=Path, default=RESULTS, help="where the table goes")
    arguments = parser.parse_args()
    runs = Runs(arguments.results / "commands.json")
    measure_start(runs, arguments.runs)
    measure_run(runs, "quick", QUICK, n_fresh=arguments.runs, n_again=arguments.runs)
    measure_addition(runs, arguments.runs)
    if arguments.standard:
        measure_run(runs, "standard", STANDARD, n_fresh=1, n_again=arguments.runs)
    write_table(runs, arguments.results)


if __name__ == "__main__":
    main()
