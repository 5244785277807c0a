"""The pages of a prevalence sweep: which strategy wins where, as Markdown, CSV and a picture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bench.analysis.effects import NONE
from bench.analysis.sweep import (
    AT_TRAINING_PREVALENCE,
    SweepCell,
    SweepTable,
    is_lower_better,
    title_of,
)
from bench.domain import Candidate
from bench.reports.csv_files import render_csv
from bench.reports.escaping import escape_markdown
from bench.reports.figures import write_sweep_figure
from bench.reports.markdown_context import render_banner
from bench.reports.markdown_parts import (
    fold_long,
    join_blocks,
    render_code,
    render_sentence,
    render_table,
)
from bench.reports.numbers import format_number, plural
from bench.serial import to_json
from bench.store import write_text

CSV_COLUMNS = (
    "prevalence",
    "positives",
    "model",
    "strategy",
    "tuning",
    "metric",
    "mean",
    "difference",
    "low",
    "high",
    "p_value",
    "adjusted_p_value",
    "beyond_noise",
    "n_splits",
)


def write_sweep(folder: Path, table: SweepTable, *, command: str) -> list[Path]:
    """Write ``sweep.md``, ``sweep.csv`` and the picture into ``folder`` and return their paths."""
    figures = write_sweep_figure(table, folder)
    texts = {
        "sweep.md": render_sweep_markdown(
            table, command=command, figures=[p.name for p in figures if p.suffix == ".svg"]
        ),
        "sweep.csv": render_sweep_csv(table),
    }
    for name, text in texts.items():
        write_text(folder / name, text)
    return [*(folder / name for name in texts), *figures]


def render_sweep_csv(table: SweepTable) -> str:
    """Return one line per prevalence, candidate and metric; blanks where nothing was tested."""
    rows = []
    for cell in table.cells:
        cells = to_json(cell) | to_json(cell.candidate)
        cells |= {"prevalence": f"{cell.prevalence:.6g}", "positives": f"{cell.positives:.1f}"}
        is_tested = cell.difference is not None
        cells["beyond_noise"] = cell.is_beyond_noise if is_tested else None
        rows.append(cells)
    return render_csv(CSV_COLUMNS, rows)


# --- words ----------------------------------------------------------------------------


def best_of(cells: Sequence[SweepCell]) -> SweepCell | None:
    """Return the strategy that gains most over ``none``, as far as any was tested."""
    tested = [cell for cell in cells if cell.difference is not None]
    return max(tested, key=lambda cell: (cell.gain, cell.candidate.strategy), default=None)


def winner_of(cells: Sequence[SweepCell]) -> SweepCell | None:
    """Return the strategy that gains most over ``none`` of those beyond noise, if there are any."""
    ahead = [cell for cell in cells if cell.is_beyond_noise and cell.gain > 0]
    return best_of(ahead)


def sweep_sentences(table: SweepTable) -> list[str]:
    """Return a sentence for each metric and model: where any strategy beats ``none``."""
    sentences = []
    for metric in table.metrics:
        for plain in table.plain:
            cells = [
                cell
                for prevalence in table.prevalences
                for cell in table.select(metric, plain, prevalence)
                if cell.difference is not None
            ]
            if cells:
                told = f"{_wins(cells)}; {_losses(cells)}"
                sentences.append(f"{title_of(metric)}, {_name(plain)}: {told}.")
    return sentences


def _wins(cells: Sequence[SweepCell]) -> str:
    """Return the best strategy of each prevalence where one is ahead beyond noise."""
    found = []
    for prevalence in sorted({cell.prevalence for cell in cells}, reverse=True):
        winner = winner_of([cell for cell in cells if cell.prevalence == prevalence])
        if winner is not None:
            gain = format_number(winner.difference or 0.0, is_signed=True)
            found.append(f"`{winner.candidate.strategy}` at {_share(prevalence)} ({gain})")
    return f"ahead of `none`: {', '.join(found)}" if found else "nothing beats `none` beyond noise"


def _losses(cells: Sequence[SweepCell]) -> str:
    n_worse = sum(cell.is_beyond_noise and cell.gain < 0 for cell in cells)
    return f"harm in {n_worse} of {plural(len(cells), 'comparison')}"


def _name(plain: Candidate) -> str:
    return plain.model if plain.tuning == "default" else f"{plain.model} ({plain.tuning})"


def _share(prevalence: float) -> str:
    return f"{100 * prevalence:.3g} %"


# --- the page -------------------------------------------------------------------------


def render_sweep_markdown(table: SweepTable, *, command: str, figures: Sequence[str] = ()) -> str:
    """Return the page: the answer, the picture, a table a metric, then how it came about."""
    facts = table.facts
    standin = " (STAND-IN DATA)" if facts.is_standin else ""
    title = escape_markdown(facts.title or facts.name, width=80)
    verdicts = [f"- {render_sentence(sentence)}" for sentence in sweep_sentences(table)]
    blocks = [
        f"# Prevalence sweep: {title}{standin}",
        render_banner(facts),
        "Which imbalance strategy beats doing nothing, when there are fewer and fewer positives "
        "to learn from?",
        "\n".join(verdicts),
        *(f"![Gain over none by prevalence]({figure})" for figure in figures),
        _method(table),
    ]
    for metric in table.metrics:
        blocks += _metric(table, metric)
    blocks += ["All changes are in `sweep.csv`.", _omitted(table), "## Again", render_code(command)]
    return join_blocks(blocks)


def _method(table: SweepTable) -> str:
    protocol = table.protocol
    splits = plural(protocol.folds * protocol.repeats, "split")
    return (
        f"Positives are left out of the training rows of each of {splits}, at random and nested: "
        "those left at one prevalence\nare among those left at any higher one. All negatives stay, "
        f"and test rows keep the data's own {_share(table.facts.prevalence)}.\n"
        "Changes are means over splits against `none` with the same model and rows, with corrected "
        "95 % intervals;\n`*` marks those beyond noise (p under .05 after Holm's correction for a "
        "metric's whole sweep)."
    )


def _metric(table: SweepTable, metric: str) -> list[str]:
    rows = []
    for prevalence in table.prevalences:
        for plain in table.plain:
            cells = table.select(metric, plain, prevalence)
            own = next((cell for cell in cells if cell.candidate.strategy == NONE), None)
            if own is not None:
                rows.append(_row(own, best_of(cells)))
    if not rows:
        return []
    lower = " (lower is better)" if is_lower_better(metric) else ""
    titles = ["prevalence", "positives", "model", "none", "best strategy", "", "change"]
    return [
        f"## {title_of(metric)}{lower}",
        _NOTES.get(metric, ""),
        render_table([*titles, "95 % interval"], rows, right=(0, 1, 3, 6, 7)),
    ]


_NOTES = {
    "f1": "At the threshold that is best on the other folds' test rows.",
    "brier": "A learner that met few positives predicts too little for these rows, so that "
    "whatever raises probabilities\nhelps here: this shows the shifted prevalence, not the "
    "strategy. The next table takes the shift out.",
    AT_TRAINING_PREVALENCE: "The classes of the test rows are weighed as among the rows that were "
    "learnt from.",
}


def _row(own: SweepCell, best: SweepCell | None) -> list[str]:
    start = [_share(own.prevalence), f"{own.positives:.0f}", escape_markdown(_name(own.candidate))]
    start.append(format_number(own.mean))
    if best is None:
        return [*start, "", "", "", ""]
    return [*start, escape_markdown(best.candidate.strategy), *_difference(best)]


def _difference(cell: SweepCell) -> list[str]:
    """Return the mark, the change and its interval."""
    change, low, high = (
        format_number(value or 0.0, is_signed=True)
        for value in (cell.difference, cell.low, cell.high)
    )
    return ["*" if cell.is_beyond_noise else "", change, f"[{low}, {high}]"]


def _omitted(table: SweepTable) -> str:
    """Return what was left out or failed, with reasons; nothing where all is there."""
    lines = [f"- {escape_markdown(remark, width=300)}" for remark in table.remarks]
    lines += [
        f"- {_share(prevalence)}: {escape_markdown(str(skip.candidate), width=60)}: "
        f"{escape_markdown(skip.reason, width=300)}"
        for prevalence, skip in table.skips
    ]
    if table.n_failed:
        lines.append(f"- {plural(table.n_failed, 'fit')} failed; their candidates are not shown")
    if not lines:
        return ""
    return join_blocks(["## Left out", fold_long(plural(len(lines), "remark"), lines)]).rstrip()
