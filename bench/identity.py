"""Digests and derived seeds: who is who, and which dice they throw.

Both are pure functions of their parts. A part that is left out cannot change
the outcome, so the list of parts at a call *is* the statement of what matters.
"""

from __future__ import annotations

import hashlib
import json


def canonical_json(value: object) -> str:
    """Return ``value`` as JSON text that depends on nothing but its content."""
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False
    )


def digest(*parts: object) -> str:
    """Return the SHA-256 of JSON-able ``parts`` as 64 hexadecimal digits."""
    return hashlib.sha256(canonical_json(parts).encode()).hexdigest()


def derive_seed(*parts: object) -> int:
    """Return a seed in [0, 2**31) that depends on ``parts`` and on nothing else.

    Scikit-learn takes 32 unsigned bits, CatBoost and XGBoost 31: the smaller
    range suits all.
    """
    return int(digest("seed", *parts)[:8], 16) & 0x7FFF_FFFF
