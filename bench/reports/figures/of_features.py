"""Figures of features: shares, agreement, stability, what strategies do to the ranking."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Any, NamedTuple

from bench.analysis.importance import ImportanceTable
from bench.domain import Candidate, Leaderboard
from bench.reports.csv_files import IMPORTANCE
from bench.reports.figures import known
from bench.reports.figures.exhibits import (
    CANDIDATE,
    Exhibit,
    Material,
    both_ends,
    candidate_cells,
)
from bench.reports.figures.of_dependence import exhibit_of_dependence
from bench.reports.figures.values import (
    Cell,
    Dot,
    DotsFigure,
    GridFigure,
    Reference,
)
from bench.reports.importance_views import main_candidates, rows_by_method
from bench.reports.numbers import format_number

_MODELS_RELY = "Importance says what a model relies on, not what makes customers leave."


class _Stability(NamedTuple):
    """How alike splits choose their top features, as the page has it."""

    row: int
    method: str
    n_chosen: int
    n_splits: int
    value: float
    low: float
    high: float


class _Shift(NamedTuple):
    """How alike a strategy and none rank the features, as the page has it.

    ``moves`` are features with their ranks under none and under the strategy.
    """

    row: int
    method: str
    correlation: float
    between_splits: float | None
    moves: Sequence[tuple[str, int, int]]

    @property
    def is_large(self) -> bool:
        """Whether the ranking changes more than it does between two splits of none."""
        return self.between_splits is not None and self.correlation < self.between_splits


def exhibits_of_features(material: Material) -> Iterator[Exhibit]:
    """Return the figures of features, where any fit was explained."""
    found = material.page["features"]
    if found is None:
        return
    yield from exhibits_of_importance(material.importance, material.leaderboard)
    yield _shares(material, found)
    if found["dependence"]:
        yield exhibit_of_dependence(material, found)
    if len(found["judges"]) > 1:
        yield _agreement(material, found)
    if found["stability"]:
        yield _stability(material, [_Stability(*one) for one in found["stability"]], found["total"])
    if found["shifts"]:
        yield _shifts(material, [_Shift(*one) for one in found["shifts"]])


def exhibits_of_importance(table: ImportanceTable, leaderboard: Leaderboard) -> Iterator[Exhibit]:
    """Return the figure of importances by method, where any fit was explained."""
    data = known.importance(table, leaderboard)
    if not data.features:
        return
    yield Exhibit(
        name="feature_importance",
        heading="Importance by method",
        caption=f"What the top {len(data.features)} features have of the importance of all, 100 % "
        "in sum, by method and model. Whiskers: one standard deviation over the splits to each "
        f"side. {_MODELS_RELY}",
        data=data,
        columns=IMPORTANCE,
        rows=[
            {name: getattr(row, name) for name in IMPORTANCE}
            for candidate in main_candidates(table, leaderboard)
            for rows in rows_by_method(table, candidate).values()
            for row in rows.values()
        ],
    )


def _shares(material: Material, found: Mapping[str, Any]) -> Exhibit:
    n_models = len({judge["row"] for judge in found["judges"]})
    shown = list(zip(found["names"], found["overall"], strict=True))
    total = found["total"]
    which = f"the first {known.N_FEATURES} of {total}" if total > known.N_FEATURES else ""
    return Exhibit(
        name="feature_shares",
        heading="Importance over models",
        caption=f"Mean share of the importance over {n_models} models, each of which counts once, "
        f"as the mean of its methods; bars reach from the least to the largest of them. "
        f"{_MODELS_RELY}",
        data=DotsFigure(
            title=material.title("Importance of the features over all models"),
            dots=tuple(
                known.make_dot(name, interval, is_filled=True)
                for name, interval in shown[: known.N_FEATURES]
            ),
            notes=(
                f"mean share over {n_models} models; bars: from the least to the largest",
                *([which] if which else []),
            ),
            references=(Reference(0.0, "solid"),),
            axis="share",
        ),
        columns=("feature", "share", "least", "largest"),
        rows=[
            {"feature": name, "share": mean, "least": least, "largest": largest}
            for name, (mean, least, largest) in shown
        ],
    )


# --- agreement and stability ----------------------------------------------------------


def _judges(material: Material, found: Mapping[str, Any]) -> list[str]:
    return [
        f"{material.rows[judge['row']].candidate.model}, {judge['method']}"
        for judge in found["judges"]
    ]


def _agreement(material: Material, found: Mapping[str, Any]) -> Exhibit:
    names, values = _judges(material, found), found["agreement"]
    numbers = range(len(names))

    def cell(row: int, column: int) -> Cell | None:
        value = values[row][column]
        if column >= row or value is None:  # it is the same both ways
            return None
        return Cell(format_number(value, digits=2), value * abs(value))

    return Exhibit(
        name="feature_agreement",
        heading="Agreement of importances",
        caption="Spearman's rank correlation of the importances of all features between models and "
        "methods: 1 is the same order, 0 is no relation.",
        data=GridFigure(
            title=material.title("Do models and methods agree on the features?"),
            rows=tuple(f"{name} {k + 1}" for k, name in enumerate(names)),
            columns=tuple(str(k + 1) for k in numbers[:-1]),
            cells=tuple(tuple(cell(row, k) for k in numbers[:-1]) for row in numbers),
            notes=("Spearman's rank correlation: 1 is the same order, 0 no relation",),
        ),
        columns=("ranking", "other_ranking", "spearman"),
        rows=[
            {"ranking": names[a], "other_ranking": names[b], "spearman": values[a][b]}
            for a, b in product(numbers, numbers)
            if a < b
        ],
    )


def _stability(material: Material, found: Sequence[_Stability], n_features: int) -> Exhibit:
    stable = sorted(found, key=lambda one: -one.value)
    shown, which = both_ends(stable, known.N_CANDIDATES)
    first = stable[0]
    return Exhibit(
        name="feature_stability",
        heading="Stability of importances",
        caption=f"Do {first.n_splits} splits choose the same top {first.n_chosen} of {n_features} "
        "features? Nogueira's measure with its 95 % interval: 1 is always, 0 as if drawn by lot; "
        "above .75 counts as excellent, below .4 as poor (Nogueira et al. 2018). Splits share "
        "training rows, so that the intervals are too narrow.",
        data=DotsFigure(
            title=material.title(f"Stability of the top {first.n_chosen} features over splits"),
            dots=tuple(
                known.make_dot(
                    f"{_candidate(material, one.row)}, {one.method}",
                    (one.value, one.low, one.high),
                    is_filled=True,
                )
                for one in shown
            ),
            notes=(
                "Nogueira's stability with 95 % interval: 1 always the same, 0 as if by lot",
                "dotted: .4 and .75, below which it counts as poor, above as excellent",
                *([which] if which else []),
            ),
            references=tuple(Reference(at, "dotted") for at in (0.4, 0.75)),
        ),
        columns=(*CANDIDATE, "method", "n_chosen", "n_splits", "stability", "low", "high"),
        rows=[
            {
                **candidate_cells(_candidate(material, one.row)),
                "method": one.method,
                "n_chosen": one.n_chosen,
                "n_splits": one.n_splits,
                "stability": one.value,
                "low": one.low,
                "high": one.high,
            }
            for one in stable
        ],
    )


def _candidate(material: Material, row: int) -> Candidate:
    return material.rows[row].candidate


# --- what strategies do ---------------------------------------------------------------


def _shifts(material: Material, found: Sequence[_Shift]) -> Exhibit:
    shifts = sorted(found, key=lambda one: one.correlation)
    shown = shifts[: known.N_BRIEF]
    left_out = f"the {len(shown)} least like none of {len(shifts)}"
    return Exhibit(
        name="feature_shifts",
        heading="What strategies do to the ranking of the features",
        caption="Spearman's rank correlation of the importances of all features with those of "
        "the same candidate without a strategy, on the same split, means over splits. A line "
        "leads to the correlation between two splits without a strategy. Filled: less alike "
        "than these, the strategy changes the ranking more than other training rows do.",
        data=DotsFigure(
            title=material.title("What strategies do to the ranking of the features"),
            dots=tuple(
                Dot(
                    f"{_candidate(material, one.row)}, {one.method}",
                    one.correlation,
                    *_ends_of(one),
                    is_filled=one.is_large,
                )
                for one in shown
            ),
            notes=(
                "dot: rank correlation with none on the same split",
                "line: to that of two splits of none; filled: below it, more than other rows do",
                *([left_out] if len(shown) < len(shifts) else []),
            ),
        ),
        columns=(*CANDIDATE, "method", "like_none", "splits_of_none", "largest_moves"),
        rows=[
            {
                **candidate_cells(_candidate(material, one.row)),
                "method": one.method,
                "like_none": one.correlation,
                "splits_of_none": one.between_splits,
                "largest_moves": ", ".join(f"{name} {a} → {b}" for name, a, b in one.moves),
            }
            for one in shifts
        ],
    )


def _ends_of(one: _Shift) -> tuple[float, float]:
    other = one.correlation if one.between_splits is None else one.between_splits
    return min(one.correlation, other), max(one.correlation, other)
