"""What rows have to do with one another: their order, and entities that several are of."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from bench.data.canonical import is_numeric
from bench.data.identifiers import is_identifier
from bench.doctor.adapter_lines import group_line
from bench.doctor.kinds import finding
from bench.doctor.names import names_an_entity
from bench.doctor.ranking import rank_auc
from bench.domain import Dataset, Finding, Severity

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

FEW_POSITIVES = 100

_ERRORS = 6.0
"""Standard errors beyond which chance is ruled out: two in a thousand million."""

_ORDER_AUC = 0.05
_NEIGHBOURS = 0.2

_LEAST_ENTITIES = 20
_ROWS_EACH = (1.5, 50.0)
_AGREEMENT = 0.3
_LEAST_AGREEING = 2


def find_few_positives(y: NDArray[np.int8]) -> Iterator[Finding]:
    """Yield a finding where there are too few positives for narrow intervals."""
    n_positives = int(y.sum())
    if n_positives < FEW_POSITIVES:
        yield finding(
            "few-positives",
            f"only {n_positives} positives in {len(y)} rows: expect wide intervals and many ties",
            remedy="run with --repeats 5 or more; more data is the only real remedy",
        )


def find_row_order(y: NDArray[np.int8]) -> Iterator[Finding]:
    """Yield a finding where a row's place in the file says how its customer decides.

    Two ways: the row number ranks the labels (Mann & Whitney, 1947), or
    neighbours have the same label (correlation of y with the next y).
    """
    import numpy as np

    n_rows, n_positives = len(y), int(y.sum())
    auc = rank_auc(y, np.arange(n_rows, dtype=np.float64))
    error = math.sqrt((n_rows + 1) / (12 * n_positives * (n_rows - n_positives)))
    centred = y - y.mean()
    alike = float((centred[1:] * centred[:-1]).mean() / (centred**2).mean())
    how = ""
    if abs(auc - 0.5) > max(_ORDER_AUC, _ERRORS * error):
        where = "late" if auc > 0.5 else "early"
        how = f"those who leave are {where} in it (ROC-AUC of the row number {auc:.3f})"
    elif alike > max(_NEIGHBOURS, _ERRORS / math.sqrt(n_rows)):
        how = f"neighbours have the same label (correlation {alike:.2f})"
    if how:
        yield finding(
            "row-order",
            f"the order of the file tells the outcome: {how}",
            remedy="leave out row numbers and ids; if the order is one of time, declare "
            "[columns] time and run with --split time",
        )


def find_entities(
    dataset: Dataset, candidates: pd.DataFrame, *, severity: Severity = "warning"
) -> Iterator[Finding]:
    """Yield columns that name something several rows are of, such as a household.

    The rows of one value must agree in features, or in the label, far more
    than rows at random do: only then does the value stand for one thing that
    is met several times.
    """
    if dataset.groups is not None:
        return
    X, y = dataset.X, dataset.y.astype("float64")
    for name in map(str, candidates.columns):
        column = candidates[name]
        if is_identifier(column) or (is_numeric(column) and not names_an_entity(name)):
            continue
        codes, n_values = _numbered(column)
        n_known = int((codes >= 0).sum())
        if n_values < _LEAST_ENTITIES or not (_ROWS_EACH[0] <= n_known / n_values <= _ROWS_EACH[1]):
            continue
        alike = [
            other
            for other in map(str, X.columns)
            if other != name and agreement(codes, _values(X[other])) > _AGREEMENT
        ]
        if agreement(codes, y) > _AGREEMENT:
            alike.insert(0, dataset.spec.target.column)
        elif len(alike) < max(_LEAST_AGREEING, (X.shape[1] - 1) / 3):
            continue
        yield finding(
            "entity-column",
            f"column {name!r} has {n_values} values in {n_known} rows, and rows of one value "
            f"agree in {', '.join(map(repr, alike[:3]))}: one entity in several rows?",
            [name],
            remedy=group_line(dataset.spec, name),
            severity=severity,
        )


def agreement(codes: NDArray[Any], values: NDArray[np.float64]) -> float:
    """Return the share of variance that lies between groups rather than within them.

    Parameters
    ----------
    codes : ndarray of shape (n_samples,)
        The group of each row, -1 for none.
    values : ndarray of shape (n_samples,)
        Numbers, NaN where one is missing.

    Returns
    -------
    float
        The intraclass correlation of a one-way analysis of variance: 0 where
        groups are random, 1 where the rows of a group are equal (Shrout &
        Fleiss, 1979, ICC(1, 1), for groups of unequal size).
    """
    import numpy as np

    is_known = (codes >= 0) & ~np.isnan(values)
    codes, values = codes[is_known].astype(np.int64), values[is_known]
    if not len(values):
        return 0.0
    sizes = np.bincount(codes)
    met = sizes > 0
    n_groups, n_rows = int(met.sum()), len(values)
    if n_groups < 2 or n_rows == n_groups:
        return 0.0
    sums = np.bincount(codes, weights=values)
    means = sums[met] / sizes[met]
    between = float((sizes[met] * (means - values.mean()) ** 2).sum()) / (n_groups - 1)
    total = float(((values - values.mean()) ** 2).sum())
    within = max(total - between * (n_groups - 1), 0.0) / (n_rows - n_groups)
    size = (n_rows - float((sizes[met] ** 2).sum()) / n_rows) / (n_groups - 1)
    spread = between + (size - 1) * within
    return (between - within) / spread if spread > 0 else 0.0


def _numbered(column: pd.Series[Any]) -> tuple[NDArray[Any], int]:
    import pandas as pd

    codes, values = pd.factorize(column)
    return codes, len(values)


def _values(column: pd.Series[Any]) -> NDArray[np.float64]:
    """Return numbers for a column: its own, or whether it has its most frequent level."""
    import numpy as np

    if is_numeric(column):
        return column.to_numpy()
    codes = column.cat.codes.to_numpy()
    counts = np.bincount(codes[codes >= 0], minlength=1)
    return np.where(codes < 0, np.nan, codes == counts.argmax())
