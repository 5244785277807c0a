"""A brief look counts right, sees leaks, and cries wolf at nothing."""

from __future__ import annotations

import time

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from bench.data.canonical import as_canonical_category
from bench.doctor import diagnose
from bench.doctor.doubles import count_doubles
from bench.doctor.names import is_outcome
from bench.doctor.ranking import auc_error, categorical_auc, rank_auc
from bench.domain import Dataset
from bench.specs import DatasetSpec, SourceSpec, TargetSpec


def dataset(X: pd.DataFrame, y: np.ndarray) -> Dataset:
    spec = DatasetSpec(
        "demo", SourceSpec(licence="MIT", citation="us"), TargetSpec("y"), title="Demo"
    )
    return Dataset(spec, X, y.astype(np.int8), "digest", "file", notes=("a note",))


def level(values: object) -> pd.Categorical:
    return as_canonical_category(pd.Series(values))


def noise(n_samples: int = 1000, n_positives: int = 200) -> tuple[pd.DataFrame, np.ndarray]:
    generator = np.random.default_rng(1)
    y = np.zeros(n_samples, dtype=np.int8)
    y[generator.permutation(n_samples)[:n_positives]] = 1
    return pd.DataFrame({"x": generator.normal(size=n_samples)}), y


def codes_of(findings: object) -> list[str]:
    return [finding.code for finding in findings]


# --- duplicates -----------------------------------------------------------------------


def test_doubles_are_counted_with_and_without_the_label() -> None:
    X = pd.DataFrame({"a": [1.0, 1.0, 1.0, 2.0, 2.0, 3.0, 4.0, 4.0]})
    y = np.array([0, 0, 1, 0, 1, 1, 1, 1], dtype=np.int8)

    doubles = count_doubles(X, y)

    assert doubles.n_rows == 7
    assert doubles.n_rows_with_label == 4
    assert doubles.n_conflicts == 2
    assert doubles.n_conflicting_rows == 5


# --- leaks ----------------------------------------------------------------------------


@pytest.mark.parametrize("decimals", [0, 1, 8])
def test_the_rank_auc_is_that_of_scikit_learn(decimals: int) -> None:
    generator = np.random.default_rng(decimals)
    y = generator.integers(0, 2, 500)
    score = (y + generator.normal(size=500)).round(decimals)

    assert rank_auc(y, score) == pytest.approx(roc_auc_score(y, score), abs=1e-12)


def test_the_rank_auc_of_three_rows_is_that_of_a_hand() -> None:
    assert rank_auc(np.array([0, 1, 0]), np.array([1.0, 1.0, 0.0])) == 0.75


def test_a_numeric_copy_of_the_target_is_a_severe_finding() -> None:
    X, y = noise()
    X["leak"] = 5.0 - y

    finding = diagnose(dataset(X, y)).findings[0]

    assert (finding.severity, finding.code) == ("severe", "target-leak")
    assert finding.message == (
        "column 'leak' alone has ROC-AUC 1.000: is it known before the customer leaves?"
    )
    assert finding.columns == ("leak",)


def test_a_level_that_gives_the_target_away_is_a_severe_finding() -> None:
    X, y = noise()
    X["state"] = level(np.where(y == 1, "closed", np.where(X["x"] > 0, "a", "b")))

    assert diagnose(dataset(X, y)).findings[0].columns == ("state",)


@pytest.mark.parametrize("is_text", [False, True])
def test_a_gap_that_gives_the_target_away_is_a_severe_finding(is_text: bool) -> None:
    X, y = noise()
    when = pd.Series(np.where(y == 1, X["x"].round(1), np.nan))
    X["left_on"] = level(when.map("{}".format, na_action="ignore")) if is_text else when

    assert diagnose(dataset(X, y)).findings[0].code == "target-leak"


def test_a_column_with_a_level_for_nearly_every_row_is_no_leak() -> None:
    X, y = noise()
    X["name"] = level([f"name {i // 2}" for i in range(len(X))])
    X["key"] = level([f"key {i}" for i in range(len(X))])

    assert "target-leak" not in codes_of(diagnose(dataset(X, y)).findings)


def test_levels_that_are_met_once_stand_in_the_middle() -> None:
    levels = ["a"] * 400 + ["b"] * 400 + [f"once {i}" for i in range(200)]
    y = np.array([1] * 40 + [0] * 360 + [1] * 360 + [0] * 40 + [1, 0] * 100, dtype=np.int8)
    expected = roc_auc_score(y, [0.1] * 400 + [0.9] * 400 + [0.5] * 200)

    auc = categorical_auc(level(levels).codes, y)

    assert auc == pytest.approx(expected, abs=0.01)


def test_noise_has_no_findings() -> None:
    X, y = noise()

    assert diagnose(dataset(X, y)).findings == ()


# --- the rest -------------------------------------------------------------------------


def test_facts_are_those_of_the_dataset() -> None:
    X, y = noise()

    facts = diagnose(dataset(X, y))

    assert (facts.name, facts.title, facts.digest, facts.origin) == (
        "demo",
        "Demo",
        "digest",
        "file",
    )
    assert (facts.n_samples, facts.n_features, facts.n_positives) == (1000, 1, 200)
    assert (facts.features, facts.notes) == (("x",), ("a note",))
    assert (facts.licence, facts.citation) == ("MIT", "us")


