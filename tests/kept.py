"""Results as a run would have left them, made without a fit."""

from __future__ import annotations

from pathlib import Path

import numpy as np

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
)
from bench.store import Store

N_SAMPLES = 400


def keep_run(
    folder: Path,
    quality: dict[Candidate, float],
    *,
    repeats: int = 2,
    seed: int = 0,
    digest: str = "d" * 64,
    title: str = "Shop",
) -> None:
    """Write a run of five folds into ``folder``.

    The same customers and noise for all: only the quality of a candidate and
    the folds of a seed differ.
    """
    protocol = EvalProtocol(folds=5, repeats=repeats, seed=seed)
    rng = np.random.default_rng(1)
    y = (rng.random(N_SAMPLES) < 0.3).astype(np.int8)
    noise = rng.normal(size=N_SAMPLES)
    folds = [
        np.random.default_rng([seed, repeat]).permutation(N_SAMPLES) % 5
        for repeat in range(repeats)
    ]
    facts = DatasetFacts(
        folder.name, title, digest, "file", N_SAMPLES, 2, int(y.sum()), ("fee", "usage")
    )
    jobs = tuple(
        Job(digest, candidate, split, folds=5, seed=seed)
        for candidate in quality
        for split in protocol.splits
    )
    store = Store(folder)
    nothing = np.array([])
    for job in jobs:
        rows = np.flatnonzero(folds[job.split.repeat] == job.split.fold).astype(np.int32)
        own = np.random.default_rng([*str(job.candidate).encode()]).normal(size=N_SAMPLES)
        margin = quality[job.candidate] * y + noise + 0.3 * own - 1
        predictions = Predictions(
            rows, y[rows], 1 / (1 + np.exp(-margin[rows])), nothing.astype(np.int8), nothing
        )
        counts = ClassCounts(int((y == 0).sum()), int(y.sum()))
        record = Record(
            job,
            "ok",
            n_train=N_SAMPLES - rows.size,
            n_test=rows.size,
            counts_before=counts,
            counts_after=counts,
            params={"depth": 3, "note": "a\nb"},
            best_iteration=100 + job.split.fold,
            seconds={"fit": 0.5},
        )
        store.write_result(Result(record, predictions))
    store.write_run(
        Run(
            Experiment(folder.name, tuple(quality), protocol, preset="quick"),
            facts,
            jobs,
            (),
            versions={"lightgbm": "4.7.0"},
            commit=f"c{seed}",
            command="python -m bench run --dataset shop",
            started_at="2026-01-02T03:04:05+00:00",
            seconds=12.5,
        )
    )
