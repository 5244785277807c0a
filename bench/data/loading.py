"""From an adapter's name to a checked `Dataset`."""

from __future__ import annotations

import dataclasses
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.data.adapters import load_spec
from bench.data.canonical import frame_digest, is_numeric
from bench.data.cells import NumberFormat, column_names, missing_tokens
from bench.data.columns import (
    Roles,
    assign_roles,
    build_features,
    build_time,
    check_features,
    data_rows,
)
from bench.data.duplicates import count_shared_rows
from bench.data.generators import find_generator
from bench.data.hook import apply_hook, hook_path
from bench.data.limits import DEFAULT_LIMITS, Limits
from bench.data.reading import Parts, is_excel, read_parts, table_names
from bench.data.sources import SourceFile, fetch, places
from bench.data.spec import nearest, shown
from bench.data.target import code_target, note_other_values
from bench.domain import Dataset, Origin
from bench.errors import DataError, SourceError, SpecError, UnavailableError
from bench.specs import DatasetSpec, SourceSpec

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray


@dataclass(frozen=True)
class LoadOptions:
    """How a dataset is to be found and how strictly it is taken.

    Attributes
    ----------
    datasets_dir : Path or None
        A further folder of adapters.
    data_dir : Path or None
        Where files lie, instead of BENCH_DATA_DIR.
    accept_data : bool
        Take a file that is not the expected one; the boards will say so.
    require_real : bool
        Refuse a stand-in.
    refresh : bool
        Try to download again, whatever is cached or failed before.
    limits : Limits
        What a download may cost.
    group, time : str
        Columns that take the place of the adapter's ``[columns] group`` and
        ``time``; whatever else they are in the adapter, they stay.
    """

    datasets_dir: Path | None = None
    data_dir: Path | None = None
    accept_data: bool = False
    require_real: bool = False
    refresh: bool = False
    limits: Limits = DEFAULT_LIMITS
    group: str = ""
    time: str = ""


def load_dataset(name: str, *, options: LoadOptions = LoadOptions()) -> Dataset:
    """Return the dataset called ``name``, checked against its adapter.

    Raises
    ------
    UnknownNameError, SpecError
        If there is no such adapter, or it cannot be understood.
    SourceError
        If its file cannot be had or is not the expected one.
    DataError
        If the table does not hold what the adapter says.
    """
    spec = load_spec(name, datasets_dir=options.datasets_dir)
    if options.group not in ("", spec.columns.group):
        # The digest holds the adapter's own groups; the file's bytes and counts are checked still.
        spec = dataclasses.replace(spec, expect=dataclasses.replace(spec.expect, digest=""))
    if spec.source.generator:
        return _load_generated(spec, options)
    try:
        file = fetch(spec, places(options.data_dir), refresh=options.refresh, limits=options.limits)
    except UnavailableError as error:
        if not spec.source.stand_in or options.require_real:
            raise
        # The reason varies from run to run, so it goes to the log and not to the boards.
        logging.getLogger(__name__).warning("%s; using %s", error.message, spec.source.stand_in)
        stand_in = load_spec(spec.source.stand_in, datasets_dir=options.datasets_dir)
        note = f"NOT REAL DATA: {spec.name} could not be had, this is a built-in imitation of it"
        return dataclasses.replace(_load_generated(stand_in, options), notes=(note,))
    return _load_file(spec, file, options)


def _load_generated(spec: DatasetSpec, options: LoadOptions) -> Dataset:
    generator = find_generator(spec.source.generator, shown(Path(spec.path)))
    if generator.imitates and options.require_real:
        raise UnavailableError(
            f"{spec.name} is an imitation of {generator.imitates}, and real data is required",
            hint=f"leave out --require-real, or ask for --dataset {generator.imitates}",
        )
    raw = generator.build()
    raw.columns = list(column_names(raw.columns, spec.name))
    roles = _roles(spec, tuple(raw.columns), spec.name, options)
    origin: Origin = "stand-in" if generator.imitates else "built-in"
    dataset = _build(spec, Parts(raw), roles, place=spec.name, origin=origin)
    _check_expectations(dataset, spec.name)
    if not generator.imitates:
        return dataset
    note = f"NOT REAL DATA: a built-in imitation of {generator.imitates}"
    return dataclasses.replace(dataset, notes=(note,))


