"""Strategies that leave training rows out, all by imbalanced-learn's samplers.

The first three bring the classes to a ratio (``balance``, as for those that
add rows). The others clean: what they drop, and so the ratio that is left,
is the data's affair.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from bench.domain import Trial
from bench.strategies.base import Needs, Strategy
from bench.strategies.samplers import (
    ENCODED,
    LIBRARIES,
    MOST_NEIGHBOURS,
    MOST_ROWS_OF_ALL,
    MOST_ROWS_OF_KERNELS,
    Build,
    Sampler,
)

CLEANING = replace(ENCODED, min_positives=1, max_rows=MOST_ROWS_OF_ALL)
"""Their neighbours may be of any class."""


def _random_under(arguments: dict[str, Any], categorical: tuple[int, ...]) -> Any:
    from imblearn.under_sampling import RandomUnderSampler

    return RandomUnderSampler(**arguments)


def _near_miss(arguments: dict[str, Any], categorical: tuple[int, ...]) -> Any:
    from imblearn.under_sampling import NearMiss

    return NearMiss(**_without_seed(arguments))


def _cluster_centroids(arguments: dict[str, Any], categorical: tuple[int, ...]) -> Any:
    from imblearn.under_sampling import ClusterCentroids

    return ClusterCentroids(**arguments)


def _tomek_links(arguments: dict[str, Any], categorical: tuple[int, ...]) -> Any:
    from imblearn.under_sampling import TomekLinks

    return TomekLinks(**_without_seed(arguments))


def _edited_nearest_neighbours(arguments: dict[str, Any], categorical: tuple[int, ...]) -> Any:
    from imblearn.under_sampling import EditedNearestNeighbours

    return EditedNearestNeighbours(**_without_seed(arguments))


def _one_sided_selection(arguments: dict[str, Any], categorical: tuple[int, ...]) -> Any:
    from imblearn.under_sampling import OneSidedSelection

    return OneSidedSelection(**arguments)


def _without_seed(arguments: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments of a sampler that throws no dice."""
    return {name: value for name, value in arguments.items() if name != "random_state"}


def _balance(trial: Trial) -> dict[str, Any]:
    return {"balance": trial.suggest_float("balance", 0.2, 1.0)}


def _near_miss_space(trial: Trial) -> dict[str, Any]:
    return {
        **_balance(trial),
        "version": trial.suggest_categorical("version", (1, 2)),
        "n_neighbors": trial.suggest_int("n_neighbors", 2, MOST_NEIGHBOURS),
    }


def _centroid_space(trial: Trial) -> dict[str, Any]:
    return {**_balance(trial), "voting": trial.suggest_categorical("voting", ("soft", "hard"))}


def _tomek_space(trial: Trial) -> dict[str, Any]:
    """Return which side of a link goes: the negative, or both."""
    sides = ("majority", "all")
    return {"sampling_strategy": trial.suggest_categorical("sampling_strategy", sides)}


def _edited_space(trial: Trial) -> dict[str, Any]:
    return {
        "n_neighbors": trial.suggest_int("n_neighbors", 2, MOST_NEIGHBOURS),
        "kind_sel": trial.suggest_categorical("kind_sel", ("all", "mode")),
    }


def _one_sided_space(trial: Trial) -> dict[str, Any]:
    return {
        "n_neighbors": trial.suggest_int("n_neighbors", 1, 5),
        "n_seeds_S": trial.suggest_int("n_seeds_S", 1, 50, log=True),
    }


def _under(
    name: str,
    summary: str,
    build: Build,
    search_space: Callable[[Trial], dict[str, Any]],
    *,
    defaults: dict[str, Any],
    seconds: float,
    needs: Needs = ENCODED,
    fit_factor: float = 0.5,
) -> Strategy:
    return Strategy(
        name=name,
        summary=summary,
        needs=needs,
        defaults=defaults,
        resample=Sampler(build),
        search_space=search_space,
        libraries=LIBRARIES,
        resample_seconds=seconds,
        fit_factor=fit_factor,
    )


UNDERSAMPLERS = (
    _under(
        "random-under",
        "drop negatives at random",
        _random_under,
        _balance,
        defaults={"balance": 1.0},
        seconds=0.01,
        needs=Needs(),
    ),
    _under(
        "near-miss",
        "keep the negatives that are nearest to positives (Mani 2003)",
        _near_miss,
        _near_miss_space,
        defaults={"balance": 1.0, "version": 1, "n_neighbors": 3},
        seconds=0.03,
    ),
    _under(
        "cluster-centroids",
        "replace negatives by the centres of their clusters (Lin 2017)",
        _cluster_centroids,
        _centroid_space,
        defaults={"balance": 1.0, "voting": "soft"},
        seconds=0.55,
        needs=replace(ENCODED, max_rows=MOST_ROWS_OF_KERNELS),
    ),
    _under(
        "tomek-links",
        "drop negatives that are the nearest neighbour of their nearest positive (Tomek 1976)",
        _tomek_links,
        _tomek_space,
        defaults={"sampling_strategy": "majority"},
        seconds=0.1,
        needs=CLEANING,
        fit_factor=0.95,
    ),
    _under(
        "edited-nearest-neighbours",
        "drop negatives that any of their neighbours contradicts (Wilson 1972)",
        _edited_nearest_neighbours,
        _edited_space,
        defaults={"n_neighbors": 3, "kind_sel": "all"},
        seconds=0.08,
        needs=CLEANING,
        fit_factor=0.7,
    ),
    _under(
        "one-sided-selection",
        "drop negatives that are redundant or in Tomek links (Kubat 1997)",
        _one_sided_selection,
        _one_sided_space,
        defaults={"n_neighbors": 1, "n_seeds_S": 1},
        seconds=0.13,
        needs=CLEANING,
        fit_factor=0.95,
    ),
)
