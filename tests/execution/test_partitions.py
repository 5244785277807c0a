"""``--split``: what it may say, and a run that learns from the past only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bench.api import Silent
from bench.data.loading import LoadOptions
from bench.doctor import diagnose
from bench.domain import Candidate, Dataset, EvalProtocol, Experiment
from bench.errors import UsageError
from bench.evaluation.splits import time_ranks
from bench.execution.partitions import loading_for, settle_split
from bench.execution.planning import plan_experiment
from bench.execution.requests import Request, build_experiment
from bench.execution.running import RunOptions, run_experiment
from bench.execution.traits import describe_traits
from bench.store import Store


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        (
            Request(split="weekly"),
            "--split 'weekly' is not known\n"
            "hint: expected random, time, time:COLUMN or group:COLUMN",
        ),
        (
            Request(split="group"),
            "--split 'group' is not known\n"
            "hint: expected random, time, time:COLUMN or group:COLUMN",
        ),
        (
            Request(split="time", repeats=3),
            "--split time draws nothing, so 3 repeats would all be the same\nhint: use --repeats 1",
        ),
        (
            Request(split="time:day", budget="5m"),
            "--split time is run once, and --budget decides how often\n"
            "hint: leave out one of the two",
        ),
    ],
)
def test_a_split_that_cannot_be_meant_is_refused(request_: Request, message: str) -> None:
    with pytest.raises(UsageError) as raised:
        build_experiment(request_)
    assert str(raised.value) == message


def test_a_split_by_time_has_one_repeat_whatever_the_preset() -> None:
    assert build_experiment(Request(preset="full", split="time")).protocol.repeats == 1


@pytest.mark.parametrize(
    ("split", "group", "time"),
    [
        ("random", "", ""),
        ("time", "", ""),
        ("time:day", "", "day"),
        ("group:house: number", "house: number", ""),
    ],
)
def test_the_loader_is_told_which_column_a_split_names(split: str, group: str, time: str) -> None:
    experiment = build_experiment(Request(split=split))
    options = loading_for(experiment, LoadOptions(require_real=True))
    assert options == LoadOptions(require_real=True, group=group, time=time)


def test_time_without_a_column_is_refused_with_the_way_out(toy: Dataset) -> None:
    with pytest.raises(UsageError) as raised:
        settle_split(build_experiment(Request(split="time")), toy)
    assert str(raised.value) == (
        "--split time: toy does not say which column orders its rows\n"
        "hint: name it, as in --split time:COLUMN, or in its adapter: "
        '[columns] time = "COLUMN"'
    )


def test_a_group_of_the_adapter_counts_as_asked_for(toy: Dataset) -> None:
    columns = replace(toy.spec.columns, group="household")
    grouped = replace(toy, spec=replace(toy.spec, columns=columns))
    experiment = settle_split(build_experiment(Request()), grouped)
    assert experiment.protocol.split == "group:household"
    assert settle_split(build_experiment(Request()), toy).protocol.split == "random"


EXPERIMENT = Experiment(
    "toy",
    (Candidate("logistic"), Candidate("logistic", "none", "optuna")),
    EvalProtocol(folds=3, trials=2, inner_folds=2, split="time:day"),
    importance="none",
)


def test_a_run_by_time_learns_from_the_past_and_tests_the_next_period(
    toy: Dataset, tmp_path: Path
) -> None:
    time = np.random.default_rng(1).permutation(len(toy.y)).astype(float)
    outcome = run_experiment(
        EXPERIMENT,
        replace(toy, time=time),
        diagnose(toy),
        store=Store(tmp_path / "toy"),
        options=RunOptions(engine="inline", workers=1),
        observer=Silent(),
    )

    assert not outcome.run.failures
    quarter = len(time) / 4
    for job in outcome.run.jobs:
        predictions = outcome.results[job.id].predictions
        assert predictions is not None
        tested = np.sort(time[predictions.rows])
        assert tested[0] == pytest.approx(quarter * (job.split.fold + 1), abs=1)
        assert len(tested) == pytest.approx(quarter, abs=1)
        assert outcome.results[job.id].record.n_train == pytest.approx(tested[0], abs=1)
        # Of two inner periods and one that only learns, the last two have scores.
        if job.trials:
            n_scored = predictions.inner_score.size
            assert n_scored == pytest.approx(2 / 3 * tested[0], abs=1)
            assert np.isfinite(predictions.inner_score).all()


def test_another_order_is_another_job_and_a_random_split_does_not_know_of_it(
    toy: Dataset,
) -> None:
    one, other = np.arange(len(toy.y), dtype=float), np.arange(len(toy.y), dtype=float)[::-1]
    traits = [describe_traits(replace(toy, time=time)) for time in (one, other)]
    ids = [plan_experiment(EXPERIMENT, each).jobs[0].id for each in traits]
    assert ids[0] != ids[1]

    random = replace(EXPERIMENT, protocol=replace(EXPERIMENT.protocol, split="random"))
    ids = [plan_experiment(random, each).jobs[0].id for each in (*traits, describe_traits(toy))]
    assert len(set(ids)) == 1


def test_only_the_order_of_moments_counts() -> None:
    days = np.array([3.5, 1.0, 3.5, 2.0])
    assert time_ranks(days).tolist() == time_ranks(days * 86400).tolist() == [2, 0, 2, 1]


# --- groups that leave a fold without a class -----------------------------------------


def refused(dataset: Dataset, folder: Path, **changes: object) -> str:
    """Return why a run is refused that fits nothing and leaves nothing."""
    asked = Experiment("toy", (Candidate("logistic"),), EvalProtocol(folds=3), importance="none")
    with pytest.raises(UsageError) as raised:
        run_experiment(
            replace(asked, **changes),  # type: ignore[arg-type]
            dataset,
            diagnose(dataset),
            store=Store(folder / "toy"),
            options=RunOptions(engine="inline", workers=1),
            observer=Silent(),
        )
    assert list(folder.iterdir()) == []
    return str(raised.value)


@pytest.mark.parametrize("race", [False, True])
def test_groups_that_leave_a_fold_without_churners_are_refused_before_any_fit(
    toy: Dataset, tmp_path: Path, race: bool
) -> None:
    groups = np.where(toy.y == 1, -1, np.arange(len(toy.y)))  # all churners in one household
    protocol = EvalProtocol(folds=3, repeats=2 if race else 1, split="group:household")
    found = refused(replace(toy, groups=groups), tmp_path, protocol=protocol, race=race)
    assert " has 0 positives and " in found or " learns from 0 positives and " in found
    assert found.endswith("\nhint: use fewer folds (--folds), or use groups of another column")


def test_duplicates_that_leave_a_fold_without_churners_are_refused_before_any_fit(
    make_dataset: Callable[..., Dataset], tmp_path: Path
) -> None:
    few = make_dataset(30, share=0.2)
    churners = np.flatnonzero(few.y)
    X = few.X.copy()
    X.iloc[churners] = X.iloc[churners[0]]  # all of them alike
    found = refused(replace(few, X=X), tmp_path)
    assert found.endswith("\nhint: use fewer folds (--folds), or use --duplicates ignore")
