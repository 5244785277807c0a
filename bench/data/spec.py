"""From ``datasets/<name>.toml`` to a `DatasetSpec`; what is not understood is an error."""

from __future__ import annotations

import dataclasses
import datetime
import difflib
import math
import re
import tomllib
import urllib.parse
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from bench.data.cells import format_problem
from bench.data.opening import RUNS_OF_BLANKS, is_several
from bench.errors import SpecError
from bench.profit import economics_problem
from bench.specs import ColumnsSpec, DatasetSpec, EconomicsSpec, ExpectSpec, SourceSpec, TargetSpec

T = TypeVar("T")

SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_TABLES: dict[str, type] = {
    "source": SourceSpec,
    "target": TargetSpec,
    "columns": ColumnsSpec,
    "expect": ExpectSpec,
    "economics": EconomicsSpec,
}


def read_spec(path: Path) -> DatasetSpec:
    """Return the adapter in the TOML file at ``path``.

    Raises
    ------
    SpecError
        Naming the file, the table and the key.
    """
    place = shown(path)
    document = _parse(path, place)
    _refuse_unknown(document, ("name", "title", *_TABLES), place, "keys")
    for key in ("name", "source", "target"):
        if key not in document:
            raise SpecError(
                f"{place}: {key!r} is missing", hint="an adapter needs name, [source] and [target]"
            )
    tables: dict[str, Any] = {}
    for key, kind in _TABLES.items():
        table = document.get(key, {})
        if not isinstance(table, dict):
            raise SpecError(f"{place}: [{key}] must be a table, found {_kind(table)}")
        where, table = f"{place}: [{key}]", _prepared(key, table)
        tables[key] = (
            _read_columns(table, where) if kind is ColumnsSpec else _read_table(kind, table, where)
        )
    spec = DatasetSpec(
        name=_text(document["name"], f"{place}: name"),
        title=_text(document.get("title", ""), f"{place}: title"),
        path=str(path),
        **tables,
    )
    _check_name(spec.name, path, place)
    spec = dataclasses.replace(spec, source=_completed(spec.source, place))
    _check_columns(spec, place)
    problem = economics_problem(spec.economics)
    if problem:
        raise SpecError(f"{place}: [economics] {problem}")
    return spec


def shown(path: Path) -> str:
    """Return ``path`` as messages show it: relative to here or to the repository, if it can be."""
    resolved = path.resolve()
    for base in (Path.cwd(), Path(__file__).resolve().parents[2]):
        if resolved.is_relative_to(base.resolve()):
            return resolved.relative_to(base.resolve()).as_posix()
    return str(path)


def nearest(name: str, known: Iterable[str]) -> str:
    """Return ``; did you mean 'x'?`` for the nearest of ``known``, or nothing."""
    folded = {candidate.casefold(): candidate for candidate in known}
    near = difflib.get_close_matches(name.casefold(), list(folded), n=1)
    return f"; did you mean {folded[near[0]]!r}?" if near else ""


def _parse(path: Path, place: str) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise SpecError(f"{place}: not valid TOML: {error}") from None
    except UnicodeDecodeError as error:
        raise SpecError(f"{place}: not utf-8 text (byte {error.start})") from None
    except OSError as error:
        raise SpecError(f"{place}: cannot be read: {error.strerror}") from None


def _refuse_unknown(table: Mapping[str, Any], known: Iterable[str], where: str, what: str) -> None:
    known = tuple(known)
    for key in table:
        if key not in known:
            raise SpecError(
                f"{where} unknown key {key!r}{nearest(key, known)}",
                hint=f"{what} here: {', '.join(known)}",
            )


def _prepared(name: str, table: dict[str, Any]) -> dict[str, Any]:
    """Return ``table`` with the shorthands written out: numbers as cells, a lone name as a list."""
    table = dict(table)
    if name == "target" and _is_number(table.get("positive")):
        table["positive"] = cell_text(table["positive"])
    if name == "source" and isinstance(table.get("missing"), list):
        table["missing"] = [cell_text(m) if _is_number(m) else m for m in table["missing"]]
    if name == "columns":
        for key in ("id", "drop", "dates"):
            if isinstance(table.get(key), str):
                table[key] = [table[key]]
    return table


def cell_text(value: float) -> str:
    """Return a number as the text of a cell: 84.0 and 84 are both ``84``."""
    is_whole = isinstance(value, int) or (math.isfinite(value) and value == int(value))
    return str(int(value)) if is_whole else repr(float(value))


def _read_columns(table: dict[str, Any], where: str) -> ColumnsSpec:
    rest = [key for key in ("numeric", "categorical") if table.get(key) == "rest"]
    if len(rest) > 1:
        raise SpecError(f"{where} only one of numeric and categorical can be 'rest'")
    declared = {key: value for key, value in table.items() if key not in rest}
    spec = _read_table(ColumnsSpec, declared, where)
    return dataclasses.replace(spec, rest=rest[0]) if rest else spec  # type: ignore[arg-type]


def _read_table(kind: type[T], table: dict[str, Any], where: str) -> T:
    fields = {field.name: field for field in dataclasses.fields(kind)}  # type: ignore[arg-type]
    _refuse_unknown(table, [name for name in fields if name != "rest"], where, "keys")
    values: dict[str, Any] = {
        key: _READERS[str(fields[key].type)](value, f"{where} {key}")
        for key, value in table.items()
    }
    for name, field in fields.items():
        has_default = (
            field.default is not dataclasses.MISSING
            or field.default_factory is not dataclasses.MISSING
        )
        if name not in values and not has_default:
            raise SpecError(f"{where} {name!r} is missing")
    return kind(**values)


