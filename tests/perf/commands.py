"""Times whole commands and writes `results/perf/commands.md`; quotes medians, asserts nothing.

Usage: python tests/perf/commands.py [--runs N] [--standard]
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

BENCH = [sys.executable, "-m", "bench"]
QUICK = [*BENCH, "run", "--dataset", "telco", "--preset", "quick"]
STANDARD = [*BENCH, "run", "--dataset", "telco"]


def seconds(command: list[str]) -> float:
    """Return the wall seconds of one run of ``command``."""
    started = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - started


def measure(runs: int, *, with_standard: bool) -> list[tuple[str, list[float]]]:
    """Return label → wall seconds of every run."""
    rows = [
        ("bench --help", [seconds([*BENCH, "--help"]) for _ in range(2 * runs + 1)]),
        ("import bench", [seconds([sys.executable, "-c", "import bench"]) for _ in range(runs)]),
    ]
    plans = [("quick", QUICK, runs)] + ([("standard", STANDARD, 1)] if with_standard else [])
    for name, command, n_runs in plans:
        fresh, again = [], []
        for _ in range(n_runs):
            out = tempfile.mkdtemp()
            fresh.append(seconds([*command, "--out", out]))
            again += [seconds([*command, "--out", out]) for _ in range(3)]
            shutil.rmtree(out)
        rows += [(f"run --preset {name}", fresh), (f"the same again ({name})", again)]
    return rows


def main() -> None:
    """Measure and write the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--standard", action="store_true", help="time the standard run, too")
    arguments = parser.parse_args()
    rows = measure(arguments.runs, with_standard=arguments.standard)
    lines = [
        f"Wall seconds of whole commands, {os.cpu_count()} cores.",
        "",
        "| command | runs | median | least | most |",
        "|---|---:|---:|---:|---:|",
    ]
    lines += [
        f"| {label} | {len(times)} | {statistics.median(times):.2f} "
        f"| {min(times):.2f} | {max(times):.2f} |"
        for label, times in rows
    ]
    text = "\n".join(lines) + "\n"
    target = Path("results/perf/commands.md")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
