"""Preparation learns from its rows only, and does what scikit-learn does by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from doing import build_table
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from bench.domain import Dataset
from bench.evaluation.preparing import MOST_LEVELS, Preparer
from bench.evaluation.tables import Table, read_table

TRAIN = np.arange(0, 160)
HELD = np.arange(160, 240)


def table_of(dataset: Dataset) -> Table:
    return build_table(dataset, np.arange(len(dataset.y)))


def encoded(preparer: Preparer, rows: Any) -> Any:
    return preparer.to_matrix(preparer.to_mixed(rows))


@pytest.fixture(scope="module")
def table(toy: Dataset) -> Table:
    return table_of(toy)


def rewrite(dataset: Dataset, rows: Any, *, seed: int = 1) -> Dataset:
    """Return the dataset with other values in ``rows``, among them levels that no one else has."""
    random = np.random.default_rng(seed)
    X = dataset.X.copy()
    for name in X.columns:
        values = X[name].astype(object) if X[name].dtype == "category" else X[name].copy()
        if X[name].dtype == "category":
            values.iloc[rows] = random.choice(["aaa", "mmm", "zzz"], size=len(rows))
            X[name] = pd.Categorical(values)
        else:
            values.iloc[rows] = random.normal(1000, 500, size=len(rows))
            X[name] = values
    X.iloc[rows[::3], [X.columns.get_loc(c) for c in ("usage", "noise")]] = np.nan
    return replace(dataset, X=X)


# --- the same as by hand --------------------------------------------------------------


def test_encoding_equals_scikit_learns_column_transformer(toy: Dataset, table: Table) -> None:
    numeric = make_pipeline(SimpleImputer(strategy="median", add_indicator=True), StandardScaler())
    by_hand = ColumnTransformer(
        [
            ("numeric", numeric, ["usage", "age", "noise"]),
            ("levels", OneHotEncoder(handle_unknown="ignore", sparse_output=False), ["plan"]),
            ("holes", OneHotEncoder(handle_unknown="ignore", sparse_output=False), ["region"]),
        ]
    )
    X = toy.X.astype({"plan": object, "region": object})
    by_hand.fit(X.iloc[TRAIN])
    preparer = Preparer(table, TRAIN, preparation="encoded")
    for rows in (TRAIN, HELD):
        expected = by_hand.transform(X.iloc[rows])
        np.testing.assert_allclose(encoded(preparer, rows), expected, rtol=0, atol=1e-12)


def test_native_equals_scaled_numbers_with_holes_beside_level_numbers(
    toy: Dataset, table: Table
) -> None:
    preparer = Preparer(table, TRAIN, preparation="native")
    found = encoded(preparer, HELD)
    numbers = toy.X[["usage", "age", "noise"]].to_numpy()
    scaler = StandardScaler().fit(numbers[TRAIN])
    np.testing.assert_allclose(found[:, :3], scaler.transform(numbers[HELD]), atol=1e-12)
    plan = toy.X["plan"].cat.codes.to_numpy()[HELD]
    region = toy.X["region"].cat.codes.to_numpy()[HELD]
    np.testing.assert_array_equal(found[:, 3], plan)
    np.testing.assert_array_equal(found[:, 4], np.where(region < 0, 3, region))


# --- nothing comes from held rows -----------------------------------------------------


@pytest.mark.parametrize("preparation", ["encoded", "native"])
def test_held_rows_change_nothing_that_was_learnt(toy: Dataset, preparation: str) -> None:
    probe, changed = HELD[:20], HELD[20:]
    before = Preparer(table_of(toy), TRAIN, preparation=preparation)
    after = Preparer(table_of(rewrite(toy, changed)), TRAIN, preparation=preparation)
    np.testing.assert_array_equal(encoded(before, TRAIN), encoded(after, TRAIN))
    np.testing.assert_array_equal(encoded(before, probe), encoded(after, probe))
    assert before.layout == after.layout


def test_training_rows_do_change_what_is_learnt(toy: Dataset) -> None:
    before = Preparer(table_of(toy), TRAIN, preparation="encoded")
    after = Preparer(table_of(rewrite(toy, TRAIN[:10])), TRAIN, preparation="encoded")
    assert encoded(before, HELD).shape != encoded(after, HELD).shape


# --- levels that training rows lack ---------------------------------------------------


@pytest.fixture
def surprise(toy: Dataset) -> Dataset:
    """The toy table with a plan in row 200 that no training row has."""
    plan = toy.X["plan"].astype(object)
    plan.iloc[200] = "platinum"
    return replace(toy, X=toy.X.assign(plan=pd.Categorical(plan)))


def test_an_unseen_level_is_all_zeros_when_encoded(surprise: Dataset) -> None:
    preparer = Preparer(table_of(surprise), TRAIN, preparation="encoded")
    of_plan = np.asarray(preparer.layout.sources) == list(surprise.X.columns).index("plan")
    assert of_plan.sum() == 3
    rows = encoded(preparer, np.array([199, 200]))[:, of_plan]
    assert rows.sum(axis=1).tolist() == [1.0, 0.0]


def test_an_unseen_level_is_missing_when_native(surprise: Dataset) -> None:
    preparer = Preparer(table_of(surprise), TRAIN, preparation="native")
    plan = preparer.layout.sources.index(list(surprise.X.columns).index("plan"))
    rows = encoded(preparer, np.array([199, 200]))[:, plan]
    assert np.isnan(rows).tolist() == [False, True]


def test_rare_levels_share_one_column_and_so_do_unseen_ones(
    as_dataset: Callable[..., Dataset],
) -> None:
    # 150 levels, of which number k is seen k + 1 times, and one that is never seen.
    levels = np.repeat(np.arange(150), np.arange(1, 151))
    texts = [f"level-{level:03}" for level in levels] + ["unseen"]
    X = pd.DataFrame({"city": pd.Categorical(texts)})
    table = table_of(as_dataset(X, np.arange(len(X)) % 2))
    train = np.arange(len(X) - 1)
    preparer = Preparer(table, train, preparation="encoded")
    matrix = encoded(preparer, np.arange(len(X)))
    assert matrix.shape[1] == MOST_LEVELS == 100
    assert (matrix.sum(axis=1) == 1).all()
    shared = matrix[-1].argmax()
    sharing = set(levels[np.flatnonzero(matrix[:-1, shared])])
    assert sharing == set(range(51))  # the 99 most frequent have columns of their own


# --- missing values -------------------------------------------------------------------


def test_a_missing_number_is_the_median_and_is_marked(as_dataset: Callable[..., Dataset]) -> None:
    X = pd.DataFrame({"a": [1.0, 2.0, 9.0, np.nan, np.nan], "b": [0.0, 1.0, 0.0, 1.0, 0.0]})
    preparer = Preparer(
        table_of(as_dataset(X, [0, 1, 0, 1, 0])), np.arange(4), preparation="encoded"
    )
    assert preparer.layout.sources == (0, 1, 0)
    matrix = encoded(preparer, np.arange(5))
    # Imputed by hand: 1, 2, 9 and their median 2; the mean 3.5, the deviation sqrt(41 / 4).
    np.testing.assert_allclose(matrix[3:, 0], [-1.5 / np.sqrt(10.25)] * 2)
    # The mark: 0, 0, 0, 1 with mean 1/4 and deviation sqrt(3)/4.
    np.testing.assert_allclose(matrix[:, 2], [-1 / np.sqrt(3)] * 3 + [np.sqrt(3)] * 2)


def test_a_number_missing_in_held_rows_only_is_the_median_without_a_mark(
    as_dataset: Callable[..., Dataset],
) -> None:
    X = pd.DataFrame({"a": [1.0, 2.0, 9.0, np.nan]})
    preparer = Preparer(table_of(as_dataset(X, [0, 1, 0, 1])), np.arange(3), preparation="encoded")
    assert preparer.layout.sources == (0,)
    matrix = encoded(preparer, np.arange(4))
    assert matrix[3, 0] == matrix[1, 0]


@pytest.mark.parametrize("preparation", ["encoded", "native"])
def test_a_column_without_any_value_in_training_rows_is_no_harm(
    toy: Dataset, preparation: str
) -> None:
    X = toy.X.copy()
    X.loc[TRAIN, "usage"] = np.nan
    plan = X["plan"].astype(object)
    plan.iloc[TRAIN] = None
    dataset = replace(toy, X=X.assign(plan=pd.Categorical(plan)))
    preparer = Preparer(table_of(dataset), TRAIN, preparation=preparation)
    for rows in (TRAIN, HELD):
        matrix = encoded(preparer, rows)
        assert matrix.shape == (len(rows), len(preparer.layout.sources))
        assert preparation == "native" or np.isfinite(matrix).all()


# --- where columns come from ----------------------------------------------------------


@pytest.mark.parametrize("preparation", ["encoded", "native"])
@pytest.mark.parametrize("feature", ["usage", "plan", "age", "region", "noise"])
def test_only_the_columns_of_a_feature_change_with_it(
    toy: Dataset, preparation: str, feature: str
) -> None:
    X = toy.X.copy()
    X.loc[HELD, feature] = X.loc[HELD[::-1], feature].to_numpy()
    before = Preparer(table_of(toy), TRAIN, preparation=preparation)
    after = Preparer(table_of(replace(toy, X=X)), TRAIN, preparation=preparation)
    first, second = encoded(before, HELD), encoded(after, HELD)
    is_changed = ~np.array(
        [np.array_equal(first[:, i], second[:, i], equal_nan=True) for i in range(first.shape[1])]
    )
    is_own = np.asarray(before.layout.sources) == list(X.columns).index(feature)
    np.testing.assert_array_equal(is_changed, is_own)


def test_codes_are_where_the_layout_says(table: Table) -> None:
    native = Preparer(table, TRAIN, preparation="native")
    assert native.layout.sources == (0, 2, 4, 1, 3)
    assert native.layout.categorical == (3, 4)
    encoded_ = Preparer(table, TRAIN, preparation="encoded")
    assert encoded_.layout.sources == (0, 2, 4, 2, 1, 1, 1, 3, 3, 3, 3)
    assert encoded_.layout.categorical == ()
    assert encoded_.mixed_layout.categorical == (4, 5)


@pytest.mark.parametrize("kept", [["usage", "age"], ["plan", "region"]], ids=str)
@pytest.mark.parametrize("preparation", ["encoded", "native"])
def test_tables_of_numbers_or_of_categories_alone_are_prepared(
    toy: Dataset, kept: list[str], preparation: str
) -> None:
    table = table_of(replace(toy, X=toy.X[kept]))
    preparer = Preparer(table, TRAIN, preparation=preparation)
    assert encoded(preparer, HELD).shape == (len(HELD), len(preparer.layout.sources))
    assert set(preparer.layout.sources) == {0, 1}


def test_a_table_comes_back_from_its_files(table: Table, tmp_path: Any) -> None:
    table.write(tmp_path)
    found = read_table(tmp_path)
    for name in ("numeric", "codes", "y", "groups"):
        np.testing.assert_array_equal(getattr(found, name), getattr(table, name))
    assert found.features == ("usage", "plan", "age", "region", "noise")
    assert found.numeric_features == (0, 2, 4)
    assert found.categorical_features == (1, 3)
