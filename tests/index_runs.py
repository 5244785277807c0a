"""Finished runs on several made-up datasets, as an index shows them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from bench.analysis import analyse
from bench.analysis.across import Entry, build_across
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
from bench.reports.index.cards import Shown, Unreadable
from bench.reports.index.writing import IndexContent
from bench.store import Store

FEW = (
    Candidate("catboost"),
    Candidate("catboost", "smote"),
    Candidate("logistic"),
    Candidate("prior-only"),
)
MODELS = ("catboost", "lightgbm", "logistic", "mlp", "random-forest", "svm-rbf", "xgboost")
STRATEGIES = (
    "none",
    "class-weight",
    "random-over",
    "random-under",
    "smote",
    "smote-enn",
    "focal",
    "balanced-bagging",
)
QUALITY = {"catboost": 2.0, "lightgbm": 1.9, "logistic": 1.5, "prior-only": 0.0}
N_TEST = 60


def make_sixty() -> tuple[Candidate, ...]:
    """Return sixty candidates as a run of everything has them."""
    grid = [Candidate(model, strategy) for model in MODELS for strategy in STRATEGIES]
    tuned = [Candidate(model, "none", "recommended") for model in MODELS[:3]]
    return (*grid, *tuned, Candidate("prior-only"))


def make_run(
    name: str, *, seed: int = 0, candidates: Sequence[Candidate] = FEW, folds: int = 3, **facts: Any
) -> Run:
    """Return a run on customers of its own; ``facts`` change what is said of them."""
    protocol = EvalProtocol(folds=folds)
    n = N_TEST * folds
    digest = f"{seed:02d}" * 32
    said = DatasetFacts(
        name, f"Customers of {name}", digest, "file", n, 2, _n_positives(seed) * folds, ("a", "b")
    )
    return Run(
        experiment=Experiment(name, tuple(candidates), protocol),
        facts=replace(said, **facts),
        jobs=tuple(
            Job(digest, candidate, split, folds=folds, seed=0)
            for candidate in candidates
            for split in protocol.splits
        ),
        skips=(),
        versions={"python": "3.11.2", "lightgbm": "4.7.0"},
        commit="777b05a",
        command=f"python -m bench run --dataset {name}",
        started_at="2026-11-20T12:00:00+00:00",
    )


def _n_positives(seed: int) -> int:
    return 12 + seed


def make_results(run: Run, *, seed: int = 0) -> dict[str, Result]:
    """Return scores of every job of such a run."""
    return {job.id: _draw(job, seed) for job in run.jobs}


def _draw(job: Job, seed: int) -> Result:
    fold, candidate = job.split.fold, job.candidate
    y = (np.arange(N_TEST) < _n_positives(seed)).astype(np.int8)
    shared = np.random.default_rng([seed, fold])
    own = np.random.default_rng([seed, fold, *str(candidate).encode()])
    quality = QUALITY.get(candidate.model, 1.4)
    noise = shared.normal(size=N_TEST) + 0.4 * own.normal(size=N_TEST)
    score = np.round(1 / (1 + np.exp(1 - quality * y - (quality > 0) * noise)), 4)
    counts = ClassCounts(2 * int((y == 0).sum()), 2 * int(y.sum()))
    record = Record(
        job, "ok", n_test=N_TEST, counts_before=counts, counts_after=counts, seconds={"fit": 0.1}
    )
    rows = np.arange(N_TEST, dtype=np.int32) + N_TEST * fold
    nothing = np.array([])
    return Result(record, Predictions(rows, y, score, nothing.astype(np.int8), nothing))


def fill(folder: Path, *, seed: int = 0, **changes: Any) -> Run:
    """Leave a finished run in ``folder``, which is called as the dataset."""
    run = make_run(changes.pop("name", folder.name), seed=seed, **changes)
    store = Store(folder)
    for result in make_results(run, seed=seed).values():
        store.write_result(result)
    store.write_run(run)
    return run


def make_content(
    out: Path,
    runs: Sequence[Run],
    *,
    metric: str = "roc_auc",
    unreadable: Sequence[Unreadable] = (),
) -> IndexContent:
    """Return what the index over ``runs`` shows; the k-th has customers of seed k."""
    entries = [Entry(run, make_results(run, seed=k)) for k, run in enumerate(runs)]
    shown = [
        Shown(out / one.run.facts.name[:100], analyse(one.run, one.results)) for one in entries
    ]
    return IndexContent(shown, build_across(entries, metric=metric), unreadable)
