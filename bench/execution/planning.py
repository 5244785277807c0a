"""The one enumerator: which jobs an experiment means, what is skipped and why, what it costs."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass, replace
from typing import Any

from bench.domain import Candidate, Dataset, Experiment, Importance, Job, Skip
from bench.environment import library_versions
from bench.errors import UsageError
from bench.evaluation.fitting import why_not_pair
from bench.evaluation.preparations import PREPARATIONS, Preparation
from bench.evaluation.splits import STOPPING_FOLDS, time_ranks
from bench.evaluation.thinning import count_kept
from bench.evaluation.trials import AUTO
from bench.execution.costs import guess_bytes, guess_seconds
from bench.identity import digest
from bench.metrics import METRICS
from bench.models import MODELS, Model
from bench.plugins import plugin_digest
from bench.repairs import why_not_repair
from bench.serial import to_json
from bench.specs import EconomicsSpec
from bench.strategies import STRATEGIES, Strategy

LARGE_FIT_BYTES = 256_000_000
LARGE_FIT_FRAMES = 1.5
"""A fit that takes more than both, beside the matrix that it shares, has no other beside it."""

TUNING_LEVELS = ("recommended", "default")


@dataclass(frozen=True)
class Traits:
    """What planning must know of a dataset."""

    digest: str
    n_samples: int
    n_positives: int
    n_numeric: int
    n_categorical: int
    n_levels: int
    has_missing_numbers: bool
    economics: EconomicsSpec = EconomicsSpec()
    order_digest: str = ""
    """Of the order of the rows in time, where there is one."""


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


def describe_traits(dataset: Dataset) -> Traits:
    """Return the traits of a loaded dataset."""
    import pandas as pd

    numeric = dataset.X.select_dtypes("number")
    levels = [
        len(dataset.X[column].cat.categories)
        for column, dtype in dataset.X.dtypes.items()
        if isinstance(dtype, pd.CategoricalDtype)
    ]
    return Traits(
        digest=dataset.digest,
        n_samples=len(dataset.X),
        n_positives=int(dataset.y.sum()),
        n_numeric=numeric.shape[1],
        n_categorical=len(levels),
        n_levels=sum(levels),
        has_missing_numbers=bool(numeric.isna().to_numpy().any()),
        economics=dataset.spec.economics,
        order_digest=_digest_order(dataset),
    )


def _digest_order(dataset: Dataset) -> str:
    """Return a digest of the order of the rows in time, nothing where there is none."""
    if dataset.time is None:
        return ""
    return hashlib.sha256(time_ranks(dataset.time).astype("<i8").tobytes()).hexdigest()


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
    choices = _applicable_choices(experiment, traits)
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
    left = _training_minority(experiment, traits)
    if left < inner and any(c.tuning == "optuna" for c in experiment.candidates):
        raise UsageError(
            f"{inner} inner folds need at least {inner} rows of each class in every training set, "
            f"and the rarer class has {left}",
            hint="use fewer inner folds (--inner-folds), or leave optuna out of --tuning",
        )


def why_not(
    candidate: Candidate, experiment: Experiment, traits: Traits, *, choices: tuple[str, ...]
) -> str:
    """Return why ``candidate`` does not apply to this data, or ``""`` if it does."""
    model = MODELS.lookup(candidate.model)
    reason = _why_not_model(candidate, model, experiment)
    reason = reason or _why_too_many(model.name, model.capabilities.max_rows, traits)
    reason = reason or _why_not_preparation(candidate, traits)
    reason = reason or _why_not_after_fit(candidate, model, experiment, traits)
    if reason:
        return reason
    left = _training_minority(experiment, traits)
    if (
        candidate.tuning == "recommended"
        and model.capabilities.has_early_stopping
        and left < STOPPING_FOLDS
    ):
        return (
            f"early stopping holds back a fifth of the training rows, and the rarer class has "
            f"only {left} there"
        )
    if candidate.strategy == AUTO:
        usable = choices_for(model, choices)
        return "" if usable else "no strategy that auto could choose applies to this data"
    reason = why_not_pair(model, STRATEGIES.lookup(candidate.strategy))
    if reason:
        return reason
    return _why_not_strategy(candidate, experiment, traits)


def _why_too_many(name: str, max_rows: int | None, traits: Traits) -> str:
    """Return why the dataset is too large for a part of a candidate that bounds its rows."""
    if max_rows is None or traits.n_samples <= max_rows:
        return ""
    return (
        f"{name} takes too long on more than {max_rows:,} rows, and there are {traits.n_samples:,}"
    )


def choices_for(model: Model, strategies: tuple[str, ...]) -> tuple[str, ...]:
    """Return those of ``strategies`` that ``model`` has a use for."""
    return tuple(name for name in strategies if not why_not_pair(model, STRATEGIES.lookup(name)))


def _why_not_model(candidate: Candidate, model: Model, experiment: Experiment) -> str:
    if candidate.tuning == "recommended" and model.recommended is None:
        return f"{model.name} has no recommended settings beside its defaults"
    if candidate.tuning == "optuna":
        if not model.is_tunable:
            return f"{model.name} has nothing to tune"
        metric = METRICS.lookup(experiment.protocol.metric)
        if metric.needs == "probabilities" and model.capabilities.outputs == "score":
            return f"{model.name} gives no probabilities, which {metric.name} needs"
    if candidate.preparation == "native" and not model.capabilities.native_categories:
        return f"{model.name} does not take categories as they are"
    return ""


def _why_not_after_fit(
    candidate: Candidate, model: Model, experiment: Experiment, traits: Traits
) -> str:
    """Return why a repair would be wrong, or a decision has nothing to go by."""
    outputs = model.capabilities.outputs
    reason = why_not_repair(
        candidate.repair,
        strategy=candidate.strategy,
        outputs=outputs,
        n_rarer=_training_minority(experiment, traits),
    )
    if reason:
        return reason
    if candidate.decision == "cost" and outputs == "score" and candidate.repair == "none":
        return (
            f"the cost threshold is a probability, and {model.name} gives scores: "
            "repair them by sigmoid"
        )
    return ""


def _why_not_preparation(candidate: Candidate, traits: Traits) -> str:
    """Return why a preparation has nothing to change on this data, or cannot."""
    entry = PREPARATIONS.lookup(candidate.preparation)
    if entry.changes == "outliers" and not traits.n_numeric:
        return f"{entry.name} clips numbers, and there is no numeric column"
    if entry.changes == "columns" and traits.n_numeric + traits.n_categorical < 2:
        return f"{entry.name} chooses among columns, and there is only one"
    if entry.changes == "gaps" and not traits.has_missing_numbers:
        return f"{entry.name} fills gaps in numbers, and there are none"
    if entry.is_joint and traits.n_numeric < 2:
        return f"{entry.name} finds neighbours by the other numbers, and there are none"
    reason = _why_too_many(entry.name, entry.max_rows, traits)
    if reason:
        return reason
    if entry.select is not None and candidate.strategy != AUTO:
        needs = STRATEGIES.lookup(candidate.strategy).needs
        if needs.numeric_columns and needs.categorical_columns:
            return (
                f"{candidate.strategy} needs numeric and categorical columns, "
                f"and {entry.name} may keep one kind only"
            )
    return ""


def _why_not_strategy(candidate: Candidate, experiment: Experiment, traits: Traits) -> str:
    strategy = STRATEGIES.lookup(candidate.strategy)
    needs = strategy.needs
    reason = _why_too_many(strategy.name, needs.max_rows, traits)
    if reason:
        return reason
    is_native = candidate.preparation == "native"
    if needs.stage == "encoded" and is_native:
        return f"{strategy.name} works on encoded columns; on native categories use smotenc"
    if needs.complete and is_native and traits.has_missing_numbers:
        return f"{strategy.name} takes no missing values, and native preparation keeps them"
    if needs.only_categories and traits.n_numeric:
        return f"{strategy.name} is for tables of categories only, and there are numbers"
    if needs.numeric_columns and not traits.n_numeric:
        return f"{strategy.name} needs a numeric column, and there is none"
    if needs.categorical_columns and not traits.n_categorical:
        return f"{strategy.name} is for mixed data, and there is no categorical column: use smote"
    if needs.economics and not _does_campaign_pay(traits.economics):
        return (
            f"{strategy.name} weighs by what a campaign earns, and by [economics] of this "
            "dataset it earns nothing from a churner"
        )
    fewest = smallest_positives(candidate, experiment, traits)
    if fewest < needs.min_positives:
        return (
            f"{strategy.name} needs {needs.min_positives} positives to learn from, "
            f"and the smallest training set has {fewest}"
        )
    return ""


def _does_campaign_pay(economics: EconomicsSpec) -> bool:
    """Return whether reaching a churner of average value earns more than it costs."""
    alpha, beta = economics.acceptance_alpha, economics.acceptance_beta
    gain = alpha / (alpha + beta) * (economics.clv - economics.incentive)
    return gain > economics.contact and economics.incentive + economics.contact > 0


def smallest_positives(candidate: Candidate, experiment: Experiment, traits: Traits) -> int:
    """Return how few positives any fit of ``candidate`` learns from, inner fits included."""
    left = _training_minority(experiment, traits)
    if candidate.tuning == "optuna":
        left -= math.ceil(left / experiment.protocol.inner_folds)
    if candidate.tuning == "recommended":
        left -= math.ceil(left / STOPPING_FOLDS)
    return left


def _training_minority(experiment: Experiment, traits: Traits) -> int:
    """Return how many rows of the rarer class the smallest training set has."""
    protocol = experiment.protocol
    positives, negatives = (
        n_rows - math.ceil(n_rows / protocol.folds)
        for n_rows in (traits.n_positives, traits.n_samples - traits.n_positives)
    )
    if protocol.train_prevalence is not None:
        positives = count_kept(positives, negatives, protocol.train_prevalence)
    return min(positives, negatives)


def _applicable_choices(experiment: Experiment, traits: Traits) -> tuple[str, ...]:
    """Return the strategies among which ``auto`` chooses on this data."""
    return tuple(
        name
        for name in experiment.choices
        if not _why_not_strategy(Candidate("", name, "optuna"), experiment, traits)
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
            if is_rival and other.tuning == level and not _why_not_model(other, model, experiment):
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
