"""The support vector machine with RBF kernel, its kernel made by matrix products."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from bench.domain import Trial
from bench.models.base import Capabilities, Model, StoppingSet, TrainingSet

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MOST_ROWS_AS_MATRIX = 10_000
"""The kernel matrix takes 8 n² bytes, here 800 MB; beyond, libsvm makes row by row."""

TILE = 256
"""Rows and columns of the kernel made at a time: half a megabyte stays in a core's cache."""


class KernelSVM(Model):
    """RBF support vector machine (libsvm); scores only.

    ``SVC(probability=True)`` is deprecated, costs six times as much and fits
    its sigmoid on folds that know nothing of duplicates, so it is not used.

    Four fifths of the time of ``SVC.fit`` goes into the kernel, one pair of
    rows after the other. Up to `MOST_ROWS_AS_MATRIX` rows it comes from matrix
    products instead, and libsvm solves the same problem: on telco (5,634 rows,
    46 columns; 8,278 under SMOTE) fit and scores take .35 and .8 CPU seconds
    where ``SVC`` takes 1.0 and 2.3, and differ from its scores by at most
    6e-12. scikit-learn-intelex 2026.2 takes 1.2 and 1.2 in float64, .4 and .7
    in float32, and differs by 1e-3: hardly cheaper and not the same answer, so
    it is not used.

    ``search_space``: the grid of the LIBSVM guide (Hsu, Chang & Lin 2003),
    narrowed to scaled data.
    """

    name = "svm-rbf"
    summary = "support vector machine with RBF kernel, scores without probabilities"
    capabilities = Capabilities(
        outputs="score", is_slow_to_predict=True, max_rows=50_000, fit_seconds=0.35, growth=2.2
    )
    start = {"C": 1.0, "gamma": 0.05}

    def build(self, params: Mapping[str, Any], *, seed: int, threads: int) -> Any:
        """Return an ``SVC`` with a kernel cache of 1,000 MB, which only large fits fill."""
        from sklearn.svm import SVC

        return SVC(**{"cache_size": 1000, **params}, random_state=seed)

    def search_space(self, trial: Trial) -> dict[str, Any]:
        """Return penalty and kernel width."""
        return {
            "C": trial.suggest_float("C", 1e-2, 1e2, log=True),
            "gamma": trial.suggest_float("gamma", 1e-4, 1.0, log=True),
        }

    def fit(self, estimator: Any, train: TrainingSet, stopping: StoppingSet | None = None) -> int:
        """Fit on the kernel as one matrix where that is small enough."""
        if _suits_a_matrix(estimator, train):
            _fit_on_matrix(estimator, train)
            return 0
        return super().fit(estimator, train)

    def predict_score(self, estimator: Any, X: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the decision function; of the RBF kernel by matrix products.

        Rows that are alike score alike to the last bit, as ties need: a matrix
        product alone may round them apart, so each is scored once.
        """
        import numpy as np

        if estimator.kernel != "rbf":
            return super().predict_score(estimator, X)
        rows, places = np.unique(X, axis=0, return_inverse=True)
        left, right = _left(rows, estimator._gamma), _right(estimator.support_vectors_)
        weights = estimator.dual_coef_[0]
        scores = np.full(len(rows), estimator.intercept_[0])
        for i in range(0, len(rows), TILE):
            for j in range(0, len(weights), TILE):
                kernel = _kernel_of(left[i : i + TILE], right[:, j : j + TILE])
                scores[i : i + TILE] += kernel @ weights[j : j + TILE]
        return scores[places.ravel()]


def _suits_a_matrix(svc: Any, train: TrainingSet) -> bool:
    """Return whether `_fit_on_matrix` would find what ``svc.fit`` finds, in bounded memory.

    Rows without weight are left to ``svc.fit``: libsvm drops them and then
    numbers the support vectors among those that are left.
    """
    every_row_counts = train.weight is None or bool((train.weight > 0).all())
    is_rbf: bool = svc.kernel == "rbf"
    return is_rbf and every_row_counts and len(train.y) <= MOST_ROWS_AS_MATRIX


def _fit_on_matrix(svc: Any, train: TrainingSet) -> None:
    """Fit ``svc`` on its kernel matrix, and leave it as ``svc.fit`` would have."""
    X, params = train.X, svc.get_params()
    gamma = _gamma(svc.gamma, X)
    # libsvm reads rows of the matrix as fast as it would find them in a cache.
    svc.set_params(kernel="precomputed", cache_size=10)
    svc.fit(_kernel_matrix(X, gamma), train.y, sample_weight=train.weight)
    svc.set_params(**params)
    svc.support_vectors_ = X[svc.support_]
    svc.shape_fit_, svc.n_features_in_, svc._gamma = X.shape, X.shape[1], gamma


def _gamma(gamma: float | str, X: NDArray[np.float64]) -> float:
    """Return the width of the kernel as ``SVC`` reads its parameter."""
    if gamma == "auto":
        return float(1.0 / X.shape[1])
    if gamma == "scale":
        variance = float(X.var())
        return float(1.0 / (X.shape[1] * variance)) if variance else 1.0
    return float(gamma)


def _kernel_matrix(X: NDArray[np.float64], gamma: float) -> NDArray[np.float64]:
    """Return exp(-gamma |x - z|²) of all pairs of rows, shape (n_samples, n_samples).

    Symmetric with ones on the diagonal, both exactly: libsvm rounds all other
    values to float32, and where all of these are the same it takes the same
    steps.
    """
    import numpy as np

    n_samples = len(X)
    left, right = _left(X, gamma), _right(X)
    matrix = np.empty((n_samples, n_samples))
    for i in range(0, n_samples, TILE):
        for j in range(i, n_samples, TILE):
            tile = _kernel_of(left[i : i + TILE], right[:, j : j + TILE])
            matrix[i : i + TILE, j : j + TILE] = tile
            matrix[j : j + TILE, i : i + TILE] = tile.T
    np.fill_diagonal(matrix, 1.0)
    return matrix


def _kernel_of(left: NDArray[np.float64], right: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the kernel between rows of `_left` and columns of `_right`."""
    import numpy as np

    exponent = left @ right
    np.minimum(exponent, 0.0, out=exponent)
    return np.exp(exponent, out=exponent)


def _left(X: NDArray[np.float64], gamma: float) -> NDArray[np.float64]:
    """Return rows whose product with `_right` is -gamma |x - z|² = gamma (2 xz - x² - z²)."""
    import numpy as np

    squares = np.einsum("ij,ij->i", X, X)[:, np.newaxis]
    return np.hstack([2 * gamma * X, -gamma * squares, np.full((len(X), 1), -gamma)])


def _right(X: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the columns that `_left` is multiplied by, shape (n_features + 2, n_samples)."""
    import numpy as np

    squares = np.einsum("ij,ij->i", X, X)[:, np.newaxis]
    return np.ascontiguousarray(np.hstack([X, np.ones((len(X), 1)), squares]).T)
