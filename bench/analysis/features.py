"""How far a ranking of features can be relied on, and what strategies do to it.

Stability over splits is that of the sets of the k most important features.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import TYPE_CHECKING

from bench.analysis.effects import Scored
from bench.analysis.importance import spearman
from bench.analysis.stability import selection_stability
from bench.domain import Candidate

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MOST_CHOSEN = 10
"""How many of the top features are looked at, at most: never more than half of all."""
N_MOVES = 3


@dataclass(frozen=True)
class RankingStability:
    """How alike the splits of one candidate choose their top features.

    ``value, low, high`` are those of `selection_stability`, ``n_chosen`` is k.
    """

    candidate: Candidate
    method: str
    n_chosen: int
    n_splits: int
    value: float
    low: float
    high: float


@dataclass(frozen=True)
class RankingShift:
    """What a strategy does to the ranking of a model's features.

    Attributes
    ----------
    correlation : float
        Spearman's, with ``none`` on the same split, mean over splits.
    between_splits : float or None
        The same between two different splits of ``none``, mean over all pairs:
        what other training rows alone do. ``None`` with a single split.
    moves : tuple of (str, int, int)
        Features with their ranks under ``none`` and under the strategy, those
        that moved furthest among the top first.
    """

    candidate: Candidate
    method: str
    correlation: float
    between_splits: float | None
    moves: tuple[tuple[str, int, int], ...]


def n_chosen(n_features: int) -> int:
    """Return k, how many top features stability is asked of; 0 where it would say nothing."""
    return min(MOST_CHOSEN, n_features // 2)


def build_stabilities(
    scored: Scored, candidates: Sequence[Candidate], features: Sequence[str]
) -> list[RankingStability]:
    """Return the stability of every method of ``candidates``, in their order."""
    found = []
    k = n_chosen(len(features))
    for candidate in candidates:
        for method, table in _tables(scored, candidate, features).items():
            measured = selection_stability(_top(table, k)) if k else None
            if measured is not None:
                found.append(RankingStability(candidate, method, k, len(table), *measured))
    return found


def build_shifts(
    scored: Scored, features: Sequence[str], methods: Sequence[str]
) -> list[RankingShift]:
    """Return what every strategy does to the ranking, by the first of ``methods`` that judges both.

    Candidates without a twin of strategy ``none``, or without a split in common
    with it, are left out.
    """
    shifts = []
    for candidate in sorted(scored):
        plain = Candidate(candidate.model, "none", candidate.tuning, candidate.preparation)
        if candidate == plain or candidate != candidate.fitted or plain not in scored:
            continue
        ours, theirs = _vectors(scored, candidate), _vectors(scored, plain)
        method = next((m for m in methods if m in ours and m in theirs), None)
        common = sorted(ours[method].keys() & theirs[method].keys()) if method else []
        if method and common:
            first = _table(ours[method], common, features)
            second = _table(theirs[method], common, features)
            shift = _shift(candidate, method, features, (first, second))
            shifts += [shift] if shift is not None else []
    return shifts


_Split = tuple[int, int]


def _shift(
    candidate: Candidate,
    method: str,
    features: Sequence[str],
    tables: tuple[NDArray[np.float64], NDArray[np.float64]],
) -> RankingShift | None:
    ours, plain = tables
    pairs = [spearman(a, b) for a, b in zip(ours, plain, strict=True)]
    told = [value for value in pairs if value is not None]
    if not told:
        return None
    others = [
        value
        for i, a in enumerate(plain)
        for b in plain[i + 1 :]
        if (value := spearman(a, b)) is not None
    ]
    before, after = _ranks(plain.mean(axis=0)), _ranks(ours.mean(axis=0))
    top = max(n_chosen(len(features)), 1)
    moved = [
        (feature, int(a), int(b))
        for feature, a, b in zip(features, before, after, strict=True)
        if a != b and min(a, b) <= top
    ]
    moved.sort(key=lambda move: (-abs(move[1] - move[2]), min(move[1:]), move[0]))
    return RankingShift(
        candidate, method, fmean(told), fmean(others) if others else None, tuple(moved[:N_MOVES])
    )


def _vectors(scored: Scored, candidate: Candidate) -> dict[str, dict[_Split, Mapping[str, float]]]:
    """Return method → split → feature → importance."""
    found: dict[str, dict[_Split, Mapping[str, float]]] = {}
    for one in scored.get(candidate, ()):
        for method, values in one.record.importance.items():
            found.setdefault(method, {})[one.split.repeat, one.split.fold] = values
    return found


def _tables(
    scored: Scored, candidate: Candidate, features: Sequence[str]
) -> dict[str, NDArray[np.float64]]:
    return {
        method: _table(splits, sorted(splits), features)
        for method, splits in sorted(_vectors(scored, candidate).items())
    }


def _table(
    splits: Mapping[_Split, Mapping[str, float]], order: Sequence[_Split], features: Sequence[str]
) -> NDArray[np.float64]:
    """Return importances of shape (n_splits, n_features); what is not named counts as 0."""
    import numpy as np

    return np.array([[splits[one].get(name, 0.0) for name in features] for one in order])


def _ranks(values: NDArray[np.float64]) -> NDArray[np.int64]:
    import numpy as np

    ranks = np.empty(values.size, dtype=np.int64)
    ranks[np.argsort(-values, kind="stable")] = np.arange(1, values.size + 1)
    return ranks


def _top(table: NDArray[np.float64], k: int) -> NDArray[np.float64]:
    import numpy as np

    return np.array([_ranks(row) <= k for row in table], dtype=np.float64)
