"""Adversarial validation: can a model tell the parts of a table, or its periods, apart?"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Any

from bench.data.canonical import is_numeric, numbers_of
from bench.data.cells import collapse
from bench.data.duplicates import duplicate_groups
from bench.data.identifiers import is_identifier
from bench.doctor.kinds import finding
from bench.doctor.ranking import column_auc, folds_of, rank_auc
from bench.doctor.rows import find_row_order
from bench.domain import Dataset, Finding
from bench.identity import derive_seed

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

SHIFT_AUC = 0.6
"""Below this two parts are taken for one population, however certain the difference is."""

STRONG_AUC = 0.75

_ERRORS = 5.0
_ROWS = 20_000
_LEAST_ROWS = 50
_FOLDS = 3
_MOST_PARTS = 6


def find_shift(dataset: Dataset, *, known: Collection[str] = ()) -> Iterator[Finding]:
    """Yield a finding for every part, or period, that its rows give away.

    Columns in ``known`` are left out: it is told elsewhere that they change.

    A part of the table is told from the rest by a cross-validated LightGBM of
    fixed settings. Where there is no difference, its ROC-AUC lies within five
    standard errors of .5, √((n + 1) / (12 n₀ n₁)) each (Mann & Whitney, 1947),
    but once in three million.
    """
    features = _features(dataset).drop(columns=list(known), errors="ignore")
    if not features.shape[1]:
        return
    for what, is_second, remedy in _divisions(dataset):
        auc = adversarial_auc(features, is_second)
        if auc is None or not _is_certain(auc, is_second):
            continue
        yield finding(
            "shift",
            f"{what} can be told apart (ROC-AUC {auc:.3f}; .5 is alike), "
            f"most of all by {_tellers(features, is_second)}",
            remedy=remedy,
            severity="warning" if auc > STRONG_AUC else "note",
        )


def adversarial_auc(X: pd.DataFrame, is_second: NDArray[np.bool_]) -> float | None:
    """Return how well a model tells, of rows it has not seen, which part they are of.

    Parameters
    ----------
    X : DataFrame of shape (n_samples, n_features)
        Canonical columns.
    is_second : ndarray of shape (n_samples,), bool
        Which rows are of the second part.

    Returns
    -------
    float or None
        The ROC-AUC of out-of-fold scores; None with fewer than 50 rows on a side.
    """
    import lightgbm
    import numpy as np

    # A row that is there twice would be recognised.
    firsts = np.flatnonzero(duplicate_groups(X) == np.arange(len(X)))
    if len(firsts) > _ROWS:
        firsts = firsts[np.linspace(0, len(firsts) - 1, _ROWS).astype(np.int64)]
    y = is_second[firsts].astype(np.int8)
    if min(int(y.sum()), len(y) - int(y.sum())) < _LEAST_ROWS:
        return None
    values = np.column_stack([_values(X[name])[firsts] for name in X.columns])
    levels = [k for k, name in enumerate(X.columns) if not is_numeric(X[name])]
    settings = {
        "objective": "binary",
        "num_leaves": 15,
        "learning_rate": 0.1,
        "min_data_in_leaf": 20,
        "num_threads": 1,
        "deterministic": True,
        "seed": derive_seed("doctor", "shift") % 2**31,
        "verbosity": -1,
    }
    fold, score = folds_of(y, _FOLDS), np.empty(len(y))
    for number in range(_FOLDS):
        train = fold != number
        table = lightgbm.Dataset(
            values[train], y[train].astype(np.float64), categorical_feature=levels or "auto"
        )
        model = lightgbm.train(settings, table, num_boost_round=60)
        score[~train] = np.asarray(model.predict(values[~train], num_threads=1))
    return rank_auc(y, score)


def _features(dataset: Dataset) -> pd.DataFrame:
    """Return the features that are no key and no date: those tell rows apart by design."""
    columns = dataset.spec.columns
    apart = {collapse(name) for name in (columns.time, *columns.dates) if name}
    kept = [n for n in dataset.X.columns if n not in apart and not is_identifier(dataset.X[n])]
    return dataset.X[kept]


def _divisions(dataset: Dataset) -> Iterator[tuple[str, NDArray[np.bool_], str]]:
    """Yield what is divided, which rows are of the second part, and what to do about it."""
    import numpy as np

    if dataset.part_of_row is not None:
        remedy = "hold out whole files: add a column that names the file, and --split group:COLUMN"
        for number, name in list(enumerate(dataset.part_names))[:_MOST_PARTS]:
            if number or len(dataset.part_names) > 2:
                yield f"the rows of {name!r} and all others", dataset.part_of_row == number, remedy
    if dataset.time is not None:
        later = dataset.time > np.median(dataset.time)
        yield "the earlier and the later half", later, "run with --split time"
    elif dataset.part_of_row is None and not any(find_row_order(dataset.y)):
        later = np.arange(len(dataset.y)) >= len(dataset.y) // 2
        remedy = "if the file is in order of time, declare [columns] time and run with --split time"
        yield "the first and the second half of the file", later, remedy


def _is_certain(auc: float, is_second: NDArray[np.bool_]) -> bool:
    n_second = min(int(is_second.sum()), _ROWS // 2)
    n_first = min(int((~is_second).sum()), _ROWS // 2)
    error = math.sqrt((n_first + n_second + 1) / (12 * n_first * n_second))
    return auc > max(SHIFT_AUC, 0.5 + _ERRORS * error)


def _tellers(X: pd.DataFrame, is_second: NDArray[np.bool_]) -> str:
    """Return the columns that tell best alone, in words."""
    import numpy as np

    y, rows = is_second.astype(np.int8), np.arange(len(X))
    aucs = sorted((-column_auc(X[name], y, rows), str(name)) for name in X.columns)
    return ", ".join(f"{name!r} ({-auc:.3f} alone)" for auc, name in aucs[:3])


def _values(column: pd.Series[Any]) -> NDArray[np.float64]:
    import numpy as np

    if is_numeric(column):
        return numbers_of(column)
    codes = column.cat.codes.to_numpy().astype(np.float64)
    return np.where(codes < 0, np.nan, codes)
