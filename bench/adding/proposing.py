"""Proposing an adapter for a table of the user's own, each choice explained."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.adding.columns import Found, assign_columns, text_counts
from bench.adding.economics import propose_value
from bench.adding.files import find_source, find_table
from bench.adding.guesses import signs_in
from bench.adding.lines import explain_columns, explain_numbers, explain_target
from bench.adding.reasons import Reason
from bench.adding.tables import read_whole
from bench.adding.targets import Target, find_target, likely_targets
from bench.data.canonical import listed
from bench.data.cells import NumberFormat, collapse, missing_tokens
from bench.data.opening import is_several
from bench.data.reading import read_table, table_names
from bench.data.spec import SLUG, nearest
from bench.data.target import code_target
from bench.errors import DataError, UsageError
from bench.specs import SourceSpec

if TYPE_CHECKING:
    pass


@dataclass(frozen=True)
class Proposal:
    """An adapter that is not written yet.

    Attributes
    ----------
    name : str
        The dataset's name, which will be the file's.
    file : Path
        The table; a folder or a pattern where it comes in parts.
    document : mapping
        The adapter's content, without the path of the table.
    reasons : tuple of Reason
        What is proposed and why, one thing a line.
    """

    name: str
    file: Path
    document: Mapping[str, Any]
    reasons: tuple[Reason, ...]

    @property
    def lines(self) -> tuple[str, ...]:
        """The reasons as text."""
        return tuple(reason.text for reason in self.reasons)


def propose_adapter(
    file: Path, *, target: str = "", positive: str = "", name: str = ""
) -> Proposal:
    """Return an adapter for the table in ``file``, each choice explained.

    Parameters
    ----------
    file : Path
        CSV with any separator and encoding (also gzipped or zipped), Excel,
        Parquet, Feather, a folder of such parts, or a pattern.
    target : str
        The column to predict.
    positive : str
        Its value that means "churned"; inferred where it is empty.
    name : str
        The dataset's name; made from the file's where it is empty.

    Raises
    ------
    UsageError
        If the name is not a slug, or no target is named (likely ones are).
    SourceError, DataError
        If the file cannot be read as a table with such a target.
    """
    file = find_table(file)
    name = name or _slug(file)
    if not SLUG.fullmatch(name):
        raise UsageError(f"name {name!r} is not a slug", hint="use a-z, 0-9 and single hyphens")
    source, reasons = find_source(file, target)
    target = _existing_target(file, source, target)
    table = read_whole(file, source, target)
    raw = table.raw
    source = dataclasses.replace(source, skip_last=table.n_last)
    found = assign_columns(
        raw, table.numbers, target=target, texts=table.texts, as_text=table.codes
    )
    for column in table.nested:
        found.drop(column, "lists, structures or bytes")
    for column in table.doubtful:
        found.remarks.append(
            f"CHECK {column!r}: always three digits behind the point; if it separates thousands, "
            'set decimal = "," and thousands = "." in [source]'
        )
    source = _with_what_is_used(
        source, found, table.numbers, target_values=text_counts(raw[target])
    )
    chosen = find_target(raw[target], positive, str(file))
    y, _ = code_target(
        raw[target],
        chosen.positive,
        missing=missing_tokens(source),
        merges=chosen.merges or None,
        place=str(file),
    )
    columns, group_reasons = _columns_of(found)
    value, value_reasons = propose_value(found)
    document = {
        "name": name,
        "title": _title(file),
        "source": _plain(source),
        "target": {"column": target, "positive": chosen.positive},
        "columns": columns | _merges_of(target, chosen),
        "expect": {"rows": len(y), "positives": int(y.sum())},
        **({"economics": {"value": value}} if value else {}),
    }
    reasons += [
        *explain_numbers(source, found),
        explain_target(target, chosen, y),
        *explain_columns(found, chosen, target),
        *group_reasons,
        *value_reasons,
    ]
    return Proposal(name, file, document, tuple(reasons))


def _existing_target(file: Path, source: SourceSpec, target: str) -> str:
    """Return the target's name, refused at once where there is no such column."""
    names = table_names(file, source)
    wanted = collapse(target)
    if wanted in names:
        return wanted
    likely = likely_targets(read_table(file, source, text=(), skip=()))
    hints = [f"likely targets: {'; '.join(likely)}"] if likely else []
    there = f"the columns are: {listed(names, most=30)}"
    if not target:
        hint = hints[0] if hints else there
        raise UsageError(f"{file}: which column says who left? name it with --target", hint=hint)
    raise DataError(
        f"{file}: there is no column {wanted!r}{nearest(wanted, names)}",
        hint="; ".join([there, *hints]),
    )


# --- the document ---------------------------------------------------------------------


def _slug(file: Path) -> str:
    return re.sub(r"[^a-z0-9]+", "-", _title(file).casefold()).strip("-") or "data"


def _title(file: Path) -> str:
    is_pattern = is_several(file.name) and not file.is_file()
    return file.resolve().parent.name if is_pattern else file.name.split(".")[0]


def _with_what_is_used(
    source: SourceSpec, found: Found, numbers: NumberFormat, *, target_values: Collection[str]
) -> SourceSpec:
    """Return ``source`` with the numbers' writing and the tokens of the columns as taken."""
    texts = [text for texts in found.number_texts.values() for text in texts]
    return dataclasses.replace(
        source,
        decimal="," if texts and numbers.decimal == "," else "",
        thousands=numbers.thousands if texts else "",
        signs=signs_in(texts),
        missing=tuple(sorted(found.nothing - set(target_values))),
        missing_numbers=tuple(sorted(found.number_holes)),
    )


def _plain(source: SourceSpec) -> dict[str, Any]:
    return {
        key: list(value) if isinstance(value, tuple) else value
        for key, value in dataclasses.asdict(source).items()
        if value
    }


def _columns_of(found: Found) -> tuple[dict[str, Any], list[Reason]]:
    """Return the adapter's columns; the first column of customers with several rows groups."""
    roles = {role: list(names) for role, names in found.roles.items()}
    reasons = []
    if found.groups:
        group, *others = found.groups
        text = f"group {group!r}: customers have several rows each, kept on one side of every split"
        reasons.append(Reason("columns", text))
        for name in others:
            roles["drop"].append(name)
            reasons.append(
                Reason("columns", f"drop {name!r}: it names customers, as {group!r} does")
            )
    if not any(roles[role] for role in ("numeric", "categorical", "dates")):
        raise DataError(
            "no column is left as a feature: all are identifiers, constant, texts or empty"
        )
    columns: dict[str, Any] = {role: names for role, names in roles.items() if names}
    if found.groups:
        columns["group"] = found.groups[0]
    formats = {name: dates.date_format for name, dates in found.dates.items() if dates.date_format}
    return columns | ({"date_format": formats} if formats else {}), reasons


def _merges_of(target: str, chosen: Target) -> dict[str, Any]:
    return {"levels": {target: dict(chosen.merges)}} if chosen.merges else {}
