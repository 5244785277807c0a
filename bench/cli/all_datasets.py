"""``leaderboard --all-datasets``: the same candidates over several datasets."""

from __future__ import annotations

import argparse

from bench.errors import StoreError, UsageError

FORMATS = ("table", "md", "csv", "json")


def show_all_datasets(arguments: argparse.Namespace) -> int:
    """Print the board across datasets and write ``leaderboard.md`` and ``.csv`` beside them.

    Raises
    ------
    UsageError
        If a folder of one dataset is named as well, or what only that has.
    StoreError
        If there are no results.
    """
    from bench.analysis.across import Entry, build_across
    from bench.cli.output import print_text, table_console
    from bench.reports.across import (
        print_across,
        render_across_csv,
        render_across_json,
        render_across_markdown,
        write_across,
    )
    from bench.store import Store

    folder = arguments.out
    if arguments.folder:
        raise UsageError(
            f"--all-datasets goes over all of them, but {arguments.folder} is named too",
            hint="leave one of the two out; --out says where the datasets' folders are",
        )
    if not arguments.is_whole:
        raise UsageError(
            "--all-datasets has a board of its own", hint="leave --board, --sort and --top out"
        )
    if arguments.format not in FORMATS:
        raise UsageError(
            f"--all-datasets has no such format: {arguments.format}",
            hint=f"there are: {', '.join(FORMATS)}",
        )
    stores = [Store(path.parent) for path in sorted(folder.glob("*/run.json"))]
    if not stores:
        raise StoreError(f"{folder}: no results here", hint="python -m bench run --dataset telco")
    runs = [(store, store.read_run()) for store in stores]
    board = build_across(
        [Entry(run, store.read_results(run.jobs)) for store, run in runs],
        metric=arguments.rank_by or "roc_auc",
    )
    if arguments.format == "json":
        print_text(render_across_json(board))
        return 0
    write_across(folder, board)
    if arguments.format == "table":
        print_across(board, table_console(), folder=folder)
    else:
        renderers = {"md": render_across_markdown, "csv": render_across_csv}
        print_text(renderers[arguments.format](board))
    return 0
