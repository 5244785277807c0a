"""What every imbalance strategy holds, alone and in the surroundings of a run."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from bench.contracts.base import Clause, ContractBroken
from bench.contracts.searching import check_start, check_trials, draw_trials
from bench.contracts.tables import (
    category_rows,
    mixed_rows,
    read_only,
    small_case,
    small_table,
    small_workspace,
    table_of_categories,
)
from bench.domain import Split
from bench.evaluation.fitting import fit_model, why_not_pair
from bench.evaluation.splits import OUTER
from bench.evaluation.workspace import View, Workspace, count_classes
from bench.models import MODELS, TrainingSet
from bench.plugins import SLUG
from bench.strategies import Strategy, Weighing

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Rows = tuple[NDArray[np.float64], NDArray[np.int8]]

SEED = 2**31 - 1
FOLDS = 4
MEAN_TOLERANCE = 1e-9
STEP = 1e-5
SLOPE_TOLERANCE = 1e-6


def _rows(strategy: Strategy) -> TrainingSet:
    """Return complete training rows in the stage that the strategy takes."""
    if strategy.needs.only_categories:
        return category_rows()
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
    strategy: Strategy,
    y: NDArray[np.int8],
    *,
    params: Mapping[str, Any] | None = None,
    value: NDArray[np.float64] | None = None,
) -> NDArray[np.float64]:
    """Weigh, and raise unless a model could use the weights."""
    import numpy as np

    if strategy.weigh is None:
        return np.ones(len(y))
    weight = strategy.weigh(Weighing(y, strategy.defaults if params is None else params, value))
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


def _workspace(strategy: Strategy) -> AbstractContextManager[Workspace]:
    table = table_of_categories() if strategy.needs.only_categories else small_table()
    return small_workspace(table, folds=FOLDS)


def _values(n_samples: int) -> NDArray[np.float64]:
    """Return what customers are worth, some of it unknown."""
    import numpy as np

    values = np.random.default_rng(SEED).uniform(20.0, 120.0, size=n_samples)
    values[::7] = np.nan
    return values


# --- all hooks ------------------------------------------------------------------------


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
    with _workspace(strategy) as workspace:
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
        y = trainable.data.y
        met = strategy.meets(y, trainable.params) if strategy.meets else count_classes(y)
        expected = (count_classes(table.y[train]), met)
        if counts != expected:
            raise ContractBroken(f"classes are counted as {counts}, expected {expected}")
        if trainable.data.X.shape != (len(trainable.data.y), before.shape[1]):
            raise ContractBroken(f"rows reach the model in shape {trainable.data.X.shape}")


def can_be_tuned_in_a_run(strategy: Strategy) -> None:
    """Works in a study with what its search space proposes."""
    view = View(Split(0, 0), OUTER)
    with _workspace(strategy) as workspace:
        for drawn in draw_trials(strategy.search_space):
            workspace.trainable(view, strategy.name, drawn.params)


def fits_a_model_that_takes_it(strategy: Strategy) -> None:
    """Gives finite scores with a model that it applies to, the same ones a second time."""
    import numpy as np

    able = [model for model in MODELS if not why_not_pair(model, strategy)]
    if not able:
        raise ContractBroken("it applies to no model at all")
    model = min(able, key=lambda m: (not m.capabilities.uses_features, m.capabilities.fit_seconds))
    view = View(Split(0, 0), OUTER)
    scores = []
    with _workspace(strategy) as workspace:
        held = workspace.prepared(view)
        for _ in range(2):
            train = workspace.trainable(view, strategy.name)
            scores.append(fit_model(model, {}, train, seed=SEED, threads=1).score(held.held_X))
    if not 0 < train.learned_prevalence < 1:
        raise ContractBroken(f"{model.name} meets a share of {train.learned_prevalence} positives")
    if not np.isfinite(scores[0]).all():
        raise ContractBroken(f"{model.name} gives scores that are not finite")
    if not np.array_equal(scores[0], scores[1]):
        raise ContractBroken(f"{model.name} gives other scores in a second fit")


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
    """Weighs each row by its label and value, whatever the order of the rows."""
    import numpy as np

    y = small_case().train.y
    for value in (None, _values(len(y))):
        weight = _weigh(strategy, y, value=value)
        back = None if value is None else value[::-1].copy()
        if not np.allclose(_weigh(strategy, y[::-1].copy(), value=back)[::-1], weight, rtol=1e-9):
            raise ContractBroken("the same rows in another order have other weights")


# --- losses ---------------------------------------------------------------------------


def asks_for_a_loss_with_its_own_slope(strategy: Strategy) -> None:
    """Asks for a loss whose gradient is its slope, and whose Hessian is positive."""
    import numpy as np

    if strategy.loss is None:
        return
    margin = np.repeat(np.linspace(-4.0, 4.0, 33), 2)
    y = np.tile(np.array([0, 1], dtype=np.int8), 33)
    drawn = [trial.params for trial in draw_trials(strategy.search_space) if trial.params]
    for params in (strategy.defaults, *drawn):
        loss = strategy.loss(params)
        slope = (loss.value(margin + STEP, y) - loss.value(margin - STEP, y)) / (2 * STEP)
        error = float(np.abs(slope - loss.gradient(margin, y)).max())
        if error > SLOPE_TOLERANCE:
            raise ContractBroken(f"at {dict(params)} gradient and slope differ by {error:.2g}")
        least = float(loss.hessian(margin, y).min())
        if least <= 0:
            raise ContractBroken(f"at {dict(params)} the Hessian falls to {least:.3g}")


# --- ensembles ------------------------------------------------------------------------


def draws_members_of_training_rows(strategy: Strategy) -> None:
    """Draws members of the class counts that it says, the same under one seed, each its own."""
    import numpy as np

    if strategy.draw is None or strategy.meets is None:
        raise ContractBroken("has no `meets` beside its `draw`")
    y = small_case().train.y
    drawn = [strategy.draw(y, params=strategy.defaults, seed=SEED) for _ in range(2)]
    if not all(np.array_equal(*pair) for pair in zip(*drawn, strict=True)):
        raise ContractBroken("two draws under one seed differ")
    counts = strategy.meets(y, strategy.defaults)
    for rows in drawn[0]:
        if not (np.diff(rows) >= 0).all():
            raise ContractBroken("the rows of a member are not in ascending order")
        if count_classes(y[rows]) != counts:
            raise ContractBroken(f"a member has {count_classes(y[rows])}, expected {counts}")
    if len({rows.tobytes() for rows in drawn[0]}) < 2:
        raise ContractBroken("all members have the same rows")


def says_what_a_member_meets(strategy: Strategy) -> None:
    """Says how many rows of each class a member meets, and draws shares that come to that."""
    y = small_case().train.y
    before = count_classes(y)
    drawn = [trial.params for trial in draw_trials(strategy.search_space) if trial.params]
    for params in (strategy.defaults, *drawn):
        if strategy.meets is None:
            raise ContractBroken("has no `meets` beside its ensemble")
        counts = strategy.meets(y, params)
        if min(counts.negatives, counts.positives) < 1:
            raise ContractBroken(f"at {dict(params)} a member meets {counts}")
        if strategy.bag is None:
            continue
        negatives, positives = strategy.bag(y, params)
        met = (negatives * before.negatives, positives * before.positives)
        if max(abs(met[0] - counts.negatives), abs(met[1] - counts.positives)) > 1:
            raise ContractBroken(f"at {dict(params)} shares come to {met}, expected {counts}")


def _resamples(strategy: Strategy) -> bool:
    return strategy.resample is not None


def _takes_native(strategy: Strategy) -> bool:
    return not strategy.needs.complete and strategy.needs.stage == "any"


def _is_ensemble(strategy: Strategy) -> bool:
    return not (strategy.draw is None and strategy.wrap is None and strategy.bag is None)


STRATEGY_CLAUSES: tuple[Clause[Strategy], ...] = (
    Clause(acts_on_training_rows, is_basis=True),
    Clause(has_a_name_and_a_summary),
    Clause(leaves_its_input_alone, is_basis=True),
    Clause(repeats_under_one_seed, applies=_resamples),
    Clause(keeps_to_known_codes, applies=lambda s: _resamples(s) and s.needs.stage == "mixed"),
    Clause(weighs_the_same_whatever_the_order, applies=lambda s: s.weigh is not None),
    Clause(asks_for_a_loss_with_its_own_slope, applies=lambda s: s.loss is not None),
    Clause(draws_members_of_training_rows, applies=lambda s: s.draw is not None, is_basis=True),
    Clause(says_what_a_member_meets, applies=_is_ensemble, is_basis=True),
    Clause(takes_missing_values, applies=_takes_native),
    Clause(proposes_params_that_can_be_kept),
    Clause(has_defaults_inside_its_search_space),
    Clause(does_in_a_run_what_it_does_alone),
    Clause(can_be_tuned_in_a_run, is_basis=True),
    Clause(fits_a_model_that_takes_it),
    Clause(works_with_as_few_positives_as_it_says),
)
