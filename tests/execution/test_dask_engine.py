"""Fits on a Dask cluster: real schedulers and workers, some of which are killed."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import bench
from bench.api import write_boards
from bench.doctor import diagnose
from bench.domain import Candidate, Dataset, EvalProtocol, Experiment, Job, Result
from bench.environment import ONE_THREAD
from bench.errors import UsageError
from bench.evaluation.workspace import Workspace, WorkspaceKey
from bench.execution.engines import check_engine, count_slots, open_engine
from bench.execution.planning import Plan
from bench.execution.running import Outcome, RunOptions, run_experiment
from bench.execution.scheduling import Schedule, Task
from bench.execution.stages import Stage
from bench.execution.worker import ready
from bench.store import Store

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("distributed") is None, reason="distributed is not installed"
)

ROOT = Path(bench.__file__).parents[1]
HERE = str(Path(__file__).parent)
VERSIONS_HINT = "numbers depend on them: install the same versions on every host"


class Cluster:
    """A scheduler and workers, each a process of its own on this machine."""

    def __init__(self) -> None:
        # As on other hosts: nothing of this process's settings of threads.
        self._environment = {
            **{k: v for k, v in os.environ.items() if k not in ONE_THREAD},
            "PYTHONPATH": str(ROOT),
        }
        self.processes: list[subprocess.Popen[str]] = []
        self._readers: list[threading.Thread] = []
        line = self._start("scheduler", "--port", "0", awaited="Scheduler at:")
        self.address = line.split()[-1]

    def _start(self, kind: str, *arguments: str, awaited: str, **environment: str) -> str:
        """Start a process, and return the first line that it logs with what is awaited."""
        command = [sys.executable, "-m", f"distributed.cli.dask_{kind}", *arguments]
        process = subprocess.Popen(
            [*command, "--no-dashboard", "--host", "127.0.0.1"],
            cwd=HERE,  # which -m puts on the path
            env={**self._environment, **environment},
            stderr=subprocess.PIPE,
            text=True,
        )
        self.processes.append(process)
        assert process.stderr is not None
        line = next(line for line in iter(process.stderr.readline, "") if awaited in line)
        # Nobody reads on: what it logs must not fill the pipe.
        reader = threading.Thread(target=process.stderr.read)
        self._readers.append(reader)
        reader.start()
        return line

    def add_worker(self, *, threads: int = 1, **environment: str) -> None:
        """Start a worker, and wait until the scheduler has it."""
        options = ("--nthreads", str(threads), "--no-nanny")
        self._start("worker", self.address, *options, awaited="Registered to:", **environment)

    @property
    def workers(self) -> list[subprocess.Popen[str]]:
        return self.processes[1:]

    def close(self) -> None:
        for process in reversed(self.processes):
            process.kill()
            process.wait()
        for reader in self._readers:
            reader.join()
        for process in self.processes:
            assert process.stderr is not None
            process.stderr.close()


@contextmanager
def cluster_of(n_workers: int) -> Iterator[Cluster]:
    cluster = Cluster()
    try:
        for _ in range(n_workers):
            cluster.add_worker()
        yield cluster
    finally:
        cluster.close()


@pytest.fixture(scope="module")
def two() -> Iterator[Cluster]:
    """Two workers that nobody kills."""
    with cluster_of(2) as cluster:
        yield cluster


Open = Callable[..., Any]


@pytest.fixture
def dask() -> Open:
    """Open an engine on a cluster."""
    from bench.execution.dask_engine import DaskEngine

    def open_on(cluster: Cluster, **options: Any) -> DaskEngine:
        return DaskEngine(1, scheduler=cluster.address, **options)

    return open_on


# --- the same numbers -----------------------------------------------------------------

EXPERIMENT = Experiment(
    "toy",
    (
        Candidate("logistic"),
        Candidate("decision-tree", "smote"),
        Candidate("random-forest", "adasyn"),
        Candidate("lightgbm", "smote-tomek"),
        Candidate("xgboost", "class-weight", "recommended"),
        Candidate("catboost", "random-under"),
        Candidate("lightgbm", "none", "optuna"),
        Candidate("logistic", "smote", "optuna"),
    ),
    EvalProtocol(folds=2, trials=3, inner_folds=2),
    importance="native",
)


class Listener:
    """Calls ``at_start`` whenever a fit or a trial begins."""

    def __init__(self, at_start: Callable[[int], None] = lambda number: None) -> None:
        self.n_started = 0
        self._at_start = at_start

    def planned(self, plan: Plan, missing: tuple[Job, ...], *, workers: int) -> None:
        pass

    def staged(self, stage: Stage) -> None:
        pass

    def started(self, job: Job) -> None:
        self.n_started += 1
        self._at_start(self.n_started)

    def advanced(self, job: Job, share: float) -> None:
        pass

    def finished(self, result: Result) -> None:
        pass


def run(dataset: Dataset, folder: Path, listener: Listener, **options: Any) -> Outcome:
    store = Store(folder)
    outcome = run_experiment(
        EXPERIMENT,
        dataset,
        diagnose(dataset),
        store=store,
        options=RunOptions(workers=2, command="python -m bench run", **options),
        observer=listener,
    )
    write_boards(outcome.run, outcome.results, store)
    return outcome


def contents(folder: Path) -> dict[str, bytes]:
    """The board and every prediction."""
    files = [folder / "leaderboard.csv", *sorted((folder / "predictions").iterdir())]
    return {str(file.relative_to(folder)): file.read_bytes() for file in files}


@pytest.fixture(scope="module")
def local(toy: Dataset, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int]:
    """A run with the local engine: its folder, and how many fits and trials it began."""
    folder = tmp_path_factory.mktemp("local")
    listener = Listener()
    outcome = run(toy, folder, listener)
    assert outcome.run.failures == {}
    return folder, listener.n_started


@pytest.mark.slow
def test_a_cluster_of_our_own_gives_the_same_bytes(
    toy: Dataset, local: tuple[Path, int], tmp_path: Path
) -> None:
    run(toy, tmp_path, Listener(), engine="dask")
    assert contents(tmp_path) == contents(local[0])


@pytest.mark.slow
def test_with_a_worker_killed_in_the_middle_the_bytes_are_the_same(
    toy: Dataset, local: tuple[Path, int], tmp_path: Path
) -> None:
    with cluster_of(2) as cluster:

        def kill_one(number: int) -> None:
            if number == local[1] // 2:
                cluster.workers[0].kill()

        listener = Listener(kill_one)
        run(toy, tmp_path, listener, engine="dask", scheduler=cluster.address)
        assert cluster.workers[0].wait() == -signal.SIGKILL
    assert contents(tmp_path) == contents(local[0])
    # Nothing that had been handed in was asked for again.
    assert listener.n_started == local[1]


# --- workers that are lost, and that come ---------------------------------------------


def note(folder: str, name: str) -> str:
    """Write down that ``name`` was begun."""
    with open(f"{folder}/{name}", "a") as out:
        out.write("begun\n")
    return name


def note_and_kill_dask_worker(folder: str, name: str) -> str:
    """Kill this machine's worker, the first time; then wait for the end that this brings."""
    note(folder, name)
    if len(Path(folder, name).read_text().splitlines()) == 1:
        os.kill(os.getppid(), signal.SIGKILL)
        threading.Event().wait()
    return name


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def fail() -> None:
    raise ValueError("no")


