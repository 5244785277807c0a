"""Runs the lab: honest fits by the ordinary machinery, leaky ones beside them, then the table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Protocol

from bench.domain import Candidate, Dataset, DatasetFacts, Experiment
from bench.environment import usable_cores
from bench.evaluation.workspace import Workspace, WorkspaceKey
from bench.execution.engines import open_engine
from bench.execution.requests import Request, build_experiment
from bench.execution.running import Observer, RunOptions, run_experiment
from bench.execution.scheduling import Schedule, Task
from bench.execution.scratch import scratch_folder
from bench.leaklab.catalogue import MODELS_SHOWN, Kind, Mistake, choose_mistakes
from bench.leaklab.fits import FitStore, LeakyFit, SharedStore, Spoilt
from bench.leaklab.judging import LabTable, LeftOut
from bench.leaklab.mistakes import resample_first, spoil
from bench.leaklab.settings import N_TRIALS
from bench.leaklab.tabulating import FAILED, Asked, Board, honest_counterpart, judge_board, tabulate
from bench.leaklab.variants import CHANGED, Variant, build_variant
from bench.models import MODELS
from bench.store import Store
from bench.strategies import STRATEGIES


@dataclass(frozen=True)
class LabRequest:
    """What was asked for; empty lists mean the lab's own models and all mistakes."""

    dataset: str = "telco"
    models: tuple[str, ...] = ()
    mistakes: tuple[str, ...] = ()
    folds: int | None = None
    repeats: int | None = None
    seed: int | None = None


class Watcher(Protocol):
    """Is told what happens."""

    def honest(self, title: str) -> AbstractContextManager[Observer]:
        """Return who watches the honest fits that are about to begin."""
        ...

    def leaky(self, n_done: int, n_all: int) -> None:
        """So many leaky fits are there by now."""
        ...


@dataclass(frozen=True, eq=False)
class _Lab:
    """What does not change while the lab runs."""

    dataset: Dataset
    facts: DatasetFacts
    experiment: Experiment
    folder: Path
    options: RunOptions
    watcher: Watcher
    mistakes: tuple[Mistake, ...]
    models: tuple[str, ...]
    variants: dict[Kind, Variant] = field(default_factory=dict)

    @property
    def own_folder(self) -> Path:
        """Where the lab's own files go."""
        return self.folder / "leak"

    def variant(self, kind: Kind) -> Variant:
        """Return the data that a mistake is made on, built once."""
        if kind not in CHANGED:
            kind = "resample"  # one for all that are made on the data as they are
        if kind not in self.variants:
            seed = self.experiment.protocol.seed
            self.variants[kind] = build_variant(kind, self.dataset, seed=seed)
        return self.variants[kind]


def run_lab(
    request: LabRequest,
    dataset: Dataset,
    facts: DatasetFacts,
    *,
    folder: Path,
    options: RunOptions,
    watcher: Watcher,
) -> LabTable:
    """Return what every mistake adds on ``dataset``; what is stored already is not fitted again.

    Parameters
    ----------
    folder : Path
        The dataset's results folder: honest fits are shared with ordinary
        runs, the rest goes to ``leak/`` in it.

    Raises
    ------
    UsageError
        If a name is unknown, a number is out of range, or nothing is left.
    KeyboardInterrupt
        After everything that was finished has been kept.
    """
    lab = _open_lab(request, dataset, facts, folder=folder, options=options, watcher=watcher)
    board = _run_board(lab, dataset, _honest_candidates(lab), store=_shared_store(lab))
    boards: dict[Kind, Board] = {}
    for kind in dict.fromkeys(mistake.kind for mistake in lab.mistakes):
        if lab.variant(kind).has_own_board:
            plain = [Candidate(model) for model in lab.models if Candidate(model) in board.values]
            if plain:
                own = Store(lab.own_folder / kind)
                boards[kind] = _run_board(lab, lab.variant(kind).dataset, plain, store=own)
    left_out = tuple(_left_out(lab, board, boards))
    skipped = {(one.mistake, one.model) for one in left_out}
    wanted = [
        LeakyFit(mistake, model, split, lab.experiment.protocol.folds, lab.experiment.protocol.seed)
        for mistake in lab.mistakes
        if mistake.kind != "threshold"
        for model in lab.models
        if (mistake.name, model) not in skipped
        for split in lab.experiment.protocol.splits
    ]
    found = _run_leaky(lab, wanted)
    asked = Asked(facts, lab.experiment.protocol, lab.models, lab.mistakes)
    return tabulate(asked, board, boards, found=found, left_out=left_out)


