"""Proposing an adapter for a file of the user's own, and writing it."""

from __future__ import annotations

import codecs
import dataclasses
import gzip
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast

from bench.data.arrow import is_arrow
from bench.data.canonical import as_canonical_category, is_numeric, level_text, listed
from bench.data.columns import assign_roles, build_features
from bench.data.doctor import is_identifier
from bench.data.reading import (
    DEFAULT_MISSING,
    column_names,
    is_excel,
    missing_tokens,
    number,
    read_header,
    read_table,
    sheet_names,
    table_names,
)
from bench.data.spec import SLUG, nearest, read_spec, shown
from bench.data.target import code_target
from bench.errors import DataError, SourceError, UsageError
from bench.specs import ColumnsSpec, DatasetSpec, SourceSpec, TargetSpec

if TYPE_CHECKING:
    import pandas as pd

# Texts that stand for "no value" where all other cells of a column are numbers.
_HOLES = frozenset(
    ("?", "-", "--", ".", "#N/A", "n/a", "none", "None", "NONE", "missing", "unknown", "Unknown")
)
_MANY_LEVELS = 100
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}|\d{1,2}[./]\d{1,2}[./]\d{2,4}")


@dataclass(frozen=True)
class Proposal:
    """An adapter that is not written yet.

    Attributes
    ----------
    name : str
        The dataset's name, which will be the file's.
    file : Path
        The table.
    document : mapping
        The adapter's content, without the path of the table.
    lines : tuple of str
        What is proposed and why, one thing a line.
    """

    name: str
    file: Path
    document: Mapping[str, Any]
    lines: tuple[str, ...]


def propose_adapter(file: Path, *, target: str, positive: str = "", name: str = "") -> Proposal:
    """Return an adapter for the table in ``file``, each choice explained.

    Parameters
    ----------
    file : Path
        CSV (also gzipped), Excel, Parquet or Feather.
    target : str
        The column to predict.
    positive : str
        Its value that means "churned"; inferred where everybody knows it.
    name : str
        The dataset's name; made from the file's where it is empty.

    Raises
    ------
    UsageError
        If the name is not a slug.
    SourceError, DataError
        If the file cannot be read as a table with such a target.
    """
    if not file.is_file():
        raise SourceError(f"{file}: no such file")
    name = name or _slug(file)
    if not SLUG.fullmatch(name):
        raise UsageError(f"name {name!r} is not a slug", hint="use a-z, 0-9 and single hyphens")
    source = _guess_source(file, target)
    raw = read_table(file, source, text=_known(file, source, target), skip=())
    source = dataclasses.replace(source, missing=_guess_missing(raw, target))
    spec = DatasetSpec(name, source, TargetSpec(target, positive))
    roles = assign_roles(spec, tuple(raw.columns), str(file))
    missing = missing_tokens(source)
    y, positive = code_target(raw[roles.target], positive, missing=missing, place=str(file))
    X = build_features(raw, roles, ColumnsSpec(), missing=missing, place=str(file))
    columns, column_lines = _propose_columns(X)
    n_positives = int(y.sum())
    document = {
        "name": name,
        "title": file.name.split(".")[0],
        "source": _plain(source),
        "target": {"column": roles.target, "positive": positive},
        "columns": columns,
        "expect": {"rows": len(y), "positives": n_positives},
    }
    target_line = (
        f"target {roles.target!r}: positive is {positive!r}, "
        f"{n_positives} of {len(y)} rows ({n_positives / len(y):.1%})"
    )
    return Proposal(name, file, document, (*_explain(source, file), target_line, *column_lines))


def write_adapter(
    proposal: Proposal, *, datasets_dir: Path = Path("datasets"), force: bool = False
) -> Path:
    """Write the adapter into a folder and return its path.

    Raises
    ------
    UsageError
        If there is one already and ``force`` is not set.
    """
    import tomli_w

    path = datasets_dir / f"{proposal.name}.toml"
    if path.exists() and not force:
        raise UsageError(
            f"{shown(path)} exists already", hint="give another --name, or replace it with --force"
        )
    document = {
        key: dict(v) if isinstance(v, Mapping) else v for key, v in proposal.document.items()
    }
    document["source"] = {"file": _stored_path(proposal.file, datasets_dir), **document["source"]}
    try:
        datasets_dir.mkdir(parents=True, exist_ok=True)
        temporary = path.with_suffix(".toml.part")
        temporary.write_text(tomli_w.dumps(document), encoding="utf-8")
        temporary.replace(path)
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror}") from None
    read_spec(path)
    return path


# --- the file -------------------------------------------------------------------------


def _slug(file: Path) -> str:
    return re.sub(r"[^a-z0-9]+", "-", file.name.split(".")[0].casefold()).strip("-") or "data"


def _stored_path(file: Path, datasets_dir: Path) -> str:
    """Return the table's path as the adapter has it.

    The bare name where BENCH_DATA_DIR holds it, a path from the adapter's
    folder where both are in the current one, else an absolute path.
    """
    file, folder = file.resolve(), datasets_dir.resolve()
    data_dir = os.environ.get("BENCH_DATA_DIR", "")
    if data_dir and file.parent == Path(data_dir).resolve():
        return file.name
    here = Path.cwd().resolve()
    if file.is_relative_to(here) and folder.is_relative_to(here):
        return Path(os.path.relpath(file, folder)).as_posix()
    return str(file)


