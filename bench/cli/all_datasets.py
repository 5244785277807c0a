"""``leaderboard --all-datasets``: the same candidates over several datasets."""

from __future__ import annotations

import argparse

from bench.errors import StoreError, UsageError


def show_all_datasets(arguments: argparse.Namespace) -> int:
    """Print the board across datasets and write ``leaderboard.md`` and ``.csv`` beside them.

    Raises
    ------
    UsageError
        If a folder of one dataset is named as well.
    StoreError
        If there are no results.
    """
    from rich.console import Console

    from bench.analysis.across import Entry, build_across
    from bench.metrics import rankable
    from bench.reports.across import (
        print_across,
        render_across_csv,
        render_across_json,
        render_across_markdown,
    )
    from bench.store import Store, write_text

    if arguments.rank_by:
        rankable(arguments.rank_by)
    folder = arguments.out
    if arguments.folder is not None:
        raise UsageError(
            f"--all-datasets goes over all of them, but {arguments.folder} is named too",
            hint="leave one of the two out; --out says where the datasets' folders are",
        )
    stores = [Store(path.parent) for path in sorted(folder.glob("*/run.json"))]
    if not stores:
        raise StoreError(f"{folder}: no results here", hint="python -m bench run --dataset telco")
    runs = [(store, store.read_run()) for store in stores]
    board = build_across(
        [Entry(run, store.read_results(run.jobs)) for store, run in runs],
        metric=arguments.rank_by or "roc_auc",
    )
    if arguments.json:
        print(render_across_json(board), end="")
        return 0
    write_text(folder / "leaderboard.md", render_across_markdown(board))
    write_text(folder / "leaderboard.csv", render_across_csv(board))
    print_across(board, Console(highlight=False), folder=folder)
    return 0
