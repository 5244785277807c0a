"""Single trees, forests and neural networks of scikit-learn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from bench.domain import Trial
from bench.models.base import Capabilities, Model

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class DecisionTree(Model):
    """CART.

    ``search_space``: depth and leaf size, the two that decide (Mantovani et
    al. 2018, "An empirical study on hyperparameter tuning of decision trees").
    """

    name = "decision-tree"
    summary = "a single CART tree"
    capabilities = Capabilities(parts=("weak-learner",), fit_seconds=0.04)
    start = {"max_depth": 6, "min_samples_leaf": 50}

    def build(self, params: Mapping[str, Any], *, seed: int, threads: int) -> Any:
        """Return a ``DecisionTreeClassifier``."""
        from sklearn.tree import DecisionTreeClassifier

        return DecisionTreeClassifier(**params, random_state=seed)

    def search_space(self, trial: Trial) -> dict[str, Any]:
        """Return depth, leaf size and criterion."""
        return {
            "max_depth": trial.suggest_int("max_depth", 2, 16),
            "min_samples_leaf": trial.suggest_int("min_samples_leaf", 1, 200, log=True),
            "criterion": trial.suggest_categorical("criterion", ("gini", "entropy")),
        }

    def gains(self, estimator: Any) -> NDArray[np.float64]:
        """Return the impurity decrease per column."""
        import numpy as np

        return np.asarray(estimator.feature_importances_, dtype=np.float64)


class RandomForest(Model):
    """Breiman's random forest.

    ``search_space``: the ranges of Probst, Wright & Boulesteix (2019),
    "Hyperparameters and tuning strategies for random forest".
    """

    name = "random-forest"
    summary = "bagged randomised trees"
    capabilities = Capabilities(parts=("forest",), fit_seconds=0.5, growth=1.1)
    start = {"max_features": 0.3, "min_samples_leaf": 5}

    def build(self, params: Mapping[str, Any], *, seed: int, threads: int) -> Any:
        """Return a ``RandomForestClassifier``."""
        from sklearn.ensemble import RandomForestClassifier

        return RandomForestClassifier(**params, random_state=seed, n_jobs=threads)

    def search_space(self, trial: Trial) -> dict[str, Any]:
        """Return the columns tried per split, leaf size and depth."""
        return {
            "n_estimators": 200,
            "max_features": trial.suggest_float("max_features", 0.05, 1.0),
            "min_samples_leaf": trial.suggest_int("min_samples_leaf", 1, 50, log=True),
            "max_depth": trial.suggest_int("max_depth", 4, 24),
        }

    def gains(self, estimator: Any) -> NDArray[np.float64]:
        """Return the mean impurity decrease per column."""
        import numpy as np

        return np.asarray(estimator.feature_importances_, dtype=np.float64)


class NeuralNetwork(Model):
    """A multi-layer perceptron (scikit-learn, Adam).

    ``search_space``: width, weight decay and rate in the ranges of Gorishniy
    et al. (2021), "Revisiting deep learning models for tabular data", scaled
    down to one or two hidden layers.
    """

    name = "mlp"
    summary = "multi-layer perceptron, one or two hidden layers"
    capabilities = Capabilities(fit_seconds=3.0)
    start = {"width": 32, "depth": 1, "alpha": 1e-2, "learning_rate_init": 1e-3}

    def build(self, params: Mapping[str, Any], *, seed: int, threads: int) -> Any:
        """Return an ``MLPClassifier``."""
        from sklearn.neural_network import MLPClassifier

        return MLPClassifier(**params, random_state=seed)

    def search_space(self, trial: Trial) -> dict[str, Any]:
        """Return the shape, the weight decay and the rate; stops early by itself."""
        width = trial.suggest_int("width", 8, 128, log=True)
        depth = trial.suggest_int("depth", 1, 2)
        return {
            "hidden_layer_sizes": (width,) * depth,
            "alpha": trial.suggest_float("alpha", 1e-5, 1.0, log=True),
            "learning_rate_init": trial.suggest_float("learning_rate_init", 3e-4, 1e-2, log=True),
            "max_iter": 100,
        }
