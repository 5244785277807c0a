"""What the page says of slices of customers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bench.domain import Candidate
from bench.serial import from_json


def segment_data(
    segments: Mapping[str, Any] | None, position: Mapping[Candidate, int]
) -> dict[str, Any] | None:
    """Return what the scripts show of ``segments``, as `read_segments` has them."""
    if segments is None or not segments["slices"]:
        return None
    return {
        "n": segments["n"],
        "ofN": segments["ofN"],
        "slices": segments["slices"],
        "candidates": [
            {
                "row": position[candidate],
                "order": entry["order"],
                "level": entry["level"],
            }
            for entry in segments["candidates"]
            if (candidate := from_json(Candidate, entry["candidate"])) in position
        ],
        "disagreement": segments["disagreement"],
    }