def _load_file(spec: DatasetSpec, file: SourceFile, options: LoadOptions) -> Dataset:
    sha256 = file.sha256()
    is_published = sha256 == spec.source.sha256 or not spec.source.sha256
    try:
        dataset = _read(spec, file, options)
    except DataError as error:
        if is_published:
            raise
        raise DataError(
            error.message,
            hint=f"the file is not the published one: sha256 {sha256}, "
            f"expected {spec.source.sha256}; fetch it again",
        ) from None
    if is_published and not options.accept_data:
        _check_expectations(dataset, str(file.path))
        return dataset
    return _with_notes(dataset, *_judge_copy(dataset, file.path, sha256, options))


def _judge_copy(dataset: Dataset, path: Path, sha256: str, options: LoadOptions) -> tuple[str, ...]:
    """Return the notes on a file with other bytes than expected, or refuse it."""
    spec = dataset.spec
    is_published = sha256 == spec.source.sha256 or not spec.source.sha256
    expected = spec.expect.digest
    if expected and dataset.digest == expected:
        note = f"{path.name} has other bytes than the published file but holds the same table"
        return () if is_published else (note,)
    if not is_published and not options.accept_data:
        raise SourceError(
            f"{path}: not the published file: sha256 {sha256}, expected {spec.source.sha256}; "
            f"nor the same table: digest {dataset.digest}, expected {expected or 'not declared'}",
            hint="fetch the file again, or take it as it is with --accept-data",
        )
    differences = _differences(dataset, str(path))
    if is_published and not differences:
        return ()
    note = (
        f"{path.name} is not the published table and was accepted by --accept-data: sha256 "
        f"{sha256}, expected {spec.source.sha256 or 'not declared'}; digest {dataset.digest}, "
        f"expected {expected or 'not declared'}"
    )
    return (note,)


def _with_notes(dataset: Dataset, *notes: str) -> Dataset:
    return dataclasses.replace(dataset, notes=(*dataset.notes, *notes)) if notes else dataset


# --- reading --------------------------------------------------------------------------


def _read(spec: DatasetSpec, file: SourceFile, options: LoadOptions) -> Dataset:
    place, source = str(file.path), spec.source
    if is_excel(file.path, source):
        table = read_parts(file.path, source, text=(), skip=())
        roles = _roles(spec, tuple(table.frame.columns), place, options)
    else:
        roles = _roles(spec, table_names(file.path, source), place, options)
        table = read_parts(file.path, source, text=roles.text, skip=roles.skip)
    dataset = _build(spec, table, roles, place=place, origin=file.origin)
    return _with_notes(dataset, *file.notes)


def _roles(spec: DatasetSpec, names: tuple[str, ...], place: str, options: LoadOptions) -> Roles:
    return assign_roles(spec, names, place, group=options.group, time=options.time)


def _build(spec: DatasetSpec, table: Parts, roles: Roles, *, place: str, origin: Origin) -> Dataset:
    """Return the dataset in a raw table, of levels and numbers or all of text."""
    missing, numbers = missing_tokens(spec.source), NumberFormat.of(spec.source)
    table, notes = _with_data(table, roles, spec.source, missing)
    raw = table.frame
    merges = spec.columns.levels.get(spec.target.column)
    y, positive = code_target(
        raw[roles.target],
        spec.target.positive,
        missing=missing,
        merges=merges,
        place=place,
    )
    X = build_features(raw, roles, spec.columns, missing=missing, numbers=numbers, place=place)
    check_features(X, place)
    hook = hook_path(Path(spec.path))
    if hook is not None:
        X = apply_hook(hook, X)
        check_features(X, shown(hook))
    _check_economics(spec, X)
    groups = _build_groups(raw, roles.group, missing, place)
    target = dataclasses.replace(spec.target, positive=positive)
    notes += note_other_values(raw[roles.target], positive, missing=missing, merges=merges)
    if spec.columns.levels:
        notes = (*notes, *_note_spellings(raw, X, roles, spec, place=place))
    return Dataset(
        spec=dataclasses.replace(spec, target=target),
        X=X,
        y=y,
        digest=frame_digest(X, y, groups=groups),
        origin=origin,
        groups=groups,
        ids=_build_ids(raw, roles.ids),
        time=build_time(raw, roles, missing=missing, numbers=numbers, place=place),
        notes=notes,
        part_of_row=table.part_of_row,
        part_names=table.names,
    )


