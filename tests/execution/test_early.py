"""A worker that starts before the data are read: when, what it does, and how it ends."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path

import pytest
from kept import keep_run

from bench.api import Silent
from bench.doctor import diagnose
from bench.domain import Candidate, Dataset, EvalProtocol, Experiment, Result, Run
from bench.execution.early import early_workers, expects_work
from bench.execution.planning import plan_experiment
from bench.execution.running import Outcome, RunOptions, run_experiment
from bench.execution.traits import describe_traits
from bench.store import Store

EXPERIMENT = Experiment("toy", (Candidate("logistic"),), EvalProtocol(folds=2))


@pytest.fixture
def finished(tmp_path: Path) -> tuple[Store, Run]:
    """Results of a run that ended well."""
    store = Store(tmp_path / "toy")
    keep_run(store.folder, {Candidate("logistic"): 1.0, Candidate("dummy-prior"): 0.0})
    return store, store.read_run()


def test_no_worker_starts_early_for_what_the_last_run_finished(
    finished: tuple[Store, Run],
) -> None:
    store, run = finished
    assert not expects_work(run.experiment, store.folder)
    with early_workers(run.experiment, store.folder, workers=2, plugins=()) as early:
        assert early is None


@pytest.mark.parametrize("what", ["candidates", "interrupted", "failed", "nothing there", "cut"])
def test_work_is_expected_where_the_last_run_left_some(
    finished: tuple[Store, Run], what: str
) -> None:
    store, run = finished
    experiment, path = run.experiment, store.folder / "run.json"
    if what == "candidates":
        experiment = replace(experiment, candidates=(*experiment.candidates, Candidate("lightgbm")))
    elif what == "interrupted":
        store.write_run(replace(run, is_interrupted=True))
    elif what == "failed":
        store.write_run(replace(run, failures={"a": "ValueError"}))
    elif what == "nothing there":
        path.unlink()
    else:
        path.write_text(path.read_text(encoding="utf-8")[:200], encoding="utf-8")
    assert expects_work(experiment, store.folder)


def run_with(options: RunOptions, toy: Dataset, store: Store) -> Outcome:
    return run_experiment(
        EXPERIMENT, toy, diagnose(toy), store=store, options=options, observer=Silent()
    )


@pytest.mark.slow
def test_the_early_worker_does_the_fits_and_is_gone_afterwards(
    toy: Dataset, tmp_path: Path
) -> None:
    here, there = Store(tmp_path / "here"), Store(tmp_path / "there")
    plan = plan_experiment(EXPERIMENT, describe_traits(toy))
    with early_workers(EXPERIMENT, there.folder, workers=1, plugins=()) as early:
        assert early is not None
        pid = early.submit(os.getpid).result()
        options = RunOptions(early=early)
        assert options.settled(plan, plan.jobs).workers == 1
        outcome = run_with(options, toy, there)
        assert outcome.run.n_fitted == 2
        assert early.submit(os.getpid).result() == pid
    deadline = time.monotonic() + 30
    while Path(f"/proc/{pid}").exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not Path(f"/proc/{pid}").exists()
    run_with(RunOptions(engine="inline", workers=1), toy, here)
    assert _predictions(here) == _predictions(there)


def _predictions(store: Store) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (store.folder / "predictions").iterdir()}


class Interrupted(Silent):
    """Presses Ctrl-C when the first result is kept."""

    def finished(self, result: Result) -> None:
        raise KeyboardInterrupt


@pytest.mark.slow
def test_an_interrupted_run_stops_early_workers_before_their_scratch_goes(
    toy: Dataset, tmp_path: Path
) -> None:
    store = Store(tmp_path / "toy")
    with early_workers(EXPERIMENT, store.folder, workers=1, plugins=()) as early:
        assert early is not None
        pid = early.submit(os.getpid).result()
        with pytest.raises(KeyboardInterrupt):
            run_experiment(
                EXPERIMENT,
                toy,
                diagnose(toy),
                store=store,
                options=RunOptions(early=early),
                observer=Interrupted(),
            )
        assert not Path(f"/proc/{pid}").exists()
