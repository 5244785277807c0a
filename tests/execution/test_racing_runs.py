"""Races: what is asked for repeat by repeat, what a budget cuts, and that runs are repeatable."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from bench.analysis.racing import Referee
from bench.api import write_boards
from bench.doctor import diagnose
from bench.domain import (
    Candidate,
    Dataset,
    DatasetFacts,
    EvalProtocol,
    Experiment,
    Job,
    Record,
    Result,
    Run,
    Skip,
    Split,
    Stop,
)
from bench.errors import UsageError
from bench.execution.planning import Plan
from bench.execution.running import Outcome, RunOptions, run_experiment
from bench.execution.stages import Race, Stage
from bench.store import Store

A, B, C = Candidate("a"), Candidate("b"), Candidate("c")
REPAIRED = replace(C, repair="prior")
FACTS = DatasetFacts("toy", "Toy", "d" * 64, "built-in", 100, 2, 30, ("x", "y"))


def make_race(
    decisions: Mapping[int, Collection[Candidate]], *, repeats: int = 4, **asked: Any
) -> Race:
    """Return a race of three whose referee says after each repeat who stops."""
    experiment = Experiment(
        "toy", (A, B, C, REPAIRED), EvalProtocol(folds=2, repeats=repeats), race=True, **asked
    )
    jobs = tuple(
        Job("d" * 64, candidate, split, folds=2, seed=0)
        for candidate in (A, B, C)
        for split in experiment.protocol.splits
    )

    def referee(run: Run, results: Any, *, values: Any = None) -> tuple[Stop, ...]:
        out = decisions.get(run.n_repeats, ())
        assert set(out) <= {job.candidate for job in run.jobs}
        return tuple(Stop(c, run.n_repeats, A, "roc_auc", -0.1, 0.0, 0.001) for c in sorted(out))

    plan = Plan(jobs, (), {}, {}, {})
    return Race(Run(experiment, FACTS, jobs, ()), plan, referee)


def go(
    race: Race,
    *,
    failed: Collection[tuple[Candidate, int]] = (),
    cut: Mapping[int, Collection[Candidate]] | None = None,
    last: int = 99,
) -> list[Stage]:
    """Run the race: some fits fail, a budget cuts others; after ``last`` repeats time is up."""
    stages = []
    results: dict[str, Result] = {}
    while not race.is_over:
        stage = race.next_stage(lambda job: True)
        stages.append(stage)
        lost = (cut or {}).get(stage.repeat, ())
        unfinished = [job for job in stage.jobs if job.candidate in lost]
        for job in stage.jobs:
            is_failed = (job.candidate, stage.repeat) in failed
            results[job.id] = Result(Record(job, "failed" if is_failed else "ok"), None)
        race.close(stage, results, cut=unfinished, is_time_up=stage.repeat + 1 >= last)
    return stages


def asked_of(run: Run) -> dict[Candidate, int]:
    """Return how many repeats of each candidate a run asked for."""
    splits: dict[Candidate, list[Split]] = {}
    for job in run.jobs:
        splits.setdefault(job.candidate, []).append(job.split)
    for found in splits.values():
        assert found == [Split(r, f) for r in range(len(found) // 2) for f in (0, 1)]
    return {candidate: len(found) // 2 for candidate, found in splits.items()}


# --- who is asked for what ------------------------------------------------------------


def test_whoever_stops_is_not_asked_for_again() -> None:
    race = make_race({1: [C], 3: [B]}, repeats=5)
    go(race)
    assert asked_of(race.run) == {A: 3, B: 3, C: 1}
    assert [(stop.candidate, stop.repeats) for stop in race.run.stopped] == [(C, 1), (B, 3)]


def test_jobs_stand_in_the_order_of_the_plan_whatever_the_repeat() -> None:
    race = make_race({1: [B]}, repeats=2)
    planned = [job.id for job in go(race)[0].jobs]
    order = [(job.candidate, job.split) for job in race.run.jobs]
    assert order == sorted(order)
    assert set(planned) <= {job.id for job in race.run.jobs}


def test_a_race_with_one_candidate_left_is_decided() -> None:
    race = make_race({2: [B, C]})
    assert len(go(race)) == 2
    assert race.run.ending == "decided"


def test_a_race_that_stops_nobody_runs_all_repeats() -> None:
    race = make_race({})
    assert len(go(race)) == 4
    assert race.run.ending == "planned"
    assert asked_of(race.run) == {A: 4, B: 4, C: 4}


def test_nobody_judges_after_the_last_repeat() -> None:
    race = make_race({2: [C]}, repeats=2)
    go(race)
    assert race.run.stopped == ()


def test_a_candidate_with_a_failed_fit_goes_no_further_and_is_not_stopped() -> None:
    race = make_race({})
    go(race, failed=[(B, 0)])
    assert asked_of(race.run) == {A: 4, B: 1, C: 4}
    assert race.run.stopped == ()


def test_a_race_in_which_all_fail_ends_as_planned() -> None:
    race = make_race({})
    go(race, failed=[(A, 0), (B, 0), (C, 0)])
    assert (asked_of(race.run), race.run.ending) == ({A: 1, B: 1, C: 1}, "planned")


# --- what a budget cuts ---------------------------------------------------------------


def test_candidates_that_a_budget_cut_in_the_first_repeat_are_left_out_with_all_their_rows() -> (
    None
):
    race = make_race({}, budget_seconds=90.0)
    go(race, cut={0: [C]})
    reason = "not run: the budget of 1 min 30 s was used up"
    assert race.run.skips == (Skip(C, reason), Skip(REPAIRED, reason))
    assert race.run.candidates == (A, B)
    assert (asked_of(race.run), race.run.ending) == ({A: 1, B: 1}, "budget")


def test_a_later_repeat_that_a_budget_cut_counts_for_nobody() -> None:
    race = make_race({}, budget_seconds=90.0)
    go(race, cut={2: [C]})
    assert (asked_of(race.run), race.run.ending) == ({A: 2, B: 2, C: 2}, "budget")
    assert race.run.skips == ()


def test_whoever_stopped_just_before_a_repeat_that_was_cut_has_missed_nothing() -> None:
    early = make_race({1: [C]}, budget_seconds=90.0)
    go(early, cut={2: [A]})
    assert [stop.candidate for stop in early.run.stopped] == [C]
    late = make_race({2: [C]}, budget_seconds=90.0)
    go(late, cut={2: [A]})
    assert late.run.stopped == ()


def test_when_the_time_is_up_between_repeats_nobody_is_judged() -> None:
    race = make_race({2: [C]}, budget_seconds=90.0)
    go(race, last=2)
    assert (asked_of(race.run), race.run.ending) == ({A: 2, B: 2, C: 2}, "budget")
    assert race.run.stopped == ()


def test_all_repeats_within_the_budget_are_as_planned() -> None:
    race = make_race({}, budget_seconds=90.0, repeats=2)
    go(race, last=2)
    assert race.run.ending == "planned"


def test_a_budget_that_holds_no_candidate_is_an_error_with_the_way_out() -> None:
    race = make_race({}, budget_seconds=2.0)
    with pytest.raises(UsageError) as caught:
        go(race, cut={0: [A, B, C]})
    assert caught.value.message == (
        "the budget of 2 s was used up before any candidate had finished its folds"
    )
    assert caught.value.hint == (
        "give it more, such as --budget 10m; finished fits are kept for that"
    )


# --- real workers ---------------------------------------------------------------------

GRID = Experiment(
    "toy",
    (
        Candidate("logistic"),
        Candidate("logistic", "class-weight"),
        Candidate("logistic", "class-weight", repair="prior"),
        Candidate("decision-tree"),
        Candidate("prior-only"),
    ),
    EvalProtocol(folds=5, repeats=3),
    importance="none",
    race=True,
)
LOSER = Candidate("prior-only")


class Listener:
    """Counts stages and results; interrupts after so many results, if asked to."""

    def __init__(self, interrupt_after: int = -1) -> None:
        self.stages: list[Stage] = []
        self.n_finished = 0
        self._interrupt_after = interrupt_after

    def planned(self, plan: Plan, missing: tuple[Job, ...], *, workers: int) -> None:
        pass

    def staged(self, stage: Stage) -> None:
        self.stages.append(stage)

    def started(self, job: Job) -> None:
        pass

    def advanced(self, job: Job, share: float) -> None:
        pass

    def finished(self, result: Result) -> None:
        self.n_finished += 1
        if self.n_finished == self._interrupt_after:
            raise KeyboardInterrupt


def run(
    dataset: Dataset,
    store: Store,
    *,
    experiment: Experiment = GRID,
    listener: Listener | None = None,
    **options: Any,
) -> Outcome:
    return run_experiment(
        experiment,
        dataset,
        diagnose(dataset),
        store=store,
        options=RunOptions(
            **{"workers": 2, "command": "python -m bench run", "referee": Referee()} | options
        ),
        observer=listener or Listener(),
    )


def board(outcome: Outcome, store: Store) -> bytes:
    write_boards(outcome.run, outcome.results, store)
    return (store.folder / "leaderboard.csv").read_bytes()


@pytest.fixture(scope="module")
def customers(make_dataset: Callable[..., Dataset]) -> Dataset:
    """Enough of them that a model without features is behind after one repeat."""
    return make_dataset(600)


@pytest.fixture(scope="module")
def undisturbed(
    customers: Dataset, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Store, Outcome, bytes]:
    store = Store(tmp_path_factory.mktemp("raced") / "toy")
    outcome = run(customers, store)
    return store, outcome, board(outcome, store)


def test_a_real_race_stops_the_baseline_and_leaves_its_later_repeats_alone(
    undisturbed: tuple[Store, Outcome, bytes],
) -> None:
    store, outcome, csv = undisturbed
    stopped = {stop.candidate: stop.repeats for stop in outcome.run.stopped}
    assert stopped[LOSER] == 1
    assert Candidate("logistic") not in stopped
    splits = {job.split for job in outcome.run.jobs if job.candidate == LOSER}
    assert {split.repeat for split in splits} == {0}
    assert set(outcome.results) == {job.id for job in outcome.run.jobs}
    assert outcome.run.n_fitted == len(outcome.run.jobs) == store.count_records()
    assert b"prior-only,none,default,stopped,5,0.333333,," in csv


def test_one_worker_makes_the_same_board(
    customers: Dataset, undisturbed: tuple[Store, Outcome, bytes], tmp_path: Path
) -> None:
    store = Store(tmp_path / "toy")
    assert board(run(customers, store, workers=1), store) == undisturbed[2]


def test_an_interrupted_race_goes_on_to_the_same_board(
    customers: Dataset, undisturbed: tuple[Store, Outcome, bytes], tmp_path: Path
) -> None:
    store = Store(tmp_path / "toy")
    n_kept = 23  # in the middle of the second repeat
    with pytest.raises(KeyboardInterrupt):
        run(customers, store, listener=Listener(interrupt_after=n_kept))
    assert store.read_run().is_interrupted
    outcome = run(customers, store)
    assert (outcome.run.n_reused, outcome.run.n_fitted) == (n_kept, len(outcome.run.jobs) - n_kept)
    assert board(outcome, store) == undisturbed[2]


def test_more_repeats_of_the_stopped_in_the_store_change_nothing(
    customers: Dataset, undisturbed: tuple[Store, Outcome, bytes], tmp_path: Path
) -> None:
    store = Store(tmp_path / "toy")
    whole = run(customers, store, experiment=replace(GRID, race=False), referee=None)
    assert len(whole.run.jobs) == 4 * 15
    listener = Listener()
    outcome = run(customers, store, listener=listener)
    assert (listener.n_finished, outcome.run.n_fitted) == (0, 0)
    assert outcome.run.n_reused == len(outcome.run.jobs) == len(undisturbed[1].run.jobs)
    assert board(outcome, store) == undisturbed[2]


def test_longer_races_decide_the_same_after_the_same_repeats(
    customers: Dataset, undisturbed: tuple[Store, Outcome, bytes], tmp_path: Path
) -> None:
    import shutil

    shutil.copytree(undisturbed[0].folder, tmp_path / "toy")
    longer = replace(GRID, protocol=replace(GRID.protocol, repeats=4))
    outcome = run(customers, Store(tmp_path / "toy"), experiment=longer)
    early = [stop for stop in outcome.run.stopped if stop.repeats < 3]
    assert tuple(early) == undisturbed[1].run.stopped


@pytest.fixture
def households(as_dataset: Callable[..., Dataset]) -> Dataset:
    """Eight of ten customers; ten, two and two of the first three churn.

    In three folds the third repeat is the first that lacks churners somewhere.
    """
    y = np.zeros(80, dtype=np.int8)
    y[0:10] = y[10:12] = y[20:22] = 1
    usage = np.random.default_rng(0).normal(size=80)
    return as_dataset(pd.DataFrame({"usage": usage}), y, groups=np.repeat(np.arange(8), 10))


def of_households(*, repeats: int, folds: int = 3, race: bool = True) -> Experiment:
    candidates = (Candidate("logistic"), Candidate("prior-only"))
    protocol = EvalProtocol(folds=folds, repeats=repeats)
    return Experiment("toy", candidates, protocol, importance="none", race=race)


def all_go_on(run: Run, results: Any, *, values: Any = None) -> tuple[Stop, ...]:
    return ()


def test_a_repeat_that_lacks_a_class_is_refused_when_its_turn_comes_and_earlier_ones_are_kept(
    households: Dataset, tmp_path: Path
) -> None:
    store = Store(tmp_path / "toy")
    quick = {"referee": all_go_on, "engine": "inline", "workers": 1}
    with pytest.raises(UsageError) as caught:
        run(households, store, experiment=of_households(repeats=20), **quick)
    assert str(caught.value) == (
        "fold 3 of 3 of repeat 3 has 0 positives and 20 negatives, and each class must be there\n"
        "hint: use --repeats 2 (finished fits are kept), use fewer folds (--folds), "
        "or use groups of another column"
    )
    outcome = run(households, store, experiment=of_households(repeats=2), **quick)
    assert (outcome.run.n_fitted, outcome.run.n_reused) == (0, 2 * 2 * 3)
    assert outcome.run.ending == "planned"


@pytest.mark.parametrize(
    "asked",
    [of_households(repeats=20, race=False), of_households(repeats=20, folds=4)],
    ids=["no race", "first repeat"],
)
def test_what_surely_runs_is_refused_before_anything_is_written(
    households: Dataset, tmp_path: Path, asked: Experiment
) -> None:
    store = Store(tmp_path / "toy")
    with pytest.raises(UsageError, match="and each class must be there"):
        run(households, store, experiment=asked, referee=all_go_on, engine="inline", workers=1)
    assert not store.folder.exists()


def test_a_race_without_a_referee_is_refused(customers: Dataset, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"^a race has no referee, expected RunOptions\.referee$"):
        run(customers, Store(tmp_path / "toy"), referee=None)


def test_a_generous_budget_makes_the_board_of_a_race(
    customers: Dataset, undisturbed: tuple[Store, Outcome, bytes], tmp_path: Path
) -> None:
    store = Store(tmp_path / "toy")
    outcome = run(customers, store, experiment=replace(GRID, budget_seconds=36_000.0))
    assert outcome.run.ending == "planned"
    assert board(outcome, store) == undisturbed[2]


def test_a_budget_that_is_used_up_keeps_no_half_done_work_as_a_failure(
    customers: Dataset, tmp_path: Path
) -> None:
    store = Store(tmp_path / "toy")
    with pytest.raises(UsageError, match="was used up before any candidate had finished"):
        run(customers, store, experiment=replace(GRID, budget_seconds=0.5))
    kept = store.read_run()
    assert kept.failures == {}
    assert kept.is_interrupted
