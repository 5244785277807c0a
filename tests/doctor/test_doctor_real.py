"""What is known to be wrong with the real tables is found, in plain words, and nothing else."""

from __future__ import annotations

import datetime
import os
from pathlib import Path

import pytest

from bench.data import load_dataset
from bench.data.adapters import load_spec
from bench.doctor import diagnose, examine
from bench.domain import DatasetFacts

TODAY = datetime.date(2026, 1, 1)


def look_at(name: str) -> DatasetFacts:
    folder = os.environ.get("BENCH_DATA_DIR", "")
    if not folder or not (Path(folder) / load_spec(name).source.file).is_file():
        pytest.skip(f"BENCH_DATA_DIR has no table of {name}")
    return examine(load_dataset(name), today=TODAY)


def messages(facts: DatasetFacts) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for finding in facts.findings:
        found.setdefault(f"{finding.severity} {finding.code}", []).append(finding.message)
    return found


def test_telco() -> None:
    assert messages(look_at("telco")) == {
        "note conflicting-labels": [
            "18 feature vectors carry both labels (42 rows): no model can reach an accuracy above "
            "99.74 %"
        ],
        "note duplicate-rows": [
            "22 rows repeat an earlier one, label included; 73 rows share all features with "
            "another row (42 of them the label too)"
        ],
        "note identifier": [
            "column 'customerID' has a value of its own in nearly every row; the adapter keeps it "
            "out of the features"
        ],
        "note arithmetic-clone": [
            "'TotalCharges' ≈ 'tenure' × 'MonthlyCharges' (R² 0.9992): one of the three says "
            "nothing new"
        ],
        "note missing-cells": [
            "11 cells are empty or blank: 'TotalCharges' 11 (just where 'tenure' is 0), filled "
            "with 0 by the adapter"
        ],
    }


def test_ecommerce() -> None:
    found = messages(look_at("ecommerce"))

    assert found["note duplicate-rows"] == [
        "557 rows repeat an earlier one, label included (556 as the file spells it); 1114 rows "
        "share all features with another row (1114 of them the label too)"
    ]
    assert found["note level-spellings"] == [
        "column 'PreferredLoginDevice' spells levels in several ways, merged by the adapter: "
        "'Phone' (1231 rows) and 'Mobile Phone' (2765)",
        "column 'PreferredPaymentMode' spells levels in several ways, merged by the adapter: "
        "'COD' (365 rows) and 'Cash on Delivery' (149), 'CC' (273 rows) and 'Credit Card' (1501)",
        "column 'PreferedOrderCat' spells levels in several ways, merged by the adapter: "
        "'Mobile' (809 rows) and 'Mobile Phone' (1271)",
    ]
    assert found["note missing-cells"][0].startswith("1856 cells are empty or blank: 'Tenure' 264")
    # The second half of the file is the first once more, with other hours and devices.
    assert set(found) == {
        "warning shift",
        "note duplicate-rows",
        "note identifier",
        "note level-spellings",
        "note missing-cells",
    }


def test_iranian_churn() -> None:
    found = messages(look_at("iranian-churn"))

    assert found["note duplicate-rows"][0].startswith("300 rows repeat an earlier one")
    assert found["warning copied-column"] == [
        "column 'Age' says the same as 'Age Group', written in another way"
    ]
    assert set(found) == {
        "warning copied-column",
        "note conflicting-labels",
        "note duplicate-rows",
        "note shift",
    }


def test_bank_churn() -> None:
    assert messages(look_at("bank-churn")) == {
        "note identifier": [
            f"column '{name}' has a value of its own in nearly every row; the adapter keeps it out "
            "of the features"
            for name in ("RowNumber", "CustomerId")
        ],
        "note near-identifier": [
            "column 'Surname' has 2932 different values in 10000 rows; the adapter keeps it out of "
            "the features"
        ],
    }


@pytest.mark.parametrize("name", ["telco-standin", "synthetic-rare"])
def test_tables_that_are_made_here_have_nothing_severe(name: str) -> None:
    dataset = load_dataset(name)

    findings = examine(dataset, today=TODAY).findings

    assert [f.code for f in findings if f.severity != "note"] == []
    assert [f.code for f in diagnose(dataset).findings if f.severity == "severe"] == []


def test_without_the_adapters_mending_the_defects_are_found_by_themselves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = os.environ.get("BENCH_DATA_DIR", "")
    if not folder or not (Path(folder) / "ecommerce.xlsx").is_file():
        pytest.skip("BENCH_DATA_DIR has no ecommerce.xlsx")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "datasets").mkdir()
    (tmp_path / "datasets" / "plain.toml").write_text(
        'name = "plain"\n[source]\nfile = "ecommerce.xlsx"\nsheet = "E Comm"\n'
        '[target]\ncolumn = "Churn"\n'
    )

    found = {(f.code, f.columns): f.message for f in examine(load_dataset("plain")).findings}

    assert ("identifier", ("CustomerID",)) in found
    assert (
        "'COD' (365 rows) and 'Cash on Delivery' (149)"
        in found["level-spellings", ("PreferredPaymentMode",)]
    )
    assert (
        "'Phone' (1231 rows) and 'Mobile Phone'"
        in found["level-spellings", ("PreferredLoginDevice",)]
    )
    assert (
        "'Mobile' (809 rows) and 'Mobile Phone'" in found["level-spellings", ("PreferedOrderCat",)]
    )
