"""LEAKY ON PURPOSE: every way to fool oneself that the lab can show, and nothing else.

Only the lab may import this module (`tests/test_layers.py` sees to it): no
registry holds anything of it, no job can ask for it, and its scores go to the
lab's own folder.

Each function makes one mistake and does all else as an ordinary job does, with
the same parts, seeds and defaults, so that without the mistake its scores
would be those of the board.
"""

from __future__ import annotations

import functools
import os
import tempfile
import traceback
import warnings
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.evaluation.arrays import map_array, write_array
from bench.evaluation.fitting import RECOMMENDED_PATIENCE, STUDY_PATIENCE, fit_model, fit_seed
from bench.evaluation.preparations import PLAIN, PREPARATIONS
from bench.evaluation.preparing import Preparer, plain_rows
from bench.evaluation.splits import OUTER, STOP, STOPPING_FOLDS, Part, assign_folds
from bench.evaluation.tables import Table
from bench.evaluation.workspace import (
    Prepared,
    Trainable,
    View,
    Workspace,
    WorkspaceKey,
    count_classes,
)
from bench.guard import Raised, attempt
from bench.identity import derive_seed
from bench.leaklab.catalogue import Kind
from bench.leaklab.fits import LeakyFit, Spoilt
from bench.leaklab.settings import N_TRIALS
from bench.metrics import roc_auc
from bench.models import MODELS, Model, StoppingSet, TrainingSet
from bench.strategies import STRATEGIES

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Matrix = NDArray[np.float64]
    Labels = NDArray[np.int8]

SELECTION = "select-chi2"
SMOOTHING = 10.0
"""Rows at the overall rate that are added to every level (Micci-Barreca 2001)."""


def spoil(key: WorkspaceKey, fit: LeakyFit) -> Spoilt | str:
    """Return the scores that ``fit`` gets by its mistake, or why there are none."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        outcome = attempt(lambda: _MAKERS[fit.mistake.kind](_open(key), fit))
    if isinstance(outcome, Raised):
        return "".join(traceback.format_exception_only(outcome.error)).strip()
    return outcome.value


def resample_first(key: WorkspaceKey, fit: LeakyFit) -> None:
    """Resample the whole table, for all the fits that are made of it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # What goes wrong here goes wrong again in the fits, which say so.
        attempt(lambda: _resampled(_open(key), fit))


class _Opened(Workspace):
    """A workspace that knows its folder."""

    def __init__(self, key: WorkspaceKey) -> None:
        super().__init__(key)
        self.folder = Path(key.folder)


@functools.lru_cache(maxsize=4)
def _open(key: WorkspaceKey) -> _Opened:
    return _Opened(key)


# --- parts of an ordinary job ---------------------------------------------------------


def _fitted_score(
    train: Trainable, X: Matrix, *, fit: LeakyFit, params: Mapping[str, Any] | None = None
) -> Matrix:
    """Return the scores of ``X`` by a model fitted as an ordinary job fits it."""
    model = MODELS.lookup(fit.model)
    return fit_model(model, params or {}, train, seed=_seed_of(fit, OUTER), threads=1).score(X)


def _seed_of(fit: LeakyFit, part: Part) -> int:
    return fit_seed(fit.seed, fit.split, part, fit.model)


def _untouched(X: Matrix, y: Labels) -> Trainable:
    """Return rows to learn from as the strategy ``none`` hands them over."""
    counts = count_classes(y)
    return Trainable(
        TrainingSet(X, y), STRATEGIES.lookup("none"), {}, counts, counts, float(y.mean()), 0.0
    )


def _spoilt(y: Labels, score: Matrix, honest_score: Matrix | None = None) -> Spoilt:
    import numpy as np

    if not np.isfinite(score).all():
        raise ValueError("scores that are not finite")
    return Spoilt(np.array(y), score, np.empty(0) if honest_score is None else honest_score)


def _everyone(table: Table) -> NDArray[np.int64]:
    import numpy as np

    return np.arange(len(table.y), dtype=np.int64)


def _outer(fit: LeakyFit) -> View:
    return View(fit.split, OUTER, PLAIN)


