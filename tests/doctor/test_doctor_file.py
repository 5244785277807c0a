"""What only the file shows: text of every column, also of those that are left out."""

from __future__ import annotations

import datetime
from collections.abc import Callable

import clean_tables
import numpy as np
import pandas as pd

from bench.data import LoadOptions
from bench.doctor import diagnose, examine
from bench.doctor.raw import read_raw
from bench.domain import Dataset

TODAY = datetime.date(2026, 1, 1)


def table() -> pd.DataFrame:
    return clean_tables.clean_table(clean_tables.Shape(400, 0.3, 3, gaps=0.1))


def test_every_column_is_read_as_text_row_by_row(lay: Callable[..., Dataset]) -> None:
    customers = table()
    dataset = lay(customers, '[columns]\nid = "customer_id"\ndrop = "plan"\n')

    raw = read_raw(dataset, LoadOptions())

    assert list(raw) == list(customers.columns)
    texts = np.array([*raw["customer_id"].texts, None], dtype=object)[raw["customer_id"].codes]
    assert texts.tolist() == customers["customer_id"].tolist()
    assert (raw["age"].codes < 0).tolist() == customers["age"].isna().tolist()


def test_of_a_large_table_numbers_are_not_read_as_text(lay: Callable[..., Dataset]) -> None:
    dataset = lay(table(), '[columns]\nid = "customer_id"\n')

    raw = read_raw(dataset, LoadOptions(), most_rows=100)

    assert "customer_id" in raw
    assert not {"usage", "age", "tenure"} & set(raw)


def test_rows_without_any_value_do_not_shift_the_others(lay: Callable[..., Dataset]) -> None:
    customers = table()
    empty = pd.DataFrame([dict.fromkeys(customers.columns)])
    spread = pd.concat([customers.iloc[:7], empty, customers.iloc[7:]], ignore_index=True)
    dataset = lay(spread, '[columns]\nid = "customer_id"\n')

    raw = read_raw(dataset, LoadOptions())

    assert len(raw["usage"].codes) == len(dataset.y) == 400


def test_a_leak_that_the_adapter_leaves_out_is_a_note(lay: Callable[..., Dataset]) -> None:
    customers = table()
    customers.insert(3, "left_on", np.where(customers["churned"] == "Yes", "2021", None))
    dataset = lay(customers, '[columns]\nid = "customer_id"\ndrop = "left_on"\n')

    found = [f for f in examine(dataset, today=TODAY).findings if f.columns == ("left_on",)]

    assert [(f.severity, f.code, f.remedy) for f in found] == [
        ("note", "target-leak", "nothing: the adapter has it")
    ]
    assert found[0].message.endswith("; the adapter keeps it out of the features")


def test_a_group_that_is_declared_is_no_finding(lay: Callable[..., Dataset]) -> None:
    customers = table()
    customers["customer_id"] = [f"c{k % 130}" for k in range(len(customers))]
    ungrouped = lay(customers, '[columns]\nid = "customer_id"\n')
    told = {f.code: f.remedy for f in diagnose(ungrouped).findings}
    assert told["duplicate-ids"] == (
        '[columns] group = "customer_id" (and take it out of id); '
        "or, for one run: --split group:customer_id"
    )

    grouped = lay(customers, '[columns]\ngroup = "customer_id"\n')

    assert "duplicate-ids" not in {f.code for f in diagnose(grouped).findings}


def test_dates_in_the_future_are_judged_by_the_day_that_is_given(
    lay: Callable[..., Dataset],
) -> None:
    customers = table()
    days = pd.to_datetime("2023-01-01") + pd.to_timedelta(np.arange(400), "D")
    customers.insert(3, "signup", days.strftime("%Y-%m-%d"))
    dataset = lay(customers, '[columns]\nid = "customer_id"\ndrop = "signup"\n')

    def found(today: datetime.date) -> bool:
        return "impossible-dates" in {f.code for f in examine(dataset, today=today).findings}

    assert found(datetime.date(2024, 1, 31))
    assert not found(datetime.date(2025, 1, 1))
    assert not found(datetime.date(2023, 1, 31))  # so many to come are the ends of contracts


def test_the_same_file_gives_the_same_findings(lay: Callable[..., Dataset]) -> None:
    dataset = lay(table(), '[columns]\nid = "customer_id"\n')

    assert examine(dataset, today=TODAY) == examine(dataset, today=TODAY)


def test_running_numbers_and_like_customers_are_no_shared_customers(
    lay: Callable[..., Dataset],
) -> None:
    customers = [clean_tables.clean_table(clean_tables.Shape(600, 0.3, seed)) for seed in (3, 4)]
    for other in customers:
        other["customer_id"] = range(50_001, 50_601)
    lay(customers[1], '[columns]\nid = "customer_id"\n', name="other")
    dataset = lay(customers[0], '[columns]\nid = "customer_id"\n')

    assert "overlap" not in {f.code for f in examine(dataset, today=TODAY).findings}


def test_running_numbers_of_equal_customers_are_shared_customers(
    lay: Callable[..., Dataset],
) -> None:
    customers = table()
    customers["customer_id"] = range(50_001, 50_401)
    few = ["customer_id", "usage", "plan", "churned"]
    lay(customers[few].iloc[100:], '[columns]\nid = "customer_id"\n', name="other")
    dataset = lay(customers, '[columns]\nid = "customer_id"\n')

    found = [f.message for f in examine(dataset, today=TODAY).findings if f.code == "overlap"]

    assert found == ["300 rows are in dataset 'other' too, by the same id"]
