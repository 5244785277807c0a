"""The Python side: progress on request, a leaderboard that a notebook can show, a frame."""

from __future__ import annotations

import io
import re
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import bench
from bench.domain import Leaderboard
from bench.errors import StoreError

ASKED: dict[str, Any] = {
    "models": ("logistic",),
    "strategies": ("none",),
    "tuning": ("default",),
    "folds": 2,
    "jobs": 1,
    "importance": "none",
}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BENCH_CACHE_DIR", str(tmp_path / "cache"))
    (tmp_path / "datasets").mkdir()
    lines = ["usage,churned"]
    lines += [
        f"{row % 7}.{row % 3},{'Yes' if row % 7 + row % 4 > 6 else 'No'}" for row in range(90)
    ]
    (tmp_path / "datasets" / "shop.csv").write_text("\n".join(lines) + "\n")
    (tmp_path / "datasets" / "shop.toml").write_text(
        'name = "shop"\n[source]\nfile = "shop.csv"\n[target]\ncolumn = "churned"\n'
    )
    return tmp_path


def test_a_script_hears_nothing_unless_it_asks(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    board = bench.run("shop", **ASKED)
    silent = capsys.readouterr()
    bench.run("shop", show=True, **ASKED)
    shown = capsys.readouterr()

    assert isinstance(board, Leaderboard)
    assert "logistic+none+default" in board._repr_html_()
    assert (silent.out, silent.err) == ("", "")
    assert shown.out == ""
    assert "plan: 1 candidate, 2 fits, 2 of them kept from earlier runs" in shown.err


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("foo", "run() got an unexpected keyword argument 'foo'"),
        (
            "modls",
            "run() got an unexpected keyword argument 'modls'; did you mean 'models' or 'folds'?",
        ),
        ("job", "run() got an unexpected keyword argument 'job'; did you mean 'jobs'?"),
    ],
)
def test_an_argument_that_there_is_not_is_told_as_python_does(
    home: Path, name: str, message: str
) -> None:
    with pytest.raises(TypeError, match=f"^{re.escape(message)}$"):
        bench.run("shop", **{name: 1})


class KernelStream(io.StringIO):
    """What a notebook's kernel has for stdout: it calls itself a terminal."""

    def isatty(self) -> bool:
        return True


def test_a_notebook_hears_in_plain_lines_below_its_cell(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    shell = SimpleNamespace(kernel=object())
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))
    cell = KernelStream()
    monkeypatch.setattr(sys, "stdout", cell)

    bench.run("shop", **ASKED)
    heard = cell.getvalue()
    bench.run("shop", show=False, **ASKED)

    assert "plan: 1 candidate, 2 fits" in heard
    assert "\x1b" not in heard
    assert cell.getvalue() == heard
    assert capsys.readouterr().err == ""


def test_a_board_is_read_as_a_frame(home: Path) -> None:
    board = bench.run("shop", **ASKED)

    frame = bench.read_leaderboard("results/shop")

    assert list(frame["model"]) == ["logistic"]
    assert frame["roc_auc"][0] == pytest.approx(board.rows[0].scores["roc_auc"].mean, abs=1e-6)
    with pytest.raises(StoreError, match=r"^results/bank/leaderboard\.csv: no such board\nhint: "):
        bench.read_leaderboard("results/bank")
