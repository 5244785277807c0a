"""``compare``: two folders in, one outcome a candidate out; clear words where it makes no sense."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from kept import keep_run

from bench.domain import Candidate
from bench.store import Store

Ask = Callable[..., Any]

CAT, LOG, XGB = (Candidate(name) for name in ("catboost", "logistic", "xgboost"))


@pytest.fixture
def two(home: Path) -> tuple[str, str]:
    """Two runs on the same table and splits: xgboost lost what it had, catboost is as it was."""
    keep_run(home / "old" / "shop", {CAT: 1.5, XGB: 1.5, LOG: 1.0})
    keep_run(home / "new" / "shop", {CAT: 1.5, XGB: 0.2})
    return "old/shop", "new/shop"


def test_the_last_line_of_the_table_is_the_outcome(ask: Ask, two: tuple[str, str]) -> None:
    answer = ask("compare", *two)

    assert (answer.code, answer.err) == (0, "")
    assert answer.out.splitlines()[-1] == (
        "B (new/shop) against A (old/shop) by ROC-AUC, paired over 10 splits: of 2 candidates "
        "0 better, 1 worse, 1 identical; 1 only in A."
    )
    assert "Only in A: logistic+none+default." in answer.out


def test_a_run_can_be_named_by_its_folder_its_run_json_or_its_dataset(
    ask: Ask, two: tuple[str, str]
) -> None:
    whole = ask("compare", *two, "--format", "json")
    by_file = ask("compare", "old/shop/run.json", "new/shop/", "--format", "json")
    by_name = ask("compare", "shop", "new/shop", "--out", "old", "--format", "json")

    assert json.loads(whole.out)["counts"]["worse"] == 1
    assert by_file.out == by_name.out == whole.out


def test_formats_for_pipes_write_nothing_else(ask: Ask, two: tuple[str, str]) -> None:
    lines = list(csv.DictReader(io.StringIO(ask("compare", *two, "--format", "csv").out)))

    assert [line["outcome"] for line in lines] == ["worse", "identical", "only in A"]
    assert ask("compare", *two, "--format", "md").out.startswith("# Comparison of two runs\n")
    latex = ask("compare", *two, "--format", "latex").out
    assert latex.startswith("% ")
    assert latex.endswith("\\end{table}\n")


def test_metric_and_margin_can_be_chosen(ask: Ask, two: tuple[str, str]) -> None:
    answer = ask("compare", *two, "--metric", "brier", "--margin", "0.5", "--format", "json")

    document = json.loads(answer.out)
    assert (document["metric"], document["margin"]) == ("brier", 0.5)
    assert document["counts"]["equivalent"] == 1


def test_scores_that_are_no_probabilities_are_not_called_incomplete(ask: Ask, home: Path) -> None:
    svm = Candidate("svm-rbf")
    for name in ("old", "new"):
        keep_run(home / name / "shop", {CAT: 1.5, svm: 1.0})
        store = Store(home / name / "shop")
        run = store.read_run()
        for result in store.read_results(run.jobs).values():
            if result.record.job.candidate == svm:
                store.write_result(replace(result, record=replace(result.record, outputs="score")))

    answer = ask("compare", "old/shop", "new/shop", "--metric", "brier", "--format", "json")

    document = json.loads(answer.out)
    assert document["summary"].endswith("; 1 without probabilities.")
    assert document["incomplete"] == []


def test_runs_on_other_folds_are_compared_unpaired(ask: Ask, home: Path) -> None:
    keep_run(home / "old" / "shop", {CAT: 1.5})
    keep_run(home / "new" / "shop", {CAT: 1.5}, seed=1)

    answer = ask("compare", "old/shop", "new/shop")

    assert (
        "not paired: the runs share no split with the same test rows (seed 0 and 1)" in answer.out
    )
    assert "over 10 and 10 splits, not paired: of 1 candidate 0 better, 0 worse" in answer.out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("old/shop", "bank"),
            "error: old/shop and results/bank are of different data: shop (dddddddddddd) and bank "
            "(eeeeeeeeeeee)\nhint: compare two runs on one table",
        ),
        (
            ("old/shop", "shp"),
            "error: shp: no results of that name (no shp/run.json, nor in results)\n"
            "hint: results holds bank\n",
        ),
        (
            ("old/shop", "new/shop", "--margin", "-1"),
            "error: --margin -1 is no margin, expected a number above 0\n",
        ),
        (
            ("old/shop", "new/shop", "--format", "jsn"),
            "error: --format: unknown format 'jsn'; did you mean 'json'?\n"
            "hint: there are: table, md, csv, json, latex\n",
        ),
        (
            ("old/shop", "new/shop", "--metric", "rocauc"),
            "error: unknown metric 'rocauc'; did you mean 'roc_auc'?",
        ),
    ],
)
def test_a_comparison_that_makes_no_sense_is_one_clear_message(
    ask: Ask, home: Path, two: tuple[str, str], arguments: tuple[str, ...], message: str
) -> None:
    keep_run(home / "results" / "bank", {CAT: 1.0}, digest="e" * 64)

    answer = ask("compare", *arguments)

    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith(message)
