"""Which candidate earns most at given amounts, by calling the top of its list.

The same share of the customers is called in every split, so that the answer is
one instruction ("call the top 23 %"). The page does the same sums again while
amounts are changed, in ``bench/reports/page/scripts/money.js``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from bench.analysis.choice import choose
from bench.analysis.curves import Curve, CurveSet, n_at
from bench.analysis.scoring import split_ratio
from bench.analysis.statistics import LEVEL, corrected_paired_test
from bench.analysis.wording import join_words
from bench.campaigns import acceptance
from bench.domain import BoardRow, Candidate, DatasetFacts, Leaderboard, Run
from bench.specs import EconomicsSpec

NOBODY = -1
"""The stop at which nobody is called."""

NEAR = 0.98
"""Sizes that earn at least this share of the most are told as nearly as good."""

_NORMAL_95 = 1.959963984540054


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


def profit_margin(
    curve: Curve, curves: CurveSet, *, between: tuple[int, int], amounts: tuple[float, float]
) -> float:
    """Return the 95 % margin of what the customers between two stops earn if they are called.

    Of ``n`` customers the share ``q`` leaves; with other customers in their place their
    sum has the binomial standard error ``sqrt(n q (1 - q)) (gain + loss)``, for a churner
    brings ``gain`` and another costs ``loss``. Two of either class are added for ``q``
    (Agresti and Coull 1998), else a few churners in a row would have no margin. Choosing
    a stop on these very customers comes on top.

    Parameters
    ----------
    curve : Curve
    curves : CurveSet
    between : tuple of int
        ``(NOBODY, stop)`` are the customers who are called at ``stop``.
    amounts : tuple of float
        As `amounts_of` has them.

    Returns
    -------
    float
        Currency per customer of the base; a customer of several repeats counts once.
    """
    splits = [curves.splits[k] for k in curve.splits]
    n_repeats = len({one.split.repeat for one in splits})
    first, last = between

    def reached(counts: Sequence[float]) -> float:
        return counts[last] - (0 if first == NOBODY else counts[first])

    n_called = sum(reached(one.contacted) for one in splits) / n_repeats
    hits = sum(reached(one) for one in curve.hits) / n_repeats
    if n_called <= 0:
        return 0.0
    q = (hits + 2) / (n_called + 4)
    n_samples = sum(one.n_samples for one in splits) / n_repeats
    return _NORMAL_95 * math.sqrt(n_called * q * (1 - q)) * abs(sum(amounts)) / n_samples


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


@dataclass(frozen=True)
class Campaign:
    """Whom to call at the dataset's own amounts.

    Attributes
    ----------
    offer : Offer
        With the candidate that `choose` takes, unless another earns more by more than
        noise; then, or where it takes none, the most profitable one.
    best : Offer
        The most profitable one.
    n_same : int
        How many others cannot be told from that one.
    near : tuple of float
        The least and the largest share of the customers between which ``offer`` earns at
        least `NEAR` of its profit.
    """

    offer: Offer
    best: Offer
    n_same: int
    near: tuple[float, float]


def plan_campaign(leaderboard: Leaderboard, curves: CurveSet) -> Campaign | None:
    """Return the campaign to run, ``None`` where no candidate is ranked."""
    economics = leaderboard.run.facts.economics
    ranked = [row for row in leaderboard.rows if row.rank is not None]
    offers = best_offers(ranked, curves, economics)
    if not offers:
        return None
    best, others = offers[0], offers[1:]
    same = (
        [one for one in others if not is_told_apart(best, one, leaderboard.run, curves)]
        if leaderboard.n_splits > 1
        else []
    )
    choice = choose(leaderboard)
    taken = None if choice is None else choice.row.candidate
    offer = next((one for one in same if one.candidate == taken and one.stop != NOBODY), best)
    return Campaign(offer, best, len(same), _near(offer, curves, amounts_of(economics)))


def _near(offer: Offer, curves: CurveSet, amounts: tuple[float, float]) -> tuple[float, float]:
    """Return between which shares the campaign earns nearly as much."""
    curve = curves.of(offer.candidate)
    if curve is None or offer.stop == NOBODY:
        return 0.0, 0.0
    first = last = offer.stop

    def is_near(stop: int) -> bool:
        return profit_at(curve, curves, stop=stop, amounts=amounts) >= NEAR * offer.profit

    while first > 0 and is_near(first - 1):
        first -= 1
    while last + 1 < len(curves.stops) and is_near(last + 1):
        last += 1
    return curves.stops[first], curves.stops[last]


def earnings_sentences(leaderboard: Leaderboard, curves: CurveSet) -> list[str]:
    """Return how many customers to call and what that earns, at which amounts, and how surely."""
    facts = leaderboard.run.facts
    plan = plan_campaign(leaderboard, curves)
    if plan is None:
        return []
    amounts, offer = amounts_sentence(facts.economics), plan.offer
    if offer.stop == NOBODY:
        return ["Call nobody: no campaign pays.", amounts]
    n_called, n = n_at(offer.share, facts.n_samples), facts.n_samples
    low, high = plan.near
    margin, doubt = _margin_and_doubt(offer, curves, facts.economics)
    return [
        f"Call {n_called:,} of {n:,} customers, the top {100 * offer.share:g} % of the list of "
        f"`{offer.candidate}`: that earns {offer.profit:.2f} per customer of the base "
        f"(± {margin:.2f}; {offer.profit * n:,.0f} ± {margin * n:,.0f} in all){doubt}, where "
        f"calling nobody earns 0, everybody {_everybody(facts):.2f} and exactly the churners "
        f"{_perfect(facts):.2f}.",
        f"{amounts} ± is the 95 % margin of other customers at this size; that the size was "
        "chosen on these very customers comes on top.",
        f"From {100 * low:g} % to {100 * high:g} % called it earns within {100 * (1 - NEAR):.0f} % "
        f"of that{_about_others(plan, leaderboard)}.",
    ]


def _margin_and_doubt(
    offer: Offer, curves: CurveSet, economics: EconomicsSpec
) -> tuple[float, str]:
    """Return the margin of a campaign, and what it was not shown to beat."""
    curve, amounts = curves.of(offer.candidate), amounts_of(economics)
    if curve is None:
        return 0.0, ""
    last = len(curves.stops) - 1
    margin, rest = (
        profit_margin(curve, curves, between=pair, amounts=amounts)
        for pair in ((NOBODY, offer.stop), (offer.stop, last))
    )
    everybody = profit_at(curve, curves, stop=last, amounts=amounts)
    unbeaten = [
        name
        for name, is_near in (
            ("nobody", offer.profit <= margin),
            ("everybody", offer.stop != last and offer.profit - everybody <= rest),
        )
        if is_near
    ]
    words = f", not shown to beat calling {' or '.join(unbeaten)}" if unbeaten else ""
    return margin, words


def _about_others(plan: Campaign, leaderboard: Leaderboard) -> str:
    """Say how many earn as much as the best, as far as this run can tell."""
    n_others = sum(row.rank is not None for row in leaderboard.rows) - 1
    if not n_others or leaderboard.n_splits < 2:
        return ""
    if plan.offer.candidate != plan.best.candidate:
        highest = f"{plan.best.profit:.2f} with `{plan.best.candidate}`"
        return f"; no candidate was shown to earn more (the highest figure is {highest})"
    if not plan.n_same:
        return "; all other candidates earn less by more than noise"
    n = f"{plan.n_same} other candidate{'' if plan.n_same == 1 else 's'}"
    return f"; {n} cannot be told from it in that"


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


def amounts_sentence(economics: EconomicsSpec) -> str:
    """Return the amounts behind all profits, and whether anybody has set them."""
    return (
        f"That is if a customer is worth {economics.clv:g}, an accepted offer costs "
        f"{economics.incentive:g}, a contact {economics.contact:g}, and "
        f"{100 * acceptance(economics):.0f} % of the would-be churners accept: "
        f"{amounts_origin(economics)}. Everybody who would have stayed takes the offer, too, "
        "and costs it."
    )


def amounts_origin(economics: EconomicsSpec) -> str:
    """Return which amounts are the defaults, and which somebody has set."""
    defaults = EconomicsSpec()
    is_default = {
        "worth": economics.clv == defaults.clv,
        "offer": economics.incentive == defaults.incentive,
        "contact": economics.contact == defaults.contact,
        "acceptance": (economics.acceptance_alpha, economics.acceptance_beta)
        == (defaults.acceptance_alpha, defaults.acceptance_beta),
    }
    unset = [name for name, is_one in is_default.items() if is_one]
    if len(unset) == len(is_default):
        return "defaults from the literature, not amounts of this dataset"
    if not unset:
        return "amounts that were set, none of them a default"
    verb = "is a default" if len(unset) == 1 else "are defaults"
    return f"{join_words(unset)} {verb} from the literature, the rest was set"


def _everybody(facts: DatasetFacts) -> float:
    gain, loss = amounts_of(facts.economics)
    return gain * facts.prevalence - loss * (1 - facts.prevalence)


def _perfect(facts: DatasetFacts) -> float:
    return max(0.0, amounts_of(facts.economics)[0]) * facts.prevalence
