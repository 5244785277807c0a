"""What is written to JSON comes back equal, and nonsense does not come back at all."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import pytest

from bench.domain import (
    Candidate,
    ClassCounts,
    DatasetFacts,
    EvalProtocol,
    Experiment,
    Finding,
    Job,
    Record,
    Run,
    Skip,
    Split,
)
from bench.serial import from_json, to_json


@dataclass(frozen=True)
class Leaf:
    size: int
    share: float = 0.5


@dataclass(frozen=True)
class Tree:
    name: str
    kind: Literal["oak", "elm"] = "oak"
    leaves: tuple[Leaf, ...] = ()
    pair: tuple[int, str] = (0, "")
    best: Leaf | None = None
    tags: tuple[str, ...] | None = None
    by_name: Mapping[str, Leaf] = field(default_factory=dict)
    loose: Any = None


TREE = Tree(
    "ash",
    "elm",
    (Leaf(1), Leaf(2, 0.25)),
    (3, "x"),
    Leaf(4),
    ("a",),
    {"n": Leaf(5)},
    {"k": [1, 2]},
)


def make_run() -> Run:
    candidate = Candidate("logistic", "smote", "optuna", "native")
    job = Job("d" * 64, candidate, Split(1, 2), folds=5, seed=7, choices=("none", "smote"))
    finding = Finding("severe", "target-leak", "column 'a'", ("a",))
    facts = DatasetFacts("toy", "Toy", "d" * 64, "file", 9, 2, 3, ("a", "b"), findings=(finding,))
    return Run(
        experiment=Experiment("toy", (candidate,), EvalProtocol(repeats=2), ("none", "smote")),
        facts=facts,
        jobs=(job,),
        skips=(Skip(Candidate("svm-rbf"), "too slow"),),
        failures={job.id: "boom"},
        machine={"cores": 2, "memory_gb": None},
    )


def through_text(value: Any) -> Any:
    return json.loads(json.dumps(to_json(value), allow_nan=False))


@pytest.mark.parametrize(
    "value",
    [
        TREE,
        Tree("bare"),
        make_run(),
        Record(
            make_run().jobs[0],
            "ok",
            counts_before=ClassCounts(3, 1),
            params={"depth": 3, "sizes": [4, 4]},
            importance={"gain": {"a": 0.5}},
            best_iteration=None,
        ),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_value_comes_back_equal_through_text(value: Any) -> None:
    assert from_json(type(value), through_text(value)) == value


def test_a_key_that_is_not_known_is_passed_over() -> None:
    assert from_json(Leaf, {"size": 1, "colour": "green"}) == Leaf(1)


def test_a_field_with_a_default_may_be_missing() -> None:
    assert from_json(Tree, {"name": "ash"}) == Tree("ash")


def test_a_whole_number_becomes_a_float_where_one_is_declared() -> None:
    assert type(from_json(Leaf, {"size": 1, "share": 1}).share) is float


def test_keys_that_are_not_text_become_text() -> None:
    assert to_json({1: (2, 3)}) == {"1": [2, 3]}


def test_a_missing_field_is_named_with_its_place() -> None:
    with pytest.raises(
        ValueError, match=r"^Tree\.best: .*missing 1 required positional argument: 'size'$"
    ):
        from_json(Tree, {"name": "ash", "best": {}})


@pytest.mark.parametrize("data", [[], "text", 3, None])
def test_anything_but_an_object_is_refused_for_a_dataclass(data: Any) -> None:
    kind = type(data).__name__
    with pytest.raises(ValueError, match=rf"^Leaf: expected an object, found {kind}$"):
        from_json(Leaf, data)


@pytest.mark.parametrize(
    "data",
    [
        {"name": "ash", "leaves": [3]},
        {"name": "ash", "leaves": 3},
        {"name": "ash", "leaves": "three"},
        {"name": "ash", "tags": "abc"},
        {"name": "ash", "by_name": [1]},
        {"name": "ash", "pair": [1]},
        {"name": "ash", "best": {"size": 1, "share": "much"}},
    ],
    ids=str,
)
def test_a_wrong_shape_is_a_value_error(data: Any) -> None:
    with pytest.raises(ValueError, match=r"."):
        from_json(Tree, data)
