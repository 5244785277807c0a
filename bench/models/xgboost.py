"""XGBoost: histogram boosting, level-wise trees."""

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
    "average_precision": "aucpr",
    "log_loss": "logloss",
    "brier": "logloss",
}


class XGBoost(Model):
    """Gradient boosting by XGBoost.

    ``recommended``: learning rate and subsample of the tuned defaults of
    pytabkit (Holzmüller, Grinsztajn & Steinwart 2024), with depth 3 instead of
    6 for small tables. ``search_space``: the ranges of TabArena (Erickson et
    al. 2025), reaching down to depth 2.
    """

    name = "xgboost"
    summary = "gradient boosting, level-wise histogram trees"
    capabilities = Capabilities(
        native_categories=True,
        native_missing=True,
        has_early_stopping=True,
        losses=("focal",),
        libraries=("xgboost", "scikit-learn"),
        fit_bytes=5.0,
        fit_seconds=0.13,
    )
    recommended = {
        "n_estimators": 1000,
        "learning_rate": 0.08,
        "max_depth": 3,
        "min_child_weight": 2.0,
        "subsample": 0.65,
        "colsample_bytree": 0.7,
    }
    start = {
        "learning_rate": 0.08,
        "max_depth": 3,
        "min_child_weight": 2.0,
        "subsample": 0.65,
        "colsample_bytree": 0.7,
        "reg_alpha": 1e-4,
        "reg_lambda": 1.0,
    }

    def build(self, params: Mapping[str, Any], *, seed: int, threads: int) -> Any:
        """Return an ``XGBClassifier`` on histograms.

        How native categories are split changed between releases, so
        ``max_cat_to_onehot`` is always set.
        """
        from xgboost import XGBClassifier

        return XGBClassifier(
            **{"max_cat_to_onehot": 100, **params},
            tree_method="hist",
            random_state=seed,
            n_jobs=threads,
            verbosity=0,
        )

    def search_space(self, trial: Trial) -> dict[str, Any]:
        """Return a trial's params (TabArena's ranges, shallower trees)."""
        return {
            "n_estimators": 500,
            "learning_rate": trial.suggest_float("learning_rate", 0.02, 0.15, log=True),
            "max_depth": trial.suggest_int("max_depth", 2, 8),
            "min_child_weight": trial.suggest_float("min_child_weight", 1e-3, 5.0, log=True),
            "subsample": trial.suggest_float("subsample", 0.6, 1.0),
            "colsample_bytree": trial.suggest_float("colsample_bytree", 0.4, 1.0),
            "reg_alpha": trial.suggest_float("reg_alpha", 1e-4, 5.0, log=True),
            "reg_lambda": trial.suggest_float("reg_lambda", 1e-4, 5.0, log=True),
        }

    def fit(self, estimator: Any, train: TrainingSet, stopping: StoppingSet | None = None) -> int:
        """Fit, stopping on the unweighted metric of the held-back rows where there are any."""
        if train.categorical:
            categorical = set(train.categorical)
            kinds = ["c" if i in categorical else "q" for i in range(train.X.shape[1])]
            estimator.set_params(enable_categorical=True, feature_types=kinds)
        if train.loss is not None:
            _minimise(estimator, train.loss, train)
        if stopping is None:
            estimator.fit(train.X, train.y, sample_weight=train.weight, verbose=False)
            return int(estimator.get_booster().num_boosted_rounds())
        estimator.set_params(
            eval_metric=STOPPING[stopping.metric],
            early_stopping_rounds=stopping.patience,
            callbacks=[_watch(stopping)] if stopping.bar else None,
        )
        estimator.fit(
            train.X,
            train.y,
            sample_weight=train.weight,
            eval_set=[(stopping.X, stopping.y)],
            verbose=False,
        )
        estimator.stopping_curve_ = stopping.curve(_values(estimator.evals_result()))
        return int(estimator.best_iteration) + 1

    def gains(self, estimator: Any) -> NDArray[np.float64]:
        """Return the total gain of the splits on each column."""
        import numpy as np

        booster = estimator.get_booster()
        values = np.zeros(booster.num_features())
        for name, gain in booster.get_score(importance_type="total_gain").items():
            values[int(name[1:])] = gain  # columns have no names: f0, f1, …
        return values

    def contributions(self, estimator: Any, X: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return TreeSHAP values of the margin."""
        import numpy as np
        from xgboost import DMatrix

        categorical = estimator.feature_types
        table = DMatrix(
            X,
            feature_types=categorical,
            enable_categorical=categorical is not None,
            nthread=estimator.n_jobs,
        )
        return np.asarray(estimator.get_booster().predict(table, pred_contribs=True))[:, :-1]


def _minimise(estimator: Any, loss: FocalLoss, train: TrainingSet) -> None:
    """Set ``loss`` as the objective, starting where it is least for everyone alike.

    ``XGBClassifier`` keeps ``binary:logistic`` beneath a custom objective, so
    that the start is a share, scores are sigmoids of margins and the metrics
    of early stopping see those.
    """

    from scipy.special import expit

    def objective(y_true: Any, margin: Any, sample_weight: Any = None) -> tuple[Any, Any]:
        scale = 1.0 if sample_weight is None else sample_weight
        return scale * loss.gradient(margin, y_true), scale * loss.hessian(margin, y_true)

    start = float(expit(loss.start_margin(train.prevalence)))
    estimator.set_params(objective=objective, base_score=start)


def _watch(stopping: StoppingSet) -> Any:
    """Return a callback that holds every round against the bar."""
    from xgboost.callback import TrainingCallback

    class Watch(TrainingCallback):  # type: ignore[misc]
        def after_iteration(self, model: Any, epoch: int, evals_log: Any) -> bool:
            stopping.check(_values(evals_log))
            return False

    return Watch()


def _values(log: Any) -> list[float]:
    """Return the metric of the held-back rows, one value per round."""
    (values,) = log["validation_0"].values()
    return list(values)
