"""What a user is told while work goes on: how much is done, and how long the rest takes."""

import io

import numpy as np
import pytest
from rich.console import Console

from bench.domain import Candidate, Job, Predictions, Record, Result, Split
from bench.execution.planning import Plan
from bench.progress import ProgressObserver


def job(name: str) -> Job:
    return Job("d" * 64, Candidate(name), Split(0, 0), folds=5, seed=0)


def result(of: Job) -> Result:
    y = np.array([0, 1], dtype=np.int8)
    predictions = Predictions(np.arange(2, dtype=np.int32), y, y.astype(float), y[:0], y[:0] * 1.0)
    return Result(Record(of, "ok"), predictions)


@pytest.fixture
def now() -> list[float]:
    """Return the time, in a list so that a test can move it on."""
    return [100.0]


def observe(now: list[float], costs: dict[str, float]) -> tuple[ProgressObserver, io.StringIO]:
    """Return the observer of a plan for two workers that has been announced, and its output."""
    jobs = tuple(job(name) for name in costs)
    plan = Plan(
        jobs,
        (),
        {one.id: "none" for one in jobs},
        {one.id: costs[one.candidate.model] for one in jobs},
        {one.id: 1 for one in jobs},
    )
    out = io.StringIO()
    observer = ProgressObserver(
        Console(file=out, width=100), rank_by="roc_auc", clock=lambda: now[0]
    )
    observer.planned(plan, jobs, workers=2)
    return observer, out


def test_the_time_left_follows_from_the_time_taken(now: list[float]) -> None:
    observer, out = observe(now, {"a": 10.0, "b": 10.0, "c": 10.0, "d": 10.0})
    now[0] += 20.0  # twice as slow as was thought: a and b took 20 s, c and d will, too
    observer.finished(result(job("a")))
    observer.finished(result(job("b")))
    assert "2/4 fits, 20 s left" in out.getvalue()


def test_a_study_is_never_done_before_its_last_trial(now: list[float]) -> None:
    # Half of the work is done, but what is left are the trials of one study on one worker.
    observer, out = observe(now, {"a": 20.0, "study": 40.0, "b": 16.0, "c": 4.0})
    now[0] += 18.0
    observer.finished(result(job("a")))
    observer.finished(result(job("b")))
    assert "2/4 fits, 40 s left" in out.getvalue()
    observer.advanced(job("study"), 0.5)
    now[0] += 12.0
    observer.finished(result(job("c")))
    assert "3/4 fits, 20 s left" in out.getvalue()


def test_what_fails_is_said_at_once_and_counted(now: list[float]) -> None:
    observer, out = observe(now, {"a": 1.0, "b": 1.0})
    trace = 'Traceback (most recent call last):\n  File "m.py", line 1\nValueError: no\nmore\n'
    observer.finished(Result(Record(job("a"), "failed", error=trace), None))
    assert "failed: a+none+default, repeat 0, fold 0: ValueError: no\n" in out.getvalue()
    assert "1 failed" in out.getvalue()
