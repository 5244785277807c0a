"""The board over datasets as the index's script draws it: plain values, named as it names them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bench.analysis.across import AcrossBoard, AcrossRow
from bench.analysis.choice import BASELINE, PLAIN
from bench.domain import BoardRow, Candidate, DatasetFacts
from bench.metrics import METRICS
from bench.reports.boards import in_order
from bench.reports.escaping import shorten
from bench.reports.index.cards import Shown, address_of
from bench.serial import to_json

_COLUMN_WIDTH = 16
_TIED, _SAME = 1, 2


@dataclass(frozen=True)
class _Place:
    """A candidate on the board of one dataset: its line there, and what it is marked with."""

    line: int
    marks: int


def reasons_of(board: AcrossBoard, facts: Sequence[DatasetFacts]) -> list[str]:
    """Return why each dataset is not on ``board``, in their order; nothing where it is."""
    reasons = [""] * len(facts)
    left_out = iter(board.left_out)
    for k in sorted(range(len(facts)), key=lambda k: facts[k].name):
        if not _is_counted(board, facts[k]):
            reasons[k] = next(left_out)[1]
    return reasons


def _is_counted(board: AcrossBoard, facts: DatasetFacts) -> bool:
    # Two folders may hold equal facts, of which one counts.
    return any(one.facts is facts for one in board.datasets)


def board_data(board: AcrossBoard, shown: Sequence[Shown]) -> dict[str, Any]:
    """Return the board; a row's cells stand in the order of the datasets that count."""
    metric = METRICS.lookup(board.metric)
    counted = [
        next(one for one in shown if one.findings.leaderboard.run.facts is dataset.facts)
        for dataset in board.datasets
    ]
    places = [_places(one, metric=board.metric) for one in counted]
    best = [_best(board, dataset.facts.name) for dataset in board.datasets]
    return {
        "metric": metric.title,
        "isLowerBetter": metric.sign < 0,
        "baseline": BASELINE,
        "plain": str(PLAIN),
        "rope": board.rope,
        "datasets": [
            {
                "name": dataset.facts.name,
                "short": shorten(dataset.facts.name, _COLUMN_WIDTH),
                "report": _report(one),
                "isMarked": one.findings.leaderboard.rank_by == board.metric,
                "nComplete": dataset.n_complete,
            }
            for dataset, one in zip(board.datasets, counted, strict=True)
        ],
        "rows": [_row(board, row, places, best) for row in board.rows],
    }


def _report(shown: Shown) -> str:
    has_page = (shown.folder / "report.html").is_file()
    return address_of(shown.folder, "report.html") if has_page else ""


def _places(shown: Shown, *, metric: str) -> dict[Candidate, _Place]:
    """Return where candidates stand; unmarked where another metric ranks, and was tested."""
    board = shown.findings.leaderboard
    is_marked = board.rank_by == metric
    return {
        row.candidate: _Place(line, _marks(row) if is_marked else 0)
        for line, row in enumerate(in_order(board))
    }


def _marks(row: BoardRow) -> int:
    return _TIED * row.is_tied_with_best + _SAME * row.is_equivalent_to_best


def _best(board: AcrossBoard, name: str) -> float:
    """Return the best figure on a dataset, also of candidates that other datasets lack."""
    values = [row.means[name] for row in board.rows if name in row.means]
    return max(values, key=lambda value: METRICS.lookup(board.metric).sign * value)


def _row(
    board: AcrossBoard,
    row: AcrossRow,
    places: Sequence[Mapping[Candidate, _Place]],
    best: Sequence[float],
) -> dict[str, Any]:
    candidate, elo = row.candidate, row.elo
    cells = [
        _cell(row.means.get(dataset.facts.name), of.get(candidate))
        for dataset, of in zip(board.datasets, places, strict=True)
    ]
    return {
        "name": str(candidate),
        **to_json(candidate),
        "rank": row.rank,
        "meanRank": row.mean_rank,
        "mean": row.mean,
        "p": row.p_value,
        "chances": [row.better, row.same, row.worse],
        "elo": None if elo is None else [elo.low, elo.rating, elo.high],
        "n": row.n_datasets,
        "firsts": sum(
            cell is not None and cell[0] == b for cell, b in zip(cells, best, strict=True)
        ),
        "ties": sum(cell is not None and bool(cell[1] & _TIED) for cell in cells),
        "cells": cells,
    }


def _cell(mean: float | None, place: _Place | None) -> list[Any] | None:
    """Return mean, marks (1 tied with the best there, 2 as good) and line of the board there."""
    if mean is None:
        return None
    return [mean, 0, None] if place is None else [mean, place.marks, place.line]
