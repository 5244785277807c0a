"""What an imbalance strategy is: hooks named by the moment they act."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol

from bench.domain import ClassCounts, Trial
from bench.losses import FocalLoss
from bench.specs import EconomicsSpec

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Matrix = NDArray[np.float64]
    Labels = NDArray[np.int8]
    Rows = NDArray[np.int64]

Stage = Literal["any", "mixed", "encoded"]
Part = Literal["", "weak-learner", "forest", "class-bagging"]


class UnsuitableRowsError(ValueError):
    """These training rows offer a strategy nothing to work with.

    A study takes it for a trial that is worth nothing; elsewhere the job fails.
    """


@dataclass(frozen=True, eq=False)
class Weighing:
    """What the weight of a training row may depend on.

    Attributes
    ----------
    y : ndarray of shape (n_samples,), int8
        Labels, 1 for the positive class.
    params : mapping
        The strategy's parameters.
    value : ndarray of shape (n_samples,), float64, or None
        What each customer is worth a month, in the dataset's currency and NaN
        where it is missing; ``None`` where the adapter names no such column.
    economics : EconomicsSpec
        What a customer and a campaign are worth on the whole.
    """

    y: Labels
    params: Mapping[str, Any]
    value: NDArray[np.float64] | None = None
    economics: EconomicsSpec = EconomicsSpec()


class Resample(Protocol):
    """Returns other training rows; never sees a test row."""

    def __call__(
        self,
        X: Matrix,
        y: Labels,
        *,
        params: Mapping[str, Any],
        categorical: tuple[int, ...],
        seed: int,
    ) -> tuple[Matrix, Labels]:
        """Return resampled rows and labels; ``categorical`` are positions of category codes."""
        ...


class Draw(Protocol):
    """Draws the training rows of each member of an ensemble."""

    def __call__(self, y: Labels, *, params: Mapping[str, Any], seed: int) -> tuple[Rows, ...]:
        """Return for each member its row numbers in ``y``, ascending."""
        ...


class Wrap(Protocol):
    """Puts a learner into a larger one."""

    def __call__(self, estimator: Any, y: Labels, *, params: Mapping[str, Any], seed: int) -> Any:
        """Return an unfitted estimator that is made of the unfitted ``estimator``."""
        ...


@dataclass(frozen=True)
class Needs:
    """What a strategy cannot do without; planning skips with these as reasons.

    ``stage`` is the form of the training rows that `Strategy.resample` takes:
    ``encoded`` (imputed, one-hot, scaled), ``mixed`` (imputed and scaled
    numbers beside category codes, encoded afterwards) or ``any``.
    ``min_positives`` counts positives in the smallest training set. ``part``
    is what a model must be able to be in an ensemble, see
    `bench.models.Capabilities.parts`. Datasets of more than ``max_rows`` rows
    are skipped, because resampling would take hours.
    """

    stage: Stage = "any"
    complete: bool = False
    numeric_columns: bool = False
    categorical_columns: bool = False
    only_categories: bool = False
    min_positives: int = 1
    economics: bool = False
    part: Part = ""
    max_rows: int | None = None


def _no_params(trial: Trial) -> dict[str, Any]:
    return {}


@dataclass(frozen=True)
class Strategy:
    """One way to handle rare positives.

    Attributes
    ----------
    name, summary : str
    needs : Needs
    defaults : mapping
        Parameters outside a study.
    resample : callable, optional
        Acts on the training rows, before the fit.
    weigh : callable, optional
        ``weigh(context)`` returns one weight per training row, for the fit;
        ``context`` is a `Weighing`.
    loss : callable, optional
        ``loss(params)`` returns what the fit minimises in place of log loss.
    draw : callable, optional
        Makes an ensemble of fits on some of the training rows each; their
        scores are averaged.
    wrap : callable, optional
        Makes another estimator of the one that the model builds.
    bag : callable, optional
        ``bag(y, params)`` returns the shares of negatives and of positives
        that each boosting round draws.
    meets : callable, optional
        ``meets(y, params)`` returns how many rows of each class one member of
        an ensemble meets; for `draw`, `wrap` and `bag`.
    search_space : callable
        ``search_space(trial)`` returns the parameters of one trial; they are
        tuned together with the model's.
    libraries : tuple of str
        Distributions whose versions belong to a job's identity.
    """

    name: str
    summary: str
    needs: Needs = Needs()
    defaults: Mapping[str, Any] = field(default_factory=dict)
    resample: Resample | None = None
    weigh: Callable[[Weighing], NDArray[np.float64]] | None = None
    loss: Callable[[Mapping[str, Any]], FocalLoss] | None = None
    draw: Draw | None = None
    wrap: Wrap | None = None
    bag: Callable[[Labels, Mapping[str, Any]], tuple[float, float]] | None = None
    meets: Callable[[Labels, Mapping[str, Any]], ClassCounts] | None = None
    search_space: Callable[[Trial], dict[str, Any]] = _no_params
    libraries: tuple[str, ...] = ()
    resample_seconds: float = 0.0
    """CPU seconds on 5,634 rows × 46 columns; only for estimates and for ordering."""
    fit_factor: float = 1.0
    """How many times as long as on the plain rows a fit takes; only for the same."""


def balanced_counts(y: Labels, balance: float) -> ClassCounts:
    """Return the class counts after rows of the larger class were left out.

    Parameters
    ----------
    y : ndarray of shape (n_samples,)
    balance : float in [0, 1]
        0 leaves the class ratio as it is, 1 makes both classes equally frequent.
    """
    import numpy as np

    counts = np.bincount(y, minlength=2)
    smaller = int(counts.min())
    larger = round(smaller / ratio_after(y, balance))
    return ClassCounts(smaller, larger) if counts[0] < counts[1] else ClassCounts(larger, smaller)


def ratio_after(y: Labels, balance: float) -> float:
    """Return minority / majority, moved by ``balance`` from what it is towards 1."""
    import numpy as np

    counts = np.bincount(y, minlength=2)
    ratio = float(counts.min() / counts.max())
    return ratio + min(balance, 1.0) * (1.0 - ratio)
