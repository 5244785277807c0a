"""Synthetic runs and results: known figures without a fit."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pytest

from bench.domain import (
    Candidate,
    ClassCounts,
    DatasetFacts,
    EvalProtocol,
    Experiment,
    Job,
    Predictions,
    Record,
    Result,
    Run,
    Split,
)


def _make_run(candidates: Sequence[Candidate], *, folds: int = 5, repeats: int = 1) -> Run:
    protocol = EvalProtocol(folds=folds, repeats=repeats)
    return Run(
        experiment=Experiment("toy", tuple(candidates), protocol),
        facts=DatasetFacts("toy", "Toy", "d" * 64, "built-in", 1000, 2, 300, ("a", "b")),
        jobs=tuple(
            Job("d" * 64, candidate, split, folds=folds, seed=0)
            for candidate in candidates
            for split in protocol.splits
        ),
        skips=(),
    )


def _make_result(
    job: Job,
    y: Sequence[int] = (0, 1),
    score: Sequence[float] = (0.2, 0.8),
    *,
    inner: tuple[Sequence[int], Sequence[float]] = ((), ()),
    **record: object,
) -> Result:
    return Result(
        Record(
            job,
            "ok",
            n_train=4 * len(y),
            n_test=len(y),
            counts_before=ClassCounts(700, 300),
            counts_after=ClassCounts(700, 300),
            **record,
        ),
        Predictions(
            rows=np.arange(len(y), dtype=np.int32),
            y=np.array(y, dtype=np.int8),
            score=np.array(score, dtype=np.float64),
            inner_y=np.array(inner[0], dtype=np.int8),
            inner_score=np.array(inner[1], dtype=np.float64),
        ),
    )


def _make_results(
    run: Run, quality: Mapping[Candidate, float], *, n: int = 200
) -> dict[str, Result]:
    """Return results where rows and noise are shared by candidates, and only quality differs."""

    def draw(job: Job) -> Result:
        split: Split = job.split
        shared = np.random.default_rng([split.repeat, split.fold])
        own = np.random.default_rng([split.repeat, split.fold, *str(job.candidate).encode()])
        y = (np.arange(n) < n * 0.3).astype(int)
        margin = quality[job.candidate] * y + shared.normal(size=n) + 0.2 * own.normal(size=n)
        return _make_result(job, y, 1 / (1 + np.exp(1 - margin)))

    return {job.id: draw(job) for job in run.jobs if job.candidate in quality}


@pytest.fixture(scope="session")
def make_run() -> Callable[..., Run]:
    return _make_run


@pytest.fixture(scope="session")
def make_result() -> Callable[..., Result]:
    return _make_result


@pytest.fixture(scope="session")
def make_results() -> Callable[..., dict[str, Result]]:
    return _make_results


@pytest.fixture(scope="session")
def fail() -> Callable[[Result], Result]:
    """Return the failed twin of a result."""
    return lambda result: Result(replace(result.record, status="failed", error="boom"), None)
