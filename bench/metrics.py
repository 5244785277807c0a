"""Every figure of a board: one entry in a tuple, computed from labels and scores.

A metric is a plain function of arrays. It refuses a single class, NaN and
unequal lengths with a ``ValueError``, and its value may not depend on the order
of the rows: where scores tie, the tied rows share what is cut between them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, get_args

from bench import campaigns
from bench.calibration import (
    brier,
    brier_skill,
    calibration_in_the_large,
    calibration_slope,
    ece,
    ece_floor,
    log_loss,
)
from bench.decisions import (
    as_labels_and_scores,
    confusion,
    cumulative_counts,
    from_zero,
    locked,
)
from bench.errors import PluginError, UsageError
from bench.inputs import Inputs as Inputs  # handed on: users name it with Metric
from bench.profit import empc, empc_fraction, h_measure, lift, mpc
from bench.registry import Registry

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

Direction = Literal["higher", "lower", "neither"]
Needs = Literal["scores", "probabilities", "decisions", "economics", "campaign"]
Board = Literal["ranking", "decisions", "probabilities", "profit"]

_BOARD_OF: dict[Needs, Board] = {
    "scores": "ranking",
    "probabilities": "probabilities",
    "decisions": "decisions",
    "economics": "profit",
    "campaign": "profit",
}


@dataclass(frozen=True)
class Metric:
    """One column of a board.

    Attributes
    ----------
    name : str
        Lower case with underscores; the column in ``leaderboard.csv``.
    function : callable
        ``(y_true, y_score)``, ``(y_true, y_prob)``, ``(y_true, y_pred)``,
        ``(y_true, y_score, economics)`` or ``(inputs)``, as ``needs`` says, to
        a float, or to ``None`` where these rows leave it undefined.
    direction : {"higher", "lower", "neither"}
        Which is better; figures that only describe (a threshold, a floor, a
        slope that should be 1) are for reading and rank nothing.
    needs : {"scores", "probabilities", "decisions", "economics", "campaign"}
        Models that give scores only have no value where probabilities are
        needed. "campaign" takes all `Inputs` and sees to what it needs itself.
    title : str
        For readers; the name where it is empty.
    shown_on : str or None
        The board, where it is not the one that ``needs`` suggests.
    threshold : float or None
        Decide at this probability instead of at the chosen threshold.
    bounds : (float, float)
        What no value lies beyond; intervals are cut there.
    is_of_ranking : bool
        Whether nothing counts but the order of the scores and which are equal,
        so that rows whose repair leaves both as they were share the value.
    """

    name: str
    function: Callable[..., float | None]
    direction: Direction
    needs: Needs
    title: str = ""
    shown_on: Board | None = None
    threshold: float | None = None
    bounds: tuple[float, float] = (-math.inf, math.inf)
    is_of_ranking: bool = False

    def __post_init__(self) -> None:
        if not self.title:
            object.__setattr__(self, "title", self.name)
        choices = {"direction": (self.direction, Direction), "needs": (self.needs, Needs)}
        for name, (value, allowed) in choices.items():
            if value not in get_args(allowed):
                expected = ", ".join(map(repr, get_args(allowed)))
                raise PluginError(
                    f"metric {self.name!r}: {name} = {value!r}, expected one of {expected}"
                )

    @property
    def sign(self) -> float:
        """-1 where less is better, else 1: times a value, more is better."""
        return -1.0 if self.direction == "lower" else 1.0

    @property
    def board(self) -> Board:
        """The board on which the column stands."""
        return self.shown_on or _BOARD_OF[self.needs]

    def compute(self, inputs: Inputs) -> float | None:
        """Return the value, or ``None`` where the metric does not apply.

        Raises
        ------
        ValueError
            If the labels hold a single class, or labels and scores do not fit.
        PluginError
            If the function returns anything but a finite number.
        """
        arguments = self._arguments(inputs)
        if arguments is None:
            return None
        returned = self.function(*arguments)
        if returned is None:
            return None
        value = float(returned)
        if not math.isfinite(value):
            raise PluginError(f"metric {self.name!r} returned {value}, expected a finite number")
        return value

    def _arguments(self, inputs: Inputs) -> tuple[Any, ...] | None:
        has_probabilities = inputs.outputs == "probability"
        if self.needs == "probabilities" and not has_probabilities:
            return None
        if self.needs == "decisions":
            if self.threshold is not None and not has_probabilities:
                return None
            decided = inputs.decided(self.threshold)
            return None if decided is None else (inputs.y, decided)
        if self.needs == "economics":
            economics = inputs.economics
            return None if economics is None else (inputs.y, inputs.score, economics)
        if self.needs == "campaign":
            return (inputs,)
        return inputs.y, inputs.score


def compute_all(
    inputs: Inputs,
    metrics: Iterable[Metric] | None = None,
    *,
    order: NDArray[np.intp] | None = None,
    known: Mapping[str, float] | None = None,
) -> dict[str, float]:
    """Return every metric that applies, by name; all registered ones by default.

    The rows are sorted once, by descending score, and locked, so that the
    metrics share their counts.

    Parameters
    ----------
    inputs : Inputs
    metrics : iterable of Metric, optional
    order : ndarray of shape (n_samples,), optional
        Rows that descend by score, or nearly: what is sorted is sorted fast.
    known : mapping of str to float, optional
        Values that are taken as they are.
    """
    import numpy as np

    y, score = np.asarray(inputs.y), np.asarray(inputs.score, dtype=np.float64)
    if y.ndim != 1 or y.shape != score.shape:
        as_labels_and_scores(y, score)  # says what is wrong
    by_score = np.argsort(-score if order is None else -score[order], kind="stable")
    ordered = inputs.at(by_score if order is None else order[by_score])
    as_labels_and_scores(locked(ordered.y), locked(ordered.score))
    values = {
        m.name: known[m.name] if known and m.name in known else m.compute(ordered)
        for m in (METRICS if metrics is None else metrics)
    }
    return {name: value for name, value in values.items() if value is not None}


# --- ranking --------------------------------------------------------------------------


def roc_auc(y_true: ArrayLike, y_score: ArrayLike) -> float:
    """Return the chance that a positive outranks a negative, ties counting one half."""
    import numpy as np

    _, tp, fp = cumulative_counts(y_true, y_score)
    tp, fp = from_zero(tp), from_zero(fp)
    # Twice the area, in whole rows: exact before the one division.
    area = np.sum((fp[1:] - fp[:-1]) * (tp[1:] + tp[:-1]))
    return float(area / (2 * int(tp[-1]) * int(fp[-1])))


def average_precision(y_true: ArrayLike, y_score: ArrayLike) -> float:
    """Return the precision averaged over recall steps, without interpolation."""
    import numpy as np

    _, tp, fp = cumulative_counts(y_true, y_score)
    before = from_zero(tp[:-1])
    return float(np.sum((tp - before) * (tp / (tp + fp))) / tp[-1])


# --- decisions ------------------------------------------------------------------------


def precision(y_true: ArrayLike, y_pred: ArrayLike) -> float:
    """Return the share of churners among the predicted ones; 0 where nobody is predicted."""
    c = confusion(y_true, y_pred)
    return c.tp / (c.tp + c.fp) if c.tp + c.fp else 0.0


def recall(y_true: ArrayLike, y_pred: ArrayLike) -> float:
    """Return the share of the churners that is predicted."""
    c = confusion(y_true, y_pred)
    return c.tp / (c.tp + c.fn)


def f1(y_true: ArrayLike, y_pred: ArrayLike) -> float:
    """Return the harmonic mean of precision and recall."""
    c = confusion(y_true, y_pred)
    return 2 * c.tp / (2 * c.tp + c.fp + c.fn)


def accuracy(y_true: ArrayLike, y_pred: ArrayLike) -> float:
    """Return the share of right predictions."""
    c = confusion(y_true, y_pred)
    return (c.tp + c.tn) / (c.tp + c.fp + c.fn + c.tn)


def balanced_accuracy(y_true: ArrayLike, y_pred: ArrayLike) -> float:
    """Return the mean of the recalls of both classes."""
    c = confusion(y_true, y_pred)
    return (c.tp / (c.tp + c.fn) + c.tn / (c.tn + c.fp)) / 2


def g_mean(y_true: ArrayLike, y_pred: ArrayLike) -> float:
    """Return the geometric mean of the recalls of both classes."""
    c = confusion(y_true, y_pred)
    return math.sqrt(c.tp / (c.tp + c.fn) * c.tn / (c.tn + c.fp))


def mcc(y_true: ArrayLike, y_pred: ArrayLike) -> float:
    """Return Matthews' correlation of labels and predictions; 0 where all are predicted alike."""
    c = confusion(y_true, y_pred)
    product = (c.tp + c.fp) * (c.tp + c.fn) * (c.tn + c.fp) * (c.tn + c.fn)
    return (c.tp * c.tn - c.fp * c.fn) / math.sqrt(product) if product else 0.0


