"""What a model is: a name, what it can do, what to tune, how to build it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from bench.domain import Outputs, Trial
from bench.losses import FocalLoss

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

StoppingMetric = Literal["roc_auc", "average_precision", "log_loss", "brier"]
EnsemblePart = Literal["weak-learner", "forest", "class-bagging"]
Curve = tuple[tuple[int, float], ...]

CHECKPOINTS = (25, 50, 100, 200, 400)
"""After how many boosting rounds fits are compared with each other while they last."""


@dataclass(frozen=True)
class Capabilities:
    """What a model can do; planning and evaluation ask this, never the name.

    Attributes
    ----------
    outputs : {"probability", "score"}
        Whether scores are probabilities of the positive class or only rank.
    native_categories, native_missing : bool
        Whether the ``native`` preparation makes sense for it.
    takes_weights : bool
        False where ``fit`` has no use for sample weights: such strategies are skipped.
    has_early_stopping : bool
        Whether `Model.fit` can stop on held-back rows.
    uses_features : bool
        False for a baseline that predicts the same for everyone: nothing to explain.
    is_slow_to_predict : bool
        Permutation importance then uses at most 500 rows.
    losses : tuple of str
        Names of the losses (`bench.losses`) that `Model.fit` can minimise
        beside its own.
    parts : tuple of str
        What the model can be in an ensemble. ``weak-learner``: its estimator
        is a scikit-learn tree (``max_depth``, sample weights) that boosting
        may repeat; ``forest``: a scikit-learn random forest; ``class-bagging``:
        `Model.fit` heeds `TrainingSet.shares`.
    libraries : tuple of str
        Distributions whose versions belong to a job's identity.
    max_rows : int or None
        Datasets with more rows are skipped, because a fit would take hours.
    fit_bytes : float
        Memory of a fit of its own, beside the matrix that it shares, in bytes
        per cell of that matrix; only for planning what runs side by side.
    keeps_memory : bool
        Whether the library keeps that memory for itself when a fit has ended.
    fit_seconds, growth : float
        CPU seconds of a default fit on 5,634 rows × 46 columns, and the power
        of n_samples with which it grows; only for estimates and for ordering.
    """

    outputs: Outputs = "probability"
    native_categories: bool = False
    native_missing: bool = False
    takes_weights: bool = True
    has_early_stopping: bool = False
    uses_features: bool = True
    is_slow_to_predict: bool = False
    losses: tuple[str, ...] = ()
    parts: tuple[EnsemblePart, ...] = ()
    libraries: tuple[str, ...] = ("scikit-learn",)
    max_rows: int | None = None
    fit_bytes: float = 8.0
    keeps_memory: bool = False
    fit_seconds: float = 1.0
    growth: float = 1.0


@dataclass(frozen=True, eq=False)
class TrainingSet:
    """What a model learns from.

    Attributes
    ----------
    X : ndarray of shape (n_samples, n_columns), float64
    y : ndarray of shape (n_samples,), int8
    weight : ndarray of shape (n_samples,) or None
        The strategy's sample weights.
    categorical : tuple of int
        Positions in ``X`` that hold category codes (``native`` preparation).
    loss : FocalLoss or None
        What to minimise in place of the model's own loss.
    shares : tuple of float, or None
        Shares of negatives and of positives that each boosting round draws.
    """

    X: NDArray[np.float64]
    y: NDArray[np.int8]
    weight: NDArray[np.float64] | None = None
    categorical: tuple[int, ...] = ()
    loss: FocalLoss | None = None
    shares: tuple[float, float] | None = None

    @property
    def prevalence(self) -> float:
        """The share of positives, weights counted."""
        if self.weight is None:
            return float(self.y.mean())
        return float(self.weight[self.y == 1].sum() / self.weight.sum())


class GivenUp(Exception):
    """A fit that missed a bar of its `StoppingSet`; nothing came of it.

    Attributes
    ----------
    rounds : int
        How many rounds it had.
    best : float
        The best of the metric until then.
    curve : tuple of (int, float)
        The best until each of `CHECKPOINTS` that it reached.
    """

    def __init__(self, rounds: int, best: float, curve: Curve) -> None:
        super().__init__(f"given up after {rounds} rounds at {best:.6g}")
        self.rounds, self.best, self.curve = rounds, best, curve


@dataclass(frozen=True, eq=False)
class StoppingSet:
    """Rows held back from a fit, on which boosting decides when to stop.

    A fit that has one leaves its curve on the estimator as ``stopping_curve_``:
    for each of `CHECKPOINTS` the best value of the metric until that round. A
    fit that was over before (rounds used up, or patience) has there what it
    came to. Only our boosters do; a plug-in may leave it out.

    Attributes
    ----------
    X : ndarray of shape (n_samples, n_columns), float64
    y : ndarray of shape (n_samples,), int8
    metric : {"roc_auc", "average_precision", "log_loss", "brier"}
        Unweighted. Boosters know no Brier score: for ``brier`` they watch log
        loss, and curve and bar are log losses.
    patience : int
        Rounds without a better value after which the fit is over.
    bar : tuple of (round, value)
        After ``round`` rounds the best value until then must be no worse than
        ``value``, or the fit raises `GivenUp`; a loss may be at most, a ranking
        metric at least that. Any rounds will do; a fit that is over before
        one meets it. A fit that meets all has the numbers of one without a bar.
    """

    X: NDArray[np.float64]
    y: NDArray[np.int8]
    metric: StoppingMetric
    patience: int
    bar: Curve = ()

    def curve(self, values: Sequence[float]) -> Curve:
        """Return the best of ``values``, one per round, until each of `CHECKPOINTS`."""
        return tuple((rounds, self._best(values[:rounds])) for rounds in CHECKPOINTS)

    def check(self, values: Sequence[float]) -> None:
        """Hold the rounds that there are so far against the bar of the last one.

        Raises
        ------
        GivenUp
            If the best of ``values`` is worse.
        """
        bars = [value for rounds, value in self.bar if rounds == len(values)]
        if not bars:
            return
        best = self._best(values)
        if self._best([best, *bars]) != best:
            reached = tuple(point for point in self.curve(values) if point[0] <= len(values))
            raise GivenUp(len(values), best, reached)

    def _best(self, values: Sequence[float]) -> float:
        return float(min(values) if self.metric in ("log_loss", "brier") else max(values))


class Model:
    """One family of learners. Subclasses set the class attributes and `build`.

    A plug-in needs ``name``, ``capabilities``, ``build`` and, to be tuned,
    ``search_space``; everything else has a default that suits estimators with
    scikit-learn's ``fit(X, y, sample_weight=...)`` and ``predict_proba`` or
    ``decision_function``.
    """

    name: str
    summary: ClassVar[str] = ""
    capabilities: Capabilities = Capabilities()
    recommended: ClassVar[Mapping[str, Any] | None] = None
    """Settings for tables of up to some 20,000 rows, with their source in the docstring."""
    start: ClassVar[Mapping[str, Any]] = {}
    """Where a study begins: values for (some of) the names of `search_space`."""

    def build(self, params: Mapping[str, Any], *, seed: int, threads: int) -> Any:
        """Return an unfitted estimator; ``params`` may be empty (the library's own defaults)."""
        raise TypeError(f"model {type(self).__name__} does not define build")

    def search_space(self, trial: Trial) -> dict[str, Any]:
        """Return the params of one trial; cites where the ranges come from."""
        return {}

    @property
    def is_tunable(self) -> bool:
        """Whether there is anything to search."""
        return type(self).search_space is not Model.search_space

    def fit(self, estimator: Any, train: TrainingSet, stopping: StoppingSet | None = None) -> int:
        """Fit in place and return the number of boosting rounds kept (0 without boosting).

        Raises
        ------
        GivenUp
            If held-back rows say that it misses the bar that ``stopping`` sets.
        """
        if train.weight is None:
            estimator.fit(train.X, train.y)
        else:
            estimator.fit(train.X, train.y, sample_weight=train.weight)
        return 0

    def with_rounds(self, params: Mapping[str, Any], rounds: int) -> dict[str, Any]:
        """Return ``params`` for a fit of exactly ``rounds`` boosting rounds."""
        return {**params, "n_estimators": rounds}

    def predict_score(self, estimator: Any, X: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return one score per row, higher is more likely positive, shape (n_samples,)."""
        import numpy as np

        if self.capabilities.outputs == "probability":
            scores = estimator.predict_proba(X)[:, 1]
        else:
            scores = estimator.decision_function(X)
        return np.asarray(scores, dtype=np.float64).ravel()

    def gains(self, estimator: Any) -> NDArray[np.float64] | None:
        """Return the library's own importance per column of X, or None."""
        return None

    def coefficients(self, estimator: Any) -> NDArray[np.float64] | None:
        """Return the weight of each column of X in a linear score, or None."""
        return None

    def contributions(self, estimator: Any, X: NDArray[np.float64]) -> NDArray[np.float64] | None:
        """Return SHAP values on the margin, shape (n_samples, n_columns), or None."""
        return None
