"""Show the boards of a results folder again, from stored scores; nothing is fitted.

After an interrupted run it shows what there is, with coverage. ``--rank-by``
ranks by any metric of ``python -m bench list metrics``, ``--sort`` only orders
the rows; ``--economics`` works out the profit figures at other amounts.
``--format`` writes for a pipe and nothing else to stdout. ``--all-datasets``
compares the candidates over all datasets that have results.
"""

from __future__ import annotations

import argparse
import math
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING

from bench.cli.folders import check_redrawing, open_store, read_results, read_values
from bench.cli.options import FORMATS, add_plugin_option, check_choice
from bench.errors import UsageError
from bench.specs import EconomicsSpec

if TYPE_CHECKING:
    from bench.analysis import Findings
    from bench.domain import Leaderboard, Run
    from bench.reports.boards import Board
    from bench.reports.views import View
    from bench.store import Store

SUMMARY = "show the boards of a results folder again"
MOST = 1_000_000_000_000
"""Of an amount; sums over customers of much larger ones are no numbers any more."""
BOARD_NAMES = ("summary", "ranking", "decisions", "probabilities", "profit")


def add_options(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "folder",
        nargs="?",
        default="",
        metavar="DATASET",
        help="or a folder such as results/telco (default: the only one in --out)",
    )
    parser.add_argument("--dataset", default="", metavar="NAME", help="the same, by an option")
    shown = parser.add_argument_group("what is shown")
    shown.add_argument(
        "--board",
        metavar="|".join(BOARD_NAMES),
        help="default: summary; profit with --economics; with --sort the metric's own",
    )
    shown.add_argument(
        "--sort", metavar="METRIC", help="order of the rows; ranks and marks stay as they are"
    )
    shown.add_argument("--top", type=int, metavar="N", help="rows (default: all but in a table)")
    shown.add_argument(
        "--format", metavar="|".join(FORMATS), help="default: table; the others are for pipes"
    )
    shown.add_argument("--json", action="store_true", help="the same as --format json")
    parser.add_argument(
        "--rank-by", metavar="METRIC", help="rank and test by it (default: as in the run)"
    )
    parser.add_argument(
        "--economics",
        metavar="clv=300,contact=2",
        help="other amounts than the adapter's: clv, incentive, contact, acceptance_alpha, "
        "acceptance_beta",
    )
    parser.add_argument("--write", action="store_true", help="write the files of the folder anew")
    parser.add_argument(
        "--all-datasets",
        action="store_true",
        help="compare candidates over all datasets in --out, and write the board there",
    )
    parser.add_argument(
        "--out",
        type=Path,
        default=Path("results"),
        metavar="DIR",
        help="where the datasets' folders are (default: ./results)",
    )
    add_plugin_option(parser)


def execute(arguments: argparse.Namespace) -> int:
    """Print the board."""
    from bench.analysis import analyse
    from bench.cli.all_datasets import show_all_datasets
    from bench.cli.output import table_console
    from bench.cli.rendering import print_and_write
    from bench.plugins import load_plugins
    from bench.reports.writing import write_boards

    load_plugins(arguments.plugin)
    _settle(arguments)
    if arguments.all_datasets:
        return show_all_datasets(arguments)
    store = open_store(arguments.folder, arguments.out)
    run = _as_asked(store.read_run(), arguments, folder=store.folder)
    results, values = read_results(store, run), read_values(store, run)
    if arguments.write:
        check_redrawing(store, run)
    if arguments.write and arguments.is_plain:
        print_and_write(run, results, store, console=table_console())
        return 0
    if arguments.write:
        findings = write_boards(run, results, store)
    else:
        findings = analyse(run, results, values=values)
    _show(findings, store, arguments)
    return 0


def _settle(arguments: argparse.Namespace) -> None:
    """Check what was asked for and put what can be said in two ways in one place.

    Raises
    ------
    UsageError
        If a name is unknown, a number makes no sense, or two options contradict each other.
    """
    from bench.metrics import rankable

    view = (arguments.board, arguments.sort, arguments.top)
    arguments.is_whole = not any(view)
    arguments.is_plain = not any((*view, arguments.format, arguments.json))
    if arguments.folder and arguments.dataset and arguments.folder != arguments.dataset:
        raise UsageError(
            f"{arguments.folder} and --dataset {arguments.dataset} name two of them",
            hint="leave one out",
        )
    arguments.folder = arguments.folder or arguments.dataset
    if arguments.json and arguments.format not in (None, "json"):
        raise UsageError(f"--json and --format {arguments.format} contradict each other")
    arguments.format = "json" if arguments.json else arguments.format or "table"
    check_choice("--format", arguments.format, FORMATS)
    if arguments.board:
        check_choice("--board", arguments.board, BOARD_NAMES)
    if arguments.top is not None and arguments.top < 1:
        raise UsageError(f"--top {arguments.top} is too few, expected at least 1")
    for metric in filter(None, (arguments.rank_by, arguments.sort)):
        rankable(metric)


