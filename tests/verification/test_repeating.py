"""``run --from``: what is asked for again, and how two boards compare."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from bench.domain import Candidate, Run, Skip
from bench.errors import UsageError
from bench.verification.repeating import (
    Original,
    compare_boards,
    find_changes,
    read_original,
)


def original_of(run: Run, **changes: Any) -> Original:
    experiment = replace(run.experiment, **changes)
    return Original(replace(run, experiment=experiment), None, None)


def test_a_run_is_repeated_as_it_was_asked_for(original: Any) -> None:
    run = original.store.read_run()
    found = read_original(original.store.folder / "run.json")
    assert found.experiment == run.experiment
    assert found.board == (original.store.folder / "leaderboard.csv").read_text(encoding="utf-8")
    assert found.folder == original.store.folder


def test_a_race_is_repeated_as_a_race(original: Any) -> None:
    run = original.store.read_run()
    assert original_of(run, race=True).experiment.race


def test_of_a_budget_what_it_came_to_is_repeated(original: Any) -> None:
    run = original.store.read_run()
    slow = Candidate("mlp")
    protocol = replace(run.experiment.protocol, repeats=20)
    asked = replace(
        run.experiment,
        candidates=(*run.experiment.candidates, slow),
        protocol=protocol,
        race=True,
        budget_seconds=60.0,
    )
    cut = replace(run, experiment=asked, ending="budget", skips=(Skip(slow, asked.out_of_time),))
    experiment = Original(cut, None, None).experiment
    assert experiment.budget_seconds is None
    assert experiment.candidates == run.experiment.candidates
    assert (experiment.protocol.repeats, experiment.race) == (1, False)
    decided = Original(replace(cut, ending="decided"), None, None).experiment
    assert (decided.protocol.repeats, decided.race) == (20, True)


@pytest.mark.parametrize(
    ("field", "value"),
    [("folds", 1), ("folds", "many"), ("repeats", 0), ("seed", -1), ("threads", 0), ("folds", 2.5)],
)
def test_a_protocol_that_nobody_could_ask_for_is_refused(
    shop: Any, field: str, value: object
) -> None:
    path = shop.store.folder / "run.json"
    run = json.loads(path.read_text(encoding="utf-8"))
    run["experiment"]["protocol"][field] = value
    path.write_text(json.dumps(run), encoding="utf-8")
    with pytest.raises(UsageError, match=f"{field} is {value!r}, expected a whole number from"):
        read_original(path)


def test_what_differs_here_is_told_line_by_line(original: Any) -> None:
    run = original.store.read_run()
    assert find_changes(run, run.facts.digest) == []
    other = replace(
        run,
        jobs=tuple(replace(job, versions={"numpy": "1.0"}) for job in run.jobs),
        code={**run.code, "bench/losses.py": "0"},
        machine={**run.machine, "python": "3.1.4"},
    )
    data, library, code, machine = find_changes(other, "e" * 64)
    assert data == f"data digest {run.facts.digest[:12]} then, eeeeeeeeeeee now"
    assert library.startswith("numpy 1.0 then, ")
    assert code == "code changed since: bench/losses.py"
    assert machine.startswith("python 3.1.4 then, ")


BOARD = """\
rank,model,strategy,tuning,roc_auc,f1,preparation,repair,decision,address,skip_reason
1,logistic,none,default,0.845000,0.600000,encoded,none,f1,aaa,
2,mlp,none,default,0.801000,0.550000,encoded,none,f1,bbb,
,svm,none,default,,,encoded,none,f1,,too slow
"""


def test_equal_boards_are_identical() -> None:
    assert compare_boards(BOARD, BOARD) == [
        "The board is identical to the original's, all 3 rows of it."
    ]


def test_the_largest_difference_is_named_with_its_place() -> None:
    repeated = BOARD.replace("0.801000", "0.804000").replace("0.600000", "0.601000")
    assert compare_boards(BOARD, repeated) == [
        "The board differs from the original's: 2 of 3 rows have other figures.",
        "The largest difference is 0.003, in roc_auc of mlp+none+default.",
    ]


def test_other_addresses_alone_are_no_other_figures() -> None:
    first = compare_boards(BOARD, BOARD.replace("aaa", "ccc"))[0]
    assert first == "The board differs from the original's: 0 of 3 rows have other figures."


def test_rows_of_one_side_only_are_counted() -> None:
    less = "\n".join(line for line in BOARD.splitlines() if "mlp" not in line) + "\n"
    assert compare_boards(BOARD, less)[1:] == [
        "1 row is only in the original, such as mlp+none+default."
    ]
    assert compare_boards(less, BOARD)[1:] == ["1 row is only here, such as mlp+none+default."]


def test_rows_that_a_budget_left_out_are_not_missed() -> None:
    repeated = "\n".join(line for line in BOARD.splitlines() if "svm" not in line) + "\n"
    assert compare_boards(BOARD, repeated, without="too slow") == [
        "The board is identical to the original's, all 2 rows of it."
    ]
