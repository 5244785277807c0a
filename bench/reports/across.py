"""The board over several datasets as Markdown, CSV, JSON and in the terminal."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bench.analysis.across import AcrossBoard, AcrossRow
from bench.metrics import METRICS
from bench.reports.escaping import clean, escape_cell, escape_markdown
from bench.reports.markdown_parts import join_blocks, render_long_table, render_table
from bench.reports.tables import format_chance, format_number, plural
from bench.serial import to_json
from bench.store import write_text

if TYPE_CHECKING:
    from rich.console import Console

_N_SHOWN = 25


@dataclass(frozen=True)
class _Column:
    title: str
    text: Callable[[AcrossRow], str]


def _columns(board: AcrossBoard) -> list[_Column]:
    """Return the columns for which any row has a figure."""
    metric = METRICS.lookup(board.metric).title
    columns = [
        _Column("rank", lambda row: "" if row.rank is None else str(row.rank)),
        _Column("candidate", lambda row: str(row.candidate)),
        _Column("mean rank", lambda row: format_number(row.mean_rank, digits=2)),
        _Column(f"mean {metric}", lambda row: format_number(row.mean)),
        _Column("p", lambda row: format_number(row.p_value, digits=3)),
        _Column("better", lambda row: format_chance(row.better)),
        _Column("same", lambda row: format_chance(row.same)),
        _Column("worse", lambda row: format_chance(row.worse)),
        _Column("Elo", _elo),
        _Column("datasets", lambda row: f"{row.n_datasets} of {len(board.datasets)}"),
    ]
    return [column for column in columns if any(column.text(row) for row in board.rows)]


def _elo(row: AcrossRow) -> str:
    return (
        "" if row.elo is None else f"{row.elo.rating:.0f} [{row.elo.low:.0f}, {row.elo.high:.0f}]"
    )


def render_across_markdown(board: AcrossBoard) -> str:
    """Return ``results/leaderboard.md``: who ranks where, over which datasets, and how sure."""
    columns = _columns(board)
    titles = [escape_markdown(column.title, width=24) for column in columns]
    # Only names can hold what a stranger wrote; "<1 %" stays readable as it is.
    rows = [
        [
            escape_markdown(text, width=60) if column.title == "candidate" else text
            for column, text in ((column, column.text(row)) for column in columns)
        ]
        for row in board.rows
    ]
    right = [k for k, column in enumerate(columns) if column.title != "candidate"]
    table = render_long_table(titles, rows, right=right, n_shown=_N_SHOWN) if rows else ""
    return join_blocks(
        [
            "# Leaderboard across datasets",
            "\n".join(answer_across(board)),
            table,
            "\n".join(explain_across(board)) if any(row.rank for row in board.rows) else "",
            "## Datasets",
            _datasets(board),
            "\n".join(
                f"- left out: {escape_markdown(name, width=60)} ({escape_markdown(why, width=200)})"
                for name, why in board.left_out
            ),
        ]
    )


def answer_across(board: AcrossBoard) -> list[str]:
    """Return who has the best mean rank, how sure that is, and what cannot be said."""
    ranked = [row for row in board.rows if row.rank is not None]
    lines = []
    n_unranked = len(board.rows) - len(ranked)
    if len(ranked) == 1 and n_unranked:
        lines.append(
            f"Only `{ranked[0].candidate}` finished all splits of all "
            f"{plural(len(board.datasets), 'dataset')}, so there is nothing to compare it with."
        )
    elif ranked:
        best = ranked[0]
        lines.append(
            f"Over {plural(len(board.datasets), 'dataset')}, `{best.candidate}` has the best mean "
            f"rank by {METRICS.lookup(board.metric).title}: "
            f"{format_number(best.mean_rank, digits=2)} of {len(ranked)}."
        )
    if ranked and n_unranked:
        lack, have = ("lacks", "has") if n_unranked == 1 else ("lack", "have")
        lines.append(
            f"{n_unranked} of {plural(len(board.rows), 'candidate')} {lack} datasets or splits "
            f"and {have} no rank."
        )
    if len(ranked) > 1 and ranked[0].n_datasets > 1:
        rest = ranked[1:]
        n_apart = sum(row.p_value is not None and row.p_value < 0.05 for row in rest)
        n_worse = sum(row.worse is not None and row.worse > 0.95 for row in rest)
        n_same = sum(row.same is not None and row.same > 0.95 for row in rest)
        lines.append(
            f"Wilcoxon's test with Holm's correction tells {n_apart} of the {len(rest)} others "
            f"apart from it; the Bayesian one holds {n_worse} for worse and {n_same} for "
            f"practically the same (chance above 95 %), and is undecided on "
            f"{len(rest) - n_worse - n_same}."
        )
    return lines + list(board.remarks)


def explain_across(board: AcrossBoard) -> list[str]:
    """Return what the columns mean, one sentence each."""
    lines = ["Mean ranks are over the candidates that finished all splits of all datasets."]
    if any(row.p_value is not None for row in board.rows):
        lines += [
            "p: Wilcoxon signed-rank against the first row, one mean difference a dataset, exact, "
            "after Holm.",
            "better, same, worse: chances on another dataset against the first row, Bayesian "
            f"signed-rank; the same is within ±{format_number(board.rope, digits=3)}.",
        ]
    if any(row.elo for row in board.rows):
        lines.append(
            "Elo: Bradley–Terry strengths, mean 1000, 95 % of draws of datasets and of splits."
        )
    if any(row.rank is None for row in board.rows):
        lines.append("Candidates without a rank lack datasets or splits and are not compared.")
    return lines


def _datasets(board: AcrossBoard) -> str:
    rows = [
        [
            escape_markdown(dataset.facts.name, width=60),
            f"{dataset.facts.n_samples:,}",
            f"{100 * dataset.facts.prevalence:.1f}",
            str(dataset.n_splits),
            str(dataset.n_complete),
            dataset.facts.digest[:12],
        ]
        for dataset in board.datasets
    ]
    titles = ["dataset", "rows", "% positive", "splits", "complete candidates", "digest"]
    return render_table(titles, rows, right=(1, 2, 3, 4)) if rows else ""


CSV_COLUMNS = (
    "rank",
    "model",
    "strategy",
    "tuning",
    "preparation",
    "repair",
    "decision",
    "n_datasets",
    "coverage",
    "mean_rank",
    "mean",
    "p_value",
    "better",
    "same",
    "worse",
    "elo",
    "elo_low",
    "elo_high",
)


def render_across_csv(board: AcrossBoard) -> str:
    """Return one line per candidate, with its mean on every dataset in the last columns."""
    names = [dataset.facts.name for dataset in board.datasets]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*CSV_COLUMNS, *(escape_cell(f"{board.metric}:{name}") for name in names)])
    for row in board.rows:
        elo = (None, None, None) if row.elo is None else (row.elo.rating, row.elo.low, row.elo.high)
        figures = [
            row.coverage,
            row.mean_rank,
            row.mean,
            row.p_value,
            row.better,
            row.same,
            row.worse,
            *elo,
            *(row.means.get(name) for name in names),
        ]
        c = row.candidate
        parts = (c.model, c.strategy, c.tuning, c.preparation, c.repair, c.decision)
        writer.writerow(
            [
                "" if row.rank is None else row.rank,
                *map(escape_cell, parts),
                row.n_datasets,
                *("" if figure is None else f"{figure:.6f}" for figure in figures),
            ]
        )
    return text.getvalue()


def render_across_json(board: AcrossBoard) -> str:
    """Return the board for programs."""
    return json.dumps({"schema_version": 1, **to_json(board)}, indent=1, allow_nan=False) + "\n"


def write_across(folder: Path, board: AcrossBoard) -> None:
    """Write ``leaderboard.md`` and ``.csv`` over all datasets beside their folders."""
    write_text(folder / "leaderboard.md", render_across_markdown(board))
    write_text(folder / "leaderboard.csv", render_across_csv(board))


def print_across(board: AcrossBoard, console: Console, *, folder: Path) -> None:
    """Print the ranked candidates, what cannot be said, and where the files are."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    console.print(
        Text(f"Leaderboard across {plural(len(board.datasets), 'dataset')}", style="bold")
    )
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, show_edge=False)
    columns = _columns(board)
    for column in columns:
        table.add_column(
            Text(column.title), justify="left" if column.title == "candidate" else "right"
        )
    for row in board.rows[:_N_SHOWN]:
        table.add_row(*(Text(clean(column.text(row))) for column in columns))
    console.print(table)
    if len(board.rows) > _N_SHOWN:
        more = plural(len(board.rows) - _N_SHOWN, "more candidate")
        console.print(Text(f"{more} in the files", style="dim"))
    for line in answer_across(board):
        console.print(Text(clean(line.replace("`", ""))))
    for name, why in board.left_out:
        console.print(Text(f"left out: {clean(name)} ({clean(why)})", style="dim"))
    console.print(Text(f"Full board: {clean(str(folder / 'leaderboard.md'))}"), soft_wrap=True)
