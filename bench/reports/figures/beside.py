"""Figures that stand beside the text of a sweep or of the leak lab."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from bench.reports.figures import known
from bench.reports.figures.files import write_figure
from bench.reports.figures.values import PairsFigure

if TYPE_CHECKING:
    from bench.analysis.sweep import SweepTable


def write_sweep_figure(table: SweepTable, folder: Path) -> list[Path]:
    """Write ``sweep.svg`` and ``.png``: gains over ``none`` by prevalence, metric and model."""
    data = known.sweep(table)
    return write_figure(folder / "sweep", data) if data.strategies else []


def write_pairs_figure(data: PairsFigure, stem: Path) -> list[Path]:
    """Write ``stem.svg`` and ``.png`` of two figures a line; nothing where there are no lines."""
    return write_figure(stem, data) if data.labels else []
