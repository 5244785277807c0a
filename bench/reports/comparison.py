"""Two runs side by side, in the terminal and for pipes: what got better, worse, or stayed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from bench.analysis.comparison import OUTCOMES, ComparedRow, Comparison
from bench.analysis.wording import format_margin
from bench.domain import Candidate
from bench.metrics import METRICS
from bench.reports.csv_files import render_csv
from bench.reports.escaping import clean, escape_markdown
from bench.reports.latex import escape_latex, render_latex_table
from bench.reports.markdown_parts import fold_long, join_blocks, render_table
from bench.reports.numbers import format_number, plural
from bench.reports.wrapping import NAME_WIDTH, longest_line, print_sentence, wrap_names
from bench.serial import to_json

if TYPE_CHECKING:
    from rich.console import Console

SCHEMA_VERSION = 1
TITLES = ("candidate", "A", "B", "B - A", "95 % interval", "p", "B is")
_DROPPED = (("p",), ("95 % interval",), ("A", "B"))
"""What a narrow terminal does without, in this order."""
_GAP = 2
_NAMED = 6
"""More candidates than these are counted, not named."""
_FIGURES = (
    "outcome",
    "first",
    "second",
    "difference",
    "low",
    "high",
    "p_value",
    "adjusted_p_value",
    "equivalence_p_value",
)


def summarise(comparison: Comparison) -> str:
    """Return the outcome in one sentence."""
    names = f"B ({comparison.names[1]}) against A ({comparison.names[0]})"
    rows = comparison.rows
    if not rows:
        return f"{names}: no candidate is in both and can be compared."
    title = METRICS.lookup(comparison.metric).title
    if comparison.count("identical") == len(rows):
        n_splits = plural(comparison.n_splits[0], "split")
        told = f"identical predictions of {_all(len(rows))} over {n_splits}"
        return f"{names}: {told}{_left_out(comparison)}."
    counts = []
    margin = format_margin(comparison.margin)
    for outcome in ("better", "worse", "equivalent", "undecided", "identical"):
        n = comparison.count(outcome)
        words = f"{outcome} (within ±{margin})" if outcome == "equivalent" else outcome
        counts += [f"{n} {words}"] if n or outcome in ("better", "worse") else []
    old, new = comparison.n_splits
    splits = (
        f"paired over {plural(old, 'split')}"
        if comparison.is_paired
        else (f"over {old} and {new} splits, not paired")
    )
    return (
        f"{names} by {title}, {splits}: of {plural(len(rows), 'candidate')} "
        f"{', '.join(counts)}{_left_out(comparison)}."
    )


def _all(n: int) -> str:
    return "the only candidate" if n == 1 else f"all {n:,} candidates"


def _left_out(comparison: Comparison) -> str:
    """Return how many candidates are not compared, and why."""
    parts = (
        (comparison.only_first, "only in A"),
        (comparison.only_second, "only in B"),
        (comparison.incomplete, "incomplete"),
        (comparison.without_metric, _without(comparison)),
    )
    counts = [f"{len(found)} {words}" for found, words in parts if found]
    return f"; {', '.join(counts)}" if counts else ""


def _without(comparison: Comparison) -> str:
    """Return what candidates lack that the metric is about."""
    metric = METRICS.lookup(comparison.metric)
    return f"without {'probabilities' if metric.needs == 'probabilities' else metric.title}"


def describe_comparison(comparison: Comparison) -> list[str]:
    """Return what must be known beside the table, one sentence a line."""
    lines = [f"Note: {remark}." for remark in comparison.remarks]
    for found, words in (
        (comparison.only_first, "Only in A"),
        (comparison.only_second, "Only in B"),
        (comparison.incomplete, "Not compared, for it lacks splits or the metric in A or B"),
        (comparison.without_metric, f"Not compared, {_without(comparison)}"),
    ):
        if found:
            lines.append(f"{words}: {_named(found)}.")
    changes = [f"{name} {old} → {new}" for name, old, new in comparison.changes]
    if changes:
        lines.append(f"Different in B: {', '.join(changes)}.")
    return lines


def _named(candidates: Sequence[Candidate]) -> str:
    more = f" and {len(candidates) - _NAMED} more" if len(candidates) > _NAMED else ""
    return ", ".join(map(str, candidates[:_NAMED])) + more


def _legend(comparison: Comparison) -> str:
    return (
        "95 % intervals of each candidate alone, corrected for shared training rows; p after Holm "
        f"over all that were tested; equivalent: within ±{format_margin(comparison.margin)} by two "
        "one-sided tests at 5 %."
    )


def _cells(row: ComparedRow, *, digits: int = 4) -> list[str]:
    """Return the figures and the outcome of one candidate, without its name."""
    low, high = (format_number(end, digits=digits, is_signed=True) for end in (row.low, row.high))
    return [
        format_number(row.first, digits=digits),
        format_number(row.second, digits=digits),
        format_number(row.difference, digits=digits, is_signed=True),
        f"[{low}, {high}]" if low and high else "",
        _p_value(row.adjusted_p_value),
        row.outcome,
    ]


def _p_value(p_value: float | None) -> str:
    return "<.001" if p_value is not None and p_value < 0.001 else format_number(p_value, digits=3)


# --- for pipes ------------------------------------------------------------------------


def render_comparison_markdown(comparison: Comparison) -> str:
    """Return the outcome, the table and what must be known beside it."""
    rows = [[escape_markdown(str(r.candidate), width=60), *_cells(r)] for r in comparison.rows]
    blocks = ["# Comparison of two runs", escape_markdown(summarise(comparison))]
    if rows:
        blocks += [
            render_table(TITLES, rows, right=range(1, 6)),
            escape_markdown(_legend(comparison)),
        ]
    notes = [f"- {escape_markdown(line)}" for line in describe_comparison(comparison)]
    return join_blocks([*blocks, fold_long(f"{len(notes)} notes", notes)])


def render_comparison_csv(comparison: Comparison) -> str:
    """Return one line per candidate, those in one run only at the end."""
    names = ("model", "strategy", "tuning", "preparation", "repair", "decision")
    lines = [
        {**to_json(row.candidate), **{name: getattr(row, name) for name in _FIGURES}}
        for row in comparison.rows
    ]
    for found, outcome in (
        (comparison.only_first, "only in A"),
        (comparison.only_second, "only in B"),
        (comparison.incomplete, "incomplete"),
        (comparison.without_metric, _without(comparison)),
    ):
        lines += [{**to_json(candidate), "outcome": outcome} for candidate in found]
    return render_csv((*names, *_FIGURES), lines)


def render_comparison_json(comparison: Comparison) -> str:
    """Return everything, for programs."""
    document = {
        "schema_version": SCHEMA_VERSION,
        "summary": summarise(comparison),
        "counts": {outcome: comparison.count(outcome) for outcome in OUTCOMES},
        **to_json(comparison),
    }
    return json.dumps(document, indent=1, allow_nan=False) + "\n"


def render_comparison_latex(comparison: Comparison) -> str:
    """Return the table for a paper."""
    rows = [
        [escape_latex(str(row.candidate)), *(_minus(cell) for cell in _cells(row))]
        for row in comparison.rows
    ]
    return render_latex_table(
        ["Candidate", "A", "B", "B $-$ A", r"95 \% interval", "$p$", "B is"],
        rows,
        right=range(1, 6),
        caption=escape_latex(summarise(comparison)),
        notes=[escape_latex(line) for line in (_legend(comparison), *comparison.remarks)],
    )


def _minus(cell: str) -> str:
    return cell.replace("-", "$-$").replace("<", "$<$")


# --- in the terminal --------------------------------------------------------------------


def print_comparison(comparison: Comparison, console: Console) -> None:
    """Print what changed and the outcome under it; nothing of a stranger is interpreted."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    styles = {"worse": "bold red", "better": "bold green", "undecided": ""}
    changed = [row for row in comparison.rows if row.outcome != "identical"]
    if changed:
        table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, show_edge=False)
        table.add_column("candidate", overflow="fold")
        names, figures = _fitted(changed, width=console.width)
        for title in figures:
            is_text = title == TITLES[-1]
            table.add_column(title, justify="left" if is_text else "right", no_wrap=True)
        for row, *cells in zip(changed, names, *figures.values(), strict=True):
            table.add_row(*map(Text, cells), style=styles.get(row.outcome, "dim"))
        console.print(table)
        print_sentence(console, _legend(comparison), style="dim")
    for line in describe_comparison(comparison):
        print_sentence(console, line, style="dim")
    print_sentence(console, summarise(comparison), style="bold")


def _fitted(
    rows: Sequence[ComparedRow], *, width: int
) -> tuple[list[str], dict[str, tuple[str, ...]]]:
    """Return the names, broken if need be, and title → cells of the columns that fit beside."""
    names = [clean(str(row.candidate)) for row in rows]
    figures = dict(zip(TITLES[1:], zip(*map(_cells, rows), strict=True), strict=True))
    longest = min(NAME_WIDTH, longest_line(names))
    for titles in _DROPPED:
        if longest + _width_of(figures) > width:
            figures = {title: cells for title, cells in figures.items() if title not in titles}
    room = width - _width_of(figures)
    return names if longest_line(names) <= room else wrap_names(names, room), figures


def _width_of(figures: Mapping[str, Sequence[str]]) -> int:
    return sum(_GAP + max(map(len, (title, *cells))) for title, cells in figures.items())
