"""One Job → one Result, one step of a study → one trial; a learner's failure is a result, too."""

from __future__ import annotations

import time
import traceback
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from bench.dependence import Dependence
from bench.domain import Importance, Job, Predictions, Record, Result
from bench.environment import PeakMemory
from bench.evaluation.dependence import summarise_dependence
from bench.evaluation.explaining import (
    native_importance,
    permutation_importance,
    sampled_rows,
    try_method,
)
from bench.evaluation.fitting import Fitted, find_rounds, fit_model, fit_seed, outer_view
from bench.evaluation.splits import OUTER
from bench.evaluation.studies import StudyState, Tuned, conclude
from bench.evaluation.trials import TrialOutcome, run_trial
from bench.evaluation.workspace import Prepared, Workspace
from bench.guard import Raised, attempt
from bench.identity import derive_seed
from bench.models import MODELS, Model

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MOST_MESSAGES = 5


@dataclass(frozen=True)
class JobOptions:
    """What a job is told beside itself: none of it can change a score.

    ``study`` holds the finished trials, for a job that has a study.
    """

    importance: Importance
    study: StudyState | None = None


def run_job(job: Job, workspace: Workspace, options: JobOptions) -> Result:
    """Return what came of ``job``; a failure becomes a record with its traceback."""
    with warnings.catch_warnings(record=True) as caught, PeakMemory() as memory:
        warnings.simplefilter("always")
        outcome = attempt(lambda: _run(job, workspace, options))
    if isinstance(outcome, Raised):
        trace = "".join(traceback.format_exception(outcome.error))
        return Result(Record(job, "failed", error=trace), None)
    record = outcome.value.record
    record = replace(
        record,
        messages=_messages(record.messages, caught),
        peak_memory_mb=max(record.peak_memory_mb, memory.peak_mb),
    )
    return Result(record, outcome.value.predictions)


def run_next_trial(job: Job, workspace: Workspace, state: StudyState) -> TrialOutcome | str:
    """Return the trial that follows those of ``state``, or the traceback of its failure."""
    with warnings.catch_warnings(record=True) as caught, PeakMemory() as memory:
        warnings.simplefilter("always")
        outcome = attempt(lambda: run_trial(workspace, job, state.trials))
    if isinstance(outcome, Raised):
        return "".join(traceback.format_exception(outcome.error))
    trial = outcome.value.trial
    trial.set_user_attr("messages", list(_messages((), caught)))
    trial.set_user_attr("peak_memory_mb", memory.peak_mb)
    return outcome.value


def _messages(earlier: Iterable[str], caught: Iterable[warnings.WarningMessage]) -> tuple[str, ...]:
    """Return the first few different ones."""
    texts = [*earlier, *(f"{w.category.__name__}: {w.message}" for w in caught)]
    return tuple(dict.fromkeys(texts))[:MOST_MESSAGES]


def _run(job: Job, workspace: Workspace, options: JobOptions) -> Result:
    import numpy as np

    model = MODELS.lookup(job.candidate.model)
    settled = _settle(job, workspace, model, options.study)
    view = outer_view(job)
    prepared = workspace.prepared(view)
    train = workspace.trainable(view, settled.strategy, settled.strategy_params)
    fitted = fit_model(
        model,
        settled.params,
        train,
        seed=fit_seed(job.seed, job.split, OUTER, model.name),
        threads=job.threads,
    )
    started = time.process_time()
    score = fitted.score(prepared.held_X)
    predicted = time.process_time()
    if not np.isfinite(score).all():
        raise ValueError(f"{job.candidate} gives scores that are not finite")
    told = _explain(job, options.importance, fitted, workspace)
    tuned = settled.tuned
    record = Record(
        job=job,
        status="ok",
        outputs=model.capabilities.outputs,
        n_train=len(prepared.train_y),
        n_test=len(prepared.held_y),
        counts_before=train.before,
        counts_after=train.after,
        learned_prevalence=train.learned_prevalence,
        selected=prepared.selected,
        params=_plain(settled.params),
        strategy_params=_plain(train.params),
        chosen_strategy=settled.strategy,
        best_iteration=fitted.rounds or None,
        seconds={
            "prepare": prepared.seconds,
            "resample": train.seconds,
            "tune": settled.seconds,
            "fit": fitted.seconds,
            "predict": predicted - started,
            "explain": time.process_time() - predicted,
        },
        explained=options.importance,
        importance=told.importance,
        dependence=told.dependence,
        messages=(*told.failures, *(tuned.messages if tuned else ())),
        peak_memory_mb=tuned.peak_memory_mb if tuned else 0.0,
    )
    return Result(record, _predictions(prepared, score, tuned))