def _guess_source(file: Path, target: str) -> SourceSpec:
    if is_excel(file):
        sheets = sheet_names(file)
        if len(sheets) == 1:
            return SourceSpec()
        for sheet in sheets:
            if _sheet_has(file, sheet, target):
                return SourceSpec(sheet=sheet)
        raise DataError(
            f"{file}: no sheet has a column {target!r}", hint=f"the sheets are: {listed(sheets)}"
        )
    if is_arrow(file):
        return SourceSpec()
    source = SourceSpec(encoding=_guess_encoding(file))
    separator = read_header(file, source).separator
    return dataclasses.replace(source, separator="" if separator == "," else separator)


def _sheet_has(file: Path, sheet: str, target: str) -> bool:
    try:
        return target in read_table(file, SourceSpec(sheet=sheet), text=(), skip=()).columns
    except DataError:
        return False


def _guess_encoding(file: Path) -> str:
    """Return the first encoding that the whole file decodes as; empty for utf-8."""
    with _open_bytes(file) as stream:
        start = stream.read(2)
    if start in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return "utf-16"
    for encoding in ("utf-8", "cp1252"):
        decoder = codecs.getincrementaldecoder(encoding)()
        try:
            with _open_bytes(file) as stream:
                while chunk := stream.read(1 << 20):
                    decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        except OSError as error:
            raise DataError(f"{file}: cannot be read: {error.strerror or error}") from None
        return "" if encoding == "utf-8" else encoding
    return "latin-1"


def _open_bytes(file: Path) -> IO[bytes]:
    if file.suffix.lower() == ".gz":
        return cast("IO[bytes]", gzip.open(file, "rb"))
    return open(file, "rb")


def _known(file: Path, source: SourceSpec, target: str) -> tuple[str, ...]:
    """Return the target as a column to read as text, refused at once where there is none."""
    if is_excel(file):
        return ()
    names = table_names(file, source)
    if target not in names:
        raise DataError(
            f"{file}: there is no column {target!r}{nearest(target, names)}",
            hint=f"the columns are: {listed(names, most=30)}",
        )
    return (target,)


def _plain(source: SourceSpec) -> dict[str, Any]:
    fields = dataclasses.asdict(source)
    return {
        key: list(value) if key == "missing" else value for key, value in fields.items() if value
    }


def _explain(source: SourceSpec, file: Path) -> list[str]:
    lines = []
    if not is_excel(file) and not is_arrow(file):
        lines.append(
            f"separator {source.separator or ','!r}, encoding {source.encoding or 'utf-8'}"
        )
    if source.sheet:
        lines.append(f"sheet {source.sheet!r}: the one that has the target")
    if source.missing:
        lines.append(f"missing {listed(source.missing)}: among numbers, so it means no value")
    return lines


# --- the columns ----------------------------------------------------------------------


def _guess_missing(raw: pd.DataFrame, target: str) -> tuple[str, ...]:
    """Return texts that stand for "no value" among numbers, and are no level elsewhere."""
    holes: set[str] = set()
    levels: set[str] = set()
    for name in column_names(raw.columns, target):
        if name == target or is_numeric(raw[name]):
            continue
        texts = as_canonical_category(raw[name], missing=DEFAULT_MISSING).categories
        odd = {str(text) for text in texts if number(str(text)) is None}
        if odd <= _HOLES and len(odd) < len(texts):
            holes |= odd
        else:
            levels |= odd
    return tuple(sorted(holes - levels))


def _propose_columns(X: pd.DataFrame) -> tuple[dict[str, Any], list[str]]:
    names: dict[str, list[str]] = {"id": [], "drop": [], "numeric": [], "categorical": []}
    remarks: list[str] = []
    for name in map(str, X.columns):
        column = X[name]
        if column.isna().all():
            names["drop"].append(name)
        elif is_identifier(column) or (name.casefold().endswith("id") and column.is_unique):
            names["id"].append(name)
        elif is_numeric(column):
            names["numeric"].append(name)
        else:
            names["categorical"].append(name)
            remarks += _remark(name, [level_text(level) for level in column.cat.categories])
    # The first one names the customer.
    names["id"].sort(key=lambda name: "id" not in name.casefold())
    if not names["numeric"] and not names["categorical"]:
        raise DataError("no column is left as a feature: all are identifiers or empty")
    reasons = {
        "id": "a value of its own in nearly every row",
        "drop": "no value in any row",
        "numeric": "all cells are numbers",
        "categorical": "some cells are text",
    }
    lines = [
        f"{role} ({len(names[role])}): {listed(names[role], most=30)}: {reason}"
        for role, reason in reasons.items()
        if names[role]
    ]
    return {role: found for role, found in names.items() if found}, [*lines, *remarks]


def _remark(name: str, levels: list[str]) -> list[str]:
    if all(_DATE.match(level) for level in levels[:10]):
        return [f"{name!r} looks like dates: drop it, or make numbers of it in prepare(features)"]
    if len(levels) > _MANY_LEVELS:
        return [f"{name!r} has {len(levels)} levels: drop it if it is a name or free text"]
    return []
