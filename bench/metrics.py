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
from bench.registry import Registry

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    from bench.domain import EconomicsSpec, Outputs

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


# --- profit ---------------------------------------------------------------------------


def lift(y_true: ArrayLike, y_score: ArrayLike, *, fraction: float = 0.1) -> float:
    """Return how much denser in positives the top of the ranking is than the whole.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        Labels, 1 for the positive class.
    y_score : array-like of shape (n_samples,)
        Scores on any scale, higher means more likely positive. Rows that tie
        across the cut count by their expected share.
    fraction : float in (0, 1], default=0.1
        Share of customers that a campaign can reach; ⌈fraction · n⌉ of them.

    Returns
    -------
    float
        1.0 is random; the maximum is ``1 / max(prevalence, fraction)``.
    """
    import numpy as np

    if not 0 < fraction <= 1:
        raise ValueError(f"fraction = {fraction}, expected a share in (0, 1]")
    _, tp, fp = cumulative_counts(y_true, y_score)
    contacted = tp + fp
    # Rounded first: .07 · 100 is 7.000000000000001, and not a reason to contact eight.
    n_top = math.ceil(round(fraction * int(contacted[-1]), 9))
    hits = np.interp(n_top, np.append(0, contacted), np.append(0, tp))
    return float(hits / n_top / (tp[-1] / contacted[-1]))


@dataclass(frozen=True)
class Campaign:
    """What the best retention campaign earns, and the share of customers it contacts."""

    profit: float
    fraction: float


def expected_maximum_profit(
    y_true: ArrayLike, y_score: ArrayLike, economics: EconomicsSpec
) -> Campaign:
    """Return EMPC and the fraction to contact, averaged over the acceptance rate γ.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
    y_score : array-like of shape (n_samples,)
        Only their order matters. A constant score means to contact everybody.
    economics : EconomicsSpec
        CLV, incentive and contact cost in currency per customer; γ, the chance
        that a would-be churner accepts, follows Beta(alpha, beta).

    Returns
    -------
    Campaign
        Profit in currency per customer of the base, compared with doing nothing.

    Notes
    -----
    The integral ∫ max_t P(t; γ) h(γ) dγ is a finite sum over the convex hull of
    the ROC curve, since vertex k is best from γ_k to γ_{k+1}. Verbraken,
    Verbeke & Baesens (2013), IEEE TKDE 25(5).
    """
    import numpy as np
    from scipy.special import betainc

    reached, wasted = _hull_shares(y_true, y_score)
    clv, incentive, contact = _as_amounts(economics)
    a, b = economics.acceptance_alpha, economics.acceptance_beta
    more_reached, more_wasted = np.diff(reached), np.diff(wasted)
    cost = (incentive + contact) * more_wasted + contact * more_reached
    # A step that reaches no more churners pays at no γ.
    pays_from = np.divide(
        cost, (clv - incentive) * more_reached, out=np.ones_like(cost), where=more_reached > 0
    )
    gamma = np.concatenate([[0.0], np.minimum(pays_from, 1.0), [1.0]])
    mass = np.diff(betainc(a, b, gamma))
    mass_times_gamma = a / (a + b) * np.diff(betainc(a + 1, b, gamma))
    gain = (clv - incentive) * reached * mass_times_gamma
    spent = (contact * reached + (incentive + contact) * wasted) * mass
    return Campaign(float(np.sum(gain - spent)), float(np.sum((reached + wasted) * mass)))


def maximum_profit(y_true: ArrayLike, y_score: ArrayLike, economics: EconomicsSpec) -> Campaign:
    """Return MPC: the best cut where every would-be churner accepts with the mean chance."""
    import numpy as np

    reached, wasted = _hull_shares(y_true, y_score)
    clv, incentive, contact = _as_amounts(economics)
    a, b = economics.acceptance_alpha, economics.acceptance_beta
    gain = (a / (a + b) * (clv - incentive) - contact) * reached
    profit = gain - (incentive + contact) * wasted
    best = int(np.argmax(profit))
    return Campaign(float(profit[best]), float(reached[best] + wasted[best]))


def empc(y_true: ArrayLike, y_score: ArrayLike, economics: EconomicsSpec) -> float:
    """Return the expected maximum profit in currency per customer of the base."""
    return expected_maximum_profit(y_true, y_score, economics).profit


def _as_amounts(economics: EconomicsSpec) -> tuple[float, float, float]:
    clv, incentive, contact = economics.clv, economics.incentive, economics.contact
    if not (clv > incentive >= 0 and contact >= 0 and incentive + contact > 0):
        raise ValueError(
            f"clv = {clv}, incentive = {incentive}, contact = {contact}: "
            "expected clv > incentive >= 0, contact >= 0, and some cost"
        )
    return clv, incentive, contact


def _hull_shares(
    y_true: ArrayLike, y_score: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return positives and negatives down to each vertex of the ROC hull, as shares of all rows."""
    import numpy as np

    _, tp, fp = cumulative_counts(y_true, y_score)
    n_samples = int(tp[-1] + fp[-1])
    tp, fp = np.append(0, tp), np.append(0, fp)
    # A point on or below the line through its neighbours is no vertex. All such
    # points go at once, in whole numbers, until none is left.
    while True:
        up, right = np.diff(tp), np.diff(fp)
        is_vertex = up[:-1] * right[1:] > up[1:] * right[:-1]
        if is_vertex.all():
            return tp / n_samples, fp / n_samples
        keep = np.concatenate([[True], is_vertex, [True]])
        tp, fp = tp[keep], fp[keep]


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
