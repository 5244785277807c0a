"""Times our grid against a hand-written one and writes `results/perf/grid.md`.

Usage: python tests/perf/grid.py [--settings quiet,one-busy,both-busy] [--rounds N]
       [--only ours|theirs]

7 models × 9 strategies × 5 folds on Telco with library defaults. Ours and
theirs (practitioner.py) take turns; ``one-busy`` has a burner beside them,
``both-busy`` one for every core, and ours only. Settings may be measured in
several calls: what other calls have found stays in grid.json and in the table.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from measuring import (
    BENCH,
    RESULTS,
    ROOT,
    Runs,
    board_scores,
    burners,
    busy_cores,
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
from splits import write_splits

from bench.environment import usable_cores

MODELS = "logistic,svm-rbf,lightgbm,xgboost,catboost,random-forest,decision-tree"
STRATEGIES = "none,class-weight,random-over,random-under,smote,smotenc,adasyn,smote-enn,smote-tomek"
SETTINGS = ("quiet", "one-busy", "both-busy")
FOLDS = 5
PRACTITIONER = str(ROOT / "tests" / "perf" / "practitioner.py")


def run_ours(runs: Runs, grid: dict[str, str], setting: str, folder: Path) -> None:
    """Time our grid once, from an empty folder."""
    options = ["--models", grid["models"], "--strategies", grid["strategies"]]
    fixed = ["--tuning", "default", "--importance", "none", "--folds", str(FOLDS)]
    out = folder / "ours"
    command = [*BENCH, "run", "--dataset", "telco", *options, *fixed, "--out", str(out)]
    timing = run_timed(command)
    fits, resamples = fit_seconds(read_records(out / "telco"))
    runs.add(
        timing,
        **grid,
        side="ours",
        setting=setting,
        fit_seconds=fits,
        resample_seconds=resamples,
        overhead=timing.wall_seconds / ((fits + resamples) / usable_cores()),
        roc_auc=board_scores(out / "telco"),
    )


def run_theirs(runs: Runs, grid: dict[str, str], setting: str, folder: Path, *, seed: int) -> None:
    """Time the hand-written grid once, on our folds; ``seed`` is of models and samplers."""
    splits, out = folder / "splits.json", folder / "theirs.json"
    write_splits(splits, seeds=[0], folds=FOLDS)
    files = ["--data", str(telco_file()), "--splits", str(splits), "--out", str(out)]
    options = ["--models", grid["models"], "--strategies", grid["strategies"], "--seed", str(seed)]
    timing = run_timed([sys.executable, PRACTITIONER, "grid", *options, *files])
    cells = json.loads(out.read_text(encoding="utf-8"))["cells"]
    scores = {cell: sum(found["roc_auc"]) / FOLDS for cell, found in cells.items()}
    runs.add(timing, **grid, side="theirs", setting=setting, seed=seed, roc_auc=scores)


def measure(runs: Runs, grid: dict[str, str], arguments: argparse.Namespace) -> None:
    """Run every setting, ours and theirs in turn."""
    for setting in arguments.settings:
        for number in range(arguments.rounds):
            with tempfile.TemporaryDirectory() as name, burners(busy_cores(setting)):
                if arguments.only != "theirs":
                    run_ours(runs, grid, setting, Path(name))
                if arguments.only != "ours" and setting != "both-busy":
                    run_theirs(runs, grid, setting, Path(name), seed=number)
            print(f"{setting}: round {number + 1} of {arguments.rounds} done", file=sys.stderr)


def time_rows(found: dict[tuple[str, str], list[dict[str, Any]]]) -> list[list[str]]:
    """Return a row of the table of seconds for every setting that was measured."""
    quiet = median(found["quiet", "ours"])
    rows = []
    for setting in SETTINGS:
        ours, theirs = found[setting, "ours"], found[setting, "theirs"]
        if not ours and not theirs:
            continue
        is_in_turn = bool(ours and theirs) and ours[0]["call"] == theirs[0]["call"]
        faster = shown(ratio(median(theirs), median(ours)), 2)
        rows.append(
            [
                setting,
                f"{len(ours)} / {len(theirs)}",
                shown(median(ours)),
                shown(median(theirs)),
                faster if is_in_turn or faster == "–" else f"{faster} (not in turn)",
                shown(ratio(median(ours), quiet), 2),
                shown(median(ours, "cpu_seconds")),
                shown(median(theirs, "cpu_seconds")),
                f"{shown(median(ours, 'others'), 2)} / {shown(median(theirs, 'others'), 2)}",
            ]
        )
    return rows


def floor_text(ours: list[dict[str, Any]]) -> str:
    """Say how far quiet runs are above the floor of their own fits."""
    rows = [
        [
            str(number),
            shown(run["fit_seconds"]),
            shown(run["resample_seconds"]),
            shown((run["fit_seconds"] + run["resample_seconds"]) / run["machine"]["cores"]),
            shown(run["wall_seconds"]),
            shown(run["overhead"], 3),
        ]
        for number, run in enumerate(ours, start=1)
    ]
    header = ["quiet round", "fit CPU s", "resample CPU s", "floor s", "wall s", "wall / floor"]
    middle = shown(median(ours, "overhead"), 3)
    return f"{render_table(header, rows)}\n\nMedian wall / floor: {middle}."


def score_text(found: dict[tuple[str, str], list[dict[str, Any]]]) -> str:
    """Compare ROC-AUC cell by cell: ours with theirs, and theirs with itself under other seeds."""
    ours = [run for setting in SETTINGS for run in found[setting, "ours"]]
    theirs = [run for setting in SETTINGS for run in found[setting, "theirs"]]
    if not ours or not theirs:
        return ""
    means = [
        {cell: sum(run["roc_auc"][cell] for run in runs) / len(runs) for cell in ours[0]["roc_auc"]}
        for runs in (ours, theirs)
    ]
    lines = [f"- ours − theirs: {_gaps(means[0], means[1])}"]
    seeds = {run["seed"]: run["roc_auc"] for run in theirs}
    if len(seeds) > 1:
        first, second = list(seeds.values())[:2]
        lines.append(f"- theirs under two seeds, which is what luck does: {_gaps(first, second)}")
    return "ROC-AUC per cell, mean over the same 5 folds:\n\n" + "\n".join(lines)


def _gaps(one: dict[str, float], other: dict[str, float]) -> str:
    gaps = {cell: one[cell] - other[cell] for cell in one}
    widest = sorted(gaps, key=lambda cell: -abs(gaps[cell]))
    within = sum(abs(gap) <= 0.002 for gap in gaps.values())
    named = ", ".join(f"{cell} {gaps[cell]:+.4f}" for cell in widest[:3])
    mean = sum(gaps.values()) / len(gaps)
    return f"largest {named}; mean {mean:+.4f}; {within} of {len(gaps)} cells within .002"


def write_table(runs: Runs, grid: dict[str, str], folder: Path) -> None:
    """Write grid.md from all that is known of this grid."""
    sides = ("ours", "theirs")
    found = {(s, side): runs.last(**grid, setting=s, side=side) for s in SETTINGS for side in sides}
    size = [len(grid[name].split(",")) for name in ("models", "strategies")]
    header = [
        "cores",
        "runs ours / theirs",
        "ours s",
        "theirs s",
        "times faster",
        "ours / ours quiet",
        "ours CPU s",
        "theirs CPU s",
        "cores kept busy by others",
    ]
    write_report(
        folder / "grid.md",
        f"# {size[0]} models × {size[1]} strategies × {FOLDS} folds on Telco, library defaults",
        "Ours (`python -m bench run`) against theirs (imblearn pipelines, `cross_validate`, "
        "default threads, 2 processes: tests/perf/practitioner.py). Wall seconds of whole "
        "processes, medians. Floor: CPU seconds of single-threaded fits and of resampling "
        f"(once per split and strategy) / {usable_cores()} cores.",
        render_table(header, time_rows(found)),
        floor_text(found["quiet", "ours"]) if found["quiet", "ours"] else "",
        score_text(found),
        "Measured by:",
        render_sources([run for group in found.values() for run in group]),
    )


def main() -> None:
    """Measure what is asked for, and write the table of all that is known."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--settings", type=lambda text: text.split(","), default=list(SETTINGS))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", choices=("ours", "theirs"))
    parser.add_argument("--models", default=MODELS, help="fewer, to try the script")
    parser.add_argument("--strategies", default=STRATEGIES, help="fewer, to try the script")
    parser.add_argument("--results", type=Path, default=RESULTS, help="where the table goes")
    arguments = parser.parse_args()
    if unknown := set(arguments.settings) - set(SETTINGS):
        parser.error(f"unknown setting {', '.join(unknown)}; choose from {', '.join(SETTINGS)}")
    runs = Runs(arguments.results / "grid.json")
    grid = {"models": arguments.models, "strategies": arguments.strategies}
    measure(runs, grid, arguments)
    write_table(runs, grid, arguments.results)


if __name__ == "__main__":
    main()
