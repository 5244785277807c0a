"""What a cell means: no value, a number as people write it, a column's name."""

from __future__ import annotations

import functools
import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from bench.errors import DataError
from bench.specs import SourceSpec

DEFAULT_MISSING = ("", "NA", "N/A", "NaN", "nan", "null", "NULL")
"""Texts that mean "no value"; ``None`` is often a level and therefore not among them."""

THOUSANDS = (".", ",", " ", "'")
_BLANKS = "[ \\u00a0\\u202f\\u2009]"
_APOSTROPHES = "['\\u2019]"


def missing_tokens(source: SourceSpec) -> frozenset[str]:
    """Return the texts that mean "no value", stripped as cells are."""
    return frozenset((*DEFAULT_MISSING, *(token.strip() for token in source.missing)))


def number(text: str) -> float | None:
    """Return the number that a cell holds, or None; ``1_000`` is none, nor is ``nan``."""
    try:
        value = float(text)
    except ValueError:
        return None
    return None if value != value or "_" in text else value


@dataclass(frozen=True)
class NumberFormat:
    """How a file writes its numbers, and what means "no value" among them.

    Attributes
    ----------
    decimal : str
        What stands before the fraction.
    thousands : str
        What stands between groups of three digits; only whole groups count,
        so that ``1.2.3`` is no number.
    signs : tuple of str
        What is taken off the beginning and the end of a cell.
    missing : frozenset of str
        Tokens that mean "no value" in columns of numbers or dates only.
    """

    decimal: str = "."
    thousands: str = ""
    signs: tuple[str, ...] = ()
    missing: frozenset[str] = frozenset()

    @classmethod
    def of(cls, source: SourceSpec) -> NumberFormat:
        """Return what an adapter declares."""
        missing = frozenset(token.strip() for token in source.missing_numbers)
        return cls(source.decimal or ".", source.thousands, source.signs, missing)

    @property
    def needs_text(self) -> bool:
        """Whether pandas cannot read such numbers by itself."""
        return bool(self.thousands or self.signs)

    def without_signs(self) -> NumberFormat:
        """Return the part of the format that pandas can read by itself."""
        return NumberFormat(decimal=self.decimal)

    def bare(self, text: str) -> str:
        """Return a cell without a sign on either end; a minus may stand before the first."""
        text = text.strip()
        if not self.signs:
            return text
        minus = text[0] if text[:1] in ("-", "+") else ""
        text = text[len(minus) :].strip()
        start = next((sign for sign in self.signs if text.startswith(sign)), "")
        text = text[len(start) :].strip()
        end = next((sign for sign in self.signs if text.endswith(sign)), "")
        return minus + text[: len(text) - len(end)].strip()

    def number(self, text: str) -> float | None:
        """Return the number that a cell holds, or None."""
        if not self.needs_text and self.decimal == ".":
            return number(text)
        text = self.bare(text)
        if not self.needs_text and self.decimal not in text and "." not in text:
            return number(text)  # pandas reads whole numbers and exponents as always
        if _pattern(self.decimal, self.thousands).fullmatch(text) is None:
            return None
        if self.thousands:
            text = re.sub(_spelt(self.thousands), "", text)
        return float(text.replace(self.decimal, "."))


PLAIN = NumberFormat()


@functools.cache
def _pattern(decimal: str, thousands: str) -> re.Pattern[str]:
    grouped = rf"[1-9]\d{{0,2}}(?:{_spelt(thousands)}\d{{3}})+|" if thousands else ""
    point = re.escape(decimal)
    return re.compile(rf"[+-]?(?:(?:{grouped}\d+)(?:{point}\d*)?|{point}\d+)(?:[eE][+-]?\d+)?")


def _spelt(thousands: str) -> str:
    """Return a pattern of all characters that look like the one declared."""
    return {" ": _BLANKS, "'": _APOSTROPHES}.get(thousands, re.escape(thousands))


def format_problem(source: SourceSpec) -> str:
    """Return what is wrong with the numbers that an adapter declares, ``""`` if nothing is."""
    if source.decimal not in ("", ".", ","):
        return f"decimal must be '.' or ',', found {source.decimal!r}"
    if source.thousands not in ("", *THOUSANDS):
        return f"thousands must be one of {', '.join(map(repr, THOUSANDS))}"
    if source.thousands == (source.decimal or "."):
        return f"decimal and thousands are both {source.thousands!r}"
    if any(not sign.strip() or any(c.isdigit() for c in sign) for sign in source.signs):
        return "signs must be texts without digits, such as '$' or '%'"
    return ""


# --- names ----------------------------------------------------------------------------


def collapse(name: str) -> str:
    """Return a column's name with every run of blanks as one."""
    return " ".join(name.split())


def column_names(
    names: Collection[Any], place: str, *, number_repeats: bool = False
) -> tuple[str, ...]:
    """Return names as we use them: blanks collapsed, none empty, no two alike.

    Raises
    ------
    DataError
        If two are alike and ``number_repeats`` does not tell them apart.
    """
    clean = [collapse(str(name)) or f"Unnamed: {i}" for i, name in enumerate(names)]
    twice = sorted({name for name in clean if clean.count(name) > 1})
    if twice and not number_repeats:
        raise DataError(
            f"{place}: two columns are called {twice[0]!r}", hint="rename one in the file"
        )
    return tuple(_numbered(clean) if twice else clean)


def _numbered(names: list[str]) -> list[str]:
    """Return names of which each repeat has the first free number behind it."""
    taken = set(names)
    seen: set[str] = set()
    numbered = []
    for name in names:
        unique, count = name, 1
        while unique in seen or (count > 1 and unique in taken):
            count += 1
            unique = f"{name}.{count}"
        seen.add(unique)
        numbered.append(unique)
    return numbered
