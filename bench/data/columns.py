"""What each column is: declared or inferred, then brought into the canonical types."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bench.data.canonical import (
    as_canonical_category,
    is_numeric,
    level_text,
    listed,
    numbers_of,
)
from bench.data.cells import PLAIN, NumberFormat, collapse, number
from bench.data.dates import days_of
from bench.data.spec import nearest
from bench.errors import DataError, SpecError
from bench.specs import ColumnsSpec, DatasetSpec

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Roles:
    """Which column of a table serves what; a feature in neither collection is inferred.

    ``skip`` are the columns that need not be read, ``apart`` those that are no
    features. ``group`` and ``time`` may be anything else, too.
    """

    target: str
    ids: tuple[str, ...]
    skip: frozenset[str]
    apart: frozenset[str]
    group: str
    time: str
    numeric: frozenset[str]
    categorical: frozenset[str]
    dates: frozenset[str]
    date_format: Mapping[str, str] = field(default_factory=dict)

    @property
    def text(self) -> frozenset[str]:
        """The columns that are read as levels."""
        one = {self.target, *self.ids, *filter(None, [self.group])}
        return self.categorical | self.dates | one


def assign_roles(
    spec: DatasetSpec, names: Collection[str], place: str, *, group: str = "", time: str = ""
) -> Roles:
    """Return the roles of a table's columns.

    Parameters
    ----------
    group, time : str
        Columns that take the place of the adapter's; what else they are stays.

    Raises
    ------
    DataError
        If a declared column is not in the table.
    """
    columns = spec.columns
    target = collapse(spec.target.column)
    own_group, own_time = collapse(columns.group), collapse(columns.time)
    group, time = collapse(group) or own_group, collapse(time) or own_time
    ids, drop, dates = _collapsed(columns.id), _collapsed(columns.drop), _collapsed(columns.dates)
    numeric, categorical = _collapsed(columns.numeric), _collapsed(columns.categorical)
    named = [*columns.fill, *columns.levels, *columns.date_format]
    features = (*numeric, *categorical, *dates)
    declared = (target, *ids, *drop, *filter(None, [own_group, own_time]), *features)
    for name in (*declared, *filter(None, [group, time]), *_collapsed(named)):
        if name not in names:
            raise DataError(
                f"{place}: there is no column {name!r}{nearest(name, names)}",
                hint=f"the columns are: {listed(names, most=30)}",
            )
    rest = frozenset(names) - frozenset(declared)
    return Roles(
        target=target,
        ids=ids,
        skip=frozenset(drop) - {group, time},
        apart=frozenset({target, *ids, *drop, own_group, own_time}) - frozenset(features),
        group=group,
        time=time,
        numeric=frozenset(numeric) | (rest if columns.rest == "numeric" else frozenset()),
        categorical=frozenset(categorical)
        | (rest if columns.rest == "categorical" else frozenset()),
        dates=frozenset(dates),
        date_format={collapse(name): form for name, form in columns.date_format.items()},
    )


def build_features(
    raw: pd.DataFrame,
    roles: Roles,
    columns: ColumnsSpec,
    *,
    missing: frozenset[str],
    numbers: NumberFormat = PLAIN,
    place: str,
) -> pd.DataFrame:
    """Return the features in canonical types, in the order of the table.

    Raises
    ------
    DataError
        If a column does not hold what its type says.
    """
    import pandas as pd

    fill = {collapse(name): value for name, value in columns.fill.items()}
    levels = {collapse(name): dict(merges) for name, merges in columns.levels.items()}
    features: dict[str, Any] = {}
    for name in raw.columns:
        if name in roles.apart:
            continue
        column, where = raw[name], f"{place}: column {name!r}"
        is_date = name in roles.dates
        if is_date or _is_to_be_numeric(column, name, roles, missing, numbers):
            if name in levels:
                raise DataError(f"{where} is numeric, so [columns] levels cannot merge its levels")
            values = (
                as_days(
                    column,
                    date_format=roles.date_format.get(name, ""),
                    missing=missing | numbers.missing,
                    where=where,
                )
                if is_date
                else as_numbers(column, missing=missing, numbers=numbers, where=where)
            )
            features[name] = _filled_numbers(values, fill.get(name), where)
        else:
            category = as_canonical_category(
                column, missing=missing, merges=levels.get(name), place=where
            )
            features[name] = _filled_levels(category, fill.get(name), where)
    if not features:
        raise DataError(f"{place}: no column is left as a feature")
    return pd.DataFrame(features, copy=False)


def build_time(
    raw: pd.DataFrame, roles: Roles, *, missing: frozenset[str], numbers: NumberFormat, place: str
) -> NDArray[np.float64] | None:
    """Return what orders the rows: days since 1970-01-01 UTC, or a column's numbers.

    Raises
    ------
    DataError
        If a cell is missing, or they are neither all numbers nor all dates.
    """
    import numpy as np

    if not roles.time:
        return None
    column, where = raw[roles.time], f"{place}: column {roles.time!r}"
    date_format = roles.date_format.get(roles.time, "")
    is_date = roles.time in roles.dates or date_format
    if not is_date and _is_to_be_numeric(column, "", roles, missing, numbers):
        values = as_numbers(column, missing=missing, numbers=numbers, where=where)
    else:
        tokens = missing | numbers.missing
        values = as_days(column, date_format=date_format, missing=tokens, where=where)
    rows = np.flatnonzero(~np.isfinite(values))
    if len(rows):
        raise DataError(
            f"{where} orders the rows, but is missing in {len(rows)} of {len(values)} rows, "
            f"the first is row {rows[0] + 1}",
            hint="order them by another column, or leave these rows out of the file",
        )
    return values


def as_numbers(
    column: pd.Series[Any],
    *,
    missing: frozenset[str],
    numbers: NumberFormat = PLAIN,
    where: str,
) -> NDArray[np.float64]:
    """Return a column as float64 with NaN for missing.

    Raises
    ------
    DataError
        If a cell is not a number: how many, and the first of them with its row.
    """
    if is_numeric(column) and column.dtype.kind != "b":
        return numbers_of(column)

    def parse(value: Any) -> float | None:
        # Not level_text of a text: it would make "1" of "1.000", which may be a thousand.
        return numbers.number(value) if isinstance(value, str) else number(level_text(value))

    values, n_bad, first = _parsed(column, parse, missing | numbers.missing)
    if n_bad:
        raise DataError(
            f"{where} is numeric, but {n_bad} of {len(values)} cells are not numbers, "
            f"the first is {first}",
            hint="declare it in [columns] categorical, or the text in [source] missing",
        )
    return values


def as_days(
    column: pd.Series[Any], *, date_format: str, missing: frozenset[str], where: str
) -> NDArray[np.float64]:
    """Return a column of dates as days since 1970-01-01 UTC, NaN for missing.

    Raises
    ------
    DataError
        If a cell is no such date: how many, and the first of them with its row.
    """
    values, n_bad, first = _parsed(
        column, lambda value: days_of(level_text(value), date_format), missing
    )
    if n_bad:
        raise DataError(
            f"{where} holds dates, but {n_bad} of {len(values)} cells are not written as "
            f"{date_format or '2024-12-31'}, the first is {first}",
            hint="declare how they are written, for instance\n"
            f'[columns.date_format]\n"{column.name}" = "%d.%m.%Y"',
        )
    return values


def _parsed(
    column: pd.Series[Any], parse: Callable[[Any], float | None], missing: frozenset[str]
) -> tuple[NDArray[np.float64], int, str]:
    """Return the values of a column, how many cells have none, and the first of these."""
    import numpy as np
    import pandas as pd

    codes, uniques = pd.factorize(column)
    texts = [level_text(value) for value in uniques]
    values, bad = [], []
    for value, text in zip(uniques, texts, strict=True):
        is_missing = text in missing or str(value).strip() in missing
        parsed = np.nan if is_missing else parse(value)
        values.append(np.nan if parsed is None else parsed)
        bad.append(parsed is None)
    rows = np.flatnonzero(np.array([*bad, False])[codes])
    first = f"{texts[codes[rows[0]]]!r} in row {rows[0] + 1}" if len(rows) else ""
    return np.array([*values, np.nan])[codes], len(rows), first


def data_rows(
    raw: pd.DataFrame, target: str, missing: Collection[str], *, skip_last: int = 0
) -> NDArray[np.int64]:
    """Return the numbers of the rows with a value in any column, but for the last ``skip_last``."""
    import numpy as np

    def is_missing(column: pd.Series[Any], rows: NDArray[np.int64]) -> NDArray[np.bool_]:
        cells = column.iloc[rows].astype(object)
        return np.array([cell != cell or level_text(cell) in missing for cell in cells], bool)

    # Most tables have a target in every row, which settles it.
    codes = as_canonical_category(raw[target], missing=missing).codes
    rows = np.flatnonzero(codes == -1)
    for name in raw.columns:
        rows = rows[is_missing(raw[name], rows)] if len(rows) else rows
    kept = np.delete(np.arange(len(raw)), rows)
    return kept[: len(kept) - skip_last]


def check_features(X: pd.DataFrame, place: str) -> None:
    """Raise where a column has no value at all, or an infinite one."""
    import numpy as np

    for name in X.columns:
        column = X[name]
        if column.isna().all():
            raise DataError(
                f"{place}: column {name!r} has no value in any row",
                hint=f"leave it out: [columns] drop = [{name!r}]",
            )
        if is_numeric(column):
            rows = np.flatnonzero(np.isinf(column.to_numpy()))
            if len(rows):
                raise DataError(
                    f"{place}: column {name!r} holds {len(rows)} infinite values, "
                    f"the first in row {rows[0] + 1}",
                    hint='correct the file, or declare [source] missing = ["inf"]',
                )


def _collapsed(names: Iterable[str] | None) -> tuple[str, ...]:
    return tuple(collapse(name) for name in names or ())


def _is_to_be_numeric(
    column: pd.Series[Any],
    name: str,
    roles: Roles,
    missing: frozenset[str],
    numbers: NumberFormat,
) -> bool:
    if name in roles.numeric or name in roles.categorical:
        return name in roles.numeric
    return holds_numbers(column, missing=missing, numbers=numbers)


def holds_numbers(
    column: pd.Series[Any], *, missing: frozenset[str], numbers: NumberFormat = PLAIN
) -> bool:
    """Whether all cells of a column are numbers or missing; truth values are not."""
    import pandas as pd

    if is_numeric(column):
        return column.dtype.kind != "b"
    tokens = missing | numbers.missing
    for value in pd.unique(column.dropna()):
        text = level_text(value)
        if text in tokens or str(value).strip() in tokens:
            continue
        is_number = numbers.number(value) if isinstance(value, str) else number(text)
        if isinstance(value, bool) or is_number is None:
            return False
    return True


def _filled_numbers(values: NDArray[np.float64], fill: Any, where: str) -> NDArray[np.float64]:
    import numpy as np

    if fill is None or _has_no_value(np.isnan(values), where):
        return values
    if isinstance(fill, str):
        raise SpecError(f"{where} is numeric, but [columns] fill has the text {fill!r}")
    return np.where(np.isnan(values), float(fill), values)


def _filled_levels(category: pd.Categorical, fill: Any, where: str) -> pd.Categorical:
    import pandas as pd

    if fill is None or _has_no_value(category.codes == -1, where):
        return category
    level = level_text(fill)
    if level not in category.categories:
        category = category.add_categories([level])
    return as_canonical_category(pd.Series(category.fillna(level)))


def _has_no_value(is_missing: NDArray[np.bool_], where: str) -> bool:
    """Whether there is nothing but missing cells; filling must not hide that."""
    return bool(is_missing.all())
