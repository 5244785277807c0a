"""The one enumerator: which jobs an experiment means, what is skipped and why, what it costs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from bench.domain import Candidate, Experiment, Importance, Job, Skip
from bench.environment import library_versions
from bench.errors import UsageError
from bench.evaluation.preparations import PREPARATIONS, Preparation
from bench.evaluation.trials import AUTO
from bench.execution.applying import (
    applicable_choices,
    choices_for,
    training_minority,
    why_not,
    why_not_model,
)
from bench.execution.costs import guess_bytes, guess_seconds
from bench.execution.traits import Traits
from bench.identity import digest
from bench.models import MODELS, Model
from bench.plugins import plugin_digest
from bench.serial import to_json
from bench.specs import EconomicsSpec
from bench.strategies import STRATEGIES, Strategy

LARGE_FIT_BYTES = 256_000_000
LARGE_FIT_FRAMES = 1.5
"""A fit that takes more than both, beside the matrix that it shares, has no other beside it."""

TUNING_LEVELS = ("recommended", "default")


@dataclass(frozen=True)
class Plan:
    """Jobs in board order, the importance each needs, skips with reasons, and estimates.

    ``slots`` says how many workers' room each job takes, ``leaving`` after which
    ones a worker keeps much memory.
    """

    jobs: tuple[Job, ...]
    skips: tuple[Skip, ...]
    explained: dict[str, Importance]
    costs: dict[str, float]
    slots: dict[str, int]
    leaving: frozenset[str] = frozenset()

    def seconds(self, jobs: tuple[Job, ...], *, workers: int) -> float:
        """Return the estimated wall seconds of ``jobs`` on ``workers`` cores."""
        costs = [self.costs[job.id] for job in jobs]
        return max(sum(costs) / workers, max(costs, default=0.0))


def plan_experiment(experiment: Experiment, traits: Traits) -> Plan:
    """Return the plan of ``experiment``.

    Raises
    ------
    UsageError
        If a class has too few rows for the folds, or nothing at all is left to run.
    """
    _check_folds(experiment, traits)
    skips: list[Skip] = []
    jobs: list[Job] = []
    planned: set[Candidate] = set()
    explained: dict[str, Importance] = {}
    costs: dict[str, float] = {}
    slots: dict[str, int] = {}
    leaving: set[str] = set()
    choices = applicable_choices(experiment, traits)
    for candidate in experiment.candidates:
        reason = why_not(candidate, experiment, traits, choices=choices)
        if reason:
            skips.append(Skip(candidate, reason))
            continue
        if candidate.fitted in planned:
            continue
        planned.add(candidate.fitted)
        level = _importance(candidate.fitted, experiment)
        template = _job(candidate.fitted, experiment, traits, choices=choices)
        cost = guess_cost(template, traits)
        room = max(template.threads, room_for(template, traits))
        for split in experiment.protocol.splits:
            job = replace(template, split=split)
            jobs.append(job)
            explained[job.id], costs[job.id], slots[job.id] = level, cost, room
            if leaves_memory(job, traits):
                leaving.add(job.id)
    if not jobs:
        reasons = "; ".join(dict.fromkeys(skip.reason for skip in skips)) or "no candidates"
        raise UsageError(f"nothing is left to run: {reasons}")
    return Plan(tuple(jobs), tuple(skips), explained, costs, slots, frozenset(leaving))


def guess_cost(job: Job, traits: Traits) -> float:
    """Return a rough guess of the CPU seconds of ``job`` on data with ``traits``."""
    n_columns = traits.n_numeric + max(traits.n_levels, traits.n_categorical)
    return guess_seconds(job, n_samples=traits.n_samples, n_columns=n_columns)


def room_for(job: Job, traits: Traits) -> int:
    """Return 2 where a fit takes so much memory that two should not run side by side."""
    n_features = traits.n_numeric + traits.n_categorical
    frames = LARGE_FIT_FRAMES * 8 * traits.n_samples * n_features
    return 2 if _own_bytes(job, traits) > max(LARGE_FIT_BYTES, frames) else 1


def leaves_memory(job: Job, traits: Traits) -> bool:
    """Return whether a worker keeps much of what a fit took, by its library's own allocator."""
    keeps = MODELS.lookup(job.candidate.model).capabilities.keeps_memory
    return keeps and _own_bytes(job, traits) > LARGE_FIT_BYTES


