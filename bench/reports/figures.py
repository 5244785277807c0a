"""Figures as SVG and PNG, drawn only when what they show has changed.

What a figure shows is gathered here as plain values; their digest is kept in
the files, so that an unchanged run neither draws nor imports matplotlib.
"""

from __future__ import annotations

import inspect
import math
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from bench.domain import BoardRow, Candidate, Leaderboard
from bench.identity import digest
from bench.reports import drawing
from bench.reports.drawing import (
    Dot,
    Drawable,
    ImportanceFigure,
    PairsFigure,
    Panel,
    RankingFigure,
    SweepFigure,
    SweepPanel,
)
from bench.reports.escaping import shorten
from bench.reports.importance_views import (
    in_shown_order,
    main_candidates,
    rows_by_method,
    top_features,
)
from bench.reports.tables import BASELINE, RANKING, in_order, lead_by, standin_words
from bench.serial import to_json

if TYPE_CHECKING:
    from bench.analysis.importance import ImportanceTable
    from bench.analysis.sweep import SweepCell, SweepTable

_PLAIN = Candidate("logistic")
_N_CANDIDATES = 30
_N_FEATURES = 12
_N_MODELS = 3
_HEAD_BYTES = 4096


def write_ranking_figure(leaderboard: Leaderboard, folder: Path) -> list[Path]:
    """Write ``ranking.svg`` and ``.png``: the metric that ranks, with intervals and references."""
    data = _ranking(leaderboard)
    if not data.dots:
        return []
    return _write(folder / "ranking", data)


def write_importance_figure(
    table: ImportanceTable, leaderboard: Leaderboard, folder: Path
) -> list[Path]:
    """Write ``feature_importance.svg`` and ``.png``: shares of the top features by method."""
    data = _importance(table, leaderboard)
    if not data.features:
        return []
    return _write(folder / "feature_importance", data)


def _ranking(leaderboard: Leaderboard) -> RankingFigure:
    name = leaderboard.rank_by
    ranked = [row for row in in_order(leaderboard) if row.rank is not None and name in row.scores]
    means = {row.candidate: row.scores[name].mean for row in ranked}
    shown = [row for row in ranked if row.candidate.model != BASELINE]
    baselines = (mean for candidate, mean in means.items() if candidate.model == BASELINE)
    metric = lead_by(RANKING, name).columns[0].title
    return RankingFigure(
        title=_title(leaderboard),
        metric=shorten(metric, 40),
        n_splits=leaderboard.n_splits,
        dots=tuple(_dot(row, name) for row in shown[:_N_CANDIDATES]),
        n_more=max(0, len(shown) - _N_CANDIDATES),
        plain=means.get(_PLAIN),
        baseline=next(baselines, None),
    )


def _dot(row: BoardRow, metric: str) -> Dot:
    score = row.scores[metric]
    low, high = (b if math.isfinite(b) else score.mean for b in (score.low, score.high))
    label = shorten(str(row.candidate), 44)
    return Dot(label, score.mean, low, high, row.is_tied_with_best)


def _importance(table: ImportanceTable, leaderboard: Leaderboard) -> ImportanceFigure:
    candidates = main_candidates(table, leaderboard)[: len(drawing.MARKERS)]
    features = top_features(table, candidates, n=_N_FEATURES)
    by_candidate = {candidate: rows_by_method(table, candidate) for candidate in candidates}
    methods = in_shown_order({m for found in by_candidate.values() for m in found})
    panels = tuple(
        Panel(
            method,
            tuple(
                (candidate.model, tuple(rows[f].share if f in rows else None for f in features))
                for candidate, methods_of in by_candidate.items()
                if (rows := methods_of.get(method))
            ),
        )
        for method in methods
    )
    return ImportanceFigure(
        title=_title(leaderboard),
        features=tuple(shorten(feature, 26) for feature in features),
        models=tuple(candidate.model for candidate in candidates),
        panels=panels,
    )


def _title(leaderboard: Leaderboard) -> str:
    facts = leaderboard.run.facts
    return shorten(facts.title or facts.name, 48) + standin_words(leaderboard)


def write_sweep_figure(table: SweepTable, folder: Path) -> list[Path]:
    """Write ``sweep.svg`` and ``.png``: gains over ``none`` by prevalence, metric and model."""
    data = _sweep(table)
    if not data.strategies:
        return []
    return _write(folder / "sweep", data)


def _sweep(table: SweepTable) -> SweepFigure:
    from bench.analysis.sweep import title_of

    models = table.plain[:_N_MODELS]
    tested = [cell for cell in table.cells if cell.difference is not None]
    strategies = tuple(dict.fromkeys(cell.candidate.strategy for cell in tested))
    by_key = {(cell.metric, cell.prevalence, cell.candidate): cell for cell in tested}

    def line(
        metric: str, plain: Candidate, strategy: str
    ) -> tuple[str, tuple[float | None, ...], tuple[bool, ...]]:
        candidate = replace(plain, strategy=strategy)
        cells: list[SweepCell | None] = [
            by_key.get((metric, prevalence, candidate)) for prevalence in table.prevalences
        ]
        return (
            strategy,
            tuple(None if cell is None else cell.gain for cell in cells),
            tuple(cell is not None and cell.is_beyond_noise for cell in cells),
        )

    return SweepFigure(
        title=shorten(table.facts.title or table.facts.name, 48)
        + (" (STAND-IN DATA)" if table.facts.is_standin else ""),
        prevalences=table.prevalences,
        strategies=strategies,
        models=tuple(plain.model for plain in models),
        panels=tuple(
            SweepPanel(
                shorten(title_of(metric), 34),
                plain.model,
                tuple(line(metric, plain, strategy) for strategy in strategies),
            )
            for metric in table.metrics
            for plain in models
        ),
    )


def write_pairs_figure(data: PairsFigure, stem: Path) -> list[Path]:
    """Write ``stem.svg`` and ``.png`` of two figures a line; nothing where there are no lines."""
    return _write(stem, data) if data.labels else []


def _write(stem: Path, data: Drawable) -> list[Path]:
    """Write both formats unless both were drawn from the same values already."""
    from bench.store import write_bytes

    # The drawing's own source is in the mark, so that a changed look is drawn too.
    mark = digest("figure", inspect.getsource(drawing), type(data).__name__, to_json(data))
    paths = [stem.with_suffix(".svg"), stem.with_suffix(".png")]
    if not all(_is_drawn(path, mark) for path in paths):
        for path, content in zip(paths, drawing.draw(data, mark=mark), strict=True):
            write_bytes(path, content)
    return paths


def _is_drawn(path: Path, mark: str) -> bool:
    """Return whether the description near the start of ``path`` holds ``mark``."""
    try:
        with path.open("rb") as file:
            return mark.encode() in file.read(_HEAD_BYTES)
    except FileNotFoundError:
        return False
