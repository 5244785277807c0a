"""Versions, machine and memory are what this process really has."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import subprocess
from pathlib import Path

import numpy as np
import pytest

from bench.environment import (
    PeakMemory,
    conflicting_libraries,
    describe_machine,
    find_commit,
    library_version,
    library_versions,
    usable_cores,
)


def install(folder: Path, name: str, version: str) -> None:
    """Make ``folder`` look as if pip had installed a distribution into it."""
    info = folder / f"{name.replace('-', '_')}-{version}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")


def git(folder: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false")
    command = ["git", "-C", str(folder), *identity, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def test_a_version_is_that_of_the_installed_distribution() -> None:
    assert library_version("numpy") == np.__version__
    assert library_versions(["numpy"]) == {"numpy": importlib.metadata.version("numpy")}


def test_a_distribution_that_is_not_installed_is_missing() -> None:
    assert library_version("no-such-distribution") == "missing"


def test_xgboost_and_xgboost_cpu_side_by_side_are_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path, "xgboost", "3.2.0")
    install(tmp_path, "xgboost-cpu", "3.2.0")
    monkeypatch.syspath_prepend(tmp_path)
    assert conflicting_libraries() == (
        "xgboost and xgboost-cpu are both installed and overwrite each other's files: "
        "uninstall both, then install one"
    )


def test_the_machine_is_this_one() -> None:
    machine = describe_machine()
    assert machine["python"] == platform.python_version()
    assert machine["cores"] == usable_cores()
    assert 1 <= machine["cores"] <= (os.cpu_count() or 1)
    assert machine["processor"]


def test_peak_memory_sees_what_was_allocated_and_freed() -> None:
    with PeakMemory() as small:
        pass
    with PeakMemory() as large:
        np.ones(25_000_000)  # 200 MB, gone at once
    assert large.peak_mb >= small.peak_mb + 150
    assert small.peak_mb > 0


def test_there_is_no_commit_outside_a_repository(tmp_path: Path) -> None:
    assert find_commit(tmp_path) == ""


def test_the_commit_is_named_and_marked_where_files_changed(tmp_path: Path) -> None:
    try:
        git(tmp_path, "init", "-q")
    except FileNotFoundError:
        pytest.skip("git is not installed")
    (tmp_path / "a.txt").write_text("one")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-q", "-m", "one")
    commit = git(tmp_path, "rev-parse", "--short=12", "HEAD")
    assert find_commit(tmp_path) == commit
    (tmp_path / "a.txt").write_text("two")
    assert find_commit(tmp_path) == f"{commit}+"
