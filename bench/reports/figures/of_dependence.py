"""The figure of what the values of features add to the score."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from bench.reports.figures.exhibits import Exhibit, Material, both_ends, label_of
from bench.reports.figures.values import REFERENCE, Axis, Band, Line, Plot, PlotsFigure, Points
from bench.reports.numbers import format_number

_MOST_LEVELS = 8


class _Bin(NamedTuple):
    """What rows of one range or level add to the score, as the page has it.

    ``at`` is the mean value there, None for what has none.
    """

    level: str | None
    at: float | None
    n_rows: int
    mean: float
    low: float
    high: float


def exhibit_of_dependence(material: Material, found: Mapping[str, Any]) -> Exhibit:
    """Return what the values of the top features add, by the first candidate that tells."""
    told = found["dependence"][0]
    candidate = material.rows[told["row"]].candidate
    features = [
        (found["names"][one["feature"]], one["kind"], [_Bin(*part) for part in one["bins"]])
        for one in told["features"]
    ]
    bounds = [bound for _, _, bins in features for part in bins for bound in (part.low, part.high)]
    room = 0.04 * (max(0.0, *bounds) - min(0.0, *bounds)) or 0.01
    span = (min(0.0, *bounds) - room, max(0.0, *bounds) + room)
    return Exhibit(
        name="feature_dependence",
        heading="What the values of features add",
        caption=f"What the values of the top features add to the score of {candidate} (the "
        "logarithm of the odds; SHAP values), above 0 towards leaving. Means over splits; bands "
        "and bars reach from the 10th to the 90th percentile. Ranges and levels with fewer than "
        "10 test rows in a split are left out. What the model has learnt need not be a cause.",
        data=PlotsFigure(
            material.title(f"What values add to the score: {label_of(candidate)}"),
            tuple(
                _numbers_plot(name, bins, span)
                if kind == "number" and any(part.at is not None for part in bins)
                else _levels_plot(name, bins, span)
                for name, kind, bins in features
            ),
            notes=(
                "SHAP: above 0 towards leaving; bands and bars: 10th to 90th percentile of rows",
            ),
            n_columns=min(3, len(features)),
            plot_height=1.7,
        ),
        columns=("candidate", "feature", "level", "value", "n_rows", "mean", "low", "high"),
        rows=[
            {
                "candidate": str(candidate),
                "feature": name,
                "level": part.level,
                "value": None if kind == "level" else part.at,
                "n_rows": part.n_rows,
                "mean": part.mean,
                "low": part.low,
                "high": part.high,
            }
            for name, kind, bins in features
            for part in bins
        ],
    )


def _numbers_plot(name: str, bins: Sequence[_Bin], span: tuple[float, float]) -> Plot:
    """Return a band over the values of a number."""
    placed = [(part.at, part) for part in bins if part.at is not None]
    placed.sort(key=lambda place: place[0])
    low, high = placed[0][0], placed[-1][0]
    missing = [part.mean for part in bins if part.at is None]
    where = f"; missing {format_number(missing[0], digits=2, is_signed=True)}" if missing else ""
    return Plot(
        x=Axis(f"value{where}", low, high if high > low else low + 1.0, "count"),
        y=Axis("adds to the score", *span, "signed"),
        lines=(
            Line("", ((low, 0.0), (high, 0.0)), REFERENCE),
            Line("", tuple((at, part.mean) for at, part in placed), 0),
        ),
        bands=(Band("", tuple((at, part.low, part.high) for at, part in placed), 0),),
        title=name,
    )


def _levels_plot(name: str, bins: Sequence[_Bin], span: tuple[float, float]) -> Plot:
    """Return a list of levels, those that add most first."""
    levels, which = both_ends(sorted(bins, key=lambda part: -part.mean), _MOST_LEVELS)
    names = tuple((float(k), str(part.level)) for k, part in enumerate(levels))
    return Plot(
        x=Axis("adds to the score", *span, "signed"),
        y=Axis(f"level: {which}" if which else "level", len(levels) - 0.5, -0.5, ticks=names),
        lines=(Line("", ((0.0, -0.5), (0.0, len(levels) - 0.5)), REFERENCE),),
        points=(
            Points(
                "",
                tuple((part.mean, float(k)) for k, part in enumerate(levels)),
                0,
                whiskers=tuple((part.low, part.high) for part in levels),
                are_whiskers_flat=True,
            ),
        ),
        title=name,
    )
