"""Which rows have equal features, and how fast that is found."""

from __future__ import annotations

import time

import numpy as np
import pandas as pd
import pytest

from bench.data.canonical import as_canonical_category
from bench.data.duplicates import count_shared_rows, duplicate_groups


def level(values: object) -> pd.Categorical:
    return as_canonical_category(pd.Series(values))


def test_groups_are_the_first_row_with_the_same_features() -> None:
    X = pd.DataFrame(
        {
            "a": [1.0, 2.0, 1.0, np.nan, np.nan, 1.0, -0.0, 0.0],
            "b": level(["x", "x", "x", None, None, "y", "x", "x"]),
        }
    )

    assert duplicate_groups(X).tolist() == [0, 1, 0, 3, 3, 5, 6, 6]
    assert duplicate_groups(X).dtype == np.int64


@pytest.mark.parametrize("seed", range(5))
def test_groups_agree_with_pandas(seed: int) -> None:
    generator = np.random.default_rng(seed)
    X = pd.DataFrame({name: generator.integers(0, 3, 400).astype(float) for name in "abcde"})
    X = X.mask(generator.random(X.shape) < 0.1)
    X["f"] = level(generator.choice(["u", "v", None], 400))

    groups = duplicate_groups(X)

    expected = X.groupby(list(X.columns), dropna=False, sort=False, observed=True).ngroup()
    assert pd.factorize(groups)[0].tolist() == expected.tolist()
    assert count_shared_rows(X) == X.duplicated(keep=False).sum()


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["unique", "doubled"])
def test_a_million_rows_of_fifty_columns_are_grouped_in_seconds(kind: str) -> None:
    generator = np.random.default_rng(0)
    n_samples = 1_000_000
    X = pd.DataFrame({f"n{i}": generator.normal(size=n_samples).round(3) for i in range(50)})
    if kind == "doubled":
        X = pd.concat([X.iloc[: n_samples // 2]] * 2, ignore_index=True)
    started = time.process_time()

    groups = duplicate_groups(X)

    assert time.process_time() - started < 15
    assert len(np.unique(groups)) == (n_samples if kind == "unique" else n_samples // 2)
