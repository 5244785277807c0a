"""Decision rules by name: what ``--decisions`` and `Candidate.decision` mean.

A name is a slug; a rule with a parameter has it in percent behind a hyphen:
``capacity-10``, ``precision-80``, ``recall-90``. The command line also takes
``precision=.8`` and a bare ``capacity``, ``precision`` or ``recall``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bench.decisions import (
    threshold_by_capacity,
    threshold_by_f1,
    threshold_by_mcc,
    threshold_by_precision,
    threshold_by_recall,
)
from bench.errors import UsageError
from bench.registry import Registry

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


@dataclass(frozen=True)
class Rule:
    """One way to set a threshold.

    Attributes
    ----------
    name, summary : str
    fit : callable, optional
        ``fit(y, score)``, or ``fit(y, score, <parameter>=share)``, returns a
        threshold, or ``None`` where none does what is asked. Without it the
        threshold follows from economics alone.
    parameter : str
        The keyword of the share that the rule takes.
    percent : int
        The share in percent where none is given; 0 for rules without one.
    """

    name: str
    summary: str
    fit: Callable[..., float | None] | None = None
    parameter: str = ""
    percent: int = 0


RULES: Registry[Rule] = Registry(
    "decision",
    (
        Rule("f1", "the best F1", threshold_by_f1),
        Rule("mcc", "the best Matthews correlation", threshold_by_mcc),
        Rule("cost", "contact where it pays, by [economics]; needs probabilities"),
        Rule("capacity", "the top share, 10 % if not said", threshold_by_capacity, "share", 10),
        Rule(
            "precision",
            "the most customers at a precision surely (Wilson 95 %) above the target, 80 %",
            threshold_by_precision,
            "target",
            80,
        ),
        Rule(
            "recall",
            "the fewest customers that hold the target share of churners, 80 %",
            threshold_by_recall,
            "target",
            80,
        ),
    ),
)


@dataclass(frozen=True)
class Decision:
    """A rule with its parameter."""

    rule: Rule
    percent: int = 0

    @property
    def slug(self) -> str:
        """The name in files, tables and `Candidate.decision`."""
        return f"{self.rule.name}-{self.percent}" if self.percent else self.rule.name

    def fit(self, y: ArrayLike, score: ArrayLike) -> float | None:
        """Return the threshold that the rule sets on these rows, ``None`` if unreachable.

        Raises
        ------
        ValueError
            If the rule is not fitted, or labels and scores do not fit.
        """
        if self.rule.fit is None:
            raise ValueError(f"the rule {self.slug!r} is not fitted on labels")
        arguments: dict[str, Any] = {}
        if self.percent:
            arguments[self.rule.parameter] = self.percent / 100
        return self.rule.fit(y, score, **arguments)


def parse_decision(text: str) -> Decision:
    """Return the decision called ``text``, such as ``f1``, ``capacity-10`` or ``precision=.8``.

    Raises
    ------
    UsageError
        If there is no such rule, it takes no parameter, or the parameter is no
        whole percentage from 1 to 99.
    """
    separator = "=" if "=" in text else "-"
    name, _, given = text.partition(separator)
    rule = RULES.lookup(name)
    if not given and text == name:
        return Decision(rule, rule.percent)
    if not rule.percent:
        raise UsageError(f"decision {text!r}: {rule.name} takes no parameter")
    percent = _percent(given, is_share=separator == "=")
    if percent is None:
        raise UsageError(
            f"decision {text!r}: expected a share in whole percent from 1 to 99",
            hint=f"write {rule.name}-{rule.percent}, or {rule.name}={rule.percent / 100:g}",
        )
    return Decision(rule, percent)


def _percent(text: str, *, is_share: bool) -> int | None:
    """Return a whole percentage from 1 to 99, or ``None`` if ``text`` is none."""
    try:
        value = 100 * float(text) if is_share else float(int(text))
    except ValueError:
        return None
    # .29 is 28.999999999999996 % in floating point; anything further off is no whole number.
    is_whole = 0.5 < value < 99.5 and abs(value - round(value)) < 1e-9
    return round(value) if is_whole else None
