"""Figures of features: shares, agreement, stability, what their values do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Any

from bench.reports.csv_files import IMPORTANCE
from bench.reports.escaping import shorten
from bench.reports.figures import known
from bench.reports.figures.exhibits import (
    CANDIDATE,
    Exhibit,
    Material,
    candidate_cells,
    label_of,
)
from bench.reports.figures.values import (
    REFERENCE,
    Axis,
    Band,
    Cell,
    DotsFigure,
    GridFigure,
    Line,
    Plot,
    PlotsFigure,
    Points,
    Reference,
)
from bench.reports.tables import format_number

_MOST_LEVELS = 8
_NAME_WIDTH = 30
_MODELS_RELY = "Importance says what a model relies on, not what makes customers leave."


def exhibits_of_features(material: Material) -> Iterator[Exhibit]:
    """Return the figures of features, where any fit was explained."""
    found = material.page["features"]
    if found is None:
        return
    yield _importance(material)
    yield _shares(material, found)
    if len(found["judges"]) > 1:
        yield _agreement(material, found)
    if found["stability"]:
        yield _stability(material, found)
    if found["dependence"]:
        yield _dependence(material, found, found["dependence"][0])


def _importance(material: Material) -> Exhibit:
    table, data = material.importance, known.importance(material.importance, material.leaderboard)
    return Exhibit(
        name="feature_importance",
        heading="Importance by method",
        caption=f"What the top {len(data.features)} features have of the importance of all, 100 % "
        "in sum, by method and model. Whiskers: one standard deviation over the splits to each "
        f"side. {_MODELS_RELY}",
        data=data,
        columns=IMPORTANCE,
        rows=[{name: getattr(row, name) for name in IMPORTANCE} for row in table.rows],
    )


def _shares(material: Material, found: Mapping[str, Any]) -> Exhibit:
    n_models = len({judge["row"] for judge in found["judges"]})
    shown = list(zip(found["names"], found["overall"], strict=True))
    return Exhibit(
        name="feature_shares",
        heading="Importance over models",
        caption=f"Mean share of the importance over {n_models} models, each of which counts once, "
        f"as the mean of its methods; bars reach from the least to the largest of them. "
        f"{_MODELS_RELY}",
        data=DotsFigure(
            title=material.title("Importance of the features over all models"),
            dots=tuple(
                known.make_dot(shorten(name, _NAME_WIDTH), told, is_filled=True)
                for name, told in shown[: known.N_FEATURES]
            ),
            notes=(f"mean share over {n_models} models; bars: from the least to the largest",),
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
            rows=tuple(f"{shorten(name, _NAME_WIDTH)}  {k + 1}" for k, name in enumerate(names)),
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


def _stability(material: Material, found: Mapping[str, Any]) -> Exhibit:
    stable = sorted(found["stability"], key=lambda one: -one[4])
    _, _, n_chosen, n_splits, *_ = stable[0]
    return Exhibit(
        name="feature_stability",
        heading="Stability of importances",
        caption=f"Do {n_splits} splits choose the same top {n_chosen} of {found['total']} "
        "features? Nogueira's measure with its 95 % interval: 1 is always, 0 as if drawn by lot; "
        "above .75 counts as excellent, below .4 as poor (Nogueira et al. 2018). Splits share "
        "training rows, so that the intervals are too narrow.",
        data=DotsFigure(
            title=material.title(f"Stability of the top {n_chosen} features over splits"),
            dots=tuple(
                known.make_dot(_stable_label(material, one), one[4:7], is_filled=True)
                for one in stable[: known.N_BRIEF]
            ),
            notes=(
                "Nogueira's stability with 95 % interval: 1 always the same, 0 as if by lot",
                "dotted: .4 and .75, below which it counts as poor, above as excellent",
            ),
            references=tuple(Reference(at, "dotted") for at in (0.4, 0.75)),
        ),
        columns=(*CANDIDATE, "method", "n_chosen", "n_splits", "stability", "low", "high"),
        rows=[
            {
                **candidate_cells(material.rows[row].candidate),
                "method": method,
                "n_chosen": n,
                "n_splits": of,
                "stability": value,
                "low": low,
                "high": high,
            }
            for row, method, n, of, value, low, high in stable
        ],
    )


def _stable_label(material: Material, one: Sequence[Any]) -> str:
    return f"{label_of(material.rows[one[0]].candidate)}, {one[1]}"


# --- what values do -------------------------------------------------------------------


def _dependence(material: Material, found: Mapping[str, Any], told: Mapping[str, Any]) -> Exhibit:
    candidate = material.rows[told["row"]].candidate
    features = told["features"]
    bounds = [bound for one in features for part in one["bins"] for bound in part[4:6]]
    room = 0.04 * (max(0.0, *bounds) - min(0.0, *bounds)) or 0.01
    span = (min(0.0, *bounds) - room, max(0.0, *bounds) + room)
    plots = [_dependence_plot(found["names"][one["feature"]], one, span) for one in features]
    return Exhibit(
        name="feature_dependence",
        heading="What the values of features add",
        caption=f"What the values of the top features add to the score of {candidate} (the "
        "logarithm of the odds; SHAP values), above 0 towards leaving. Means over splits; bands "
        "and bars reach from the 10th to the 90th percentile. Ranges and levels with fewer than "
        "10 test rows in a split are left out. What the model has learnt need not be a cause.",
        data=PlotsFigure(
            material.title(f"What values add to the score: {label_of(candidate)}"),
            tuple(plots),
            notes=(
                "SHAP: above 0 towards leaving; bands and bars: 10th to 90th percentile of rows",
            ),
            n_columns=min(3, len(plots)),
            plot_height=1.7,
        ),
        columns=("candidate", "feature", "level", "value", "n_rows", "mean", "low", "high"),
        rows=[
            {
                "candidate": str(candidate),
                "feature": found["names"][one["feature"]],
                "level": level,
                "value": None if one["kind"] == "level" else at,
                "n_rows": n,
                "mean": mean,
                "low": low,
                "high": high,
            }
            for one in features
            for level, at, n, mean, low, high in one["bins"]
        ],
    )


def _dependence_plot(name: str, one: Mapping[str, Any], span: tuple[float, float]) -> Plot:
    """Return a band for a number, a list of its levels for anything else."""
    title = shorten(name, 24)
    known_places = sorted((p for p in one["bins"] if p[1] is not None), key=lambda part: part[1])
    if one["kind"] == "number" and known_places:
        low, high = known_places[0][1], known_places[-1][1]
        missing = [part[3] for part in one["bins"] if part[1] is None]
        where = (
            f"; missing {format_number(missing[0], digits=2, is_signed=True)}" if missing else ""
        )
        return Plot(
            x=Axis(f"value{where}", low, high if high > low else low + 1.0, "count"),
            y=Axis("adds to the score", *span, "signed"),
            lines=(
                Line("", ((low, 0.0), (high, 0.0)), REFERENCE),
                Line("", tuple((part[1], part[3]) for part in known_places), 0),
            ),
            bands=(Band("", tuple((part[1], *part[4:6]) for part in known_places), 0),),
            title=title,
        )
    levels = sorted(one["bins"], key=lambda part: -part[3])[:_MOST_LEVELS]
    places = tuple(enumerate(shorten(str(part[0]), 14) for part in levels))
    rows = range(len(levels))
    return Plot(
        x=Axis("adds to the score", *span, "signed"),
        y=Axis("level", len(levels) - 0.5, -0.5, ticks=tuple((float(k), n) for k, n in places)),
        lines=(Line("", ((0.0, -0.5), (0.0, len(levels) - 0.5)), REFERENCE),),
        points=(
            Points(
                "",
                tuple((part[3], float(k)) for k, part in zip(rows, levels, strict=True)),
                0,
                whiskers=tuple((part[4], part[5]) for part in levels),
                are_whiskers_flat=True,
            ),
        ),
        title=title,
    )
