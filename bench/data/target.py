"""From the target's texts to labels: 1 for the positive class."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from bench.data.canonical import as_canonical_category, level_text, listed
from bench.data.spec import nearest
from bench.errors import DataError

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

_LISTED = 5

# Pairs in which everybody knows the positive one; compared without regard to case.
_KNOWN_PAIRS = (("0", "1"), ("no", "yes"), ("false", "true"))


def code_target(
    column: pd.Series[Any],
    positive: str,
    *,
    missing: frozenset[str],
    merges: Mapping[str, str] | None = None,
    place: str,
) -> tuple[NDArray[np.int8], str]:
    """Return the labels and the value that counts as positive.

    Parameters
    ----------
    column : Series of shape (n_samples,)
        The target as read.
    positive : str
        The positive value, or empty to infer it from 0/1, No/Yes, False/True.
    merges : mapping of str to str, optional
        Spellings to rename first, so that those that end up equal are one value.

    Raises
    ------
    DataError
        If cells are missing, there is one class only, or ``positive`` is not
        among the values or cannot be inferred.
    """
    import numpy as np

    where = f"{place}: target {str(column.name)!r}"
    category = as_canonical_category(column, missing=missing, merges=merges, place=where)
    n_missing = int((category.codes == -1).sum())
    values = list(category.categories)
    if n_missing:
        row = int(np.flatnonzero(category.codes == -1)[0]) + 1
        raise DataError(
            f"{where} is missing in {n_missing} of {len(column)} rows, the first is row {row}",
            hint="remove these rows from the file: what is not known cannot be learnt",
        )
    if len(values) == 1:
        raise DataError(f"{where} holds one class only: {values[0]!r} in all {len(column)} rows")
    positive = level_text(positive) if positive else _infer_positive(values, where)
    if positive not in values:
        raise DataError(
            f"{where} holds no {positive!r}{nearest(positive, values)}",
            hint=f"its values are: {listed(values)}; set [target] positive to one of them",
        )
    return (category.codes == values.index(positive)).astype(np.int8), positive


def note_other_values(
    column: pd.Series[Any],
    positive: str,
    *,
    missing: frozenset[str],
    merges: Mapping[str, str] | None = None,
) -> tuple[str, ...]:
    """Return a note where several values count as "stayed", which may be a slip of the pen."""
    where = f"target {str(column.name)!r}"
    category = as_canonical_category(column, missing=missing, merges=merges, place=where)
    counts = category.value_counts().drop(positive)
    counts = counts[counts > 0].sort_values(ascending=False, kind="stable")
    if len(counts) < 2:
        return ()
    named = ", ".join(f"{value!r} ({n})" for value, n in counts.head(_LISTED).items())
    more = f" and {len(counts) - _LISTED} more" if len(counts) > _LISTED else ""
    return (f"{where}: everything but {positive!r} counts as stayed: {named}{more}",)


def _infer_positive(values: list[str], where: str) -> str:
    folded = {value.casefold(): value for value in values}
    for negative, positive in _KNOWN_PAIRS:
        if sorted(folded) == [negative, positive] and len(values) == 2:
            return folded[positive]
    raise DataError(
        f"{where} holds {listed(values)}, and which of them is positive is not declared",
        hint=f"declare it, for instance [target] positive = {values[-1]!r}",
    )
