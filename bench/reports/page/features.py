"""What the page says of features: shares by method, agreement, stability, what strategies do."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from bench.analysis.features import build_shifts, build_stabilities
from bench.analysis.findings import Findings
from bench.analysis.importance import ImportanceTable, spearman, summarise_importance
from bench.dependence import DependenceBin
from bench.domain import Candidate, DatasetFacts, Result
from bench.reports.importance_views import (
    METHODS,
    main_candidates,
    rows_by_method,
    share_spread,
    top_features,
)

MOST_FEATURES = 40
"""The rest is in feature_importance.csv."""
MOST_JUDGES = 16
MOST_SHIFTS = 60
MOST_DEPENDENCES = 6
N_NAMED = 3
N_TOP = 5
"""Where a ranking has a feature among so many first ones, it counts as one that matters to it."""
DIGITS = 4
TWINS = ("copied-column", "arithmetic-clone")
"""Findings of the doctor that share importance out among columns which say the same."""


def importance_of(findings: Findings) -> ImportanceTable:
    """Return the importances that the splits of ``findings`` have."""
    results = {
        one.record.job.id: Result(one.record, None)
        for candidate, splits in findings.scored.items()
        if candidate == candidate.fitted
        for one in splits
    }
    return summarise_importance(findings.leaderboard.run, results)


def feature_data(
    findings: Findings,
    position: Mapping[Candidate, int],
    *,
    segments: Mapping[str, Any] | None,
) -> dict[str, Any] | None:
    """Return what the scripts show of features; ``None`` where no fit was explained.

    ``position`` is the number of each row on the page, ``segments`` what
    ``segments.json`` holds. A judge is a main candidate under one method.
    """
    board, scored = findings.leaderboard, findings.scored
    table = importance_of(findings)
    candidates = main_candidates(table, board)
    if not candidates:
        return None
    features = top_features(table, candidates, n=len({row.feature for row in table.rows}))
    shown = features[:MOST_FEATURES]
    number = {feature: k for k, feature in enumerate(shown)}
    judges = [
        (candidate, method)
        for candidate in candidates
        for method in rows_by_method(table, candidate)
    ][:MOST_JUDGES]
    shifts = build_shifts(scored, sorted(features), METHODS[1:])[:MOST_SHIFTS]
    return {
        "names": shown,
        "total": len(features),
        "overall": _overall(table, candidates, shown),
        "judges": [_judge(table, position, judge, shown) for judge in judges],
        "agreement": _agreement(table, judges, features),
        "stability": [
            [position[one.candidate], one.method, one.n_chosen, one.n_splits]
            + [round(x, DIGITS) for x in (one.value, one.low, min(1.0, one.high))]
            for one in build_stabilities(scored, candidates, sorted(features))
        ],
        "shifts": [
            [
                position[one.candidate],
                one.method,
                round(one.correlation, DIGITS),
                None if one.between_splits is None else round(one.between_splits, DIGITS),
                one.moves,
            ]
            for one in shifts
            if one.candidate in position
        ],
        "dependence": [
            {"row": position[candidate], "features": told}
            for candidate in candidates
            if (told := _dependence(findings, candidate, number, levels=levels_of(segments)))
        ],
        "twins": _twins([*_told_twins(board.run.facts), *_twins_of(segments)], number),
    }


@dataclass(frozen=True)
class NamedFeature:
    """A feature, its mean share, and in how many rankings it is among the first."""

    name: str
    share: float
    n_first: int


@dataclass(frozen=True)
class Leaders:
    """The features that models and methods agree on, and what a reader must know of them.

    Attributes
    ----------
    named : tuple of NamedFeature
        At most `N_NAMED`: those that most rankings have among their first ``n_top``;
        of those equal in that the one with the larger mean share.
    disputed : tuple of NamedFeature
        Those with so large a mean share that they might be expected there.
    stability : float or None
        How alike the splits choose their top features, the mean over rankings.
    twins : tuple of str
        What the doctor says of columns that share their information with one of these.
    """

    named: tuple[NamedFeature, ...]
    disputed: tuple[NamedFeature, ...]
    n_top: int
    n_rankings: int
    n_models: int
    stability: float | None
    twins: tuple[str, ...]


def leading_features(data: Mapping[str, Any] | None) -> Leaders | None:
    """Return the features that matter most, ``None`` where none was shown to matter."""
    if data is None:
        return None
    judges, n_top = data["judges"], min(N_TOP, max(1, data["total"] // 2))
    found = [
        NamedFeature(name, share, sum((judge["rank"][k] or n_top + 1) <= n_top for judge in judges))
        for k, (name, (share, *_)) in enumerate(zip(data["names"], data["overall"], strict=True))
        if share > 0
    ]
    if not found:
        return None
    named = sorted(found, key=lambda one: (-one.n_first, -one.share))[:N_NAMED]
    largest = sorted(found, key=lambda one: -one.share)[:N_NAMED]
    stabilities = [value for _, _, _, _, value, _, _ in data["stability"]]
    wanted = {one.name for one in (*named, *largest)}
    return Leaders(
        named=tuple(named),
        disputed=tuple(one for one in largest if one not in named),
        n_top=n_top,
        n_rankings=len(judges),
        n_models=len({judge["row"] for judge in judges}),
        stability=fmean(stabilities) if stabilities else None,
        twins=tuple(
            message
            for numbers, message in data["twins"]
            if wanted & {data["names"][k] for k in numbers}
        ),
    )


def _overall(
    table: ImportanceTable, candidates: Sequence[Candidate], features: Sequence[str]
) -> list[list[float]]:
    """Return mean, least and largest share over models, each the mean of its methods."""
    shares: dict[str, list[float]] = defaultdict(list)
    for candidate in candidates:
        methods = rows_by_method(table, candidate).values()
        for feature in features:
            own = [rows[feature].share if feature in rows else 0.0 for rows in methods]
            shares[feature].append(fmean(own))
    return [
        [round(x, DIGITS) for x in (fmean(shares[f]), min(shares[f]), max(shares[f]))]
        for f in features
    ]


def _judge(
    table: ImportanceTable,
    position: Mapping[Candidate, int],
    judge: tuple[Candidate, str],
    features: Sequence[str],
) -> dict[str, Any]:
    candidate, method = judge
    rows = rows_by_method(table, candidate)[method]
    found = [rows.get(feature) for feature in features]
    return {
        "row": position[candidate],
        "method": method,
        "share": [0.0 if row is None else round(row.share, DIGITS) for row in found],
        "spread": [
            None if row is None or (spread := share_spread(row)) is None else round(spread, DIGITS)
            for row in found
        ],
        "rank": [None if row is None else row.rank for row in found],
        "splits": max(row.n_splits for row in rows.values()),
    }


def _agreement(
    table: ImportanceTable, judges: Sequence[tuple[Candidate, str]], features: Sequence[str]
) -> list[list[float | None]]:
    """Return Spearman's correlation of every judge's mean importances with every other's."""
    vectors = []
    for candidate, method in judges:
        rows = rows_by_method(table, candidate)[method]
        vectors.append([rows[f].importance if f in rows else 0.0 for f in features])
    return [
        [None if (r := spearman(a, b)) is None else round(r, DIGITS) for b in vectors]
        for a in vectors
    ]


