"""Customers that are in two datasets."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from bench.data.adapters import list_adapters, load_spec
from bench.data.canonical import as_canonical_category, is_numeric, level_text
from bench.data.duplicates import duplicate_groups
from bench.data.loading import LoadOptions, load_dataset
from bench.data.sources import find_local, places
from bench.doctor.kinds import finding
from bench.domain import Dataset, Finding
from bench.errors import BenchError
from bench.identity import derive_seed

if TYPE_CHECKING:
    import pandas as pd

_LEAST_SHARED = 10
_LEAST_SHARE = 0.01
_MORE_THAN_CHANCE = 3.0
_LEAST_COLUMNS = 3
_UNIQUE = 0.5
_AGREE = 0.9


def load_others(dataset: Dataset, options: LoadOptions) -> Iterator[Dataset]:
    """Yield the other datasets whose files are on this machine; nothing is downloaded.

    One that cannot be loaded is passed over: it is its own `check` that says so.
    """
    where = places(options.data_dir)
    options = dataclasses.replace(options, refresh=False, group="", time="")
    for entry in list_adapters(options.datasets_dir):
        if entry.name == dataset.name:
            continue
        try:
            spec = load_spec(entry.name, datasets_dir=options.datasets_dir)
            if spec.source.generator or find_local(spec, where) is None:
                continue
            yield load_dataset(entry.name, options=options)
        except BenchError:
            continue


def find_overlap(dataset: Dataset, others: Iterable[Dataset]) -> Iterator[Finding]:
    """Yield the datasets that share customers with this one, by id or by matching rows."""
    for other in others:
        shared = _shared_ids(dataset, other)
        how = "the same id"
        if not shared:
            names = _common_names(dataset.X, other.X)
            shared = _shared_rows(dataset.X, other.X, names)
            how = f"the same {len(names)} columns ({', '.join(map(repr, names[:3]))}, …)"
        if shared:
            yield finding(
                "overlap",
                f"{shared} rows are in dataset {other.name!r} too, by {how}",
                remedy=f"keep one of the two: never report {dataset.name} and {other.name} as two "
                "datasets, nor transfer between them",
            )


def _shared_ids(dataset: Dataset, other: Dataset) -> int:
    """Return how many rows have an id that the other dataset has; 0 where chance may do it.

    Numbers that run through are given by anyone. They count only where the
    rows also agree in what both datasets hold of them.
    """
    import pandas as pd

    if dataset.ids is None or other.ids is None:
        return 0
    ours = pd.Series([level_text(i) for i in dataset.ids])
    theirs = pd.Series([level_text(i) for i in other.ids])
    shared = ours.isin(set(theirs))
    if shared.sum() < _least(len(ours), len(theirs)):
        return 0
    if ours[shared].str.fullmatch(r"\d+").mean() > _UNIQUE:
        names = _common_names(dataset.X, other.X)
        agreeing = _agreement(dataset.X[names], other.X[names], ours, theirs) if names else 0.0
        if agreeing < _AGREE:
            return 0
    return int(shared.sum())


def _agreement(
    ours: pd.DataFrame, theirs: pd.DataFrame, keys: pd.Series[str], other_keys: pd.Series[str]
) -> float:
    """Return the share of common cells that agree in rows of one key."""
    a = _texts(ours).set_index(keys)
    b = _texts(theirs).set_index(other_keys)
    a, b = a[~a.index.duplicated()], b[~b.index.duplicated()]
    shared = a.index.intersection(b.index)
    return float((a.loc[shared].to_numpy() == b.loc[shared].to_numpy()).mean())


def _shared_rows(ours: pd.DataFrame, theirs: pd.DataFrame, names: list[str]) -> int:
    """Return how many rows have an equal in the other table; 0 where chance may do it.

    Chance is what is shared once every column of the other table is shuffled.
    """
    import numpy as np

    if len(names) < _LEAST_COLUMNS:
        return 0
    a, b = _texts(ours[names]), _texts(theirs[names])
    if min(_distinct(a), _distinct(b)) < _UNIQUE:
        return 0
    shared = _count_shared(a, b)
    if shared < _least(len(a), len(b)):
        return 0
    generator = np.random.default_rng(derive_seed("doctor", "overlap"))
    shuffled = b.apply(lambda column: column.to_numpy()[generator.permutation(len(column))])
    return shared if shared > _MORE_THAN_CHANCE * _count_shared(a, shuffled) else 0


def _count_shared(a: pd.DataFrame, b: pd.DataFrame) -> int:
    import numpy as np
    import pandas as pd

    both = pd.concat([a, b], ignore_index=True)
    coded = pd.DataFrame({name: as_canonical_category(both[name]) for name in both.columns})
    groups = duplicate_groups(coded)
    return int(np.isin(groups[: len(a)], groups[len(a) :]).sum())


def _common_names(ours: pd.DataFrame, theirs: pd.DataFrame) -> list[str]:
    return [str(name) for name in ours.columns if name in theirs.columns]


def _texts(X: pd.DataFrame) -> pd.DataFrame:
    """Return canonical columns as texts that are equal where cells are."""
    import pandas as pd

    return pd.DataFrame({name: _text(X[name]) for name in X.columns})


def _text(column: pd.Series[Any]) -> Any:
    if is_numeric(column):
        return [level_text(value) for value in column.tolist()]
    return column.astype("str").to_numpy()


def _distinct(X: pd.DataFrame) -> float:
    """Return the share of rows that are unlike all earlier ones."""
    return 1 - float(X.duplicated().mean())


def _least(n_ours: int, n_theirs: int) -> float:
    return max(_LEAST_SHARED, _LEAST_SHARE * min(n_ours, n_theirs))