def _as_asked(run: Run, arguments: argparse.Namespace, *, folder: Path) -> Run:
    """Return ``run`` with the ranking and the amounts that were asked for."""
    from bench.metrics import METRICS

    if arguments.rank_by:
        run = replace(run, experiment=replace(run.experiment, rank_by=arguments.rank_by))
    elif run.experiment.rank_by not in METRICS:
        raise UsageError(
            f"{folder}: ranked by {run.experiment.rank_by!r}, which is not loaded",
            hint="name its file with --plugin, or another metric with --rank-by",
        )
    if arguments.economics is not None:
        economics = parse_economics(arguments.economics, run.facts.economics)
        run = replace(run, facts=replace(run.facts, economics=economics))
    return run


def _show(findings: Findings, store: Store, arguments: argparse.Namespace) -> None:
    """Print one board in the format that was asked for."""
    from bench.cli.output import print_text
    from bench.reports.csv_files import render_leaderboard_csv
    from bench.reports.formats import render_view_csv, render_view_latex, render_view_markdown
    from bench.reports.json_file import render_leaderboard_json
    from bench.reports.views import build_view

    board = _board(findings.leaderboard, arguments)
    is_table = arguments.format == "table"
    n_rows = arguments.top or (None if is_table else len(findings.leaderboard.rows))
    view = build_view(findings.leaderboard, board, sort_by=arguments.sort or "", n_rows=n_rows)
    if not is_table and arguments.top:
        view = view.cut(arguments.top)
    if arguments.format == "table":
        _print_table(view, findings, store)
    elif arguments.format == "json":
        text = render_leaderboard_json(
            findings.leaderboard,
            answer=findings.answer,
            verdicts=findings.verdicts,
            boards=() if arguments.is_whole else (view.board,),
            rows=() if arguments.is_whole else view.rows,
        )
        print_text(text)
    elif arguments.format == "csv" and arguments.is_whole:
        print_text(render_leaderboard_csv(findings.leaderboard))
    else:
        renderers = {
            "md": render_view_markdown,
            "csv": render_view_csv,
            "latex": render_view_latex,
        }
        print_text(renderers[arguments.format](view))


def _board(leaderboard: Leaderboard, arguments: argparse.Namespace) -> Board:
    """Return the board that was named, or the one that goes with what else was asked for."""
    from bench.metrics import METRICS
    from bench.reports.boards import SUMMARY as SUMMARY_BOARD
    from bench.reports.boards import boards_of

    name = arguments.board
    if not name and arguments.economics:
        name = "profit"
    if not name and arguments.sort:
        name = METRICS.lookup(arguments.sort).board
    boards = {one.name: one for one in (SUMMARY_BOARD, *boards_of(leaderboard))}
    return boards[name or "summary"]


def _print_table(view: View, findings: Findings, store: Store) -> None:
    """Print the table, on the profit board with what the figures are to be compared with."""
    from bench.cli.output import table_console
    from bench.reports.economics import describe_economics
    from bench.reports.terminal import print_view

    sentences = findings.answer
    if view.board.name == "profit":
        economics = view.leaderboard.run.facts.economics
        sentences = [*describe_economics(economics, findings.references), *sentences]
    console = table_console()
    folder = store.folder if (store.folder / "leaderboard.md").exists() else None
    print_view(view, console, answer=sentences, folder=folder)
    if folder is None:
        console.print(f"{store.folder} holds no written boards yet: --write", markup=False)


def parse_economics(text: str, base: EconomicsSpec) -> EconomicsSpec:
    """Return ``base`` with the amounts in ``text``, such as ``clv=300,contact=2``.

    Raises
    ------
    UsageError
        If an amount is unknown or no number, or they make no campaign together.
    """
    from bench.profit import economics_problem
    from bench.registry import unknown_name

    known = [field.name for field in fields(EconomicsSpec) if field.name != "value"]
    amounts: dict[str, float] = {}
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if not parts:
        raise UsageError(f"--economics: {text!r} names no amount, expected such as clv=300")
    for part in parts:
        name, _, value = part.partition("=")
        key = name.strip().replace("-", "_")
        if key not in known:
            message = unknown_name("amount", name.strip(), known).message.split(" (see")[0]
            raise UsageError(f"--economics: {message}", hint=f"there are: {', '.join(known)}")
        try:
            amounts[key] = float(value)
        except ValueError:
            amounts[key] = math.nan
        if not 0 <= amounts[key] <= MOST:
            raise UsageError(f"--economics: {part!r}: expected {key}=NUMBER, from 0 to {MOST:,}")
    economics = replace(base, **amounts)  # type: ignore[arg-type]
    problem = economics_problem(economics)
    if problem:
        raise UsageError(f"--economics: {problem}")
    return economics
