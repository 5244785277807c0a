"""Jobs with studies, done from beginning to end in this process."""

from __future__ import annotations

from pathlib import Path

from bench.domain import Importance, Job, Record, Result
from bench.evaluation.job import JobOptions, run_job, run_next_trial
from bench.evaluation.studies import Study, Tuned, conclude
from bench.evaluation.workspace import Workspace


def run_study(workspace: Workspace, job: Job, *, studies: Path) -> Tuned:
    """Run, or continue, the study of ``job`` and return what it chose."""
    study = Study(job, studies)
    while not study.is_finished:
        outcome = run_next_trial(job, workspace, study.state)
        assert not isinstance(outcome, str), outcome
        study.add(outcome)
    return conclude(workspace, job, study.state)


def run_whole(job: Job, workspace: Workspace, importance: Importance, studies: Path) -> Result:
    """Do ``job`` with its study, if it has one."""
    if not job.trials:
        return run_job(job, workspace, JobOptions(importance))
    study = Study(job, studies)
    while not study.is_finished:
        outcome = run_next_trial(job, workspace, study.state)
        if isinstance(outcome, str):
            return Result(Record(job, "failed", error=outcome), None)
        study.add(outcome)
    return run_job(job, workspace, JobOptions(importance, study.state))
