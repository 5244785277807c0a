"""Shared work, done once: prepared and resampled matrices of every part of every split.

A workspace is a scratch folder. Whatever a job asks for is computed if it is
not there yet, written whole, and from then on mapped into memory by every
process. The scheduler asks for shared pieces first, so that no two processes
make the same one; if two ever do, they write the same bytes.
"""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.domain import ClassCounts, Dataset, Split
from bench.evaluation.arrays import LARGE_BYTES, Blocks, give_back_memory, map_array, write_array
from bench.evaluation.preparing import Layout, Preparer
from bench.evaluation.splits import Part, Splitter
from bench.evaluation.tables import Table, read_table, write_table
from bench.identity import derive_seed
from bench.models import TrainingSet
from bench.strategies import STRATEGIES, Strategy, Weighing
from bench.strategies.base import Resample

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


Made = tuple[dict[str, "NDArray[Any] | Blocks"], dict[str, Any]]
"""Arrays by name, and facts beside them."""


@dataclass(frozen=True, order=True)
class View:
    """A part of a split in one preparation: what prepared matrices are keyed by."""

    split: Split
    part: Part
    preparation: str = "encoded"

    def __str__(self) -> str:
        return f"{self.preparation}-r{self.split.repeat}-f{self.split.fold}-{self.part}"


@dataclass(frozen=True, eq=False)
class Prepared:
    """The rows that learn and the rows that are held back, as matrices.

    Attributes
    ----------
    train_X, held_X : ndarray of shape (n_rows, n_columns)
    train_y, held_y : ndarray of shape (n_rows,)
    held_rows : ndarray of shape (n_held,), int64
        Row numbers in the dataset.
    layout : Layout
    seconds : float
        CPU seconds that preparing took.
    selected : tuple of str
        The user's columns that a feature selection kept; empty where there was none.
    """

    train_X: NDArray[np.float64]
    train_y: NDArray[np.int8]
    held_X: NDArray[np.float64]
    held_y: NDArray[np.int8]
    held_rows: NDArray[np.int64]
    layout: Layout
    seconds: float
    selected: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Trainable:
    """What one strategy makes of the training rows, and what that cost.

    Attributes
    ----------
    data : TrainingSet
    strategy : Strategy
    params : mapping
        The strategy's parameters, defaults included.
    before, after : ClassCounts
        Of the training rows, and of what one learner is given.
    learned_prevalence : float
        The share of positives that one learner meets, weights counted.
    seconds : float
        CPU seconds of resampling.
    members : tuple of ndarray of int
        For each member of an ensemble its rows of ``data``; empty for one fit of all.
    """

    data: TrainingSet
    strategy: Strategy
    params: Mapping[str, Any]
    before: ClassCounts
    after: ClassCounts
    learned_prevalence: float
    seconds: float
    members: tuple[NDArray[np.int64], ...] = ()


@dataclass(frozen=True)
class WorkspaceKey:
    """What a process must know to open a workspace."""

    folder: str
    folds: int
    seed: int
    train_prevalence: float | None = None
    by_time: bool = False


