"""``run``, ``leaderboard``, ``add`` and ``check`` on a small table, with real workers."""

from __future__ import annotations

import csv
import json
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Ask = Callable[..., Any]

SMALL = ("run", "--dataset", "shop", "--folds", "2", "--jobs", "2")
FAST = (*SMALL, "--models", "logistic,decision-tree", "--strategies", "none,smote")
FAST = (*FAST, "--tuning", "default")

FAILING = """
from bench.models import Model

class Breaks(Model):
    name = "breaks"

    def build(self, params, *, seed, threads):
        if OPEN_DOOR.exists():
            from sklearn.linear_model import LogisticRegression
            return LogisticRegression()
        raise RuntimeError("the door is shut")

import pathlib
OPEN_DOOR = pathlib.Path("@PATH@")
MODELS = (Breaks(),)
"""


UNCLEAR = """
    def coefficients(self, estimator):
        raise ZeroDivisionError("no slope")
"""


def board(home: Path) -> list[dict[str, str]]:
    with (home / "results" / "shop" / "leaderboard.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_plan_says_what_would_run_and_runs_nothing(ask: Ask, add_table: Any, home: Path) -> None:
    add_table()
    answer = ask(
        *FAST, "--plan", "--models", "logistic,svm-linear", "--tuning", "recommended,default"
    )
    assert answer.code == 0
    assert "plan: 4 candidates, 8 fits; about " in answer.out
    assert "  default: 4 candidates: logistic, svm-linear × none, smote\n" in answer.out
    assert "logistic has no recommended settings beside its defaults" in answer.out
    assert not (home / "results").exists()


def test_flags_beat_the_experiment_file(ask: Ask, add_table: Any, home: Path) -> None:
    add_table()
    (home / "experiment.toml").write_text(
        'dataset = "shop"\nmodels = ["logistic"]\nstrategies = ["none"]\nfolds = 4\n'
        'tuning = ["default"]\n'
    )
    answer = ask("run", "--config", "experiment.toml", "--folds", "3", "--plan")
    assert "plan: 1 candidate, 3 fits" in answer.out


def test_a_run_leaves_its_boards_and_repeated_fits_nothing(
    ask: Ask, add_table: Any, home: Path
) -> None:
    add_table()
    first = ask(*FAST)
    assert first.code == 0, first.err
    folder = home / "results" / "shop"
    names = {p.name for p in folder.iterdir()}
    assert {
        "leaderboard.md",
        "leaderboard.csv",
        "leaderboard.json",
        "costs.csv",
        "feature_importance.md",
        "feature_importance.csv",
        "run.json",
        "records",
        "predictions",
    } <= names
    rows = [(r["model"], r["strategy"], r["repair"]) for r in board(home)]
    assert len(rows) == len(set(rows)) == 4 + 2  # smote is shown after its repair too
    kept = (folder / "leaderboard.csv").read_bytes()
    records = {p: p.stat().st_mtime_ns for p in (folder / "records").iterdir()}
    assert len(records) == 8

    second = ask(*FAST)
    assert second.code == 0
    assert "8 of them kept from earlier runs" in second.err
    assert (folder / "leaderboard.csv").read_bytes() == kept
    assert {p: p.stat().st_mtime_ns for p in (folder / "records").iterdir()} == records

    shown = ask("leaderboard")
    assert shown.code == 0
    assert "logistic" in shown.out
    best = json.loads(ask("leaderboard", "results/shop", "--json", "--rank-by", "brier").out)
    assert best["rank_by"] == "brier"
    unknown = ask("leaderboard", "--rank-by", "briar")
    assert unknown.code == 2
    assert unknown.err.startswith("error: unknown metric 'briar'; did you mean 'brier'?")


def test_ranking_by_another_metric_never_refits(ask: Ask, add_table: Any, home: Path) -> None:
    add_table()
    assert ask(*FAST).code == 0
    answer = ask(*FAST, "--rank-by", "log_loss")
    assert "8 of them kept from earlier runs" in answer.err
    rows = [row for row in board(home) if row["rank"]]
    losses = [float(row["log_loss"]) for row in rows]
    assert losses == sorted(losses)


def test_a_table_is_added_by_one_command_and_can_be_run(
    ask: Ask, add_table: Any, home: Path
) -> None:
    table = add_table().rename(home / "shop.csv")
    (home / "datasets" / "shop.toml").unlink()
    added = ask("add", str(table), "--target", "churned")
    assert added.code == 0, added.err
    assert "wrote datasets/shop.toml\n" in added.out
    assert added.out.endswith("next: python -m bench run --dataset shop --preset quick\n")
    again = ask("add", str(table), "--target", "churned")
    assert again.code == 2
    assert "datasets/shop.toml exists already" in again.err
    checked = ask("check", "--dataset", "shop", "--json")
    facts = json.loads(checked.out)["facts"]
    assert facts["n_samples"] == 200
    assert facts["features"] == ["fee", "usage", "plan"]  # customer is an identifier
    assert ask(*FAST).code == 0


def test_a_job_that_fails_is_shown_kept_and_tried_again(
    start: Any, add_table: Any, home: Path
) -> None:
    add_table()
    door = home / "door"
    (home / "mine.py").write_text(FAILING.replace("@PATH@", str(door)))
    arguments = (*SMALL, "--plugin", "mine.py", "--models", "logistic,breaks")
    arguments = (*arguments, "--strategies", "none", "--tuning", "default")

    process = start(*arguments)
    _, err = process.communicate()
    assert process.returncode == 1
    assert "failed: breaks+none+default, repeat 0, fold 0: RuntimeError: the door is shut" in err
    assert "2 of 4 fits failed; their tracebacks are in records/" in err
    run = json.loads((home / "results" / "shop" / "run.json").read_text(encoding="utf-8"))
    assert set(run["failures"].values()) == {"RuntimeError: the door is shut"}
    for job_id in run["failures"]:
        path = home / "results" / "shop" / "records" / f"{job_id}.json"
        error = json.loads(path.read_text(encoding="utf-8"))["error"]
        assert error.startswith("Traceback (most recent call last):\n")
    row = next(row for row in board(home) if row["model"] == "breaks")
    assert (row["status"], float(row["coverage"])) == ("failed", 0)
    assert (row["roc_auc"], row["rank"]) == ("", "")

    door.touch()
    process = start(*arguments)
    _, err = process.communicate()
    assert process.returncode == 0, err
    assert "2 of them kept from earlier runs" in err
    row = next(row for row in board(home) if row["model"] == "breaks")
    assert row["status"] == "complete"
    assert 0.5 < float(row["roc_auc"]) < 1


def test_an_explanation_that_fails_is_told_and_one_that_cannot_be_added_is_tried_again(
    start: Any, add_table: Any, home: Path
) -> None:
    add_table()
    door = home / "door"
    door.touch()
    text = FAILING.replace("@PATH@", str(door))
    text = text.replace("\n    def build", f"\n{UNCLEAR}\n    def build")
    (home / "mine.py").write_text(text)
    arguments = (*SMALL, "--plugin", "mine.py", "--models", "breaks")
    arguments = (*arguments, "--strategies", "none", "--tuning", "default", "--importance")

    first = start(*arguments, "native")
    _, told = first.communicate()
    door.unlink()
    second = start(*arguments, "full")
    _, again = second.communicate()

    unclear = (
        "importance by coefficient failed in 2 fits of breaks+none+default "
        "(not tried again): ZeroDivisionError: no slope\n"
    )
    assert (first.returncode, second.returncode) == (0, 1)
    assert told.endswith(unclear)
    assert again.endswith(
        unclear + "importances could not be added to 2 fits (the next run tries again): "
        "RuntimeError: the door is shut\n"
    )


@pytest.mark.slow
def test_an_interrupted_run_ends_with_130_and_goes_on_from_there(
    start: Any, add_table: Any, home: Path
) -> None:
    add_table()
    arguments = (*SMALL, "--models", "random-forest,logistic", "--repeats", "10")
    process = start(*arguments, "--strategies", "none,smote", "--tuning", "default")
    for line in process.stderr:
        if " fits" in line and line[0].isdigit():  # the first line of progress
            break
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate()
    assert process.returncode == 130
    assert out == ""
    assert "interrupted: everything finished is kept in results/shop; " in err
    assert "Traceback" not in err
    kept = len(list((home / "results" / "shop" / "records").iterdir()))
    assert 0 < kept < 80

    process = start(*arguments, "--strategies", "none,smote", "--tuning", "default")
    _, err = process.communicate()
    assert process.returncode == 0
    assert f"{kept} of them kept from earlier runs" in err
    assert {float(row["coverage"]) for row in board(home)} == {1}