def _own_bytes(job: Job, traits: Traits) -> float:
    n_columns = traits.n_numeric + max(traits.n_levels, traits.n_categorical)
    return guess_bytes(job, n_samples=traits.n_samples, n_columns=n_columns)


def _check_folds(experiment: Experiment, traits: Traits) -> None:
    """Refuse more folds, outer or inner, than the rarer class can fill."""
    folds = experiment.protocol.folds
    minority = min(traits.n_positives, traits.n_samples - traits.n_positives)
    if minority < folds:
        raise UsageError(
            f"{folds} folds need at least {folds} rows of each class, and the rarer has {minority}",
            hint="use fewer folds (--folds)",
        )
    inner = experiment.protocol.inner_folds
    left = training_minority(experiment, traits)
    if left < inner and any(c.tuning == "optuna" for c in experiment.candidates):
        raise UsageError(
            f"{inner} inner folds need at least {inner} rows of each class in every training set, "
            f"and the rarer class has {left}",
            hint="use fewer inner folds (--inner-folds), or leave optuna out of --tuning",
        )


def _importance(candidate: Candidate, experiment: Experiment) -> Importance:
    """Return the level for a candidate: permutation for one candidate per model only.

    That one is ``none`` at the best level of tuning that needs no study, which
    is known before anything is scored.
    """
    if experiment.importance != "full" or candidate.strategy != "none":
        return "native" if experiment.importance == "full" else experiment.importance
    for level in TUNING_LEVELS:
        for other in experiment.candidates:
            is_rival = other.model == candidate.model and other.strategy == "none"
            model = MODELS.lookup(other.model)
            if is_rival and other.tuning == level and not why_not_model(other, model, experiment):
                return "full" if other.fitted == candidate else "native"
    return "native"


def _job(
    candidate: Candidate, experiment: Experiment, traits: Traits, *, choices: tuple[str, ...]
) -> Job:
    """Return the job of a candidate on the first split."""
    protocol = experiment.protocol
    is_study = candidate.tuning == "optuna"
    is_auto = candidate.strategy == AUTO
    model = MODELS.lookup(candidate.model)
    left = choices_for(model, choices) if is_auto else ()
    strategies = [STRATEGIES.lookup(s) for s in (left if is_auto else (candidate.strategy,))]
    preparation = PREPARATIONS.lookup(candidate.preparation)
    return Job(
        dataset_digest=traits.digest,
        candidate=candidate,
        split=protocol.splits[0],
        folds=protocol.folds,
        seed=protocol.seed,
        threads=protocol.threads,
        # Equal rows of different periods are what a model meets in practice.
        duplicates="ignore" if protocol.is_by_time else protocol.duplicates,
        metric="" if candidate.tuning == "default" else protocol.metric,
        inner_folds=protocol.inner_folds if is_study else 0,
        trials=protocol.trials if is_study else 0,
        choices=left,
        versions=_versions(model, strategies, preparation, is_study=is_study),
        plugin_digest=_declarations_behind(model, strategies, traits.economics),
        train_prevalence=protocol.train_prevalence,
        starts=experiment.starts.get(model.name, ()) if is_study else (),
        order_digest=traits.order_digest if protocol.is_by_time else "",
    )


def _versions(
    model: Model, strategies: list[Strategy], preparation: Preparation, *, is_study: bool
) -> dict[str, str]:
    """Return the versions of the libraries that have a hand in a job's numbers."""
    libraries = {"numpy", "scikit-learn", *model.capabilities.libraries, *preparation.libraries}
    for strategy in strategies:
        libraries.update(strategy.libraries)
    if is_study:
        libraries.add("optuna")
    return library_versions(sorted(libraries))


def _declarations_behind(model: Model, strategies: list[Strategy], economics: EconomicsSpec) -> str:
    """Return a digest of what users wrote that has a hand in the numbers: plug-ins, economics."""
    parts: list[Any] = [plugin_digest("model", model.name)]
    parts += [plugin_digest("strategy", strategy.name) for strategy in strategies]
    if any(strategy.needs.economics for strategy in strategies):
        parts.append(to_json(economics))
    return digest(*parts) if any(parts) else ""
