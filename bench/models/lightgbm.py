"""LightGBM: histogram boosting, leaf-wise trees."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from bench.domain import Trial
from bench.models.base import Capabilities, Model, StoppingSet, TrainingSet

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

STOPPING = {
    "roc_auc": "auc",
    "average_precision": "average_precision",
    "log_loss": "binary_logloss",
    "brier": "binary_logloss",
}


class LightGBM(Model):
    """Gradient boosting by LightGBM.

    ``recommended``: learning rate, min_child_samples and subsample of the
    tuned defaults of pytabkit (Holzmüller, Grinsztajn & Steinwart 2024,
    "Better by default"), with 8 leaves instead of 50 because shallow and slow
    wins below some 10,000 rows. ``search_space``: the ranges of TabArena
    (Erickson et al. 2025), narrowed to small trees and to rates that finish
    within 500 rounds.
    """

    name = "lightgbm"
    summary = "gradient boosting, leaf-wise histogram trees"
    capabilities = Capabilities(
        native_categories=True,
        native_missing=True,
        has_early_stopping=True,
        libraries=("lightgbm", "scikit-learn"),
        fit_seconds=0.1,
    )
    recommended = {
        "n_estimators": 1000,
        "learning_rate": 0.04,
        "num_leaves": 8,
        "min_child_samples": 40,
        "subsample": 0.75,
        "subsample_freq": 1,
        "colsample_bytree": 0.7,
    }
    start = {
        "learning_rate": 0.04,
        "num_leaves": 8,
        "min_child_samples": 40,
        "subsample": 0.75,
        "colsample_bytree": 0.7,
        "reg_alpha": 1e-4,
        "reg_lambda": 1e-4,
    }

    def build(self, params: Mapping[str, Any], *, seed: int, threads: int) -> Any:
        """Return an ``LGBMClassifier``, silent and deterministic."""
        from lightgbm import LGBMClassifier

        return LGBMClassifier(**params, random_state=seed, n_jobs=threads, verbose=-1)

    def search_space(self, trial: Trial) -> dict[str, Any]:
        """Return a trial's params (TabArena's ranges, smaller trees)."""
        return {
            "n_estimators": 500,
            "subsample_freq": 1,
            "learning_rate": trial.suggest_float("learning_rate", 0.02, 0.1, log=True),
            "num_leaves": trial.suggest_int("num_leaves", 2, 64, log=True),
            "min_child_samples": trial.suggest_int("min_child_samples", 5, 100, log=True),
            "subsample": trial.suggest_float("subsample", 0.6, 1.0),
            "colsample_bytree": trial.suggest_float("colsample_bytree", 0.4, 1.0),
            "reg_alpha": trial.suggest_float("reg_alpha", 1e-4, 1.0, log=True),
            "reg_lambda": trial.suggest_float("reg_lambda", 1e-4, 2.0, log=True),
        }

    def fit(self, estimator: Any, train: TrainingSet, stopping: StoppingSet | None = None) -> int:
        """Fit, stopping on the unweighted metric of the held-back rows where there are any."""
        from lightgbm import early_stopping

        arguments: dict[str, Any] = {"sample_weight": train.weight}
        if train.categorical:
            arguments["categorical_feature"] = list(train.categorical)
        if stopping is not None:
            arguments |= {
                "eval_X": (stopping.X,),
                "eval_y": (stopping.y,),
                "callbacks": [early_stopping(stopping.patience, verbose=False)],
            }
            # As a parameter, not as eval_metric: that would be evaluated beside log loss.
            estimator.set_params(metric=STOPPING[stopping.metric])
        estimator.fit(train.X, train.y, **arguments)
        return int(estimator.best_iteration_ or estimator.n_estimators_)

    def predict_score(self, estimator: Any, X: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return probabilities; the booster is asked directly, which skips name checks."""
        import numpy as np

        return np.asarray(estimator.booster_.predict(X, num_threads=estimator.n_jobs))

    def gains(self, estimator: Any) -> NDArray[np.float64]:
        """Return the total gain of the splits on each column."""
        import numpy as np

        return np.asarray(estimator.booster_.feature_importance("gain"), dtype=np.float64)

    def contributions(self, estimator: Any, X: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return TreeSHAP values of the margin."""
        import numpy as np

        values = estimator.booster_.predict(X, pred_contrib=True, num_threads=estimator.n_jobs)
        return np.asarray(values)[:, :-1]