def _open_lab(
    request: LabRequest,
    dataset: Dataset,
    facts: DatasetFacts,
    *,
    folder: Path,
    options: RunOptions,
    watcher: Watcher,
) -> _Lab:
    mistakes = choose_mistakes(request.mistakes)
    models = request.models or MODELS_SHOWN
    experiment = build_experiment(
        Request(
            dataset=request.dataset,
            models=models,
            strategies=("none",),
            tuning=("default",),
            folds=request.folds,
            repeats=request.repeats,
            seed=request.seed,
            importance="none",
            preset="quick",
        )
    )
    experiment = replace(experiment, dataset=dataset.name, preset="")
    return _Lab(dataset, facts, experiment, folder, options, watcher, mistakes, models)


# --- honest fits ----------------------------------------------------------------------


def _honest_candidates(lab: _Lab) -> tuple[Candidate, ...]:
    """Return all counterparts, and each model plain and as recommended: what honesty reaches."""
    found: list[Candidate] = []
    for model in lab.models:
        found.append(Candidate(model))
        if MODELS.lookup(model).recommended is not None:
            found.append(Candidate(model, tuning="recommended"))
        found += [
            honest_counterpart(mistake, model)
            for mistake in lab.mistakes
            if not (mistake.kind == "stop" and MODELS.lookup(model).recommended is None)
        ]
    return tuple(dict.fromkeys(found))


def _shared_store(lab: _Lab) -> Store:
    return SharedStore(lab.folder, lab.own_folder)


def _run_board(
    lab: _Lab, dataset: Dataset, candidates: Iterable[Candidate], *, store: Store
) -> Board:
    """Run honest candidates on ``dataset`` as any run would, and judge them."""
    facts = replace(
        lab.facts,
        digest=dataset.digest,
        n_samples=len(dataset.y),
        n_positives=int(dataset.y.sum()),
    )
    title = "honest fits" if dataset is lab.dataset else f"honest fits, {store.folder.name}"
    experiment = replace(lab.experiment, candidates=tuple(candidates))
    with lab.watcher.honest(title) as observer:
        outcome = run_experiment(
            experiment, dataset, facts, store=store, options=lab.options, observer=observer
        )
    return judge_board(outcome)


def _left_out(lab: _Lab, board: Board, boards: Mapping[Kind, Board]) -> Iterator[LeftOut]:
    for mistake in lab.mistakes:
        for model in lab.models:
            reason = _why_not(lab, mistake, model)
            if not reason:
                reason = board.why_not(honest_counterpart(mistake, model))
                own = boards.get(mistake.kind)
                reason = reason or (own.why_not(Candidate(model)) if own else "")
            if reason:
                yield LeftOut(mistake.name, model, reason, is_failure=reason == FAILED)


def _why_not(lab: _Lab, mistake: Mistake, model: str) -> str:
    """Return why a mistake cannot be made with a model or on these data."""
    import pandas as pd

    entry = MODELS.lookup(model)
    is_categorical = [isinstance(kind, pd.CategoricalDtype) for kind in lab.dataset.X.dtypes]
    if mistake.kind == "stop" and not entry.capabilities.has_early_stopping:
        return f"{model} does not stop early"
    if mistake.kind == "stop" and entry.recommended is None:
        return f"{model} has no recommended settings, which are what stops early"
    if mistake.kind == "tune" and not entry.is_tunable:
        return f"{model} has nothing to tune"
    if mistake.kind == "encode" and not any(is_categorical):
        return "there is no categorical column"
    if mistake.kind in ("scale", "impute", "entity") and all(is_categorical):
        return "there is no numeric column"
    return ""


