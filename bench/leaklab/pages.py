"""The lab's files: a page, a table, everything for programs, and a picture."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path

from bench.errors import StoreError
from bench.identity import digest
from bench.leaklab import wording
from bench.leaklab.judging import JUDGED, LabRow, LabTable, gain
from bench.reports.escaping import escape_cell, escape_markdown, shorten
from bench.reports.figures import write_pairs_figure
from bench.reports.figures.values import PairsFigure, PairsPanel
from bench.reports.markdown_context import render_banner
from bench.reports.markdown_parts import (
    fold,
    join_blocks,
    render_code,
    render_sentence,
    render_table,
)
from bench.reports.numbers import plural
from bench.serial import from_json, to_json
from bench.store import write_text

SCHEMA_VERSION = 1
DRAWN = ("roc_auc", "f1_at_05")
PARTS = ("honest", "leaky", "inflation")
CSV_COLUMNS = (
    "mistake",
    "model",
    "metric",
    "honest",
    "leaky",
    "inflation",
    "low",
    "high",
    "p_value",
    "adjusted_p_value",
    "beyond_noise",
    "paired",
    "n_splits",
    "honest_candidate",
)


def write_lab(folder: Path, table: LabTable, *, command: str) -> list[Path]:
    """Write ``leak.md``, ``.csv``, ``.json`` and the picture into ``folder``; return their paths.

    All of it depends on the data and the request alone.
    """
    figures = write_pairs_figure(draw_lab(table), folder / "leak")
    shown = [path.name for path in figures if path.suffix == ".svg"]
    texts = {
        "leak.md": render_lab_markdown(table, command=command, figures=shown),
        "leak.csv": render_lab_csv(table),
        "leak.json": render_lab_json(table),
    }
    for name, text in texts.items():
        write_text(folder / name, text)
    return [*(folder / name for name in texts), *figures]


def render_lab_csv(table: LabTable) -> str:
    """Return one line per mistake, model and metric."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(CSV_COLUMNS)
    for row in table.rows:
        for metric, found in row.inflation.items():
            figures = [found.honest, found.leaky, found.difference, found.low, found.high]
            figures += [found.p_value, found.adjusted_p_value]
            writer.writerow(
                [
                    *map(escape_cell, (row.mistake, row.model)),
                    metric,
                    *(f"{figure:.6f}" for figure in figures),
                    str(found.is_beyond_noise).lower(),
                    str(row.is_paired).lower(),
                    table.n_splits,
                    escape_cell(row.honest_candidate),
                ]
            )
    return text.getvalue()


def render_lab_json(table: LabTable) -> str:
    """Return everything, every split's figures included, with a digest of the content."""
    content = to_json(table)
    document = {"schema_version": SCHEMA_VERSION, "digest": digest("leak-lab", content), **content}
    return json.dumps(document, indent=1, allow_nan=False) + "\n"


