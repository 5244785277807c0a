"""Every figure of a board: one entry in a tuple, computed from labels and scores.

A metric is a plain function of arrays. It refuses a single class, NaN and
unequal lengths with a ``ValueError``, and its value may not depend on the order
of the rows: where scores tie, the tied rows share what is cut between them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, get_args

from bench.decisions import as_labels_and_scores, confusion, cumulative_counts, predictions_at
from bench.errors import PluginError
from bench.profit import empc, lift
from bench.registry import Registry

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    from bench.domain import Outputs
    from bench.specs import EconomicsSpec

Direction = Literal["higher", "lower"]
Needs = Literal["scores", "probabilities", "decisions", "economics"]
Board = Literal["ranking", "decisions", "probabilities", "profit"]

_BOARD_OF: dict[Needs, Board] = {
    "scores": "ranking",
    "probabilities": "probabilities",
    "decisions": "decisions",
    "economics": "profit",
}


@dataclass(frozen=True, eq=False)
class Inputs:
    """What one split offers to the metrics.

    ``threshold`` is the chosen one, fitted on other rows; a customer counts as
    a predicted churner where ``score >= threshold``. ``None`` means that there
    is none, and that decisions cannot be judged.
    """

    y: NDArray[np.int8]
    score: NDArray[np.float64]
    outputs: Outputs = "probability"
    threshold: float | None = None
    economics: EconomicsSpec | None = None


@dataclass(frozen=True)
class Metric:
    """One column of a board.

    Attributes
    ----------
    name : str
        Lower case with underscores; the column in ``leaderboard.csv``.
    function : callable
        ``(y_true, y_score)``, ``(y_true, y_prob)``, ``(y_true, y_pred)`` or
        ``(y_true, y_score, economics)``, as ``needs`` says, to a float.
    direction : {"higher", "lower"}
        Which is better.
    needs : {"scores", "probabilities", "decisions", "economics"}
        Models that give scores only have no value where probabilities are needed.
    title : str
        For readers; the name where it is empty.
    shown_on : str or None
        The board, where it is not the one that ``needs`` suggests.
    threshold : float or None
        Decide at this probability instead of at the chosen threshold.
    """

    name: str
    function: Callable[..., float]
    direction: Direction
    needs: Needs
    title: str = ""
    shown_on: Board | None = None
    threshold: float | None = None

    def __post_init__(self) -> None:
        if not self.title:
            object.__setattr__(self, "title", self.name)
        choices = {"direction": (self.direction, Direction), "needs": (self.needs, Needs)}
        for field, (value, allowed) in choices.items():
            if value not in get_args(allowed):
                expected = ", ".join(map(repr, get_args(allowed)))
                raise PluginError(
                    f"metric {self.name!r}: {field} = {value!r}, expected one of {expected}"
                )

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
        value = float(self.function(*arguments))
        if not math.isfinite(value):
            raise PluginError(f"metric {self.name!r} returned {value}, expected a finite number")
        return value

    def _arguments(self, inputs: Inputs) -> tuple[Any, ...] | None:
        has_probabilities = inputs.outputs == "probability"
        if self.needs == "probabilities" and not has_probabilities:
            return None
        if self.needs == "decisions":
            fixed = self.threshold if has_probabilities else None
            cut = inputs.threshold if self.threshold is None else fixed
            return None if cut is None else (inputs.y, predictions_at(inputs.score, cut))
        if self.needs == "economics":
            economics = inputs.economics
            return None if economics is None else (inputs.y, inputs.score, economics)
        return inputs.y, inputs.score


def compute_all(inputs: Inputs, metrics: Iterable[Metric] | None = None) -> dict[str, float]:
    """Return every metric that applies, by name; all registered ones by default.

    The rows are sorted once, by descending score: the stable sort inside a
    metric is linear on sorted rows.
    """
    import numpy as np

    y, score = as_labels_and_scores(inputs.y, inputs.score)
    order = np.argsort(-score, kind="stable")
    ordered = replace(inputs, y=y[order], score=score[order])
    values = {m.name: m.compute(ordered) for m in (METRICS if metrics is None else metrics)}
    return {name: value for name, value in values.items() if value is not None}


def _as_labels_and_probabilities(
    y_true: ArrayLike, y_prob: ArrayLike
) -> tuple[NDArray[Any], NDArray[np.float64]]:
    y, p = as_labels_and_scores(y_true, y_prob)
    if p.min() < 0 or p.max() > 1:
        raise ValueError("probabilities lie outside [0, 1]")
    return y, p


# --- ranking --------------------------------------------------------------------------


def roc_auc(y_true: ArrayLike, y_score: ArrayLike) -> float:
    """Return the chance that a positive outranks a negative, ties counting one half."""
    import numpy as np

    _, tp, fp = cumulative_counts(y_true, y_score)
    # Twice the area, in whole rows: exact before the one division.
    area = np.sum(np.diff(fp, prepend=0) * (tp + np.append(0, tp[:-1])))
    return float(area / (2 * int(tp[-1]) * int(fp[-1])))


def average_precision(y_true: ArrayLike, y_score: ArrayLike) -> float:
    """Return the precision averaged over recall steps, without interpolation."""
    import numpy as np

    _, tp, fp = cumulative_counts(y_true, y_score)
    return float(np.sum(np.diff(tp, prepend=0) * (tp / (tp + fp))) / tp[-1])


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


# --- probabilities --------------------------------------------------------------------


def brier(y_true: ArrayLike, y_prob: ArrayLike) -> float:
    """Return the mean squared distance of the probabilities from the labels."""
    import numpy as np

    y, p = _as_labels_and_probabilities(y_true, y_prob)
    return float(np.mean((p - y) ** 2))


def log_loss(y_true: ArrayLike, y_prob: ArrayLike) -> float:
    """Return the mean negative log-likelihood; 0 and 1 are moved inwards by a float's epsilon."""
    import numpy as np

    y, p = _as_labels_and_probabilities(y_true, y_prob)
    epsilon = np.finfo(np.float64).eps
    return float(-np.mean(np.log(np.clip(np.where(y == 1, p, 1 - p), epsilon, 1 - epsilon))))


