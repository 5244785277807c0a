"""What each customer is worth, as an adapter names it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from bench.data.values import customer_values
from bench.domain import Dataset
from bench.specs import EconomicsSpec


def with_value(dataset: Dataset, column: str) -> Dataset:
    return replace(dataset, spec=replace(dataset.spec, economics=EconomicsSpec(value=column)))


def test_values_are_those_of_the_named_column_in_the_order_of_the_rows(toy: Dataset) -> None:
    values = customer_values(with_value(toy, "age"))
    np.testing.assert_array_equal(values, toy.X["age"].to_numpy())
    assert np.isnan(values).any()


def test_without_a_named_column_there_are_no_values(toy: Dataset) -> None:
    assert customer_values(toy) is None
