"""CSV and JSON: fixed order and digits, blanks for what does not apply, no clocks."""

from __future__ import annotations

import csv
import io
import json
import random
from dataclasses import replace
from types import SimpleNamespace

from bench.analysis.across import AcrossBoard, AcrossRow
from bench.analysis.importance import ImportanceTable
from bench.domain import Candidate, Leaderboard
from bench.reports.across import render_across_csv
from bench.reports.csv_files import (
    render_costs_csv,
    render_importance_csv,
    render_leaderboard_csv,
)
from bench.reports.json_file import render_leaderboard_json


def read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def shuffle(leaderboard: Leaderboard) -> Leaderboard:
    """The same board as other workers and engines might have put it together."""
    dice = random.Random(7)
    rows = list(leaderboard.rows)
    skips = list(leaderboard.run.skips)
    dice.shuffle(rows)
    dice.shuffle(skips)
    rows = [replace(row, scores=dict(reversed(row.scores.items()))) for row in rows]
    return replace(leaderboard, rows=tuple(rows), run=replace(leaderboard.run, skips=tuple(skips)))


def test_files_are_byte_identical_over_shuffled_input(leaderboard: Leaderboard) -> None:
    shuffled = shuffle(leaderboard)

    assert render_leaderboard_csv(shuffled) == render_leaderboard_csv(leaderboard)
    assert render_costs_csv(shuffled) == render_costs_csv(leaderboard)
    assert render_leaderboard_json(shuffled) == render_leaderboard_json(leaderboard)


def test_the_json_is_laid_out_as_the_standard_library_would(leaderboard: Leaderboard) -> None:
    text = render_leaderboard_json(leaderboard, answer=['says "so"', "é\u2028", ""])

    assert text == json.dumps(json.loads(text), indent=1) + "\n"


def test_importance_csv_is_byte_identical_over_shuffled_rows(importance: ImportanceTable) -> None:
    rows = list(importance.rows)
    random.Random(7).shuffle(rows)

    shuffled = replace(importance, rows=tuple(rows))

    assert render_importance_csv(shuffled) == render_importance_csv(importance)


def test_leaderboard_csv_starts_with_the_promised_columns(leaderboard: Leaderboard) -> None:
    names = render_leaderboard_csv(leaderboard).splitlines()[0].split(",")

    assert names[:9] == [
        "rank", "model", "strategy", "tuning", "status", "n_splits", "coverage",
        "tied_with_best", "roc_auc",
    ]  # fmt: skip
    main = "roc_auc average_precision f1 precision recall accuracy balanced_accuracy mcc g_mean"
    for name in main.split():
        assert {name, f"{name}_std", f"{name}_low", f"{name}_high"} <= set(names)
    assert {"f1_at_05", "recall_at_05", "brier", "log_loss", "ece"} <= set(names)
    assert {"lift_at_10", "empc", "threshold", "preparation", "negatives_after"} <= set(names)
    assert len(names) == len(set(names))


def test_columns_do_not_depend_on_what_ranks(leaderboard: Leaderboard) -> None:
    other = replace(leaderboard, rank_by="f1")

    assert render_leaderboard_csv(other) == render_leaderboard_csv(leaderboard)


def test_a_line_has_fixed_digits_and_blanks(make: SimpleNamespace) -> None:
    row = make.row(
        Candidate("svm-rbf", "smote"), 0.8, rank=1, is_tied_with_best=True, difference_low=-1e-9
    )

    (line, *skips) = read(render_leaderboard_csv(make.leaderboard([row])))

    assert (line["rank"], line["coverage"], line["tied_with_best"]) == ("1", "1.000000", "true")
    assert (line["roc_auc"], line["roc_auc_low"]) == ("0.800000", "0.789000")
    assert (line["brier"], line["brier_std"], line["f1_at_05"]) == ("", "", "")
    assert (line["difference_low"], line["difference_high"]) == ("0.000000", "")
    assert (line["negatives_before"], line["positives_after"]) == ("4139.200000", "4139.200000")
    assert {skip["status"] for skip in skips} == {"skipped"}
    assert all(skip["skip_reason"].startswith("smotenc needs") for skip in skips)


def test_the_csv_over_datasets_has_no_negative_zero_either() -> None:
    row = AcrossRow(Candidate("logistic"), 1, 1.0, {}, mean=-1e-9)

    (line,) = read(render_across_csv(AcrossBoard("brier_skill", 0.005, (), (), (row,), ())))

    assert (line["mean"], line["model"], line["elo"]) == ("0.000000", "logistic", "")


def test_a_single_split_has_a_mean_and_no_interval(make: SimpleNamespace) -> None:
    row = make.row(Candidate("logistic"), 0.8, rank=1)
    nan = float("nan")
    scores = {n: replace(s, std=nan, low=nan, high=nan) for n, s in row.scores.items()}
    board = make.leaderboard([replace(row, scores=scores)])

    line = read(render_leaderboard_csv(board))[0]
    document = json.loads(render_leaderboard_json(board))

    assert (line["roc_auc"], line["roc_auc_std"], line["roc_auc_low"]) == ("0.800000", "", "")
    assert document["rows"][0]["scores"]["roc_auc"] == {
        "mean": 0.8,
        "std": None,
        "low": None,
        "high": None,
    }


def test_a_failed_row_has_no_figures_and_no_counts(make: SimpleNamespace) -> None:
    row = make.row(Candidate("mlp"), 0.8, status="failed", n_splits=0, coverage=0.0, scores={})

    line = read(render_leaderboard_csv(make.leaderboard([row])))[0]

    assert (line["rank"], line["status"], line["tied_with_best"]) == ("", "failed", "")
    assert (line["roc_auc"], line["f1"], line["negatives_before"]) == ("", "", "")


def test_clocks_move_costs_csv_only(leaderboard: Leaderboard) -> None:
    rows = tuple(replace(row, costs={"fit_seconds": 99.0}) for row in leaderboard.rows)
    slower = replace(leaderboard, rows=rows)

    assert render_leaderboard_csv(slower) == render_leaderboard_csv(leaderboard)
    assert render_leaderboard_json(slower) == render_leaderboard_json(leaderboard)
    assert read(render_costs_csv(slower))[0]["fit_seconds"] == "99.000000"


def test_no_importance_cell_is_a_formula(hostile_importance: ImportanceTable) -> None:
    text = render_importance_csv(hostile_importance)
    features = {line["feature"] for line in read(text)}

    assert not [f for f in features if f.lstrip().startswith(("=", "+", "-", "@"))]
    assert {"'=cmd|' /C calc'!A0", "'-1", '"=cmd()"', "a|b", "line\nbreak"} <= features


def test_importance_csv_has_the_promised_columns(importance: ImportanceTable) -> None:
    lines = read(render_importance_csv(importance))

    promised = "model strategy tuning method feature importance importance_std rank n_splits"
    assert list(lines[0])[:9] == promised.split()
    assert len(lines) == len(importance.rows)
    assert [line["rank"] for line in lines[:3]] == ["1", "2", "3"]


def test_json_says_what_is_missing_and_whether_it_is_the_real_table(
    standin_leaderboard: Leaderboard,
) -> None:
    document = json.loads(render_leaderboard_json(standin_leaderboard, answer=["it ties"]))

    assert document["schema_version"] == 1
    assert document["is_standin"] is True
    assert document["answer"] == ["it ties"]
    assert len(document["skips"]) == 5
    assert [board["name"] for board in document["boards"]] == [
        "ranking",
        "decisions",
        "probabilities",
        "profit",
    ]
    assert document["rows"][0]["candidate"]["model"] == "catboost"
