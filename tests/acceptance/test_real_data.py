"""The four real tables: what the data says of them, and that they run. Skipped without files."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import bench
from bench.data import load_dataset
from bench.doctor import diagnose

FILES = {
    "telco": "telco.csv",
    "ecommerce": "ecommerce.xlsx",
    "iranian-churn": "iranian_churn.csv",
    "bank-churn": "bank_churn.csv",
}


@pytest.fixture
def need(real_data: Path) -> Callable[[str], None]:
    def need(name: str) -> None:
        if not (real_data / FILES[name]).is_file():
            pytest.skip(f"BENCH_DATA_DIR has no {FILES[name]}")

    return need


@pytest.mark.parametrize(
    ("name", "n_rows", "n_positives", "n_grouped"),
    [
        ("telco", 7043, 1869, None),
        ("ecommerce", 5630, 948, 1114),  # 1112 as the file spells them, see its note
        ("iranian-churn", 3150, 495, 476),
        ("bank-churn", 10000, 2037, 0),
    ],
)
def test_a_real_table_has_its_known_rows_positives_and_doubles(
    need: Callable[[str], None],
    name: str,
    n_rows: int,
    n_positives: int,
    n_grouped: int | None,
) -> None:
    need(name)
    facts = diagnose(load_dataset(name))
    assert (facts.n_samples, facts.n_positives) == (n_rows, n_positives)
    assert n_grouped is None or facts.n_grouped_rows == n_grouped
    assert facts.n_duplicate_rows <= facts.n_grouped_rows
    if name == "ecommerce":
        assert facts.notes == (
            "1112 rows share all features with another row as the file spells them, "
            "1114 once the spellings of one level are merged",
        )


def run_quick(name: str, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(Path(bench.__file__).parents[1])}
    environment.pop("OMP_NUM_THREADS", None)
    return subprocess.run(
        [sys.executable, "-m", "bench", "run", "--dataset", name, "--preset", "quick", *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def quick_telco(
    real_data: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, dict[str, Any]]:
    """The results of ``quick`` on the real Telco table, and its ``run.json``."""
    if not (real_data / FILES["telco"]).is_file():
        pytest.skip("BENCH_DATA_DIR has no telco.csv")
    folder = tmp_path_factory.mktemp("telco")
    done = run_quick("telco", folder, "--jobs", "2")
    assert done.returncode == 0, done.stderr
    results = folder / "results" / "telco"
    return results, json.loads((results / "run.json").read_text(encoding="utf-8"))


@pytest.mark.slow
def test_quick_on_telco_gives_the_known_figures(
    quick_telco: tuple[Path, dict[str, Any]],
    read_rows: Callable[[Path], list[dict[str, str]]],
) -> None:
    rows = read_rows(quick_telco[0] / "leaderboard.csv")
    aucs = {(r["model"], r["strategy"]): float(r["roc_auc"]) for r in rows}
    assert len(aucs) == 12
    assert aucs["logistic", "none"] == pytest.approx(0.845, abs=0.004)
    assert max(aucs[model, "none"] for model in ("lightgbm", "xgboost", "catboost")) >= 0.845
    assert max(aucs.values()) <= 0.855


@pytest.mark.slow
def test_one_worker_makes_the_same_board_of_telco_as_two(
    quick_telco: tuple[Path, dict[str, Any]],
) -> None:
    results = quick_telco[0]
    done = run_quick("telco", results.parents[1], "--jobs", "1", "--out", "one-worker")
    assert done.returncode == 0, done.stderr
    one = results.parents[1] / "one-worker" / "telco" / "leaderboard.csv"
    assert one.read_bytes() == (results / "leaderboard.csv").read_bytes()


@pytest.mark.slow
def test_quick_again_on_telco_fits_nothing(quick_telco: tuple[Path, dict[str, Any]]) -> None:
    results, first = quick_telco
    done = run_quick("telco", results.parents[1])
    assert done.returncode == 0, done.stderr
    second = json.loads((results / "run.json").read_text(encoding="utf-8"))
    assert (first["n_fitted"], second["n_fitted"]) == (60, 0)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "n_grouped"), [("ecommerce", 1112), ("iranian-churn", 476), ("bank-churn", 0)]
)
def test_quick_runs_on_the_other_adapters_and_shows_rows_kept_together(
    need: Callable[[str], None],
    read_rows: Callable[[Path], list[dict[str, str]]],
    tmp_path: Path,
    name: str,
    n_grouped: int,
) -> None:
    need(name)
    done = run_quick(name, tmp_path, "--folds", "2", "--importance", "none")
    assert done.returncode == 0, done.stderr
    folder = tmp_path / "results" / name
    rows = read_rows(folder / "leaderboard.csv")
    assert {row["status"] for row in rows} == {"complete"}
    assert all(0.7 < float(row["roc_auc"]) <= 1 for row in rows)
    if n_grouped:
        assert f"{n_grouped} rows share all features with another row" in done.stderr
        board = (folder / "leaderboard.md").read_text(encoding="utf-8").replace(",", "")
        assert str(n_grouped) in board
