"""The lines that a user puts into an adapter, in TOML, with what stands there already."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from bench.specs import DatasetSpec


def toml_text(text: str) -> str:
    """Return a TOML string; JSON's escapes are among TOML's."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def toml_list(texts: Iterable[str]) -> str:
    """Return a TOML array of strings, each once."""
    return f"[{', '.join(toml_text(text) for text in dict.fromkeys(texts))}]"


def drop_line(spec: DatasetSpec, columns: Iterable[object]) -> str:
    """Return the line that leaves columns out, beside those that are left out already."""
    return f"[columns] drop = {toml_list([*spec.columns.drop, *map(str, columns)])}"


def id_line(spec: DatasetSpec, column: object) -> str:
    """Return the line that declares an identifier."""
    return f"[columns] id = {toml_list([*spec.columns.id, str(column)])}"


def group_line(spec: DatasetSpec, column: object) -> str:
    """Return the line that keeps the rows of one entity together, and the option that does."""
    name, columns = str(column), spec.columns
    lists = {
        "id": columns.id,
        "drop": columns.drop,
        "numeric": columns.numeric or (),
        "categorical": columns.categorical or (),
    }
    # One column has one role only.
    moved = "".join(
        f" (and take it out of {role})" for role, names in lists.items() if name in names
    )
    option = shell(f"group:{name}")
    return f"[columns] group = {toml_text(name)}{moved}; or, for one run: --split {option}"


def time_line(column: object) -> str:
    """Return the line that orders the rows in time, and the option that splits by it."""
    return f"[columns] time = {toml_text(str(column))}; then run with --split time"


def numeric_line(spec: DatasetSpec, column: object) -> str:
    """Return the line that declares a column of numbers."""
    return f"[columns] numeric = {toml_list([*(spec.columns.numeric or ()), str(column)])}"


def levels_line(column: object, merges: Mapping[str, str]) -> str:
    """Return the table that merges spellings of one level."""
    pairs = ", ".join(f"{toml_text(old)} = {toml_text(new)}" for old, new in merges.items())
    return f"[columns.levels] {toml_text(str(column))} = {{ {pairs} }}"


def shell(text: str) -> str:
    """Return one argument as a shell takes it."""
    import shlex

    return shlex.quote(text)
