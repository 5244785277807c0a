"""Which clauses an entry is held against, by its kind."""

from __future__ import annotations

import functools
from typing import Any

from bench.contracts.base import Clause, Outcome, judge
from bench.contracts.datasets import DATASET_CLAUSES, Adapter
from bench.contracts.metrics import METRIC_CLAUSES
from bench.contracts.models import MODEL_CLAUSES
from bench.contracts.strategies import STRATEGY_CLAUSES
from bench.data import LoadOptions, load_dataset
from bench.metrics import METRICS
from bench.models import MODELS
from bench.plugins import plugged_in
from bench.registry import Registry
from bench.strategies import STRATEGIES

CLAUSES: dict[str, tuple[Clause[Any], ...]] = {
    "model": MODEL_CLAUSES,
    "strategy": STRATEGY_CLAUSES,
    "metric": METRIC_CLAUSES,
}
REGISTRIES: tuple[Registry[Any], ...] = (MODELS, STRATEGIES, METRICS)


def check_entry(kind: str, entry: Any) -> list[Outcome]:
    """Return what comes of every clause that applies to ``entry``.

    Parameters
    ----------
    kind : {"model", "strategy", "metric"}
    entry : Model, Strategy or Metric
        In its registry already: a strategy is tried in the surroundings of a
        run, which look it up by name.
    """
    return judge(kind, entry.name, entry, clauses=CLAUSES[kind])


def check_plugged_in() -> list[Outcome]:
    """Return what comes of every clause for every model, strategy and metric of plug-ins."""
    return [
        outcome
        for registry in REGISTRIES
        for name in plugged_in(registry.kind)
        for outcome in check_entry(registry.kind, registry.lookup(name))
    ]


def check_dataset(name: str, options: LoadOptions) -> list[Outcome]:
    """Return what comes of every clause for the dataset called ``name``."""
    adapter = Adapter(name, functools.partial(load_dataset, name, options=options))
    return judge("dataset", name, adapter, clauses=DATASET_CLAUSES)
