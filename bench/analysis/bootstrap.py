"""How the mean figure of every candidate moves when customers are drawn anew, without a refit.

To first order a figure is its value plus the weighted mean of what each row
adds to it, so that hundreds of draws are one matrix product. For ROC-AUC these
parts are the placements of DeLong, DeLong & Clarke-Pearson (1988), Biometrics
44; for any other metric they are measured by leaving out one of some random
groups of customers at a time (Shao & Tu 1995, The Jackknife and Bootstrap).

ROC-AUC is taken within a fold and then averaged, as on the board. Pooling the
scores of a repeat would rank rows of different models against each other, whose
scales differ: a figure of its own that no candidate was ranked by.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.analysis.scoring import ScoredSplit
from bench.decisions import ends_of_ties, from_zero
from bench.domain import Candidate
from bench.identity import derive_seed
from bench.metrics import METRICS, Metric

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_MOST_EVALUATIONS = 6000
"""Of a metric that has no closed form; a bootstrap may take about a second."""


@dataclass(frozen=True, eq=False)
class Influence:
    """What the customers of one split add to each candidate's figure.

    Attributes
    ----------
    value : ndarray of shape (n_candidates,)
    strata : tuple of (units, parts)
        ``units`` of shape (m,) say whose weights count, ``parts`` of shape
        (n_candidates, m) what each adds beyond the mean: the figure at weights
        w is ``value`` + Σ over strata of the w-weighted mean of ``parts``. Single
        precision halves the time and is far finer than the draws are.
    """

    value: NDArray[np.float64]
    strata: tuple[tuple[NDArray[np.intp], NDArray[np.float32]], ...]

    def at(self, weights: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return the figures of shape (n_candidates, n_draws) at ``weights`` (n_units, n_draws).

        NaN where a stratum has no weight at all.
        """
        import numpy as np

        n_draws = weights.shape[1]
        figures = np.repeat(self.value[:, None], n_draws, axis=1)
        for units, parts in self.strata:
            chosen = weights[units]
            total = chosen.sum(axis=0, dtype=np.float64)
            added = (parts @ chosen).astype(np.float64)
            figures += np.divide(added, total, out=np.full_like(added, np.nan), where=total > 0)
        return figures


@dataclass(frozen=True, eq=False)
class Resampling:
    """All splits of the candidates that are compared, and how many units have a weight."""

    candidates: tuple[Candidate, ...]
    influences: tuple[Influence, ...]
    n_units: int
    seed: int


def build_resampling(
    scored: Mapping[Candidate, Sequence[ScoredSplit]],
    candidates: Sequence[Candidate],
    *,
    metric: str,
) -> Resampling:
    """Return how the mean ``metric`` of ``candidates`` hangs on the customers.

    Parameters
    ----------
    scored : mapping of Candidate to sequence of ScoredSplit
        Each of ``candidates`` with all splits, on the same test rows.
    candidates : sequence of Candidate
    metric : str

    Notes
    -----
    Randomness is seeded by the jobs behind the figures and nothing else. A
    customer's weight is the same in every repeat: repeats add no customers.
    """
    import numpy as np

    chosen = METRICS.lookup(metric)
    columns = [scored[candidate] for candidate in candidates]
    seed = derive_seed("bootstrap", metric, sorted(s.record.job.id for c in columns for s in c))
    rows = [split.predictions.rows for split in columns[0]]
    n_customers = int(max(int(part.max()) for part in rows)) + 1
    by_split = list(zip(*columns, strict=True))
    if metric == "roc_auc":
        influences = tuple(_roc_auc_influence(splits) for splits in by_split)
        return Resampling(tuple(candidates), influences, n_customers, seed)
    n_groups = int(np.clip(_MOST_EVALUATIONS // (len(columns) * len(by_split)), 8, 20))
    group = np.random.default_rng(seed).permutation(np.arange(n_customers) % n_groups)
    influences = tuple(_group_influence(splits, chosen, group=group) for splits in by_split)
    return Resampling(tuple(candidates), influences, n_groups, seed)


def _roc_auc_influence(splits: Sequence[ScoredSplit]) -> Influence:
    """Return the placements of positives among negatives and the other way round."""
    import numpy as np

    first = splits[0].predictions
    is_positive = first.y == 1
    n_positives = int(np.count_nonzero(is_positive))
    value = np.empty(len(splits))
    of_positives = np.empty((len(splits), n_positives))
    of_negatives = np.empty((len(splits), is_positive.size - n_positives))
    for k, split in enumerate(splits):
        placed = _placements(is_positive, split.predictions.score)
        of_positives[k], of_negatives[k] = placed[is_positive], placed[~is_positive]
        value[k] = of_positives[k].mean()
    return Influence(
        value,
        (
            (first.rows[is_positive].astype(np.intp), _single(of_positives - value[:, None])),
            (first.rows[~is_positive].astype(np.intp), _single(of_negatives - value[:, None])),
        ),
    )


def _placements(is_positive: NDArray[np.bool_], score: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the share of negatives below each positive, and of positives above each negative.

    Ties are counted half.
    """
    import numpy as np

    order = np.argsort(-score)
    ends = from_zero(ends_of_ties(score[order]) + 1)
    tp = from_zero(np.cumsum(is_positive[order]))[ends]
    fp = ends - tp
    # Twice the counts are whole numbers: those before a run of equal scores, and those down to it.
    not_below = np.repeat(fp[1:] + fp[:-1], ends[1:] - ends[:-1])
    above = np.repeat(tp[1:] + tp[:-1], ends[1:] - ends[:-1])
    placed = np.empty(score.size)
    placed[order] = np.where(
        is_positive[order],
        (2 * fp[-1] - not_below) / (2 * fp[-1]),
        1 - (2 * tp[-1] - above) / (2 * tp[-1]),
    )
    return placed


def _group_influence(
    splits: Sequence[ScoredSplit],
    metric: Metric,
    *,
    group: NDArray[np.intp],
) -> Influence:
    """Return what each group of customers adds: (g − 1) · (figure − figure without the group)."""
    import numpy as np

    own = group[splits[0].predictions.rows]
    y = splits[0].predictions.y
    # A group whose absence leaves a single class has no figure without it.
    kept = [g for g in np.unique(own) if np.unique(y[own != g]).size == 2]
    value = np.empty(len(splits))
    parts = np.zeros((len(splits), len(kept)))
    for k, split in enumerate(splits):
        value[k] = split.values[metric.name]
        for i, g in enumerate(kept):
            without = metric.compute(split.inputs.at(own != g))
            parts[k, i] = 0.0 if without is None else (len(kept) - 1) * (value[k] - without)
    return Influence(value, ((np.array(kept, dtype=np.intp), _single(parts)),))


def _single(parts: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return parts in single precision, rows of candidates: the product reads them in one go."""
    import numpy as np

    return np.ascontiguousarray(parts, dtype=np.float32)
