"""The Telco stand-in has the shape, the rules, the rates and the signal of the real table.

Known answers are published figures of the IBM Telco file.
"""

from __future__ import annotations

import hashlib
import io
from typing import Any

import numpy as np
import pandas as pd
import pytest

from bench.data.standin import ADD_ONS, build_telco_standin

# The real file's header and levels.
LEVELS = {
    "gender": {"Female", "Male"},
    "SeniorCitizen": {"0", "1"},
    "Partner": {"No", "Yes"},
    "Dependents": {"No", "Yes"},
    "tenure": {str(months) for months in range(73)},
    "PhoneService": {"No", "Yes"},
    "MultipleLines": {"No", "Yes", "No phone service"},
    "InternetService": {"DSL", "Fiber optic", "No"},
    "OnlineSecurity": {"No", "Yes", "No internet service"},
    "OnlineBackup": {"No", "Yes", "No internet service"},
    "DeviceProtection": {"No", "Yes", "No internet service"},
    "TechSupport": {"No", "Yes", "No internet service"},
    "StreamingTV": {"No", "Yes", "No internet service"},
    "StreamingMovies": {"No", "Yes", "No internet service"},
    "Contract": {"Month-to-month", "One year", "Two year"},
    "PaperlessBilling": {"No", "Yes"},
    "PaymentMethod": {
        "Electronic check",
        "Mailed check",
        "Bank transfer (automatic)",
        "Credit card (automatic)",
    },
}
SHA256 = "a586bd0fe57f5baafac92460ed965bf772de83f70c41ea830df87cdff2aa86bd"


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return build_telco_standin()


def _roc_auc(table: pd.DataFrame, learner: Any) -> float:
    """Return the mean over five stratified folds, one-hot and scaled within each."""
    from sklearn.compose import make_column_transformer
    from sklearn.impute import SimpleImputer
    from sklearn.model_selection import StratifiedKFold, cross_val_score
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    numeric = ["tenure", "MonthlyCharges", "TotalCharges"]
    X = table.drop(columns=["customerID", "Churn"])
    X[numeric] = X[numeric].apply(pd.to_numeric, errors="coerce")
    categorical = [name for name in X.columns if name not in numeric]
    encode = make_column_transformer(
        (make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), numeric),
        (OneHotEncoder(sparse_output=False), categorical),
    ).set_output(transform="pandas")
    pipeline = make_pipeline(encode, learner)
    folds = StratifiedKFold(n_splits=5, shuffle=True, random_state=0)
    y = (table["Churn"] == "Yes").astype(int)
    return float(cross_val_score(pipeline, X, y, cv=folds, scoring="roc_auc").mean())


def _churn_by(table: pd.DataFrame, groups: Any) -> list[float]:
    return (table["Churn"] == "Yes").groupby(groups, observed=True).mean().tolist()


def test_the_header_and_the_size_are_those_of_the_real_file(table: pd.DataFrame) -> None:
    assert table.shape == (7043, 21)
    assert list(table.columns) == [
        "customerID",
        *LEVELS,
        "MonthlyCharges",
        "TotalCharges",
        "Churn",
    ]


@pytest.mark.parametrize("column", LEVELS)
def test_every_level_of_the_real_column_occurs_and_no_other(
    table: pd.DataFrame, column: str
) -> None:
    assert set(table[column]) == LEVELS[column]


def test_the_same_text_is_built_every_time_and_everywhere(table: pd.DataFrame) -> None:
    text = build_telco_standin().to_csv(index=False, lineterminator="\n")

    assert hashlib.sha256(text.encode()).hexdigest() == SHA256
    pd.testing.assert_frame_equal(build_telco_standin(), table)


def test_cells_are_what_a_reader_of_the_csv_would_give(table: pd.DataFrame) -> None:
    text = table.to_csv(index=False)

    read = pd.read_csv(io.StringIO(text), dtype=str, keep_default_na=False)

    pd.testing.assert_frame_equal(read, table)


def test_exactly_1869_customers_leave(table: pd.DataFrame) -> None:
    assert table["Churn"].value_counts().to_dict() == {"No": 5174, "Yes": 1869}


def test_total_charges_are_blank_exactly_for_the_eleven_with_tenure_0(
    table: pd.DataFrame,
) -> None:
    is_blank = table["TotalCharges"] == " "

    assert is_blank.sum() == 11
    assert (is_blank == (table["tenure"] == "0")).all()
    assert set(table.loc[is_blank, "Churn"]) == {"No"}


def test_identifiers_are_unique_follow_the_pattern_and_show_that_they_are_made_up(
    table: pd.DataFrame,
) -> None:
    assert table["customerID"].is_unique
    assert table["customerID"].str.fullmatch(r"\d{4}-[A-Z]{5}").all()
    assert table["customerID"].str.endswith("-SYNTH").all()


def test_add_ons_say_no_internet_service_exactly_where_there_is_none(table: pd.DataFrame) -> None:
    is_offline = table["InternetService"] == "No"

    for name in ADD_ONS:
        assert ((table[name] == "No internet service") == is_offline).all()


