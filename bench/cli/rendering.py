"""From a run and its results to the board in the terminal and the files on disk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.domain import Dataset, Result, Run
from bench.store import Store

if TYPE_CHECKING:
    from rich.console import Console

    from bench.analysis import Findings


def preload() -> None:
    """Import what reports are made with: for a thread, while workers fit and nobody waits."""
    import jinja2  # noqa: F401
    import matplotlib.backends.backend_agg
    import matplotlib.backends.backend_svg
    import matplotlib.figure  # noqa: F401

    from bench.reports import terminal, writing  # noqa: F401


def print_and_write(
    run: Run,
    results: dict[str, Result],
    store: Store,
    *,
    console: Console,
    dataset: Dataset | None = None,
) -> Findings:
    """Write all files of the results folder, print the board, and return what it shows."""
    from bench.reports.terminal import print_board
    from bench.reports.writing import write_boards

    findings = write_boards(run, results, store, dataset=dataset)
    print_board(findings.leaderboard, console, answer=findings.answer, folder=store.folder)
    others = store.count_records() - len(run.jobs)
    if others > 0:
        console.print(
            f"The boards show what the last run asked for; {others} more fits "
            f"{'' if run.ending == 'budget' else 'of other runs '}are kept, and taken up by a run "
            "that asks for them.",
            style="dim",
            markup=False,
        )
    return findings