# --- the registry ---------------------------------------------------------------------

_DECISIONS: tuple[tuple[Callable[..., float], str], ...] = (
    (f1, "F1"),
    (precision, "Precision"),
    (recall, "Recall"),
    (accuracy, "Accuracy"),
    (balanced_accuracy, "Balanced accuracy"),
    (mcc, "MCC"),
    (g_mean, "G-mean"),
)

UNIT = (0.0, 1.0)


def _bounds(function: Callable[..., float | None]) -> tuple[float, float]:
    return (-1.0, 1.0) if function is mcc else UNIT


_of_ranking = partial(Metric, is_of_ranking=True)

METRICS: Registry[Metric] = Registry(
    "metric",
    (
        _of_ranking("roc_auc", roc_auc, "higher", "scores", "ROC-AUC", bounds=UNIT),
        _of_ranking(
            "average_precision",
            average_precision,
            "higher",
            "scores",
            "Average precision",
            bounds=UNIT,
        ),
        _of_ranking("h_measure", h_measure, "higher", "scores", "H-measure", bounds=UNIT),
        *(
            Metric(f.__name__, f, "higher", "decisions", title, bounds=_bounds(f))
            for f, title in _DECISIONS
        ),
        *(
            Metric(
                f"{f.__name__}_at_05",
                f,
                "higher",
                "decisions",
                f"{title} at .5",
                threshold=0.5,
                bounds=_bounds(f),
            )
            for f, title in _DECISIONS
        ),
        Metric("brier", brier, "lower", "probabilities", "Brier score", bounds=UNIT),
        Metric("brier_skill", brier_skill, "higher", "probabilities", "Brier skill"),
        Metric("log_loss", log_loss, "lower", "probabilities", "Log loss"),
        Metric("ece", ece, "lower", "probabilities", "Calibration error", bounds=UNIT),
        Metric("ece_floor", ece_floor, "neither", "probabilities", "Noise floor of ECE"),
        Metric(
            "calibration_slope", calibration_slope, "neither", "probabilities", "Calibration slope"
        ),
        Metric(
            "calibration_in_the_large",
            calibration_in_the_large,
            "neither",
            "probabilities",
            "Calibration in the large",
        ),
        _of_ranking("lift_at_10", lift, "higher", "scores", "Lift at 10 %", shown_on="profit"),
        _of_ranking("empc", empc, "higher", "economics", "EMPC"),
        _of_ranking(
            "empc_fraction", empc_fraction, "neither", "economics", "Share contacted at EMPC"
        ),
        _of_ranking("mpc", mpc, "higher", "economics", "MPC"),
        Metric(
            "campaign_profit", campaigns.campaign_profit_of, "higher", "campaign", "Campaign profit"
        ),
        Metric(
            "campaign_fraction",
            campaigns.campaign_fraction_of,
            "neither",
            "campaign",
            "Share contacted",
        ),
        Metric(
            "campaign_regret", campaigns.campaign_regret_of, "lower", "campaign", "Campaign regret"
        ),
        Metric(
            "value_profit",
            campaigns.value_profit_of,
            "higher",
            "campaign",
            "Profit by customer value",
        ),
        Metric("savings", campaigns.savings_of, "higher", "campaign", "Savings"),
        Metric(
            "expected_savings",
            campaigns.expected_savings_of,
            "higher",
            "campaign",
            "Expected savings",
        ),
    ),
)


def metric_title(name: str) -> str:
    """Return what a metric is called, also where its plug-in is not loaded."""
    return METRICS.lookup(name).title if name in METRICS else name.replace("_", " ")


def is_lower_better(name: str) -> bool:
    """Return whether less of a metric is better, as far as it is known here."""
    return name in METRICS and METRICS.lookup(name).sign < 0


def rankable(name: str) -> Metric:
    """Return the metric called ``name``, which orders a board.

    Raises
    ------
    UnknownNameError
        If there is none.
    UsageError
        If it describes and does not rank.
    """
    metric = METRICS.lookup(name)
    if metric.direction == "neither":
        raise UsageError(
            f"{name} describes a candidate, and neither more nor less of it is better",
            hint="rank by another metric (see: python -m bench list metrics)",
        )
    return metric
