"""Which rows a metric can tell apart: of those that share all it looks at, one stands for all."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from bench.domain import Candidate
from bench.metrics import Metric


def rivals(candidates: Iterable[Candidate], metric: Metric) -> frozenset[Candidate]:
    """Return the rows to be compared by ``metric``.

    Rows of one fit may share every figure: a repair keeps the order of the scores, and
    no decision rule changes a probability. Of such twins, which would tie with each
    other and split the chance to be the best, the plainest is kept.
    """
    kept: dict[Candidate, Candidate] = {}
    for row in sorted(candidates, key=lambda row: (_n_afterthoughts(row), row)):
        kept.setdefault(_seen_by(metric, row), row)
    return frozenset(kept.values())


def _n_afterthoughts(row: Candidate) -> int:
    return (row.repair != "none") + (row.decision != "f1")


def _seen_by(metric: Metric, row: Candidate) -> Candidate:
    """Return ``row`` without what cannot change the metric."""
    if metric.needs in ("scores", "economics"):
        return row.fitted
    if metric.needs == "decisions" and metric.threshold is None:
        # A threshold that is fitted to the scores moves along with them; costs ask for
        # probabilities, and isotonic regression makes ties, which move other thresholds than
        # those of F1 and MCC (the best of all are corners of the hull that it keeps).
        is_seen = row.decision == "cost" or (
            row.repair == "isotonic" and row.decision not in ("f1", "mcc")
        )
        return row if is_seen else replace(row, repair="none")
    return replace(row, decision="f1")
