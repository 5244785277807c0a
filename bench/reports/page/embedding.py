"""Values as JSON inside a page, where nothing of a stranger's can end the script or start one."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from bench.reports.escaping import clean

# JSON strings may hold these as they are, HTML and JavaScript read them differently.
_ESCAPES = {
    "<": "\\u003c",
    ">": "\\u003e",
    "&": "\\u0026",
    "\u2028": "\\u2028",
    "\u2029": "\\u2029",
}


def embed_json(value: Any) -> str:
    """Return ``value`` as JSON that is safe inside ``<script type="application/json">``.

    Strings are made harmless with `clean`; numbers that are not finite become
    ``null``.
    """
    text = json.dumps(harmless(value), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for character, escape in _ESCAPES.items():
        text = text.replace(character, escape)
    return text


def harmless(value: Any) -> Any:
    """Return ``value`` as JSON values with `clean` strings and finite numbers."""
    kind = type(value)
    if kind is int or kind is bool or value is None:  # first, for most are: counts of curves
        return value
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, float):
        return _short(value)
    if isinstance(value, int):
        return value
    if isinstance(value, Mapping):
        return {clean(str(key)): harmless(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [item if type(item) is int else harmless(item) for item in value]
    return clean(str(value))


def _short(value: float) -> float | int | None:
    """Return a number without digits that nobody sees: ten significant ones, no ``.0``."""
    if not math.isfinite(value):
        return None
    if value.is_integer() and abs(value) < 1e9:
        return int(value)
    rounded = float(f"{value:.10g}")
    return int(rounded) if rounded.is_integer() and abs(rounded) < 1e15 else rounded
