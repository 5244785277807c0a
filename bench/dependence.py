"""What values of a feature add to a score, as sums that a record keeps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class DependenceBin:
    """What a range or level of a feature adds to the score, over ``n`` test rows.

    ``group`` numbers the ranges, -1 for missing numbers, or is the level's
    number; ``at`` is the mean value. ``mean`` and the tenth and ninetieth
    percentile ``low`` and ``high`` are of SHAP values, on the margin.
    """

    group: int
    at: float | None
    n: int
    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class Dependence:
    """What the values of one feature add to the score of one fit."""

    kind: Literal["number", "level"]
    bins: tuple[DependenceBin, ...]
