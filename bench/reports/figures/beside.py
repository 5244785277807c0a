"""Figures that other files link to: of a board, of a sweep, of the leak lab."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from bench.domain import Leaderboard
from bench.reports.figures import known
from bench.reports.figures.files import remove_figure, write_figure
from bench.reports.figures.values import PairsFigure

if TYPE_CHECKING:
    from bench.analysis.importance import ImportanceTable
    from bench.analysis.sweep import SweepTable


def write_ranking_figure(leaderboard: Leaderboard, folder: Path) -> list[Path]:
    """Write ``ranking.svg`` and ``.png``: the metric that ranks, with intervals and references."""
    data = known.ranking(leaderboard)
    if not data.dots:
        remove_figure(folder / "ranking")
        return []
    return write_figure(folder / "ranking", data)


def write_importance_figure(
    table: ImportanceTable, leaderboard: Leaderboard, folder: Path
) -> list[Path]:
    """Write ``feature_importance.svg`` and ``.png``: shares of the top features by method."""
    data = known.importance(table, leaderboard)
    if not data.features:
        remove_figure(folder / "feature_importance")
        return []
    return write_figure(folder / "feature_importance", data)


def write_sweep_figure(table: SweepTable, folder: Path) -> list[Path]:
    """Write ``sweep.svg`` and ``.png``: gains over ``none`` by prevalence, metric and model."""
    data = known.sweep(table)
    return write_figure(folder / "sweep", data) if data.strategies else []


def write_pairs_figure(data: PairsFigure, stem: Path) -> list[Path]:
    """Write ``stem.svg`` and ``.png`` of two figures a line; nothing where there are no lines."""
    return write_figure(stem, data) if data.labels else []
