"""What every imbalance strategy holds, alone and in the surroundings of a run."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.contracts.base import Clause, ContractBroken
from bench.contracts.searching import check_start, check_trials, draw_trials
from bench.contracts.tables import mixed_rows, read_only, small_case, small_table
from bench.domain import Split
from bench.evaluation.splits import OUTER
from bench.evaluation.workspace import View, Workspace, count_classes
from bench.models import TrainingSet
from bench.plugins import SLUG
from bench.strategies import Strategy

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Rows = tuple[NDArray[np.float64], NDArray[np.int8]]

SEED = 2**31 - 1
FOLDS = 4
MEAN_TOLERANCE = 1e-9


def _rows(strategy: Strategy) -> TrainingSet:
    """Return complete training rows in the stage that the strategy takes."""
    return mixed_rows() if strategy.needs.stage == "mixed" else small_case().train


def _resample(
    strategy: Strategy, rows: TrainingSet, *, params: Mapping[str, Any] | None = None
) -> Rows:
    """Resample, and raise unless a model could learn from what comes back."""
    import numpy as np

    if strategy.resample is None:
        return rows.X, rows.y
    X, y = strategy.resample(
        rows.X,
        rows.y,
        params=strategy.defaults if params is None else params,
        categorical=rows.categorical,
        seed=SEED,
    )
    for name, array, dtype in (("X", X, np.float64), ("y", y, np.int8)):
        if not isinstance(array, np.ndarray) or array.dtype != dtype:
            found = getattr(array, "dtype", type(array).__name__)
            raise ContractBroken(f"{name} came back as {found}, expected {dtype.__name__}")
    expected = (len(y), rows.X.shape[1])
    if X.shape != expected or y.ndim != 1:
        raise ContractBroken(f"X came back in shape {X.shape}, expected {expected}")
    if not np.isin(y, (0, 1)).all() or len(np.unique(y)) < 2:
        raise ContractBroken(f"labels came back as {np.unique(y).tolist()}, expected 0 and 1")
    if np.isfinite(rows.X).all() and not np.isfinite(X).all():
        raise ContractBroken("complete rows came back with values that are not finite")
    return X, y


def _weigh(
    strategy: Strategy, y: NDArray[np.int8], *, params: Mapping[str, Any] | None = None
) -> NDArray[np.float64]:
    """Weigh, and raise unless a model could use the weights."""
    import numpy as np

    if strategy.weigh is None:
        return np.ones(len(y))
    weight = strategy.weigh(y, strategy.defaults if params is None else params)
    if not isinstance(weight, np.ndarray) or weight.dtype != np.float64:
        found = getattr(weight, "dtype", type(weight).__name__)
        raise ContractBroken(f"weigh returned {found}, expected an array of float64")
    if weight.shape != y.shape:
        raise ContractBroken(f"weights have shape {weight.shape}, expected {y.shape}")
    if not (np.isfinite(weight).all() and weight.min() > 0):
        raise ContractBroken(f"the smallest weight is {weight.min():.3g}, expected positive ones")
    if abs(weight.mean() - 1) > MEAN_TOLERANCE:
        raise ContractBroken(
            f"weights have a mean of {weight.mean():.6g}, expected 1: "
            "penalties and learning rates are set against it"
        )
    return weight


@contextmanager
def _workspace() -> Iterator[Workspace]:
    # On Windows a file that is still mapped cannot be deleted.
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        yield Workspace(Workspace.create(small_table(), Path(folder), folds=FOLDS, seed=0))


# --- both hooks -----------------------------------------------------------------------


def acts_on_training_rows(strategy: Strategy) -> None:
    """Returns rows, labels and weights that a model can learn from."""
    rows = _rows(strategy)
    _, y = _resample(strategy, rows)
    _weigh(strategy, y)


def has_a_name_and_a_summary(strategy: Strategy) -> None:
    """Has a name in small letters and a summary of one line."""
    if not SLUG.fullmatch(strategy.name):
        raise ContractBroken(f"name = {strategy.name!r}, expected a name such as 'my-strategy'")
    if not strategy.summary.strip() or "\n" in strategy.summary:
        raise ContractBroken(f"summary = {strategy.summary!r}, expected one line on what it does")


def leaves_its_input_alone(strategy: Strategy) -> None:
    """Takes arrays that cannot be written to, and leaves them as they are."""
    import numpy as np

    rows, before = _rows(strategy), _rows(strategy)
    rows.y.flags.writeable = False
    _resample(strategy, replace(rows, X=read_only(rows.X)))
    _weigh(strategy, rows.y)
    if not (np.array_equal(rows.X, before.X) and np.array_equal(rows.y, before.y)):
        raise ContractBroken("rows that may not be written to have changed")


def works_with_as_few_positives_as_it_says(strategy: Strategy) -> None:
    """Works with as few positives as it says that it needs."""
    import numpy as np

    rows, fewest = _rows(strategy), strategy.needs.min_positives
    kept = np.sort(np.append(np.flatnonzero(rows.y == 0), np.flatnonzero(rows.y == 1)[:fewest]))
    few = replace(rows, X=rows.X[kept], y=rows.y[kept])
    drawn = [trial.params for trial in draw_trials(strategy.search_space) if trial.params]
    for params in (strategy.defaults, *drawn):
        _, y = _resample(strategy, few, params=params)
        _weigh(strategy, y, params=params)


def takes_missing_values(strategy: Strategy) -> None:
    """Takes missing values and category codes, as its needs do not rule them out."""
    train = small_case("native").train
    _, y = _resample(strategy, train)
    _weigh(strategy, y)


def proposes_params_that_can_be_kept(strategy: Strategy) -> None:
    """Proposes params that JSON can hold, and the same for the same trial."""
    check_trials(strategy.search_space)


def has_defaults_inside_its_search_space(strategy: Strategy) -> None:
    """Has defaults inside its search space."""
    trials = draw_trials(strategy.search_space)
    if any(drawn.params for drawn in trials):
        check_start(strategy.search_space, strategy.defaults)


def does_in_a_run_what_it_does_alone(strategy: Strategy) -> None:
    """Leaves the rows held back and their prevalence alone in a run, and is counted rightly."""
    import numpy as np

    view = View(Split(0, 0), OUTER)
    with _workspace() as workspace:
        table = workspace.table
        train, held = workspace.splitter.rows(view.split, view.part)
        before = np.array(workspace.prepared(view).held_X)
        trainable = workspace.trainable(view, strategy.name)
        after = workspace.prepared(view)
        if not np.array_equal(after.held_X, before):
            raise ContractBroken("rows held back have changed")
        if not np.array_equal(after.held_y, table.y[held]):
            raise ContractBroken("labels of rows held back have changed")
        counts = (trainable.before, trainable.after)
        expected = (count_classes(table.y[train]), count_classes(trainable.data.y))
        if counts != expected:
            raise ContractBroken(f"classes are counted as {counts}, expected {expected}")
        if trainable.data.X.shape != (len(trainable.data.y), before.shape[1]):
            raise ContractBroken(f"rows reach the model in shape {trainable.data.X.shape}")


def can_be_tuned_in_a_run(strategy: Strategy) -> None:
    """Works in a study with what its search space proposes."""
    view = View(Split(0, 0), OUTER)
    with _workspace() as workspace:
        for drawn in draw_trials(strategy.search_space):
            workspace.trainable(view, strategy.name, drawn.params)


# --- resampling -----------------------------------------------------------------------


def repeats_under_one_seed(strategy: Strategy) -> None:
    """Returns the same rows, bit for bit, under the same seed."""
    import numpy as np

    first, second = (_resample(strategy, _rows(strategy)) for _ in range(2))
    if not (np.array_equal(first[0], second[0]) and np.array_equal(first[1], second[1])):
        raise ContractBroken("two calls under one seed return different rows")


def keeps_to_known_codes(strategy: Strategy) -> None:
    """Returns only category codes that training rows hold."""
    import numpy as np

    rows = _rows(strategy)
    X, _ = _resample(strategy, rows)
    for column in rows.categorical:
        strange = np.setdiff1d(X[:, column], rows.X[:, column])
        if len(strange):
            raise ContractBroken(f"column {column} came back with code {strange[0]:g}")


# --- weighing -------------------------------------------------------------------------


def weighs_the_same_whatever_the_order(strategy: Strategy) -> None:
    """Weighs each row by its label, whatever the order of the rows."""
    import numpy as np

    y = small_case().train.y
    weight = _weigh(strategy, y)
    if not np.allclose(_weigh(strategy, y[::-1].copy())[::-1], weight, rtol=1e-9):
        raise ContractBroken("the same rows in another order have other weights")


def _resamples(strategy: Strategy) -> bool:
    return strategy.resample is not None


def _takes_native(strategy: Strategy) -> bool:
    return not strategy.needs.complete and strategy.needs.stage == "any"


STRATEGY_CLAUSES: tuple[Clause[Strategy], ...] = (
    Clause(acts_on_training_rows, is_basis=True),
    Clause(has_a_name_and_a_summary),
    Clause(leaves_its_input_alone, is_basis=True),
    Clause(repeats_under_one_seed, applies=_resamples),
    Clause(keeps_to_known_codes, applies=lambda s: _resamples(s) and s.needs.stage == "mixed"),
    Clause(weighs_the_same_whatever_the_order, applies=lambda s: s.weigh is not None),
    Clause(takes_missing_values, applies=_takes_native),
    Clause(proposes_params_that_can_be_kept),
    Clause(has_defaults_inside_its_search_space),
    Clause(does_in_a_run_what_it_does_alone),
    Clause(can_be_tuned_in_a_run, is_basis=True),
    Clause(works_with_as_few_positives_as_it_says),
)