class Workspace:
    """Prepared and resampled matrices, by view and strategy; see the module's docstring."""

    def __init__(self, key: WorkspaceKey) -> None:
        self._folder = Path(key.folder)
        self._key = key

    @staticmethod
    def create(
        table: Table,
        folder: Path,
        *,
        folds: int,
        seed: int,
        train_prevalence: float | None = None,
    ) -> WorkspaceKey:
        """Write ``table`` into a new workspace and return its key."""
        table.write(folder / "table")
        return WorkspaceKey(str(folder), folds, seed, train_prevalence)

    @staticmethod
    def stage(
        dataset: Dataset,
        groups: NDArray[np.int64],
        folder: Path,
        *,
        folds: int,
        seed: int,
        train_prevalence: float | None = None,
    ) -> WorkspaceKey:
        """Write ``dataset`` into a new workspace, without a second copy in memory."""
        write_table(dataset, groups, folder / "table")
        return WorkspaceKey(str(folder), folds, seed, train_prevalence)

    @cached_property
    def table(self) -> Table:
        """The dataset's arrays."""
        return read_table(self._folder / "table")

    @cached_property
    def splitter(self) -> Splitter:
        """The row numbers of every split."""
        table = self.table
        return Splitter(
            table.y,
            table.groups,
            folds=self._key.folds,
            seed=self._key.seed,
            train_prevalence=self._key.train_prevalence,
            by_time=self._key.by_time,
        )

    def tidy(self) -> None:
        """Return to the system what a task on a large table has left behind."""
        if self.table.numeric.nbytes + self.table.codes.nbytes > LARGE_BYTES:
            give_back_memory()

    def prepared(self, view: View) -> Prepared:
        """Return the matrices of ``view``, learnt from its training rows only."""
        train, held = self.splitter.rows(view.split, view.part)

        def make() -> Made:
            preparer = self._preparer(view, train)
            matrices: dict[str, NDArray[Any] | Blocks] = {
                "train": preparer.blocks(train),
                "held": preparer.blocks(held),
            }
            layout = preparer.layout
            return matrices, {
                "sources": layout.sources,
                "categorical": layout.categorical,
                "selected": preparer.selected,
            }

        matrices, facts = self._once(f"{view}/prepared", make)
        return Prepared(
            train_X=matrices["train"],
            train_y=self.table.y[train],
            held_X=matrices["held"],
            held_y=self.table.y[held],
            held_rows=held,
            layout=Layout(tuple(facts["sources"]), tuple(facts["categorical"])),
            seconds=facts["seconds"],
            selected=tuple(facts["selected"]),
        )

    def _preparer(self, view: View, train: NDArray[np.int64]) -> Preparer:
        """Return what ``view`` learns from its training rows."""
        split = view.split
        seed = derive_seed(self._key.seed, "prepare", split.repeat, split.fold, str(view.part))
        return Preparer(self.table, train, preparation=view.preparation, seed=seed)

    def trainable(
        self, view: View, strategy: str, params: Mapping[str, Any] | None = None
    ) -> Trainable:
        """Return the training rows of ``view`` under ``strategy``.

        With ``params`` (a trial's) nothing is kept; without, the strategy's
        defaults are used and the result is shared.
        """
        entry = STRATEGIES.lookup(strategy)
        prepared = self.prepared(view)
        X, y = prepared.train_X, prepared.train_y
        before = count_classes(y)
        chosen = {**entry.defaults, **(params or {})}
        seconds = 0.0
        resample = entry.resample
        if resample is not None:

            def make() -> Made:
                resampled_X, resampled_y = self._resample(view, resample, entry, chosen)
                return {"X": resampled_X, "y": resampled_y}, {}

            if params is None:
                arrays, facts = self._once(f"{view}/{strategy}", make)
                X, y, seconds = arrays["X"], arrays["y"], facts["seconds"]
            else:
                started = time.process_time()
                X, y = self._resample(view, resample, entry, chosen)
                seconds = time.process_time() - started
        after = count_classes(y) if entry.meets is None else entry.meets(y, chosen)
        data = TrainingSet(
            X,
            y,
            weight=self._weight(view, entry, y, chosen),
            categorical=prepared.layout.categorical,
            loss=None if entry.loss is None else entry.loss(chosen),
            shares=None if entry.bag is None else entry.bag(y, chosen),
        )
        members: tuple[NDArray[np.int64], ...] = ()
        if entry.draw is not None:
            members = entry.draw(y, params=chosen, seed=self._seed("draw", view, entry))
        share = after.positives / (after.negatives + after.positives)
        if data.weight is not None:
            share = data.prevalence
        return Trainable(data, entry, chosen, before, after, share, seconds, members)

    def _weight(
        self, view: View, strategy: Strategy, y: NDArray[np.int8], params: Mapping[str, Any]
    ) -> NDArray[np.float64] | None:
        if strategy.weigh is None:
            return None
        # Rows that a sampler made are nobody's.
        value = None
        if strategy.resample is None:
            train, _ = self.splitter.rows(view.split, view.part)
            value = self.table.value_of(train)
        return strategy.weigh(Weighing(y, params, value, self.table.economics))

    def _seed(self, purpose: str, view: View, strategy: Strategy) -> int:
        split = view.split
        return derive_seed(
            self._key.seed, purpose, split.repeat, split.fold, str(view.part), strategy.name
        )

    def _resample(
        self, view: View, resample: Resample, strategy: Strategy, params: Mapping[str, Any]
    ) -> tuple[NDArray[np.float64], NDArray[np.int8]]:
        """Resample in the form that the strategy is made for, then encode."""
        prepared = self.prepared(view)
        split, part = view.split, view.part
        seed = self._seed("resample", view, strategy)
        if strategy.needs.stage != "mixed":
            return resample(
                prepared.train_X,
                prepared.train_y,
                params=params,
                categorical=prepared.layout.categorical,
                seed=seed,
            )
        train, _ = self.splitter.rows(split, part)
        preparer = self._preparer(view, train)
        mixed, y = resample(
            preparer.to_mixed(train),
            prepared.train_y,
            params=params,
            categorical=preparer.mixed_layout.categorical,
            seed=seed,
        )
        return preparer.to_matrix(mixed), y

    def _once(
        self, name: str, make: Callable[[], Made]
    ) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
        """Return the arrays and facts called ``name``, made now if they are not there."""
        target = self._folder / name
        if not (target / "facts.json").exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=target.parent) as temporary:
                made = Path(temporary) / "made"
                made.mkdir()
                _write_made(made, make)
                try:
                    os.rename(made, target)
                except OSError:
                    if not (target / "facts.json").exists():  # not another process's
                        raise
        facts = json.loads((target / "facts.json").read_text(encoding="utf-8"))
        arrays = {key: map_array(target / f"{key}.npy") for key in facts.pop("arrays")}
        return arrays, facts


def _write_made(folder: Path, make: Callable[[], Made]) -> None:
    """Write what ``make`` returns, with the CPU seconds of making and writing it."""
    started = time.process_time()
    arrays, facts = make()
    for key, array in arrays.items():
        write_array(folder / f"{key}.npy", array)
    facts = {**facts, "arrays": list(arrays), "seconds": time.process_time() - started}
    (folder / "facts.json").write_text(json.dumps(facts), encoding="utf-8")


def count_classes(y: NDArray[np.int8]) -> ClassCounts:
    """Return how many rows of each class there are."""
    positives = int(y.sum())
    return ClassCounts(len(y) - positives, positives)
