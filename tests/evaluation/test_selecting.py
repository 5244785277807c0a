"""Selections find what matters, and their scores are those of the textbooks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from doing import build_table
from scipy.stats import chi2_contingency
from scipy.stats.contingency import association
from sklearn.feature_selection import mutual_info_classif
from sklearn.metrics import mutual_info_score

from bench.domain import Dataset
from bench.evaluation.preparing import Preparer, plain_rows
from bench.evaluation.selecting import (
    associations,
    score_by_chi2,
    score_by_importance,
    score_by_mutual_information,
)

N = 1200
HALVES = ("select-chi2", "select-mi", "select-importance")


@pytest.fixture(scope="module")
def shop(as_dataset: Callable[..., Dataset]) -> Dataset:
    """Three columns that matter among six, one of them a category, one with gaps that matter."""
    random = np.random.default_rng(5)
    fee, usage, luck = random.normal(size=(3, N))
    plan = random.choice(["basic", "plus", "team"], size=N)
    town = random.choice([f"town-{k:02}" for k in range(30)], size=N)
    coin = random.choice(["heads", "tails"], size=N)
    margin = 1.2 * fee - 1.2 * usage + 1.5 * (plan == "basic") + random.logistic(size=N)
    y = margin > np.quantile(margin, 0.7)
    X = pd.DataFrame(
        {
            "luck": luck,
            "fee": fee,
            "town": pd.Categorical(town),
            "plan": pd.Categorical(plan),
            "coin": pd.Categorical(coin),
            "usage": usage,
        }
    )
    return as_dataset(X, y)


def seen(dataset: Dataset) -> Any:
    """Return all rows of ``dataset`` as a selection sees them."""
    return plain_rows(build_table(dataset, np.arange(len(dataset.y))), np.arange(len(dataset.y)))


def select(dataset: Dataset, name: str) -> tuple[str, ...]:
    table = build_table(dataset, np.arange(len(dataset.y)))
    return Preparer(table, np.arange(len(dataset.y)), preparation=name, seed=1).selected


@pytest.mark.parametrize("name", HALVES)
def test_the_half_that_is_kept_is_the_half_that_matters(shop: Dataset, name: str) -> None:
    assert select(shop, name) == ("fee", "plan", "usage")


@pytest.mark.parametrize("name", HALVES)
def test_of_five_columns_three_are_kept(shop: Dataset, name: str) -> None:
    fewer = Dataset(shop.spec, shop.X.drop(columns="luck"), shop.y, shop.digest, shop.origin)
    assert len(select(fewer, name)) == 3


def test_many_levels_alone_are_no_reason_to_keep_a_column(shop: Dataset) -> None:
    scores = dict(zip(shop.X.columns, score_by_chi2(seen(shop), shop.y, 0), strict=True))
    # 30 levels without a say: a χ² of about its 29 degrees of freedom, less those.
    assert abs(scores["town"]) < 3 * np.sqrt(2 * 29)
    assert scores["town"] < 0.2 * scores["plan"]


def test_chi2_is_pearsons_statistic_less_its_degrees_of_freedom(shop: Dataset) -> None:
    scores = score_by_chi2(seen(shop), shop.y, 0)
    for name in ("town", "plan", "coin"):
        tested = chi2_contingency(pd.crosstab(shop.X[name], shop.y), correction=False)
        found = scores[list(shop.X.columns).index(name)]
        assert found == pytest.approx(tested.statistic - tested.dof, rel=1e-9)
    deciles = pd.qcut(shop.X["fee"], 10, labels=False)
    tested = chi2_contingency(pd.crosstab(deciles, shop.y), correction=False)
    assert scores[1] == pytest.approx(tested.statistic - tested.dof, rel=1e-9)


def test_chi2_takes_a_gap_for_a_level_of_its_own(as_dataset: Callable[..., Dataset]) -> None:
    value = np.arange(330.0)
    value[::3] = np.nan
    y = np.isnan(value)
    y[:60] = ~y[:60]
    dataset = as_dataset(pd.DataFrame({"a": value, "b": np.arange(330) % 2.0}), y)
    deciles = pd.qcut(pd.Series(value), 10, labels=False).fillna(-1)
    tested = chi2_contingency(pd.crosstab(deciles, y), correction=False)
    assert tested.dof == 10
    scores = score_by_chi2(seen(dataset), dataset.y, 0)
    assert scores[0] == pytest.approx(tested.statistic - tested.dof, rel=1e-9)


def test_mutual_information_is_scikit_learns_less_its_bias(shop: Dataset) -> None:
    scores = score_by_mutual_information(seen(shop), shop.y, 3)
    bias = {"town": 29 / (2 * N), "plan": 2 / (2 * N), "coin": 1 / (2 * N)}
    for name, expected in bias.items():
        found = scores[list(shop.X.columns).index(name)]
        plug_in = mutual_info_score(shop.X[name].astype(str), shop.y)
        assert found == pytest.approx(plug_in - expected, abs=1e-12)
    # The noise that parts ties is drawn for all columns of the table at once.
    numbers = shop.X[["luck", "fee", "usage"]].to_numpy()
    codes = np.column_stack([shop.X[name].cat.codes for name in bias])
    scaled = (numbers - numbers.mean(axis=0)) / numbers.std(axis=0)
    expected_all = mutual_info_classif(
        np.hstack([scaled, codes]),
        shop.y,
        discrete_features=[False] * 3 + [True] * 3,
        random_state=3,
    )
    np.testing.assert_allclose(scores[[0, 1, 5]], expected_all[:3], atol=1e-12)


def test_importance_is_summed_over_the_columns_of_a_feature(shop: Dataset) -> None:
    rows = seen(shop)
    whole = score_by_importance(rows, shop.y, 0)
    assert whole.shape == (6,)
    assert set(np.argsort(-whole)[:3]) == {1, 3, 5}


# --- groups ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def redundant(shop: Dataset) -> Dataset:
    """The shop with a copy of ``fee`` in other units and a finer version of ``plan``."""
    random = np.random.default_rng(8)
    finer = shop.X["plan"].astype(str) + np.where(shop.y & (random.random(N) < 0.5), "-old", "")
    X = shop.X.assign(
        cents=-100 * shop.X["fee"] + random.normal(size=N), finer=pd.Categorical(finer)
    )
    return Dataset(shop.spec, X, shop.y, shop.digest, shop.origin)


def test_one_column_of_each_group_is_kept(redundant: Dataset) -> None:
    kept = select(redundant, "select-correlation")
    assert len({"fee", "cents"} & set(kept)) == 1
    assert {"luck", "town", "coin", "usage"} <= set(kept)


def test_of_a_column_and_a_finer_one_the_finer_stays(redundant: Dataset) -> None:
    kept = select(redundant, "select-correlation")
    assert "finer" in kept
    assert "plan" not in kept


def test_unrelated_columns_are_all_kept(shop: Dataset) -> None:
    assert select(shop, "select-correlation") == tuple(shop.X.columns)


def test_associations_are_r_eta_and_cramers_v(redundant: Dataset) -> None:
    found = pd.DataFrame(associations(seen(redundant)), redundant.X.columns, redundant.X.columns)
    X = redundant.X
    r = np.corrcoef(X["fee"], X["cents"])[0, 1]
    assert found.loc["fee", "cents"] == pytest.approx(abs(r), abs=1e-9)
    v = association(pd.crosstab(X["plan"], X["town"]).to_numpy(), method="cramer")
    assert found.loc["plan", "town"] == pytest.approx(v, abs=1e-9)
    means = X.groupby("plan", observed=True)["usage"].transform("mean")
    eta = np.sqrt(((means - X["usage"].mean()) ** 2).sum() / (X["usage"].var(ddof=0) * N))
    assert found.loc["usage", "plan"] == pytest.approx(eta, abs=1e-9)
    np.testing.assert_allclose(np.diag(found), 1.0, atol=1e-9)
    np.testing.assert_array_equal(found, found.T)


def test_a_constant_column_is_associated_with_nothing(as_dataset: Callable[..., Dataset]) -> None:
    X = pd.DataFrame({"a": np.ones(60), "b": np.arange(60.0), "c": pd.Categorical(["x"] * 60)})
    found = associations(seen(as_dataset(X, np.arange(60) % 2)))
    np.testing.assert_array_equal(found[[0, 2]], 0.0)
    assert select(as_dataset(X, np.arange(60) % 2), "select-correlation") == ("a", "b", "c")
