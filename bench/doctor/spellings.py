"""Levels that are one thing spelt in several ways, and numbers that are spelt as text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from bench.data.canonical import is_numeric
from bench.data.cells import collapse, number
from bench.doctor.adapter_lines import levels_line, numeric_line, toml_list
from bench.doctor.kinds import finding
from bench.doctor.raw import Raw
from bench.doctor.texts import certain_spellings, is_loose_number, likely_spellings, spread
from bench.domain import Finding
from bench.specs import DatasetSpec

if TYPE_CHECKING:
    import pandas as pd

_LEAST_NUMBERS = 0.95
_LEAST_NUMERIC_LEVELS = 5
_LEAST_PLAIN_LEVELS = 8
_LEAST_PLAIN_ROWS = 0.5


def find_spellings(X: pd.DataFrame, raw: Raw, spec: DatasetSpec) -> Iterator[Finding]:
    """Yield columns of levels in which one thing has several names, as the file spells them.

    What the adapter merges already is a note.
    """
    merged = {collapse(name): dict(merges) for name, merges in spec.columns.levels.items()}
    for name in map(str, X.columns):
        if is_numeric(X[name]):
            continue
        counts = raw[name].counts() if name in raw else _counts(X[name])
        done = merged.get(name, {})
        certain, likely = certain_spellings(counts), likely_spellings(counts)
        likely = {old: new for old, new in likely.items() if old not in certain}
        if done:
            yield finding(
                "level-spellings",
                f"column {name!r} spells levels in several ways, merged by the adapter: "
                f"{_shown(done, counts)}",
                [name],
                remedy="nothing: the adapter has it",
                severity="note",
            )
        left = {old: new for old, new in certain.items() if old not in done and new not in done}
        if left:
            yield finding(
                "level-spellings",
                f"column {name!r} spells levels in several ways: {_shown(left, counts)}",
                [name],
                remedy=levels_line(name, {**done, **left}),
            )
        maybe = {old: new for old, new in likely.items() if old not in done and new not in done}
        if maybe:
            yield finding(
                "level-spellings",
                f"column {name!r} may spell levels in two ways: {_shown(maybe, counts)}",
                [name],
                remedy=levels_line(name, {**done, **left, **maybe}),
                severity="note",
            )


def find_numbers_as_text(X: pd.DataFrame, spec: DatasetSpec) -> Iterator[Finding]:
    """Yield columns of levels that are numbers with signs, or numbers among some text."""
    for name in map(str, X.columns):
        if is_numeric(X[name]):
            continue
        some = spread([str(level) for level in X[name].cat.categories])
        if 2 * sum(number(text) is None and not is_loose_number(text) for text in some) > len(some):
            continue
        counts = _counts(X[name])
        plain = {level for level in counts if number(level) is not None}
        loose = [level for level in counts if level not in plain and is_loose_number(level)]
        n_levels = len(counts)
        if n_levels < _LEAST_NUMERIC_LEVELS:
            continue
        if loose and len(loose) + len(plain) >= _LEAST_NUMBERS * n_levels:
            yield finding(
                "numbers-as-text",
                f"column {name!r} holds numbers as text, such as {loose[0]!r}, as "
                f"{n_levels} categories",
                [name],
                remedy=f"[source] decimal, thousands or signs, and {numeric_line(spec, name)}",
            )
            continue
        odd = [level for level in counts if level not in plain]
        n_rows = sum(counts[level] for level in odd)
        is_mostly = n_rows <= (1 - _LEAST_PLAIN_ROWS) * sum(counts.values())
        if odd and is_mostly and len(plain) >= max(n_levels / 2, _LEAST_PLAIN_LEVELS):
            yield finding(
                "mixed-types",
                f"column {name!r} holds numbers and, in {n_rows} rows, text such as {odd[0]!r}",
                [name],
                remedy=f"if the text means no value: [source] missing_numbers = "
                f"{toml_list(odd[:1])} and {numeric_line(spec, name)}",
            )


def _counts(column: pd.Series[Any]) -> dict[str, int]:
    counts = column.value_counts(sort=False)
    return {str(level): int(n) for level, n in counts.items()}


def _shown(merges: Mapping[str, str], counts: Mapping[str, int]) -> str:
    shown = [
        f"{old!r} ({counts.get(old, 0)} rows) and {new!r} ({counts.get(new, 0)})"
        for old, new in list(merges.items())[:3]
    ]
    more = f" and {len(merges) - 3} more" if len(merges) > 3 else ""
    return ", ".join(shown) + more
