"""Figures of slices of the customers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from bench.analysis.segments import DisagreementInSlice, LevelInSlice, OrderInSlice
from bench.analysis.statistics import LEVEL
from bench.reports.csv_files import Cell
from bench.reports.figures.exhibits import Exhibit, Material, label_of
from bench.reports.figures.known import make_dot
from bench.reports.figures.values import DotsFigure, Reference
from bench.reports.numbers import format_count

_MOST_SLICES = 20
_HOLM = "p after Holm's correction over all slices"
_Found = TypeVar("_Found")


@dataclass(frozen=True)
class _Slice(Generic[_Found]):
    """Customers who have something in common, with what was found about them."""

    feature: str
    label: str
    n: int
    positives: int
    found: _Found

    @property
    def name(self) -> str:
        """What a figure calls it, with how many customers it has."""
        return f"{self.feature}: {self.label} ({format_count(self.n)})"

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
    candidates = [material.rows[one["row"]].candidate for one in sliced["candidates"]]
    for candidate, told in zip(candidates[:1], sliced["candidates"], strict=False):
        order = _slices(sliced, told["order"], OrderInSlice)
        level = _slices(sliced, told["level"], LevelInSlice)
        title = label_of(candidate)
        if order:
            yield _order(material, order, str(candidate), title=f"ROC-AUC by slice: {title}")
        if level:
            yield _level(material, level, str(candidate), title=f"Calibration by slice: {title}")
    apart = _slices(sliced, sliced["disagreement"], DisagreementInSlice)
    if apart:
        yield _disagreement(material, apart, [candidate.model for candidate in candidates])


def _slices(
    sliced: Mapping[str, Any],
    figures: Sequence[Sequence[float] | None],
    kind: Callable[..., _Found],
) -> list[_Slice[_Found]]:
    """Return the slices that something was found of; ``figures`` are in the order of ``kind``."""
    if not figures:
        return []
    return [
        _Slice(feature, label, n, positives, kind(*found))
        for (feature, label, n, positives), found in zip(sliced["slices"], figures, strict=True)
        if found is not None
    ]


def _order(
    material: Material, slices: list[_Slice[OrderInSlice]], candidate: str, *, title: str
) -> Exhibit:
    slices.sort(key=lambda one: one.found.roc_auc)
    shown = slices[:_MOST_SLICES]
    return Exhibit(
        name="segments_ranking",
        heading="Ranking by slice of the customers",
        caption=f"ROC-AUC of {candidate} inside slices with at least 10 customers, numbers cut at "
        f"their quartiles; drawn: the {len(shown)} lowest of {len(slices)}, in "
        "brackets their customers. Bars: 95 % intervals. Filled: differs from the customers "
        f"outside by more than noise ({_HOLM} under .05). Inside a slice that a feature defines, "
        "that feature helps no more: some loss is natural.",
        data=DotsFigure(
            material.title(title),
            tuple(
                make_dot(
                    one.name,
                    (one.found.roc_auc, one.found.low, one.found.high),
                    is_filled=one.found.p_value < LEVEL,
                )
                for one in shown
            ),
            notes=(
                f"ROC-AUC inside the slice with 95 % interval, the {len(shown)} lowest of "
                f"{len(slices)}",
                f"filled: differs from the customers outside it by more than noise ({_HOLM})",
            ),
        ),
        columns=("candidate", *_CELLS, "roc_auc", "low", "high", "roc_auc_outside", "p_value"),
        rows=[
            {
                "candidate": candidate,
                **one.cells,
                "roc_auc": one.found.roc_auc,
                "low": one.found.low,
                "high": one.found.high,
                "roc_auc_outside": one.found.outside,
                "p_value": one.found.p_value,
            }
            for one in slices
        ],
    )


def _level(
    material: Material, slices: list[_Slice[LevelInSlice]], candidate: str, *, title: str
) -> Exhibit:
    slices.sort(key=lambda one: (one.found.p_value, -abs(_gap(one))))
    shown = slices[:_MOST_SLICES]
    return Exhibit(
        name="segments_calibration",
        heading="Calibration by slice of the customers",
        caption=f"How far churn rates lie above (+) or below (−) what {candidate} predicts inside "
        f"slices with at least 10 customers; drawn: the {len(shown)} least "
        f"compatible with true probabilities of {len(slices)}, in brackets their customers. "
        f"Filled: off by more than noise ({_HOLM} under .05).",
        data=DotsFigure(
            material.title(title),
            tuple(
                make_dot(one.name, (100 * _gap(one),) * 3, is_filled=one.found.p_value < LEVEL)
                for one in shown
            ),
            notes=(
                "churn rate minus mean prediction, percentage points; the "
                f"{len(shown)} lowest p-values of {len(slices)}",
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
                "predicted": one.found.predicted,
                "churn_rate": one.found.observed,
                "p_value": one.found.p_value,
            }
            for one in slices
        ],
    )


def _gap(one: _Slice[LevelInSlice]) -> float:
    return one.found.observed - one.found.predicted


def _disagreement(
    material: Material, slices: list[_Slice[DisagreementInSlice]], models: Sequence[str]
) -> Exhibit:
    slices.sort(key=lambda one: -one.found.share)
    shown = slices[:_MOST_SLICES]
    return Exhibit(
        name="segments_disagreement",
        heading="Where models disagree",
        caption="Share of disputed customers by slice: the tenth of all whose places in the "
        f"rankings of {', '.join(models)} lie furthest apart. Drawn: the "
        f"{len(shown)} highest of {len(slices)} slices, in brackets their "
        f"customers; dotted: that tenth. Filled: differs by more than noise ({_HOLM} under .05).",
        data=DotsFigure(
            material.title("Where models disagree"),
            tuple(
                make_dot(one.name, (one.found.share,) * 3, is_filled=one.found.p_value < LEVEL)
                for one in shown
            ),
            notes=(
                "share of the slice among the tenth of customers that models disagree on most "
                f"(dotted: a tenth), the {len(shown)} highest of {len(slices)}",
                f"filled: differs by more than noise ({_HOLM})",
            ),
            references=(Reference(0.1, "dotted"),),
            axis="share",
        ),
        columns=(*_CELLS, "disputed", "p_value"),
        rows=[
            {**one.cells, "disputed": one.found.share, "p_value": one.found.p_value}
            for one in slices
        ],
    )
