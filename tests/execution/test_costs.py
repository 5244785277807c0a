"""What jobs cost: guesses, corrected by what earlier records measured."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bench.domain import Candidate, Job, Record, Split
from bench.execution.costs import learn_costs


def job(model: str, strategy: str = "none", fold: int = 0) -> Job:
    return Job("data", Candidate(model, strategy), Split(0, fold), folds=5, seed=0)


def record(of: Job, seconds: float) -> Record:
    parts = {"prepare": 50.0, "resample": 50.0, "fit": seconds - 1, "predict": 0.5, "explain": 0.5}
    return Record(of, "ok", seconds=parts)


def learnt(jobs: list[Job], records: list[Record]) -> list[float]:
    costs = learn_costs({one.id: 2.0 for one in jobs}, jobs, records, guess=lambda _: 2.0)
    return [costs[one.id] for one in jobs]


def test_without_records_the_guesses_stand() -> None:
    assert learnt([job("lightgbm"), job("logistic")], []) == [2.0, 2.0]


def test_a_candidate_costs_the_median_of_its_own_records() -> None:
    mine = job("lightgbm", "smote")
    records = [record(replace(mine, seed=i), seconds) for i, seconds in enumerate((3.0, 4.0, 90.0))]
    assert learnt([mine], records) == [pytest.approx(4.0)]


def test_a_new_candidate_of_a_model_learns_from_its_others() -> None:
    known, new = job("lightgbm"), job("lightgbm", "smote")
    assert learnt([known, new], [record(known, 6.0)]) == [pytest.approx(6.0)] * 2


def test_a_new_model_learns_how_fast_the_machine_is() -> None:
    known, new = job("lightgbm"), job("logistic")
    assert learnt([known, new], [record(known, 3.0)])[1] == pytest.approx(3.0)


def test_failed_records_and_those_of_unplanned_candidates_teach_nothing() -> None:
    mine = job("lightgbm")
    failed = Record(mine, "failed", error="boom", seconds={"fit": 70.0})
    foreign = record(job("a plug-in of another day"), 70.0)
    assert learnt([mine], [failed, foreign]) == [2.0]
