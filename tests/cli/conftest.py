"""A home of its own for every test, tables on demand, and the command line in it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

import bench
from bench.cli.app import main


class Answer(NamedTuple):
    code: int
    out: str
    err: str


Ask = Callable[..., Answer]
Start = Callable[..., "subprocess.Popen[str]"]
Write = Callable[..., Path]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current folder, a cache of its own and no data folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("BENCH_DATA_DIR", raising=False)
    monkeypatch.setenv("BENCH_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("COLUMNS", "200")
    return tmp_path


@pytest.fixture
def ask(home: Path, capsys: pytest.CaptureFixture[str]) -> Ask:
    """Run the command line in this process."""

    def ask(*arguments: str) -> Answer:
        try:
            code = main(arguments)
        except SystemExit as error:  # argparse's --help, --version and usage errors
            code = int(error.code or 0)
        captured = capsys.readouterr()
        return Answer(code, captured.out, captured.err)

    return ask


@pytest.fixture
def start(home: Path) -> Start:
    """Start ``python -m bench`` in a process group of its own."""
    root = str(Path(bench.__file__).parents[1])
    environment = {**os.environ, "PYTHONPATH": root, "NO_COLOR": "1"}
    environment.pop("OMP_NUM_THREADS", None)  # as users have it

    def start(*arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "bench", *arguments],
            cwd=home,
            env=environment,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            # A shell that starts tests in the background has them ignore Ctrl-C.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )

    return start


@pytest.fixture
def add_table(home: Path) -> Write:
    """Write ``datasets/shop.toml`` and, beside it, its table ``shop.csv``."""

    def add(table: str | bytes | None = None, *, toml: str = "", target: str = "churned") -> Path:
        folder = home / "datasets"
        folder.mkdir(exist_ok=True)
        text = customers() if table is None else table
        (folder / "shop.csv").write_bytes(text.encode() if isinstance(text, str) else text)
        (folder / "shop.toml").write_text(
            f'name = "shop"\n[source]\nfile = "shop.csv"\n[target]\ncolumn = "{target}"\n{toml}'
        )
        return folder / "shop.csv"

    return add


def customers(n_rows: int = 200) -> str:
    """Return customers as CSV text; those who pay much and use little leave."""
    random = np.random.default_rng(7)
    lines = ["customer,fee,usage,plan,churned"]
    for row in range(n_rows):
        fee, usage = random.normal(50, 10), random.normal()
        leaves = 0.1 * (fee - 50) - usage + random.logistic() > 1
        plan = ("basic", "plus", "team")[random.integers(3)]
        lines.append(f"c{row},{fee:.2f},{usage:.3f},{plan},{'Yes' if leaves else 'No'}")
    return "\n".join(lines) + "\n"
