"""Write report.html of a results folder again: one page that works from disk, on paper and phones.

Everything in it comes from stored results; nothing is fitted. ``run`` writes it, too.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from bench.cli.folders import find_folder
from bench.cli.options import add_out_option, add_plugin_option

SUMMARY = "write report.html of a results folder"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "--dataset", metavar="NAME", help="its folder in --out (default: all that have results)"
    )
    add_out_option(parser)
    add_plugin_option(parser)


def execute(arguments: argparse.Namespace) -> int:
    """Write the pages and print where they are."""
    from bench.analysis import analyse
    from bench.plugins import load_plugins
    from bench.reports.page.writing import write_page
    from bench.store import Store

    load_plugins(arguments.plugin)
    for folder in find_folders(arguments.out, arguments.dataset or ""):
        store = Store(folder)
        run = store.read_run()
        values = store.read_values(dataset_digest=run.facts.digest)
        findings = analyse(run, store.read_results(run.jobs), values=values)
        print(write_page(folder, findings, is_forced=True))
    return 0


def find_folders(out: Path, dataset: str) -> list[Path]:
    """Return the results folder of ``dataset``, or all in ``out``.

    Raises
    ------
    StoreError
        If there is none.
    """
    if dataset:
        return [find_folder(dataset, out)]
    # With nothing there, looking for the only one says so.
    return sorted(path.parent for path in out.glob("*/run.json")) or [find_folder("", out)]
