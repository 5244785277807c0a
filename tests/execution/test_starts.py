"""Starts of studies are learnt from other datasets only, and are part of a job's identity."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from doing import run_study

from bench.domain import Candidate, EvalProtocol, Experiment, Job, Record, Result, Split
from bench.errors import UsageError
from bench.evaluation.trials import start_from
from bench.evaluation.workspace import Workspace
from bench.execution.starts import with_learnt_starts
from bench.models import MODELS
from bench.store import Store

STUDY = Candidate("decision-tree", "none", "optuna")
EXPERIMENT = Experiment("toy", (STUDY, Candidate("logistic")), EvalProtocol(trials=3))
CHOSEN = {"max_depth": 3, "min_samples_leaf": 21, "criterion": "gini"}


def keep(folder: Path, params: dict[str, Any], *, digest: str, trials: int = 5) -> None:
    """Keep a record of a study of other data."""
    job = Job(digest, STUDY, Split(0, 0), folds=5, seed=0, trials=trials, inner_folds=3)
    Store(folder).write_result(Result(Record(job, "ok", params=params), None))


def learn(results: Path) -> Experiment:
    return with_learnt_starts(EXPERIMENT, results, dataset_digest="mine")


def test_each_other_dataset_gives_one_start_and_is_named(tmp_path: Path) -> None:
    keep(tmp_path / "b", {**CHOSEN, "max_depth": 7}, digest="two")
    keep(tmp_path / "a", CHOSEN, digest="one")
    found = learn(tmp_path)
    start = {f"model.{name}": value for name, value in CHOSEN.items()}
    assert found.starts == {"decision-tree": (start, {**start, "model.max_depth": 7})}
    assert found.starts_from == ("a", "b")


def test_the_longest_study_of_a_dataset_is_believed(tmp_path: Path) -> None:
    keep(tmp_path / "a", {**CHOSEN, "max_depth": 9}, digest="one", trials=4)
    keep(tmp_path / "a", CHOSEN, digest="one", trials=40)
    assert learn(tmp_path).starts["decision-tree"][0]["model.max_depth"] == 3


def test_a_dataset_never_learns_from_its_own_records(tmp_path: Path) -> None:
    keep(tmp_path / "toy", CHOSEN, digest="mine")
    with pytest.raises(UsageError) as caught:
        learn(tmp_path)
    assert caught.value.message == (
        f"--learn-starts: no study of another dataset has chosen anything for "
        f"decision-tree in {tmp_path}"
    )


def test_a_run_without_studies_has_nothing_to_start(tmp_path: Path) -> None:
    plain = replace(EXPERIMENT, candidates=(Candidate("logistic"),))
    with pytest.raises(UsageError) as caught:
        with_learnt_starts(plain, tmp_path, dataset_digest="mine")
    assert caught.value.message == "--learn-starts is for studies, and this run has none"


def test_only_what_a_study_tunes_becomes_a_start() -> None:
    params = {"learning_rate": 0.05, "n_estimators": 77, "subsample_freq": 1}
    assert start_from(MODELS.lookup("lightgbm"), params) == {"model.learning_rate": 0.05}


def test_a_study_with_starts_is_another_job_and_tries_them_second(
    toy_workspace: Workspace, make_job: Callable[..., Job], tmp_path: Path
) -> None:
    plain = make_job(STUDY, trials=3)
    started = replace(plain, starts=({f"model.{k}": v for k, v in CHOSEN.items()},))
    assert started.id != plain.id
    run_study(toy_workspace, started, studies=tmp_path)
    lines = (tmp_path / f"{started.id}.log").read_text(encoding="utf-8").splitlines()
    assert '"model.min_samples_leaf":21' in lines[2]
    run_study(toy_workspace, plain, studies=tmp_path)
    assert '"model.min_samples_leaf":21' not in (tmp_path / f"{plain.id}.log").read_text(
        encoding="utf-8"
    )