def outcomes(tasks: list[Task], engine: Any) -> dict[Any, Any]:
    ended: dict[Any, Any] = {}

    def keep(key: Any, future: Any) -> None:
        assert key not in ended
        ended[key] = future.exception() or future.result()

    for task in tasks:
        task.on_end = partial(keep, task.key)
    Schedule(tasks, on_start=lambda task: None).run(engine)
    return ended


@pytest.mark.slow
def test_a_lost_worker_costs_only_what_it_had_not_handed_over(tmp_path: Path, dask: Open) -> None:
    names = [f"task-{i}" for i in range(12)]
    tasks = [
        Task(k, (note_and_kill_dask_worker if k == "task-5" else note, (str(tmp_path), k)), 1.0)
        for k in names
    ]
    with cluster_of(2) as cluster, dask(cluster) as engine:
        assert outcomes(tasks, engine) == {name: name for name in names}
    times = {name: len((tmp_path / name).read_text().splitlines()) for name in names}
    assert times.pop("task-5") == 2
    # It may have died holding the result of the one before.
    assert sorted(times.values()) in ([1] * 11, [1] * 10 + [2])


def test_the_task_that_kills_its_process_is_blamed_and_no_other(two: Cluster, dask: Open) -> None:
    tasks = [
        Task("guilty", (die, ()), 9.0),
        *(Task(i, (note_nothing, (i,)), 1.0) for i in range(8)),
    ]
    with dask(two) as engine:
        ended = outcomes(tasks, engine)
    guilty = ended.pop("guilty")
    assert isinstance(guilty, ChildProcessError)
    assert re.fullmatch(r"SIGKILL and SIGKILL on tcp://127\.0\.0\.1:\d+", str(guilty))
    assert ended == {i: i for i in range(8)}
    assert all(worker.poll() is None for worker in two.workers)


