"""What the page says of slices of customers."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from bench.domain import Candidate
from bench.serial import from_json

_ROUNDING = 5e-5
"""Shares in ``segments.json`` have four digits."""


def segment_data(
    segments: Mapping[str, Any] | None, position: Mapping[Candidate, int]
) -> dict[str, Any] | None:
    """Return what the scripts show of ``segments``, as `read_segments` has them.

    Slices of the same customers are one, with all their names.
    """
    if segments is None or not segments["slices"]:
        return None
    slices, groups = segments["slices"], _same_customers(segments)
    first = [group[0] for group in groups]
    return {
        "n": segments["n"],
        "ofN": segments["ofN"],
        "slices": [[*_name([slices[k] for k in group]), *slices[group[0]][2:]] for group in groups],
        "candidates": [
            {
                "row": position[candidate],
                "order": _of(first, entry["order"]),
                "level": [
                    _on_one_base(slices[k], level)
                    for k, level in zip(first, _of(first, entry["level"]), strict=False)
                ],
            }
            for entry in segments["candidates"]
            if (candidate := from_json(Candidate, entry["candidate"])) in position
        ],
        "disagreement": _of(first, segments["disagreement"]),
    }


def _of(positions: Sequence[int], values: Sequence[Any]) -> list[Any]:
    return [values[k] for k in positions] if values else []


def _same_customers(segments: Mapping[str, Any]) -> list[list[int]]:
    """Return the positions of slices by customers: the same where every figure is the same."""
    columns = [
        column
        for entry in segments["candidates"]
        for column in (entry["order"], entry["level"])
        if column
    ]
    if segments["disagreement"]:
        columns.append(segments["disagreement"])
    groups: dict[str, list[int]] = {}
    for k, (_, _, n, positives) in enumerate(segments["slices"]):
        figures = [column[k] for column in columns]
        is_told = any(figure is not None for figure in figures)
        key = json.dumps([n, positives, figures] if is_told else k)
        groups.setdefault(key, []).append(k)
    return list(groups.values())


def _name(slices: Sequence[Sequence[Any]]) -> tuple[str, str]:
    """Return feature and label: ``a, b`` and ``No``, or ``a, b: No = c`` and ``None``."""
    features: dict[str, list[str]] = {}
    for feature, label, *_ in slices:
        features.setdefault(label, []).append(feature)
    *others, (label, last) = features.items()
    before = "".join(f"{', '.join(names)}: {other} = " for other, names in others)
    return before + ", ".join(last), label


def _on_one_base(one: Sequence[Any], level: Sequence[float] | None) -> Sequence[float] | None:
    """Return a level with the share who left in all digits, where it is that of the slice."""
    _, _, n, positives = one
    if level is None or abs(level[1] - positives / n) > _ROUNDING:
        return level
    return [level[0], positives / n, *level[2:]]
