"""Conformance suites: what every dataset, model, strategy and metric holds, ours or yours."""

from bench.contracts.base import Clause, Outcome
from bench.contracts.checking import check_dataset, check_entry, check_plugged_in
from bench.contracts.datasets import DATASET_CLAUSES
from bench.contracts.metrics import METRIC_CLAUSES
from bench.contracts.models import MODEL_CLAUSES
from bench.contracts.strategies import STRATEGY_CLAUSES

__all__ = [
    "DATASET_CLAUSES",
    "METRIC_CLAUSES",
    "MODEL_CLAUSES",
    "STRATEGY_CLAUSES",
    "Clause",
    "Outcome",
    "check_dataset",
    "check_entry",
    "check_plugged_in",
]
