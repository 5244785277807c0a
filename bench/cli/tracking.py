"""``--mlflow``: a run's results are also logged to an MLflow server."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

    from bench.domain import Leaderboard, Result

OPTION = "--mlflow"


def add_mlflow_option(parser: argparse._ActionsContainer) -> None:
    """Add ``--mlflow``."""
    parser.add_argument(
        OPTION,
        metavar="URI",
        help="log the run to an MLflow server too, such as http://127.0.0.1:5000",
    )


def check_mlflow(arguments: argparse.Namespace) -> None:
    """Refuse what cannot work, see `bench.tracking.mlflow_server.check_server`."""
    from bench.tracking.mlflow_server import check_server

    if arguments.mlflow is not None:
        check_server(arguments.mlflow)


def without_mlflow(words: Sequence[str]) -> list[str]:
    """Return a command without ``--mlflow``: its address is ours alone, and may hold a password."""
    kept: list[str] = []
    is_address = False
    for word in words:
        if not is_address and not word.startswith(f"{OPTION}="):
            is_address = word == OPTION
            kept += [] if is_address else [word]
        else:
            is_address = False
    return kept


def track_run(
    arguments: argparse.Namespace,
    leaderboard: Leaderboard,
    results: Mapping[str, Result],
    *,
    folder: Path,
    console: Console,
) -> None:
    """Log a finished run if that was asked for, and say where, or that it failed."""
    from bench.reports.escaping import clean
    from bench.tracking.mlflow_server import track

    if arguments.mlflow is None:
        return
    done = track(leaderboard, results, folder=folder, uri=arguments.mlflow)
    lines = [f"logged to MLflow: {done.page}"]
    if done.problem:
        lines = [
            f"warning: not logged to MLflow: {clean(done.problem)}",
            f"nothing is lost: {folder} holds everything, and the same command logs it again",
        ]
    for line in lines:
        console.print(line, markup=False, soft_wrap=True)
