"""Losses that a strategy may ask a learner to minimise in place of log loss.

A loss is a value: what a learner does with it (its own objective, a library's
built-in) is the learner's affair, and what becomes of its scores afterwards
is a repair of stored scores.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

LEAST_HESSIAN = 1e-6


@dataclass(frozen=True)
class FocalLoss:
    """Focal loss: rows that are easy to tell count for little (Lin et al. 2017).

    With p = sigmoid(margin), p_t the probability given to the true class, and
    a = ``alpha`` for positives and 1 − ``alpha`` for negatives, a row costs
    −a (1 − p_t)^γ ln p_t. At ``gamma = 0`` and ``alpha = .5`` this is half of
    log loss.

    Attributes
    ----------
    alpha : float in (0, 1), default=0.25
        Weight of the positive class; that of the negative one is 1 − alpha.
    gamma : float >= 0, default=2.0
        How much less easy rows count.
    """

    name: ClassVar[str] = "focal"

    alpha: float = 0.25
    gamma: float = 2.0

    def __post_init__(self) -> None:
        if not (0 < self.alpha < 1 and self.gamma >= 0):
            raise ValueError(
                f"alpha = {self.alpha}, gamma = {self.gamma}: expected 0 < alpha < 1 and gamma >= 0"
            )

    @classmethod
    def of(cls, params: Mapping[str, Any]) -> FocalLoss:
        """Return the loss of a strategy's ``alpha`` and ``gamma``."""
        return cls(float(params["alpha"]), float(params["gamma"]))

    def value(self, margin: ArrayLike, y: ArrayLike) -> NDArray[np.float64]:
        """Return the loss of every row, shape (n_samples,)."""
        import numpy as np
        from scipy.special import expit, log_expit

        sign, weight = self._sides(y)
        z = sign * np.asarray(margin, dtype=np.float64)
        return np.asarray(-weight * expit(-z) ** self.gamma * log_expit(z))

    def gradient(self, margin: ArrayLike, y: ArrayLike) -> NDArray[np.float64]:
        """Return the first derivative with respect to the margin, shape (n_samples,)."""
        import numpy as np
        from scipy.special import expit, log_expit

        sign, weight = self._sides(y)
        z = sign * np.asarray(margin, dtype=np.float64)
        rest = expit(-z)
        slope = self.gamma * expit(z) * log_expit(z) - rest
        return np.asarray(sign * weight * rest**self.gamma * slope)

    def hessian(
        self, margin: ArrayLike, y: ArrayLike, *, least: float = LEAST_HESSIAN
    ) -> NDArray[np.float64]:
        """Return the second derivative with respect to the margin, shape (n_samples,).

        It is negative for rows that are confidently wrong (γ = 2: a margin
        below −2.79 for a positive), which no Newton step survives: values
        under ``least`` are raised to it.
        """
        import numpy as np
        from scipy.special import expit, log_expit

        sign, weight = self._sides(y)
        z = sign * np.asarray(margin, dtype=np.float64)
        p, log_p, rest = expit(z), log_expit(z), expit(-z)
        slope = self.gamma * p * log_p - rest
        bend = rest * (self.gamma * (log_p + 1.0) + 1.0) - self.gamma * slope
        return np.asarray(np.maximum(weight * p * rest**self.gamma * bend, least))

    def to_probability(self, q: ArrayLike) -> NDArray[np.float64]:
        """Return the probability of the positive class behind a focal-optimal score.

        Parameters
        ----------
        q : array-like of shape (n_samples,)
            Scores in [0, 1]: the sigmoid of margins that minimise this loss.

        Returns
        -------
        ndarray of shape (n_samples,)
            η(q), strictly increasing; q itself at γ = 0 and α = .5.

        Notes
        -----
        q minimises η ℓ₁(q) + (1 − η) ℓ₀(q), so η = B / (A + B) with
        A = −ℓ₁′(q) and B = ℓ₀′(q). Both are multiplied by q (1 − q) here, which
        leaves η alone and nothing to divide by at 0 and 1.

        Raises
        ------
        ValueError
            If a score lies outside [0, 1].
        """
        import numpy as np
        from scipy.special import xlog1py, xlogy

        q = np.asarray(q, dtype=np.float64)
        if not ((q >= 0) & (q <= 1)).all():
            raise ValueError("focal scores lie outside [0, 1]: expected sigmoids of margins")
        rest = 1.0 - q
        pull = self.alpha * rest**self.gamma * (rest - self.gamma * xlogy(q, q))
        push = (1.0 - self.alpha) * q**self.gamma * (q - self.gamma * xlog1py(rest, -q))
        return np.asarray(push / (pull + push))

    def start_margin(self, prevalence: float) -> float:
        """Return the margin that is best for everyone alike: where boosting starts.

        Not the log-odds of ``prevalence``, which minimise log loss: with 2 %
        positives these lie where the Hessian of a positive is negative, and
        the first Newton step goes astray (ROC-AUC .35 in place of .8).

        Raises
        ------
        ValueError
            If ``prevalence`` is not inside (0, 1).
        """
        from scipy.optimize import brentq
        from scipy.special import expit

        if not 0 < prevalence < 1:
            raise ValueError(f"prevalence = {prevalence}: expected a share inside (0, 1)")
        start = brentq(lambda z: float(self.to_probability(expit(z))) - prevalence, -50.0, 50.0)
        return float(start)

    def _sides(self, y: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return ±1 and the class weight of every row."""
        import numpy as np

        is_positive = np.asarray(y) > 0
        return (
            np.where(is_positive, 1.0, -1.0),
            np.where(is_positive, self.alpha, 1.0 - self.alpha),
        )
