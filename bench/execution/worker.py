"""What runs inside a worker process; it knows a workspace by its key only."""

from __future__ import annotations

import functools
import os
import threading
import time

from bench.domain import Job, Result
from bench.evaluation.job import JobOptions, run_job, run_next_trial
from bench.evaluation.studies import StudyState
from bench.evaluation.trials import TrialOutcome
from bench.evaluation.workspace import View, Workspace, WorkspaceKey
from bench.plugins import load_plugins


def initialise(plugins: tuple[str, ...]) -> None:
    """Load users' plug-ins and what every job needs; called once in every worker."""
    preload()
    threading.Thread(target=_die_with, args=(os.getppid(),), daemon=True).start()
    load_plugins(plugins)


def preload() -> None:
    """Import what every job needs, so that no job's seconds hold it."""
    import sklearn.impute
    import sklearn.preprocessing  # noqa: F401


def ready() -> None:
    """Do nothing, in a worker that has started."""


def _die_with(parent: int) -> None:
    """End this process when ``parent`` has been killed, in the middle of a fit if need be."""
    while os.getppid() == parent:
        time.sleep(1.0)
    os._exit(1)


@functools.lru_cache(maxsize=1)
def _workspace(key: WorkspaceKey) -> Workspace:
    return Workspace(key)


def do_shared(key: WorkspaceKey, view: View, strategy: str) -> None:
    """Make the matrices of ``view`` (and of ``strategy``, if named) for the jobs that wait."""
    workspace = _workspace(key)
    if strategy:
        workspace.trainable(view, strategy)
    else:
        workspace.prepared(view)
    workspace.tidy()


def do_trial(key: WorkspaceKey, job: Job, state: StudyState) -> TrialOutcome | str:
    """Do the next trial of a study, and return it or the traceback of its failure."""
    workspace = _workspace(key)
    outcome = run_next_trial(job, workspace, state)
    workspace.tidy()
    return outcome


def do_job(key: WorkspaceKey, job: Job, options: JobOptions) -> Result:
    """Do one job."""
    workspace = _workspace(key)
    result = run_job(job, workspace, options)
    workspace.tidy()
    return result


def give_back(result: Result | None) -> Result | None:
    """Do nothing: a failed study has no more work, and its job is answered."""
    return result