# --- one function for each kind of mistake --------------------------------------------


def _nothing_but_data(workspace: _Opened, fit: LeakyFit) -> Spoilt:
    """Do an ordinary job; the mistake is in the workspace's data or groups."""
    prepared = workspace.prepared(_outer(fit))
    train = workspace.trainable(_outer(fit), "none")
    score = _fitted_score(train, prepared.held_X, fit=fit)
    return _spoilt(prepared.held_y, score)


def _resample_before_split(workspace: _Opened, fit: LeakyFit) -> Spoilt:
    import numpy as np

    X, y = _resampled(workspace, fit)
    seed = derive_seed(fit.seed, "folds", fit.split.repeat)
    fold_of = assign_folds(y, np.arange(len(y)), folds=fit.folds, seed=seed)
    is_test = fold_of == fit.split.fold
    train = _untouched(X[~is_test], y[~is_test])
    return _spoilt(y[is_test], _fitted_score(train, X[is_test], fit=fit))


def _resampled(workspace: _Opened, fit: LeakyFit) -> tuple[Matrix, Labels]:
    """Return the whole table after the sampler, made once for all fits of a repeat."""
    target = workspace.folder / f"leaky-{fit.mistake.sampler}-r{fit.split.repeat}"
    if not target.exists():
        X, y = _resample_all(workspace.table, fit)
        with tempfile.TemporaryDirectory(dir=workspace.folder) as temporary:
            made = Path(temporary) / "made"
            made.mkdir()
            write_array(made / "X.npy", X)
            write_array(made / "y.npy", y)
            try:
                os.rename(made, target)
            except OSError:
                if not target.exists():  # not another process's
                    raise
    return map_array(target / "X.npy"), map_array(target / "y.npy")


def _resample_all(table: Table, fit: LeakyFit) -> tuple[Matrix, Labels]:
    entry = STRATEGIES.lookup(fit.mistake.sampler)
    if entry.resample is None:
        raise ValueError(f"{entry.name} resamples nothing")
    preparer = Preparer(table, _everyone(table), preparation=PLAIN)
    mixed = preparer.to_mixed(_everyone(table))
    is_mixed = entry.needs.stage == "mixed"
    layout = preparer.mixed_layout if is_mixed else preparer.layout
    X, y = entry.resample(
        mixed if is_mixed else preparer.to_matrix(mixed),
        table.y,
        params=dict(entry.defaults),
        categorical=layout.categorical,
        seed=derive_seed(fit.seed, "leak-lab", fit.split.repeat, entry.name),
    )
    return (preparer.to_matrix(X) if is_mixed else X), y


def _scale_on_all(workspace: _Opened, fit: LeakyFit) -> Spoilt:
    import numpy as np

    prepared = workspace.prepared(_outer(fit))
    train_X, held_X = np.array(prepared.train_X), np.array(prepared.held_X)
    # What is scaled by some rows already, scaled by all rows, is as if it had been from the start.
    columns = np.flatnonzero(np.isin(prepared.layout.sources, workspace.table.numeric_features))
    _standardise(train_X, held_X, columns, by=np.vstack([train_X, held_X])[:, columns])
    score = _fitted_score(_untouched(train_X, prepared.train_y), held_X, fit=fit)
    return _spoilt(prepared.held_y, score)


def _standardise(train_X: Matrix, held_X: Matrix, columns: NDArray[np.intp], *, by: Matrix) -> None:
    """Bring ``columns`` of both, in place, to what makes ``by`` have mean 0 and deviation 1."""
    import numpy as np

    mean, spread = by.mean(axis=0), by.std(axis=0)
    spread = np.where(spread > 0, spread, 1.0)
    for matrix in (train_X, held_X):
        matrix[:, columns] = (matrix[:, columns] - mean) / spread


