"""From a run and its results to the board in the terminal and the files on disk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.domain import Result, Run
from bench.store import Store

if TYPE_CHECKING:
    from rich.console import Console


def print_and_write(
    run: Run, results: dict[str, Result], store: Store, *, console: Console
) -> None:
    """Write all files of the results folder and print the board."""
    from bench.analysis import answer, strategy_effects
    from bench.api import write_boards
    from bench.reports.terminal import print_board

    leaderboard = write_boards(run, results, store)
    effects = strategy_effects(run, results, metric=run.experiment.rank_by)
    print_board(leaderboard, console, answer=answer(leaderboard, effects), folder=store.folder)
