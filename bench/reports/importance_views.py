"""Which rows of the importance table a reader sees: one candidate per model, features by share."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from statistics import fmean
from typing import TYPE_CHECKING

from bench.domain import Candidate, Leaderboard

if TYPE_CHECKING:
    from bench.analysis.importance import ImportanceRow, ImportanceTable

METHODS = ("permutation", "shap", "gain", "coefficient")
"""In the order in which they are shown; others follow by name."""


def main_candidates(table: ImportanceTable, leaderboard: Leaderboard) -> tuple[Candidate, ...]:
    """Return one candidate per model, best first: the one with most methods, then the best rank.

    Permutation importance is measured for one candidate per model only, so
    that this is the one which all methods judge.
    """
    methods = table.by_candidate
    ranks = {row.candidate: row.rank for row in leaderboard.rows if row.rank is not None}
    last = len(ranks) + 1
    chosen: dict[str, Candidate] = {}
    for candidate in sorted(
        methods,
        key=lambda c: ("permutation" not in methods[c], -len(methods[c]), ranks.get(c, last), c),
    ):
        chosen.setdefault(candidate.model, candidate)
    return tuple(sorted(chosen.values(), key=lambda c: (ranks.get(c, last), c)))


def rows_by_method(
    table: ImportanceTable, candidate: Candidate
) -> dict[str, Mapping[str, ImportanceRow]]:
    """Return the rows of ``candidate`` by method, in the order shown, and feature."""
    found = table.by_candidate.get(candidate, {})
    return {method: found[method] for method in in_shown_order(found)}


def in_shown_order(methods: Collection[str]) -> list[str]:
    """Return the names of methods in the order in which they are shown."""
    known = [method for method in METHODS if method in methods]
    return known + sorted(set(methods) - set(METHODS))


def top_features(table: ImportanceTable, candidates: tuple[Candidate, ...], *, n: int) -> list[str]:
    """Return the ``n`` features with the largest share, averaged over candidates and methods.

    Each candidate counts once, whatever the number of its methods.
    """
    shares: dict[str, list[float]] = defaultdict(list)
    for candidate in candidates:
        own: dict[str, list[float]] = defaultdict(list)
        for rows in rows_by_method(table, candidate).values():
            for feature, row in rows.items():
                own[feature].append(row.share)
        for feature, values in own.items():
            shares[feature].append(fmean(values))
    means = {feature: sum(values) / len(candidates) for feature, values in shares.items()}
    return sorted(means, key=lambda feature: (-means[feature], feature))[:n]


def share_spread(row: ImportanceRow) -> float | None:
    """Return the standard deviation over splits on the scale of ``row.share``."""
    if row.importance_std is None or row.importance <= 0:
        return None
    return row.importance_std * row.share / row.importance