# --- leaky fits -----------------------------------------------------------------------


def _run_leaky(lab: _Lab, wanted: Sequence[LeakyFit]) -> dict[LeakyFit, Spoilt | str]:
    """Return the scores of all leaky fits, or why there are none; missing ones are made now."""
    store = FitStore(lab.own_folder / "fits")
    ids = {fit: fit.id_on(lab.variant(fit.mistake.kind).dataset.digest) for fit in wanted}
    found: dict[LeakyFit, Spoilt | str] = {}
    for fit in wanted:
        spoilt = store.read(ids[fit])
        if spoilt is not None:
            found[fit] = spoilt
    missing = [fit for fit in wanted if fit not in found]
    lab.watcher.leaky(len(found), len(wanted))
    if not missing:
        return found

    def keep(fit: LeakyFit, future: Future[Spoilt | str]) -> None:
        error = future.exception()
        outcome = future.result() if error is None else f"the worker process died: {error}"
        if isinstance(outcome, Spoilt):
            store.write(ids[fit], outcome)
        found[fit] = outcome
        lab.watcher.leaky(len(found), len(wanted))

    workers = max(1, min(lab.options.workers or usable_cores(), len(missing)))
    with (
        # In this order: on Ctrl-C the workers, who write there, are stopped first.
        scratch_folder() as scratch,
        open_engine(lab.options.engine, workers=workers, plugins=lab.options.plugins) as engine,
    ):
        keys = _stage(lab, missing, scratch)
        tasks = [
            *_shared_tasks(missing, keys),
            *(
                Task(
                    fit,
                    (spoil, (keys[fit.mistake.kind], fit)),
                    _cost(fit),
                    ((fit.mistake.sampler, fit.split.repeat),),
                    on_end=partial(keep, fit),
                )
                for fit in missing
            ),
        ]
        Schedule(tasks, on_start=lambda task: None).run(engine)
    return found


def _stage(lab: _Lab, missing: Sequence[LeakyFit], scratch: Path) -> dict[Kind, WorkspaceKey]:
    """Write the data of the missing fits for the workers, mistaken groups included."""
    protocol = lab.experiment.protocol
    keys: dict[Kind, WorkspaceKey] = {}
    written: dict[str, WorkspaceKey] = {}
    for kind in dict.fromkeys(fit.mistake.kind for fit in missing):
        variant = lab.variant(kind)
        digest = variant.dataset.digest
        if digest not in written:
            written[digest] = Workspace.stage(
                variant.dataset,
                variant.leaky_groups,
                scratch / kind,
                folds=protocol.folds,
                seed=protocol.seed,
            )
        keys[kind] = written[digest]
    return keys


def _shared_tasks(missing: Sequence[LeakyFit], keys: Mapping[Kind, WorkspaceKey]) -> list[Task]:
    """Return what several fits wait for: one resampling of the whole table each."""
    first: dict[tuple[str, int], LeakyFit] = {}
    for fit in missing:
        if fit.mistake.sampler:
            first.setdefault((fit.mistake.sampler, fit.split.repeat), fit)
    return [
        Task(
            key,
            (resample_first, (keys["resample"], fit)),
            STRATEGIES.lookup(fit.mistake.sampler).resample_seconds + 0.05,
        )
        for key, fit in first.items()
    ]


def _cost(fit: LeakyFit) -> float:
    """Return roughly how long a fit takes; only for the order."""
    cost = MODELS.lookup(fit.model).capabilities.fit_seconds
    return cost * 2 * N_TRIALS if fit.mistake.kind == "tune" else cost