def note_nothing(value: int) -> int:
    return value


def test_what_a_task_raises_is_its_own_outcome(two: Cluster, dask: Open) -> None:
    with dask(two) as engine, pytest.raises(ValueError, match=r"^no$"):
        engine.submit(fail).result()


@pytest.mark.slow
def test_a_worker_that_joins_later_gets_everything(
    toy: Dataset, dask: Open, tmp_path: Path
) -> None:
    with cluster_of(1) as cluster, dask(cluster, is_shared=False) as engine:
        key = workspace(toy, tmp_path)
        engine.publish(tmp_path)
        cluster.workers[0].kill()
        cluster.workers[0].wait()
        future = engine.submit(table_of, key)
        cluster.add_worker(OMP_NUM_THREADS="2")
        folder, n_samples = future.result()
    assert n_samples == len(toy.y)
    assert folder != str(tmp_path)


@pytest.mark.slow
def test_a_lost_scheduler_ends_the_run_with_a_message(dask: Open) -> None:
    message = (
        "the connection to the Dask scheduler is lost\n"
        "hint: everything finished is kept; the same command goes on from there"
    )
    with cluster_of(1) as cluster, dask(cluster) as engine:
        future = engine.submit(wait_for_ever)
        cluster.processes[0].kill()
        assert isinstance(future.exception(), BrokenExecutor)
        with pytest.raises(UsageError, match=f"^{message}$"):
            outcomes([Task("a", (ready, ()), 1.0)], engine)


def wait_for_ever(fifo: str = "") -> None:
    if fifo:
        Path(fifo).write_text(str(os.getpid()))
    threading.Event().wait()


def test_stopping_ends_what_is_in_flight_and_leaves_the_cluster(
    two: Cluster, dask: Open, tmp_path: Path
) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    engine = dask(two)
    engine.submit(wait_for_ever, str(fifo))
    process = int(fifo.read_text())
    engine.stop()
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)
    with dask(two) as again:
        assert again.submit(note_nothing, 3).result() == 3


def test_a_closed_pool_does_no_task_and_has_no_process() -> None:
    from bench.execution.dask_worker import Pool

    pool = Pool(1, (), place="here")
    pool.close()
    assert pool.call(b"") is None


# --- hosts and threads ----------------------------------------------------------------