def _with_data(
    table: Parts, roles: Roles, source: SourceSpec, missing: frozenset[str]
) -> tuple[Parts, tuple[str, ...]]:
    """Return the table without rows that have no value, as below many a sheet, or are no data."""
    n_all = len(table.frame)
    rows = data_rows(table.frame, roles.target, missing, skip_last=source.skip_last)
    if len(rows) == n_all:
        return table, ()
    part_of_row = None if table.part_of_row is None else table.part_of_row[rows]
    frame = table.frame.iloc[rows].reset_index(drop=True)
    n_empty = n_all - len(rows) - source.skip_last
    note = f"rows of the file left out, for they have no value in any column: {n_empty}"
    return Parts(frame, table.names, part_of_row), (note,) if n_empty else ()


def _note_spellings(
    raw: pd.DataFrame, X: pd.DataFrame, roles: Roles, spec: DatasetSpec, *, place: str
) -> tuple[str, ...]:
    """Return a note where merged spellings make more rows equal than are equal in the file."""
    as_spelt = dataclasses.replace(spec.columns, levels={})
    missing, numbers = missing_tokens(spec.source), NumberFormat.of(spec.source)
    before = count_shared_rows(
        build_features(raw, roles, as_spelt, missing=missing, numbers=numbers, place=place)
    )
    after = count_shared_rows(X)
    if before == after:
        return ()
    return (
        f"{before} rows share all features with another row as the file spells them, "
        f"{after} once the spellings of one level are merged",
    )


def _build_groups(
    raw: pd.DataFrame, name: str, missing: frozenset[str], place: str
) -> NDArray[np.int64] | None:
    import numpy as np
    import pandas as pd

    if not name:
        return None
    column = raw[name].astype(object)
    is_missing = (column.isna() | column.isin(missing)).to_numpy()
    if is_missing.any():
        raise DataError(
            f"{place}: group column {name!r} is missing in {int(is_missing.sum())} rows, "
            f"the first is row {int(np.flatnonzero(is_missing)[0]) + 1}"
        )
    return pd.factorize(column)[0].astype(np.int64)


def _build_ids(raw: pd.DataFrame, ids: tuple[str, ...]) -> pd.Series[Any] | None:
    """Return the first of the identifying columns, the customer's."""
    return raw[ids[0]].astype("str").rename(ids[0]) if ids else None


def _check_economics(spec: DatasetSpec, X: pd.DataFrame) -> None:
    name = spec.economics.value
    if not name:
        return
    numeric = [str(column) for column in X.columns if is_numeric(X[column])]
    if name not in numeric:
        raise SpecError(
            f"{shown(Path(spec.path))}: [economics] value = {name!r} is not a numeric feature"
            f"{nearest(name, numeric)}"
        )


# --- expectations ---------------------------------------------------------------------


def _check_expectations(dataset: Dataset, place: str) -> None:
    """Raise if the table is not what ``[expect]`` says."""
    differences = _differences(dataset, place)
    if differences:
        raise DataError(
            differences[0], hint="if the source changed, update sha256 and [expect] together"
        )


def _differences(dataset: Dataset, place: str) -> list[str]:
    spec, found = dataset.spec, []
    where = f"{shown(Path(spec.path))}: [expect]"
    n_samples, n_positives = len(dataset.y), int(dataset.y.sum())
    if spec.expect.rows not in (None, n_samples):
        found.append(f"{where} rows = {spec.expect.rows}, but {place} has {n_samples} rows")
    if spec.expect.positives not in (None, n_positives):
        found.append(
            f"{where} positives = {spec.expect.positives}, but {spec.target.column} is "
            f'"{spec.target.positive}" {n_positives} times'
        )
    if spec.expect.digest not in ("", dataset.digest):
        found.append(f'{where} digest = "{spec.expect.digest}", but the table has {dataset.digest}')
    return found
