"""``run --mlflow`` against a real server, a dead one, a failing one, and without MLflow."""

from __future__ import annotations

import http.server
import importlib.util
import os
import signal
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from kept import keep_run

from bench.analysis import build_leaderboard
from bench.cli.tracking import without_mlflow
from bench.domain import Candidate
from bench.store import Store
from bench.tracking.mlflow_server import check_server, track

Ask = Callable[..., Any]

RUN = ("run", "--dataset", "shop", "--folds", "2", "--jobs", "1", "--importance", "none")
RUN = (*RUN, "--models", "logistic", "--strategies", "none", "--tuning", "default")
BOARDS = {"leaderboard.md", "leaderboard.csv", "leaderboard.json", "run.json", "costs.csv"}

needs_mlflow = pytest.mark.skipif(
    importlib.util.find_spec("mlflow") is None, reason="mlflow is not installed"
)


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an MLflow server of our own."""
    if importlib.util.find_spec("mlflow") is None or importlib.util.find_spec("flask") is None:
        pytest.skip("mlflow with its server is not installed")
    folder = tmp_path_factory.mktemp("mlflow")
    port = free_port()
    command = [
        *(sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port)),
        *("--backend-store-uri", f"sqlite:///{folder / 'mlflow.db'}"),
        *("--artifacts-destination", str(folder / "artifacts"), "--workers", "1"),
    ]
    environment = {**os.environ, "MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true"}
    log = (folder / "server.log").open("wb")
    process = subprocess.Popen(
        command, cwd=folder, env=environment, stdout=log, stderr=log, start_new_session=True
    )
    uri = f"http://127.0.0.1:{port}"
    try:
        for _ in range(600):
            assert process.poll() is None, (folder / "server.log").read_text()
            try:
                with urllib.request.urlopen(f"{uri}/health", timeout=5):
                    break
            except (urllib.error.URLError, OSError):
                threading.Event().wait(0.2)
        yield uri
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=30)
        log.close()


class Failing(http.server.BaseHTTPRequestHandler):
    """Says that it is well, and refuses all else."""

    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/health" else 403)
        self.end_headers()

    def do_POST(self) -> None:
        self.do_GET()

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""


@pytest.fixture
def failing_server() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Failing) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def client_of(uri: str) -> Any:
    from mlflow import MlflowClient

    return MlflowClient(tracking_uri=uri)


def runs_of(uri: str, experiment: str) -> list[Any]:
    client = client_of(uri)
    found = client.get_experiment_by_name(experiment)
    return list(client.search_runs([found.experiment_id]))


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_run_is_one_parent_with_a_child_for_each_candidate(server: str, tmp_path: Path) -> None:
    good, poor = Candidate("catboost"), Candidate("logistic", "smote")
    store = Store(tmp_path / "kept")
    keep_run(store.folder, {good: 1.5, poor: 0.5}, repeats=1)
    (store.folder / "figures").mkdir()
    (store.folder / "figures" / "ranking.svg").write_text("<svg/>")
    (store.folder / "leaderboard.md").write_text("# Leaderboard\n")
    run = store.read_run()
    results = store.read_results(run.jobs)
    board = build_leaderboard(run, results, rank_by="roc_auc")

    done = track(board, results, folder=store.folder, uri=server)

    assert done.problem == ""
    assert done.page.startswith(f"{server}/#/experiments/")
    runs = runs_of(server, "churnbench-kept")
    (parent,) = (one for one in runs if "mlflow.parentRunId" not in one.data.tags)
    children = {one.info.run_name: one for one in runs if one is not parent}
    assert parent.info.run_id == done.run_id
    assert {one.info.status for one in runs} == {"FINISHED"}
    assert children.keys() == {str(good), str(poor)}
    assert {c.data.tags["mlflow.parentRunId"] for c in children.values()} == {done.run_id}
    for row in board.rows:
        metrics = children[str(row.candidate)].data.metrics
        for name, score in row.scores.items():
            assert metrics[name] == pytest.approx(score.mean)
            assert metrics[f"{name}_low"] == pytest.approx(score.low)
            assert metrics[f"{name}_high"] == pytest.approx(score.high)
    winner = children[str(good)]
    assert (winner.data.tags["winner"], winner.data.tags["rank"]) == ("true", "1")
    assert "winner" not in children[str(poor)].data.tags
    assert parent.data.tags["winner"] == str(good)
    assert parent.data.tags["winner_run_id"] == winner.info.run_id
    assert winner.data.params["model.depth"] == "3"
    assert parent.data.params["seed"] == "0"
    assert parent.info.end_time - parent.info.start_time == 12_500
    files = {file.path for file in client_of(server).list_artifacts(done.run_id)}
    assert files == {"leaderboard.md", "run.json", "figures"}
    figures = client_of(server).list_artifacts(done.run_id, "figures")
    assert [file.path for file in figures] == ["figures/ranking.svg"]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_the_command_line_logs_beside_its_usual_output(
    ask: Ask, add_table: Any, home: Path, server: str
) -> None:
    add_table()
    usual = ask(*RUN)
    board = (home / "results" / "shop" / "leaderboard.md").read_bytes()

    tracked = ask(*RUN, "--mlflow", server)

    assert tracked.code == usual.code == 0
    assert tracked.out == usual.out
    assert f"logged to MLflow: {server}/#/experiments/" in tracked.err
    assert (home / "results" / "shop" / "leaderboard.md").read_bytes() == board
    runs = runs_of(server, "churnbench-shop")
    assert len(runs) == 2
    (parent,) = (one for one in runs if "mlflow.parentRunId" not in one.data.tags)
    files = {file.path for file in client_of(server).list_artifacts(parent.info.run_id)}
    assert {*BOARDS, "figures"} <= files
    assert not files & {"records", "predictions", "studies", "values.npz"}


@needs_mlflow
@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_server_that_fails_after_the_fits_costs_nothing(
    ask: Ask, add_table: Any, home: Path, failing_server: str
) -> None:
    add_table()

    answer = ask(*RUN, "--mlflow", failing_server)

    assert answer.code == 0
    assert "logistic+none+default" in answer.out
    assert "warning: not logged to MLflow: " in answer.err
    assert "nothing is lost: results/shop holds everything" in answer.err
    assert "Traceback" not in answer.err
    assert {path.name for path in (home / "results" / "shop").iterdir()} >= BOARDS
    repeated = ask(*RUN)
    assert "2 of them kept from earlier runs" in repeated.err


@needs_mlflow
@pytest.mark.parametrize(
    ("uri", "message"),
    [
        ("http://127.0.0.1:{port}", "--mlflow {uri}: nothing answers there: "),
        ("127.0.0.1:5000", "--mlflow {uri}: no address, expected such as http://127.0.0.1:5000"),
        ("", "--mlflow : no address, expected such as http://127.0.0.1:5000"),
    ],
)
def test_a_server_that_cannot_be_reached_is_told_before_any_fit(
    ask: Ask, add_table: Any, home: Path, uri: str, message: str
) -> None:
    add_table()
    address = uri.format(port=free_port())

    answer = ask(*RUN, "--mlflow", address)

    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith(f"error: {message.format(uri=address)}")
    assert answer.err.endswith("hint: a server is started by: mlflow server --port 5000\n")
    assert not (home / "results").exists()


def test_without_mlflow_the_way_out_is_told_before_any_fit(
    ask: Ask, add_table: Any, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_table()
    monkeypatch.setitem(sys.modules, "mlflow", None)  # as if it were not installed

    answer = ask(*RUN, "--mlflow", "http://127.0.0.1:5000")

    assert (answer.code, answer.out) == (2, "")
    assert answer.err == (
        "error: --mlflow needs the package mlflow, which is not installed\n"
        "hint: python -m pip install 'churnbench[mlflow]', or leave --mlflow out\n"
    )
    assert not (home / "results").exists()


@needs_mlflow
def test_an_address_with_a_password_reaches_the_server(failing_server: str) -> None:
    check_server(failing_server.replace("http://", "http://me:secret@"))


@pytest.mark.parametrize(
    "words",
    [
        ("run", "--mlflow", "http://me:secret@host", "--seed", "1"),
        ("run", "--mlflow=http://me:secret@host", "--seed", "1"),
        ("run", "--seed", "1", "--mlflow", "--mlflow"),
        ("run", "--seed", "1"),
    ],
)
def test_the_command_that_is_kept_has_no_address_in_it(words: tuple[str, ...]) -> None:
    assert without_mlflow(words) == ["run", "--seed", "1"]