def workspace(dataset: Dataset, folder: Path) -> WorkspaceKey:
    from bench.evaluation.splits import row_groups

    return Workspace.stage(dataset, row_groups(dataset, "together"), folder, folds=3, seed=0)


def table_of(key: WorkspaceKey) -> tuple[str, int]:
    return key.folder, len(Workspace(key).table.y)


def test_a_host_that_sees_the_workspace_maps_it(
    two: Cluster, dask: Open, toy: Dataset, tmp_path: Path
) -> None:
    key = workspace(toy, tmp_path)
    with dask(two) as engine:
        engine.publish(tmp_path)
        assert engine.submit(table_of, key).result() == (str(tmp_path), len(toy.y))


def test_a_host_that_does_not_see_the_workspace_gets_one_copy_and_removes_it(
    two: Cluster, dask: Open, toy: Dataset, tmp_path: Path
) -> None:
    key = workspace(toy, tmp_path)
    with dask(two, is_shared=False) as engine:
        engine.publish(tmp_path)
        found = {engine.submit(table_of, key).result() for _ in range(6)}
        ((folder, n_samples),) = found
        assert n_samples == len(toy.y)
        assert folder != str(tmp_path)
        for file in (tmp_path / "table").iterdir():
            assert Path(folder, "table", file.name).read_bytes() == file.read_bytes()
    assert not Path(folder).exists()


def threads() -> tuple[list[str | None], set[int]]:
    from threadpoolctl import threadpool_info

    pools = {pool["num_threads"] for pool in threadpool_info()}
    return [os.environ.get(name) for name in ONE_THREAD], pools


@pytest.mark.slow
def test_a_worker_of_several_threads_does_as_many_fits_each_with_one_thread(dask: Open) -> None:
    with cluster_of(0) as cluster:
        cluster.add_worker(threads=2, OMP_NUM_THREADS="2", OPENBLAS_NUM_THREADS="2")
        assert count_slots(cluster.address) == 2  # what the plan's minutes are divided by
        with dask(cluster) as engine:
            assert engine.workers == 2
            names, pools = engine.submit(threads).result()
    assert names == ["1"] * len(ONE_THREAD)
    assert pools == {1}


# --- what cannot be used --------------------------------------------------------------


def message_of(call: Callable[[], object]) -> str:
    with pytest.raises(UsageError) as caught:
        call()
    return str(caught.value)


def test_an_engine_that_is_not_known_or_has_no_scheduler_is_refused() -> None:
    assert message_of(lambda: check_engine("dsk", "")) == (
        "--engine: unknown engine 'dsk'; did you mean 'dask'?\nhint: choose from: local, dask"
    )
    assert message_of(lambda: check_engine("local", "tcp://a:1")) == (
        "--scheduler tcp://a:1 is for Dask, but the engine is local\nhint: add --engine dask"
    )
    assert message_of(lambda: check_engine("dask", "10.0.0.5")) == (
        "--scheduler 10.0.0.5 is no address, expected one such as tcp://10.0.0.5:8786"
    )


@pytest.mark.slow
def test_a_scheduler_that_does_not_answer_is_named() -> None:
    def connect() -> None:
        with open_engine("dask", workers=1, plugins=(), scheduler="tcp://127.0.0.1:1"):
            pass

    message = message_of(connect)
    assert message.startswith("no Dask scheduler answers at tcp://127.0.0.1:1: Timed out")
    assert message.endswith("\nhint: start one: dask scheduler; then workers: dask worker ADDRESS")


@pytest.mark.slow
def test_a_cluster_without_workers_is_refused(dask: Open) -> None:
    with cluster_of(0) as cluster:
        assert message_of(lambda: dask(cluster)) == (
            f"the Dask cluster at {cluster.address} has no workers\n"
            f"hint: start some, on any host: dask worker {cluster.address}"
        )


