"""``python -m bench report`` over several folders, whole and damaged."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from index_runs import fill

from bench.cli.app import main
from bench.store import Store


def report(out: Path, *more: str) -> int:
    return main(["report", "--out", str(out), *more])


def test_several_datasets_get_their_pages_an_index_and_its_board(tmp_path: Path) -> None:
    for k, name in enumerate(("bank", "iran")):
        fill(tmp_path / name, seed=k)

    assert report(tmp_path) == 0

    page = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert 'href="./bank/report.html"' in page
    assert 'href="./leaderboard.csv"' in page
    board = (tmp_path / "leaderboard.md").read_text(encoding="utf-8")
    assert board.startswith("# Leaderboard across datasets\n")


def test_one_dataset_gets_an_index_where_it_is_asked_for(tmp_path: Path) -> None:
    fill(tmp_path / "bank")

    assert report(tmp_path) == 0
    assert not (tmp_path / "index.html").exists()

    assert report(tmp_path, "--all-datasets") == 0
    assert "One dataset says nothing of others" in (tmp_path / "index.html").read_text("utf-8")


def test_the_board_may_be_ranked_by_another_metric(tmp_path: Path) -> None:
    fill(tmp_path / "bank")

    assert report(tmp_path, "--all-datasets", "--rank-by", "f1") == 0

    assert "has the best mean rank by F1" in (tmp_path / "index.html").read_text("utf-8")


def test_damaged_and_empty_folders_stop_no_other(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fill(tmp_path / "bank")
    damaged = fill(tmp_path / "cut", seed=1) and tmp_path / "cut" / "run.json"
    damaged.write_text(damaged.read_text("utf-8")[:500], encoding="utf-8")
    fill(tmp_path / "lost", seed=2)
    shutil.rmtree(tmp_path / "lost" / "records")
    fill(tmp_path / "killed", seed=3)
    (tmp_path / "killed" / "run.json").unlink()
    (tmp_path / "empty").mkdir()
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "mine.txt").touch()

    assert report(tmp_path) == 2

    said = capsys.readouterr()
    assert f"error: {damaged}: cannot be read" in said.err
    assert said.out.split()[-1] == str(tmp_path / "index.html")
    page = (tmp_path / "index.html").read_text(encoding="utf-8")
    for words in (
        "cut/run.json: cannot be read",
        "12 of the 12 fits of this run cannot be read",
        "there is no run.json",
        "the folder is empty",
    ):
        assert page.count(words) == 1, words
    assert "mine" not in page
    assert "notes" not in page


def test_two_folders_of_one_dataset_are_one_and_the_newer_run_counts(tmp_path: Path) -> None:
    fill(tmp_path / "bank")
    run = fill(tmp_path / "bank-again", seed=1, name="bank")
    Store(tmp_path / "bank-again").write_run(
        replace(run, started_at="2026-11-21T12:00:00+00:00", facts=replace(run.facts, title="New"))
    )
    fill(tmp_path / "iran", seed=2)

    assert report(tmp_path) == 0

    page = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert "<h1>2 datasets in 3 folders</h1>" in page
    reason = page.index("another folder of the same adapter holds a newer run")
    assert page.index("Customers of bank</bdi>") < reason
    assert (
        "not on the board"
        not in page[page.index("New</bdi>") : page.index("Customers of bank</bdi>")]
    )


def test_nothing_but_a_damaged_folder_is_one_clear_message(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "cut").mkdir()
    (tmp_path / "cut" / "run.json").write_text("{", encoding="utf-8")

    assert report(tmp_path, "--all-datasets") == 2

    assert capsys.readouterr().err.count("error: ") == 1
    assert not (tmp_path / "index.html").exists()


def test_without_results_the_way_to_some_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty").mkdir()

    assert report(tmp_path, "--all-datasets") == 2

    assert capsys.readouterr().err == (
        f"error: {tmp_path}: no results here\nhint: python -m bench run --dataset telco\n"
    )


def test_one_dataset_and_all_of_them_contradict_each_other(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert report(tmp_path, "--dataset", "bank", "--all-datasets") == 2

    assert "error: --dataset bank is one of them, but an index is over all" in (
        capsys.readouterr().err
    )
