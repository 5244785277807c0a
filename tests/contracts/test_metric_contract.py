"""Every metric of ours holds every clause that applies to it."""

from __future__ import annotations

import pytest

from bench.contracts import METRIC_CLAUSES, Clause
from bench.metrics import METRICS, Metric


@pytest.mark.parametrize(
    ("metric", "clause"),
    [
        pytest.param(metric, clause, id=f"{metric.name}-{clause.name}")
        for metric in METRICS
        for clause in METRIC_CLAUSES
        if clause.applies(metric)
    ],
)
def test_metric_holds(metric: Metric, clause: Clause[Metric]) -> None:
    assert clause.problem_with(metric) == ""


def test_every_metric_clause_applies_to_some_metric_of_ours() -> None:
    idle = [c.name for c in METRIC_CLAUSES if not any(c.applies(metric) for metric in METRICS)]

    assert idle == []
