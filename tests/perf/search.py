"""Compares our nested tuning with a plain Optuna loop and writes `results/perf/search.md`.

Usage: python tests/perf/search.py [--seeds 0,1,2,3,4] [--timed-seeds 0]
       [--only ours|theirs] [--plain FILE.json]

The three boosters on Telco, 40 trials, 5 outer × 3 inner folds. Seeds outside
``--timed-seeds`` are run for their ROC-AUC only, so that the machine may be busy
meanwhile; ``--plain`` takes such figures from a file that `practitioner.py search`
has written on our folds. What other calls have found stays in search.json.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

from measuring import (
    BENCH,
    RESULTS,
    ROOT,
    Runs,
    Timing,
    board_scores,
    median,
    ratio,
    render_sources,
    render_table,
    run_timed,
    shown,
    telco_file,
    write_report,
)
from splits import write_splits

BOOSTERS = ("lightgbm", "xgboost", "catboost")
SIDES = ("ours", "theirs")
PRACTITIONER = str(ROOT / "tests" / "perf" / "practitioner.py")


@dataclass(frozen=True)
class Size:
    """How large a search is; runs of different sizes are never compared."""

    trials: int
    folds: int
    inner_folds: int

    def options(self) -> list[str]:
        """Return the command-line options, which both sides have under the same names."""
        return [
            f"--trials={self.trials}",
            f"--folds={self.folds}",
            f"--inner-folds={self.inner_folds}",
        ]


def run_ours(size: Size, seed: int) -> tuple[Timing, dict[str, float]]:
    """Run our studies of one seed in an empty folder; return the ROC-AUC of every booster."""
    with tempfile.TemporaryDirectory() as name:
        what = ["--models", ",".join(BOOSTERS), "--strategies", "none", "--tuning", "optuna"]
        fixed = ["--importance", "none", f"--seed={seed}", "--out", name]
        command = [*BENCH, "run", "--dataset", "telco", *what, *size.options(), *fixed]
        timing = run_timed(command)
        scores = board_scores(Path(name) / "telco")
    return timing, {model: scores[f"{model}+none"] for model in BOOSTERS}


def run_theirs(size: Size, seed: int) -> tuple[Timing, dict[str, float]]:
    """Run the plain loop of one seed on our outer folds; return the ROC-AUC of every booster."""
    with tempfile.TemporaryDirectory() as name:
        splits, out = Path(name) / "splits.json", Path(name) / "found.json"
        write_splits(splits, seeds=[seed], folds=size.folds)
        files = ["--data", str(telco_file()), "--splits", str(splits), "--out", str(out)]
        # With the libraries' own threads, two processes on two cores wait for each other.
        command = [sys.executable, PRACTITIONER, "search", f"--seeds={seed}", "--threads=1"]
        timing = run_timed([*command, *size.options(), *files])
        return timing, read_plain(out, size)[seed]


def read_plain(path: Path, size: Size) -> dict[int, dict[str, float]]:
    """Return seed → booster → mean ROC-AUC of the seeds that a file of the plain loop has whole."""
    state = json.loads(path.read_text(encoding="utf-8"))
    asked = {"trials": size.trials, "folds": size.folds, "inner_folds": size.inner_folds}
    if state["asked"] != asked:
        raise SystemExit(f"{path}: a search with {state['asked']}, expected {asked}")
    whole = {}
    for seed, found in state["seeds"].items():
        names = {model: [f"{model}/{fold}" for fold in range(size.folds)] for model in BOOSTERS}
        if all(name in found["studies"] for group in names.values() for name in group):
            whole[int(seed)] = {
                model: fmean(found["studies"][name]["roc_auc"] for name in group)
                for model, group in names.items()
            }
    return whole


def measure(runs: Runs, size: Size, arguments: argparse.Namespace) -> None:
    """Run every seed, ours and theirs in turn; seeds that a file answers are not run again."""
    known = read_plain(arguments.plain, size) if arguments.plain else {}
    for seed, scores in known.items():
        facts = {"side": "theirs", "seed": seed, "is_timed": False, "roc_auc": scores}
        runs.add(Timing(0.0, 0.0, None), **vars(size), **facts)
    for seed in arguments.seeds:
        is_timed = seed in arguments.timed_seeds
        for side, run in zip(SIDES, (run_ours, run_theirs), strict=True):
            if arguments.only not in (None, side):
                continue
            if side == "theirs" and seed in known and not is_timed:
                continue
            timing, scores = run(size, seed)
            facts = {"side": side, "seed": seed, "is_timed": is_timed, "roc_auc": scores}
            runs.add(timing, **vars(size), **facts)
            print(f"seed {seed}, {side}: {timing.wall_seconds:.0f} s", file=sys.stderr)


@dataclass(frozen=True)
class Found:
    """What is known of one seed on one side."""

    roc_auc: dict[str, float] | None
    timed: list[dict[str, Any]]

    @property
    def seconds(self) -> float | None:
        """Wall seconds, where they were measured."""
        return median(self.timed)

    @property
    def others(self) -> float | None:
        """Cores kept busy by others meanwhile."""
        return median(self.timed, "others")


def find(runs: Runs, size: Size, side: str, seed: int) -> Found:
    """Return the last scores and the last seconds of a seed and a side."""
    facts = {**vars(size), "side": side, "seed": seed}
    last = runs.last(**facts)
    return Found(last[-1]["roc_auc"] if last else None, runs.last(**facts, is_timed=True))


def row(seed: int, ours: Found, theirs: Found) -> list[str]:
    """Return the row of a seed: seconds, then ours, theirs and the difference by booster."""
    cells = [
        str(seed),
        shown(ours.seconds),
        shown(theirs.seconds),
        shown(ratio(theirs.seconds, ours.seconds), 2),
        f"{shown(ours.others, 2)} / {shown(theirs.others, 2)}",
    ]
    for model in BOOSTERS:
        one, other = (side.roc_auc[model] if side.roc_auc else None for side in (ours, theirs))
        difference = None if one is None or other is None else one - other
        cells += [shown(one, 4), shown(other, 4), shown(difference, 4, sign=True)]
    return cells


def summary(pairs: list[tuple[Found, Found]]) -> str:
    """Return the two answers: how many times faster, and what it costs in ROC-AUC."""
    ratios = [ratio(theirs.seconds, ours.seconds) for ours, theirs in pairs]
    timed = [{"ratio": value} for value in ratios if value is not None]
    lines = [
        f"- times faster, median of {len(timed)} timed seeds: {shown(median(timed, 'ratio'), 2)}"
    ]
    scored = [(ours.roc_auc, theirs.roc_auc) for ours, theirs in pairs]
    both = [(ours, theirs) for ours, theirs in scored if ours and theirs]
    if both:
        gaps = {model: fmean(a[model] - b[model] for a, b in both) for model in BOOSTERS}
        named = ", ".join(f"{model} {gap:+.4f}" for model, gap in gaps.items())
        mean = fmean(gaps.values())
        lines.append(
            f"- ROC-AUC, ours − theirs, mean of {len(both)} seeds: {named}; all {mean:+.4f}"
        )
    return "\n".join(lines)


def write_table(runs: Runs, size: Size, folder: Path) -> None:
    """Write search.md from all that is known of searches of this size."""
    seeds = sorted(runs.values("seed", **vars(size)))
    pairs = [(find(runs, size, "ours", seed), find(runs, size, "theirs", seed)) for seed in seeds]
    header = ["seed", "ours s", "theirs s", "times faster", "cores kept busy by others"]
    for model in BOOSTERS:
        header += [f"{model} ours", "theirs", "difference"]
    sources = [
        run
        for seed in seeds
        for side in SIDES
        for timed in ({}, {"is_timed": True})
        for run in runs.last(**vars(size), side=side, seed=seed, **timed)
    ]
    write_report(
        folder / "search.md",
        f"# Nested tuning of three boosters on Telco: {size.trials} trials, "
        f"{size.folds} outer × {size.inner_folds} inner folds",
        "Ours (`python -m bench run --tuning optuna`) against a plain Optuna loop with "
        "`cross_val_score`, 2 processes of one thread each (tests/perf/practitioner.py), on the "
        "same outer folds. Wall seconds of whole processes; a dash where only the ROC-AUC was "
        "wanted and nothing was timed.",
        render_table(header, [row(seed, *pair) for seed, pair in zip(seeds, pairs, strict=True)]),
        summary(pairs),
        "Measured by:",
        render_sources(sources),
    )


def _numbers(text: str) -> list[int]:
    return [int(part) for part in text.split(",") if part]


def main() -> None:
    """Measure what is asked for, and write the table of all that is known."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=_numbers, default=[0, 1, 2, 3, 4])
    parser.add_argument("--timed-seeds", type=_numbers, default=[0], help="on a quiet machine")
    parser.add_argument("--only", choices=SIDES)
    parser.add_argument("--plain", type=Path, help="a JSON file of `practitioner.py search`")
    parser.add_argument("--trials", type=int, default=40)
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--inner-folds", type=int, default=3)
    parser.add_argument("--results", type=Path, default=RESULTS, help="where the table goes")
    arguments = parser.parse_args()
    size = Size(arguments.trials, arguments.folds, arguments.inner_folds)
    runs = Runs(arguments.results / "search.json")
    measure(runs, size, arguments)
    write_table(runs, size, arguments.results)


if __name__ == "__main__":
    main()
