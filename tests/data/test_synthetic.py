"""``synthetic-rare`` is rare, always the same, and its right answer is known."""

from __future__ import annotations

import hashlib
import io
from typing import Any

import numpy as np
import pandas as pd
import pytest

from bench.data.synthetic import (
    ORACLE_ROC_AUC,
    Dice,
    build_synthetic_rare,
    oracle_logit,
    render_cents,
    yes_no,
)

COLUMNS = [
    "customer_id",
    "region",
    "plan",
    "billing",
    "payment",
    "age",
    "tenure_months",
    "months_to_renewal",
    "monthly_fee",
    "days_since_login",
    "logins_30d",
    "support_tickets",
    "failed_payments",
    "satisfaction",
    "churned",
]
CATEGORICAL = ["region", "plan", "billing", "payment"]
SHA256 = "717f195af846c6ce0b8d4ae85402fdbc0c01cf1be5eeecdfd9c8f34c9db3f274"


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return build_synthetic_rare()


@pytest.fixture(scope="module")
def y(table: pd.DataFrame) -> pd.Series[int]:
    return (table["churned"] == "Yes").astype(int)


def _roc_auc(table: pd.DataFrame, y: pd.Series[int], learner: Any) -> float:
    """Return the mean over five stratified folds, one-hot, imputed and scaled."""
    from sklearn.compose import make_column_transformer
    from sklearn.impute import SimpleImputer
    from sklearn.model_selection import StratifiedKFold, cross_val_score
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    numeric = [name for name in COLUMNS[1:-1] if name not in CATEGORICAL]
    X = table[COLUMNS[1:-1]].copy()
    X[numeric] = X[numeric].apply(pd.to_numeric)
    encode = make_column_transformer(
        (make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), numeric),
        (OneHotEncoder(sparse_output=False), CATEGORICAL),
    ).set_output(transform="pandas")
    folds = StratifiedKFold(n_splits=5, shuffle=True, random_state=0)
    pipeline = make_pipeline(encode, learner)
    return float(cross_val_score(pipeline, X, y, cv=folds, scoring="roc_auc").mean())


def test_two_percent_of_twenty_thousand_leave(table: pd.DataFrame) -> None:
    assert table.shape == (20_000, 15)
    assert list(table.columns) == COLUMNS
    assert table["churned"].value_counts().to_dict() == {"No": 19_600, "Yes": 400}
    assert table["customer_id"].is_unique


def test_the_same_text_is_built_every_time_and_everywhere(table: pd.DataFrame) -> None:
    text = build_synthetic_rare().to_csv(index=False, lineterminator="\n")

    assert hashlib.sha256(text.encode()).hexdigest() == SHA256
    pd.testing.assert_frame_equal(build_synthetic_rare(), table)


def test_cells_are_what_a_reader_of_the_csv_would_give(table: pd.DataFrame) -> None:
    text = table.to_csv(index=False)

    read = pd.read_csv(io.StringIO(text), dtype=str, keep_default_na=False)

    pd.testing.assert_frame_equal(read, table)


def test_cells_are_missing_where_the_description_says(table: pd.DataFrame) -> None:
    missing = (table == "").mean()

    assert list(missing.index[missing > 0]) == ["age", "months_to_renewal", "satisfaction"]
    assert missing["age"] == pytest.approx(0.04, abs=0.005)
    assert missing["satisfaction"] == pytest.approx(0.35, abs=0.01)
    assert ((table["months_to_renewal"] == "") == (table["billing"] == "monthly")).all()


def test_the_true_log_odds_rank_as_well_as_stated(table: pd.DataFrame, y: pd.Series[int]) -> None:
    from sklearn.metrics import roc_auc_score

    assert roc_auc_score(y, oracle_logit(table)) == pytest.approx(ORACLE_ROC_AUC, abs=5e-5)


