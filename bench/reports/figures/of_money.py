"""The figure of what campaigns of every size earn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bench.analysis.choice import PLAIN
from bench.analysis.money import NOBODY, amounts_of, plan_campaign, profit_at
from bench.reports.economics import describe_economics
from bench.reports.figures.exhibits import Exhibit, Material
from bench.reports.figures.of_curves import Pick, share_axis
from bench.reports.figures.values import BOUND, REFERENCE, Axis, Line, Plot, PlotsFigure, Points
from bench.reports.numbers import plural


def exhibits_of_money(material: Material) -> Iterator[Exhibit]:
    """Return what campaigns of every size earn, at the dataset's own amounts."""
    facts, curves = material.leaderboard.run.facts, material.evidence.curves
    amounts = amounts_of(facts.economics)
    plan = plan_campaign(material.leaderboard, curves)
    if plan is None:
        return
    by_candidate = {row.candidate: row for row in material.rows}
    names = [plan.offer.candidate, material.rows[0].candidate, PLAIN]
    picks = [
        Pick(by_candidate[name], curve, look)
        for look, name in enumerate(dict.fromkeys(names))
        if name in by_candidate and (curve := curves.of(name)) is not None
    ]

    def earned(pick: Pick) -> tuple[tuple[float, float], ...]:
        profits = [
            profit_at(pick.curve, curves, stop=stop, amounts=amounts)
            for stop in range(len(curves.stops))
        ]
        return ((0.0, 0.0), *zip(curves.stops, profits, strict=True))

    gain, loss = amounts
    everybody = gain * facts.prevalence - loss * (1 - facts.prevalence)
    references = {
        "anybody, at random": ((0.0, 0.0), (1.0, everybody)),
        "exactly the churners first": (
            (0.0, 0.0),
            (facts.prevalence, gain * facts.prevalence),
            (1.0, everybody),
        ),
    }
    drawn = {str(pick.row.candidate): earned(pick) for pick in picks} | references
    best = (0.0 if plan.offer.stop == NOBODY else plan.offer.share, plan.offer.profit)
    yield Exhibit(
        name="profit_curves",
        heading="Profit by the size of the campaign",
        caption="Profit per customer of the base against the share of the customers who are called "
        f"from the top of the list, means over {plural(material.leaderboard.n_splits, 'split')}. "
        f"{describe_economics(facts.economics, {})[0]} The mark is the "
        f"best size with {plan.offer.candidate}, read off these very customers.",
        data=_profit_figure(material, picks, drawn, best=best),
        columns=("series", "share_called", "profit_per_customer"),
        rows=[
            {"series": name, "share_called": share, "profit_per_customer": profit}
            for name, points in drawn.items()
            for share, profit in points
        ],
    )


def _profit_figure(
    material: Material,
    picks: Sequence[Pick],
    drawn: dict[str, tuple[tuple[float, float], ...]],
    *,
    best: tuple[float, float],
) -> PlotsFigure:
    profits = [profit for points in drawn.values() for _, profit in points]
    low, high = min(0.0, *profits), max(0.01, *profits)
    grey = (("anybody, at random", REFERENCE), ("exactly the churners first", BOUND))
    plot = Plot(
        x=share_axis("share of the customers called"),
        y=Axis("profit per customer of the base", low, high + 0.04 * (high - low)),
        lines=(
            *(Line(name, drawn[name], look) for name, look in grey),
            *(Line(pick.name, drawn[str(pick.row.candidate)], pick.look) for pick in picks),
        ),
        points=(Points("the best size with it", (best,), 0),),
    )
    return PlotsFigure(material.title("Profit by the size of the campaign"), (plot,))
