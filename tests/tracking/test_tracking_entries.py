"""What a tracker is told: every figure with its interval, nothing that it would refuse."""

from __future__ import annotations

import math

import pytest
from kept import keep_run

from bench.analysis import build_leaderboard
from bench.domain import BoardRow, Candidate, Leaderboard, Record
from bench.store import Store
from bench.tracking.entries import (
    LONGEST,
    describe_experiment,
    describe_row,
    records_by_fit,
    winner_of,
)

GOOD, POOR = Candidate("catboost"), Candidate("logistic", "smote")
Kept = tuple[Leaderboard, dict[Candidate, list[Record]]]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    store = Store(tmp_path_factory.mktemp("results") / "shop")
    keep_run(store.folder, {GOOD: 1.5, POOR: 0.5}, title="<b>Shop</b>\nof all")
    run = store.read_run()
    results = store.read_results(run.jobs)
    return build_leaderboard(run, results, rank_by="roc_auc"), records_by_fit(run, results)


def row_of(kept: Kept, candidate: Candidate) -> BoardRow:
    return next(row for row in kept[0].rows if row.candidate == candidate)


def test_a_candidate_has_every_figure_with_its_interval(kept: Kept) -> None:
    row = row_of(kept, GOOD)

    metrics = describe_row(row, kept[1][GOOD], is_winner=True).metrics

    for name, score in row.scores.items():
        assert metrics[name] == score.mean
        assert (metrics[f"{name}_low"], metrics[f"{name}_high"]) == (score.low, score.high)
    assert metrics["fit_seconds"] == 0.5
    assert all(map(math.isfinite, metrics.values()))


def test_parameters_that_all_splits_share_are_one_value_and_others_a_list(kept: Kept) -> None:
    params = describe_row(row_of(kept, GOOD), kept[1][GOOD], is_winner=True).params

    assert params["model"] == "catboost"
    assert params["strategy"] == "none"
    assert params["model.depth"] == "3"
    assert params["model.note"] == "a b"
    assert params["fit.rounds"] == "[100, 101, 102, 103, 104, 100, 101, 102, 103, 104]"


def test_the_winner_is_tagged_in_the_experiment_and_on_its_row(kept: Kept) -> None:
    board, records = kept
    winner = winner_of(board)

    assert winner is not None
    assert winner.candidate == GOOD
    entries = [describe_row(r, records[r.candidate], is_winner=r is winner) for r in board.rows]
    assert [(e.name, e.tags.get("winner")) for e in entries] == [
        (str(GOOD), "true"),
        (str(POOR), None),
    ]
    experiment = describe_experiment(board)
    assert experiment.tags["winner"] == str(GOOD)
    assert experiment.metrics["best_roc_auc"] == winner.scores["roc_auc"].mean


def test_the_experiment_says_how_it_was_made(kept: Kept) -> None:
    entry = describe_experiment(kept[0])

    assert entry.name == "shop quick 2026-01-02T03:04:05+00:00"
    assert entry.params["folds"] == "5"
    assert entry.params["repeats"] == "2"
    assert entry.params["preset"] == "quick"
    assert entry.tags["data.digest"] == "d" * 64
    assert entry.tags["commit"] == "c0"
    assert entry.tags["version.lightgbm"] == "4.7.0"
    assert entry.metrics["candidates"] == 2


def test_keys_and_texts_are_what_trackers_take(kept: Kept) -> None:
    row = row_of(kept, GOOD)
    record = kept[1][GOOD][0]
    strange = Record(record.job, "ok", params={"a$b\n{c}": "x" * 9999, "none": None})

    params = describe_row(row, [strange], is_winner=False).params

    assert params["model.a_b _c_"] == f"{'x' * 333}…{'x' * 166}"
    assert len(params["model.a_b _c_"]) == LONGEST
    assert "model.none" not in params
