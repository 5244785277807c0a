"""Shared matrices: made once, the same for everyone, from training rows only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from doing import build_table
from imblearn.over_sampling import SMOTE, SMOTENC

from bench.domain import ClassCounts, Dataset, Split
from bench.evaluation.splits import OUTER, STOP, inner_parts, row_groups
from bench.evaluation.workspace import View, Workspace
from bench.identity import derive_seed
from bench.strategies import STRATEGIES

VIEW = View(Split(0, 1), OUTER)
NAMES = STRATEGIES.names
RESAMPLERS = tuple(strategy.name for strategy in STRATEGIES if strategy.resample is not None)

MakeWorkspace = Callable[..., Workspace]


def snapshot(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*.npy")}


@pytest.fixture
def keyed(toy: Dataset, tmp_path: Path) -> Callable[[], Workspace]:
    """Open the same folder again and again, as every process does."""
    table = build_table(toy, row_groups(toy, "together"))
    key = Workspace.create(table, tmp_path, folds=3, seed=0)
    return lambda: Workspace(key)


@pytest.mark.parametrize("strategy", ["", *RESAMPLERS])
def test_what_one_process_made_another_reads(
    keyed: Callable[[], Workspace], tmp_path: Path, strategy: str
) -> None:
    def look(workspace: Workspace) -> Any:
        if strategy:
            return workspace.trainable(VIEW, strategy).data.X
        return workspace.prepared(VIEW).train_X

    first = np.array(look(keyed()))
    path = tmp_path / str(VIEW) / (strategy or "prepared") / ("X.npy" if strategy else "train.npy")
    np.testing.assert_array_equal(np.load(path), first)
    np.save(path, first + 1)  # so that a second computation would show
    np.testing.assert_array_equal(look(keyed()), first + 1)


def test_a_dataset_staged_by_columns_is_the_table_that_is_built(
    toy: Dataset, tmp_path: Path
) -> None:
    groups = row_groups(toy, "together")
    table = build_table(toy, groups)

    staged = Workspace(Workspace.stage(toy, groups, tmp_path, folds=3, seed=0)).table

    for name in ("numeric", "codes", "y", "groups"):
        np.testing.assert_array_equal(getattr(staged, name), getattr(table, name))
        assert getattr(staged, name).dtype == getattr(table, name).dtype
    assert (staged.features, staged.economics) == (table.features, table.economics)
    assert staged.numeric_features == table.numeric_features
    assert staged.categorical_features == table.categorical_features


def test_two_workspaces_of_one_table_hold_the_same_bytes(
    toy: Dataset, make_workspace: MakeWorkspace
) -> None:
    pair = [make_workspace(toy), make_workspace(toy)]
    for workspace in pair:
        for strategy in NAMES:
            workspace.trainable(VIEW, strategy)
    first, second = (snapshot(workspace._folder) for workspace in pair)
    assert len(first) == 4 + 2 + 2 * len(RESAMPLERS)
    assert first == second


def test_the_parameters_of_a_trial_leave_nothing_behind(keyed: Callable[[], Workspace]) -> None:
    workspace = keyed()
    shared = workspace.trainable(VIEW, "smote")
    before = snapshot(workspace._folder)
    tried = workspace.trainable(VIEW, "smote", {"balance": 0.8, "k_neighbors": 2})
    assert snapshot(workspace._folder) == before
    assert tried.after.positives < shared.after.positives


def test_no_temporary_folder_is_left(keyed: Callable[[], Workspace], tmp_path: Path) -> None:
    keyed().trainable(VIEW, "smote")
    assert sorted(p.name for p in tmp_path.iterdir()) == [str(VIEW), "table"]
    assert sorted(p.name for p in (tmp_path / str(VIEW)).iterdir()) == ["prepared", "smote"]


@pytest.mark.parametrize("part", [OUTER, STOP, *inner_parts(2)], ids=str)
def test_labels_belong_to_their_rows(toy: Dataset, toy_workspace: Workspace, part: Any) -> None:
    view = View(Split(0, 1), part)
    train, held = toy_workspace.splitter.rows(view.split, part)
    prepared = toy_workspace.prepared(view)
    np.testing.assert_array_equal(prepared.train_y, toy.y[train])
    np.testing.assert_array_equal(prepared.held_y, toy.y[held])
    np.testing.assert_array_equal(prepared.held_rows, held)
    assert prepared.train_X.shape == (len(train), len(prepared.layout.sources))


@pytest.mark.parametrize("strategy", NAMES)
def test_held_rows_change_nothing_that_is_learnt_from(
    toy: Dataset, make_workspace: MakeWorkspace, toy_workspace: Workspace, strategy: str
) -> None:
    _, held = toy_workspace.splitter.rows(VIEW.split)
    X = toy.X.copy()
    X.loc[held, ["usage", "age", "noise"]] = 1e6
    X.loc[held, ["plan", "region"]] = ["plus", "north"]
    other = make_workspace(replace(toy, X=X))
    # The same folds: these rows are equal now, and would be kept together.
    other.splitter = toy_workspace.splitter
    ours = toy_workspace.trainable(VIEW, strategy).data
    theirs = other.trainable(VIEW, strategy).data
    np.testing.assert_array_equal(ours.X, theirs.X)
    np.testing.assert_array_equal(ours.y, theirs.y)


@pytest.mark.parametrize("strategy", ["random-over", "random-under"])
def test_random_sampling_only_repeats_and_drops_training_rows(
    toy_workspace: Workspace, strategy: str
) -> None:
    known = {row.tobytes() for row in np.asarray(toy_workspace.prepared(VIEW).train_X)}
    assert {
        row.tobytes() for row in np.asarray(toy_workspace.trainable(VIEW, strategy).data.X)
    } <= (known)


def test_smote_equals_imbalanced_learn_on_the_encoded_rows(toy_workspace: Workspace) -> None:
    prepared = toy_workspace.prepared(VIEW)
    seed = derive_seed(0, "resample", 0, 1, "outer", "smote")
    X, y = SMOTE(random_state=seed).fit_resample(
        np.asarray(prepared.train_X), np.asarray(prepared.train_y)
    )
    found = toy_workspace.trainable(VIEW, "smote").data
    np.testing.assert_array_equal(found.X, X)
    np.testing.assert_array_equal(found.y, y)


def test_smotenc_resamples_categories_and_encodes_afterwards(
    toy: Dataset, toy_workspace: Workspace
) -> None:
    data = toy_workspace.trainable(VIEW, "smotenc").data
    sources = np.asarray(toy_workspace.prepared(VIEW).layout.sources)
    for feature in ("plan", "region"):
        columns = np.asarray(data.X)[:, sources == list(toy.X.columns).index(feature)]
        # One level each, also in made-up rows; interpolated codes would show as fractions.
        assert set(np.unique(columns)) == {0.0, 1.0}
        assert (columns.sum(axis=1) == 1).all()


def test_smotenc_equals_imbalanced_learn_on_the_mixed_rows(
    toy: Dataset, make_workspace: MakeWorkspace
) -> None:
    workspace = make_workspace(replace(toy, X=toy.X[["usage", "noise", "plan"]]))
    train, _ = workspace.splitter.rows(VIEW.split)
    numbers = toy.X[["usage", "noise"]].to_numpy()[train]
    scaled = (numbers - numbers.mean(axis=0)) / numbers.std(axis=0)
    mixed = np.column_stack([scaled, toy.X["plan"].cat.codes.to_numpy()[train]])
    seed = derive_seed(0, "resample", 0, 1, "outer", "smotenc")
    sampler = SMOTENC(categorical_features=[2], random_state=seed)
    X, y = sampler.fit_resample(mixed, toy.y[train])
    one_hot = np.column_stack([X[:, :2], *(X[:, 2] == level for level in range(3))])
    found = workspace.trainable(VIEW, "smotenc").data
    np.testing.assert_allclose(found.X, one_hot.astype(float), atol=1e-9)
    np.testing.assert_array_equal(found.y, y)


def test_class_counts_are_those_of_the_rows(toy: Dataset, toy_workspace: Workspace) -> None:
    train, _ = toy_workspace.splitter.rows(VIEW.split)
    positives = int(toy.y[train].sum())
    before = ClassCounts(len(train) - positives, positives)
    for strategy, after in (
        ("none", before),
        ("class-weight", before),
        ("smote", ClassCounts(before.negatives, before.negatives)),
        ("random-over", ClassCounts(before.negatives, before.negatives)),
        ("random-under", ClassCounts(before.positives, before.positives)),
    ):
        found = toy_workspace.trainable(VIEW, strategy)
        assert (found.before, found.after) == (before, after), strategy


def test_only_strategies_that_weigh_give_weights(toy_workspace: Workspace) -> None:
    weighing = {"class-weight", "sqrt-weight", "effective-number", "cost-weight"}
    for strategy in NAMES:
        weight = toy_workspace.trainable(VIEW, strategy).data.weight
        assert (weight is not None) == (strategy in weighing)


def test_class_weight_gives_both_classes_half_of_the_weight(toy_workspace: Workspace) -> None:
    data = toy_workspace.trainable(VIEW, "class-weight").data
    assert data.weight is not None
    n = len(data.y)
    assert data.weight[data.y == 1].sum() == pytest.approx(n / 2)
    assert data.weight[data.y == 0].sum() == pytest.approx(n / 2)