def test_phones_are_missing_only_with_dsl_and_then_have_no_lines(table: pd.DataFrame) -> None:
    has_no_phone = table["PhoneService"] == "No"

    assert ((table["MultipleLines"] == "No phone service") == has_no_phone).all()
    assert set(table.loc[has_no_phone, "InternetService"]) == {"DSL"}


@pytest.mark.parametrize("column", ["MonthlyCharges", "TotalCharges"])
def test_amounts_are_written_without_needless_digits_in_steps_of_five_cents(
    table: pd.DataFrame, column: str
) -> None:
    texts = table.loc[table[column] != " ", column]

    assert texts.str.fullmatch(r"\d+(\.\d?[1-9])?").all()
    assert (np.rint(texts.astype(float) * 100) % 5 == 0).all()


def test_total_charges_are_tenure_times_monthly_charges_as_closely_as_published(
    table: pd.DataFrame,
) -> None:
    billed = table[table["tenure"] != "0"]
    product = billed["tenure"].astype(int) * billed["MonthlyCharges"].astype(float)
    total = billed["TotalCharges"].astype(float)
    first = billed["tenure"] == "1"

    assert np.corrcoef(product, total)[0, 1] == pytest.approx(0.9996, abs=1e-4)
    assert (billed.loc[first, "MonthlyCharges"] == billed.loc[first, "TotalCharges"]).all()


def test_monthly_charges_are_nearly_a_function_of_the_services(table: pd.DataFrame) -> None:
    services = ["InternetService", "PhoneService", "MultipleLines", *ADD_ONS]
    dummies = pd.get_dummies(table[services], dtype=float).to_numpy()
    monthly = table["MonthlyCharges"].astype(float).to_numpy()

    fitted = dummies @ np.linalg.lstsq(dummies, monthly, rcond=None)[0]

    assert np.std(monthly - fitted) == pytest.approx(1.025, abs=0.1)  # the real file: 1.025
    assert monthly.mean() == pytest.approx(64.76, abs=1)
    assert monthly.std() == pytest.approx(30.09, abs=0.5)


@pytest.mark.parametrize(
    ("column", "published"),
    [
        ("gender", {"Female": 0.495}),
        ("SeniorCitizen", {"1": 0.162}),
        ("Partner", {"Yes": 0.483}),
        ("Dependents", {"Yes": 0.300}),
        ("PhoneService", {"Yes": 0.903}),
        ("MultipleLines", {"Yes": 0.422}),
        ("InternetService", {"DSL": 0.344, "Fiber optic": 0.440, "No": 0.217}),
        ("OnlineSecurity", {"Yes": 0.287}),
        ("OnlineBackup", {"Yes": 0.345}),
        ("DeviceProtection", {"Yes": 0.344}),
        ("TechSupport", {"Yes": 0.290}),
        ("StreamingTV", {"Yes": 0.384}),
        ("StreamingMovies", {"Yes": 0.388}),
        ("Contract", {"Month-to-month": 0.550, "One year": 0.209, "Two year": 0.241}),
        ("PaperlessBilling", {"Yes": 0.592}),
        (
            "PaymentMethod",
            {"Electronic check": 0.336, "Mailed check": 0.229, "Credit card (automatic)": 0.216},
        ),
    ],
)
def test_shares_are_the_published_ones_within_sampling_error(
    table: pd.DataFrame, column: str, published: dict[str, float]
) -> None:
    shares = table[column].value_counts(normalize=True)

    found = {level: shares[level] for level in published}
    assert found == pytest.approx(published, abs=0.015)  # 2.5 standard errors


def test_churn_by_tenure_contract_and_internet_is_the_published_one(table: pd.DataFrame) -> None:
    stages = pd.cut(table["tenure"].astype(int), [-1, 3, 12, 24, 48, 72])

    by_stage = _churn_by(table, stages)
    by_contract = _churn_by(table, table["Contract"])
    by_internet = _churn_by(table, table["InternetService"])

    assert by_stage == pytest.approx([0.562, 0.391, 0.287, 0.204, 0.095], abs=0.01)
    assert by_contract == pytest.approx([0.427, 0.113, 0.028], abs=0.01)
    assert by_internet == pytest.approx([0.190, 0.419, 0.074], abs=0.01)


def test_logistic_regression_ranks_as_well_as_on_the_real_file(table: pd.DataFrame) -> None:
    from sklearn.linear_model import LogisticRegression

    assert _roc_auc(table, LogisticRegression(max_iter=3000)) == pytest.approx(0.845, abs=0.005)


def test_boosting_at_its_defaults_ranks_no_better_than_on_the_real_file(
    table: pd.DataFrame,
) -> None:
    from lightgbm import LGBMClassifier

    learner = LGBMClassifier(n_jobs=1, verbose=-1)

    assert 0.830 <= _roc_auc(table, learner) <= 0.842
