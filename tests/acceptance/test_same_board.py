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
    complete = [row for row in rows if row["status"] == "complete" and row["repair"] == "none"]
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


def kill_after(process: subprocess.Popen[bytes], records: Path, n_records: int) -> None:
    """Kill a run and all its workers as soon as so many results are kept."""
    while process.poll() is None and len(list(records.glob("*.json"))) < n_records:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=0.01)
    assert process.returncode is None, "it ended before it could be killed"
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_run_killed_at_random_moments_and_started_again_ends_with_the_same_board(
    shop: Any, undisturbed: str, grid: tuple[str, ...], seed: int
) -> None:
    out = f"killed-{seed}"
    records = shop.folder / out / "shop" / "records"
    moments = sorted(random.Random(seed).sample(range(1, 3 * N_CANDIDATES - 8), k=2))
    for n_records in moments:
        kill_after(shop.start(*grid, "--jobs", "2", "--out", out), records, n_records)
    kept = len(list(records.glob("*.json")))
    shop.run(*grid, "--jobs", "2", "--out", out)
    run = run_json(shop, out)
    assert run["n_reused"] == kept >= moments[-1]
    assert run["n_fitted"] == 3 * N_CANDIDATES - kept
    assert shop.board(out) == shop.board(undisturbed)