def read_lab_json(path: Path) -> LabTable:
    """Return the table that `render_lab_json` wrote.

    Raises
    ------
    StoreError
        If there is none, or it is not ours, or was changed since.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        version, mark = document.pop("schema_version"), document.pop("digest")
        if version != SCHEMA_VERSION or mark != digest("leak-lab", document):
            raise ValueError("it is not what the lab wrote")
        return from_json(LabTable, document)
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise StoreError(
            f"{path}: cannot be used: {error}", hint="run the lab again: python -m bench leak"
        ) from None


# --- the picture ----------------------------------------------------------------------


def draw_lab(table: LabTable) -> PairsFigure:
    """Return what the picture shows: honest and leaky figures by mistake, the worst first."""
    by_key = {(row.mistake, row.model): row for row in table.rows}
    names = [m.name for m in table.mistakes if table.rows_of(m.name)]
    names.sort(key=lambda name: (-_worst(table.rows_of(name)), name))
    titles = {mistake.name: mistake.title for mistake in table.mistakes}

    def pair(name: str, model: str, metric: str) -> tuple[float, float] | None:
        row = by_key.get((name, model))
        found = None if row is None else row.inflation.get(metric)
        return None if found is None else (found.honest, found.leaky)

    panels = []
    for metric in DRAWN:
        series = [
            (model, tuple(pair(name, model, metric) for name in names)) for model in table.models
        ]
        shown = tuple(one for one in series if any(one[1]))
        if shown:
            panels.append(PairsPanel(wording.title_of(metric), shown))
    standin = " (STAND-IN DATA)" if table.facts.is_standin else ""
    return PairsFigure(
        title=shorten(table.facts.title or table.facts.name, 48) + standin,
        labels=tuple(shorten(titles[name], 44) for name in names),
        panels=tuple(panels),
        caption=f"hollow: honest; filled: with the mistake; means over {table.n_splits} splits",
    )


def _worst(rows: Sequence[LabRow]) -> float:
    """Return the most that a mistake adds to the ranking, and else to decisions."""
    return max(
        sum(
            weight * gain(metric, row.inflation[metric].difference)
            for metric, weight in (("roc_auc", 1.0), ("f1", 1e-3))
            if metric in row.inflation
        )
        for row in rows
    )


# --- the page -------------------------------------------------------------------------


def render_lab_markdown(table: LabTable, *, command: str, figures: Sequence[str] = ()) -> str:
    """Return the page: what is worst, the picture, the board, each mistake, the checklist."""
    facts = table.facts
    standin = " (STAND-IN DATA)" if facts.is_standin else ""
    title = escape_markdown(facts.title or facts.name, width=80)
    told = [*wording.honest_sentences(table), *wording.highest_sentences(table)]
    harmless = wording.harmless_sentence(table)
    told += [harmless] if harmless else []
    if facts.accepted:
        told.append(f"Run in spite of severe findings: {', '.join(facts.accepted)}.")
    blocks = [
        f"# Leak lab: {title}{standin}",
        render_banner(facts),
        "What would each mistake have made of the same models on the same customers?",
        "\n".join(f"- {render_sentence(sentence)}" for sentence in told),
        *(f"![Honest and leaky figures by mistake]({figure})" for figure in figures),
        _method(table),
        "## The board",
        *(_board(table, model) for model in table.models),
        "All metrics are in `leak.csv`, every split's figures in `leak.json`.",
        "## The mistakes",
        _mistakes(table),
        "## How to tell from a paper",
        _checklist(table),
        _left_out(table),
        "## Again",
        render_code(command),
    ]
    return join_blocks(blocks)


def _method(table: LabTable) -> str:
    splits = plural(table.n_splits, "split")
    return (
        f"One mistake at a time: everything else is as in the honest fit. Figures are means over "
        f"{splits} ({table.folds} folds, {plural(table.repeats, 'repeat')}, seed {table.seed}).\n"
        "Brackets hold the 95 % interval of the difference leaky − honest, by the corrected "
        "resampled t-test over splits (Nadeau & Bengio 2003),\neach row taken alone; `*` marks "
        "what holds up among all rows (p under .05 after Holm's correction for a metric).\n"
        "Differences are paired, split by split. Where the mistake changes who is tested on "
        "(resampling, copies, several rows a customer),\nsplits have no partners, and the "
        "interval is that of two independent sets (Welch–Satterthwaite), too wide rather than too "
        "narrow.\n"
        "Honest thresholds come from the other folds; F1 at .5 needs none."
    )


def _board(table: LabTable, model: str) -> str:
    rows = [row for row in table.rows if row.model == model]
    if not rows:
        return ""
    rows.sort(key=lambda row: (-_worst([row]), row.mistake))
    shown = [m for m in DRAWN if any(m in row.inflation for row in rows)]
    titles = ["mistake", *(f"{wording.title_of(m)} {part}" for m in shown for part in PARTS)]
    cells = [[f"`{row.mistake}`", *_figures(row, shown)] for row in rows]
    more = [m for m in JUDGED if m not in DRAWN and any(m in row.inflation for row in rows)]
    others = [
        [f"`{row.mistake}`", *(_change(row, metric) for metric in more), f"`{_against(row)}`"]
        for row in rows
    ]
    other_titles = ["mistake", *(wording.title_of(metric) for metric in more), "honest is"]
    n_cells = len(shown) * len(PARTS)
    return join_blocks(
        [
            f"### {escape_markdown(model, width=60)}",
            render_table(titles, cells, right=range(1, n_cells + 1)),
            fold(
                "What it adds to other metrics",
                render_table(other_titles, others, right=range(1, len(more) + 1)),
            ),
        ]
    ).rstrip()


def _figures(row: LabRow, metrics: Sequence[str]) -> list[str]:
    cells: list[str] = []
    for metric in metrics:
        found = row.inflation.get(metric)
        if found is None:
            cells += ["", "", ""]
        else:
            cells += [wording.short(found.honest), wording.short(found.leaky), _change(row, metric)]
    return cells


def _change(row: LabRow, metric: str) -> str:
    found = row.inflation.get(metric)
    if found is None:
        return ""
    return wording.interval(found) + (" *" if found.is_beyond_noise else "")


def _against(row: LabRow) -> str:
    return shorten(row.honest_candidate, 70).replace("`", "'")


def _mistakes(table: LabTable) -> str:
    return "\n".join(
        f"- **`{mistake.name}`**: {wording.explanation_of(mistake, table)}"
        for mistake in table.mistakes
        if table.rows_of(mistake.name)
    )


def _checklist(table: LabTable) -> str:
    return "\n".join(
        f"- [ ] {render_sentence(tell)}\n  *{render_sentence(found)}*"
        for tell, found in wording.checklist(table)
    )


def _left_out(table: LabTable) -> str:
    lines = wording.left_out_lines(table)
    if not lines:
        return ""
    told = "\n".join(f"- {escape_markdown(line, width=300)}" for line in lines)
    return f"## Left out\n\n{told}"
