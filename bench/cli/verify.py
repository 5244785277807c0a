"""Make rows of a board again, here and now, and say whether they come out as recorded.

First the boards are worked out again from the records, then rows are made again
from the data on: identical (to the bit), within tolerance, or different, and
most likely because of what. With no option it is the first row and three that
are drawn; whoever differs after the fit only comes along. Exit code 0 if all is
as recorded or within tolerance, 1 if anything differs, 2 if nothing could be
checked.
"""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING

from bench.cli.folders import find_results
from bench.cli.options import add_data_options, add_plugin_option, load_options, names
from bench.environment import pin_threads
from bench.errors import BenchError, UsageError

if TYPE_CHECKING:
    from rich.console import Console

    from bench.domain import BoardRow, Run
    from bench.verification.checking import Here, Recorded, RowCheck
    from bench.verification.rows import Choice

SUMMARY = "make rows of a board again and compare"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "folder",
        metavar="FOLDER",
        help="such as results/telco, or its dataset, or a bundle (see: export)",
    )
    which = parser.add_argument_group("which rows").add_mutually_exclusive_group()
    which.add_argument(
        "--row",
        type=names,
        default=(),
        metavar="A,B",
        help="numbers from the top of the board, addresses, or names such as logistic+none+default",
    )
    which.add_argument("--all", action="store_true", help="every row")
    which.add_argument("--sample", type=int, metavar="N", help="N rows that are drawn")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of the draw (default: 0)")
    parser.add_argument(
        "--tolerance",
        type=float,
        metavar="X",
        help="how far a score, a parameter or a figure may be off, relative to it where it is "
        "above 1 (default: 1e-06)",
    )
    parser.add_argument("--jobs", type=int, default=0, metavar="N", help="workers (default: cores)")
    parser.add_argument("--json", action="store_true", help="print JSON")
    add_plugin_option(parser)
    add_data_options(parser)


def execute(arguments: argparse.Namespace) -> int:
    """Return 1 if anything is not as recorded."""
    arguments.is_pinned = pin_threads()
    from rich.console import Console

    from bench.plugins import load_plugins
    from bench.verification.bundle import open_results

    load_plugins(arguments.plugin)
    choice = _choice(arguments)
    progress = Console(stderr=True, highlight=False)
    with open_results(find_results(arguments.folder)) as store:
        from bench.verification.checking import check_loaded, read_recorded

        run = store.read_run()
        check_loaded(run, arguments.folder)
        here, problem = _load(arguments, run)
        recorded = read_recorded(store, here)
        return _verify(
            recorded, here, choice, problem=problem, arguments=arguments, progress=progress
        )


def _choice(arguments: argparse.Namespace) -> Choice:
    from bench.verification.rows import Choice

    if arguments.sample is not None and arguments.sample < 1:
        raise UsageError(f"--sample {arguments.sample} is too few, expected at least 1")
    if arguments.tolerance is not None and not 0 <= arguments.tolerance < 1:
        raise UsageError(f"--tolerance {arguments.tolerance:g} is none, expected from 0 up to 1")
    if arguments.jobs < 0:
        raise UsageError(f"--jobs {arguments.jobs} is too few, expected 1 (or 0: one a core)")
    return Choice(arguments.row, arguments.all, arguments.sample, arguments.seed)


def _load(arguments: argparse.Namespace, run: Run) -> tuple[Here | None, str]:
    """Return the data, or why they are not to be had."""
    from bench.verification.checking import load_here

    try:
        return load_here(run, load_options(arguments)), ""
    except BenchError as error:
        return None, str(error)


def _verify(
    recorded: Recorded,
    here: Here | None,
    choice: Choice,
    *,
    problem: str,
    arguments: argparse.Namespace,
    progress: Console,
) -> int:
    from bench.execution.running import RunOptions
    from bench.progress import ProgressObserver
    from bench.verification.checking import TOLERANCE, check_rows
    from bench.verification.rows import choose_rows
    from bench.verification.telling import Verification

    tolerance = TOLERANCE if arguments.tolerance is None else arguments.tolerance
    rows = choose_rows(recorded.leaderboard, choice)
    files = recorded.check_files()
    checks: tuple[RowCheck, ...] = ()
    if here is not None:
        options = RunOptions(
            workers=arguments.jobs,
            plugins=tuple(arguments.plugin),
            is_pinned=arguments.is_pinned,
        )
        progress.print(_announce(recorded, rows), markup=False, soft_wrap=True)
        with ProgressObserver(progress, rank_by=recorded.run.experiment.rank_by) as observer:
            checks = check_rows(
                recorded, rows, here, tolerance=tolerance, options=options, observer=observer
            )
    verification = Verification(
        run=recorded.run,
        files=files,
        checks=checks,
        n_rows=len(recorded.leaderboard.rows),
        tolerance=tolerance,
        digest_now=here.dataset.digest if here else "",
        problem=problem,
        damage=recorded.damage(),
        n_missing=recorded.n_missing,
    )
    if arguments.json:
        print(json.dumps(verification.to_json(), indent=1))
    else:
        print("\n".join(verification.sentences()))
    return verification.exit_code


def _announce(recorded: Recorded, rows: tuple[BoardRow, ...]) -> str:
    """Return how much is to be made again, and what that took the first time."""
    from bench.progress import duration
    from bench.reports.numbers import plural

    fits = {row.candidate.fitted for row in rows}
    records = [
        result.record for result in recorded.results.values() if result.record.job.candidate in fits
    ]
    seconds = sum(sum(record.seconds.values()) for record in records)
    return (
        f"making {plural(len(rows), 'row')} again: {plural(len(records), 'fit')} that took "
        f"{duration(seconds)} of CPU time"
    )
