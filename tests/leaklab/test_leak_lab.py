"""The lab as a whole: honest figures are those of a run, and nothing is done twice."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bench.analysis import analyse
from bench.domain import Candidate, Dataset, EvalProtocol, Experiment
from bench.errors import BenchError, UsageError
from bench.execution.running import RunOptions, run_experiment
from bench.leaklab.catalogue import all_mistakes, choose_mistakes
from bench.leaklab.judging import JUDGED
from bench.leaklab.pages import write_lab
from bench.store import Store

SOME = ("random-over", "threshold-on-test", "encode-on-all", "duplicates-across-folds")


def test_every_mistake_has_a_name_of_its_own_and_is_told_in_two_sentences() -> None:
    mistakes = all_mistakes()
    assert len({mistake.name for mistake in mistakes}) == len(mistakes)
    for mistake in mistakes:
        assert mistake.explanation.count(". ") == 1, mistake.name
        assert mistake.explanation.endswith("."), mistake.name


def test_samplers_go_by_their_own_names_and_all_together() -> None:
    (enn,) = choose_mistakes(["smote-enn"])
    assert enn.name == "smote-enn-before-split"
    resampling = choose_mistakes(["resampling"])
    assert enn in resampling
    assert all(mistake.sampler for mistake in resampling)
    assert choose_mistakes([]) == all_mistakes()


def test_an_unknown_mistake_is_answered_by_the_nearest() -> None:
    with pytest.raises(UsageError) as caught:
        choose_mistakes(["scale-on-al"])
    assert caught.value.message == (
        "--mistakes: unknown mistake 'scale-on-al'; did you mean 'scale-on-all'?"
    )
    assert "target-copy" in caught.value.hint


@pytest.fixture(scope="module")
def ordinary(toy: Dataset, tmp_path_factory: pytest.TempPathFactory, run_small_lab: Any) -> Any:
    """An ordinary run's folder and board, and the lab's table in the same folder after it."""
    from bench.api import Silent

    folder = tmp_path_factory.mktemp("results") / "toy"
    experiment = Experiment(
        "toy",
        (Candidate("logistic"), Candidate("logistic", "random-over")),
        EvalProtocol(folds=3),
        importance="none",
    )
    facts = _facts(toy)
    outcome = run_experiment(
        experiment,
        toy,
        facts,
        store=Store(folder),
        options=RunOptions(workers=1, engine="inline"),
        observer=Silent(),
    )
    board = analyse(outcome.run, outcome.results).leaderboard
    before = (folder / "run.json").read_bytes()
    table = run_small_lab(toy, folder, *SOME)
    return folder, board, before, table


def _facts(dataset: Dataset) -> Any:
    from bench.doctor import diagnose

    return diagnose(dataset)


def test_honest_figures_are_those_of_the_ordinary_board(ordinary: Any) -> None:
    _, board, _, table = ordinary
    by_name = {str(row.candidate): row.scores for row in board.rows}
    references = {r.candidate: r.values for r in table.references}
    for name, scores in by_name.items():
        for metric in JUDGED:
            mean = sum(references[name][metric]) / table.n_splits
            assert mean == pytest.approx(scores[metric].mean, abs=1e-12), (name, metric)


def test_a_run_stays_as_it_was_and_its_fits_are_shared(ordinary: Any) -> None:
    folder, _, before, _ = ordinary
    assert (folder / "run.json").read_bytes() == before
    own = json.loads((folder / "leak" / "run.json").read_text(encoding="utf-8"))
    assert own["n_reused"] == 6
    assert own["n_fitted"] == 0


def test_a_second_call_fits_nothing_and_writes_the_same_bytes(
    ordinary: Any, toy: Dataset, run_small_lab: Any, watcher: Any
) -> None:
    folder, _, _, table = ordinary
    write_lab(folder / "leak", table, command="same")
    files = {p.name: p.read_bytes() for p in (folder / "leak").iterdir() if p.is_file()}
    again = run_small_lab(toy, folder, *SOME, watcher=watcher)
    assert watcher.counts == [(9, 9)]
    assert again == table
    write_lab(folder / "leak", again, command="same")
    after = {p.name: p.read_bytes() for p in (folder / "leak").iterdir() if p.is_file()}
    for name in ("leak.md", "leak.csv", "leak.json", "leak.svg", "leak.png"):
        assert after[name] == files[name], name


def test_a_damaged_fit_is_made_again(
    ordinary: Any, toy: Dataset, run_small_lab: Any, watcher: Any
) -> None:
    folder, _, _, table = ordinary
    path = sorted((folder / "leak" / "fits").iterdir())[0]
    content = path.read_bytes()
    middle = len(content) // 2
    path.write_bytes(content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :])
    assert run_small_lab(toy, folder, *SOME, watcher=watcher) == table
    assert watcher.counts == [(8, 9), (9, 9)]
    assert path.read_bytes() == content


def test_an_interrupted_lab_goes_on_from_there(
    toy: Dataset, run_small_lab: Any, tmp_path: Path, watcher: Any
) -> None:
    class Impatient(type(watcher)):  # type: ignore[misc]
        def leaky(self, n_done: int, n_all: int) -> None:
            if n_done == 4:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_small_lab(toy, tmp_path, *SOME, watcher=Impatient())
    table = run_small_lab(toy, tmp_path, *SOME, watcher=watcher)
    assert watcher.counts[0] == (4, 9)
    assert len(table.rows) == 4


@pytest.mark.slow
def test_two_workers_find_what_this_process_finds(
    toy: Dataset, run_small_lab: Any, tmp_path: Path
) -> None:
    names = ("smote-enn", "tune-on-test", "stop-on-test", "entity-across-folds", "scale-on-all")
    asked = {"models": ("lightgbm", "logistic")}
    here = run_small_lab(toy, tmp_path / "here", *names, **asked)
    there = run_small_lab(toy, tmp_path / "there", *names, engine="local", workers=2, **asked)
    assert here == there


def test_what_cannot_be_done_is_left_out_with_a_reason(
    as_dataset: Any, toy: Dataset, run_small_lab: Any, tmp_path: Path
) -> None:
    numbers = as_dataset(toy.X[["usage", "noise"]], toy.y)
    table = run_small_lab(
        numbers, tmp_path, "stop-on-test", "encode-on-all", "smotenc", "target-copy"
    )
    assert {one.mistake: one.reason for one in table.left_out} == {
        "smotenc-before-split": "smotenc is for mixed data, and there is no categorical column: "
        "use smote",
        "encode-on-all": "there is no categorical column",
        "stop-on-test": "logistic does not stop early",
    }
    assert [row.mistake for row in table.rows] == ["target-copy"]
    assert table.n_failed == 0


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"folds": 1}, "--folds 1 is too few, expected at least 2"),
        ({"models": ("lightgmb",)}, "unknown model 'lightgmb'; did you mean 'lightgbm'?"),
        ({"seed": -1}, "--seed -1 is too few, expected at least 0"),
    ],
)
def test_bad_numbers_and_names_are_one_message(
    toy: Dataset, run_small_lab: Any, tmp_path: Path, asked: Any, message: str
) -> None:
    with pytest.raises(BenchError) as caught:
        run_small_lab(toy, tmp_path, "target-copy", **asked)
    assert caught.value.message.startswith(message)
