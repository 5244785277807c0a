"""What every dataset holds: an adapter with the table that it loads."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bench.contracts.base import Clause, ContractBroken
from bench.data.canonical import frame_digest
from bench.doctor import diagnose
from bench.domain import Dataset, DatasetFacts
from bench.serial import from_json, to_json

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Adapter:
    """A dataset by name, and what loads it."""

    name: str
    load: Callable[[], Dataset]


@functools.lru_cache(maxsize=1)
def _load(adapter: Adapter) -> Dataset:
    """Return the dataset that several clauses look at; none of them changes it."""
    return adapter.load()


def loads_the_same_every_time(adapter: Adapter) -> None:
    """Loads, and a second time with the same digest."""
    first = _load(adapter).digest
    second = adapter.load().digest
    if first != second:
        raise ContractBroken(f"digest {first}, and {second} the second time")


def has_canonical_columns(adapter: Adapter) -> None:
    """Has float64 columns without infinite values, and categories whose levels are sorted texts."""
    import numpy as np
    import pandas as pd

    X = _load(adapter).X
    if not X.columns.is_unique:
        raise ContractBroken("two features share a name")
    for name, column in X.items():
        if isinstance(column.dtype, pd.CategoricalDtype):
            levels = list(column.cat.categories)
            if levels != sorted(map(str, levels)):
                raise ContractBroken(f"the levels of {name!r} are not texts in sorted order")
        elif column.dtype != np.float64:
            raise ContractBroken(f"{name!r} is {column.dtype}, expected float64 or category")
        elif np.isinf(column).any():
            raise ContractBroken(f"{name!r} holds infinite values")


def keeps_target_and_identifiers_apart(adapter: Adapter) -> None:
    """Has neither the target nor an identifier nor a dropped column among its features."""
    dataset = _load(adapter)
    columns = dataset.spec.columns
    apart = {dataset.spec.target.column, columns.group, *columns.id, *columns.drop}
    for name in dataset.X.columns:
        if name in apart:
            raise ContractBroken(f"{name!r} is among the features")


def has_labels_of_two_classes(adapter: Adapter) -> None:
    """Has one int8 label per row, 0 or 1, and both of them."""
    import numpy as np

    dataset = _load(adapter)
    if dataset.y.dtype != np.int8 or dataset.y.shape != (len(dataset.X),):
        raise ContractBroken(
            f"labels are {dataset.y.dtype} of shape {dataset.y.shape}, "
            f"expected int8 of shape ({len(dataset.X)},)"
        )
    if not np.array_equal(np.unique(dataset.y), [0, 1]):
        raise ContractBroken(f"labels are {np.unique(dataset.y).tolist()}, expected 0 and 1")


def declares_what_it_expects(adapter: Adapter) -> None:
    """Declares in [expect] how many rows and positives there are."""
    expect = _load(adapter).spec.expect
    for name, value in (("rows", expect.rows), ("positives", expect.positives)):
        if value is None:
            raise ContractBroken(
                f"[expect] {name} is not declared: another table would go unnoticed"
            )


def has_a_digest_of_its_content(adapter: Adapter) -> None:
    """Has a digest that a copy shares, and that every changed cell or label changes."""
    dataset = _load(adapter)
    digest = frame_digest(dataset.X.copy(), dataset.y.copy(), groups=dataset.groups)
    if digest != dataset.digest:
        raise ContractBroken(f"digest {dataset.digest}, but a copy has {digest}")
    flipped = dataset.y.copy()
    flipped[-1] = 1 - flipped[-1]
    changed = {"the last label": frame_digest(dataset.X, flipped, groups=dataset.groups)}
    for name in dataset.X.columns:
        X = dataset.X.copy()
        X[name] = _with_another_cell(X[name])
        changed[f"a cell of {name!r}"] = frame_digest(X, dataset.y, groups=dataset.groups)
    for what, other in changed.items():
        if other == digest:
            raise ContractBroken(f"the digest stays the same when {what} changes")


def has_facts_that_can_be_kept(adapter: Adapter) -> None:
    """Has facts that come back from JSON as they were."""
    facts = diagnose(_load(adapter))
    back = from_json(DatasetFacts, json.loads(json.dumps(to_json(facts), allow_nan=False)))
    if back != facts:
        raise ContractBroken(f"{facts} came back from JSON as {back}")


def _with_another_cell(column: pd.Series[Any]) -> pd.Series[Any]:
    """Return ``column`` with its first cell missing, or where it is, filled."""
    import numpy as np
    import pandas as pd

    if isinstance(column.dtype, pd.CategoricalDtype):
        texts = column.astype("str").to_numpy(dtype=object, copy=True)
        texts[0] = None if column.notna().iloc[0] else "another"
        return pd.Series(texts, index=column.index)
    numbers = column.to_numpy(copy=True)
    numbers[0] = np.nan if not np.isnan(numbers[0]) else 0.0
    return pd.Series(numbers, index=column.index)


DATASET_CLAUSES: tuple[Clause[Adapter], ...] = (
    Clause(loads_the_same_every_time, is_basis=True),
    Clause(has_canonical_columns),
    Clause(keeps_target_and_identifiers_apart),
    Clause(has_labels_of_two_classes),
    Clause(declares_what_it_expects),
    Clause(has_a_digest_of_its_content),
    Clause(has_facts_that_can_be_kept),
)
