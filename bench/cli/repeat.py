"""``run --from``: the option, what may not stand beside it, and how the repetition came out."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.errors import UsageError
from bench.execution.requests import Request

if TYPE_CHECKING:
    from rich.console import Console

    from bench.domain import Dataset, Run
    from bench.verification.repeating import Original

HARMLESS = ("accept",)
"""What changes no figure, and so may be asked for beside ``--from``."""


def add_source_option(parser: argparse._ActionsContainer) -> None:
    """Add ``--from``."""
    parser.add_argument(
        "--from",
        dest="source",
        type=Path,
        metavar="PATH",
        help="repeat the run of a run.json, a results folder or a bundle (see: export); nothing "
        "that could change a figure may stand beside it",
    )


def read_source(arguments: argparse.Namespace) -> Original | None:
    """Return the run that ``--from`` names, if any.

    Raises
    ------
    UsageError
        If another option would make it another run.
    """
    if arguments.source is None:
        return None
    asked = (*Request.__dataclass_fields__, "config", "learn_starts")
    for name in asked:
        if name not in HARMLESS and _is_given(getattr(arguments, name)):
            raise UsageError(
                f"--{name.replace('_', '-')} would make it another run than {arguments.source}",
                hint="beside --from there may be --out, --jobs, --engine, --plugin, --plan and "
                "where the data lie",
            )
    from bench.cli.folders import find_results
    from bench.verification.repeating import read_original

    return read_original(find_results(str(arguments.source)))


def _is_given(value: Any) -> bool:
    """Return whether an option was given; 0 was, although it equals False."""
    return value is not None and value is not False and value not in ((), [])


def check_source(arguments: argparse.Namespace, dataset: Dataset, *, console: Console) -> None:
    """Print what is not here as it was for the run that is repeated.

    Raises
    ------
    DataError
        If the data are others, unless that is accepted.
    """
    if arguments.original is None:
        return
    from bench.verification.repeating import check_data, find_changes

    run = arguments.original.run
    check_data(run, dataset.digest, is_accepted=arguments.accept_data)
    for change in find_changes(run, dataset.digest):
        console.print(f"not as it was: {change}", markup=False, soft_wrap=True)
    experiment = run.experiment
    if experiment.budget:
        words = (
            f"the original had a budget of {experiment.budget}: repeated is what that came to, "
            f"{arguments.original.experiment.protocol.repeats} repeats at most"
        )
        console.print(words, markup=False, soft_wrap=True)


def print_comparison(
    arguments: argparse.Namespace, run: Run, folder: Path, *, console: Console
) -> None:
    """Print whether the board is that of the run that was repeated."""
    original = arguments.original
    if original is None:
        return
    from bench.verification.repeating import BOARD, compare_boards

    if original.folder is not None and original.folder.resolve() == folder.resolve():
        sentences = [
            f"This went on in the original's own folder: {run.n_reused} of {len(run.jobs)} fits "
            "were taken from it. To make them anew use another --out, or python -m bench verify."
        ]
    elif original.board is None:
        sentences = [f"There is no {BOARD} beside the original to compare with."]
    else:
        repeated = (folder / BOARD).read_text(encoding="utf-8")
        without = original.run.experiment.out_of_time if original.run.experiment.budget else ""
        sentences = compare_boards(original.board, repeated, without=without)
    for sentence in sentences:
        console.print(sentence, markup=False, soft_wrap=True)
