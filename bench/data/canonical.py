"""One form for every table, and its digest: what makes two copies of some data the same.

Canonical are float64 columns with NaN for missing, and ``category`` columns
whose levels are texts in sorted order, each of them in use. Whole numbers are
written without a point, so that a file with ``84.0`` and one with ``84`` agree.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, Any

from bench.errors import DataError
from bench.identity import canonical_json

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

DIGEST_VERSION = 1
_WHOLE = re.compile(r"([+-]?\d+)\.0*")


def frame_digest(X: pd.DataFrame, y: NDArray[Any], *, groups: NDArray[Any] | None = None) -> str:
    """Return the SHA-256 of a table's content, in hexadecimal.

    It covers the columns' names, order and kinds, every value, what is
    missing, the labels, and which rows belong together; not the file's bytes,
    the index, pandas' version or its choice of dtypes, nor the byte order.

    Parameters
    ----------
    X : DataFrame of shape (n_samples, n_features)
        Any dtypes; numbers and truth values count as numeric, all else as text.
    y : ndarray of shape (n_samples,)
        Labels, 0 or 1.
    groups : ndarray of shape (n_samples,), optional
        Only which rows share a value counts, not the values.
    """
    import numpy as np
    import pandas as pd

    state = hashlib.sha256()
    _add(state, "table", [DIGEST_VERSION, len(X), [str(name) for name in X.columns]])
    for name in X.columns:
        column = X[name]
        if is_numeric(column):
            _add(state, "numeric", None, _number_bytes(numbers_of(column)))
        else:
            category = as_canonical_category(column)
            _add(state, "categorical", list(category.categories))
            _add(state, "codes", None, np.ascontiguousarray(category.codes, dtype="<i4"))
    _add(state, "y", None, np.ascontiguousarray(y, dtype="i1"))
    if groups is not None:
        _add(state, "groups", None, np.ascontiguousarray(pd.factorize(groups)[0], dtype="<i8"))
    return state.hexdigest()


def is_numeric(column: pd.Series[Any]) -> bool:
    """Whether a column holds numbers (or truth values) by its dtype."""
    import pandas as pd

    return pd.api.types.is_numeric_dtype(column.dtype)


def numbers_of(column: pd.Series[Any]) -> NDArray[np.float64]:
    """Return a numeric column as float64 with NaN for missing, without a copy where it can."""
    import numpy as np

    return column.to_numpy(dtype=np.float64, na_value=np.nan)


def as_canonical_category(
    column: pd.Series[Any],
    *,
    missing: Collection[str] = (),
    merges: Mapping[str, str] | None = None,
    place: str = "",
) -> pd.Categorical:
    """Return any column as canonical levels.

    Parameters
    ----------
    column : Series
        Texts, numbers, truth values, levels, or a mixture as Excel has it.
    missing : collection of str
        Texts that mean "no value".
    merges : mapping of str to str, optional
        Levels to rename, thereby merging those that end up equal.
    place : str
        Where the column is, for messages.

    Raises
    ------
    DataError
        If a level to merge is not there.
    """
    import numpy as np
    import pandas as pd

    codes, values = _factorized(column)
    texts = [level_text(value) for value in values]
    for level in merges or {}:
        if level not in texts:
            raise DataError(
                f"{place}: [columns] levels merges {level!r}, but the column holds no such level",
                hint=f"its levels are: {listed(sorted(texts))}",
            )
    texts = [text if merges is None else merges.get(text, text) for text in texts]
    used = np.bincount(codes[codes >= 0], minlength=len(values)) > 0
    kept = {t for t, is_used in zip(texts, used, strict=True) if is_used and t not in missing}
    levels = sorted(kept)
    number_of = {level: number for number, level in enumerate(levels)}
    # One more entry at the end: code -1, which is missing, picks it.
    renumbered = np.array([*(number_of.get(text, -1) for text in texts), -1], dtype=np.int32)
    return pd.Categorical.from_codes(
        renumbered[codes], categories=pd.Index(levels, dtype="str"), validate=False
    )


def level_text(value: object) -> str:
    """Return one value as the text of a level, without surrounding blanks."""
    if isinstance(value, str):
        text = value.strip()
        whole = _WHOLE.fullmatch(text)
        return whole[1] if whole else text
    item: Callable[[], object] | None = getattr(value, "item", None)
    value = item() if item is not None else value
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def listed(names: Collection[str], *, most: int = 10) -> str:
    """Return names in quotes, the first ``most`` of them."""
    shown = ", ".join(repr(name) for name in list(names)[:most])
    return f"{shown}, … ({len(names)} in all)" if len(names) > most else shown


def _factorized(column: pd.Series[Any]) -> tuple[NDArray[Any], list[Any]]:
    """Return a code per row (-1 where missing) and the distinct values."""
    import pandas as pd

    if isinstance(column.dtype, pd.CategoricalDtype):
        return column.cat.codes.to_numpy(), list(column.cat.categories)
    codes, values = pd.factorize(column)
    return codes, list(values)


def _number_bytes(values: NDArray[np.float64]) -> NDArray[Any]:
    """Return the numbers as little-endian bytes, with one NaN and one zero."""
    import numpy as np

    plain = values + 0.0  # -0.0 becomes 0.0; also the copy that the next line may write to
    plain[np.isnan(plain)] = np.nan
    return np.ascontiguousarray(plain, dtype="<f8")


def _add(state: Any, label: str, header: object, buffer: NDArray[Any] | None = None) -> None:
    """Hash one labelled part; lengths are in it, so that parts cannot run into each other."""
    size = 0 if buffer is None else buffer.nbytes
    state.update(canonical_json([label, header, size]).encode())
    state.update(b"\n")
    if buffer is not None:
        state.update(buffer)