def ece(y_true: ArrayLike, y_prob: ArrayLike, *, n_bins: int = 10) -> float:
    """Return the expected calibration error over bins of equal mass.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
    y_prob : array-like of shape (n_samples,)
        Probabilities of the positive class.
    n_bins : int, default=10
        Bins by ascending probability; the first take one row more where the
        rows do not divide evenly. Tied rows share their churn rate, so that
        the order of the rows cannot matter.

    Returns
    -------
    float
        Σ (n_b / n) |churn rate − mean probability|. It is above 0 even for
        perfect probabilities: about .023 at 1,400 rows.
    """
    import numpy as np

    y, p = _as_labels_and_probabilities(y_true, y_prob)
    _, group, sizes = np.unique(p, return_inverse=True, return_counts=True)
    rate = np.bincount(group, weights=y == 1) / sizes
    gap = np.sort(p) - np.repeat(rate, sizes)
    bins = np.array_split(gap, min(n_bins, gap.size))
    return float(sum(abs(part.sum()) for part in bins) / gap.size)


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

METRICS: Registry[Metric] = Registry(
    "metric",
    (
        Metric("roc_auc", roc_auc, "higher", "scores", "ROC-AUC"),
        Metric("average_precision", average_precision, "higher", "scores", "Average precision"),
        *(Metric(f.__name__, f, "higher", "decisions", title) for f, title in _DECISIONS),
        *(
            Metric(
                f"{f.__name__}_at_05", f, "higher", "decisions", f"{title} at 0.5", threshold=0.5
            )
            for f, title in _DECISIONS
        ),
        Metric("brier", brier, "lower", "probabilities", "Brier score"),
        Metric("log_loss", log_loss, "lower", "probabilities", "Log loss"),
        Metric("ece", ece, "lower", "probabilities", "Calibration error"),
        Metric("lift_at_10", lift, "higher", "scores", "Lift at 10 %", shown_on="profit"),
        Metric("empc", empc, "higher", "economics", "EMPC"),
    ),
)
