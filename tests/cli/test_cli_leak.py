"""``leak`` on a small table, with real workers."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Ask = Callable[..., Any]

LAB = ("leak", "--dataset", "shop", "--folds", "2", "--models", "logistic")
FAST = (*LAB, "--mistakes", "smote,threshold-on-test,target-copy,entity-across-folds")
FILES = {"leak.md", "leak.csv", "leak.json", "leak.svg", "leak.png"}


def test_the_lab_leaves_its_pages_and_a_claim_is_judged_by_them(
    ask: Ask, add_table: Any, home: Path
) -> None:
    add_table()
    first = ask(*FAST, "--jobs", "2")
    assert first.code == 0, first.err
    folder = home / "results" / "shop" / "leak"
    assert {p.name for p in folder.iterdir() if p.is_file()} == {*FILES, "run.json"}
    with (folder / "leak.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["mistake"] for row in rows} == {
        *("smote-before-split", "threshold-on-test", "target-copy", "entity-across-folds"),
    }
    assert "6 of 6 leaky fits are there" in first.err
    assert "logistic, honestly: ROC-AUC ." in first.out
    assert not (home / "results" / "shop" / "run.json").exists()  # no ordinary run was made

    before = {name: (folder / name).read_bytes() for name in FILES}
    assert ask(*FAST, "--jobs", "1").code == 0
    assert {name: (folder / name).read_bytes() for name in FILES} == before

    claim = ask(*FAST, "--claim", "roc_auc=99.9% accuracy=.999")
    assert claim.code == 0, claim.err
    assert claim.err == ""  # from leak.json, without a fit
    assert claim.out.startswith("shop: ROC-AUC .999, Accuracy .999\n")
    assert "impossible honestly on this data" in claim.out
    as_json = ask(*FAST, "--claim", "roc_auc=.5", "--json")
    assert json.loads(as_json.out)["verdict"] == "plausible"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("--claim", "roc_auc=99.2"),
            "error: --claim: roc_auc=99.2 is more than 1\n"
            "hint: a percentage is written roc_auc=99.2%\n",
        ),
        (("--jobs", "-1"), "error: --jobs -1 is too few, expected 1 (or 0: one a core)\n"),
        (
            ("--models", "lightgmb"),
            "error: unknown model 'lightgmb'; did you mean 'lightgbm'? "
            "(see: python -m bench list models)\n",
        ),
    ],
    ids=str,
)
def test_a_mistake_of_the_user_is_one_clear_message(
    ask: Ask, add_table: Any, arguments: tuple[str, ...], message: str
) -> None:
    add_table()
    answer = ask("leak", "--dataset", "shop", *arguments)
    assert answer.code == 2
    assert answer.err.endswith(message)
