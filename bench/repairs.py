"""From what a model said to probabilities that hold: pure functions of stored scores.

A repair is a map of scores. Prior correction follows from class counts alone;
sigmoid, isotonic and temperature are fitted on rows other than those that they
repair.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bench.calibration import (
    as_labels_and_probabilities,
    expit,
    fit_logistic,
    logit,
)
from bench.decisions import as_labels_and_scores, hull_counts
from bench.registry import Registry

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    from bench.domain import ClassCounts, Outputs, Record

    Map = Callable[[ArrayLike], NDArray[np.float64]]

SHIFTS_THE_PRIOR = frozenset(
    {"class-weight", "sqrt-weight", "effective-number", "random-over", "random-under"}
)
"""Strategies that change how often a learner meets each class, and nothing else."""

FOCAL = "focal"
"""The strategy whose loss has an exact inverse of its own."""

FEWEST_FOR_ISOTONIC = 100
"""Rows of the rarer class below which steps follow the noise."""


@dataclass(frozen=True)
class Repair:
    """One way to repair probabilities; ``fit(y, score, outputs)`` returns a map of scores."""

    name: str
    summary: str
    fit: Callable[[ArrayLike, ArrayLike, Outputs], Map] | None = None


# --- exact ----------------------------------------------------------------------------


def correct_prior(y_prob: ArrayLike, *, learned: float, true: float) -> NDArray[np.float64]:
    """Return the probabilities of a learner that met positives more or less often than there are.

    Parameters
    ----------
    y_prob : array-like of shape (n_samples,)
    learned : float in (0, 1)
        Share of positives that the learner met, weights counted.
    true : float in (0, 1)
        Share of positives in the training rows before weights or resampling.

    Returns
    -------
    ndarray of shape (n_samples,)
        p (π/ρ) / [p (π/ρ) + (1 − p) (1 − π)/(1 − ρ)] with ρ learned and π true;
        for random under-sampling the form of Dal Pozzolo et al. (2015).

    Raises
    ------
    ValueError
        If a share is not inside (0, 1).
    """
    import numpy as np

    if not (0 < learned < 1 and 0 < true < 1):
        raise ValueError(f"learned = {learned}, true = {true}: expected shares in (0, 1)")
    p = np.asarray(y_prob, dtype=np.float64)
    up, down = true / learned, (1 - true) / (1 - learned)
    return np.asarray(p * up / (p * up + (1 - p) * down))


def learned_prevalence(record: Record) -> float:
    """Return the share of positives that the learner of ``record`` met, weights counted.

    Records that were written before it was kept have it worked out from their
    class counts and the power of their class weights.
    """
    if record.learned_prevalence:
        return record.learned_prevalence
    after = record.counts_after
    strategy = record.chosen_strategy or record.job.candidate.strategy
    if strategy != "class-weight":
        return _share(after)
    power = float(record.strategy_params.get("power", 1.0))
    # Weights of (n / 2 n_class) ** power multiply the odds by (n0 / n1) ** power.
    odds = math.pow(after.positives / after.negatives, 1 - power)
    return odds / (1 + odds)


def _share(counts: ClassCounts) -> float:
    return counts.positives / (counts.positives + counts.negatives)


def exact_map(record: Record) -> Map:
    """Return the map that undoes the strategy of ``record``, where one is known.

    Raises
    ------
    ValueError
        If the strategy has no exact inverse.
    """
    strategy = record.chosen_strategy or record.job.candidate.strategy
    if strategy == FOCAL:
        return _focal_map(record.strategy_params)
    if strategy not in SHIFTS_THE_PRIOR:
        raise ValueError(f"no exact inverse of strategy {strategy!r} is known")
    return _prior_map(record)


def _prior_map(record: Record) -> Map:
    learned, true = learned_prevalence(record), _share(record.counts_before)
    return lambda score: correct_prior(score, learned=learned, true=true)


def _focal_map(params: Mapping[str, Any]) -> Map:
    import numpy as np

    from bench.losses import FocalLoss

    loss = FocalLoss(**{name: params[name] for name in ("alpha", "gamma") if name in params})
    return lambda score: np.asarray(loss.to_probability(score))


# --- fitted ---------------------------------------------------------------------------


def fit_sigmoid(y: ArrayLike, score: ArrayLike, outputs: Outputs = "probability") -> Map:
    """Return Platt's sigmoid of the scores, or of the logits of probabilities.

    Its targets are (n₁ + 1)/(n₁ + 2) and 1/(n₀ + 2) instead of 1 and 0, so that
    it stays finite where the scores part the classes (Platt 1999).
    """
    import numpy as np

    labels, raw = as_labels_and_scores(y, score)
    n_positives = int(np.count_nonzero(labels == 1))
    n_negatives = labels.size - n_positives
    high, low = (n_positives + 1) / (n_positives + 2), 1 / (n_negatives + 2)
    target = np.where(labels == 1, high, low)

    def place(values: ArrayLike) -> NDArray[np.float64]:
        is_probability = outputs == "probability"
        return logit(values) if is_probability else np.asarray(values, dtype=np.float64)

    x = place(raw)
    # A constant score tells nothing: everybody gets the share of positives.
    is_constant = float(x.max() - x.min()) < 1e-12
    rate = float(target.mean())
    odds = math.log(rate / (1 - rate))
    start = odds - float(x.mean())
    intercept, slope = (odds, 0.0) if is_constant else fit_logistic(x, target, intercept=start)
    return lambda values: expit(intercept + slope * place(values))


def fit_isotonic(y: ArrayLike, score: ArrayLike, outputs: Outputs = "probability") -> Map:
    """Return the monotone step function nearest to the labels, joined by straight lines.

    Its steps are the edges of the convex hull of the ROC curve: what pooling
    adjacent violators arrives at (Fawcett & Niculescu-Mizil 2007). Beyond the
    outermost scores it is constant.
    """
    import numpy as np

    _, raw = as_labels_and_scores(y, score)
    rows, tp, _ = hull_counts(y, raw)
    level = np.diff(tp) / np.diff(rows)
    descending = -np.sort(-raw)
    knots = np.column_stack([descending[rows[:-1]], descending[rows[1:] - 1]]).ravel()[::-1]
    levels = np.repeat(level, 2)[::-1]
    return lambda values: np.interp(np.asarray(values, dtype=np.float64), knots, levels)


def fit_temperature(y: ArrayLike, y_prob: ArrayLike, outputs: Outputs = "probability") -> Map:
    """Return the map that divides all logits by the one number that fits best.

    Guo et al. (2017). Where the best number would be 0 or below (probabilities
    that part the classes, or rank them the wrong way round) it is held within
    [.01, 100].
    """
    labels, p = as_labels_and_probabilities(y, y_prob)
    x = logit(p)
    low, high = 0.01, 100.0
    slope = 1.0
    for _ in range(200):
        shifted = expit(slope * x)
        gradient = float((labels - shifted) @ x)
        curvature = float((shifted * (1 - shifted)) @ (x * x))
        # The likelihood is concave: its maximum lies where the gradient points.
        low, high = (slope, high) if gradient > 0 else (low, slope)
        step = gradient / curvature if curvature > 0 else 0.0
        tried = slope + step
        if not low <= tried <= high:
            tried = (low + high) / 2
        if abs(tried - slope) < 1e-12:
            break
        slope = tried
    return lambda values: expit(slope * logit(values))


# --- by name --------------------------------------------------------------------------

REPAIRS: Registry[Repair] = Registry(
    "repair",
    (
        Repair("none", "as the model says"),
        Repair("prior", "undo weights, random copies or focal loss, by their exact inverse"),
        Repair("sigmoid", "Platt's sigmoid, cross-fitted", fit_sigmoid),
        Repair("isotonic", "monotone steps, cross-fitted", fit_isotonic),
        Repair("temperature", "divide all logits by one number, cross-fitted", fit_temperature),
    ),
)

SUITABLE = "suitable"
"""On the command line: whichever repair is right for a candidate, see `suitable_repair`."""


def suitable_repair(strategy: str, outputs: Outputs) -> str:
    """Return the repair that answers "and what if it were repaired?", ``none`` for none needed."""
    if outputs == "score":
        return "sigmoid"
    if strategy == "none":
        return "none"
    return "prior" if strategy in SHIFTS_THE_PRIOR or strategy == FOCAL else "sigmoid"


def why_not_repair(repair: str, *, strategy: str, outputs: Outputs, n_rarer: int) -> str:
    """Return why ``repair`` would be wrong or idle, or ``""`` where it is right.

    Parameters
    ----------
    repair, strategy : str
    outputs : {"probability", "score"}
        What the model gives.
    n_rarer : int
        Rows of the rarer class on which a repair would be fitted.
    """
    if repair == "isotonic" and n_rarer < FEWEST_FOR_ISOTONIC:
        return (
            f"isotonic repair needs {FEWEST_FOR_ISOTONIC} rows of the rarer class to be fitted on, "
            f"and there are {n_rarer}: use sigmoid"
        )
    if repair not in ("prior", "temperature"):
        return ""
    if outputs == "score":
        return f"{repair} repair needs probabilities, and the model gives scores: use sigmoid"
    if repair == "temperature" or strategy in SHIFTS_THE_PRIOR or strategy == FOCAL:
        return ""
    if strategy == "none":
        return "prior repair has nothing to do: none leaves the prevalence as it is"
    if strategy == "auto":
        return "prior repair needs an exact inverse, and auto may choose a strategy without one"
    return f"prior repair would be wrong: {strategy} has no exact inverse; use sigmoid"