def levels_of(segments: Mapping[str, Any] | None) -> Mapping[str, Mapping[str, str]]:
    """Return the names of levels that ``segments.json`` has, if it is there."""
    found: Mapping[str, Mapping[str, str]] = (segments or {}).get("levels", {})
    return found


def _dependence(
    findings: Findings,
    candidate: Candidate,
    number: Mapping[str, int],
    *,
    levels: Mapping[str, Mapping[str, str]],
) -> list[dict[str, Any]]:
    """Return what values of the top features add, the bins of all splits put together."""
    pooled: dict[str, dict[int, list[DependenceBin]]] = defaultdict(lambda: defaultdict(list))
    kinds: dict[str, str] = {}
    for one in findings.scored[candidate]:
        for feature, dependence in one.record.dependence.items():
            kinds[feature] = dependence.kind
            for part in dependence.bins:
                pooled[feature][part.group].append(part)
    shown = [feature for feature in number if feature in pooled]
    return [
        {
            "feature": number[feature],
            "kind": kinds[feature],
            "bins": [
                [_label(feature, group, kinds[feature], levels), *_pooled(parts)]
                for group, parts in sorted(pooled[feature].items())
            ],
        }
        for feature in shown[:MOST_DEPENDENCES]
    ]


def _label(
    feature: str, group: int, kind: str, levels: Mapping[str, Mapping[str, str]]
) -> str | None:
    if kind == "number":
        return "missing" if group < 0 else None
    return levels.get(feature, {}).get(str(group), f"level {group + 1}")


def _pooled(parts: Sequence[DependenceBin]) -> list[float | None]:
    """Return value, rows, mean, low and high: means over splits, by their rows."""
    n = sum(part.n for part in parts)
    found: list[float | None] = []
    for name in ("at", "mean", "low", "high"):
        values = [getattr(part, name) for part in parts]
        is_told = None not in values
        total = sum(v * part.n for v, part in zip(values, parts, strict=True)) if is_told else 0.0
        found.append(float(f"{total / n:.{DIGITS}g}") if is_told else None)
    return [found[0], n, *found[1:]]


def _twins_of(segments: Mapping[str, Any] | None) -> list[tuple[Sequence[str], str]]:
    """Return the columns that ``segments.json`` says hold the same as others, if it is there."""
    return [(columns, message) for columns, message in (segments or {}).get("twins", ())]


def _told_twins(facts: DatasetFacts) -> list[tuple[Sequence[str], str]]:
    return [(one.columns, one.message) for one in facts.findings if one.code in TWINS]


def _twins(
    found: Sequence[tuple[Sequence[str], str]], number: Mapping[str, int]
) -> list[list[Any]]:
    """Return the words on columns that hold the same, with the features they are about."""
    told = {message: columns for columns, message in found}
    return [
        [[number[name] for name in columns if name in number], message]
        for message, columns in told.items()
        if any(name in number for name in columns)
    ]