def _predictions(
    prepared: Prepared, score: NDArray[np.float64], tuned: Tuned | None
) -> Predictions:
    import numpy as np

    inner_score = tuned.inner_score if tuned else np.empty(0)
    # Rows of the first period, in a split by time, are never held back.
    is_scored = ~np.isnan(inner_score)
    return Predictions(
        rows=prepared.held_rows.astype(np.int32),
        y=np.asarray(prepared.held_y),
        score=score,
        inner_y=np.asarray(prepared.train_y)[is_scored] if tuned else np.empty(0, np.int8),
        inner_score=inner_score[is_scored],
    )


@dataclass(frozen=True, eq=False)
class _Settled:
    """The parameters of the final fit and how they came about."""

    params: Mapping[str, Any]
    strategy: str
    strategy_params: Mapping[str, Any] | None
    seconds: float = 0.0
    tuned: Tuned | None = None


def _settle(job: Job, workspace: Workspace, model: Model, study: StudyState | None) -> _Settled:
    """Decide the parameters by the job's level of tuning, on training rows only."""
    candidate = job.candidate
    if candidate.tuning == "optuna":
        if study is None or len(study.trials) < job.trials:
            raise ValueError(f"{job.candidate} has a study of {job.trials} trials to finish first")
        tuned = conclude(workspace, job, study)
        proposal = tuned.proposal
        params = dict(proposal.params)
        if tuned.rounds:
            params = model.with_rounds(params, tuned.rounds)
        return _Settled(params, proposal.strategy, proposal.strategy_params, tuned.seconds, tuned)
    if candidate.tuning == "default" or model.recommended is None:
        return _Settled({}, candidate.strategy, None)
    params = dict(model.recommended)
    seconds = 0.0
    if model.capabilities.has_early_stopping:
        rounds, seconds = find_rounds(workspace, job, model, params)
        params = model.with_rounds(params, rounds)
    return _Settled(params, candidate.strategy, None, seconds)


@dataclass(frozen=True)
class _Explained:
    """What a fit relies on, and which methods failed to say so."""

    importance: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    dependence: Mapping[str, Dependence] = field(default_factory=dict)
    failures: tuple[str, ...] = ()


def _explain(job: Job, level: Importance, fitted: Fitted, workspace: Workspace) -> _Explained:
    """Return what the fit relies on; it is finished without, so nothing here fails it."""
    model, estimator = fitted.model, fitted.estimator
    if level == "none" or not model.capabilities.uses_features:
        return _Explained()
    prepared = workspace.prepared(outer_view(job))
    table = workspace.table
    features = table.features
    native = native_importance(model, estimator, prepared, features)
    importance, failures = native.importance, native.failures
    rows = prepared.held_rows[sampled_rows(prepared)]
    dependence = {} if native.shap is None else summarise_dependence(native.shap, table, rows)
    if level == "full":
        seed = derive_seed(job.seed, "permutation", job.split.repeat, job.split.fold)
        found = try_method(
            "permutation",
            lambda: permutation_importance(
                model, estimator, prepared, features=features, seed=seed
            ),
        )
        if isinstance(found, str):
            failures = (*failures, found)
        else:
            importance = {**importance, "permutation": found}
    return _Explained(importance, dependence, failures)


def _plain(params: Mapping[str, Any]) -> dict[str, Any]:
    """Return params as JSON values; tuples become lists, as JSON would have them anyway."""
    return {
        name: list(value) if isinstance(value, tuple) else value for name, value in params.items()
    }
