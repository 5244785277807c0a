"""Which candidate earns most at given amounts, by calling the top of its list.

The same share of the customers is called in every split, so that the answer is
one instruction ("call the top 23 %"). The page does the same sums again while
amounts are changed, in ``bench/reports/page/scripts/money.js``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from bench.analysis.curves import Curve, CurveSet, n_at
from bench.analysis.effects import LEVEL
from bench.analysis.scoring import split_ratio
from bench.analysis.statistics import corrected_paired_test
from bench.campaigns import acceptance
from bench.domain import BoardRow, Candidate, DatasetFacts, Leaderboard, Run
from bench.specs import EconomicsSpec

NOBODY = -1
"""The stop at which nobody is called."""


@dataclass(frozen=True)
class Offer:
    """The best campaign with one candidate: what it earns per customer of the base.

    ``share`` is that of the customers who are called, ``stop`` its position
    among the curves' stops, or `NOBODY`.
    """

    candidate: Candidate
    profit: float
    stop: int
    share: float


def _as_ranked(profit: float) -> int:
    """Return a profit so rounded that sums of the same amounts in another order are equal."""
    return round(profit * 1e6)


def amounts_of(economics: EconomicsSpec) -> tuple[float, float]:
    """Return what calling a would-be churner earns, and what calling anybody else costs."""
    gain = acceptance(economics) * (economics.clv - economics.incentive) - economics.contact
    return gain, economics.incentive + economics.contact


def split_profits(
    curve: Curve, curves: CurveSet, *, stop: int, amounts: tuple[float, float]
) -> list[float]:
    """Return what calling the top at ``stop`` earns per customer in each split."""
    if stop == NOBODY:
        return [0.0] * len(curve.splits)
    gain, loss = amounts
    profits = []
    for k, hits in zip(curve.splits, curve.hits, strict=True):
        split = curves.splits[k]
        misses = split.contacted[stop] - hits[stop]
        profits.append((gain * hits[stop] - loss * misses) / split.n_samples)
    return profits


def profit_at(curve: Curve, curves: CurveSet, *, stop: int, amounts: tuple[float, float]) -> float:
    """Return what calling the top at ``stop`` earns per customer, the mean over splits."""
    return fmean(split_profits(curve, curves, stop=stop, amounts=amounts))


def best_offers(
    rows: Sequence[BoardRow],
    curves: CurveSet,
    economics: EconomicsSpec,
    *,
    stop: int | None = None,
) -> tuple[Offer, ...]:
    """Return the best campaign with each of ``rows``, the most profitable first.

    Parameters
    ----------
    rows : sequence of BoardRow
        Those that cover the same splits; equal profits keep their order.
    curves : CurveSet
    economics : EconomicsSpec
    stop : int, optional
        A position among the curves' stops: how many customers are called. By default as
        many as earn most on these very rows, the fewest of equally good ones.
    """
    amounts = amounts_of(economics)
    stops = range(NOBODY, len(curves.stops)) if stop is None else (stop,)
    offers = []
    for row in rows:
        curve = curves.of(row.candidate)
        if curve is None:
            continue
        profits = [profit_at(curve, curves, stop=k, amounts=amounts) for k in stops]
        best = max(range(len(profits)), key=lambda k: (_as_ranked(profits[k]), -k))
        share = 0.0 if stops[best] == NOBODY else curves.stops[stops[best]]
        offers.append(Offer(row.candidate, profits[best], stops[best], share))
    return tuple(sorted(offers, key=lambda offer: -_as_ranked(offer.profit)))


def earnings_sentence(leaderboard: Leaderboard, curves: CurveSet) -> str:
    """Return what the best campaign earns at the dataset's own amounts, in plain words."""
    facts = leaderboard.run.facts
    ranked = [row for row in leaderboard.rows if row.rank is not None]
    offers = best_offers(ranked, curves, facts.economics)
    if not offers:
        return ""
    best, amounts = offers[0], _amount_words(facts.economics)
    if best.stop == NOBODY:
        return f"No campaign pays {amounts}: call nobody."
    n_called = n_at(best.share, facts.n_samples)
    return (
        f"Call the top {100 * best.share:g} % of the list ({n_called:,} of "
        f"{facts.n_samples:,} customers): with `{best.candidate}` that earns {best.profit:.2f} per "
        f"customer of the base {amounts}; calling everybody would earn "
        f"{_everybody(facts):.2f}, knowing every churner {_perfect(facts):.2f}"
        f"{_about_others(offers, leaderboard, curves)}."
    )


def _about_others(offers: Sequence[Offer], leaderboard: Leaderboard, curves: CurveSet) -> str:
    """Say how many earn as much as the best, as far as this run can tell."""
    best, others = offers[0], offers[1:]
    if not others or leaderboard.n_splits < 2:
        return ""
    same = [one for one in others if not is_told_apart(best, one, leaderboard.run, curves)]
    if not same:
        return "; all other candidates earn less by more than noise"
    lead = next(row.candidate for row in leaderboard.rows if row.rank == 1)
    named = f", `{lead}` among them," if lead in [one.candidate for one in same] else ""
    n = f"{len(same)} other candidate{'' if len(same) == 1 else 's'}"
    return f"; {n}{named} cannot be told from it in that"


def is_told_apart(one: Offer, other: Offer, run: Run, curves: CurveSet) -> bool:
    """Return whether two campaigns differ by more than noise, in a test of their own at 5 %."""
    amounts = amounts_of(run.facts.economics)
    profits = [
        split_profits(curve, curves, stop=offer.stop, amounts=amounts)
        for offer in (one, other)
        if (curve := curves.of(offer.candidate)) is not None
    ]
    gaps = [a - b for a, b in zip(*profits, strict=True)]
    return corrected_paired_test(gaps, test_train_ratio=split_ratio(run)).p_value < LEVEL


def _amount_words(economics: EconomicsSpec) -> str:
    return (
        f"(if a customer is worth {economics.clv:g}, an offer costs {economics.incentive:g}, a "
        f"contact {economics.contact:g}, and {100 * acceptance(economics):.0f} % of the would-be "
        "churners accept)"
    )


def _everybody(facts: DatasetFacts) -> float:
    gain, loss = amounts_of(facts.economics)
    return gain * facts.prevalence - loss * (1 - facts.prevalence)


def _perfect(facts: DatasetFacts) -> float:
    return max(0.0, amounts_of(facts.economics)[0]) * facts.prevalence