def test_the_true_log_odds_rank_a_new_draw_of_labels_as_well_on_average(
    table: pd.DataFrame,
) -> None:
    """ROC-AUC expected under the true probabilities: weighted pairs, worked by hand."""
    from scipy.optimize import brentq

    logit = np.sort(oracle_logit(table))
    intercept = brentq(lambda b: np.sum(1 / (1 + np.exp(-logit - b))) - 400, -30, 30)
    p = 1 / (1 + np.exp(-logit - intercept))
    below = np.cumsum(1 - p) - (1 - p) / 2

    expected = np.sum(p * below) / (np.sum(p) * np.sum(1 - p))

    assert expected == pytest.approx(0.857, abs=0.0005)


def test_long_silence_weighs_more_on_monthly_plans() -> None:
    """The stated interaction, on four customers who differ in nothing else."""
    customers = pd.DataFrame(
        {
            "billing": ["monthly", "monthly", "yearly", "yearly"],
            "days_since_login": ["0", "45", "0", "45"],
            "plan": "basic",
            "payment": "card",
            "tenure_months": "12",
            "months_to_renewal": ["", "", "5", "5"],
            "support_tickets": "0",
            "failed_payments": "0",
            "satisfaction": "7",
        }
    )

    logit = oracle_logit(customers)

    assert logit[1] - logit[0] == pytest.approx(2.8)
    assert logit[3] - logit[2] == pytest.approx(0.6)


def test_learners_stay_below_the_true_log_odds_and_slow_boosting_beats_a_straight_line(
    table: pd.DataFrame, y: pd.Series[int]
) -> None:
    from lightgbm import LGBMClassifier
    from sklearn.linear_model import LogisticRegression

    slow = LGBMClassifier(
        n_estimators=200,
        learning_rate=0.03,
        num_leaves=15,
        subsample=0.8,
        subsample_freq=1,
        colsample_bytree=0.7,
        random_state=0,
        n_jobs=1,
        verbose=-1,
    )

    straight = _roc_auc(table, y, LogisticRegression(max_iter=3000))
    boosted = _roc_auc(table, y, slow)

    assert straight == pytest.approx(0.818, abs=0.01)
    assert straight < boosted < ORACLE_ROC_AUC


def test_picks_fall_as_often_as_their_shares_say() -> None:
    dice = Dice(1, 100_000)

    shares = np.bincount(dice.pick([1, 0, 3])) / 100_000

    assert shares == pytest.approx([0.25, 0.0, 0.75], abs=0.005)


def test_events_happen_as_often_as_their_log_odds_say() -> None:
    dice = Dice(2, 100_000)

    assert dice.happens(np.full(100_000, np.log(0.2 / 0.8))).mean() == pytest.approx(0.2, abs=0.005)


def test_bells_are_nearly_standard_normal() -> None:
    from scipy.stats import norm

    values = Dice(3, 100_000).bell()

    assert np.quantile(values, [0.05, 0.5, 0.95]) == pytest.approx(
        norm.ppf([0.05, 0.5, 0.95]), abs=0.02
    )


def test_exactly_so_many_happen_and_as_a_logistic_model_would_have_it() -> None:
    from sklearn.linear_model import LogisticRegression

    x = Dice(4, 100_000).bell()

    happened = Dice(5, 100_000).exactly(10_000, 1.5 * x)

    slope = LogisticRegression(C=1e12).fit(x[:, None], happened).coef_[0, 0]
    assert happened.sum() == 10_000
    assert slope == pytest.approx(1.5, abs=0.05)


def test_amounts_are_rendered_as_spreadsheets_write_them() -> None:
    assert render_cents(np.array([188_950, 9_700, 2_985, 5, 0])) == [
        "1889.5",
        "97",
        "29.85",
        "0.05",
        "0",
    ]


def test_flags_are_written_yes_and_no() -> None:
    assert list(yes_no(np.array([True, False]))) == ["Yes", "No"]
