"""Several fits of one model that speak with one voice."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from bench.models.base import Model

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Importance = NDArray[np.float64] | None


class Averaged(Model):
    """A model whose "estimator" is a tuple of fitted ones: scores and importances are means."""

    def __init__(self, member: Model) -> None:
        self._member = member
        self.name = member.name
        self.capabilities = member.capabilities

    def predict_score(self, estimator: Any, X: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the mean of the members' scores."""
        import numpy as np

        scores = [self._member.predict_score(one, X) for one in estimator]
        return np.asarray(np.mean(scores, axis=0), dtype=np.float64)

    def gains(self, estimator: Any) -> Importance:
        """Return the mean of the members' gains."""
        return _mean(self._member.gains, estimator)

    def coefficients(self, estimator: Any) -> Importance:
        """Return the mean of the members' coefficients."""
        return _mean(self._member.coefficients, estimator)

    def contributions(self, estimator: Any, X: NDArray[np.float64]) -> Importance:
        """Return the mean of the members' contributions."""
        return _mean(lambda one: self._member.contributions(one, X), estimator)


def _mean(explain: Callable[[Any], Importance], estimators: Sequence[Any]) -> Importance:
    import numpy as np

    found = [explain(one) for one in estimators]
    values = [one for one in found if one is not None]
    return np.asarray(np.mean(values, axis=0)) if len(values) == len(found) else None
