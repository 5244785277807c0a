"""An MLflow server is told of a run: one parent, one child for each candidate, the boards.

Only ``--mlflow`` leads here. Whether the server can be reached is asked before
the first fit; when it fails afterwards that is told, and nothing is lost:
``results/`` was written before.
"""

from __future__ import annotations

import http.client
import os
import re
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bench.domain import Leaderboard, Result
from bench.errors import UsageError
from bench.guard import Raised, attempt
from bench.tracking.entries import (
    Entry,
    describe_experiment,
    describe_row,
    records_by_fit,
    winner_of,
)

if TYPE_CHECKING:
    from mlflow import MlflowClient

REPORTS = ("*.md", "*.csv", "*.json", "*.html")
"""What of a results folder is handed on beside ``figures/``: never records nor predictions."""

_HOST_AND_PORT = re.compile(r"[\w.-]+:\d+/?")

MOST_METRICS, MOST_TEXTS = 800, 100
"""What a server takes in one batch: so many metrics, parameters and tags, and 1,000 in all."""

SETTINGS = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "30",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
}
"""Told to MLflow where the user did not: by default it tries a dead server for minutes."""


@dataclass(frozen=True)
class Tracked:
    """What came of it: the parent's id and page, or what went wrong."""

    run_id: str = ""
    page: str = ""
    problem: str = ""


def check_server(uri: str) -> None:
    """Refuse what cannot work, before anything is fitted.

    Raises
    ------
    UsageError
        If MLflow is not installed, ``uri`` is no address, or nothing answers there.
    """
    import importlib.util

    if importlib.util.find_spec("mlflow") is None:
        raise UsageError(
            "--mlflow needs the package mlflow, which is not installed",
            hint="python -m pip install 'churnbench[mlflow]', or leave --mlflow out",
        )
    start = "a server is started by: mlflow server --port 5000"
    if not uri or _HOST_AND_PORT.fullmatch(uri):
        raise UsageError(
            f"--mlflow {uri}: no address, expected such as http://127.0.0.1:5000", hint=start
        )
    if not uri.startswith(("http://", "https://")):
        return  # a folder or a database, which MLflow makes itself
    try:
        with urllib.request.urlopen(f"{_shown(uri)}/health", timeout=10):
            pass
    except urllib.error.HTTPError:
        pass  # somebody answers: whether we may log is between MLflow and the server
    except (OSError, ValueError, http.client.HTTPException) as error:
        reason = getattr(error, "reason", error)
        raise UsageError(f"--mlflow {uri}: nothing answers there: {reason}", hint=start) from None


def track(
    leaderboard: Leaderboard, results: Mapping[str, Result], *, folder: Path, uri: str
) -> Tracked:
    """Log a run, its candidates and the files in ``folder``; never raises.

    Parameters
    ----------
    leaderboard : Leaderboard
    results : mapping of job id to Result
        Whose parameters are logged.
    folder : Path
        Whose boards and figures become artifacts of the parent.
    uri : str
        Of the server.
    """
    with _settings():
        done = attempt(lambda: _log(leaderboard, results, folder=folder, uri=uri))
    if isinstance(done, Raised):
        first_line = (str(done.error).strip().splitlines() or [type(done.error).__name__])[0]
        return Tracked(problem=first_line)
    return done.value


def _log(
    leaderboard: Leaderboard, results: Mapping[str, Result], *, folder: Path, uri: str
) -> Tracked:
    from mlflow import MlflowClient

    client = MlflowClient(tracking_uri=uri)
    run = leaderboard.run
    name = os.environ.get("MLFLOW_EXPERIMENT_NAME", f"churnbench-{run.facts.name}")
    found = client.get_experiment_by_name(name)
    experiment_id = client.create_experiment(name) if found is None else found.experiment_id
    start, end = _times(run.started_at, run.seconds)
    parent = _start(client, describe_experiment(leaderboard), experiment_id, start=start)
    is_done = False
    try:
        winner = winner_of(leaderboard)
        records = records_by_fit(run, results)
        for row in leaderboard.rows:
            entry = describe_row(
                row, records.get(row.candidate.fitted, ()), is_winner=row is winner
            )
            child = _start(client, entry, experiment_id, start=start, parent=parent)
            if row is winner:
                client.set_tag(parent, "winner_run_id", child)
            client.set_terminated(child, "FINISHED" if row.n_splits else "FAILED", end)
        _log_files(client, parent, folder)
        is_done = True
    finally:
        # A failing server may refuse this, too; then the error of before is the one that counts.
        status = "KILLED" if run.is_interrupted else "FAILED" if run.failures else "FINISHED"
        ended = attempt(lambda: client.set_terminated(parent, status if is_done else "FAILED", end))
    if isinstance(ended, Raised):
        raise ended.error
    is_web = uri.startswith(("http://", "https://"))
    page = f"{_shown(uri)}/#/experiments/{experiment_id}/runs/{parent}" if is_web else uri
    return Tracked(parent, page)


def _start(
    client: MlflowClient, entry: Entry, experiment_id: str, *, start: int, parent: str = ""
) -> str:
    """Create a run with all that ``entry`` holds and return its id."""
    from mlflow.entities import Metric, Param, RunTag

    parents = {"mlflow.parentRunId": parent} if parent else {}
    run = client.create_run(experiment_id, start_time=start, tags=parents, run_name=entry.name)
    run_id: str = run.info.run_id
    metrics = [Metric(name, value, start, 0) for name, value in entry.metrics.items()]
    params = [Param(name, value) for name, value in entry.params.items()]
    tags = [RunTag(name, value) for name, value in entry.tags.items()]
    while metrics or params or tags:
        client.log_batch(run_id, metrics[:MOST_METRICS], params[:MOST_TEXTS], tags[:MOST_TEXTS])
        del metrics[:MOST_METRICS], params[:MOST_TEXTS], tags[:MOST_TEXTS]
    return run_id


def _log_files(client: MlflowClient, run_id: str, folder: Path) -> None:
    """Hand on the boards and the figures."""
    for pattern in REPORTS:
        for path in sorted(folder.glob(pattern)):
            client.log_artifact(run_id, str(path))
    if (folder / "figures").is_dir():
        client.log_artifacts(run_id, str(folder / "figures"), "figures")


def _shown(uri: str) -> str:
    """Return the address of a web server without a name, a password and a final slash in it."""
    address = urlsplit(uri)
    return address._replace(netloc=address.netloc.rpartition("@")[2]).geturl().rstrip("/")


def _times(started_at: str, seconds: float) -> tuple[int, int]:
    """Return when a run began and ended, in milliseconds since 1970."""
    start = int(datetime.fromisoformat(started_at).timestamp() * 1000) if started_at else 0
    return start, start + int(seconds * 1000)


@contextmanager
def _settings() -> Iterator[None]:
    """Have MLflow know our settings where the user has none, for this long."""
    added = {name: value for name, value in SETTINGS.items() if name not in os.environ}
    os.environ.update(added)
    try:
        yield
    finally:
        for name in added:
            os.environ.pop(name, None)
