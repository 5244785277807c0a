"""Whatever form a table comes in: one command makes an adapter of it that is right and runs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from exotic_files import (
    CUSTOMERS,
    FILES,
    HAS_PYARROW,
    Exotic,
    decimal_comma,
    dollars,
    excel,
    moments_with_zones,
    parquet,
    parts,
)

from bench.data import load_dataset

RUN = ("--models", "logistic", "--strategies", "none", "--tuning", "default", "--folds", "2")

KINDS = [
    pytest.param(
        kind,
        id=kind.__name__,
        marks=pytest.mark.skipif(
            kind is parquet and not HAS_PYARROW, reason="pyarrow is not installed"
        ),
    )
    for kind in FILES
]


def as_list(column: pd.Series[Any]) -> list[Any]:
    """Return a feature as plain values, None for missing."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return [None if value != value else str(value) for value in column.astype(object)]
    return [None if np.isnan(value) else float(value) for value in column]


@pytest.mark.parametrize("kind", KINDS)
def test_the_adapter_loads_what_the_file_is_known_to_hold(
    home: Path, ask: Callable[..., Any], kind: Callable[[Path], Exotic]
) -> None:
    exotic = kind(home)

    added = ask("add", exotic.file, "--target", exotic.target, "--name", "mine")
    checked = ask("check", "--dataset", "mine")

    assert added.code == 0, added.err
    dataset = load_dataset("mine")
    found = {str(name): as_list(dataset.X[name]) for name in dataset.X.columns}
    assert found.keys() == exotic.features.keys(), added.out
    for name, values in exotic.features.items():
        assert found[name] == (pytest.approx(values, rel=1e-12) if name == "since" else values), (
            f"{name}: {added.out}"
        )
    assert dataset.ids is not None
    assert dataset.ids.name == "id"
    assert dataset.ids.tolist() == [customer.id for customer in CUSTOMERS]
    assert len(dataset.y) == exotic.rows
    assert int(dataset.y.sum()) == exotic.positives
    assert checked.code == 0, checked.out + checked.err


@pytest.mark.parametrize("kind", [decimal_comma, excel, parts], ids=lambda kind: kind.__name__)
def test_the_dataset_runs_without_editing(
    home: Path, ask: Callable[..., Any], kind: Callable[[Path], Exotic]
) -> None:
    exotic = kind(home)
    ask("add", exotic.file, "--target", exotic.target, "--name", "mine")

    done = ask("run", "--dataset", "mine", *RUN)

    assert done.code == 0, done.err
    assert (home / "results" / "mine" / "leaderboard.csv").is_file()


def test_how_numbers_are_read_is_shown_by_an_example(home: Path, ask: Callable[..., Any]) -> None:
    exotic = dollars(home)

    added = ask("add", exotic.file, "--target", "churned")

    assert "thousands ',', signs '$', '%': '$" in added.out


def test_parts_are_told_apart(home: Path, ask: Callable[..., Any]) -> None:
    exotic = parts(home)
    ask("add", exotic.file, "--target", "churned", "--name", "mine")

    dataset = load_dataset("mine")

    assert dataset.part_names == ("part-0.csv", "part-1.csv", "part-2.csv")
    assert dataset.part_of_row is not None
    assert np.bincount(dataset.part_of_row).tolist() == [59, 40, 61]


def test_the_adapter_says_why_in_comments(home: Path, ask: Callable[..., Any]) -> None:
    exotic = moments_with_zones(home)

    ask("add", exotic.file, "--target", "churned", "--name", "mine")

    text = (home / "datasets" / "mine.toml").read_text(encoding="utf-8")
    assert "# dates 'since': written as ISO dates; become days since 1970\n" in text
    assert "# target 'churned': positive is 'Yes'" in text
