"""What the real tables hold, where they are at hand."""

from __future__ import annotations

import csv
import os
import time
from pathlib import Path

import pandas as pd
import pytest

from bench.data import LoadOptions, load_dataset
from bench.data.adapters import load_spec
from bench.doctor import diagnose

# rows, positives, features; rows in groups of equal features without and with the label.
FACTS = {
    "telco": (7043, 1869, 19, 73, 42),
    # 1112 as the file spells the levels, see the note.
    "ecommerce": (5630, 948, 18, 1114, 1114),
    "iranian-churn": (3150, 495, 13, 476, 465),
    "bank-churn": (10000, 2037, 10, 0, 0),
}


def real_file(name: str) -> Path:
    folder = os.environ.get("BENCH_DATA_DIR", "")
    if not folder:
        pytest.skip("BENCH_DATA_DIR is not set")
    path = Path(folder) / load_spec(name).source.file
    if not path.is_file():
        pytest.skip(f"BENCH_DATA_DIR holds no {path.name}")
    return path


@pytest.mark.parametrize("name", FACTS)
def test_a_real_table_holds_what_is_published(name: str) -> None:
    real_file(name)

    dataset = load_dataset(name)

    facts = diagnose(dataset)
    assert dataset.origin == "file"
    assert dataset.digest == dataset.spec.expect.digest
    assert (
        facts.n_samples,
        facts.n_positives,
        facts.n_features,
        facts.n_grouped_rows,
        facts.n_duplicate_rows,
    ) == FACTS[name]
    assert [f.code for f in facts.findings if f.severity != "note"] == []


def test_ecommerce_tells_how_many_rows_are_equal_as_the_file_spells_them() -> None:
    real_file("ecommerce")

    assert load_dataset("ecommerce").notes == (
        "1112 rows share all features with another row as the file spells them, "
        "1114 once the spellings of one level are merged",
    )


def test_telco_has_no_gaps_and_eighteen_conflicts() -> None:
    real_file("telco")

    dataset = load_dataset("telco")

    assert not dataset.X.isna().any(axis=None)
    assert (dataset.X["TotalCharges"] == 0).sum() == 11
    assert (dataset.X.loc[dataset.X["TotalCharges"] == 0, "tenure"] == 0).all()
    assert "18 feature vectors carry both labels" in diagnose(dataset).findings[0].message


def test_telco_with_other_bytes_is_recognised(tmp_path: Path) -> None:
    table = pd.read_csv(real_file("telco"))
    table.to_csv(tmp_path / "telco.csv", index=False, quoting=csv.QUOTE_ALL)

    assert load_dataset("telco", options=LoadOptions(data_dir=tmp_path)).notes == (
        "telco.csv has other bytes than the published file but holds the same table",
    )


def test_telco_loads_in_half_a_second() -> None:
    real_file("telco")
    started = time.process_time()

    load_dataset("telco")

    assert time.process_time() - started < 0.5
