"""Runs with real worker processes: kept as they come, resumed, and the same every time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from doing import run_whole

from bench.doctor import diagnose
from bench.domain import (
    Candidate,
    Dataset,
    EvalProtocol,
    Experiment,
    Job,
    Record,
    Result,
    Split,
)
from bench.evaluation.splits import OUTER, STOP, inner_parts
from bench.evaluation.workspace import View, Workspace, WorkspaceKey
from bench.execution.engine import InlineEngine
from bench.execution.planning import Plan, plan_experiment
from bench.execution.running import Outcome, RunOptions, run_experiment
from bench.execution.traits import describe_traits
from bench.execution.work import Hooks, build_tasks
from bench.store import Store

EXPERIMENT = Experiment(
    "toy",
    (
        Candidate("logistic"),
        Candidate("decision-tree", "smote"),
        Candidate("lightgbm", "class-weight", "recommended"),
        Candidate("logistic", "auto", "optuna"),
    ),
    EvalProtocol(folds=2, trials=3, inner_folds=2),
    choices=("none", "random-over"),
    importance="native",
)
N_JOBS = 8
OPTIONS = RunOptions(workers=2, command="python -m bench run")


class Listener:
    """Remembers what it was told; interrupts after so many results, if asked to."""

    def __init__(self, interrupt_after: int = -1) -> None:
        self.missing: tuple[Job, ...] = ()
        self.started_ids: list[str] = []
        self.finished_ids: list[str] = []
        self.shares: dict[str, float] = {}
        self._interrupt_after = interrupt_after

    def planned(self, plan: Plan, missing: tuple[Job, ...], *, workers: int) -> None:
        self.missing = missing

    def started(self, job: Job) -> None:
        self.started_ids.append(job.id)

    def advanced(self, job: Job, share: float) -> None:
        self.shares[job.id] = self.shares.get(job.id, 0.0) + share

    def finished(self, result: Result) -> None:
        self.finished_ids.append(result.record.job.id)
        if len(self.finished_ids) == self._interrupt_after:
            raise KeyboardInterrupt


def run(
    dataset: Dataset,
    store: Store,
    *,
    experiment: Experiment = EXPERIMENT,
    listener: Listener | None = None,
    options: RunOptions = OPTIONS,
) -> Outcome:
    return run_experiment(
        experiment,
        dataset,
        diagnose(dataset),
        store=store,
        options=options,
        observer=listener or Listener(),
    )


def predictions(store: Store) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in (store.folder / "predictions").iterdir()}


@pytest.fixture(scope="module")
def whole(toy: Dataset, tmp_path_factory: pytest.TempPathFactory) -> tuple[Store, Outcome]:
    """An undisturbed run."""
    store = Store(tmp_path_factory.mktemp("whole") / "toy")
    return store, run(toy, store)


@pytest.fixture
def copied(whole: tuple[Store, Outcome], tmp_path: Path) -> Store:
    """A copy of the undisturbed run's results, to be tampered with."""
    import shutil

    shutil.copytree(whole[0].folder, tmp_path / "toy")
    return Store(tmp_path / "toy")


def test_every_job_has_a_finished_record_and_predictions(whole: tuple[Store, Outcome]) -> None:
    store, outcome = whole
    assert len(outcome.run.jobs) == N_JOBS
    assert set(outcome.results) == {job.id for job in outcome.run.jobs}
    assert {r.record.status for r in outcome.results.values()} == {"ok"}
    kept = store.read_results(outcome.run.jobs)
    for job_id, result in outcome.results.items():
        assert kept[job_id].record == result.record


def test_the_shares_of_a_study_are_reported_as_its_trials_end(toy: Dataset, tmp_path: Path) -> None:
    listener = Listener()
    outcome = run(toy, Store(tmp_path / "toy"), listener=listener)
    studied = [job.id for job in outcome.run.jobs if job.trials]
    assert listener.shares == {job_id: pytest.approx(0.95) for job_id in studied}


def test_run_json_says_what_was_done(whole: tuple[Store, Outcome]) -> None:
    store, outcome = whole
    found = store.read_run()
    assert found == outcome.run
    assert (found.n_fitted, found.n_reused, found.is_interrupted) == (N_JOBS, 0, False)
    assert found.failures == {}
    assert found.command == "python -m bench run"
    assert found.versions["scikit-learn"]
    assert found.facts.n_samples == 240


