"""What tests do by hand: a table of a dataset, and jobs with studies from beginning to end."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.domain import Dataset, Importance, Job, Record, Result
from bench.evaluation.job import JobOptions, run_job, run_next_trial
from bench.evaluation.studies import Study, Tuned, conclude
from bench.evaluation.tables import ARRAYS, Table, read_table, write_table
from bench.evaluation.workspace import Workspace


def build_table(dataset: Dataset, groups: NDArray[np.int64]) -> Table:
    """Return the arrays that workers would map, in memory."""
    with tempfile.TemporaryDirectory() as folder:
        write_table(dataset, groups, Path(folder))
        table = read_table(Path(folder))
        return replace(table, **{name: np.copy(getattr(table, name), "K") for name in ARRAYS})


def run_study(workspace: Workspace, job: Job, *, studies: Path) -> Tuned:
    """Run, or continue, the study of ``job`` and return what it chose."""
    study = Study(job, studies)
    while study.n_finished < job.trials:
        outcome = run_next_trial(job, workspace, study.state)
        assert not isinstance(outcome, str), outcome
        study.add(outcome)
    return conclude(workspace, job, study.state)


def run_whole(job: Job, workspace: Workspace, importance: Importance, studies: Path) -> Result:
    """Do ``job`` with its study, if it has one."""
    if not job.trials:
        return run_job(job, workspace, JobOptions(importance))
    study = Study(job, studies)
    while study.n_finished < job.trials:
        outcome = run_next_trial(job, workspace, study.state)
        if isinstance(outcome, str):
            return Result(Record(job, "failed", error=outcome), None)
        study.add(outcome)
    return run_job(job, workspace, JobOptions(importance, study.state))
