"""Write report.html of a results folder again: one page that works from disk, on paper and phones.

Everything in it comes from stored results; nothing is fitted. ``run`` writes it, too.
Of several datasets there is index.html beside their folders: a card for each, and the
board over all of them (leaderboard.md and .csv, as of ``leaderboard --all-datasets``).
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from bench.cli.folders import check_redrawing, find_folder, read_results, read_values
from bench.cli.options import add_out_option, add_plugin_option
from bench.errors import BenchError, UsageError

if TYPE_CHECKING:
    from bench.analysis import Findings
    from bench.analysis.across import Entry
    from bench.reports.index.cards import Unreadable

SUMMARY = "write report.html of a results folder, and index.html over several"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "--dataset", metavar="NAME", help="its folder in --out (default: all that have results)"
    )
    parser.add_argument(
        "--all-datasets",
        action="store_true",
        help="index.html, be there one dataset or many; pages that would not change are kept",
    )
    parser.add_argument(
        "--rank-by", metavar="METRIC", help="of the board over datasets (default: roc_auc)"
    )
    add_out_option(parser)
    add_plugin_option(parser)


def execute(arguments: argparse.Namespace) -> int:
    """Write the pages and print where they are; 2 if a folder is damaged."""
    from bench.metrics import rankable
    from bench.plugins import load_plugins

    load_plugins(arguments.plugin)
    if arguments.dataset and (arguments.all_datasets or arguments.rank_by):
        raise UsageError(
            f"--dataset {arguments.dataset} is one of them, but an index is over all",
            hint="leave --dataset out, or --all-datasets and --rank-by",
        )
    metric = arguments.rank_by or "roc_auc"
    rankable(metric)
    if arguments.dataset:
        _write_page(find_folder(arguments.dataset, arguments.out), is_forced=True)
        return 0
    folders = sorted(path.parent for path in arguments.out.glob("*/run.json"))
    if not folders or (len(folders) == 1 and not arguments.all_datasets):
        # With nothing there, looking for the only one says so.
        _write_page(find_folder("", arguments.out), is_forced=True)
        return 0
    return _write_all(folders, arguments, metric=metric)


def _write_page(folder: Path, *, is_forced: bool) -> tuple[Entry, Findings]:
    """Write the page of a folder, print its path, and return what it shows."""
    from bench.analysis import analyse
    from bench.analysis.across import Entry
    from bench.reports.page.writing import write_page
    from bench.store import Store

    store = Store(folder)
    run = store.read_run()
    results, values = read_results(store, run), read_values(store, run)
    check_redrawing(store, run)
    findings = analyse(run, results, values=values)
    print(write_page(folder, findings, is_forced=is_forced, has_gallery=True))
    return Entry(run, results), findings


def _write_all(folders: Sequence[Path], arguments: argparse.Namespace, *, metric: str) -> int:
    """Write the pages of all folders and the index over them; damaged ones stop no other."""
    from bench.analysis.across import build_across
    from bench.reports.across import write_across
    from bench.reports.index.cards import Shown, Unreadable
    from bench.reports.index.writing import IndexContent, write_index

    pairs, damaged = [], []
    for folder in folders:
        try:
            pairs.append((folder, *_write_page(folder, is_forced=not arguments.all_datasets)))
        except BenchError as error:
            print(f"error: {error}", file=sys.stderr)
            damaged.append(Unreadable(folder, error.message, error.hint))
    if not pairs:
        return 2
    pairs.sort(key=lambda pair: pair[1].run.started_at, reverse=True)
    shown = [Shown(folder, findings) for folder, _, findings in pairs]
    board = build_across([entry for _, entry, _ in pairs], metric=metric)
    write_across(arguments.out, board)
    others = [*damaged, *_without_run(arguments.out)]
    print(write_index(arguments.out, IndexContent(shown, board, others)))
    return 2 if damaged else 0


def _without_run(out: Path) -> list[Unreadable]:
    """Return the folders that are empty or hold results, but no run.json to read them by."""
    from bench.reports.index.cards import Unreadable

    found = []
    for folder in sorted(path for path in out.iterdir() if path.is_dir()):
        try:
            names = {path.name for path in folder.iterdir()}
        except OSError as error:
            found.append(Unreadable(folder, f"the folder cannot be read: {error.strerror}"))
            continue
        hint = f"python -m bench run --dataset {folder.name}"
        if not names:
            found.append(Unreadable(folder, "the folder is empty", hint))
        elif "run.json" not in names and names & {"records", "leaderboard.csv", "leaderboard.json"}:
            message = "there is no run.json: a run that was killed, or a copy of the boards alone"
            found.append(Unreadable(folder, message, hint))
    return found
