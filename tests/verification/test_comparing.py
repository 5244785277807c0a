"""Gaps between two results, measured by hand."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from bench.domain import Candidate, ClassCounts, Job, Predictions, Record, Result, Split
from bench.verification.comparing import compare_figures, compare_results, largest

JOB = Job("d" * 64, Candidate("logistic", "smote"), Split(0, 1), folds=5, seed=0)


def make(score: list[float], **changes: Any) -> Result:
    record = Record(
        JOB,
        "ok",
        n_train=4,
        n_test=len(score),
        counts_before=ClassCounts(3, 1),
        counts_after=ClassCounts(3, 3),
        params={"C": 0.5, "sizes": [4, 4]},
        importance={"gain": {"a": 200.0, "b": 100.0}},
        seconds={"fit": 0.25},
    )
    predictions = Predictions(
        rows=np.arange(len(score), dtype=np.int32),
        y=np.array([0, 1, 0][: len(score)], dtype=np.int8),
        score=np.array(score),
        inner_y=np.empty(0, np.int8),
        inner_score=np.empty(0),
    )
    return Result(replace(record, **changes), predictions)


THEN = make([0.1, 0.5, 40.0])


def places(now: Result) -> dict[str, float]:
    return {gap.place: gap.size for gap in compare_results(THEN, now)}


def test_equal_results_have_no_gaps_whatever_they_cost() -> None:
    now = make([0.1, 0.5, 40.0], seconds={"fit": 9.0}, peak_memory_mb=5.0, messages=("slow",))
    assert compare_results(THEN, now) == []


def test_the_widest_score_counts_relative_to_it_where_it_is_above_one() -> None:
    assert places(make([0.1, 0.5003, 40.0])) == {"score": pytest.approx(0.0003)}
    assert places(make([0.1, 0.5003, 44.0])) == {"score": pytest.approx(0.1)}


def test_the_last_bit_of_a_score_is_a_gap() -> None:
    (gap,) = compare_results(THEN, make([0.1, float(np.nextafter(0.5, 1)), 40.0]))
    assert 0 < gap.size < 1e-15


def test_importances_are_measured_by_the_largest_of_their_method() -> None:
    now = make([0.1, 0.5, 40.0], importance={"gain": {"a": 200.0, "b": 102.0}})
    assert places(now) == {"importance.gain.b": pytest.approx(0.01)}


def test_an_importance_that_was_not_asked_for_then_is_no_gap_and_one_that_is_gone_is() -> None:
    both = {**THEN.record.importance, "permutation": {"a": 1.0}}
    assert places(make([0.1, 0.5, 40.0], importance=both)) == {}
    assert all(math.isinf(size) for size in places(make([0.1, 0.5, 40.0], importance={})).values())


@pytest.mark.parametrize(
    ("changes", "place", "size"),
    [
        ({"params": {"C": 0.6, "sizes": [4, 4]}}, "params.C", 0.1),
        ({"params": {"C": 0.5, "sizes": [4, 8]}}, "params.sizes", math.inf),
        ({"counts_after": ClassCounts(3, 4)}, "counts_after.positives", 1 / 3),
        ({"chosen_strategy": "smote"}, "chosen_strategy", math.inf),
        ({"best_iteration": 7}, "best_iteration", math.inf),
        ({"outputs": "score"}, "outputs", math.inf),
        ({"selected": ("a",)}, "selected", math.inf),
    ],
)
def test_parameters_counts_and_choices_must_come_out_again(
    changes: dict[str, Any], place: str, size: float
) -> None:
    assert places(make([0.1, 0.5, 40.0], **changes)) == {place: pytest.approx(size)}


def test_other_test_rows_are_no_matter_of_tolerance() -> None:
    assert THEN.predictions is not None
    moved = replace(THEN.predictions, rows=THEN.predictions.rows + 1)
    assert places(Result(THEN.record, moved)) == {"test rows": math.inf}
    assert places(make([0.1, 0.5]))["test rows"] == math.inf


def test_changed_labels_are_no_matter_of_tolerance() -> None:
    assert THEN.predictions is not None
    other = replace(THEN.predictions, y=1 - THEN.predictions.y)
    assert places(Result(THEN.record, other)) == {"labels": math.inf}


def test_a_fit_that_fails_now_is_told_by_its_status() -> None:
    trace = 'Traceback (most recent call last):\n  File "m.py", line 1\nValueError: no\nmore\n'
    failed = Result(Record(JOB, "failed", error=trace), None)
    assert [str(gap) for gap in compare_results(THEN, failed)] == [
        "status ok then, failed (ValueError: no) now"
    ]


def test_figures_are_compared_by_name_and_a_missing_one_is_a_gap() -> None:
    gaps = compare_figures({"roc_auc": 0.8, "empc": 10.0}, {"roc_auc": 0.8, "empc": 11.0, "f1": 1})
    assert {gap.place: gap.size for gap in gaps} == {"empc": pytest.approx(0.1), "f1": math.inf}
    assert str(largest(gaps)) == "f1 nothing then, 1 now"
    assert largest([]) is None
