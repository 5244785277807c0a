"""Figures of rankings: ROC, precision and recall, gains, lift, calibration, thresholds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from bench.analysis.choice import PLAIN, choose
from bench.analysis.curves import Curve
from bench.analysis.money import NOBODY, best_offers
from bench.analysis.shapes import Decision, TopShare, decisions_by_threshold, mean_shape, score_from
from bench.domain import BoardRow
from bench.reports.csv_files import Cell
from bench.reports.figures.exhibits import Exhibit, Material, label_of
from bench.reports.figures.values import (
    BOUND,
    REFERENCE,
    Axis,
    Band,
    Line,
    Plot,
    PlotsFigure,
    Points,
)
from bench.reports.numbers import plural

_MOST_PICKS = 4
_CORNERS = ((0.0, 0.0), (1.0, 1.0))


@dataclass(frozen=True)
class Pick:
    """A candidate that is drawn, with its ranking."""

    row: BoardRow
    curve: Curve
    look: int

    @property
    def name(self) -> str:
        """What a figure calls it."""
        return label_of(self.row.candidate)


def exhibits_of_curves(material: Material) -> Iterator[Exhibit]:
    """Return the figures of the rankings that the page shows first."""
    picks = [
        Pick(row, curve, look)
        for look, row in enumerate(first_picks(material))
        if (curve := material.evidence.curves.of(row.candidate)) is not None
    ]
    shapes = [(pick, mean_shape(pick.curve, material.evidence.curves)) for pick in picks]
    shapes = [(pick, shape) for pick, shape in shapes if shape]
    if shapes:
        yield _roc(material, shapes)
        yield _precision_recall(material, shapes)
        yield _gains(material, shapes)
        yield _lift(material, shapes)
    yield from _calibration(material, [pick for pick in picks if pick.curve.bins])
    if picks and len(picks[0].curve.cuts) > 1:
        yield _thresholds(material, picks[0])


def first_picks(material: Material) -> list[BoardRow]:
    """Return the row to take, the best, the plain one, the best with SMOTE or another strategy.

    As ``curves.js`` picks them when the page is opened.
    """
    choice = choose(material.leaderboard)
    rows = [r for r in material.rows if material.evidence.curves.of(r.candidate) is not None]
    others = [row for row in rows if row.rank != 1]
    picks = [
        *[row for row in rows if choice is not None and row.candidate == choice.row.candidate],
        *[row for row in rows if row.rank == 1],
        *[row for row in rows if row.candidate == PLAIN],
        *[
            *(row for row in others if row.candidate.strategy.startswith("smote")),
            *(row for row in others if row.candidate.strategy != "none"),
        ][:1],
        *rows[:1],
    ]
    return list({row.candidate: row for row in picks}.values())[:_MOST_PICKS]


# --- shares of the customers ----------------------------------------------------------

_Shapes = Sequence[tuple[Pick, Sequence[TopShare]]]


def share_axis(label: str) -> Axis:
    """Return an axis from 0 to 100 %."""
    return Axis(label, 0.0, 1.0, "share")


def _lines(
    shapes: _Shapes, place: Callable[[TopShare], tuple[float, float]], *, has_origin: bool
) -> tuple[Line, ...]:
    start = ((0.0, 0.0),) if has_origin else ()
    return tuple(
        Line(pick.name, (*start, *(place(top) for top in shape)), pick.look)
        for pick, shape in shapes
    )


def _table(
    shapes: _Shapes, columns: dict[str, Callable[[TopShare], float]]
) -> tuple[tuple[str, ...], list[dict[str, Cell]]]:
    rows: list[dict[str, Cell]] = [
        {"candidate": str(pick.row.candidate), **{name: of(top) for name, of in columns.items()}}
        for pick, shape in shapes
        for top in shape
    ]
    return ("candidate", *columns), rows


def _means(material: Material) -> str:
    return (
        f"Means over {plural(material.leaderboard.n_splits, 'split')}, at the same shares of the "
        "customers in each."
    )


def _roc(material: Material, shapes: _Shapes) -> Exhibit:
    columns, rows = _table(
        shapes,
        {
            "share_called": lambda top: top.share,
            "false_positive_rate": lambda top: top.false_positive_rate,
            "true_positive_rate": lambda top: top.true_positive_rate,
        },
    )
    plot = Plot(
        x=share_axis("share of those who stay that is called (false positive rate)"),
        y=share_axis("share of those who leave that is called (true positive rate)"),
        lines=(
            Line("chance", _CORNERS, REFERENCE),
            *_lines(
                shapes,
                lambda top: (top.false_positive_rate, top.true_positive_rate),
                has_origin=True,
            ),
        ),
    )
    return Exhibit(
        name="roc",
        heading="ROC",
        caption=f"Receiver operating characteristic; up and left is better. {_means(material)} "
        "Dotted: chance.",
        data=PlotsFigure(material.title("ROC"), (plot,)),
        columns=columns,
        rows=rows,
    )


def _precision_recall(material: Material, shapes: _Shapes) -> Exhibit:
    prevalence = material.leaderboard.run.facts.prevalence
    columns, rows = _table(
        shapes,
        {
            "share_called": lambda top: top.share,
            "recall": lambda top: top.true_positive_rate,
            "precision": lambda top: top.precision,
        },
    )
    plot = Plot(
        x=share_axis("recall: share of the churners found"),
        y=share_axis("precision: share of the called who leave"),
        lines=(
            Line("calling anybody", ((0.0, prevalence), (1.0, prevalence)), REFERENCE),
            *_lines(shapes, lambda top: (top.true_positive_rate, top.precision), has_origin=False),
        ),
    )
    return Exhibit(
        name="precision_recall",
        heading="Precision and recall",
        caption=f"Precision against recall; up and right is better. {_means(material)} Dotted: "
        "calling anybody, whose precision is the share of churners among all.",
        data=PlotsFigure(material.title("Precision and recall"), (plot,)),
        columns=columns,
        rows=rows,
    )


def _gains(material: Material, shapes: _Shapes) -> Exhibit:
    prevalence = material.leaderboard.run.facts.prevalence
    columns, rows = _table(
        shapes,
        {
            "share_called": lambda top: top.share,
            "share_of_churners": lambda top: top.true_positive_rate,
        },
    )
    plot = Plot(
        x=share_axis("share of the customers called"),
        y=share_axis("share of the churners found"),
        lines=(
            Line("anybody, at random", _CORNERS, REFERENCE),
            Line("exactly the churners first", ((0, 0), (prevalence, 1), (1, 1)), BOUND),
            *_lines(shapes, lambda top: (top.share, top.true_positive_rate), has_origin=True),
        ),
    )
    return Exhibit(
        name="gains",
        heading="Gains",
        caption=f"What part of the churners is among the top of the list. {_means(material)} "
        "Dotted: a list in random order; dashed grey: one that has exactly the churners first.",
        data=PlotsFigure(material.title("Gains"), (plot,)),
        columns=columns,
        rows=rows,
    )


def _lift(material: Material, shapes: _Shapes) -> Exhibit:
    columns, rows = _table(
        shapes,
        {
            "share_called": lambda top: top.share,
            "lift": lambda top: top.true_positive_rate / top.share,
        },
    )
    lines = _lines(
        shapes, lambda top: (top.share, top.true_positive_rate / top.share), has_origin=False
    )
    most = max(lift for line in lines for _, lift in line.points)
    plot = Plot(
        x=share_axis("share of the customers called"),
        y=Axis("lift: how much denser in churners than the whole", 0.0, 1.04 * most, "times"),
        lines=(Line("anybody, at random", ((0, 1), (1, 1)), REFERENCE), *lines),
    )
    return Exhibit(
        name="lift",
        heading="Lift",
        caption="How much denser in churners the top of the list is than the whole. "
        f"{_means(material)} Dotted: a list in random order.",
        data=PlotsFigure(material.title("Lift"), (plot,)),
        columns=columns,
        rows=rows,
    )


# --- calibration ----------------------------------------------------------------------


def _calibration(material: Material, picks: Sequence[Pick]) -> Iterator[Exhibit]:
    if not picks:
        return
    bins = [one for pick in picks for one in pick.curve.bins]
    columns = 2 if len(picks) == 4 else len(picks)
    high = min(1.0, 1.05 * max(max(one.mean + one.noise, one.high) for one in bins))
    yield Exhibit(
        name="calibration",
        heading="Calibration",
        caption="Churn rate against mean predicted probability by tenths of the customers, all "
        "test rows of a repeat together. Whiskers: 95 % Wilson intervals. Grey band: where the "
        "rates of true probabilities would lie in 95 of 100 draws, the noise floor. Dotted: true "
        "probabilities. Above it more customers leave than predicted, below it fewer.",
        data=PlotsFigure(
            material.title("Calibration"),
            tuple(_calibration_plot(pick, high) for pick in picks),
            n_columns=columns,
            plot_height=min(3.6, 8.0 / columns - 0.6) if columns < 2 else 2.2,
        ),
        columns=("candidate", "bin", "predicted", "churn_rate", "low", "high", "noise"),
        rows=[
            {
                "candidate": str(pick.row.candidate),
                "bin": k,
                "predicted": one.mean,
                "churn_rate": one.rate,
                "low": one.low,
                "high": one.high,
                "noise": one.noise,
            }
            for pick in picks
            for k, one in enumerate(pick.curve.bins, start=1)
        ],
    )


def _calibration_plot(pick: Pick, high: float) -> Plot:
    bins = pick.curve.bins
    return Plot(
        x=Axis("mean predicted probability", 0.0, high, "share"),
        y=Axis("share that did leave", 0.0, high, "share"),
        lines=(Line("true probabilities", ((0.0, 0.0), (high, high)), REFERENCE),),
        bands=(
            Band(
                "noise of true ones (95 %)",
                tuple((b.mean, max(0.0, b.mean - b.noise), b.mean + b.noise) for b in bins),
                REFERENCE,
            ),
        ),
        points=(
            Points(
                pick.name,
                tuple((b.mean, b.rate) for b in bins),
                pick.look,
                tuple((b.low, b.high) for b in bins),
            ),
        ),
    )


# --- thresholds -----------------------------------------------------------------------


def _thresholds(material: Material, pick: Pick) -> Exhibit:
    """Return what a threshold does with the first candidate."""
    found = decisions_by_threshold(pick.curve, material.evidence.curves)
    low, high = found[0].threshold, found[-1].threshold
    score = pick.row.scores.get("threshold")
    chosen = score.mean if score is not None and low <= score.mean <= high else None
    told = "" if chosen is None else " Dotted: the board's threshold, that of the highest F1."
    economics = material.leaderboard.run.facts.economics
    curves, n_samples = material.evidence.curves, material.leaderboard.run.facts.n_samples
    (offer,) = best_offers([pick.row], curves, economics)
    pays = None
    if offer.stop != NOBODY:
        pays = score_from(pick.curve, offer.share, n_samples=n_samples)
        told += " Dashed: the one that pays most at the amounts of the run."
    columns = ("candidate", "threshold", "precision", "recall", "f1", "alerts_per_1000")
    return Exhibit(
        name="thresholds",
        heading="Thresholds",
        caption=f"What a threshold does with {pick.row.candidate}: precision, recall, F1 and "
        "customers called per 1,000, all test rows of a repeat together; customers with at least "
        f"the threshold as their score are called.{told}",
        data=PlotsFigure(
            material.title(f"Decisions by threshold: {pick.name}"),
            _threshold_plots(found, chosen, pays=pays),
            n_columns=2,
            plot_height=2.8,
        ),
        columns=columns,
        rows=[
            {
                "candidate": str(pick.row.candidate),
                **{name: getattr(one, name) for name in columns[1:]},
            }
            for one in found
        ],
    )


def _threshold_plots(
    found: Sequence[Decision], chosen: float | None, *, pays: float | None
) -> tuple[Plot, Plot]:
    low, high = found[0].threshold, found[-1].threshold
    x = Axis("threshold", low, high)
    most = max(one.alerts_per_1000 for one in found)

    def line(name: str, attribute: str, look: int) -> Line:
        return Line(name, tuple((d.threshold, getattr(d, attribute)) for d in found), look)

    def rules(top: float) -> tuple[Line, ...]:
        named = (("the board's: highest F1", chosen, REFERENCE), ("pays most", pays, BOUND))
        return tuple(
            Line(name, ((at, 0.0), (at, top)), look) for name, at, look in named if at is not None
        )

    decisions = (
        line("precision", "precision", 0),
        line("recall", "recall", 1),
        line("F1", "f1", 2),
    )
    calls = line("calls per 1,000 customers", "alerts_per_1000", 3)
    return (
        Plot(x=x, y=share_axis("share"), lines=(*rules(1.0), *decisions)),
        Plot(
            x=x,
            y=Axis("calls per 1,000 customers", 0.0, most, "count"),
            lines=(*rules(most), calls),
        ),
    )
