"""Linear models of scikit-learn, and the floor below them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from bench.domain import Trial
from bench.models.base import Capabilities, Model

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Logistic(Model):
    """L2-penalised logistic regression (lbfgs).

    ``search_space``: the usual six decades around scikit-learn's ``C = 1``.
    """

    name = "logistic"
    summary = "logistic regression, L2 penalty: the baseline to beat"
    capabilities = Capabilities(fit_bytes=1.0, fit_seconds=0.02)
    start = {"C": 1.0}

    def build(self, params: Mapping[str, Any], *, seed: int, threads: int) -> Any:
        """Return a ``LogisticRegression`` with room to converge."""
        from sklearn.linear_model import LogisticRegression

        return LogisticRegression(**{"max_iter": 1000, **params}, random_state=seed)

    def search_space(self, trial: Trial) -> dict[str, Any]:
        """Return the inverse penalty strength."""
        return {"C": trial.suggest_float("C", 1e-3, 1e3, log=True)}

    def coefficients(self, estimator: Any) -> NDArray[np.float64]:
        """Return the log-odds per unit of each column."""
        import numpy as np

        return np.asarray(estimator.coef_[0], dtype=np.float64)


class LinearSVM(Model):
    """Linear support vector machine (liblinear, squared hinge); scores only."""

    name = "svm-linear"
    summary = "linear support vector machine, scores without probabilities"
    capabilities = Capabilities(outputs="score", fit_bytes=13.0, fit_seconds=0.05)
    start = {"C": 1.0}

    def build(self, params: Mapping[str, Any], *, seed: int, threads: int) -> Any:
        """Return a ``LinearSVC`` in the primal, which is what suits n > d."""
        from sklearn.svm import LinearSVC

        return LinearSVC(**{"dual": False, **params}, random_state=seed)

    def search_space(self, trial: Trial) -> dict[str, Any]:
        """Return the inverse penalty strength."""
        return {"C": trial.suggest_float("C", 1e-4, 1e2, log=True)}

    def coefficients(self, estimator: Any) -> NDArray[np.float64]:
        """Return the score per unit of each column."""
        import numpy as np

        return np.asarray(estimator.coef_[0], dtype=np.float64)


class Prior(Model):
    """The share of positives in the training rows, for everyone: ROC-AUC exactly .5."""

    name = "prior-only"
    summary = "predicts the prevalence for everyone: the floor"
    capabilities = Capabilities(uses_features=False, fit_seconds=0.001)

    def build(self, params: Mapping[str, Any], *, seed: int, threads: int) -> Any:
        """Return a ``DummyClassifier(strategy="prior")``."""
        from sklearn.dummy import DummyClassifier

        return DummyClassifier(**{"strategy": "prior", **params})
