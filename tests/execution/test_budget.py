"""A time budget as it is written, as it is asked for, and as it runs out."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.domain import Candidate, EvalProtocol, Experiment, Job, Split
from bench.errors import UsageError
from bench.execution.budget import Budget, parse_budget, prefer_cheap
from bench.execution.requests import Request, build_experiment, read_request
from bench.execution.scheduling import Task

JOB = Job("d" * 64, Candidate("logistic"), Split(0, 0), folds=5, seed=0)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90s", 90),
        ("10m", 600),
        ("1h", 3600),
        ("1h30m", 5400),
        ("1h 5m 3s", 3903),
        ("1.5H", 5400),
        ("2 min", 120),
        ("45", 45),
        (600, 600),
        (0.5, 0.5),
    ],
)
def test_a_budget_is_hours_minutes_and_seconds(text: str | float, seconds: float) -> None:
    assert parse_budget(text) == seconds


@pytest.mark.parametrize("text", ["", "soon", "10 parsecs", "-5m", "0", "0m", "30m1h", "1e3", "m"])
def test_what_is_no_length_of_time_is_refused(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_budget(text)
    assert caught.value.message == f"--budget {text!r} is no length of time"
    assert caught.value.hint == "write 10m, 90s, 1h30m, or seconds"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(None, ""), (45.0, "45 s"), (600.0, "10 min"), (5400.0, "1 h 30 min"), (61.0, "1 min 1 s")],
)
def test_an_experiment_tells_its_budget_in_words(seconds: float | None, words: str) -> None:
    assert Experiment("telco", (), budget_seconds=seconds).budget == words


# --- asked for ------------------------------------------------------------------------


def test_neither_a_race_nor_a_budget_unless_asked_for() -> None:
    experiment = build_experiment(Request(repeats=5))
    assert (experiment.race, experiment.budget_seconds) == (False, None)


def test_a_race_keeps_the_protocol_as_it_is() -> None:
    experiment = build_experiment(Request(race=True, repeats=5))
    assert experiment.race
    assert experiment.protocol == EvalProtocol(repeats=5)


@pytest.mark.parametrize(("repeats", "expected"), [(None, 20), (3, 3), (1, 1)])
def test_a_budget_is_a_race_of_up_to_twenty_repeats(repeats: int | None, expected: int) -> None:
    experiment = build_experiment(Request(budget="10m", repeats=repeats))
    assert experiment.race
    assert experiment.budget_seconds == 600
    assert experiment.protocol.repeats == expected


def test_a_race_of_one_repeat_is_refused_with_the_way_out() -> None:
    with pytest.raises(UsageError) as caught:
        build_experiment(Request(race=True))
    assert caught.value.message == "--race stops candidates between repeats, and there is only one"
    assert caught.value.hint == "ask for several, such as --repeats 5"
    # The preset full has three.
    assert build_experiment(Request(race=True, preset="full")).race


def test_an_experiment_file_may_ask_for_both(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text('race = true\nbudget = "1h30m"\n')
    assert read_request(file) == Request(race=True, budget="1h30m")
    file.write_text("budget = 90\n")
    assert build_experiment(read_request(file)).budget_seconds == 90


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("race = 1", "race = 1, expected true or false"),
        ("budget = true", "budget = True, expected text"),
    ],
)
def test_an_experiment_file_with_another_type_is_refused(
    tmp_path: Path, line: str, problem: str
) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(line + "\n")
    with pytest.raises(UsageError) as caught:
        read_request(file)
    assert caught.value.message == f"{file}: {problem}"


# --- running out ----------------------------------------------------------------------


class Clock:
    """Stands still until it is told."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def task(cost: float) -> Task:
    return Task(JOB.id, (print, ()), cost, job=JOB)


def test_the_boards_have_their_time_and_every_fit_adds_to_it() -> None:
    clock = Clock()
    budget = Budget(60.0, started=1000.0, workers=2, clock=clock)
    at_first = budget.seconds_left()
    assert 50 < at_first < 60
    budget.count_fits(100)
    after_reused = budget.seconds_left()
    assert after_reused < at_first
    budget.ended(task(1.0))
    assert budget.seconds_left() < after_reused
    budget.ended(Task(("a study", 3), (print, ()), 1.0, job=JOB))  # a trial is no fit of a board
    clock.now += 10.0
    assert budget.seconds_left() == pytest.approx(after_reused - 10.0, abs=0.1)


def test_what_was_loaded_before_counts() -> None:
    clock = Clock()
    late = Budget(60.0, started=990.0, workers=2, clock=clock)
    assert late.seconds_left() <= 50.0


def test_a_task_may_start_where_its_cost_fits_in_what_is_left() -> None:
    budget = Budget(60.0, started=1000.0, workers=2, clock=Clock())
    assert budget.may_start(task(50.0))
    assert not budget.may_start(task(61.0))


def test_costs_are_scaled_by_the_pace_so_far() -> None:
    clock = Clock()
    budget = Budget(600.0, started=1000.0, workers=2, clock=clock)
    assert budget.pace == 1.0
    clock.now += 100.0
    for _ in range(50):
        budget.ended(task(1.0))
    # 200 wall seconds of two workers for 50 seconds of guessed costs, and 10 for a steady start.
    assert budget.pace == pytest.approx((200 + 10) / (50 + 10))
    left = budget.seconds_left()
    assert not budget.may_start(task(left / 3))
    assert budget.may_start(task(left / 4))


def test_cheap_candidates_come_first_whole_and_studies_last() -> None:
    candidates = {
        Candidate("dear"): 9.0,
        Candidate("cheap"): 1.0,
        Candidate("cheap", "auto", "optuna"): 0.5,
        Candidate("middle"): 2.0,
    }
    jobs = [
        Job("d" * 64, candidate, Split(0, fold), folds=2, seed=0)
        for candidate in candidates
        for fold in (0, 1)
    ]
    # The folds of one candidate need not cost the same.
    costs = {job.id: candidates[job.candidate] + 3 * job.split.fold for job in jobs}
    tasks = [Task("shared", (print, ()), 0.1)]
    tasks += [Task(job.id, (print, ()), costs[job.id], ("shared",), job) for job in jobs]
    prefer_cheap(tasks, costs)
    order = sorted(tasks[1:], key=lambda task: -task.priority)
    assert [task.job.candidate.model for task in order if task.job] == [
        *("cheap", "cheap", "middle", "middle", "dear", "dear", "cheap", "cheap")
    ]
    assert order[-1].job is not None
    assert order[-1].job.candidate.tuning == "optuna"
