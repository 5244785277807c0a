"""Show the boards of a results folder again, from stored scores; nothing is fitted.

After an interrupted run it shows what there is, with coverage. ``--rank-by``
orders by any metric of ``python -m bench list metrics``.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from bench.cli.options import add_plugin_option
from bench.errors import StoreError

SUMMARY = "show the boards of a results folder again"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "folder",
        nargs="?",
        type=Path,
        metavar="FOLDER",
        help="such as results/telco (default: the only one in ./results)",
    )
    parser.add_argument("--rank-by", metavar="METRIC", help="default: as in the run")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--write", action="store_true", help="write the files of the folder anew")
    add_plugin_option(parser)


def execute(arguments: argparse.Namespace) -> int:
    """Print the board."""
    from rich.console import Console

    from bench.analysis import answer, build_leaderboard, strategy_effects
    from bench.cli.rendering import print_and_write
    from bench.metrics import METRICS
    from bench.plugins import load_plugins
    from bench.reports.json_file import render_leaderboard_json
    from bench.reports.terminal import print_board
    from bench.store import Store

    load_plugins(arguments.plugin)
    store = Store(arguments.folder or _only_folder(Path("results")))
    run = store.read_run()
    if arguments.rank_by:
        METRICS.lookup(arguments.rank_by)
        run = replace(run, experiment=replace(run.experiment, rank_by=arguments.rank_by))
    results = store.read_results(run.jobs)
    console = Console(highlight=False)
    if arguments.write:
        print_and_write(run, results, store, console=console)
        return 0
    rank_by = run.experiment.rank_by
    leaderboard = build_leaderboard(run, results, rank_by=rank_by)
    sentences = answer(leaderboard, strategy_effects(run, results, metric=rank_by))
    if arguments.json:
        print(render_leaderboard_json(leaderboard, answer=sentences), end="")
    else:
        print_board(leaderboard, console, answer=sentences, folder=store.folder)
    return 0


def _only_folder(results: Path) -> Path:
    """Return the only dataset folder in ``results``.

    Raises
    ------
    StoreError
        If there is none, or more than one.
    """
    found = sorted(path.parent for path in results.glob("*/run.json"))
    if not found:
        raise StoreError(f"{results}: no results here", hint="python -m bench run --dataset telco")
    if len(found) > 1:
        raise StoreError(
            f"{results}: holds {len(found)} datasets",
            hint=f"name one: {', '.join(map(str, found))}",
        )
    return found[0]
