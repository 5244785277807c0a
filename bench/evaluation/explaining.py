"""Which of the user's columns a fit relies on, by up to four methods.

``gain``
    the library's own figure (split gain, impurity decrease, for CatBoost
    PredictionValuesChange), summed over the matrix columns of a feature.
``coefficient``
    for linear models: the standard deviation over test rows of what a feature
    adds to the score, all its one-hot columns together.
``shap``
    the booster's own TreeSHAP values on the margin, summed over a feature's
    columns per row, then the mean of absolute values over test rows.
``permutation``
    the loss of ROC-AUC on test rows when a feature's columns are shuffled
    together.

Where there are more than 2,000 test rows, coefficients and SHAP values take
2,000 that are drawn, the same for every model. A method that fails leaves a
sentence in place of its figures, and the fit what it is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from bench.domain import UNEXPLAINED
from bench.evaluation.workspace import Prepared
from bench.guard import Raised, attempt
from bench.metrics import roc_auc
from bench.models import Model

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

T = TypeVar("T")

N_SHUFFLES = 3
MOST_ROWS_IF_SLOW = 500
MOST_ROWS_IF_NATIVE = 2000
"""Half as many would save boosters a third, but features within 2 % change places."""


@dataclass(frozen=True, eq=False)
class Native:
    """What the library itself offers, as far as it could be had.

    Attributes
    ----------
    importance : dict
        Method → feature → importance.
    shap : ndarray of shape (n_sampled, n_features), or None
        SHAP values by feature, of the rows that `sampled_rows` names.
    failures : tuple of str
        What went wrong with the methods that are missing.
    """

    importance: dict[str, dict[str, float]]
    shap: NDArray[np.float64] | None
    failures: tuple[str, ...]


def try_method(name: str, method: Callable[[], T]) -> T | str:
    """Return what a method of explaining a fit returned, or in words what it raised."""
    outcome = attempt(method)
    if isinstance(outcome, Raised):
        return f"{UNEXPLAINED}{name}: {type(outcome.error).__name__}: {outcome.error}"
    return outcome.value


def native_importance(
    model: Model, estimator: Any, prepared: Prepared, features: tuple[str, ...]
) -> Native:
    """Return what the library itself offers."""
    import numpy as np

    sources = np.asarray(prepared.layout.sources)
    sample = np.asarray(prepared.held_X[sampled_rows(prepared)])
    shap: NDArray[np.float64] | None = None

    def by_gain() -> dict[str, float] | None:
        gains = model.gains(estimator)
        if gains is None:
            return None
        return _named(_sum_by_source(gains[np.newaxis], sources, len(features))[0], features)

    def by_coefficient() -> dict[str, float] | None:
        coefficients = model.coefficients(estimator)
        if coefficients is None:
            return None
        per_feature = _sum_by_source(sample * coefficients, sources, len(features))
        return _named(per_feature.std(axis=0), features)

    def by_shap() -> dict[str, float] | None:
        nonlocal shap
        contributions = model.contributions(estimator, sample)
        if contributions is None:
            return None
        per_feature = _sum_by_source(contributions, sources, len(features))
        named = _named(np.abs(per_feature).mean(axis=0), features)
        shap = per_feature
        return named

    methods = {"gain": by_gain, "coefficient": by_coefficient, "shap": by_shap}
    found = {name: try_method(name, method) for name, method in methods.items()}
    importance = {name: values for name, values in found.items() if isinstance(values, dict)}
    failures = tuple(values for values in found.values() if isinstance(values, str))
    return Native(importance, shap, failures)


def permutation_importance(
    model: Model,
    estimator: Any,
    prepared: Prepared,
    *,
    features: tuple[str, ...],
    seed: int,
) -> dict[str, float]:
    """Return feature → mean loss of ROC-AUC over a few shuffles of test rows.

    Source: Breiman (2001), on held-out rows. Models that are slow to predict
    are asked about at most 500 rows, drawn with the prevalence kept.
    """
    import numpy as np

    random = np.random.default_rng(seed)
    X, y = np.asarray(prepared.held_X), np.asarray(prepared.held_y)
    if model.capabilities.is_slow_to_predict and len(y) > MOST_ROWS_IF_SLOW:
        rows = _stratified_rows(y, MOST_ROWS_IF_SLOW, random)
        X, y = X[rows], y[rows]
    sources = np.asarray(prepared.layout.sources)
    base = roc_auc(y, model.predict_score(estimator, X))
    losses = np.zeros(len(features))
    for feature in range(len(features)):
        columns = np.flatnonzero(sources == feature)
        for _ in range(N_SHUFFLES):
            shuffled = X.copy()
            shuffled[:, columns] = X[random.permutation(len(y))][:, columns]
            losses[feature] += base - roc_auc(y, model.predict_score(estimator, shuffled))
    return _named(losses / N_SHUFFLES, features)


def _sum_by_source(
    values: NDArray[np.float64], sources: NDArray[np.int64], n_features: int
) -> NDArray[np.float64]:
    import numpy as np

    total = np.zeros((len(values), n_features))
    for column, source in enumerate(sources):
        total[:, source] += values[:, column]
    return total


def sampled_rows(prepared: Prepared) -> NDArray[np.int64] | slice:
    """Return at most 2,000 held back rows; the first ones of a file need not be typical."""
    import numpy as np

    n = len(prepared.held_X)
    if n <= MOST_ROWS_IF_NATIVE:
        return slice(None)
    drawn = np.random.default_rng(0).choice(n, MOST_ROWS_IF_NATIVE, replace=False)
    return np.sort(drawn)


def _stratified_rows(
    y: NDArray[np.int8], n_rows: int, random: np.random.Generator
) -> NDArray[np.int64]:
    """Return about ``n_rows`` row numbers with the prevalence of ``y``, at least one of each."""
    import numpy as np

    chosen = []
    for label in (0, 1):
        rows = np.flatnonzero(y == label)
        share = max(1, round(n_rows * len(rows) / len(y)))
        chosen.append(random.permutation(rows)[:share])
    return np.sort(np.concatenate(chosen))


def _named(values: NDArray[np.float64], features: tuple[str, ...]) -> dict[str, float]:
    import numpy as np

    if not np.isfinite(values).all():
        raise ValueError("some values are not finite")
    return {feature: float(value) for feature, value in zip(features, values, strict=True)}