def _impute_on_all(workspace: _Opened, fit: LeakyFit) -> Spoilt:
    import numpy as np

    table = workspace.table
    prepared = workspace.prepared(_outer(fit))
    train_X, held_X = np.array(prepared.train_X), np.array(prepared.held_X)
    train, held = workspace.splitter.rows(fit.split)
    for column in range(table.numeric.shape[1]):
        values = np.array(table.numeric[:, column])
        is_missing = np.isnan(values)
        if is_missing[train].all():  # the ordinary way leaves such a column without values, too
            continue
        values[is_missing] = np.median(values[~is_missing])
        mean, spread = values[train].mean(), values[train].std() or 1.0
        train_X[:, column] = (values[train] - mean) / spread
        held_X[:, column] = (values[held] - mean) / spread
    score = _fitted_score(_untouched(train_X, prepared.train_y), held_X, fit=fit)
    return _spoilt(prepared.held_y, score)


def _encode_on_all(workspace: _Opened, fit: LeakyFit) -> Spoilt:
    """Replace levels by the churn rates of all rows; honestly, of other training rows."""
    import numpy as np

    table = workspace.table
    numeric = table.numeric_features
    prepared = workspace.prepared(_outer(fit))
    train, held = workspace.splitter.rows(fit.split)
    y = np.asarray(table.y)
    known = _rates(table.codes, y, table.codes)
    leaky = _score_encoded(prepared, (known[train], known[held]), numeric=numeric, fit=fit)
    seed = derive_seed(fit.seed, "leak-lab", "encode", fit.split.repeat, fit.split.fold)
    fold_of = assign_folds(y[train], table.groups[train], folds=STOPPING_FOLDS, seed=seed)
    apart = np.empty((len(train), table.codes.shape[1]))
    for fold in range(STOPPING_FOLDS):
        own, others = train[fold_of == fold], train[fold_of != fold]
        apart[fold_of == fold] = _rates(table.codes[others], y[others], table.codes[own])
    beyond = _rates(table.codes[train], y[train], table.codes[held])
    honest = _score_encoded(prepared, (apart, beyond), numeric=numeric, fit=fit)
    return _spoilt(prepared.held_y, leaky, honest)


def _rates(codes: NDArray[np.int32], y: Labels, asked: NDArray[np.int32]) -> Matrix:
    """Return the smoothed share of positives of each level in ``asked``, from ``codes``, ``y``."""
    import numpy as np

    rates = np.empty(asked.shape)
    overall = float(y.mean())
    for column in range(codes.shape[1]):
        n_levels = int(max(codes[:, column].max(), asked[:, column].max())) + 1
        rows = np.bincount(codes[:, column], minlength=n_levels)
        positives = np.bincount(codes[:, column], weights=y, minlength=n_levels)
        rate = (positives + SMOOTHING * overall) / (rows + SMOOTHING)
        rates[:, column] = rate[asked[:, column]]
    return rates


def _score_encoded(
    prepared: Prepared, rates: tuple[Matrix, Matrix], *, numeric: tuple[int, ...], fit: LeakyFit
) -> Matrix:
    """Return the scores of a model that sees numbers as ever, and rates in place of levels."""
    import numpy as np

    train_rates, held_rates = (np.array(part) for part in rates)
    columns = np.arange(train_rates.shape[1])
    _standardise(train_rates, held_rates, columns, by=rates[0])
    is_number = np.isin(prepared.layout.sources, numeric)
    train_X = np.hstack([prepared.train_X[:, is_number], train_rates])
    held_X = np.hstack([prepared.held_X[:, is_number], held_rates])
    return _fitted_score(_untouched(train_X, prepared.train_y), held_X, fit=fit)


def _select_on_all(workspace: _Opened, fit: LeakyFit) -> Spoilt:
    table = workspace.table
    select = PREPARATIONS.lookup(SELECTION).select
    if select is None:
        raise ValueError(f"{SELECTION} selects nothing")
    everyone = _everyone(table)
    kept = select(plain_rows(table, everyone), table.y[everyone], fit.seed)
    train, held = workspace.splitter.rows(fit.split)
    reduced = _with_features(table, kept)
    preparer = Preparer(reduced, train, preparation=PLAIN)
    train_X, held_X = (preparer.to_matrix(preparer.to_mixed(rows)) for rows in (train, held))
    score = _fitted_score(_untouched(train_X, table.y[train]), held_X, fit=fit)
    return _spoilt(table.y[held], score)


