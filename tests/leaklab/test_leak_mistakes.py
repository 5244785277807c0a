"""Each mistake by itself: what it does, and that it does nothing else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.preprocessing import StandardScaler

from bench.domain import Candidate, Dataset, Split
from bench.evaluation.job import JobOptions, run_job
from bench.evaluation.splits import OUTER, row_groups
from bench.evaluation.workspace import View, Workspace, WorkspaceKey
from bench.leaklab.catalogue import choose_mistakes
from bench.leaklab.fits import LeakyFit, Spoilt
from bench.leaklab.judging import LabRow, LabTable
from bench.leaklab.mistakes import spoil
from bench.leaklab.variants import build_variant

FOLDS = 3


@pytest.fixture(scope="session")
def toy_key(toy: Dataset, tmp_path_factory: pytest.TempPathFactory) -> WorkspaceKey:
    folder = tmp_path_factory.mktemp("leaky")
    return Workspace.stage(toy, row_groups(toy, "together"), folder, folds=FOLDS, seed=0)


def make(key: WorkspaceKey, name: str, *, model: str = "logistic", fold: int = 0) -> Spoilt:
    (mistake,) = choose_mistakes([name])
    spoilt = spoil(key, LeakyFit(mistake, model, Split(0, fold), FOLDS, 0))
    assert isinstance(spoilt, Spoilt), spoilt
    return spoilt


def row_of(table: LabTable, mistake: str) -> LabRow:
    (row,) = table.rows_of(mistake)
    return row


@pytest.mark.parametrize("model", ["random-forest", "logistic"])
def test_without_a_mistake_in_the_data_scores_are_those_of_an_ordinary_job(
    toy_key: WorkspaceKey, make_job: Callable[..., Any], model: str
) -> None:
    honest = run_job(make_job(Candidate(model)), Workspace(toy_key), JobOptions("none"))
    assert honest.predictions is not None
    # The copy is made in the data, which here are the honest ones.
    np.testing.assert_array_equal(
        make(toy_key, "target-copy", model=model).score, honest.predictions.score
    )


def test_scaling_on_all_rows_is_what_a_scaler_fitted_on_all_rows_does(
    toy_key: WorkspaceKey,
) -> None:
    workspace = Workspace(toy_key)
    prepared = workspace.prepared(View(Split(0, 0), OUTER))
    numeric = np.isin(prepared.layout.sources, workspace.table.numeric_features)
    both = np.vstack([prepared.train_X, prepared.held_X])
    both[:, numeric] = StandardScaler().fit_transform(both[:, numeric])
    n_train = len(prepared.train_y)
    expected = LogisticRegression(max_iter=1000).fit(both[:n_train], prepared.train_y)
    np.testing.assert_allclose(
        make(toy_key, "scale-on-all").score,
        expected.predict_proba(both[n_train:])[:, 1],
        atol=1e-3,  # the board's own settings of the solver
    )
    assert not np.array_equal(both[:n_train], prepared.train_X)


def test_imputing_on_all_rows_moves_the_filled_cells(toy_key: WorkspaceKey, toy: Dataset) -> None:
    assert toy.X["age"].isna().any()
    honest = make(toy_key, "target-copy").score
    leaky = make(toy_key, "impute-on-all").score
    assert 0 < np.abs(leaky - honest).max() < 0.05


def test_the_best_of_the_same_settings_by_test_rows_is_never_worse_there(
    toy_key: WorkspaceKey,
) -> None:
    from bench.metrics import roc_auc

    differences = []
    for fold in range(FOLDS):
        found = make(toy_key, "tune-on-test", model="lightgbm", fold=fold)
        differences.append(roc_auc(found.y, found.score) - roc_auc(found.y, found.honest_score))
    assert min(differences) >= 0
    assert max(differences) > 0


def test_a_sampler_before_the_split_decides_who_is_tested(
    toy_key: WorkspaceKey, toy: Dataset
) -> None:
    tested = [make(toy_key, "smote", fold=fold).y for fold in range(FOLDS)]
    n_negatives = int((toy.y == 0).sum())
    assert sum(map(len, tested)) == 2 * n_negatives  # rows that nobody is
    for y in tested:
        assert y.mean() == pytest.approx(0.5, abs=0.02)


@pytest.mark.parametrize(("kind", "n_rows"), [("duplicates", 360), ("entity", 720)])
def test_copies_stay_together_honestly_and_part_by_the_mistake(
    toy: Dataset, kind: Any, n_rows: int
) -> None:
    variant = build_variant(kind, toy, seed=0)
    groups = row_groups(variant.dataset, "together")
    assert len(variant.dataset.y) == n_rows
    assert np.unique(groups).size == len(toy.y)
    assert np.unique(variant.leaky_groups).size == n_rows
    own = variant.dataset.y
    for group in range(len(toy.y)):  # every copy has its customer's label
        assert np.unique(own[variant.dataset.groups == group]).size == 1


def test_gaps_are_made_only_where_there_are_none(toy: Dataset, null_dataset: Dataset) -> None:
    assert not build_variant("impute", toy, seed=0).has_own_board
    made = build_variant("impute", null_dataset, seed=0).dataset
    share = made.X.select_dtypes("number").isna().to_numpy().mean()
    assert share == pytest.approx(0.1, abs=0.02)
    assert made.digest != null_dataset.digest


def test_the_copy_is_wrong_as_often_as_it_says_and_spoils_no_name(toy: Dataset) -> None:
    crowded = toy.X.assign(**{"noted afterwards": 1.0})
    dataset = Dataset(toy.spec, crowded, toy.y, toy.digest, toy.origin)
    made = build_variant("copy", dataset, seed=0).dataset
    assert list(made.X.columns) == [*crowded.columns, "noted afterwards'"]
    wrong = (made.X.iloc[:, -1].to_numpy() != toy.y).mean()
    assert wrong == pytest.approx(0.1, abs=0.05)


def test_a_threshold_from_the_test_rows_gives_the_best_f1_there_is(
    toy: Dataset, run_small_lab: Any, tmp_path: Path
) -> None:
    table = run_small_lab(toy, tmp_path, "threshold-on-test")
    row = row_of(table, "threshold-on-test")
    assert row.leaky["roc_auc"] == row.honest["roc_auc"]
    assert row.leaky["f1"] == row.honest["best_f1"]
    assert min(np.subtract(row.leaky["f1"], row.honest["f1"])) >= 0


def test_ceilings_are_what_trying_every_threshold_finds() -> None:
    from bench.leaklab.judging import ceilings

    random = np.random.default_rng(0)
    y = (random.random(60) < 0.3).astype(np.int8)
    score = np.round(random.random(60) + 0.4 * y, 1)
    cuts = [*np.unique(score), 9.0]
    best = max(f1_score(y, score >= cut, zero_division=0) for cut in cuts)
    found = ceilings(y, score)
    assert found["best_f1"] == pytest.approx(best, abs=1e-12)
    assert found["best_accuracy"] == max(float(((score >= cut) == y).mean()) for cut in cuts)


# --- where there is nothing to know ---------------------------------------------------


@pytest.fixture(scope="module")
def null_table(
    null_dataset: Dataset, run_small_lab: Any, tmp_path_factory: pytest.TempPathFactory
) -> LabTable:
    table: LabTable = run_small_lab(
        null_dataset,
        tmp_path_factory.mktemp("null"),
        *("smote-enn", "edited-nearest-neighbours", "scale-on-all", "impute-on-all"),
        *("encode-on-all", "duplicates-across-folds", "target-copy", "entity-across-folds"),
        models=("lightgbm", "logistic"),
    )
    return table


def test_honesty_finds_nothing_where_there_is_nothing(null_table: LabTable) -> None:
    # A fold has 40 positives and 93 negatives, of which chance makes .5 ± .055.
    for reference in null_table.references:
        mean = float(np.mean(reference.values["roc_auc"]))
        assert mean == pytest.approx(0.5, abs=0.08), reference.candidate


@pytest.mark.parametrize(
    ("mistake", "model", "least"),
    [
        ("smote-enn-before-split", "lightgbm", 0.85),
        ("edited-nearest-neighbours-before-split", "lightgbm", 0.6),
        ("duplicates-across-folds", "lightgbm", 0.7),
        ("entity-across-folds", "lightgbm", 0.85),
        ("target-copy", "logistic", 0.85),
        ("encode-on-all", "logistic", 0.75),  # 130 towns of three customers
    ],
)
def test_mistakes_find_skill_where_there_is_none(
    null_table: LabTable, mistake: str, model: str, least: float
) -> None:
    (row,) = (row for row in null_table.rows_of(mistake) if row.model == model)
    assert row.inflation["roc_auc"].leaky > least
    assert row.inflation["roc_auc"].honest == pytest.approx(0.5, abs=0.08)


@pytest.mark.parametrize("mistake", ["scale-on-all", "impute-on-all"])
def test_careless_but_harmless_mistakes_show_nothing(null_table: LabTable, mistake: str) -> None:
    by_model = {row.model: row.inflation["roc_auc"] for row in null_table.rows_of(mistake)}
    assert not any(found.is_beyond_noise for found in by_model.values())
    assert by_model["logistic"].difference == pytest.approx(0, abs=0.01)


def test_selecting_on_all_rows_makes_skill_of_many_columns_of_noise(
    as_dataset: Any, run_small_lab: Any, tmp_path: Path
) -> None:
    gains = []
    for seed in range(3):
        random = np.random.default_rng(seed)
        X = pd.DataFrame({f"n{k}": random.normal(size=80) for k in range(40)})
        noise = as_dataset(X, random.permutation(np.repeat([0, 1], 40)))
        table = run_small_lab(noise, tmp_path / str(seed), "select-on-all")
        gains.append(row_of(table, "select-on-all").inflation["roc_auc"].difference)
    assert float(np.mean(gains)) > 0.07
