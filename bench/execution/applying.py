"""Which candidates apply to a dataset, and why the others do not."""

from __future__ import annotations

import math

from bench.domain import Candidate, Experiment
from bench.evaluation.fitting import why_not_pair
from bench.evaluation.preparations import PREPARATIONS
from bench.evaluation.splits import STOPPING_FOLDS
from bench.evaluation.thinning import count_kept
from bench.evaluation.trials import AUTO
from bench.execution.traits import Traits
from bench.metrics import METRICS
from bench.models import MODELS, Model
from bench.repairs import why_not_repair
from bench.specs import EconomicsSpec
from bench.strategies import STRATEGIES


def why_not(
    candidate: Candidate, experiment: Experiment, traits: Traits, *, choices: tuple[str, ...]
) -> str:
    """Return why ``candidate`` does not apply to this data, or ``""`` if it does."""
    model = MODELS.lookup(candidate.model)
    reason = why_not_model(candidate, model, experiment)
    reason = reason or _why_too_many(model.name, model.capabilities.max_rows, traits)
    reason = reason or _why_not_preparation(candidate, traits)
    reason = reason or _why_not_after_fit(candidate, model, experiment, traits)
    if reason:
        return reason
    left = training_minority(experiment, traits)
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


def why_not_model(candidate: Candidate, model: Model, experiment: Experiment) -> str:
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
        n_rarer=training_minority(experiment, traits),
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
    left = training_minority(experiment, traits)
    if candidate.tuning == "optuna":
        left -= math.ceil(left / experiment.protocol.inner_folds)
    if candidate.tuning == "recommended":
        left -= math.ceil(left / STOPPING_FOLDS)
    return left


def training_minority(experiment: Experiment, traits: Traits) -> int:
    """Return how many rows of the rarer class the smallest training set has."""
    protocol = experiment.protocol
    positives, negatives = (
        n_rows - math.ceil(n_rows / protocol.folds)
        for n_rows in (traits.n_positives, traits.n_samples - traits.n_positives)
    )
    if protocol.train_prevalence is not None:
        positives = count_kept(positives, negatives, protocol.train_prevalence)
    return min(positives, negatives)


def applicable_choices(experiment: Experiment, traits: Traits) -> tuple[str, ...]:
    """Return the strategies among which ``auto`` chooses on this data."""
    return tuple(
        name
        for name in experiment.choices
        if not _why_not_strategy(Candidate("", name, "optuna"), experiment, traits)
    )
