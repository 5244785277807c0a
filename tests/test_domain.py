"""The nouns: coordinates, names, and the identity of a job."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest

from bench.domain import Candidate, DatasetFacts, EvalProtocol, Job, Split

JOB = Job("d" * 64, Candidate("logistic"), Split(0, 0), folds=5, seed=0)

OTHER: dict[str, Any] = {
    "dataset_digest": "e" * 64,
    "candidate": Candidate("logistic", "smote"),
    "split": Split(0, 1),
    "folds": 4,
    "seed": 1,
    "threads": 2,
    "duplicates": "ignore",
    "metric": "roc_auc",
    "inner_folds": 3,
    "trials": 12,
    "choices": ("none",),
    "versions": {"numpy": "2.0"},
    "plugin_digest": "f" * 64,
    "numbers_version": JOB.numbers_version + 1,
    "train_prevalence": 0.05,
    "starts": ({"model.C": 0.5},),
    "order_digest": "e" * 64,
}


def test_a_candidate_prints_its_parts_and_its_preparation_only_where_it_is_not_the_usual() -> None:
    assert str(Candidate("lightgbm", "smote", "optuna")) == "lightgbm+smote+optuna"
    assert str(Candidate("lightgbm", preparation="native")) == "lightgbm+none+default+native"


def test_splits_are_all_folds_of_all_repeats_repeats_first() -> None:
    protocol = EvalProtocol(folds=2, repeats=2)
    assert protocol.splits == (Split(0, 0), Split(0, 1), Split(1, 0), Split(1, 1))


def test_prevalence_is_positives_over_rows() -> None:
    facts = DatasetFacts("toy", "", "d" * 64, "file", 200, 1, 50, ("a",))
    assert facts.prevalence == 0.25
    assert not facts.is_standin
    assert replace(facts, origin="stand-in").is_standin


def test_a_job_id_is_twenty_hexadecimal_digits() -> None:
    assert len(JOB.id) == 20
    assert set(JOB.id) <= set("0123456789abcdef")


def test_every_field_of_a_job_has_another_value_here() -> None:
    assert set(OTHER) == {field.name for field in fields(Job)}


@pytest.mark.parametrize("name", list(OTHER))
def test_every_field_of_a_job_changes_its_id(name: str) -> None:
    assert replace(JOB, **{name: OTHER[name]}).id != JOB.id


def test_the_order_of_versions_does_not_change_a_job_id() -> None:
    forth = replace(JOB, versions={"numpy": "2.0", "xgboost": "3.2"})
    back = replace(JOB, versions={"xgboost": "3.2", "numpy": "2.0"})
    assert forth.id == back.id
