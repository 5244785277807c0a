"""The dataset doctor: what a reader must know of a table before believing its board."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bench.data.canonical import is_numeric
from bench.data.duplicates import duplicate_groups, group_sizes
from bench.domain import Dataset, DatasetFacts, Finding
from bench.identity import derive_seed

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

LEAK_AUC = 0.95
"""A single column that ranks better than this is taken for a copy of the target."""

FEW_POSITIVES = 100
_LEAK_ROWS_PER_CLASS = 50_000
_LEAK_FOLDS = 5
_IDENTIFIER_SHARE = 0.95
_IDENTIFIER_ROWS = 50


@dataclass(frozen=True)
class Doubles:
    """How many rows repeat another one, and how many of those disagree on the label."""

    n_rows_with_label: int
    n_rows: int
    n_conflicts: int
    n_conflicting_rows: int


def diagnose(dataset: Dataset) -> DatasetFacts:
    """Return what boards say of a dataset, with the doctor's findings, severe ones first."""
    X, y, spec = dataset.X, dataset.y, dataset.spec
    doubles = count_doubles(X, y)
    findings = [
        *_find_leaks(X, y),
        *_find_few_positives(y),
        *_find_conflicts(doubles),
        *_find_identifiers(X),
        *_find_constants(X),
        *_note_doubles(doubles),
    ]
    order = ("severe", "warning", "note")
    return DatasetFacts(
        name=dataset.name,
        title=spec.title,
        digest=dataset.digest,
        origin=dataset.origin,
        n_samples=len(X),
        n_features=X.shape[1],
        n_positives=int(y.sum()),
        features=tuple(str(name) for name in X.columns),
        n_duplicate_rows=doubles.n_rows_with_label,
        n_grouped_rows=doubles.n_rows,
        economics=spec.economics,
        findings=tuple(sorted(findings, key=lambda finding: order.index(finding.severity))),
        notes=dataset.notes,
        licence=spec.source.licence,
        citation=spec.source.citation,
    )


def count_doubles(X: pd.DataFrame, y: NDArray[np.int8]) -> Doubles:
    """Return how many rows share all features with another, with and without the label."""
    import numpy as np

    groups = duplicate_groups(X)
    sizes = group_sizes(groups)
    n_positives = np.bincount(groups, weights=y, minlength=len(y))[groups]
    alike = np.where(y == 1, n_positives, sizes - n_positives)
    is_conflicting = (n_positives > 0) & (n_positives < sizes)
    return Doubles(
        n_rows_with_label=int((alike > 1).sum()),
        n_rows=int((sizes > 1).sum()),
        n_conflicts=len(np.unique(groups[is_conflicting])),
        n_conflicting_rows=int(is_conflicting.sum()),
    )


def rank_auc(y: NDArray[Any], score: NDArray[np.float64]) -> float:
    """Return the ROC-AUC of a score, ties counting one half.

    Parameters
    ----------
    y : ndarray of shape (n_samples,)
        Labels, 0 or 1, both present.
    score : ndarray of shape (n_samples,)
        Finite or infinite numbers, no NaN.

    Returns
    -------
    float
        The Mann-Whitney statistic over the product of the class sizes
        (Hanley & McNeil, 1982).
    """
    import numpy as np

    _, place, counts = np.unique(score, return_inverse=True, return_counts=True)
    mean_rank = np.cumsum(counts) - (counts - 1) / 2.0
    n_positives = int(y.sum())
    n_negatives = len(y) - n_positives
    rank_sum = float(mean_rank[place[y == 1]].sum())
    return (rank_sum - n_positives * (n_positives + 1) / 2.0) / (n_positives * n_negatives)


# --- leaks ----------------------------------------------------------------------------


def _find_leaks(X: pd.DataFrame, y: NDArray[np.int8]) -> Iterator[Finding]:
    rows = _sample_rows(y)
    labels = y[rows]
    for name in X.columns:
        column = X[name]
        if is_numeric(column):
            auc = _numeric_auc(column.to_numpy()[rows], labels)
        else:
            auc = _categorical_auc(column.cat.codes.to_numpy()[rows], labels)
        if auc > LEAK_AUC:
            yield Finding(
                "severe",
                "target-leak",
                f"column {str(name)!r} alone has ROC-AUC {auc:.3f}: "
                "is it known before the customer leaves?",
                (str(name),),
            )


