"""Figures per split: the stored scores of every job, judged by every metric."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bench.decisions import cross_fitted_thresholds, threshold_by_f1
from bench.domain import Candidate, Job, Predictions, Record, Result, Run, Split
from bench.metrics import Inputs, Metric, compute_all


@dataclass(frozen=True, eq=False)
class ScoredSplit:
    """One finished job: its threshold, fitted on other rows, and its figures by metric name."""

    split: Split
    record: Record
    predictions: Predictions
    threshold: float | None
    values: Mapping[str, float]


def score_splits(
    run: Run, results: Mapping[str, Result], metrics: Iterable[Metric]
) -> dict[Candidate, tuple[ScoredSplit, ...]]:
    """Return the finished splits of every planned candidate, both in fixed order.

    A threshold is fitted on the other finished folds of the same repeat; where
    there are none, the split has no threshold and no decisions. A study's is
    fitted on the inner out-of-fold scores of its own training rows: they are
    there anyway, and the studies of two folds may have chosen strategies whose
    scores mean different things.

    Parameters
    ----------
    run : Run
        Its jobs are the plan.
    results : mapping of job id to Result
        Those that exist; others are passed over.
    metrics : iterable of Metric
    """
    chosen = tuple(metrics)
    jobs: dict[Candidate, dict[Split, Job]] = defaultdict(dict)
    for job in run.jobs:
        jobs[job.candidate][job.split] = job
    scored = {}
    for candidate in sorted(run.candidates):
        finished = [
            (split, result.record, result.predictions)
            for split, job in sorted(jobs[candidate.fitted].items())
            if (result := results.get(job.id)) is not None
            and result.record.status == "ok"
            and result.predictions is not None
        ]
        thresholds = cross_fitted([(split, p) for split, _, p in finished])
        for split, _, predictions in finished:
            if predictions.inner_score.size:
                thresholds[split] = threshold_by_f1(predictions.inner_y, predictions.inner_score)
        scored[candidate] = tuple(
            ScoredSplit(
                split,
                record,
                predictions,
                thresholds.get(split),
                compute_all(
                    Inputs(
                        y=predictions.y,
                        score=predictions.score,
                        outputs=record.outputs,
                        threshold=thresholds.get(split),
                        economics=run.facts.economics,
                    ),
                    chosen,
                ),
            )
            for split, record, predictions in finished
        )
    return scored


def split_ratio(run: Run) -> float:
    """Return test rows per training row of a split, for the corrected statistics."""
    return 1 / (run.experiment.protocol.folds - 1)


def cross_fitted(finished: Sequence[tuple[Split, Predictions]]) -> dict[Split, float]:
    """Return split → threshold from the other folds of its repeat, where there are any."""
    repeats: dict[int, list[tuple[Split, Predictions]]] = defaultdict(list)
    for split, predictions in finished:
        repeats[split.repeat].append((split, predictions))
    thresholds: dict[Split, float] = {}
    for folds in repeats.values():
        if len(folds) >= 2:
            cuts = cross_fitted_thresholds([(p.y, p.score) for _, p in folds])
            thresholds.update(zip((split for split, _ in folds), cuts, strict=True))
    return thresholds
