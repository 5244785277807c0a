"""Every entry of the axis of preparations: like scikit-learn by hand, from training rows only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from doing import build_table
from sklearn.compose import ColumnTransformer
from sklearn.impute import KNNImputer, SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

from bench.domain import Candidate, Dataset, Job
from bench.evaluation.job import JobOptions, run_job
from bench.evaluation.preparations import PREPARATIONS, tukey_fences, winsor_fences
from bench.evaluation.preparing import Preparer
from bench.evaluation.tables import Table
from bench.evaluation.workspace import Workspace
from bench.strategies import STRATEGIES

TRAIN = np.arange(0, 160)
HELD = np.arange(160, 240)

NUMBERS = ["usage", "age", "noise"]
SELECTING = tuple(entry.name for entry in PREPARATIONS if entry.select is not None)
COMPLETE = tuple(name for name in PREPARATIONS.names if name != "native")


def table_of(dataset: Dataset) -> Table:
    return build_table(dataset, np.arange(len(dataset.y)))


def matrix(preparer: Preparer, rows: Any) -> Any:
    return preparer.to_matrix(preparer.to_mixed(rows))


def rewrite(dataset: Dataset, rows: Any) -> Dataset:
    """Return the dataset with wild values and other labels in ``rows``."""
    random = np.random.default_rng(1)
    X = dataset.X.copy()
    for name in NUMBERS:
        X.loc[rows, name] = random.normal(1000, 500, size=len(rows))
    X.loc[rows[::3], NUMBERS] = np.nan
    for name in ("plan", "region"):
        values = X[name].astype(object)
        values.iloc[rows] = random.choice(["aaa", "zzz"], size=len(rows))
        X[name] = pd.Categorical(values)
    y = dataset.y.copy()
    y[rows] = 1 - y[rows]
    return replace(dataset, X=X, y=y)


def encode(numeric: Any, numbers: list[str], categories: list[str]) -> ColumnTransformer:
    levels = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    return ColumnTransformer([("numbers", numeric, numbers), ("levels", levels, categories)])


def text_of(dataset: Dataset) -> pd.DataFrame:
    return dataset.X.astype({"plan": object, "region": object})


# --- all of them ----------------------------------------------------------------------


@pytest.mark.parametrize("name", PREPARATIONS.names)
def test_nothing_that_is_learnt_depends_on_held_rows(toy: Dataset, name: str) -> None:
    probe, changed = HELD[:20], HELD[20:]
    before = Preparer(table_of(toy), TRAIN, preparation=name, seed=3)
    after = Preparer(table_of(rewrite(toy, changed)), TRAIN, preparation=name, seed=3)
    assert before.selected == after.selected
    assert before.layout == after.layout
    np.testing.assert_array_equal(matrix(before, TRAIN), matrix(after, TRAIN))
    np.testing.assert_array_equal(matrix(before, probe), matrix(after, probe))


@pytest.mark.parametrize("name", PREPARATIONS.names)
def test_a_held_row_is_prepared_alike_whatever_stands_beside_it(toy: Dataset, name: str) -> None:
    preparer = Preparer(table_of(toy), TRAIN, preparation=name)
    together = matrix(preparer, HELD)
    alone = np.vstack([matrix(preparer, HELD[[k]]) for k in range(10)])
    np.testing.assert_allclose(alone, together[:10], rtol=0, atol=1e-12)


@pytest.mark.parametrize("name", COMPLETE)
def test_a_prepared_matrix_is_complete_and_as_the_layout_says(toy: Dataset, name: str) -> None:
    preparer = Preparer(table_of(toy), TRAIN, preparation=name)
    for rows in (TRAIN, HELD):
        found = matrix(preparer, rows)
        assert found.shape == (len(rows), len(preparer.layout.sources))
        assert np.isfinite(found).all()


@pytest.mark.parametrize("name", SELECTING)
def test_the_same_seed_selects_the_same_columns(toy: Dataset, name: str) -> None:
    first, second = (Preparer(table_of(toy), TRAIN, preparation=name, seed=9) for _ in range(2))
    assert first.selected == second.selected != ()


@pytest.mark.parametrize("name", [n for n in PREPARATIONS.names if n not in SELECTING])
def test_a_preparation_without_a_selection_selects_nothing(toy: Dataset, name: str) -> None:
    assert Preparer(table_of(toy), TRAIN, preparation=name).selected == ()


@pytest.mark.parametrize("name", COMPLETE)
def test_a_column_without_any_value_in_training_rows_is_no_harm(toy: Dataset, name: str) -> None:
    X = toy.X.copy()
    X.loc[TRAIN, "usage"] = np.nan
    preparer = Preparer(table_of(replace(toy, X=X)), TRAIN, preparation=name)
    assert np.isfinite(matrix(preparer, HELD)).all()


# --- one change each ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "imputer"),
    [
        ("impute-mean", SimpleImputer(strategy="mean", add_indicator=True)),
        ("impute-constant", SimpleImputer(strategy="constant", fill_value=0, add_indicator=True)),
        ("impute-most-frequent", SimpleImputer(strategy="most_frequent", add_indicator=True)),
        (
            "impute-knn",
            make_pipeline(StandardScaler(), KNNImputer(n_neighbors=5, add_indicator=True)),
        ),
    ],
)
def test_imputing_equals_scikit_learn_by_hand(toy: Dataset, name: str, imputer: Any) -> None:
    # In units of its own, one column would decide alone who is a neighbour.
    toy = replace(toy, X=toy.X.assign(noise=1000 * toy.X["noise"]))
    by_hand = encode(make_pipeline(imputer, StandardScaler()), NUMBERS, ["plan", "region"])
    X = text_of(toy)
    by_hand.fit(X.iloc[TRAIN])
    preparer = Preparer(table_of(toy), TRAIN, preparation=name)
    for rows in (TRAIN, HELD):
        expected = by_hand.transform(X.iloc[rows])
        np.testing.assert_allclose(matrix(preparer, rows), expected, rtol=0, atol=1e-12)


def fenced(X: pd.DataFrame, low: Any, high: Any) -> Any:
    clip = FunctionTransformer(lambda values: np.clip(values, low, high))
    impute = SimpleImputer(strategy="median", add_indicator=True)
    return encode(make_pipeline(clip, impute, StandardScaler()), NUMBERS, ["plan", "region"])


@pytest.mark.parametrize("name", ["clip-iqr", "winsorise"])
def test_clipping_equals_scikit_learn_on_values_clipped_by_hand(toy: Dataset, name: str) -> None:
    X = text_of(toy)
    X.loc[[3, 50, 200], "usage"] = [90.0, -70.0, 55.0]  # two of them to learn from, one held
    numbers = X.loc[TRAIN, NUMBERS]
    if name == "clip-iqr":
        first, third = numbers.quantile(0.25), numbers.quantile(0.75)
        low, high = first - 1.5 * (third - first), third + 1.5 * (third - first)
    else:
        low, high = numbers.quantile(0.01), numbers.quantile(0.99)
    by_hand = fenced(X, low.to_numpy(), high.to_numpy()).fit(X.iloc[TRAIN])
    dataset = replace(toy, X=toy.X.assign(usage=X["usage"]))
    preparer = Preparer(table_of(dataset), TRAIN, preparation=name)
    for rows in (TRAIN, HELD):
        expected = by_hand.transform(X.iloc[rows])
        np.testing.assert_allclose(matrix(preparer, rows), expected, rtol=0, atol=1e-12)
    # The held 55 is as far out as the training rows' fence lets it be.
    usage = matrix(preparer, np.array([3, 200]))[:, 0]
    assert usage[0] == usage[1]


@pytest.mark.parametrize("name", SELECTING)
def test_a_selection_equals_the_plain_preparation_of_the_columns_that_it_kept(
    toy: Dataset, name: str
) -> None:
    selecting = Preparer(table_of(toy), TRAIN, preparation=name)
    kept = list(selecting.selected)
    plain = Preparer(table_of(replace(toy, X=toy.X[kept])), TRAIN, preparation="encoded")
    np.testing.assert_array_equal(matrix(selecting, HELD), matrix(plain, HELD))
    features = [toy.X.columns[feature] for feature in selecting.layout.sources]
    assert features == [kept[feature] for feature in plain.layout.sources]


# --- fences ---------------------------------------------------------------------------


def test_tukeys_fences_by_hand() -> None:
    # 0 … 8 and a hole: quartiles 2 and 6, range 4.
    values = np.array([[*range(9), np.nan]]).T
    assert [bound.tolist() for bound in tukey_fences(values)] == [[-4.0], [12.0]]


def test_winsor_fences_by_hand() -> None:
    values = np.arange(101.0)[:, np.newaxis]
    assert [bound.tolist() for bound in winsor_fences(values)] == [[1.0], [99.0]]


@pytest.mark.parametrize("fences", [tukey_fences, winsor_fences])
def test_a_column_that_is_mostly_one_value_is_left_alone(fences: Callable[..., Any]) -> None:
    calls = np.zeros((1000, 2))
    calls[:5, 0] = 7.0  # quartiles and outer quantiles are all 0
    calls[:, 1] = np.nan
    low, high = fences(calls)
    np.testing.assert_array_equal(low, [-np.inf, -np.inf])
    np.testing.assert_array_equal(high, [np.inf, np.inf])


# --- in a job -------------------------------------------------------------------------


def test_a_record_names_the_columns_that_its_training_rows_kept(
    toy: Dataset, toy_workspace: Workspace, make_job: Callable[..., Job]
) -> None:
    for name in PREPARATIONS.names:
        job = make_job(Candidate("lightgbm", preparation=name))
        record = run_job(job, toy_workspace, JobOptions("native")).record
        assert record.status == "ok", record.error
        if name == "select-correlation":
            assert record.selected == tuple(toy.X.columns)
        elif name in SELECTING:
            assert len(record.selected) == 3
            used = {n for n, gain in record.importance["gain"].items() if gain > 0}
            assert used <= set(record.selected)
        else:
            assert record.selected == ()


def test_resampled_rows_have_the_selected_columns(
    toy_workspace: Workspace, make_job: Callable[..., Job]
) -> None:
    assert "smote" in STRATEGIES
    for strategy in ("random-over", "smote"):
        job = make_job(Candidate("logistic", strategy, preparation="select-mi"))
        record = run_job(job, toy_workspace, JobOptions("none")).record
        assert record.status == "ok", record.error
