"""The board over several datasets as Markdown, CSV, JSON and in the terminal."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bench.analysis.across import AcrossBoard, AcrossRow
from bench.analysis.statistics import LEVEL
from bench.metrics import METRICS
from bench.reports.csv_files import render_csv
from bench.reports.escaping import clean, escape_markdown
from bench.reports.markdown_parts import join_blocks, render_long_table, render_table
from bench.reports.numbers import format_chance, format_number, plural
from bench.reports.wrapping import NAME_WIDTH, longest_line, print_sentence, wrap_names
from bench.serial import to_json
from bench.store import write_text

if TYPE_CHECKING:
    from rich.console import Console

_N_SHOWN = 25
_N_KEPT = 4
"""Columns that no terminal is too narrow for: up to the mean."""
_GAP = 2


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
        n_apart = sum(row.p_value is not None and row.p_value < LEVEL for row in rest)
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
    rows = []
    for row in board.rows:
        cells = to_json(row) | to_json(row.candidate)
        if row.elo is not None:
            cells |= {"elo": row.elo.rating, "elo_low": row.elo.low, "elo_high": row.elo.high}
        rows.append(cells | {f"{board.metric}:{name}": row.means.get(name) for name in names})
    return render_csv([*CSV_COLUMNS, *(f"{board.metric}:{name}" for name in names)], rows)


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

    words = f"Leaderboard across {plural(len(board.datasets), 'dataset')}"
    print_sentence(console, words, style="bold")
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, show_edge=False)
    rows = board.rows[:_N_SHOWN]
    columns = _fitted(board, rows, width=console.width)
    for title in columns:
        if title == "candidate":
            table.add_column(title, overflow="fold")
        else:
            table.add_column(Text(title), justify="right", no_wrap=True)
    for cells in zip(*columns.values(), strict=True):
        table.add_row(*map(Text, cells))
    console.print(table)
    if len(board.rows) > _N_SHOWN:
        more = plural(len(board.rows) - _N_SHOWN, "more candidate")
        print_sentence(console, f"{more} in the files", style="dim")
    for line in answer_across(board):
        print_sentence(console, line.replace("`", ""))
    for name, why in board.left_out:
        print_sentence(console, f"left out: {name} ({why})", style="dim")
    console.print(Text(f"Full board: {clean(str(folder / 'leaderboard.md'))}"), soft_wrap=True)


def _fitted(board: AcrossBoard, rows: Sequence[AcrossRow], *, width: int) -> dict[str, list[str]]:
    """Return title → cells; without the last columns where not all of them fit."""
    columns = {c.title: [clean(c.text(row)) for row in rows] for c in _columns(board)}
    if sum(map(_width_of, columns, columns.values())) <= width + _GAP:
        return columns
    columns = {title.replace(" ", "\n"): cells for title, cells in columns.items()}
    names = columns["candidate"]
    columns["candidate"] = wrap_names(names, NAME_WIDTH)
    while len(columns) > _N_KEPT and sum(map(_width_of, columns, columns.values())) > width + _GAP:
        columns.popitem()
    others = sum(_width_of(*column) for column in columns.items() if column[0] != "candidate")
    columns["candidate"] = wrap_names(names, width - others)
    return columns


def _width_of(title: str, cells: Sequence[str]) -> int:
    return _GAP + longest_line([title, *cells])
