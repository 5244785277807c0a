"""Boards against records: what was edited is found, and named with both values."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from bench.reports.writing import write_boards
from bench.verification.boards import BOARDS
from bench.verification.checking import read_recorded
from bench.verification.telling import Verification


def statuses(shop: Any) -> dict[str, str]:
    return {name: check.status for name, check in shop.files().items()}


def test_boards_of_an_untouched_run_are_as_recorded(original: Any) -> None:
    assert statuses(original) == dict.fromkeys(BOARDS, "as recorded")


@pytest.mark.parametrize("name", BOARDS)
def test_an_edited_digit_is_found_in_every_board(shop: Any, name: str) -> None:
    path = shop.store.folder / name
    text = path.read_text(encoding="utf-8")
    at = next(i for i in range(len(text) - 1, 0, -1) if text[i].isdigit())
    path.write_text(f"{text[:at]}{(int(text[at]) + 1) % 10}{text[at + 1 :]}", encoding="utf-8")
    assert statuses(shop) == dict.fromkeys(BOARDS, "as recorded") | {name: "different"}


def test_an_edited_figure_is_named_with_both_values(shop: Any) -> None:
    path = shop.store.folder / "leaderboard.csv"
    head, first, *others = path.read_text(encoding="utf-8").splitlines()
    at = head.split(",").index("roc_auc")
    cells = first.split(",")
    real, cells[at] = cells[at], "0.992000"
    path.write_text("\n".join([head, ",".join(cells), *others]) + "\n", encoding="utf-8")
    assert shop.files()["leaderboard.csv"].detail == (
        f"{'+'.join(cells[1:4])}+encoded+none+f1: roc_auc is 0.992000 in the file, {real} by its "
        "records; the code is the same, so the file or its records were edited since"
    )


def test_an_edited_figure_in_the_json_is_named_by_its_path(shop: Any) -> None:
    path = shop.store.folder / "leaderboard.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    document["n_splits"] = 20
    path.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    detail = shop.files()["leaderboard.json"].detail
    assert detail.startswith("n_splits is 20 in the file, 2 by its records; ")


def test_scores_that_were_exchanged_with_their_record_show_in_the_boards(shop: Any) -> None:
    one = shop.store.read_run().jobs[0]
    result = shop.store.read_results([one])[one.id]
    assert result.predictions is not None
    turned = replace(result.predictions, score=1 - result.predictions.score)
    shop.store.write_result(replace(result, predictions=turned))
    assert statuses(shop)["leaderboard.csv"] == "different"
    assert shop.store.find_damage(one) == ""  # the record itself is in order


def test_a_damaged_record_shows_in_the_boards(shop: Any) -> None:
    job = shop.store.read_run().jobs[0]
    (shop.store.folder / "predictions" / f"{job.id}.npz").write_bytes(b"nothing")
    assert statuses(shop)["leaderboard.md"] == "different"


def test_a_damaged_record_is_named_with_its_candidate_and_split(shop: Any) -> None:
    job = shop.store.read_run().jobs[0]
    (shop.store.folder / "predictions" / f"{job.id}.npz").write_bytes(b"nothing")
    recorded = read_recorded(shop.store, None)
    (said,) = recorded.damage()
    assert said.startswith(f"record {job.id} of {job.candidate}, repeat 0, fold 0: its predictions")
    assert recorded.n_missing == 0


def test_fits_that_were_never_finished_are_counted_and_no_success(shop: Any) -> None:
    jobs = shop.store.read_run().jobs
    for job in jobs[:2]:
        (shop.store.folder / "records" / f"{job.id}.json").unlink()
    recorded = read_recorded(shop.store, None)
    assert (recorded.n_missing, recorded.damage()) == (2, ())
    told = Verification(
        run=recorded.run,
        files=(),
        checks=(),
        n_rows=0,
        tolerance=1e-6,
        digest_now="",
        n_missing=recorded.n_missing,
    )
    assert told.exit_code == 1
    assert told.sentences()[1] == (
        f"INCOMPLETE: 2 of {len(jobs)} fits were never finished; the same command goes on from "
        "there"
    )


def test_a_board_that_is_not_there_is_missing_and_not_different(shop: Any) -> None:
    (shop.store.folder / "costs.csv").unlink()
    assert statuses(shop)["costs.csv"] == "missing"


def test_boards_in_another_order_or_at_other_amounts_are_checked_as_they_are(shop: Any) -> None:
    run = shop.store.read_run()
    other = replace(
        run,
        experiment=replace(run.experiment, rank_by="brier"),
        facts=replace(run.facts, economics=replace(run.facts.economics, clv=500.0)),
    )
    write_boards(other, shop.store.read_results(run.jobs), shop.store)
    assert statuses(shop) == dict.fromkeys(BOARDS, "as recorded")


def with_other_code(shop: Any, *modules: str) -> None:
    """Have the run say that other code of ``modules`` made its boards."""
    path = shop.store.folder / "run.json"
    run = json.loads(path.read_text(encoding="utf-8"))
    run["code"] |= dict.fromkeys(modules, "0" * 12)
    path.write_text(json.dumps(run), encoding="utf-8")


def edit(shop: Any, name: str, old: str, new: str) -> None:
    path = shop.store.folder / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_another_layout_by_other_code_is_no_difference(shop: Any) -> None:
    with_other_code(shop, "bench/reports/csv_files.py", "bench/models/linear.py")
    edit(shop, "leaderboard.csv", "f1_at_05", "f1_at_half")
    edit(shop, "leaderboard.md", "## Ranking", "## The ranking")
    files = shop.files()
    assert files["leaderboard.csv"].status == "as recorded"
    assert files["leaderboard.md"].status == "not checked"
    assert files["leaderboard.md"].detail == (
        "it comes out otherwise, but bench/reports/csv_files.py was changed since"
    )


def test_another_layout_by_the_same_code_is_a_difference(shop: Any) -> None:
    with_other_code(shop, "bench/models/linear.py")  # has no hand in boards
    edit(shop, "leaderboard.csv", "f1_at_05", "f1_at_half")
    edit(shop, "leaderboard.md", "## Ranking", "## The ranking")
    files = shop.files()
    assert files["leaderboard.csv"].status == files["leaderboard.md"].status == "different"


def test_another_figure_is_a_difference_whatever_code_wrote_it(shop: Any) -> None:
    with_other_code(shop, "bench/reports/csv_files.py")
    edit(shop, "leaderboard.csv", "0.", "0.9")
    found = shop.files()["leaderboard.csv"]
    assert found.status == "different"
    assert found.detail.endswith("by its records; bench/reports/csv_files.py was changed since")


def test_rows_that_were_taken_out_or_put_in_are_named(shop: Any) -> None:
    path = shop.store.folder / "leaderboard.csv"
    head, first, *others = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([head, *others]) + "\n", encoding="utf-8")
    assert "default+encoded+none+f1 is not in the file; " in shop.files()["leaderboard.csv"].detail
    invented = first.replace(first.split(",")[1], "my-model", 1)
    path.write_text("\n".join([head, first, *others, invented]) + "\n", encoding="utf-8")
    detail = shop.files()["leaderboard.csv"].detail
    assert detail.startswith("my-model+")
    assert " is not in the records; " in detail
