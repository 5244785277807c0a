"""A severe finding stops a run until it is accepted, and then every board says so."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import bench
from bench.errors import DataError

Ask = Callable[..., Any]

RUN = ("run", "--dataset", "shop", "--folds", "2", "--jobs", "1", "--importance", "none")
RUN = (*RUN, "--models", "decision-tree", "--strategies", "none", "--tuning", "default")
LEAK = "column 'refund' alone has ROC-AUC 1.000: is it known before the customer leaves?"


@pytest.fixture
def leaking(add_table: Any) -> None:
    """A table in which a refund tells who left."""
    lines = ["age,refund,churned"]
    lines += [
        f"{20 + k * 7 % 50},{5 if k % 3 else 30},{'No' if k % 3 else 'Yes'}" for k in range(300)
    ]
    add_table("\n".join(lines) + "\n")


def test_a_severe_finding_stops_a_run_before_anything_is_written(
    ask: Ask, leaking: None, home: Path
) -> None:
    answer = ask(*RUN)

    assert answer.code == 2
    assert answer.out == ""
    assert answer.err.startswith(
        f"error: shop: figures would be false, so nothing is run:\n  target-leak: {LEAK}; "
    )
    assert '\n  [columns] drop = ["refund"]\n' in answer.err
    assert "--accept target-leak:refund" in answer.err
    assert not (home / "results").exists()


def test_what_is_accepted_is_on_every_board(ask: Ask, leaking: None, home: Path) -> None:
    answer = ask(*RUN, "--accept", "target-leak:refund")

    assert answer.code == 0, answer.err
    assert f"severe (accepted): {LEAK}" in answer.err
    assert f"accepted by --accept: {LEAK} (target-leak); " in " ".join(answer.out.split())
    folder = home / "results" / "shop"
    page = (folder / "leaderboard.md").read_text(encoding="utf-8")
    assert "DO NOT BELIEVE THESE FIGURES: severe faults were accepted." in page
    document = json.loads((folder / "leaderboard.json").read_text(encoding="utf-8"))
    assert document["dataset"]["accepted"] == ["target-leak:refund"]
    assert "accepted by --accept" in " ".join(ask("leaderboard", "results/shop").out.split())


def test_an_experiment_file_may_accept_and_a_flag_may_not_accept_what_is_not_there(
    ask: Ask, leaking: None, home: Path
) -> None:
    (home / "experiment.toml").write_text('accept = ["target-leak"]\n')
    assert ask(*RUN, "--config", "experiment.toml", "--plan").code == 0

    answer = ask(*RUN, "--accept", "shift")
    assert answer.code == 2
    assert answer.err.startswith("error: --accept shift matches no finding of shop\n")
    assert "target-leak:refund" in answer.err


def test_the_python_api_stops_and_accepts_in_the_same_way(leaking: None) -> None:
    asked = {"models": ("decision-tree",), "strategies": ("none",), "tuning": ("default",)}
    with pytest.raises(DataError, match="figures would be false"):
        bench.run("shop", folds=2, jobs=1, **asked)

    board = bench.run("shop", folds=2, jobs=1, accept=("target-leak",), importance="none", **asked)

    assert board.run.facts.accepted == ("target-leak",)


def test_check_shows_effect_and_remedy_and_ends_with_one(ask: Ask, leaking: None) -> None:
    answer = ask("check", "--dataset", "shop")

    assert answer.code == 1
    assert f"  severe: [target-leak] {LEAK}\n      effect: every model reads" in answer.out
    assert '      remedy: [columns] drop = ["refund"]\n' in answer.out
    assert "not fine: a run stops until this is mended" in answer.out
    found = json.loads(ask("check", "--dataset", "shop", "--json").out)["facts"]["findings"]
    assert found[0]["remedy"] == '[columns] drop = ["refund"]'
    assert answer.out == ask("check", "--dataset", "shop").out
