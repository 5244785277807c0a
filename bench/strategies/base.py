"""What an imbalance strategy is: hooks named by the moment they act."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol

from bench.domain import Trial

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Matrix = NDArray[np.float64]
    Labels = NDArray[np.int8]

Stage = Literal["any", "mixed", "encoded"]


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


@dataclass(frozen=True)
class Needs:
    """What a strategy cannot do without; planning skips with these as reasons.

    ``stage`` is the form of the training rows that `Strategy.resample` takes:
    ``encoded`` (imputed, one-hot, scaled), ``mixed`` (imputed and scaled
    numbers beside category codes, encoded afterwards) or ``any``.
    ``min_positives`` counts positives in the smallest training set.
    """

    stage: Stage = "any"
    complete: bool = False
    numeric_columns: bool = False
    categorical_columns: bool = False
    min_positives: int = 1


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
        ``weigh(y, params)`` returns one weight per training row, for the fit.
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
    weigh: Callable[[Labels, Mapping[str, Any]], NDArray[np.float64]] | None = None
    search_space: Callable[[Trial], dict[str, Any]] = _no_params
    libraries: tuple[str, ...] = ()
    resample_seconds: float = 0.0
    """CPU seconds on 5,634 rows × 46 columns; only for estimates and for ordering."""