@pytest.mark.slow
def test_a_worker_with_other_versions_is_named_with_its_libraries(
    dask: Open, tmp_path: Path
) -> None:
    other = tmp_path / "lightgbm-0.1.dist-info"
    other.mkdir()
    (other / "METADATA").write_text("Metadata-Version: 2.1\nName: lightgbm\nVersion: 0.1\n")
    here = importlib.metadata.version("lightgbm")
    with cluster_of(1) as cluster:
        cluster.add_worker(PYTHONPATH=os.pathsep.join([str(tmp_path), str(ROOT)]))
        message = message_of(lambda: dask(cluster))
    pattern = (
        rf"worker tcp://127\.0\.0\.1:\d+ has lightgbm 0\.1, expected lightgbm {re.escape(here)} "
        rf"as here\nhint: {re.escape(VERSIONS_HINT)}"
    )
    assert re.fullmatch(pattern, message)


@pytest.mark.slow
def test_a_worker_without_bench_is_named(dask: Open, tmp_path: Path) -> None:
    (tmp_path / "bench.py").touch()  # shadows ours
    with cluster_of(0) as cluster:
        cluster.add_worker(PYTHONPATH=str(tmp_path))
        message = message_of(lambda: dask(cluster))
    pattern = (
        rf"worker tcp://127\.0\.0\.1:\d+ cannot run churnbench {re.escape(bench.__version__)}: "
        r'ModuleNotFoundError\("No module named .bench\.execution.; .bench. is not a package"\)\n'
        r"hint: install the same version on every host"
    )
    assert re.fullmatch(pattern, message)


def test_a_plug_in_that_a_worker_cannot_load_is_named(
    two: Cluster, dask: Open, tmp_path: Path
) -> None:
    (tmp_path / "mine.py").write_text("import only_here\n")
    with dask(two, plugins=(str(tmp_path / "mine.py"),)) as engine:
        message = message_of(lambda: engine.publish(tmp_path))
    pattern = (
        r"worker tcp://127\.0\.0\.1:\d+: \S+/mine\.py:1: ModuleNotFoundError: "
        r"No module named 'only_here'\nhint: mend the plug-in and try again"
    )
    assert re.fullmatch(pattern, message)


# --- plug-ins, from the command line --------------------------------------------------

PLUGIN = """
from bench.models.base import Model

class Mine(Model):
    name = "mine"

    def build(self, params, *, seed, threads):
        from sklearn.tree import DecisionTreeClassifier
        return DecisionTreeClassifier(max_depth=3, random_state=seed)

class Deadly(Model):
    name = "deadly"

    def build(self, params, *, seed, threads):
        import os
        os.kill(os.getpid(), 9)

MODELS = (Mine(), Deadly())
"""


@pytest.mark.slow
def test_plug_ins_reach_the_workers_and_a_deadly_one_fails_alone(
    two: Cluster, tmp_path: Path
) -> None:
    (tmp_path / "mine.py").write_text(PLUGIN)
    asked = ["--dataset", "telco-standin", "--models", "mine,deadly,logistic"]
    asked += ["--strategies", "none", "--tuning", "default", "--folds", "2"]
    engine = ["--engine", "dask", "--scheduler", two.address, "--plugin", "mine.py"]
    command = [sys.executable, "-m", "bench", "run", *asked, "--importance", "none", *engine]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    for source in (PLUGIN, PLUGIN.replace("max_depth=3", "max_depth=4")):
        # The second time the workers are the same, and the model is another one.
        (tmp_path / "mine.py").write_text(source)
        done = subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 1, done.stderr
        run = json.loads((tmp_path / "results/telco-standin/run.json").read_text(encoding="utf-8"))
        pattern = (
            r"the worker process died: ChildProcessError: "
            r"SIGKILL and SIGKILL on tcp://127\.0\.0\.1:\d+"
        )
        assert len(run["failures"]) == 2
        assert all(re.fullmatch(pattern, error) for error in run["failures"].values())
        assert run["n_fitted"] == 6 if source is PLUGIN else 4
