"""The optional ``prepare(features)`` in a ``.py`` beside an adapter."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from bench.data.canonical import as_canonical_category, is_numeric, numbers_of
from bench.data.cells import column_names
from bench.data.spec import shown
from bench.errors import DataError, PluginError

if TYPE_CHECKING:
    import pandas as pd

# What other people's code may come to; not Exception, so that our own faults show.
_FAULTS = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    ImportError,
    LookupError,
    NameError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
)


def hook_path(adapter: Path) -> Path | None:
    """Return the Python file that belongs to an adapter, if there is one."""
    path = adapter.with_suffix(".py")
    return path if path.is_file() else None


def apply_hook(path: Path, X: pd.DataFrame) -> pd.DataFrame:
    """Return what ``prepare`` in the file at ``path`` makes of the features, in canonical types.

    Raises
    ------
    PluginError
        If the file cannot be run or has no ``prepare``.
    DataError
        If ``prepare`` returns something else than the same rows in the same order.
    """
    import pandas as pd

    place = shown(path)
    module = _load(path, place)
    prepare = getattr(module, "prepare", None)
    if not callable(prepare):
        raise PluginError(f"{place}: there is no prepare(features) in it")
    try:
        prepared = prepare(X.copy())
    except _FAULTS as error:
        raise PluginError(f"{place}: prepare raised {type(error).__name__}: {error}") from error
    if not isinstance(prepared, pd.DataFrame):
        raise DataError(
            f"{place}: prepare returned {type(prepared).__name__}, expected a DataFrame"
        )
    if not prepared.index.equals(X.index):
        change = "another order of rows" if len(prepared) == len(X) else f"{len(prepared)} rows"
        raise DataError(
            f"{place}: prepare returned {change}, expected the {len(X)} given rows in order",
            hint="drop no rows and keep the index; features are made column by column",
        )
    prepared.columns = pd.Index(column_names(prepared.columns, place))
    return pd.DataFrame({name: _canonical(prepared[name], place) for name in prepared.columns})


def _load(path: Path, place: str) -> ModuleType:
    # Not by an import: that would leave bytecode in a folder of data files, and
    # take an old one for a file that was edited within the same second.
    module = ModuleType(f"bench_adapter_{path.stem}")
    module.__file__ = str(path)
    try:
        exec(compile(path.read_bytes(), path, "exec"), module.__dict__)
    except _FAULTS as error:
        raise PluginError(f"{place}: {type(error).__name__}: {error}") from error
    return module


def _canonical(column: pd.Series[Any], place: str) -> Any:
    if column.dtype.kind in "mM":
        raise DataError(
            f"{place}: prepare returned dates in column {str(column.name)!r}",
            hint="turn them into numbers, such as days before a date that is fixed",
        )
    return numbers_of(column) if is_numeric(column) else as_canonical_category(column)
