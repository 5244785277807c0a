"""Writes ``index.html`` beside the folders of the datasets."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.analysis.across import AcrossBoard
from bench.domain import DatasetFacts
from bench.metrics import METRICS
from bench.reports.across import answer_across, explain_across
from bench.reports.escaping import clean, shorten
from bench.reports.index.board import board_data, reasons_of
from bench.reports.index.cards import Card, Shown, Unreadable, build_card, links_to
from bench.reports.numbers import plural
from bench.reports.page.context import TITLE_WIDTH
from bench.reports.page.rendering import read_scripts, render_template
from bench.store import write_text

NAME = "index.html"
FOLDER = Path(__file__).parent
SCRIPTS = ("elements", "numbers", "charts", "tables", "theme")


@dataclass(frozen=True)
class IndexContent:
    """What the index shows: readable folders, the board over them, and the others.

    ``shown`` stands in the order of the entries that ``board`` was built of.
    """

    shown: Sequence[Shown]
    board: AcrossBoard
    unreadable: Sequence[Unreadable] = ()


def write_index(out: Path, content: IndexContent) -> Path:
    """Write the page into ``out``, where the folders are, and return its path."""
    write_text(out / NAME, render_index(out, content))
    return out / NAME


def render_index(out: Path, content: IndexContent) -> str:
    """Return the page; links are as seen from ``out``."""
    shown, board = content.shown, content.board
    facts = [one.findings.leaderboard.run.facts for one in shown]
    pairs = zip(shown, reasons_of(board, facts), strict=True)
    cards = [build_card(one, reason=reason) for one, reason in pairs]
    cards.sort(key=lambda card: (bool(card.reason), card.title.casefold()))
    context = {
        "title": _title(facts),
        "cards": cards,
        "unreadable": [_unreadable(one) for one in content.unreadable],
        "has_auc_bars": any(card.top and card.top.metric == "roc_auc" for card in cards),
        "answer": answer_across(board),
        "legend": explain_across(board),
        "n_counted": len(board.datasets),
        "metric": METRICS.lookup(board.metric).title,
        "files": [name for name in ("leaderboard.md", "leaderboard.csv") if (out / name).is_file()],
    }
    data = {"bars": [_bar(card, cards) for card in cards], "board": board_data(board, shown)}
    script = read_scripts(SCRIPTS, FOLDER / "index.js")
    return render_template(FOLDER / "index.html", context, data=data, script=script)


def _title(facts: Sequence[DatasetFacts]) -> str:
    """Return how many datasets there are, and in how many folders if some have several."""
    n_datasets = len({one.name for one in facts})
    folders = f" in {len(facts)} folders" if n_datasets < len(facts) else ""
    return plural(n_datasets, "dataset") + folders


def _bar(card: Card, cards: Sequence[Card]) -> dict[str, Any] | None:
    """Return what is drawn on a card; bars of one metric share a scale."""
    if card.top is None:
        return None
    metric = card.top.metric
    tops = [one.top for one in cards if one.top and one.top.metric == metric]
    bounds = [value for top in tops for value in top.bounds if math.isfinite(value)]
    range_ = (0.5, 1.0) if metric == "roc_auc" else (min(bounds), max(bounds))
    return {"bounds": card.top.bounds, "range": range_}


def _unreadable(one: Unreadable) -> dict[str, Any]:
    return {
        "name": shorten(clean(one.folder.name), TITLE_WIDTH),
        "message": one.message,
        "hint": one.hint,
        "links": links_to(one.folder),
    }
