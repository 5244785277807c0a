"""What a preparation changes against the plain one, and how steady its selection is."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from statistics import NormalDist, fmean
from typing import TYPE_CHECKING

from bench.analysis.effects import StrategyEffect, compare, values_of
from bench.analysis.racing import shared_repeats
from bench.analysis.scoring import score_splits
from bench.domain import Candidate, Result, Run, Split
from bench.metrics import METRICS

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

PLAIN = "encoded"


@dataclass(frozen=True)
class SelectionStability:
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
    selections: tuple[SelectionStability, ...] = ()


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
        if candidate.preparation != PLAIN
        and (plain := replace(candidate, preparation=PLAIN)) in present
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


def _selections(run: Run, results: Mapping[str, Result]) -> tuple[SelectionStability, ...]:
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
        interval = nogueira_stability([[name in chosen for name in features] for chosen in sets])
        rows.append(
            SelectionStability(
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


def nogueira_stability(
    selected: ArrayLike, *, level: float = 0.95
) -> tuple[float, float, float] | None:
    """Return how stable a feature selection is, with a confidence interval.

    Parameters
    ----------
    selected : array-like of shape (n_sets, n_features)
        1 or True where a set holds a feature.
    level : float, default=0.95

    Returns
    -------
    stability, low, high : float, or None
        Φ = 1 − mean_f s²_f / (κ (1 − κ)), where s²_f is the unbiased variance
        of column f and κ the mean share of features kept: 1 for equal sets,
        0 on average for random ones; at a fixed number of features it is
        Kuncheva's index. The interval is the asymptotic one for independent
        resamples; cross-validation splits share training rows, so that it is
        too narrow for them. No bound is above 1. None for fewer than two
        sets, and where all features are kept always, or none ever.

    References
    ----------
    Nogueira, Sechidis & Brown (2018), "On the stability of feature selection
    algorithms", Journal of Machine Learning Research 18 (174).
    """
    import numpy as np

    Z = np.asarray(selected, dtype=np.float64)
    n_sets = len(Z)
    frequency = Z.mean(axis=0)
    share = float(frequency.mean())
    chance = share * (1 - share)
    if n_sets < 2 or chance <= 0:
        return None
    variance = n_sets / (n_sets - 1) * frequency * (1 - frequency)
    stability = 1 - float(variance.mean()) / chance
    own = Z.mean(axis=1)  # k_i / d
    parts = (
        (Z * frequency).mean(axis=1)
        - own * share
        + stability / 2 * (2 * share * own - own - share + 1)
    ) / chance
    error = math.sqrt(4 / n_sets**2 * float(((parts - parts.mean()) ** 2).sum()))
    half_width = NormalDist().inv_cdf((1 + level) / 2) * error
    return stability, stability - half_width, min(1.0, stability + half_width)