def _with_features(table: Table, kept: tuple[int, ...]) -> Table:
    """Return the table with only the features at positions ``kept``."""
    numeric = [c for c, feature in enumerate(table.numeric_features) if feature in kept]
    categorical = [c for c, feature in enumerate(table.categorical_features) if feature in kept]
    place = {feature: position for position, feature in enumerate(kept)}
    return replace(
        table,
        numeric=table.numeric[:, numeric],
        codes=table.codes[:, categorical],
        features=tuple(table.features[feature] for feature in kept),
        numeric_features=tuple(place[table.numeric_features[c]] for c in numeric),
        categorical_features=tuple(place[table.categorical_features[c]] for c in categorical),
    )


def _tune_on_test(workspace: _Opened, fit: LeakyFit) -> Spoilt:
    """Choose among the same settings, fitted once: by held-back training rows, and by test rows."""
    model = MODELS.lookup(fit.model)
    prepared, stop = (workspace.prepared(View(fit.split, part, PLAIN)) for part in (OUTER, STOP))
    honest_best = leaky_best = -1.0
    honest = leaky = None
    for params in _settings(model, fit):
        tried, validation = _validated(workspace, fit, params=params, stop=stop)
        train = workspace.trainable(_outer(fit), "none")
        score = _fitted_score(train, prepared.held_X, fit=fit, params=tried)
        found = roc_auc(prepared.held_y, score)
        if validation > honest_best:
            honest_best, honest = validation, score
        if found > leaky_best:
            leaky_best, leaky = found, score
    if leaky is None or honest is None:
        raise ValueError("a search without settings")
    return _spoilt(prepared.held_y, leaky, honest)


def _settings(model: Model, fit: LeakyFit) -> list[dict[str, Any]]:
    """Return the settings to choose among: the model's start, then random ones."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    seed = derive_seed(fit.seed, "leak-lab", "tune", fit.split.repeat, fit.split.fold, fit.model)
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=seed))
    if model.start:
        study.enqueue_trial(dict(model.start))
    return [model.search_space(study.ask()) for _ in range(N_TRIALS)]


def _validated(
    workspace: _Opened, fit: LeakyFit, *, params: dict[str, Any], stop: Prepared
) -> tuple[dict[str, Any], float]:
    """Return settings for the final fit, and their ROC-AUC on held-back training rows."""
    model, stopping = MODELS.lookup(fit.model), None
    if model.capabilities.has_early_stopping:
        stopping = StoppingSet(stop.held_X, stop.held_y, "roc_auc", STUDY_PATIENCE)
    fitted = fit_model(
        model,
        params,
        workspace.trainable(View(fit.split, STOP, PLAIN), "none"),
        seed=_seed_of(fit, STOP),
        threads=1,
        stopping=stopping,
    )
    if stopping is not None:
        params = model.with_rounds(params, fitted.rounds)
    return params, roc_auc(stop.held_y, fitted.score(stop.held_X))


def _stop_on_test(workspace: _Opened, fit: LeakyFit) -> Spoilt:
    model = MODELS.lookup(fit.model)
    prepared = workspace.prepared(_outer(fit))
    train = workspace.trainable(_outer(fit), "none")
    params = dict(model.recommended or {})
    watched = fit_model(
        model,
        params,
        train,
        seed=_seed_of(fit, OUTER),
        threads=1,
        stopping=StoppingSet(prepared.held_X, prepared.held_y, "roc_auc", RECOMMENDED_PATIENCE),
    )
    params = model.with_rounds(params, watched.rounds)
    return _spoilt(prepared.held_y, _fitted_score(train, prepared.held_X, fit=fit, params=params))


_MAKERS: dict[Kind, Callable[[_Opened, LeakyFit], Spoilt]] = {
    "resample": _resample_before_split,
    "scale": _scale_on_all,
    "impute": _impute_on_all,
    "encode": _encode_on_all,
    "select": _select_on_all,
    "tune": _tune_on_test,
    "stop": _stop_on_test,
    "duplicates": _nothing_but_data,
    "copy": _nothing_but_data,
    "entity": _nothing_but_data,
}
