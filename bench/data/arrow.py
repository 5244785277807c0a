"""From a Parquet or Feather file to a raw table; needs the optional pyarrow.

Columns are read one at a time. Texts are never made into cells: a column's
distinct ones and a number per row are what Arrow hands over.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

_PARQUET = (".parquet", ".pq")
_FEATHER = (".feather", ".arrow")


def is_arrow(path: Path) -> bool:
    """Whether a file is read as Parquet or Feather."""
    return path.suffix.lower() in (*_PARQUET, *_FEATHER)


def arrow_names(path: Path) -> tuple[str, ...]:
    """Return the names of a file's columns as they are in it.

    Raises
    ------
    DataError
        If pyarrow is not installed or the file is no such table.
    """
    return tuple(str(name) for name in _open(path).names)


def nested_names(path: Path) -> tuple[str, ...]:
    """Return the names of the columns that hold lists, structures or bytes, no cells of a table."""
    from pyarrow import types

    def is_nested(kind: Any) -> bool:
        binary = (types.is_binary, types.is_large_binary, types.is_fixed_size_binary)
        return types.is_nested(kind) or any(is_kind(kind) for is_kind in binary)

    file = _open(path)
    return tuple(n for n, kind in zip(file.names, file.kinds, strict=True) if is_nested(kind))


def read_arrow(path: Path, *, skip: Collection[int]) -> list[Any]:
    """Return the columns of a file except those at the positions in ``skip``.

    Numbers and truth values are arrays, everything else is levels.

    Raises
    ------
    DataError
        If pyarrow is not installed, the file is no such table or has no rows,
        or a column holds lists, structures or bytes.
    """
    file = _open(path)
    columns = []
    for position, name in enumerate(file.names):
        if position not in skip:
            columns.append(_converted(file.read(name), f"{path}: column {name!r}"))
    if columns and not len(columns[0]):
        raise DataError(f"{path}: there are columns but no rows in them")
    return columns


def _open(path: Path) -> _File:
    try:
        import pyarrow
    except ModuleNotFoundError:
        raise DataError(
            f"{path}: Parquet and Feather files are read by pyarrow, which is not installed",
            hint='python -m pip install "churnbench[arrow]", or save the table as CSV',
        ) from None
    try:
        return _File(path)
    except (pyarrow.ArrowException, OSError) as error:
        reason = str(error).strip().splitlines()[0].rstrip(".")
        raise DataError(f"{path}: not a Parquet or Feather file: {reason}") from None


class _File:
    """The columns of a file, read when asked for."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._parquet: Any = None
        if path.suffix.lower() in _PARQUET:
            from pyarrow.parquet import ParquetFile

            self._parquet = ParquetFile(path, memory_map=True)
            schema = self._parquet.schema_arrow
        else:
            import pyarrow

            with pyarrow.memory_map(str(path)) as file:
                schema = pyarrow.ipc.open_file(file).schema
        self.names, self.kinds = list(schema.names), list(schema.types)

    def read(self, name: str) -> Any:
        """Return a column as a chunked Arrow array."""
        if self._parquet is not None:
            return self._parquet.read(columns=[name], use_threads=False).column(0)
        from pyarrow.feather import read_table

        return read_table(self._path, columns=[name], use_threads=False).column(0)


def _converted(column: Any, where: str) -> Any:
    """Return an Arrow column as pandas has it: numbers, truth values or levels."""
    import pandas as pd
    from pyarrow import types

    kind = column.type
    if types.is_floating(kind):
        return column.to_pandas().to_numpy()
    if types.is_integer(kind):
        # As floats, whole numbers with gaps would lose digits, such as those of customers.
        dtype = "Int64" if column.null_count else None
        return pd.Series(column.to_pandas(integer_object_nulls=True), dtype=dtype).array
    if types.is_boolean(kind):
        return column.to_pandas().array
    if types.is_decimal(kind):
        return column.cast("float64").to_pandas().to_numpy()
    if types.is_dictionary(kind) and not types.is_nested(kind.value_type):
        return _levels(column.unify_dictionaries())
    is_text = types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind)
    if is_text or types.is_temporal(kind) or types.is_null(kind):
        return _levels((column if is_text else column.cast("string")).dictionary_encode())
    raise DataError(f"{where} holds {kind}, expected numbers, texts or truth values")


def _levels(column: Any) -> pd.Categorical:
    """Return a dictionary-encoded column as levels, which are texts or whatever is in it."""
    import numpy as np
    import pandas as pd

    chunks = column.chunks
    codes = [chunk.indices.fill_null(-1).to_numpy(zero_copy_only=False) for chunk in chunks]
    values = chunks[-1].dictionary.to_pylist() if chunks else []
    # A dictionary may hold a value twice, or "no value".
    numbers, levels = pd.factorize(np.array([*values, None], dtype=object))
    whole = np.concatenate(codes).astype(np.int32) if codes else np.empty(0, np.int32)
    return pd.Categorical.from_codes(numbers[whole], categories=pd.Index(levels))