def test_no_row_of_the_data_is_in_the_results(whole: tuple[Store, Outcome], toy: Dataset) -> None:
    text = "".join(p.read_text(encoding="utf-8") for p in whole[0].folder.rglob("*.json"))
    for value in toy.X["usage"].head(50):
        assert repr(float(value)) not in text


def test_workers_score_as_this_process_does(
    whole: tuple[Store, Outcome],
    toy: Dataset,
    make_workspace: Callable[..., Workspace],
    tmp_path: Path,
) -> None:
    workspace = make_workspace(toy, folds=2)
    for job in whole[1].run.jobs:
        here = run_whole(job, workspace, "none", tmp_path).predictions
        there = whole[1].results[job.id].predictions
        assert here is not None
        assert there is not None
        np.testing.assert_array_equal(here.score, there.score)
        np.testing.assert_array_equal(here.inner_score, there.inner_score)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (RunOptions(is_pinned=True), ("inline", 1)),
        (RunOptions(is_pinned=True, workers=2), ("local", 2)),
        (RunOptions(workers=2), ("local", 2)),
        (RunOptions(is_pinned=True, engine="dask", workers=2), ("dask", 2)),
    ],
)
def test_little_work_is_done_by_a_pinned_process_unless_workers_are_asked_for(
    toy: Dataset, asked: RunOptions, expected: tuple[str, int]
) -> None:
    experiment = replace(EXPERIMENT, candidates=(Candidate("logistic"),))
    plan = plan_experiment(experiment, describe_traits(toy))
    settled = asked.settled(plan, plan.jobs)
    assert (settled.engine, settled.workers) == expected


def test_much_work_goes_to_workers(toy: Dataset) -> None:
    plan = plan_experiment(EXPERIMENT, describe_traits(toy))
    costly = replace(plan, costs=dict.fromkeys(plan.costs, 1.0))
    assert RunOptions(is_pinned=True).settled(costly, plan.jobs).engine == "local"


def test_a_run_in_this_process_leaves_what_workers_leave(
    whole: tuple[Store, Outcome], toy: Dataset, tmp_path: Path
) -> None:
    store = Store(tmp_path / "toy")
    run(toy, store, options=RunOptions(engine="inline", workers=1, command="python -m bench run"))
    assert predictions(store) == predictions(whole[0])


def test_what_a_call_in_this_process_raises_is_in_its_future() -> None:
    engine = InlineEngine()
    assert engine.submit(int, "7").result() == 7
    assert isinstance(engine.submit(int, "seven").exception(), ValueError)


def test_an_unchanged_run_fits_nothing_and_writes_no_prediction(
    copied: Store, toy: Dataset
) -> None:
    before = {p: p.stat().st_mtime_ns for p in copied.folder.rglob("*.npz")}
    listener = Listener()
    outcome = run(toy, copied, listener=listener)
    assert (listener.missing, listener.started_ids, listener.finished_ids) == ((), [], [])
    assert (outcome.run.n_fitted, outcome.run.n_reused) == (0, N_JOBS)
    assert {p: p.stat().st_mtime_ns for p in copied.folder.rglob("*.npz")} == before


@pytest.mark.parametrize("damage", ["removed", "failed", "cut"])
def test_only_what_is_missing_failed_or_damaged_is_fitted_again(
    copied: Store, toy: Dataset, whole: tuple[Store, Outcome], damage: str
) -> None:
    job = whole[1].run.jobs[3]
    record = copied.folder / "records" / f"{job.id}.json"
    if damage == "removed":
        record.unlink()
    elif damage == "failed":
        copied.write_result(Result(Record(job, "failed", error="boom"), None))
    else:
        record.write_bytes(record.read_bytes()[:100])
    listener = Listener()
    outcome = run(toy, copied, listener=listener)
    assert listener.started_ids == listener.finished_ids == [job.id]
    assert outcome.run.n_fitted == 1
    assert predictions(copied) == predictions(whole[0])


def test_more_candidates_and_repeats_keep_what_is_there(copied: Store, toy: Dataset) -> None:
    wider = replace(
        EXPERIMENT,
        candidates=(*EXPERIMENT.candidates[:2], Candidate("prior-only")),
        protocol=replace(EXPERIMENT.protocol, repeats=2),
    )
    outcome = run(toy, copied, experiment=wider)
    # Two candidates gain a repeat of two folds, the third is new.
    assert (outcome.run.n_fitted, outcome.run.n_reused) == (2 * 2 + 4, 2 * 2)
    assert len(outcome.run.jobs) == 12


