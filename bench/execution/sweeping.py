"""What a prevalence sweep runs: one experiment for each share of positives to learn from."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from bench.domain import Candidate, DatasetFacts, Experiment
from bench.errors import UsageError
from bench.evaluation.thinning import count_kept
from bench.evaluation.trials import AUTO
from bench.execution.presets import PRESETS
from bench.execution.requests import Request, build_experiment
from bench.models import MODELS

PREVALENCES = (0.3, 0.1, 0.05, 0.02, 0.01)
MODELS_SWEPT = ("logistic", "lightgbm")
NONE = "none"

FEWEST_POSITIVES = 5
"""With fewer to learn from, neither early stopping nor any resampling has enough."""


@dataclass(frozen=True)
class SweepRequest:
    """What was asked for; empty lists mean the sweep's own models and the usual strategies."""

    dataset: str = "telco"
    prevalences: tuple[float, ...] = PREVALENCES
    models: tuple[str, ...] = ()
    strategies: tuple[str, ...] = ()
    folds: int | None = None
    repeats: int | None = None
    seed: int | None = None


@dataclass(frozen=True)
class SweepStep:
    """One experiment of a sweep, and the prevalence of the rows that it learns from."""

    prevalence: float
    experiment: Experiment

    @property
    def name(self) -> str:
        """The folder of its records."""
        is_thinned = self.experiment.protocol.train_prevalence is not None
        return f"{self.prevalence:g}" if is_thinned else "unthinned"


@dataclass(frozen=True)
class SweepPlan:
    """The steps, the most positives first, and what a reader must know about the choice."""

    steps: tuple[SweepStep, ...]
    remarks: tuple[str, ...]


def plan_sweep(request: SweepRequest, facts: DatasetFacts) -> SweepPlan:
    """Return the experiments of a sweep; every name and number is checked.

    A prevalence from the data's own upwards stands for the training rows as
    they are; one that leaves too few positives is left out, with a remark.

    Raises
    ------
    UsageError
        If a prevalence is none, a name is unknown, or nothing is left.
    """
    for prevalence in request.prevalences:
        if not 0 < prevalence < 1:
            raise UsageError(
                f"--prevalence {prevalence:g} is no share of positives, expected between 0 and 1",
                hint="write 5 % as 0.05",
            )
    experiment = _experiment(request)
    own = facts.prevalence
    remarks = []
    steps = []
    high = sorted({p for p in request.prevalences if p >= own}, reverse=True)
    if high:
        steps.append(SweepStep(own, experiment))
        given = ", ".join(f"{p:g}" for p in high)
        verb = "is" if len(high) == 1 else "are"
        remarks.append(
            f"{given} {verb} not below the data's own prevalence of {own:.3f}: "
            "the training rows are taken as they are"
        )
    for prevalence in sorted({p for p in request.prevalences if p < own}, reverse=True):
        left = _positives_left(facts, experiment.protocol.folds, prevalence)
        if left < FEWEST_POSITIVES:
            remarks.append(
                f"{prevalence:g} is left out: of {facts.n_positives} positives it would leave "
                f"{left} to learn from, expected at least {FEWEST_POSITIVES}"
            )
            continue
        protocol = replace(experiment.protocol, train_prevalence=prevalence)
        steps.append(SweepStep(prevalence, replace(experiment, protocol=protocol)))
    if not steps:
        raise UsageError(f"nothing is left to run: {'; '.join(remarks)}")
    return SweepPlan(tuple(steps), tuple(remarks))


def _experiment(request: SweepRequest) -> Experiment:
    """Return what runs at every prevalence: ``none`` and the strategies, without studies."""
    if AUTO in request.strategies:
        raise UsageError("a sweep runs no studies, which is where strategy 'auto' chooses")
    strategies = request.strategies or PRESETS.lookup("standard").strategies
    experiment = build_experiment(
        Request(
            dataset=request.dataset,
            models=request.models or MODELS_SWEPT,
            strategies=tuple(dict.fromkeys((NONE, *strategies))),
            tuning=("recommended", "default"),
            folds=request.folds,
            repeats=request.repeats,
            seed=request.seed,
            importance="none",
        )
    )
    candidates = [c for c in experiment.candidates if c.tuning == _level(c)]
    return replace(experiment, candidates=tuple(dict.fromkeys(c.fitted for c in candidates)))


def _level(candidate: Candidate) -> str:
    """Return the level of tuning that a model is swept at: as recommended, where it is."""
    is_recommended = MODELS.lookup(candidate.model).recommended is not None
    return "recommended" if is_recommended else "default"


def _positives_left(facts: DatasetFacts, folds: int, prevalence: float) -> int:
    """Return how many positives the smallest training set keeps."""
    positives, negatives = facts.n_positives, facts.n_samples - facts.n_positives
    return count_kept(
        positives - math.ceil(positives / folds),
        negatives - math.ceil(negatives / folds),
        prevalence,
    )
