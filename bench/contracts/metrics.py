"""What every metric holds, tried on a few hundred made-up scores."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from bench.contracts.base import Clause, ContractBroken
from bench.metrics import Inputs, Metric
from bench.plugins import METRIC_NAME
from bench.specs import EconomicsSpec

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

N_SAMPLES = 240
N_POSITIVES = 48
N_LEVELS = 20
ORDER_TOLERANCE = 1e-9
WAY_OUT = "(bench.decisions.as_labels_and_scores does for scores, and confusion for decisions)"


def _inputs(score: Callable[[NDArray[np.int8]], NDArray[Any]]) -> Inputs:
    """Return labels with what ``score`` makes of them, a threshold and economics."""
    import numpy as np

    y = (np.arange(N_SAMPLES) % (N_SAMPLES // N_POSITIVES) == 0).astype(np.int8)
    return Inputs(
        y,
        score(y),
        threshold=0.5,
        economics=EconomicsSpec(),
        clv=np.linspace(100.0, 300.0, N_SAMPLES),
        fraction=N_POSITIVES / N_SAMPLES,
        value_fraction=N_POSITIVES / N_SAMPLES,
    )


def _ordinary() -> Inputs:
    """Return probabilities that know something, with many ties."""
    import numpy as np

    random = np.random.default_rng(7)
    return _inputs(
        lambda y: np.rint(N_LEVELS * (0.25 * y + 0.7 * random.random(len(y)))) / N_LEVELS
    )


def _value(metric: Metric, inputs: Inputs) -> float:
    value = metric.compute(inputs)
    if value is None:
        raise ContractBroken("returns no value where probabilities, threshold and economics exist")
    return value


def returns_a_finite_number(metric: Metric) -> None:
    """Returns a finite number where it has all that it needs."""
    _value(metric, _ordinary())


def has_a_name_for_its_column(metric: Metric) -> None:
    """Has a name in small letters with underscores."""
    if not METRIC_NAME.fullmatch(metric.name):
        raise ContractBroken(f"name = {metric.name!r}, expected a name such as 'my_metric'")


def prefers_good_scores(metric: Metric) -> None:
    """Is better for perfect scores than for reversed ones, and no worse than for random ones."""
    import numpy as np

    random = np.random.default_rng(11)
    perfect = _value(metric, _inputs(lambda y: 0.02 + 0.96 * y))
    reverse = _value(metric, _inputs(lambda y: 0.98 - 0.96 * y))
    chance = _value(metric, _inputs(lambda y: random.random(len(y))))
    sign = metric.sign
    if sign * perfect <= sign * reverse or sign * perfect < sign * chance:
        raise ContractBroken(
            f"{metric.direction} is declared to be better, but perfect scores get {perfect:.4g}, "
            f"random ones {chance:.4g} and reversed ones {reverse:.4g}"
        )


def does_not_depend_on_the_order_of_rows(metric: Metric) -> None:
    """Does not depend on the order of the rows, ties included."""
    import numpy as np

    inputs = _ordinary()
    value = _value(metric, inputs)
    by_label = np.argsort(inputs.y, kind="stable")
    for order in (by_label, by_label[::-1]):
        other = _value(metric, inputs.at(order))
        if not math.isclose(value, other, rel_tol=ORDER_TOLERANCE, abs_tol=1e-12):
            raise ContractBroken(f"is {value!r}, and {other!r} with the rows in another order")


def takes_scores_on_any_scale(metric: Metric) -> None:
    """Takes scores that are no probabilities."""
    inputs = _ordinary()
    scores = replace(inputs, score=8 * inputs.score - 5, outputs="score", threshold=-1.0)
    if metric.threshold is None:
        _value(metric, scores)
    elif metric.compute(scores) is not None:
        raise ContractBroken("decides at a fixed probability where there are none")


def leaves_blank_what_does_not_apply(metric: Metric) -> None:
    """Returns no value where what it needs is not there."""
    inputs = _ordinary()
    without = {
        "probabilities": replace(inputs, outputs="score"),
        "decisions": replace(inputs, threshold=None, outputs="score"),
        "economics": replace(inputs, economics=None),
        "campaign": replace(inputs, economics=None),
    }
    value = metric.compute(without[metric.needs])
    if value is not None:
        raise ContractBroken(f"returned {value!r} without {metric.needs}, expected None")


def refuses_a_single_class(metric: Metric) -> None:
    """Refuses labels of a single class with a ValueError."""
    inputs = _ordinary()
    for label in (0, 1):
        kept = inputs.y == label
        _check_refusal(
            metric, replace(inputs, y=inputs.y[kept], score=inputs.score[kept]), "a single class"
        )


def refuses_missing_scores(metric: Metric) -> None:
    """Refuses scores that are missing with a ValueError."""
    inputs = _ordinary()
    inputs.score[3] = math.nan
    _check_refusal(metric, inputs, "a score that is NaN")


def refuses_unequal_lengths(metric: Metric) -> None:
    """Refuses labels and scores of unequal lengths with a ValueError."""
    inputs = _ordinary()
    _check_refusal(metric, replace(inputs, score=inputs.score[:-1]), "one score too few")


def leaves_its_input_alone(metric: Metric) -> None:
    """Takes arrays that cannot be written to."""
    inputs = _ordinary()
    inputs.y.flags.writeable = inputs.score.flags.writeable = False
    _value(metric, inputs)


def _check_refusal(metric: Metric, inputs: Inputs, fact: str) -> None:
    try:
        value = metric.compute(inputs)
    except ValueError:
        return
    raise ContractBroken(f"returned {value!r} for {fact}, expected a ValueError {WAY_OUT}")


def _takes_any_scores(metric: Metric) -> bool:
    """Return whether ``metric`` owes a value without probabilities."""
    return metric.needs not in ("probabilities", "campaign")


METRIC_CLAUSES: tuple[Clause[Metric], ...] = (
    Clause(returns_a_finite_number, is_basis=True),
    Clause(has_a_name_for_its_column),
    Clause(prefers_good_scores, applies=lambda m: m.direction != "neither"),
    Clause(does_not_depend_on_the_order_of_rows),
    Clause(leaves_its_input_alone),
    Clause(takes_scores_on_any_scale, applies=_takes_any_scores),
    Clause(leaves_blank_what_does_not_apply, applies=lambda m: m.needs != "scores"),
    Clause(refuses_a_single_class),
    Clause(refuses_missing_scores),
    Clause(refuses_unequal_lengths),
)
