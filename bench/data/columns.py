"""What each column is: declared or inferred, then brought into the canonical types."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bench.data.canonical import (
    as_canonical_category,
    is_numeric,
    level_text,
    listed,
    numbers_of,
)
from bench.data.reading import collapse, number
from bench.data.spec import nearest
from bench.errors import DataError, SpecError
from bench.specs import ColumnsSpec, DatasetSpec

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Roles:
    """Which column of a table serves what; a feature in neither collection is inferred."""

    target: str
    ids: tuple[str, ...]
    skip: frozenset[str]
    group: str
    numeric: frozenset[str]
    categorical: frozenset[str]

    @property
    def text(self) -> frozenset[str]:
        """The columns that are read as levels."""
        return self.categorical | {self.target, *self.ids, *filter(None, [self.group])}


def assign_roles(spec: DatasetSpec, names: Collection[str], place: str) -> Roles:
    """Return the roles of a table's columns.

    Raises
    ------
    DataError
        If a declared column is not in the table.
    """
    columns = spec.columns
    target, group = collapse(spec.target.column), collapse(columns.group)
    ids, drop = _collapsed(columns.id), _collapsed(columns.drop)
    numeric, categorical = _collapsed(columns.numeric), _collapsed(columns.categorical)
    declared = (target, *ids, *drop, *filter(None, [group]), *numeric, *categorical)
    for name in (*declared, *_collapsed(columns.fill), *_collapsed(columns.levels)):
        if name not in names:
            raise DataError(
                f"{place}: there is no column {name!r}{nearest(name, names)}",
                hint=f"the columns are: {listed(names, most=30)}",
            )
    rest = frozenset(names) - frozenset(declared)
    return Roles(
        target=target,
        ids=ids,
        skip=frozenset(drop),
        group=group,
        numeric=frozenset(numeric) | (rest if columns.rest == "numeric" else frozenset()),
        categorical=frozenset(categorical)
        | (rest if columns.rest == "categorical" else frozenset()),
    )


def build_features(
    raw: pd.DataFrame, roles: Roles, columns: ColumnsSpec, *, missing: frozenset[str], place: str
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
    apart = {roles.target, roles.group, *roles.ids, *roles.skip}
    features: dict[str, Any] = {}
    for name in raw.columns:
        if name in apart:
            continue
        column, where = raw[name], f"{place}: column {name!r}"
        if _is_to_be_numeric(column, name, roles, missing):
            if name in levels:
                raise DataError(f"{where} is numeric, so [columns] levels cannot merge its levels")
            values = as_numbers(column, missing=missing, where=where)
            features[name] = _filled_numbers(values, fill.get(name), where)
        else:
            category = as_canonical_category(
                column, missing=missing, merges=levels.get(name), place=where
            )
            features[name] = _filled_levels(category, fill.get(name), where)
    if not features:
        raise DataError(f"{place}: no column is left as a feature")
    return pd.DataFrame(features, copy=False)


def as_numbers(
    column: pd.Series[Any], *, missing: frozenset[str], where: str
) -> NDArray[np.float64]:
    """Return a column as float64 with NaN for missing.

    Raises
    ------
    DataError
        If a cell is not a number: how many, and the first of them with its row.
    """
    import numpy as np
    import pandas as pd

    if is_numeric(column) and column.dtype.kind != "b":
        return numbers_of(column)
    codes, uniques = pd.factorize(column)
    texts = [level_text(value) for value in uniques]
    numbers = [None if text in missing else number(text) for text in texts]
    is_bad = np.array(
        [n is None and text not in missing for n, text in zip(numbers, texts, strict=True)]
        + [False]
    )
    if is_bad.any():
        rows = np.flatnonzero(is_bad[codes])
        raise DataError(
            f"{where} is numeric, but {len(rows)} of {len(codes)} cells are not numbers, "
            f"the first is {texts[codes[rows[0]]]!r} in row {rows[0] + 1}",
            hint="declare it in [columns] categorical, or the text in [source] missing",
        )
    return np.array([*(np.nan if n is None else n for n in numbers), np.nan])[codes]


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
    column: pd.Series[Any], name: str, roles: Roles, missing: frozenset[str]
) -> bool:
    import pandas as pd

    if name in roles.numeric or name in roles.categorical:
        return name in roles.numeric
    if column.dtype.kind in "iuf":
        return True
    if is_numeric(column) and column.dtype.kind != "b":
        return True
    values = pd.unique(column.dropna())
    texts = [level_text(value) for value in values if not isinstance(value, bool)]
    return len(texts) == len(values) and all(
        text in missing or number(text) is not None for text in texts
    )


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
