"""What a job costs: a guess for a first run, and from then on what earlier records measured.

Costs order the work, longest first, and tell minutes from hours; no number on
a board depends on them.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from bench.domain import Job, Record
from bench.evaluation.trials import AUTO
from bench.models import MODELS
from bench.strategies import STRATEGIES

REFERENCE_ROWS = 5634
REFERENCE_COLUMNS = 46
MEASURED = ("fit", "predict", "tune", "explain")
"""The parts of `Record.seconds` that belong to one job alone."""


def guess_seconds(job: Job, *, n_samples: int, n_columns: int) -> float:
    """Return a rough guess of the CPU seconds of ``job``.

    The factors were read off standard runs on Telco.

    Parameters
    ----------
    job : Job
    n_samples : int
        Rows of the whole dataset.
    n_columns : int
        Columns that a model sees.
    """
    candidate = job.candidate
    capabilities = MODELS.lookup(candidate.model).capabilities
    rows = n_samples * (1 - 1 / job.folds) / REFERENCE_ROWS
    fit = float(capabilities.fit_seconds * rows**capabilities.growth)
    fit *= max(n_columns, 5) / REFERENCE_COLUMNS
    resample, grown = 0.02, 1.0
    if candidate.strategy != AUTO:
        strategy = STRATEGIES.lookup(candidate.strategy)
        resample = strategy.resample_seconds * rows
        grown = strategy.fit_factor
    if candidate.tuning == "default":
        return fit * grown + resample + 0.02
    stopped = 0.1 + 0.1 * fit if capabilities.has_early_stopping else fit
    if candidate.tuning == "recommended":
        return 2 * (stopped * grown + resample)
    return job.trials * job.inner_folds * 0.7 * (stopped * 1.3 + resample + 0.05)


def guess_bytes(job: Job, *, n_samples: int, n_columns: int) -> float:
    """Return roughly what a fit of ``job`` takes in memory of its own, in bytes."""
    per_cell = MODELS.lookup(job.candidate.model).capabilities.fit_bytes
    return per_cell * n_samples * (1 - 1 / job.folds) * n_columns


def learn_costs(
    guesses: Mapping[str, float],
    jobs: Iterable[Job],
    records: Iterable[Record],
    *,
    guess: Callable[[Job], float],
) -> dict[str, float]:
    """Return job id → CPU seconds: guesses, corrected by what ``records`` took.

    A guess is multiplied by the median of measured / guessed seconds over the
    records of the same candidate, or else of its model, or else of all.

    Parameters
    ----------
    guesses : mapping
        Job id → guessed seconds of every job.
    jobs : iterable of Job
    records : iterable of Record
        Of any earlier run on this machine.
    guess : callable
        What guesses the seconds of a record's job.
    """
    jobs = tuple(jobs)
    planned = {(job.candidate.model, job.candidate.strategy) for job in jobs}
    ratios: dict[tuple[Any, ...], list[float]] = {}
    for record in records:
        candidate = record.job.candidate
        if record.status != "ok" or (candidate.model, candidate.strategy) not in planned:
            continue
        seconds = sum(record.seconds.get(part, 0.0) for part in MEASURED)
        ratio = seconds / guess(record.job)
        for key in _keys(record.job):
            ratios.setdefault(key, []).append(ratio)
    factors = {key: statistics.median(values) for key, values in ratios.items()}
    return {
        job.id: guesses[job.id] * next((factors[k] for k in _keys(job) if k in factors), 1.0)
        for job in jobs
    }


def _keys(job: Job) -> tuple[tuple[Any, ...], ...]:
    """Return what the cost of ``job`` can be learnt from, the closest first."""
    candidate = job.candidate
    return (candidate,), (candidate.model, candidate.tuning), (candidate.model,), ()
