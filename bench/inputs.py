"""What one split offers to the metrics."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from bench.decisions import locked, predictions_at

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from bench.domain import Outputs
    from bench.specs import EconomicsSpec


@dataclass(frozen=True, eq=False)
class Inputs:
    """What one split offers to the metrics.

    Attributes
    ----------
    y, score : ndarray of shape (n_samples,)
    outputs : {"probability", "score"}
    threshold : float, ndarray of shape (n_samples,) or None
        The chosen one, or one per customer, fitted on other rows; a customer
        counts as a predicted churner where ``score >= threshold``. ``None``
        means that there is none, and that decisions cannot be judged.
    economics : EconomicsSpec or None
    clv : ndarray of shape (n_samples,) or None
        What each customer is worth, where the dataset knows.
    fraction, value_fraction : float or None
        The share of customers that is best to contact on other rows, by the
        mean customer's CLV and by each customer's own.
    """

    y: NDArray[np.int8]
    score: NDArray[np.float64]
    outputs: Outputs = "probability"
    threshold: float | NDArray[np.float64] | None = None
    economics: EconomicsSpec | None = None
    clv: NDArray[np.float64] | None = None
    fraction: float | None = None
    value_fraction: float | None = None
    _decided: dict[float | None, NDArray[np.int8]] = field(
        default_factory=dict, init=False, repr=False
    )

    def decided(self, threshold: float | None = None) -> NDArray[np.int8] | None:
        """Return the decisions at a probability, or at the chosen threshold where there is one."""
        cut = self.threshold if threshold is None else threshold
        if cut is None:
            return None
        if threshold not in self._decided:
            self._decided[threshold] = locked(predictions_at(self.score, cut))
        return self._decided[threshold]

    def at(self, rows: NDArray[Any]) -> Inputs:
        """Return some of the customers, or all in another order: numbers or a mask."""
        import numpy as np

        cut = self.threshold
        return replace(
            self,
            y=np.asarray(self.y)[rows],
            score=np.asarray(self.score, dtype=np.float64)[rows],
            threshold=cut[rows] if isinstance(cut, np.ndarray) else cut,
            clv=None if self.clv is None else self.clv[rows],
        )
