"""``leaderboard --all-datasets`` on folders that hold results, and on those that do not."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bench.domain import (
    Candidate,
    DatasetFacts,
    EvalProtocol,
    Experiment,
    Job,
    Predictions,
    Record,
    Result,
    Run,
)
from bench.store import Store

CANDIDATES = (Candidate("catboost"), Candidate("logistic"))


@pytest.fixture
def keep(home: Path) -> Callable[..., None]:
    """Write a folder of results with customers of its own."""

    def write(name: str, *, seed: int, origin: str = "file") -> None:
        protocol = EvalProtocol(folds=2)
        rng = np.random.default_rng(seed)
        y = (rng.random(400) < 0.3).astype(np.int8)
        facts = DatasetFacts(name, name, f"{seed:064d}", "file", 400, 2, int(y.sum()), ("a", "b"))
        store = Store(home / "results" / name)
        jobs = tuple(
            Job(facts.digest, c, split, folds=2, seed=0)
            for c in CANDIDATES
            for split in protocol.splits
        )
        nothing = np.array([])
        for job in jobs:
            rows = np.arange(200, dtype=np.int32) + 200 * job.split.fold
            gain = 2.0 if job.candidate.model == "catboost" else 1.0
            score = 1 / (1 + np.exp(1 - gain * y[rows] - rng.normal(size=200)))
            predictions = Predictions(rows, y[rows], score, nothing.astype(np.int8), nothing)
            store.write_result(Result(Record(job, "ok"), predictions))
        facts = replace(facts, origin=origin)  # type: ignore[arg-type]
        store.write_run(Run(Experiment(name, CANDIDATES, protocol), facts, jobs, ()))

    return write


def test_the_board_goes_over_all_folders_and_lies_beside_them(keep, ask, home: Path) -> None:
    for k, name in enumerate(("bank", "iran", "telco")):
        keep(name, seed=k)
    keep("telco-standin", seed=7, origin="stand-in")

    answer = ask("leaderboard", "--all-datasets")

    assert answer.code == 0
    assert "Leaderboard across 3 datasets" in answer.out
    assert "Over 3 datasets, catboost+none+default has the best mean rank by ROC-AUC" in answer.out
    assert "left out: telco-standin (stand-in data, not the real table)" in answer.out
    page = (home / "results" / "leaderboard.md").read_text(encoding="utf-8")
    assert page.startswith("# Leaderboard across datasets\n")
    lines = (home / "results" / "leaderboard.csv").read_text(encoding="utf-8").splitlines()
    assert [line.split(",")[:2] for line in lines[1:]] == [["1", "catboost"], ["2", "logistic"]]


@pytest.mark.parametrize("format_", ["table", "json"])
def test_a_damaged_folder_stops_no_other_and_is_named(keep, ask, home: Path, format_: str) -> None:
    for k, name in enumerate(("bank", "iran", "telco")):
        keep(name, seed=k)
    shutil.rmtree(home / "results" / "bank" / "predictions")
    (home / "results" / "iran" / "run.json").write_text("{")

    answer = ask("leaderboard", "--all-datasets", "--format", format_)

    assert answer.code == 2
    assert "error: results/bank: 4 of the 4 fits of this run cannot be read" in answer.err
    assert "error: results/iran/run.json: cannot be read" in answer.err
    assert answer.err.count("hint: ") == 2
    assert "telco" in answer.out if format_ == "json" else "across 1 dataset" in answer.out


def test_nothing_but_damaged_folders_writes_no_board(keep, ask, home: Path) -> None:
    keep("bank", seed=0)
    shutil.rmtree(home / "results" / "bank" / "records")

    answer = ask("leaderboard", "--all-datasets")

    assert (answer.code, answer.out) == (2, "")
    assert not (home / "results" / "leaderboard.md").exists()


def test_of_two_folders_of_one_adapter_the_newer_run_counts(keep, ask, home: Path) -> None:
    for k, (folder, day) in enumerate((("bank", "20"), ("bank-again", "21"))):
        keep(folder, seed=k)
        store = Store(home / "results" / folder)
        run = store.read_run()
        facts = replace(run.facts, name="bank", digest=day * 32)
        store.write_run(replace(run, facts=facts, started_at=f"2026-11-{day}T12:00:00+00:00"))

    page = ask("leaderboard", "--all-datasets", "--format", "md").out

    assert "| 212121212121 |" in page
    assert "left out: bank (another folder of the same adapter holds a newer run)" in page


@pytest.mark.parametrize("columns", [40, 60, 80])
def test_a_narrow_terminal_gets_whole_names_and_means(
    keep, ask, monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    for k, name in enumerate(("bank", "iran", "telco")):
        keep(name, seed=k)
    monkeypatch.setenv("COLUMNS", str(columns))

    lines = ask("leaderboard", "--all-datasets").out.splitlines()

    assert max(map(len, lines[:-1])) <= columns
    first = "catboost+none" if columns == 40 else "catboost+none+default"
    assert lines[4].split()[:3] == ["1", first, "1.00"]
    assert "…" not in "".join(lines)
    assert ("datasets" in lines[2]) == (columns == 80)


def test_a_folder_beside_all_datasets_is_a_contradiction(keep, ask) -> None:
    keep("bank", seed=0)

    answer = ask("leaderboard", "results/bank", "--all-datasets")

    assert answer.code == 2
    assert "--all-datasets goes over all of them, but results/bank is named too" in answer.err


def test_without_results_the_way_to_some_is_told(ask, home: Path) -> None:
    answer = ask("leaderboard", "--all-datasets", "--out", "elsewhere")

    assert answer.code == 2
    assert "elsewhere: no results here" in answer.err
    assert "hint: python -m bench run --dataset telco" in answer.err
