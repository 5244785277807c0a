"""Say what a second run changes against a first one on the same data, from stored scores.

Each candidate of both is better, worse, equivalent (within a margin), undecided
or identical. Differences are paired where both runs judged on the same splits.
RUN is a dataset in --out, a results folder, or the run.json in one.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from bench.cli.folders import open_store, read_results, read_values
from bench.cli.options import FORMATS, add_out_option, add_plugin_option, check_choice
from bench.errors import UsageError

if TYPE_CHECKING:
    from bench.analysis.comparison import Comparison, Side

SUMMARY = "say what a second run changes against a first one"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("first", metavar="RUN_A", help="such as results/telco")
    parser.add_argument("second", metavar="RUN_B", help="such as other-results/telco")
    parser.add_argument(
        "--metric", metavar="NAME", help="default: what RUN_A is ranked by (see: list metrics)"
    )
    parser.add_argument(
        "--margin",
        type=float,
        metavar="X",
        help="differences up to here do not matter (default: .005; .01 for decisions)",
    )
    parser.add_argument(
        "--format",
        default="table",
        metavar="|".join(FORMATS),
        help="default: table; the others are for pipes",
    )
    add_out_option(parser)
    add_plugin_option(parser)


def execute(arguments: argparse.Namespace) -> int:
    """Print the comparison."""
    from bench.analysis.comparison import compare_runs
    from bench.metrics import rankable
    from bench.plugins import load_plugins

    check_choice("--format", arguments.format, FORMATS)
    if arguments.margin is not None and not 0 < arguments.margin < float("inf"):
        raise UsageError(f"--margin {arguments.margin:g} is no margin, expected a number above 0")
    load_plugins(arguments.plugin)
    first, second = (_side(name, arguments.out) for name in (arguments.first, arguments.second))
    metric = rankable(arguments.metric or first.run.experiment.rank_by)
    comparison = compare_runs(first, second, metric=metric.name, margin=arguments.margin)
    _show(comparison, arguments.format)
    return 0


def _side(named: str, out: Path) -> Side:
    """Return what lies in a results folder."""
    from bench.analysis.comparison import Side

    store = open_store(named, out)
    run = store.read_run()
    return Side(str(store.folder), run, read_results(store, run), read_values(store, run))


def _show(comparison: Comparison, format_: str) -> None:
    from bench.cli.output import print_text, table_console
    from bench.reports.comparison import (
        print_comparison,
        render_comparison_csv,
        render_comparison_json,
        render_comparison_latex,
        render_comparison_markdown,
    )

    if format_ == "table":
        print_comparison(comparison, table_console())
        return
    renderers = {
        "md": render_comparison_markdown,
        "csv": render_comparison_csv,
        "json": render_comparison_json,
        "latex": render_comparison_latex,
    }
    print_text(renderers[format_](comparison))
