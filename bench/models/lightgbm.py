"""LightGBM: histogram boosting, leaf-wise trees."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from bench.domain import Trial
from bench.losses import FocalLoss
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
        losses=("focal",),
        parts=("class-bagging",),
        libraries=("lightgbm", "scikit-learn"),
        fit_bytes=5.0,
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
        if train.loss is not None:
            arguments |= _minimise(estimator, train.loss, train)
        if train.shares is not None:
            _draw_classes_apart(estimator, train.shares)
        if train.categorical:
            arguments["categorical_feature"] = list(train.categorical)
        if stopping is not None:
            arguments |= {
                "eval_X": (stopping.X,),
                "eval_y": (stopping.y,),
                "callbacks": [early_stopping(stopping.patience, verbose=False)],
            }
            if stopping.bar:
                arguments["callbacks"].append(_watch(stopping))
            # As a parameter, not as eval_metric: that would be evaluated beside log loss.
            metric = STOPPING[stopping.metric]
            if train.loss is not None and metric == "binary_logloss":
                # The built-in one would take margins without their start for probabilities.
                arguments["eval_metric"] = _log_loss_from(estimator.start_margin_)
                metric = "None"
            estimator.set_params(metric=metric)
        estimator.fit(train.X, train.y, **arguments)
        if stopping is not None:
            (values,) = estimator.evals_result_["valid_0"].values()
            estimator.stopping_curve_ = stopping.curve(values)
        return int(estimator.best_iteration_ or estimator.n_estimators_)

    def predict_score(self, estimator: Any, X: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return probabilities; the booster is asked directly, which skips name checks.

        Under a loss of a strategy's these are sigmoids of margins.
        """
        import numpy as np

        scores = np.asarray(estimator.booster_.predict(X, num_threads=estimator.n_jobs))
        start = getattr(estimator, "start_margin_", None)
        if start is None:
            return scores
        from scipy.special import expit

        return np.asarray(expit(scores + start))

    def gains(self, estimator: Any) -> NDArray[np.float64]:
        """Return the total gain of the splits on each column."""
        import numpy as np

        return np.asarray(estimator.booster_.feature_importance("gain"), dtype=np.float64)

    def contributions(self, estimator: Any, X: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return TreeSHAP values of the margin."""
        import numpy as np

        values = estimator.booster_.predict(X, pred_contrib=True, num_threads=estimator.n_jobs)
        return np.asarray(values)[:, :-1]


def _minimise(estimator: Any, loss: FocalLoss, train: TrainingSet) -> dict[str, Any]:
    """Set ``loss`` as the objective, and return what `fit` needs to start where it is least.

    LightGBM leaves the start of a custom objective out of its predictions, so
    the estimator keeps it as ``start_margin_``. Columns that no leaf could be
    split on stay in, for a custom objective fails where none is left.
    """
    import numpy as np

    def objective(y_true: Any, margin: Any, weight: Any) -> tuple[Any, Any]:
        scale = 1.0 if weight is None else weight
        return scale * loss.gradient(margin, y_true), scale * loss.hessian(margin, y_true)

    estimator.set_params(objective=objective, feature_pre_filter=False)
    estimator.start_margin_ = loss.start_margin(train.prevalence)
    return {"init_score": np.full(len(train.y), estimator.start_margin_)}


def _log_loss_from(start: float) -> Any:
    """Return log loss as LightGBM calls a metric, on margins that begin at ``start``."""
    import numpy as np

    def log_loss(y_true: Any, margin: Any) -> tuple[str, float, bool]:
        sign = np.where(np.asarray(y_true) > 0, 1.0, -1.0)
        return "log_loss", float(np.logaddexp(0.0, -sign * (margin + start)).mean()), False

    return log_loss


def _watch(stopping: StoppingSet) -> Any:
    """Return a callback that holds every round against the bar."""
    values: list[float] = []

    def check(env: Any) -> None:
        _, _, value, *_ = env.evaluation_result_list[0]
        values.append(value)
        stopping.check(values)

    return check


def _draw_classes_apart(estimator: Any, shares: tuple[float, float]) -> None:
    """Let every round draw these shares of negatives and of positives."""
    negatives, positives = shares
    estimator.set_params(
        neg_bagging_fraction=negatives,
        pos_bagging_fraction=positives,
        subsample_freq=max(1, estimator.subsample_freq),
    )
