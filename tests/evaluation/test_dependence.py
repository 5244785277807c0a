"""What values add: pooled by range and level, never of fewer than ten rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from bench.domain import Record
from bench.evaluation.dependence import FEWEST_ROWS, MOST_BINS, N_FEATURES, summarise_dependence
from bench.evaluation.tables import Table
from bench.serial import from_json, to_json


def table_of(numeric: Any, codes: Any) -> Table:
    """Return a table with features n0, n1, … and then c0, c1, …"""
    n = len(numeric)
    names = [f"n{k}" for k in range(numeric.shape[1])] + [f"c{k}" for k in range(codes.shape[1])]
    return Table(
        numeric=numeric,
        codes=codes.astype(np.int32),
        y=np.zeros(n, np.int8),
        groups=np.arange(n),
        features=tuple(names),
        numeric_features=tuple(range(numeric.shape[1])),
        categorical_features=tuple(range(numeric.shape[1], len(names))),
    )


def test_bins_hold_the_mean_and_quantiles_of_their_rows() -> None:
    random = np.random.default_rng(0)
    numeric = random.permutation(np.arange(1200.0))[:, None]
    codes = random.integers(0, 3, (1200, 1))
    rows = np.arange(0, 1200, 2)
    values = np.column_stack([numeric[rows, 0] / 100, codes[rows, 0] - 1.0])

    found = summarise_dependence(values, table_of(numeric, codes), rows)

    assert {name: one.kind for name, one in found.items()} == {"n0": "number", "c0": "level"}
    assert [one.n for one in found["c0"].bins] == np.bincount(codes[rows, 0]).tolist()
    assert [one.mean for one in found["c0"].bins] == [-1.0, 0.0, 1.0]
    assert len(found["n0"].bins) == 12
    assert sum(one.n for one in found["n0"].bins) == 600
    for one in found["n0"].bins:
        inside = values[:, 0][(numeric[rows, 0] // 100).astype(int) == one.group]
        assert one.mean == pytest.approx((one.at or 0) / 100, abs=1e-3)
        assert one.low == pytest.approx(np.quantile(inside, 0.1), abs=0.03)


def test_no_bin_has_fewer_than_ten_rows() -> None:
    random = np.random.default_rng(1)
    numeric = np.where(random.random((300, 1)) < 0.02, np.nan, random.normal(size=(300, 1)))
    codes = np.minimum(random.geometric(0.4, (300, 1)), 12)
    rows = np.arange(90)

    found = summarise_dependence(random.normal(size=(90, 2)), table_of(numeric, codes), rows)

    bins = [one for dependence in found.values() for one in dependence.bins]
    assert bins
    assert min(one.n for one in bins) >= FEWEST_ROWS
    assert sum(one.n for one in found["c0"].bins) < 90


def test_missing_numbers_are_a_bin_of_their_own() -> None:
    numeric = np.array([[1.0], [np.nan]] * 50)

    found = summarise_dependence(
        np.where(np.isnan(numeric), 2.0, -1.0),
        table_of(numeric, np.zeros((100, 0))),
        np.arange(100),
    )

    assert [(one.group, one.at, one.n, one.mean) for one in found["n0"].bins] == [
        (-1, None, 50, 2.0),
        (0, 1.0, 50, -1.0),
    ]


def test_only_the_largest_features_and_levels_are_kept() -> None:
    random = np.random.default_rng(2)
    codes = random.integers(0, 40, (4000, 12))
    values = random.normal(size=(4000, 12)) * np.arange(12)

    found = summarise_dependence(values, table_of(np.zeros((4000, 0)), codes), np.arange(4000))

    assert list(found) == [f"c{k}" for k in range(11, 11 - N_FEATURES, -1)]
    assert all(len(one.bins) == MOST_BINS for one in found.values())


def test_a_record_without_dependence_is_read_as_before(make_job: Any) -> None:
    from bench.domain import Candidate

    record = Record(make_job(Candidate("logistic")), "ok")
    data = to_json(record)
    del data["dependence"]

    assert from_json(Record, data) == record
