"""Figures of slices of the customers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bench.analysis.effects import LEVEL
from bench.reports.csv_files import Cell
from bench.reports.escaping import shorten
from bench.reports.figures.exhibits import Exhibit, Material
from bench.reports.figures.known import make_dot
from bench.reports.figures.values import Dot, DotsFigure, Reference
from bench.reports.tables import format_count

_MOST_SLICES = 20
_HOLM = "p after Holm's correction over all slices"


@dataclass(frozen=True)
class _Slice:
    """Customers who have something in common, with what was found about them."""

    feature: str
    label: str
    n: int
    positives: int
    found: Sequence[float]

    @property
    def name(self) -> str:
        """What a figure calls it, with how many customers it has."""
        return f"{shorten(self.feature, 22)}: {shorten(self.label, 20)} ({format_count(self.n)})"

    @property
    def cells(self) -> dict[str, Cell]:
        """What a table says of every slice."""
        return {
            "feature": self.feature,
            "slice": self.label,
            "customers": self.n,
            "leave": self.positives,
        }


_CELLS = ("feature", "slice", "customers", "leave")


def exhibits_of_segments(material: Material) -> Iterator[Exhibit]:
    """Return how the first candidate does in slices, and where models disagree."""
    sliced = material.page["segments"]
    if sliced is None:
        return
    if sliced["candidates"]:
        first = sliced["candidates"][0]
        candidate = str(material.rows[first["row"]].candidate)
        yield from _order(material, _slices(sliced, first["order"]), candidate)
        yield from _level(material, _slices(sliced, first["level"]), candidate)
    models = [material.rows[one["row"]].candidate.model for one in sliced["candidates"]]
    yield from _disagreement(material, _slices(sliced, sliced["disagreement"]), models)


def _slices(sliced: Mapping[str, Any], figures: Sequence[Sequence[float] | None]) -> list[_Slice]:
    if not figures:
        return []
    return [
        _Slice(feature, label, n, positives, found)
        for (feature, label, n, positives), found in zip(sliced["slices"], figures, strict=True)
        if found is not None
    ]


def _figure(
    title: str, shown: Sequence[_Slice], dot: Callable[[_Slice], Dot], **rest: Any
) -> DotsFigure:
    return DotsFigure(title, tuple(dot(one) for one in shown[:_MOST_SLICES]), **rest)


def _with_interval(one: _Slice) -> Dot:
    return make_dot(one.name, one.found[:3], is_filled=one.found[4] < LEVEL)


def _bare(one: _Slice, value: float, *, p_value: float) -> Dot:
    return make_dot(one.name, (value,) * 3, is_filled=p_value < LEVEL)


def _order(material: Material, slices: list[_Slice], candidate: str) -> Iterator[Exhibit]:
    if not slices:
        return
    shown = sorted(slices, key=lambda one: one.found[0])
    yield Exhibit(
        name="segments_ranking",
        heading="Ranking by slice of the customers",
        caption=f"ROC-AUC of {candidate} inside slices with at least 10 customers, numbers cut at "
        f"their quartiles; drawn: the {min(_MOST_SLICES, len(shown))} lowest of {len(shown)}, in "
        "brackets their customers. Bars: 95 % intervals. Filled: differs from the customers "
        f"outside by more than noise ({_HOLM} under .05). Inside a slice that a feature defines, "
        "that feature helps no more: some loss is natural.",
        data=_figure(
            material.title(f"ROC-AUC by slice: {shorten(candidate, 44)}"),
            shown,
            _with_interval,
            notes=(
                "ROC-AUC inside the slice with 95 % interval, lowest first",
                f"filled: differs from the customers outside it by more than noise ({_HOLM})",
            ),
        ),
        columns=("candidate", *_CELLS, "roc_auc", "low", "high", "roc_auc_outside", "p_value"),
        rows=[
            {
                "candidate": candidate,
                **one.cells,
                **dict(
                    zip(
                        ("roc_auc", "low", "high", "roc_auc_outside", "p_value"),
                        one.found,
                        strict=True,
                    )
                ),
            }
            for one in shown
        ],
    )


def _level(material: Material, slices: list[_Slice], candidate: str) -> Iterator[Exhibit]:
    if not slices:
        return
    shown = sorted(slices, key=lambda one: (one.found[2], -abs(_gap(one))))
    yield Exhibit(
        name="segments_calibration",
        heading="Calibration by slice of the customers",
        caption=f"How far churn rates lie above (+) or below (−) what {candidate} predicts inside "
        f"slices with at least 10 customers; drawn: the {min(_MOST_SLICES, len(shown))} least "
        f"compatible with true probabilities of {len(shown)}, in brackets their customers. "
        f"Filled: off by more than noise ({_HOLM} under .05).",
        data=_figure(
            material.title(f"Calibration by slice: {shorten(candidate, 44)}"),
            shown,
            lambda one: _bare(one, 100 * _gap(one), p_value=one.found[2]),
            notes=(
                "churn rate minus mean prediction, percentage points; lowest p-value first",
                f"filled: off by more than noise ({_HOLM})",
            ),
            references=(Reference(0.0, "solid"),),
            axis="signed",
        ),
        columns=("candidate", *_CELLS, "predicted", "churn_rate", "p_value"),
        rows=[
            {
                "candidate": candidate,
                **one.cells,
                **dict(zip(("predicted", "churn_rate", "p_value"), one.found, strict=True)),
            }
            for one in shown
        ],
    )


def _gap(one: _Slice) -> float:
    return one.found[1] - one.found[0]


def _disagreement(
    material: Material, slices: list[_Slice], models: Sequence[str]
) -> Iterator[Exhibit]:
    if not slices:
        return
    shown = sorted(slices, key=lambda one: -one.found[0])
    yield Exhibit(
        name="segments_disagreement",
        heading="Where models disagree",
        caption="Share of disputed customers by slice: the tenth of all whose places in the "
        f"rankings of {', '.join(models)} lie furthest apart. Drawn: the "
        f"{min(_MOST_SLICES, len(shown))} highest of {len(shown)} slices, in brackets their "
        f"customers; dotted: that tenth. Filled: differs by more than noise ({_HOLM} under .05).",
        data=_figure(
            material.title("Where models disagree"),
            shown,
            lambda one: _bare(one, one.found[0], p_value=one.found[1]),
            notes=(
                "share of the slice among the tenth of customers that models disagree on most "
                "(dotted: a tenth)",
                f"filled: differs by more than noise ({_HOLM})",
            ),
            references=(Reference(0.1, "dotted"),),
            axis="share",
        ),
        columns=(*_CELLS, "disputed", "p_value"),
        rows=[
            {**one.cells, **dict(zip(("disputed", "p_value"), one.found, strict=True))}
            for one in shown
        ],
    )