def _sample_rows(y: NDArray[np.int8]) -> NDArray[np.int64]:
    """Return evenly spaced rows of each class; ROC-AUC does not depend on the class sizes."""
    import numpy as np

    def spaced(label: int) -> NDArray[np.int64]:
        rows = np.flatnonzero(y == label)
        if len(rows) <= _LEAK_ROWS_PER_CLASS:
            return rows
        return rows[np.linspace(0, len(rows) - 1, _LEAK_ROWS_PER_CLASS).astype(np.int64)]

    return np.sort(np.concatenate([spaced(0), spaced(1)]))


def _numeric_auc(values: NDArray[np.float64], y: NDArray[np.int8]) -> float:
    """Return the better direction's ROC-AUC; missing values may be at either end."""
    import numpy as np

    is_missing = np.isnan(values)
    ends = (-np.inf, np.inf) if is_missing.any() else (0.0,)
    aucs = [rank_auc(y, np.where(is_missing, end, values)) for end in ends]
    return max(max(auc, 1.0 - auc) for auc in aucs)


def _categorical_auc(codes: NDArray[Any], y: NDArray[np.int8]) -> float:
    """Return the ROC-AUC of each level's churn rate among the other folds' rows.

    A level that is met in no other row gets the overall rate, so that a column
    with a level for every row says nothing, as it should.
    """
    import numpy as np

    levels = codes.astype(np.int64) + 1  # missing is a level too
    n_levels = int(levels.max()) + 1
    fold = np.empty(len(y), dtype=np.int64)
    generator = np.random.default_rng(derive_seed("doctor", "folds"))
    for label in (0, 1):
        rows = np.flatnonzero(y == label)
        fold[generator.permutation(rows)] = np.arange(len(rows)) % _LEAK_FOLDS
    score = np.empty(len(y))
    for number in range(_LEAK_FOLDS):
        is_test = fold == number
        seen = np.bincount(levels[~is_test], minlength=n_levels)
        positives = np.bincount(levels[~is_test], weights=y[~is_test], minlength=n_levels)
        rate = np.where(seen > 0, positives / np.maximum(seen, 1), y.mean())
        score[is_test] = rate[levels[is_test]]
    return rank_auc(y, score)


# --- the other findings ---------------------------------------------------------------


def _find_few_positives(y: NDArray[np.int8]) -> Iterator[Finding]:
    n_positives = int(y.sum())
    if n_positives < FEW_POSITIVES:
        yield Finding(
            "warning",
            "few-positives",
            f"only {n_positives} positives in {len(y)} rows: expect wide intervals and many ties",
        )


def _find_conflicts(doubles: Doubles) -> Iterator[Finding]:
    if doubles.n_conflicts:
        yield Finding(
            "note",
            "conflicting-labels",
            f"{doubles.n_conflicts} feature vectors carry both labels "
            f"({doubles.n_conflicting_rows} rows): no model can be right on all of them",
        )


def _find_identifiers(X: pd.DataFrame) -> Iterator[Finding]:
    for name in X.columns:
        if is_identifier(X[name]):
            yield Finding(
                "warning",
                "identifier",
                f"column {str(name)!r} has a value of its own in nearly every row: "
                "declare it in [columns] id or drop",
                (str(name),),
            )


def is_identifier(column: pd.Series[Any]) -> bool:
    """Whether a canonical column tells rows apart instead of describing them.

    Texts of which nearly all differ do; so do whole numbers that all differ
    and lie closely together, such as row numbers and customer numbers.
    """
    import numpy as np

    if len(column) < _IDENTIFIER_ROWS:
        return False
    if not is_numeric(column):
        n_values = int((column.cat.codes >= 0).sum())
        return len(column.cat.categories) > _IDENTIFIER_SHARE * max(n_values, 1)
    values = column.to_numpy()
    if not np.isfinite(values).all() or (values != np.floor(values)).any():
        return False
    is_close = np.ptp(values) < 100 * len(values)
    return bool(is_close and column.is_unique)


def _find_constants(X: pd.DataFrame) -> Iterator[Finding]:
    for name in X.columns:
        values = X[name].cat.codes.to_numpy() if not is_numeric(X[name]) else X[name].to_numpy()
        if ((values == values[0]) | ((values != values) & (values[0] != values[0]))).all():
            yield Finding(
                "warning",
                "constant",
                f"column {str(name)!r} has the same value in every row",
                (str(name),),
            )


def _note_doubles(doubles: Doubles) -> Iterator[Finding]:
    if doubles.n_rows:
        yield Finding(
            "note",
            "duplicate-rows",
            f"{doubles.n_rows} rows share all features with another row "
            f"({doubles.n_rows_with_label} of them the label too)",
        )
