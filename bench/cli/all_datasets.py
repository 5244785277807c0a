"""``leaderboard --all-datasets``: the same candidates over several datasets."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from bench.cli.folders import read_results
from bench.errors import BenchError, StoreError, UsageError

if TYPE_CHECKING:
    from bench.analysis.across import Entry

FORMATS = ("table", "md", "csv", "json")


def show_all_datasets(arguments: argparse.Namespace) -> int:
    """Print the board across datasets and write ``leaderboard.md`` and ``.csv`` beside them.

    Damaged folders are told and left out; the code is then 2.

    Raises
    ------
    UsageError
        If a folder of one dataset is named as well, or what only that has.
    StoreError
        If there are no results.
    """
    from bench.analysis.across import build_across
    from bench.cli.output import print_text, table_console
    from bench.reports.across import (
        print_across,
        render_across_csv,
        render_across_json,
        render_across_markdown,
        write_across,
    )

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
    folders = sorted(path.parent for path in folder.glob("*/run.json"))
    if not folders:
        raise StoreError(f"{folder}: no results here", hint="python -m bench run --dataset telco")
    entries = _read_entries(folders)
    if not entries:
        return 2
    board = build_across(entries, metric=arguments.rank_by or "roc_auc")
    code = 0 if len(entries) == len(folders) else 2
    if arguments.format == "json":
        print_text(render_across_json(board))
        return code
    write_across(folder, board)
    if arguments.format == "table":
        print_across(board, table_console(), folder=folder)
    else:
        renderers = {"md": render_across_markdown, "csv": render_across_csv}
        print_text(renderers[arguments.format](board))
    return code


def _read_entries(folders: Sequence[Path]) -> list[Entry]:
    """Return what lies in ``folders``, the newest run first; say which are damaged."""
    from bench.analysis.across import Entry
    from bench.store import Store

    entries = []
    for folder in folders:
        store = Store(folder)
        try:
            run = store.read_run()
            entries.append(Entry(run, read_results(store, run)))
        except BenchError as error:
            print(f"error: {error}", file=sys.stderr)
    return sorted(entries, key=lambda entry: entry.run.started_at, reverse=True)
