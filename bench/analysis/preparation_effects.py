"""What a preparation changes against the plain one, and how steady its selection is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from statistics import fmean

from bench.analysis.effects import StrategyEffect, compare, values_of
from bench.analysis.racing import shared_repeats
from bench.analysis.scoring import score_splits
from bench.analysis.stability import selection_stability
from bench.domain import Candidate, Result, Run, Split
from bench.metrics import METRICS

ENCODED = "encoded"


@dataclass(frozen=True)
class PreparationStability:
    """How alike the column sets are that one preparation kept in different splits.

    ``stability`` is Nogueira's measure with its 95 % interval: 1 where all
    splits keep the same columns, around 0 where they agree as chance would;
    ``None`` where nothing can be said (one split, or all columns kept).
    ``always`` and ``sometimes`` are the columns kept in all and in some splits.
    """

    preparation: str
    n_splits: int
    n_features: int
    mean_kept: float
    stability: float | None
    low: float | None
    high: float | None
    always: tuple[str, ...]
    sometimes: tuple[str, ...]


@dataclass(frozen=True)
class PreparationSummary:
    """All of it for one run; empty where the run had one preparation only.

    ``effects`` are changes against ``encoded`` in the same model, strategy and
    tuning; ``unchanged`` are the candidates whose figures are the same as
    ``encoded`` on every split: their preparation found nothing to change.
    """

    effects: tuple[StrategyEffect, ...] = ()
    unchanged: tuple[Candidate, ...] = ()
    selections: tuple[PreparationStability, ...] = ()


def summarise_preparations(
    run: Run, results: Mapping[str, Result], *, metric: str
) -> PreparationSummary:
    """Return the effect of every preparation that ran beside ``encoded``, and its steadiness.

    Effects come in the order of their candidates; with a single split, where
    nothing can be tested, there are none. Of a race the repeats that all
    candidates took part in are looked at.

    Raises
    ------
    UnknownNameError
        If ``metric`` is no metric.
    """
    chosen = METRICS.lookup(metric)
    run = shared_repeats(run)
    present = sorted({c.fitted for c in run.candidates})
    pairs = [
        (candidate, plain)
        for candidate in present
        if candidate.preparation != ENCODED
        and (plain := replace(candidate, preparation=ENCODED)) in present
    ]
    scored = score_splits(run, results, [chosen]) if pairs else {}
    # Where nothing was changed there is nothing to test, and no noise to learn from.
    unchanged = [
        (candidate, plain)
        for candidate, plain in pairs
        if (figures := values_of(scored.get(candidate, ()), metric))
        and figures == values_of(scored.get(plain, ()), metric)
    ]
    changed = [pair for pair in pairs if pair not in unchanged]
    return PreparationSummary(
        effects=compare(run, scored, changed, metric=metric),
        unchanged=tuple(candidate for candidate, _ in unchanged),
        selections=_selections(run, results),
    )


def _selections(run: Run, results: Mapping[str, Result]) -> tuple[PreparationStability, ...]:
    """Return the steadiness of every selection, by the names of the preparations.

    A selection depends on the split and not on the model or the strategy that
    comes after it: each split counts once.
    """
    kept: dict[str, dict[Split, frozenset[str]]] = {}
    for job in run.jobs:
        result = results.get(job.id)
        if result is not None and result.record.selected:
            found = kept.setdefault(job.candidate.preparation, {})
            found[job.split] = frozenset(result.record.selected)
    features = run.facts.features
    rows = []
    for preparation, by_split in sorted(kept.items()):
        sets = [chosen for _, chosen in sorted(by_split.items())]
        counts = {name: sum(name in chosen for chosen in sets) for name in features}
        interval = selection_stability([[name in chosen for name in features] for chosen in sets])
        rows.append(
            PreparationStability(
                preparation=preparation,
                n_splits=len(sets),
                n_features=len(features),
                mean_kept=fmean(len(chosen) for chosen in sets),
                stability=interval[0] if interval else None,
                low=interval[1] if interval else None,
                high=interval[2] if interval else None,
                always=tuple(name for name, n in counts.items() if n == len(sets)),
                sometimes=tuple(name for name, n in counts.items() if 0 < n < len(sets)),
            )
        )
    return tuple(rows)
