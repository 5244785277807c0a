"""The kernel made by matrix products gives the answers of scikit-learn's ``SVC``."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.svm import SVC

from bench.models import MODELS, TrainingSet
from bench.models.kernel_svm import MOST_ROWS_AS_MATRIX

MODEL = MODELS.lookup("svm-rbf")


def make_rows(kind: str) -> TrainingSet:
    """Return some 600 rows; tiles of the kernel end in the middle of them."""
    random = np.random.default_rng(5)
    X = random.normal(size=(600, 6))
    if kind == "constant":
        X[:, 3] = 7.0
    if kind == "duplicates":
        X[:, :2] = random.integers(0, 2, size=(600, 2))
        X = np.vstack([X[:300], X[:300]])
    y = (X[:, 0] + random.logistic(size=600) > 1).astype(np.int8)
    weight = random.exponential(size=600) if kind in ("weights", "weights-of-zero") else None
    if kind == "weights-of-zero":
        weight = np.where(random.random(600) < 0.2, 0.0, random.exponential(size=600))
    return TrainingSet(X, y, weight=weight)


def fit_both(train: TrainingSet, params: dict[str, Any]) -> tuple[Any, Any]:
    ours = MODEL.build(params, seed=1, threads=1)
    MODEL.fit(ours, train)
    theirs = SVC(**params).fit(train.X, train.y, sample_weight=train.weight)
    return ours, theirs


@pytest.mark.parametrize("gamma", ["scale", "auto", 0.3])
@pytest.mark.parametrize("kind", ["plain", "constant", "duplicates", "weights", "weights-of-zero"])
def test_scores_are_those_of_svc(kind: str, gamma: Any) -> None:
    train = make_rows(kind)
    held = np.random.default_rng(6).normal(size=(700, 6))

    ours, theirs = fit_both(train, {"gamma": gamma, "C": 2.0})

    expected = theirs.decision_function(held)
    np.testing.assert_allclose(MODEL.predict_score(ours, held), expected, rtol=0, atol=1e-9)
    np.testing.assert_array_equal(ours.n_iter_, theirs.n_iter_)


def test_the_estimator_is_left_as_svc_would_leave_it() -> None:
    train = make_rows("weights")
    params = {"gamma": 0.2, "C": 3.0, "tol": 1e-4, "break_ties": True}

    ours, theirs = fit_both(train, params)

    assert ours.get_params() == {**theirs.get_params(), "cache_size": 1000, "random_state": 1}
    assert {name for name in vars(ours) if name.endswith("_")} == {
        name for name in vars(theirs) if name.endswith("_")
    }
    np.testing.assert_array_equal(ours.support_vectors_, theirs.support_vectors_)
    np.testing.assert_array_equal(ours.predict(train.X), theirs.predict(train.X))
    np.testing.assert_allclose(
        ours.decision_function(train.X), theirs.decision_function(train.X), rtol=0, atol=1e-9
    )
    again = clone(ours).fit(train.X, train.y, sample_weight=train.weight)
    np.testing.assert_array_equal(again.dual_coef_, theirs.dual_coef_)


@pytest.mark.parametrize(
    "params", [{"kernel": "poly", "degree": 2}, {"kernel": "linear"}, {"class_weight": "balanced"}]
)
def test_whatever_else_svc_takes_still_goes(params: dict[str, Any]) -> None:
    train = make_rows("plain")

    ours, theirs = fit_both(train, params)

    expected = theirs.decision_function(train.X)
    np.testing.assert_allclose(MODEL.predict_score(ours, train.X), expected, rtol=0, atol=1e-9)


def test_columns_that_never_vary_have_the_width_that_svc_gives_them() -> None:
    train = TrainingSet(np.ones((40, 2)), np.tile([0, 0, 0, 1], 10).astype(np.int8))

    ours, theirs = fit_both(train, {})

    held = np.array([[1.0, 1.0], [1.0, 2.0]])
    expected = theirs.decision_function(held)
    np.testing.assert_allclose(MODEL.predict_score(ours, held), expected, rtol=0, atol=1e-9)


def test_missing_values_are_refused_as_svc_refuses_them() -> None:
    train = make_rows("plain")
    train.X[3, 2] = np.nan

    with pytest.raises(ValueError, match="contains NaN"):
        MODEL.fit(MODEL.build({}, seed=1, threads=1), train)


def test_rows_that_are_alike_score_alike_to_the_last_bit() -> None:
    train = make_rows("plain")
    ours, _ = fit_both(train, {})
    row = np.random.default_rng(7).normal(size=(1, 6))

    # Matrix products treat the rows of the last, smaller block in ways of their own.
    n_values = [
        len(np.unique(MODEL.predict_score(ours, np.repeat(row, n_rows, axis=0))))
        for n_rows in range(1, 300, 7)
    ]

    assert set(n_values) == {1}


def test_more_rows_than_a_matrix_has_room_for_are_fitted_row_by_row() -> None:
    class Listening(SVC):  # type: ignore[misc]
        asked: str = ""

        def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Any:
            self.asked = self.kernel
            return super().fit(X[:200], y[:200])

    random = np.random.default_rng(9)
    asked = []
    for n_samples in (MOST_ROWS_AS_MATRIX + 1, 200):
        X = random.normal(size=(n_samples, 1))
        estimator = Listening()
        MODEL.fit(estimator, TrainingSet(X, (X[:, 0] > 0.5).astype(np.int8)))
        asked.append(estimator.asked)

    assert asked == ["rbf", "precomputed"]