def _text(value: Any, where: str) -> str:
    if not isinstance(value, str):
        raise SpecError(f"{where} must be text, found {_kind(value)}")
    return value


def _texts(value: Any, where: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise SpecError(f"{where} must be a list of texts, found {_kind(value)}")
    return tuple(value)


def _flag(value: Any, where: str) -> bool:
    if not isinstance(value, bool):
        raise SpecError(f"{where} must be true or false, found {_kind(value)}")
    return value


def _count(value: Any, where: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise SpecError(f"{where} must be a whole number from 0 up, found {_kind(value)}")
    return value


def _amount(value: Any, where: str) -> float:
    if not _is_number(value) or not math.isfinite(value) or value < 0:
        raise SpecError(f"{where} must be a number from 0 up, found {_kind(value)}")
    return float(value)


def _cells(value: Any, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise SpecError(f"{where} must be a table of column = value, found {_kind(value)}")
    for column, cell in value.items():
        if not isinstance(cell, str) and not (_is_number(cell) and math.isfinite(cell)):
            raise SpecError(f"{where}.{column} must be text or a number, found {_kind(cell)}")
    return value


def _formats(value: Any, where: str) -> dict[str, str]:
    if not isinstance(value, dict) or not all(isinstance(item, str) for item in value.values()):
        raise SpecError(f'{where} must be a table of column = "%d.%m.%Y", found {_kind(value)}')
    return value


def _merges(value: Any, where: str) -> dict[str, dict[str, str]]:
    if not isinstance(value, dict):
        raise SpecError(f"{where} must be a table of column = {{from = to}}, found {_kind(value)}")
    for column, merges in value.items():
        is_table = isinstance(merges, dict) and all(isinstance(to, str) for to in merges.values())
        if not is_table:
            raise SpecError(f"{where}.{column} must be a table of from = to, found {_kind(merges)}")
    return value


# The keys are the annotations in bench.specs, so that a field is declared once.
_READERS: dict[str, Callable[[Any, str], Any]] = {
    "str": _text,
    "tuple[str, ...]": _texts,
    "tuple[str, ...] | None": _texts,
    "bool": _flag,
    "int": _count,
    "int | None": _count,
    "float": _amount,
    "Mapping[str, Any]": _cells,
    "Mapping[str, str]": _formats,
    "Mapping[str, Mapping[str, str]]": _merges,
}


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return f"true/false ({str(value).lower()})"
    if isinstance(value, int | float):
        return f"a number ({value})"
    if isinstance(value, str):
        return f"text ({value!r})"
    if isinstance(value, list):
        return f"a list ({', '.join(map(str, value))})" if value else "an empty list"
    if isinstance(value, datetime.date | datetime.time):
        return f"a date ({value})"
    return "a table"


def _check_name(name: str, path: Path, place: str) -> None:
    if not SLUG.fullmatch(name):
        raise SpecError(
            f"{place}: name = {name!r} is not a slug", hint="use a-z, 0-9 and single hyphens"
        )
    if name != path.stem:
        raise SpecError(
            f"{place}: name = {name!r}, but the file is called {path.name}",
            hint=f"rename the file to {name}.toml, or change the name",
        )


def _completed(source: SourceSpec, place: str) -> SourceSpec:
    """Return ``source`` checked, with the file's name taken from the URL where it is not given."""
    where = f"{place}: [source]"
    if source.url and urllib.parse.urlsplit(source.url).scheme not in ("http", "https"):
        raise SpecError(f"{where} url must start with http:// or https://, found {source.url!r}")
    sha256 = source.sha256.lower()
    if sha256 and not _SHA256.fullmatch(sha256):
        raise SpecError(f"{where} sha256 must be 64 hexadecimal digits, found {source.sha256!r}")
    if len(source.separator) > 1 and source.separator not in RUNS_OF_BLANKS:
        raise SpecError(
            f"{where} separator must be one character, found {source.separator!r}",
            hint=f"runs of blanks are separators, too: {' or '.join(RUNS_OF_BLANKS)}",
        )
    problem = format_problem(source)
    if problem:
        raise SpecError(f"{where} {problem}")
    file = source.file
    if not file and source.url:
        tail = source.member or urllib.parse.unquote(urllib.parse.urlsplit(source.url).path)
        file = tail.rsplit("/", 1)[-1]
    if not file and not source.generator:
        raise SpecError(
            f"{where} names nothing to read", hint='write file = "my.csv", or url = "https://…"'
        )
    if source.url and source.member and file.lower().endswith(".zip"):
        raise SpecError(
            f"{where} file = {file!r}, but only {source.member!r} of the archive is kept",
            hint="name the file after what is in it",
        )
    if source.url and is_several(file):
        raise SpecError(f"{where} file = {file!r} means several files, which no url brings")
    if file and source.generator:
        raise SpecError(f"{where} file and generator exclude each other")
    return dataclasses.replace(source, file=file, sha256=sha256)


def _check_columns(spec: DatasetSpec, place: str) -> None:
    roles: dict[str, str] = {spec.target.column: "the target"}
    columns = spec.columns
    declared = {
        "id": columns.id,
        "drop": columns.drop,
        "group": (columns.group,) if columns.group else (),
        "dates": columns.dates,
        "numeric": columns.numeric or (),
        "categorical": columns.categorical or (),
    }
    for role, names in declared.items():
        for name in names:
            if name in roles:
                raise SpecError(
                    f"{place}: column {name!r} is declared twice, as {roles[name]} and as {role}"
                )
            roles[name] = role
    if roles.get(columns.time) in ("the target", "id", "drop", "group"):
        raise SpecError(
            f"{place}: column {columns.time!r} is declared twice, "
            f"as {roles[columns.time]} and as time"
        )
