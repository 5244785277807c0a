"""Which columns matter, how steadily over splits, and whether models and methods agree.

Stability is not validity: split counts are perfectly stable and wrong. So the
agreement between models and between methods stands beside it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from statistics import fmean
from typing import TYPE_CHECKING

from bench.analysis.racing import shared_repeats
from bench.domain import UNEXPLAINED, Candidate, Record, Result, Run, Split, Tuning
from bench.guard import error_line

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True)
class ImportanceRow:
    """One feature for one candidate by one method.

    ``importance`` and ``importance_std`` are in the method's own unit (the
    latter ``None`` for a single split); ``share`` is comparable between models:
    the positive parts of a candidate's features sum to 1. ``rank`` 1 is the
    most important, equal ones in the order of the names.
    """

    model: str
    strategy: str
    tuning: Tuning
    preparation: str
    method: str
    feature: str
    importance: float
    importance_std: float | None
    share: float
    rank: int
    n_splits: int


@dataclass(frozen=True)
class Agreement:
    """How alike two rank the features: the mean Spearman correlation over ``n_pairs``.

    Between models, ``within`` is the method, and a pair is a candidate of each
    with the same strategy (at whatever tuning: some models have one level
    only). Between methods, ``within`` is the model, and a pair is one candidate
    under both.
    """

    within: str
    first: str
    second: str
    correlation: float
    n_pairs: int


@dataclass(frozen=True)
class Stability:
    """How alike the splits of one candidate rank features, as mean pairwise Spearman."""

    candidate: Candidate
    method: str
    correlation: float
    n_splits: int


@dataclass(frozen=True)
class ImportanceTable:
    """All rows in fixed order, and how far they can be relied on."""

    rows: tuple[ImportanceRow, ...]
    between_models: tuple[Agreement, ...]
    between_methods: tuple[Agreement, ...]
    stability: tuple[Stability, ...]
    failures: tuple[str, ...] = ()
    """What could not be measured, see `importance_failures`."""

    @cached_property
    def by_candidate(self) -> Mapping[Candidate, Mapping[str, Mapping[str, ImportanceRow]]]:
        """The rows by candidate, method and feature."""
        found: dict[Candidate, dict[str, dict[str, ImportanceRow]]] = {}
        for row in self.rows:
            candidate = Candidate(row.model, row.strategy, row.tuning, row.preparation)
            found.setdefault(candidate, {}).setdefault(row.method, {})[row.feature] = row
        return found


def summarise_importance(run: Run, results: Mapping[str, Result]) -> ImportanceTable:
    """Return the importance of every feature over the finished splits of ``run``.

    A feature that a split does not name counts as 0 there: its model did not
    use it. Values are taken as magnitudes, the larger the more important.

    Parameters
    ----------
    run : Run
        Its jobs are the plan, in any order.
    results : mapping of job id to Result
        Those that exist, in any order.
    """
    features, tables = _tables(run, results)
    # Who is compared with whom is compared on the same splits.
    shared = _tables(shared_repeats(run), results)[1] if run.stopped else tables
    ranks = {
        key: unit
        for key, table in shared.items()
        if (unit := _unit_ranks(table.mean(axis=0))) is not None
    }
    return ImportanceTable(
        rows=tuple(
            row
            for (candidate, method), table in tables.items()
            for row in _rows(candidate, method, features, table)
        ),
        between_models=_agreements(
            (method, a.model, b.model, ranks[a, method], ranks[b, method])
            for (a, method), (b, other) in combinations(ranks, 2)
            if method == other and a.strategy == b.strategy and a.model != b.model
        ),
        between_methods=_agreements(
            (a.model, first, second, ranks[a, first], ranks[a, second])
            for (a, first), (b, second) in combinations(ranks, 2)
            if a == b
        ),
        stability=_stability(tables),
        failures=importance_failures(run, {key: one.record for key, one in results.items()}),
    )


def importance_failures(run: Run, records: Mapping[str, Record]) -> tuple[str, ...]:
    """Return in sentences, by model and method, which importances of ``run`` failed.

    ``records`` maps job id to Record. A finished fit that ``run`` lists among
    its failures was fitted again for its importances, in vain.
    """
    unexplained: dict[tuple[str, str], list[tuple[Candidate, str]]] = defaultdict(list)
    not_added: list[str] = []
    for job in run.jobs:
        record = records.get(job.id)
        if record is None or record.status != "ok":
            continue
        if job.id in run.failures:
            not_added.append(run.failures[job.id])
        for message in record.messages:
            if message.startswith(UNEXPLAINED):
                method, _, why = message.removeprefix(UNEXPLAINED).partition(": ")
                unexplained[job.candidate.model, method].append((job.candidate, error_line(why)))
    sentences = [
        f"importance by {method} failed in {_fits(len(found))} of "
        f"{_names([candidate for candidate, _ in found])} (not tried again): {found[0][1]}"
        for (_, method), found in unexplained.items()
    ]
    if not_added:
        sentences.append(
            f"importances could not be added to {_fits(len(not_added))} "
            f"(the next run tries again): {not_added[0]}"
        )
    return tuple(sentences)


def _fits(n: int) -> str:
    return f"{n} fit" if n == 1 else f"{n} fits"


def _names(candidates: Sequence[Candidate]) -> str:
    """Return the first, and how many others there are."""
    first, *others = dict.fromkeys(candidates)
    return f"{first} and {len(others)} more" if others else str(first)


def spearman(a: ArrayLike, b: ArrayLike) -> float | None:
    """Return the rank correlation, ties sharing their mean rank; ``None`` where one is constant."""
    import numpy as np

    x, y = _unit_ranks(np.asarray(a)), _unit_ranks(np.asarray(b))
    return None if x is None or y is None else float(x @ y)


def _unit_ranks(values: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """Return centred ranks of length 1, whose products are correlations; ``None`` if constant."""
    import numpy as np

    _, group, sizes = np.unique(values, return_inverse=True, return_counts=True)
    if sizes.size < 2:
        return None
    rank = np.cumsum(sizes) - (sizes - 1) / 2
    centred = rank[group] - (values.size + 1) / 2
    unit: NDArray[np.float64] = centred / np.sqrt(centred @ centred)
    return unit


_Key = tuple[Candidate, str]
_Tables = dict[_Key, "NDArray[np.float64]"]


def _tables(run: Run, results: Mapping[str, Result]) -> tuple[list[str], _Tables]:
    """Return all features, and an (n_splits, n_features) table by candidate and method."""
    import numpy as np

    found: dict[_Key, dict[Split, Mapping[str, float]]] = defaultdict(dict)
    for job in run.jobs:
        result = results.get(job.id)
        if result is None or result.record.status != "ok":
            continue
        for method, values in result.record.importance.items():
            found[job.candidate, method][job.split] = values
    features = sorted(
        {name for splits in found.values() for row in splits.values() for name in row}
    )
    return features, {
        key: np.array([[row.get(name, 0.0) for name in features] for _, row in sorted(splits)])
        for key, splits in ((key, found[key].items()) for key in sorted(found))
    }


def _rows(
    candidate: Candidate, method: str, features: Sequence[str], table: NDArray[np.float64]
) -> list[ImportanceRow]:
    import numpy as np

    mean = table.mean(axis=0)
    std = table.std(axis=0, ddof=1) if len(table) > 1 else None
    positive = np.maximum(mean, 0.0)
    total = float(positive.sum())
    order = np.argsort(-mean, kind="stable")  # features come in the order of their names
    return [
        ImportanceRow(
            model=candidate.model,
            strategy=candidate.strategy,
            tuning=candidate.tuning,
            preparation=candidate.preparation,
            method=method,
            feature=features[i],
            importance=float(mean[i]),
            importance_std=None if std is None else float(std[i]),
            share=float(positive[i]) / total if total else 0.0,
            rank=rank,
            n_splits=len(table),
        )
        for rank, i in enumerate(order, start=1)
    ]


_Pair = tuple[str, str, str, "NDArray[np.float64]", "NDArray[np.float64]"]


def _agreements(pairs: Iterable[_Pair]) -> tuple[Agreement, ...]:
    found: dict[tuple[str, str, str], list[float]] = defaultdict(list)
    for within, first, second, a, b in pairs:
        key = (within, min(first, second), max(first, second))
        found[key].append(float(a @ b))
    return tuple(
        Agreement(*key, correlation=fmean(found[key]), n_pairs=len(found[key]))
        for key in sorted(found)
    )


def _stability(tables: _Tables) -> tuple[Stability, ...]:
    import numpy as np

    rows = []
    for (candidate, method), table in tables.items():
        ranks = [unit for row in table if (unit := _unit_ranks(row)) is not None]
        if len(ranks) < 2:
            continue
        pairs = np.triu_indices(len(ranks), k=1)
        correlation = float(np.mean((np.stack(ranks) @ np.stack(ranks).T)[pairs]))
        rows.append(Stability(candidate, method, correlation, len(table)))
    return tuple(rows)
