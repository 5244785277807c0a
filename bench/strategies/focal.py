"""Strategies that change what a fit minimises."""

from __future__ import annotations

from typing import Any

from bench.domain import Trial
from bench.losses import FocalLoss
from bench.strategies.base import Strategy


def _search(trial: Trial) -> dict[str, Any]:
    """Return α and γ in the ranges that Lin et al. (2017) tried."""
    return {
        "alpha": trial.suggest_float("alpha", 0.1, 0.9),
        "gamma": trial.suggest_float("gamma", 0.1, 5.0, log=True),
    }


FOCAL = Strategy(
    name="focal",
    summary="focal loss: rows that are easy to tell count for little (Lin 2017)",
    defaults={"alpha": 0.25, "gamma": 2.0},
    loss=FocalLoss.of,
    search_space=_search,
)
