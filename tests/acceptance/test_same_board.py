"""However a run is made, in whatever pieces, the board is the same to the byte."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow

N_CANDIDATES = 4 * 4 + 1 * 4 + 2  # default, recommended (lightgbm), auto (and logistic)


def run_json(shop: Any, out: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((shop.folder / out / "shop" / "run.json").read_text())
    return found


def test_a_dataset_of_ones_own_takes_one_toml_file_and_no_python(
    shop: Any, undisturbed: str, read_rows: Callable[[Path], list[dict[str, str]]]
) -> None:
    assert sorted(p.name for p in (shop.folder / "datasets").iterdir()) == ["shop.csv", "shop.toml"]
    rows = read_rows(shop.folder / undisturbed / "shop" / "leaderboard.csv")
    complete = [row for row in rows if row["status"] == "complete"]
    assert len(complete) == N_CANDIDATES
    assert 0.7 < max(float(row["roc_auc"]) for row in complete) < 0.95


def test_one_worker_and_two_make_the_same_board(
    shop: Any, undisturbed: str, grid: tuple[str, ...]
) -> None:
    shop.run(*grid, "--jobs", "1", "--out", "one-worker")
    assert shop.board("one-worker") == shop.board(undisturbed)


def test_an_unchanged_run_fits_nothing_and_leaves_the_same_board(
    shop: Any, undisturbed: str, grid: tuple[str, ...]
) -> None:
    before = shop.board(undisturbed)
    records = {p: p.stat().st_mtime_ns for p in (shop.folder / undisturbed).rglob("records/*")}
    shop.run(*grid, "--jobs", "2", "--out", undisturbed)
    run = run_json(shop, undisturbed)
    assert (run["n_fitted"], run["n_reused"]) == (0, 3 * N_CANDIDATES)
    assert shop.board(undisturbed) == before
    assert {
        p: p.stat().st_mtime_ns for p in (shop.folder / undisturbed).rglob("records/*")
    } == records


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_run_killed_at_a_random_moment_and_started_again_ends_with_the_same_board(
    shop: Any, undisturbed: str, grid: tuple[str, ...], seed: int
) -> None:
    out = f"killed-{seed}"
    records = shop.folder / out / "shop" / "records"
    moments = random.Random(seed)
    n_kills = 0
    for _ in range(2):
        process = shop.start(*grid, "--jobs", "2", "--out", out)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.communicate(timeout=moments.uniform(2, 12))
        n_kills += process.returncode is None
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
    kept = len(list(records.glob("*.json"))) if records.is_dir() else 0
    shop.run(*grid, "--jobs", "2", "--out", out)
    run = run_json(shop, out)
    assert n_kills > 0
    assert run["n_reused"] == kept
    assert run["n_fitted"] == 3 * N_CANDIDATES - kept
    assert shop.board(out) == shop.board(undisturbed)
