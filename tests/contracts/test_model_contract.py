"""Every model of ours holds every clause that applies to it."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pytest

from bench.contracts import MODEL_CLAUSES, Clause
from bench.contracts.models import stops_early
from bench.contracts.tables import N_TRAIN, UNSEEN, coarse_rows, small_case, small_table
from bench.models import MODELS, Model
from bench.models.base import StoppingMetric


@pytest.mark.parametrize(
    ("model", "clause"),
    [
        pytest.param(model, clause, id=f"{model.name}-{clause.name}")
        for model in MODELS
        for clause in MODEL_CLAUSES
        if clause.applies(model)
    ],
)
def test_model_holds(model: Model, clause: Clause[Model]) -> None:
    assert clause.problem_with(model) == ""


def test_every_model_clause_applies_to_some_model_of_ours() -> None:
    idle = [c.name for c in MODEL_CLAUSES if not any(c.applies(model) for model in MODELS)]

    assert idle == []


def test_the_boosters_are_the_models_that_must_stop_early() -> None:
    clause = next(c for c in MODEL_CLAUSES if c.check is stops_early)

    assert [m.name for m in MODELS if clause.applies(m)] == ["lightgbm", "xgboost", "catboost"]
    assert get_args(StoppingMetric) == ("roc_auc", "average_precision", "log_loss", "brier")


def test_the_small_table_has_what_the_clauses_need() -> None:
    table = small_table()
    is_unseen = table.codes[:, 0] == UNSEEN

    assert table.y.mean() == 0.2
    assert min(table.y[:N_TRAIN].sum(), table.y[N_TRAIN:].sum()) >= 15
    assert np.isnan(table.numeric).any(axis=0).tolist() == [False, False, True, False]
    assert is_unseen[N_TRAIN:].any()
    assert not is_unseen[:N_TRAIN].any()


def test_rows_of_one_kind_carry_both_labels() -> None:
    rows = coarse_rows()

    _, kinds = np.unique(rows.X, axis=0, return_inverse=True)

    labels = [set(rows.y[kinds == kind].tolist()) for kind in range(kinds.max() + 1)]

    assert labels == [{0, 1}] * 9


def test_no_clause_sees_what_another_did_to_its_rows() -> None:
    small_case().train.X[:] = 0.0
    small_case().train.y[:] = 0

    assert small_case().train.X.any()
    assert small_case().train.y.any()
