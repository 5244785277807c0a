"""Reference rows: what anything that is fitted after the fit may be fitted on.

For each split these are the out-of-fold scores of the other finished folds of
its repeat, or, for a study, the inner out-of-fold scores of its own training
rows. Those are there anyway, and the studies of two folds may have chosen
strategies whose scores mean different things.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bench.campaigns import Stakes, best_share, by_value, profit_downwards
from bench.decisions import locked
from bench.domain import Outputs, Predictions, Record, Split

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Finished:
    """A fit; ``order`` has its rows by descending score, as the scores were before any repair."""

    split: Split
    record: Record
    predictions: Predictions
    order: NDArray[np.intp]


def finish(split: Split, record: Record, predictions: Predictions) -> Finished:
    """Return a fit with its rows in order."""
    import numpy as np

    return Finished(split, record, predictions, np.argsort(-predictions.score, kind="stable"))


@dataclass(frozen=True, eq=False)
class ReferenceRows:
    """Labels and scores by descending score, and what follows from them.

    Attributes
    ----------
    y, score : ndarray of shape (n_rows,)
    rows : ndarray of shape (n_rows,) or None
        Their numbers in the dataset, where known.
    value_fraction : float or None
        The share of them that is best to contact by what each is worth.
    """

    y: NDArray[np.int8]
    score: NDArray[np.float64]
    rows: NDArray[np.int32] | None
    value_fraction: float | None = None


@dataclass(frozen=True, eq=False)
class ReferenceFinder:
    """Finds reference rows in a dataset of ``n_samples`` customers with these stakes."""

    n_samples: int
    stakes: Stakes | None

    def find(self, finished: Sequence[Finished]) -> list[ReferenceRows | None]:
        """Return the reference rows of every fit, ``None`` where there are none."""
        repeats: dict[int, list[int]] = defaultdict(list)
        for k, one in enumerate(finished):
            repeats[one.split.repeat].append(k)
        found: list[ReferenceRows | None] = [None] * len(finished)
        for folds in repeats.values():
            wanted = [k for k in folds if not finished[k].predictions.inner_score.size]
            if wanted and len(folds) >= 2:
                pool = _Pool.of([finished[k] for k in folds])
                others = self._without([folds.index(k) for k in wanted], pool)
                for k, rows in zip(wanted, others, strict=True):
                    found[k] = rows
        for k, one in enumerate(finished):
            if one.predictions.inner_score.size:
                found[k] = self._inner(one)
        return found

    def with_probabilities(self, rows: ReferenceRows, y_prob: NDArray[np.float64]) -> ReferenceRows:
        """Return ``rows`` with probabilities for their scores."""
        repaired = replace(rows, score=locked(y_prob))
        return replace(repaired, value_fraction=self._value_fraction(repaired, "probability"))

    def _inner(self, one: Finished) -> ReferenceRows:
        """Return the training rows of a study; their numbers unless some were thinned out."""
        import numpy as np

        predictions = one.predictions
        is_trained_on = np.ones(self.n_samples, dtype=np.bool_)
        is_trained_on[predictions.rows] = False
        numbers = np.flatnonzero(is_trained_on).astype(np.int32)
        order = np.argsort(-predictions.inner_score, kind="stable")
        rows = ReferenceRows(
            locked(predictions.inner_y[order]),
            locked(predictions.inner_score[order]),
            numbers[order] if numbers.size == order.size else None,
        )
        return replace(rows, value_fraction=self._value_fraction(rows, one.record.outputs))

    def _value_fraction(self, rows: ReferenceRows, outputs: Outputs) -> float | None:
        if self.stakes is None or rows.rows is None:
            return None
        stakes = self.stakes.of(rows.rows)
        _, value, realised = by_value(rows.y, rows.score, stakes, outputs)
        return best_share(*profit_downwards(value, realised))

    def _without(self, folds: Sequence[int], pool: _Pool) -> list[ReferenceRows]:
        """Return for each of ``folds`` the rows of all others; sorted by value once for all."""
        import numpy as np

        fractions: list[float | None] = [None] * len(folds)
        if self.stakes is not None:
            stakes = self.stakes.of(pool.rows)
            order, value, realised = by_value(pool.y, pool.score, stakes, pool.outputs)
            number = pool.number[order]
            for i, fold in enumerate(folds):
                other = np.flatnonzero(number != fold)
                fractions[i] = best_share(*profit_downwards(value[other], realised[other]))
        found = []
        for fold, fraction in zip(folds, fractions, strict=True):
            other = np.flatnonzero(pool.number != fold)
            y, score = locked(pool.y[other]), locked(pool.score[other])
            found.append(ReferenceRows(y, score, pool.rows[other], fraction))
        return found


@dataclass(frozen=True, eq=False)
class _Pool:
    """The test rows of one repeat by descending score, with the number of the fold of each."""

    y: NDArray[np.int8]
    score: NDArray[np.float64]
    rows: NDArray[np.int32]
    number: NDArray[np.intp]
    outputs: Outputs

    @classmethod
    def of(cls, folds: Sequence[Finished]) -> _Pool:
        import numpy as np

        y = np.concatenate([fold.predictions.y[fold.order] for fold in folds])
        score = np.concatenate([fold.predictions.score[fold.order] for fold in folds])
        rows = np.concatenate([fold.predictions.rows[fold.order] for fold in folds])
        number = np.repeat(np.arange(len(folds)), [fold.order.size for fold in folds])
        # A stable sort merges what is sorted already, in linear time.
        order = np.argsort(-score, kind="stable")
        outputs = folds[0].record.outputs
        return cls(y[order], score[order], rows[order], number[order], outputs)