def test_more_importance_refits_only_what_lacks_it(copied: Store, toy: Dataset) -> None:
    listener = Listener()
    run(toy, copied, experiment=replace(EXPERIMENT, importance="full"), listener=listener)
    assert {job.candidate for job in listener.missing} == {Candidate("logistic")}
    less = Listener()
    run(toy, copied, experiment=replace(EXPERIMENT, importance="none"), listener=less)
    assert less.missing == ()


def test_a_refit_that_fails_is_told_and_leaves_the_finished_result_as_it_is(
    copied: Store, toy: Dataset, whole: tuple[Store, Outcome]
) -> None:
    asked = replace(EXPERIMENT, candidates=(Candidate("logistic"),), importance="full")
    spoilt = replace(toy, X=toy.X.assign(usage=np.inf))  # no fit of it ends; the digest is the same
    listener = Listener()

    outcome = run_experiment(
        asked, spoilt, diagnose(toy), store=copied, options=OPTIONS, observer=listener
    )

    ids = [job.id for job in outcome.run.jobs]
    assert sorted(listener.finished_ids) == sorted(ids)
    assert set(outcome.run.failures) == set(ids)
    kept = copied.read_results(outcome.run.jobs)
    for job_id in ids:
        assert outcome.results[job_id].record == whole[1].results[job_id].record
        assert kept[job_id].record == whole[1].results[job_id].record
    # It is tried again, as any failure is.
    again = run(toy, copied, experiment=asked)
    assert (again.run.n_fitted, again.run.failures) == (2, {})
    assert {result.record.explained for result in again.results.values()} == {"full"}


def test_an_interrupted_run_keeps_what_was_finished_and_goes_on(
    toy: Dataset, tmp_path: Path, whole: tuple[Store, Outcome]
) -> None:
    store = Store(tmp_path / "toy")
    with pytest.raises(KeyboardInterrupt):
        run(toy, store, listener=Listener(interrupt_after=3))
    assert store.read_run().is_interrupted
    assert len(store.read_results(whole[1].run.jobs)) == 3
    outcome = run(toy, store)
    assert (outcome.run.n_fitted, outcome.run.n_reused) == (N_JOBS - 3, 3)
    assert predictions(store) == predictions(whole[0])


# --- what is shared -------------------------------------------------------------------


def test_shared_work_is_done_once_and_before_the_jobs_that_need_it(toy: Dataset) -> None:
    plan = plan_experiment(EXPERIMENT, describe_traits(toy))
    hooks = Hooks(keep=lambda result: None, advanced=lambda job, share: None)
    key = WorkspaceKey("x", 2, 0)
    tasks = build_tasks(plan.jobs, key, plan, studies=Path("none here"), hooks=hooks)
    keys = [task.key for task in tasks]
    assert len(keys) == len(set(keys))
    own = [t for t in tasks if t.job is not None and t.job.split == Split(0, 1)]
    by_candidate: dict[Candidate, set[object]] = {}
    for task in own:
        assert task.job is not None
        by_candidate.setdefault(task.job.candidate, set(task.after))
    outer, stop = View(Split(0, 1), OUTER), View(Split(0, 1), STOP)
    inner = {(View(Split(0, 1), part), "") for part in inner_parts(2)}
    assert by_candidate == {
        Candidate("logistic"): {(outer, "")},
        Candidate("decision-tree", "smote"): {(outer, ""), (outer, "smote")},
        # Weights are no matrices, so they are not shared.
        Candidate("lightgbm", "class-weight", "recommended"): {(outer, ""), (stop, "")},
        Candidate("logistic", "auto", "optuna"): {(outer, ""), *inner},
    }
    # The trials of a study follow each other, then comes the job.
    study = [t for t in own if t.job is not None and t.job.trials]
    assert [task.after for task in study[1:]] == [(task.key,) for task in study[:-1]]
    assert study[0].job is not None
    assert [task.key for task in study] == [
        *((study[0].job.id, number) for number in range(3)),
        study[0].job.id,
    ]
    resampled = next(task for task in tasks if task.key == (outer, "smote"))
    assert resampled.after == ((outer, ""),)
    assert resampled.job is None


@pytest.mark.parametrize(("asked", "n_jobs", "expected"), [(3, 100, 3), (8, 2, 2), (4, 0, 1)])
def test_there_are_no_more_workers_than_jobs(asked: int, n_jobs: int, expected: int) -> None:
    assert RunOptions(workers=asked).count_workers(n_jobs) == expected
