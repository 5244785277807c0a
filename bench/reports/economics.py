"""The amounts behind the profit figures, and what those are to be compared with, in words."""

from __future__ import annotations

from collections.abc import Mapping

from bench.analysis.money import amounts_origin
from bench.campaigns import References, acceptance, cost_thresholds
from bench.metrics import METRICS
from bench.reports.numbers import format_number
from bench.specs import EconomicsSpec


def describe_economics(economics: EconomicsSpec, references: Mapping[str, References]) -> list[str]:
    """Return a sentence on the amounts, and one on the references of each profit figure."""
    threshold = float(cost_thresholds(1, economics)[0])
    worth = f"a customer is worth {economics.clv:g}"
    if economics.value:
        worth += f" on average, in proportion to {economics.value} where customers count one by one"
    lines = [
        f"Economics: {worth}; the incentive costs {economics.incentive:g} and the contact "
        f"{economics.contact:g}; a would-be churner accepts with a chance of "
        f"{format_number(acceptance(economics), digits=2)} (Beta {economics.acceptance_alpha:g}, "
        f"{economics.acceptance_beta:g}), those who would have stayed always, so "
        f"that contacting the average customer pays from a probability of "
        f"{format_number(threshold, digits=3)}. "
        f"Where these amounts are from: {amounts_origin(economics)}."
    ]
    for name, reference in references.items():
        nobody, everybody, perfect = (
            format_number(amount, digits=2)
            for amount in (reference.nobody, reference.everybody, reference.perfect)
        )
        lines.append(
            f"{METRICS.lookup(name).title} per customer: contacting nobody {nobody}, "
            f"everybody {everybody}, exactly the churners {perfect}."
        )
    return lines
