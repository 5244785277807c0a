"""``leaderboard --all-datasets`` on folders that hold results, and on those that do not."""

from __future__ import annotations

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
