"""CatBoost: ordered boosting on symmetric trees."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from bench.domain import Trial
from bench.losses import FocalLoss
from bench.models.base import Capabilities, GivenUp, Model, StoppingSet, TrainingSet

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

STOPPING = {
    "roc_auc": "AUC",
    "average_precision": "PRAUC",
    "log_loss": "Logloss",
    "brier": "Logloss",
}


class CatBoost(Model):
    """Gradient boosting by CatBoost.

    ``recommended``: learning rate and Bernoulli sampling of the tuned defaults
    of pytabkit (Holzmüller, Grinsztajn & Steinwart 2024), with depth 4 instead
    of 7 for small tables. ``search_space``: the ranges of TabArena (Erickson
    et al. 2025), reaching down to depth 2 and up to rates that finish within
    400 rounds.
    """

    name = "catboost"
    summary = "gradient boosting, symmetric trees, ordered statistics for categories"
    capabilities = Capabilities(
        native_categories=True,
        native_missing=True,
        has_early_stopping=True,
        losses=("focal",),
        libraries=("catboost",),
        fit_bytes=7.0,
        keeps_memory=True,
        fit_seconds=2.4,
    )
    recommended = {
        "n_estimators": 1000,
        "learning_rate": 0.08,
        "depth": 4,
        "bootstrap_type": "Bernoulli",
        "subsample": 0.9,
    }
    start = {"learning_rate": 0.08, "depth": 4, "l2_leaf_reg": 3.0, "subsample": 0.9}

    def build(self, params: Mapping[str, Any], *, seed: int, threads: int) -> Any:
        """Return a ``CatBoostClassifier`` that is silent and writes no files."""
        from catboost import CatBoostClassifier

        return CatBoostClassifier(
            **params,
            random_seed=seed,
            thread_count=threads,
            verbose=False,
            allow_writing_files=False,
        )

    def search_space(self, trial: Trial) -> dict[str, Any]:
        """Return a trial's params (TabArena's ranges, shallower trees)."""
        return {
            "n_estimators": 400,
            "bootstrap_type": "Bernoulli",
            "learning_rate": trial.suggest_float("learning_rate", 0.03, 0.2, log=True),
            "depth": trial.suggest_int("depth", 2, 7),
            "l2_leaf_reg": trial.suggest_float("l2_leaf_reg", 1e-2, 10.0, log=True),
            "subsample": trial.suggest_float("subsample", 0.6, 1.0),
        }

    def fit(self, estimator: Any, train: TrainingSet, stopping: StoppingSet | None = None) -> int:
        """Fit, stopping on the unweighted metric of the held-back rows where there are any."""
        start = None
        if train.loss is not None:
            start = _minimise(estimator, train.loss, train)
        pool = _pool(train.X, train.categorical, label=train.y, weight=train.weight, start=start)
        if stopping is None:
            estimator.fit(pool)
            return int(estimator.tree_count_)
        metric = STOPPING[stopping.metric]
        # Nobody asks for the metric of the training rows, and PRAUC's takes a fifth of a fit.
        estimator.set_params(eval_metric=f"{metric}:hints=skip_train~true")
        watch = _Watch(stopping)
        estimator.fit(
            pool,
            eval_set=_pool(stopping.X, train.categorical, label=stopping.y, start=start),
            early_stopping_rounds=stopping.patience,
            callbacks=[watch] if stopping.bar else None,
        )
        if watch.missed is not None:
            raise watch.missed
        estimator.stopping_curve_ = stopping.curve(estimator.evals_result_["validation"][metric])
        return int(estimator.tree_count_)

    def predict_score(self, estimator: Any, X: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return probabilities of the positive class, under another loss sigmoids of margins."""
        import numpy as np

        start = getattr(estimator, "start_margin_", None)
        pool = _pool(X, tuple(estimator.get_cat_feature_indices()), start=start)
        return np.asarray(estimator.predict_proba(pool)[:, 1])

    def gains(self, estimator: Any) -> NDArray[np.float64]:
        """Return CatBoost's PredictionValuesChange per column."""
        import numpy as np

        return np.asarray(estimator.get_feature_importance(), dtype=np.float64)

    def contributions(self, estimator: Any, X: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return TreeSHAP values of the margin."""
        import numpy as np

        pool = _pool(X, tuple(estimator.get_cat_feature_indices()))
        threads = estimator.get_param("thread_count")
        values = estimator.get_feature_importance(pool, type="ShapValues", thread_count=threads)
        return np.asarray(values)[:, :-1]


class _Watch:
    """A callback that holds every round against the bar, for some 60 µs a round.

    What is raised in one comes out of CatBoost as an error of its own.
    """

    def __init__(self, stopping: StoppingSet) -> None:
        self._stopping = stopping
        self.missed: GivenUp | None = None

    def after_iteration(self, info: Any) -> bool:
        """Return whether to go on."""
        try:
            self._stopping.check(info.metrics["validation"][STOPPING[self._stopping.metric]])
        except GivenUp as missed:
            self.missed = missed
        return self.missed is None


def _minimise(estimator: Any, loss: FocalLoss, train: TrainingSet) -> float:
    """Set CatBoost's own focal loss, and return the margin to start from.

    Left to itself it starts at 0, which a fit that stops early never makes up
    for; predictions need the same start again.
    """
    settings = f"focal_alpha={loss.alpha};focal_gamma={loss.gamma}"
    estimator.set_params(loss_function=f"Focal:{settings}")
    estimator.start_margin_ = loss.start_margin(train.prevalence)
    return float(estimator.start_margin_)


def _pool(
    X: NDArray[np.float64],
    categorical: tuple[int, ...],
    *,
    label: NDArray[np.int8] | None = None,
    weight: NDArray[np.float64] | None = None,
    start: float | None = None,
) -> Any:
    """Return a CatBoost pool; category codes become integers, NaN codes the level -1."""
    import numpy as np
    from catboost import Pool

    baseline = None if start is None else np.full(len(X), start)
    fields = {"label": label, "weight": weight, "baseline": baseline, "thread_count": 1}
    if not categorical:
        return Pool(X, **fields)
    import pandas as pd

    frame = pd.DataFrame(np.asarray(X))
    for column in categorical:
        frame[column] = frame[column].fillna(-1).astype(np.int32)
    return Pool(frame, cat_features=list(categorical), **fields)
