"""The folder that a run's matrices lie in while workers map them."""

from __future__ import annotations

import contextlib
import os
import platform
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def scratch_folder() -> Iterator[Path]:
    """Make a folder for this process, and remove it at the end.

    What runs that were killed on this machine have left behind is removed first.
    """
    _remove_left()
    with tempfile.TemporaryDirectory(prefix=f"{_prefix()}{os.getpid()}-") as name:
        yield Path(name)


def _prefix() -> str:
    """Return how folders of this machine begin: several hosts may share the parent folder."""
    return f"churnbench-{re.sub(r'[^A-Za-z0-9]', '', platform.node())}-"


def _remove_left() -> None:
    if os.name != "posix":  # elsewhere nobody can ask whether a process lives without harming it
        return
    named = re.compile(re.escape(_prefix()) + r"(\d+)-\w+")
    for path in Path(tempfile.gettempdir()).iterdir():
        match = named.fullmatch(path.name)
        if match and not _lives(int(match[1])) and _is_ours(path):
            shutil.rmtree(path, ignore_errors=True)  # another run may be removing it as well


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _is_ours(path: Path) -> bool:
    """Return whether ``path`` is a folder of this user, and not a link to one."""
    try:
        return path.lstat().st_uid == os.getuid() and path.is_dir() and not path.is_symlink()
    except OSError:
        return False
