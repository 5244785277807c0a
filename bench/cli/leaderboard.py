"""Show the boards of a results folder again, from stored scores; nothing is fitted.

After an interrupted run it shows what there is, with coverage. ``--rank-by``
orders by any metric of ``python -m bench list metrics``; ``--economics`` works
out the profit figures at other amounts. ``--all-datasets`` compares the
candidates over all datasets that have results.
"""

from __future__ import annotations

import argparse
import math
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING

from bench.cli.options import add_plugin_option
from bench.errors import StoreError, UsageError
from bench.specs import EconomicsSpec

if TYPE_CHECKING:
    from rich.console import Console

    from bench.domain import Result, Run
    from bench.store import Store

SUMMARY = "show the boards of a results folder again"
BOARD_NAMES = ("summary", "ranking", "decisions", "probabilities", "profit")


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
    parser.add_argument(
        "--economics",
        metavar="clv=300,contact=2",
        help="other amounts than the adapter's: clv, incentive, contact, acceptance_alpha, "
        "acceptance_beta",
    )
    parser.add_argument(
        "--board",
        choices=BOARD_NAMES,
        help="what to show (default: summary, or profit with --economics)",
    )
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
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
        metavar="FOLDER",
        help="for --all-datasets: where the datasets' folders are (default: results)",
    )
    add_plugin_option(parser)


def execute(arguments: argparse.Namespace) -> int:
    """Print the board."""
    from rich.console import Console

    from bench.cli.all_datasets import show_all_datasets
    from bench.cli.rendering import print_and_write
    from bench.metrics import METRICS, rankable
    from bench.plugins import load_plugins
    from bench.store import Store

    load_plugins(arguments.plugin)
    if arguments.all_datasets:
        return show_all_datasets(arguments)
    store = Store(arguments.folder or _only_folder(Path("results")))
    run = store.read_run()
    if arguments.rank_by:
        rankable(arguments.rank_by)
        run = replace(run, experiment=replace(run.experiment, rank_by=arguments.rank_by))
    elif run.experiment.rank_by not in METRICS:
        raise UsageError(
            f"{store.folder}: ranked by {run.experiment.rank_by!r}, which is not loaded",
            hint="name its file with --plugin, or another metric with --rank-by",
        )
    if arguments.economics:
        economics = parse_economics(arguments.economics, run.facts.economics)
        run = replace(run, facts=replace(run.facts, economics=economics))
    results = store.read_results(run.jobs)
    console = Console(highlight=False)
    if arguments.write:
        print_and_write(run, results, store, console=console)
        return 0
    board = arguments.board or ("profit" if arguments.economics else "summary")
    _print(run, results, store, console=console, board="json" if arguments.json else board)
    return 0


def _print(
    run: Run, results: dict[str, Result], store: Store, *, console: Console, board: str
) -> None:
    """Print one board, or all of them as JSON."""
    from bench.analysis import analyse
    from bench.analysis.economics import find_references
    from bench.reports.economics import describe_economics
    from bench.reports.json_file import render_leaderboard_json
    from bench.reports.tables import SUMMARY as SUMMARY_BOARD
    from bench.reports.tables import boards_of
    from bench.reports.terminal import print_board

    values = store.read_values(dataset_digest=run.facts.digest)
    findings = analyse(run, results, values=values)
    leaderboard, sentences = findings.leaderboard, findings.answer
    if board == "json":
        text = render_leaderboard_json(leaderboard, answer=sentences, verdicts=findings.verdicts)
        print(text, end="")
        return
    boards = {"summary": SUMMARY_BOARD} | {one.name: one for one in boards_of(leaderboard)}
    if board == "profit":
        references = find_references(run, results, values=values)
        sentences = [*describe_economics(run.facts.economics, references), *sentences]
    folder = store.folder if (store.folder / "leaderboard.md").exists() else None
    print_board(leaderboard, console, board=boards[board], answer=sentences, folder=folder)
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
    for part in filter(None, map(str.strip, text.split(","))):
        name, _, value = part.partition("=")
        key = name.strip().replace("-", "_")
        if key not in known:
            message = unknown_name("amount", name.strip(), known).message.split(" (see")[0]
            raise UsageError(f"--economics: {message}", hint=f"there are: {', '.join(known)}")
        try:
            amounts[key] = float(value)
        except ValueError:
            amounts[key] = math.nan
        if not 0 <= amounts[key] < math.inf:
            raise UsageError(f"--economics: {part!r}: expected {key}=NUMBER, from 0 up")
    economics = replace(base, **amounts)  # type: ignore[arg-type]
    problem = economics_problem(economics)
    if problem:
        raise UsageError(f"--economics: {problem}")
    return economics


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