def test_identifiers_constants_and_few_positives_are_warned_of() -> None:
    X, y = noise(n_positives=12)
    X["key"] = level([f"key {i}" for i in range(len(X))])
    X["row"] = np.arange(1, len(X) + 1, dtype=float)
    X["same"] = 3.0
    X["also"] = level(["x"] * len(X))

    found = {f.code: f for f in diagnose(dataset(X, y)).findings}
    every = [(f.code, f.columns) for f in diagnose(dataset(X, y)).findings]

    assert every == [
        ("identifier", ("key",)),
        ("identifier", ("row",)),
        ("constant", ("same",)),
        ("constant", ("also",)),
        ("few-positives", ()),
    ]
    assert found["few-positives"].message == (
        "only 12 positives in 1000 rows: expect wide intervals and many ties"
    )
    assert found["identifier"].message == (
        "column 'row' has a value of its own in nearly every row: "
        "declare it in [columns] id or drop"
    )
    assert found["constant"].message == "column 'also' has the same value in every row"


def test_amounts_and_shuffled_codes_are_no_identifiers() -> None:
    X, y = noise()
    generator = np.random.default_rng(0)
    X["amount"] = X["x"] * 100
    X["spend"] = generator.integers(0, 10**9, len(X)).astype(float)

    assert codes_of(diagnose(dataset(X, y)).findings) == []


def test_a_column_that_is_the_same_or_missing_is_not_constant() -> None:
    X, y = noise()
    X["gaps"] = np.where(X["x"] > 0, 1.0, np.nan)

    assert codes_of(diagnose(dataset(X, y)).findings) == []


def test_duplicates_and_conflicts_are_noted() -> None:
    X, y = noise()
    X.loc[y == 0, "x"] = X["x"].iloc[0]
    X.loc[np.flatnonzero(y == 1)[0], "x"] = X["x"].iloc[np.flatnonzero(y == 0)[0]]

    findings = diagnose(dataset(X, y)).findings

    assert [(f.code, f.message) for f in findings if f.severity == "note"] == [
        (
            "conflicting-labels",
            "1 feature vector carries both labels (801 rows): no model can reach an accuracy "
            "above 99.90 %",
        ),
        (
            "duplicate-rows",
            "799 rows repeat an earlier one, label included; 801 rows share all features with "
            "another row (800 of them the label too)",
        ),
    ]


def test_repeats_and_the_best_accuracy_are_those_of_a_hand() -> None:
    # a: stays, stays, leaves; b: leaves, leaves; c: stays. Repeats: one a, one b; wrong: one a.
    X = pd.DataFrame({"x": [1.0, 1.0, 1.0, 2.0, 2.0, 3.0]})

    doubles = count_doubles(X, np.array([0, 0, 1, 1, 1, 0], dtype=np.int8))

    assert (doubles.n_repeats, doubles.n_conflicts) == (2, 1)
    assert doubles.best_accuracy == pytest.approx(5 / 6)


def test_the_error_of_an_auc_of_one_half_is_that_of_mann_and_whitney() -> None:
    assert auc_error(0.5, 51, 58) == pytest.approx(((51 + 58 + 1) / (12 * 51 * 58)) ** 0.5)
    assert auc_error(1.0, 51, 58) == 0.0


def test_a_strong_column_of_few_positives_is_no_more_than_a_warning() -> None:
    generator = np.random.default_rng(5)
    y = np.r_[np.ones(15), np.zeros(600)].astype(np.int8)
    X = pd.DataFrame({"x": generator.normal(size=615) + 2.5 * y, "z": generator.normal(size=615)})

    leaks = [f for f in diagnose(dataset(X, y)).findings if f.code == "target-leak"]

    assert [f.severity for f in leaks] == ["warning"]


def test_two_strong_honest_columns_are_no_leak_together() -> None:
    # Of ROC-AUC .9 each, so .965 together: no more than they say one by one.
    generator = np.random.default_rng(6)
    y = (np.arange(4000) % 4 == 0).astype(np.int8)[generator.permutation(4000)]
    X = pd.DataFrame({name: generator.normal(size=4000) + 1.8 * y for name in "ab"})

    assert codes_of(diagnose(dataset(X, y)).findings) == []


def test_a_word_for_unknown_is_no_description_row() -> None:
    X, y = noise()
    for name in ("visits", "orders"):
        X[name] = level(["unknown" if k in (3, 700) else str(k * 31 % 40) for k in range(len(X))])

    assert codes_of(diagnose(dataset(X, y)).findings) == ["mixed-types", "mixed-types"]


def test_two_rows_of_a_rare_flag_are_no_sum() -> None:
    X, y = noise()
    for name in ("a", "b"):
        X[name] = np.where(np.isin(np.arange(len(X)), [17, len(X) - 1]), 1.0, 0.0)

    assert codes_of(diagnose(dataset(X, y)).findings) == []


def test_one_message_for_one_thing() -> None:
    X, y = noise()
    X["churn_date"] = np.where(y == 1, X["x"].round(2), np.nan)

    findings = diagnose(dataset(X, y)).findings

    assert [(f.code, f.columns) for f in findings] == [("target-leak", ("churn_date",))]


def test_ten_thousand_rows_of_twenty_columns_take_less_than_a_second() -> None:
    generator = np.random.default_rng(0)
    X = pd.DataFrame({f"n{k}": generator.normal(size=10_000) for k in range(12)})
    for k in range(8):
        X[f"c{k}"] = level(generator.choice(["a", "b", "c", "d"], 10_000))
    y = (generator.random(10_000) < 0.2).astype(np.int8)
    started = time.process_time()

    diagnose(dataset(X, y))

    assert time.process_time() - started < 1


@pytest.mark.parametrize("name", ["churn_reason", "Cancellation Date", "exitDate", "left_on"])
def test_a_name_of_the_outcome_is_suspected(name: str) -> None:
    assert is_outcome(name)


@pytest.mark.parametrize(
    "name", ["months_left", "closed_tickets", "MaritalStatus", "CreditScore", "cancelled_orders"]
)
def test_an_honest_name_is_not_suspected(name: str) -> None:
    assert not is_outcome(name)
