"""The scratch folder: gone after a run, and what killed runs left is gone after the next."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from bench.execution.scratch import scratch_folder

pytestmark = pytest.mark.skipif(os.name != "posix", reason="asks whether processes live")

KILLED = """
import os
from bench.execution.scratch import scratch_folder
with scratch_folder() as folder:
    (folder / "matrix").write_bytes(b"1")
    print(folder, flush=True)
    os.kill(os.getpid(), 9)
"""


def killed_run() -> Path:
    """Return the folder of a process that was killed with its scratch folder open."""
    done = subprocess.run(
        [sys.executable, "-c", KILLED], stdout=subprocess.PIPE, text=True, check=False
    )
    assert done.returncode == -9
    return Path(done.stdout.strip())


def test_the_folder_is_gone_at_the_end() -> None:
    with scratch_folder() as folder:
        assert folder.is_dir()
    assert not folder.exists()


def test_what_a_killed_run_left_is_removed_by_the_next() -> None:
    left = killed_run()
    assert (left / "matrix").exists()
    with scratch_folder():
        assert not left.exists()


def test_folders_of_living_processes_other_machines_and_other_names_stay() -> None:
    left = killed_run()
    pid = re.search(r"-(\d+)-", left.name)
    assert pid is not None
    parent = Path(tempfile.gettempdir())
    elsewhere = parent / left.name.replace("churnbench-", "churnbench-otherhost", 1)
    living = parent / left.name.replace(pid[1], str(os.getppid()), 1)
    export = parent / f"churnbench-export-{pid[1]}"
    kept = (elsewhere, living, export)
    for folder in kept:
        folder.mkdir()
    try:
        with scratch_folder() as first, scratch_folder():
            assert all(folder.is_dir() for folder in (*kept, first))
    finally:
        for folder in kept:
            folder.rmdir()
    assert not left.exists()


def test_a_link_with_such_a_name_is_left_alone(tmp_path: Path) -> None:
    left = killed_run()
    with scratch_folder():
        pass
    (tmp_path / "precious").write_bytes(b"1")
    left.symlink_to(tmp_path)
    try:
        with scratch_folder():
            assert (tmp_path / "precious").exists()
    finally:
        left.unlink()
