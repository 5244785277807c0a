"""What a results folder holds, and what writing it again costs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from bench.analysis.importance import ImportanceTable
from bench.domain import Leaderboard
from bench.reports.writing import write_reports

FILES = [
    "costs.csv",
    "feature_importance.csv",
    "feature_importance.md",
    "figures/README.md",
    "figures/feature_importance.csv",
    "figures/feature_importance.png",
    "figures/feature_importance.svg",
    "figures/ranking.csv",
    "figures/ranking.png",
    "figures/ranking.svg",
    "leaderboard.csv",
    "leaderboard.json",
    "leaderboard.md",
]


def test_the_folder_holds_the_promised_files_and_no_others(
    few_rows: Leaderboard, importance: ImportanceTable, tmp_path: Path
) -> None:
    paths = write_reports(tmp_path, few_rows, importance=importance)

    found = [path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.is_file()]
    assert sorted(path.as_posix() for path in found) == FILES
    assert sorted(path.relative_to(tmp_path).as_posix() for path in paths) == FILES


def test_pages_link_to_figures_that_are_there(
    few_rows: Leaderboard, importance: ImportanceTable, tmp_path: Path
) -> None:
    write_reports(tmp_path, few_rows, importance=importance)

    assert "](figures/ranking.svg)" in (tmp_path / "leaderboard.md").read_text()
    assert "](figures/feature_importance.svg)" in (tmp_path / "feature_importance.md").read_text()


def test_writing_twice_changes_no_byte(
    few_rows: Leaderboard, importance: ImportanceTable, tmp_path: Path
) -> None:
    paths = write_reports(tmp_path, few_rows, importance=importance)
    before = [path.read_bytes() for path in paths]

    write_reports(tmp_path, few_rows, importance=importance)

    assert [path.read_bytes() for path in paths] == before


def test_importing_the_reports_imports_nothing_heavy() -> None:
    modules = "writing, terminal, figures, markdown, importance_markdown, csv_files"
    heavy = "{'numpy', 'pandas', 'matplotlib', 'rich', 'sklearn', 'lightgbm', 'optuna'}"
    code = (
        f"import sys; from bench.reports import {modules}; "
        f"print(sorted({heavy} & set(sys.modules)))"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == "[]\n"
