"""Columns that describe no customer: identifiers, constants, dates taken for categories."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from bench.data.canonical import is_numeric
from bench.data.cells import number
from bench.data.identifiers import LEAST_ROWS, is_identifier
from bench.doctor.adapter_lines import drop_line, id_line, time_line, toml_list
from bench.doctor.dates import looks_like_dates
from bench.doctor.kinds import finding
from bench.doctor.texts import spread
from bench.domain import Finding
from bench.specs import DatasetSpec

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

_NEAR_SHARE = 0.2
_NEAR_LEVELS = 50
_FEW_OTHERS = 0.005
_LEAST_NUMERIC_LEVELS = 5
_MOST_ODD_LEVELS = 3
_MOST_ODD_ROWS = 5
_ABOVE_ALL = 3.0
"""How far a sum is above each of its parts; two rows of a rare flag are no sum and its part."""


def find_useless(X: pd.DataFrame, spec: DatasetSpec) -> Iterator[Finding]:
    """Yield identifiers, columns that nearly are, and constants."""
    for name in X.columns:
        column = X[name]
        if is_identifier(column):
            n_shared = int(column[column.duplicated()].nunique())
            but = f" ({n_shared} values are met again)" if n_shared else ""
            yield finding(
                "identifier",
                f"column {str(name)!r} has a value of its own in nearly every row{but}: "
                "declare it in [columns] id or drop",
                [name],
                remedy=id_line(spec, name),
            )
        elif _is_nearly_identifier(column):
            yield finding(
                "near-identifier",
                f"column {str(name)!r} has {column.nunique()} different values in "
                f"{int(column.notna().sum())} rows: a name, a number or free text?",
                [name],
                remedy=drop_line(spec, [name]),
            )
        elif _is_constant(column):
            yield finding(
                "constant",
                f"column {str(name)!r} has the same value in every row",
                [name],
                remedy=drop_line(spec, [name]),
            )


def find_near_constants(X: pd.DataFrame, spec: DatasetSpec) -> Iterator[Finding]:
    """Yield columns in which nearly all rows have one value."""
    import numpy as np

    for name in X.columns:
        _, counts = np.unique(_codes(X[name]), return_counts=True)
        n_others = len(X) - int(counts.max())
        if len(X) >= LEAST_ROWS and 0 < n_others <= _FEW_OTHERS * len(X):
            yield finding(
                "near-constant",
                f"column {str(name)!r} has the same value in all but {n_others} of {len(X)} rows",
                [name],
                remedy=drop_line(spec, [name]),
            )


def find_date_levels(X: pd.DataFrame, spec: DatasetSpec) -> Iterator[Finding]:
    """Yield columns of dates that are taken for levels."""
    for name in map(str, X.columns):
        if is_numeric(X[name]):
            continue
        levels = [str(level) for level in X[name].cat.categories]
        if looks_like_dates(levels):
            yield finding(
                "time-column",
                f"column {name!r} holds dates ({levels[0]!r} and others) as {len(levels)} "
                "categories",
                [name],
                remedy=f"[columns] dates = {toml_list([*spec.columns.dates, name])} "
                f"makes days of it; {time_line(name)}",
            )


def find_described(X: pd.DataFrame) -> Iterator[Finding]:
    """Yield rows in which the columns of numbers hold text: a second header, units.

    One text in all of them would be a word for "unknown", and where most
    columns are numbers still, there is no such row.
    """
    import numpy as np

    odd_rows: dict[int, list[str]] = {}
    n_columns, n_numeric = 0, sum(is_numeric(X[name]) for name in X.columns)
    for name in map(str, X.columns):
        if is_numeric(X[name]):
            continue
        levels = [str(level) for level in X[name].cat.categories]
        if sum(number(level) is None for level in spread(levels)) > _MOST_ODD_LEVELS:
            continue
        is_number = np.array([number(level) is not None for level in levels])
        n_odd = int((~is_number).sum())
        if not 0 < n_odd <= _MOST_ODD_LEVELS or len(is_number) - n_odd < _LEAST_NUMERIC_LEVELS:
            continue
        # One more entry at the end: code -1, which is missing, picks it.
        rows = np.flatnonzero(~np.append(is_number, True)[X[name].cat.codes.to_numpy()])
        if len(rows) <= _MOST_ODD_ROWS:
            n_columns += 1
            for row in rows.tolist():
                odd_rows.setdefault(row, []).append(name)
    for row, names in sorted(odd_rows.items()):
        texts = {str(X[name].iloc[row]) for name in names}
        if len(names) >= max(2, n_columns / 2, n_numeric) and (len(texts) > 1 or row == 0):
            yield finding(
                "description-row",
                f"row {row + 1} holds text in {len(names)} columns that are numbers elsewhere "
                f"({', '.join(map(repr, names[:3]))}): a second header, units or a remark?",
                names,
                remedy="[source] skip_below = 1 for a row below the header; else remove it",
            )


def find_totals(X: pd.DataFrame) -> Iterator[Finding]:
    """Yield a finding where the first or the last row is the sum of all others."""
    import numpy as np

    names = [name for name in X.columns if is_numeric(X[name])]
    if len(X) < LEAST_ROWS or len(names) < 2:
        return
    for row in (0, len(X) - 1):
        sums = []
        for name in names:
            values = X[name].to_numpy()
            others = np.nan_to_num(np.delete(values, row))
            rest, most = float(others.sum()), float(np.abs(others).max())
            if abs(values[row] - rest) <= 1e-6 * abs(rest) and abs(rest) > _ABOVE_ALL * most:
                sums.append(str(name))
        if len(sums) >= 2:
            yield finding(
                "description-row",
                f"row {row + 1} holds the sum of all other rows in {len(sums)} columns "
                f"({', '.join(map(repr, sums[:3]))})",
                sums,
                remedy="remove the row from the file",
            )


def _is_nearly_identifier(column: pd.Series[Any]) -> bool:
    """Whether a column has so many levels that most are met once or twice."""
    import numpy as np

    n_rows = int(column.notna().sum())
    if n_rows < LEAST_ROWS:
        return False
    if not is_numeric(column):
        n_levels = len(column.cat.categories)
        return n_levels > _NEAR_LEVELS and n_levels > _NEAR_SHARE * n_rows
    values = column.dropna().to_numpy()
    # Whole numbers that run through: n drawn from 2n would leave a fifth of them out.
    return bool(
        (values == np.floor(values)).all()
        and np.ptp(values) < 2 * n_rows
        and len(np.unique(values)) > 0.95 * n_rows
    )


def _is_constant(column: pd.Series[Any]) -> bool:
    values = _codes(column)
    return bool((values == values[0]).all())


def _codes(column: pd.Series[Any]) -> NDArray[Any]:
    """Return numbers that are equal where the cells are, without NaN."""
    import numpy as np

    if not is_numeric(column):
        return column.cat.codes.to_numpy()
    values = column.to_numpy()
    # -inf cannot be in a canonical column.
    return np.where(np.isnan(values), -np.inf, values)
