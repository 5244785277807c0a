"""Repeated stratified folds that keep equal rows together, and periods in the order of time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from bench.data.duplicates import duplicate_groups
from bench.domain import Dataset, Duplicates, Split
from bench.errors import UsageError
from bench.evaluation.thinning import thin_positives
from bench.identity import derive_seed

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

STOPPING_FOLDS = 5
"""One fifth of the training rows is held back where early stopping needs some."""

PartKind = Literal["outer", "stop", "inner"]


@dataclass(frozen=True, order=True)
class Part:
    """Which rows of a split learn and which are held back.

    ``outer``: training and test rows. ``stop``: training rows without a fifth,
    and that fifth. ``inner``: training rows without inner fold ``fold`` of
    ``folds``, and that fold. The last two lie inside the training rows, so
    that no test row is in them.
    """

    kind: PartKind = "outer"
    fold: int = 0
    folds: int = 0

    @property
    def n_parts(self) -> int:
        """Into how many its split's training rows are divided for it."""
        return {"outer": 1, "stop": STOPPING_FOLDS, "inner": self.folds}[self.kind]

    def __str__(self) -> str:
        return f"{self.kind}-{self.fold}-{self.folds}" if self.kind == "inner" else self.kind


OUTER = Part()
STOP = Part("stop")


def inner_parts(folds: int) -> tuple[Part, ...]:
    """Return the parts of a nested study."""
    return tuple(Part("inner", fold, folds) for fold in range(folds))


def assign_folds(
    y: NDArray[np.int8], groups: NDArray[np.int64], *, folds: int, seed: int
) -> NDArray[np.int16]:
    """Return the fold of every row: stratified, groups whole, linear in the rows.

    Groups of several rows are dealt first, the largest first, each to the fold
    that still lacks most of the group's classes; single rows then fill every
    fold up to its share of each class. Without large groups the class counts
    of two folds differ by at most one row.

    Parameters
    ----------
    y : ndarray of shape (n_samples,)
        Labels, 1 for the positive class.
    groups : ndarray of shape (n_samples,)
        Equal numbers stay in one fold.
    folds : int
        At least 2.
    seed : int

    Returns
    -------
    ndarray of shape (n_samples,), int16

    Raises
    ------
    UsageError
        If a class has fewer rows than there are folds.
    """
    import numpy as np

    counts = np.bincount(y, minlength=2)
    if counts.min() < folds:
        raise UsageError(
            f"{folds} folds need at least {folds} rows of each class, but there are "
            f"{counts[1]} positives and {counts[0]} negatives",
            hint="use fewer folds (--folds)",
        )
    random = np.random.default_rng(seed)
    _, index, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    is_single = sizes[index] == 1
    lacking = _shares(counts, folds)
    fold_of = np.empty(len(y), dtype=np.int16)
    if not is_single.all():
        _deal_groups(y, index, sizes, lacking=lacking, fold_of=fold_of, random=random)
    for label in (0, 1):
        rows = np.flatnonzero(is_single & (y == label))
        random.shuffle(rows)
        fold_of[rows] = np.repeat(np.arange(folds), _quota(lacking[:, label], len(rows)))
    return fold_of


def _shares(counts: NDArray[np.int64], folds: int) -> NDArray[np.int64]:
    """Return how many rows of each class each fold should get, shape (folds, 2).

    The left-over rows of the second class go on where those of the first
    ended, so that the folds' sizes differ by at most one as well.
    """
    import numpy as np

    shares = np.tile(counts // folds, (folds, 1))
    first = 0
    for label in (0, 1):
        extra = int(counts[label] % folds)
        shares[(first + np.arange(extra)) % folds, label] += 1
        first += extra
    return shares


def _deal_groups(
    y: NDArray[np.int8],
    index: NDArray[np.int64],
    sizes: NDArray[np.int64],
    *,
    lacking: NDArray[np.int64],
    fold_of: NDArray[np.int16],
    random: np.random.Generator,
) -> None:
    """Deal every group of several rows to a fold; fills ``fold_of`` and lowers ``lacking``."""
    import numpy as np

    positives = np.bincount(index, weights=y, minlength=len(sizes)).astype(np.int64)
    several = random.permutation(np.flatnonzero(sizes > 1))
    several = several[np.argsort(-sizes[several], kind="stable")]
    fold_of_group = np.full(len(sizes), -1, dtype=np.int16)
    totals = np.maximum(lacking.sum(axis=0), 1)
    left = lacking.astype(float).tolist()
    for group in several.tolist():
        of_class = (float(sizes[group] - positives[group]), float(positives[group]))
        need = [
            sum(of_class[label] * fold[label] / totals[label] for label in (0, 1)) for fold in left
        ]
        best = need.index(max(need))
        fold_of_group[group] = best
        for label in (0, 1):
            left[best][label] -= of_class[label]
    lacking[:] = np.asarray(left, dtype=np.int64)
    grouped = sizes[index] > 1
    fold_of[grouped] = fold_of_group[index[grouped]]


def _quota(lacking: NDArray[np.int64], n_rows: int) -> NDArray[np.int64]:
    """Return how many of ``n_rows`` single rows each fold gets: its lack, as far as they go."""
    import numpy as np

    quota = np.maximum(lacking, 0)
    # Groups that are larger than a fold leave other folds short: take from the fullest.
    for _ in range(int(quota.sum()) - n_rows):
        quota[int(np.argmax(quota))] -= 1
    return quota


def row_groups(dataset: Dataset, duplicates: Duplicates) -> NDArray[np.int64]:
    """Return one group number per row: rows that must stay on one side of every split.

    These are rows with equal features (unless ``duplicates`` is ``"ignore"``),
    rows of one declared group, and whatever the two together connect.
    """
    import numpy as np

    n_samples = len(dataset.y)
    equal = None if duplicates == "ignore" else duplicate_groups(dataset.X)
    if dataset.groups is None or equal is None:
        found = dataset.groups if equal is None else equal
        return np.arange(n_samples, dtype=np.int64) if found is None else found
    return _connected(equal, dataset.groups)


def time_ranks(time: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return for each row how many earlier moments there are; rows of one moment share a number."""
    import numpy as np

    return np.unique(time, return_inverse=True)[1].astype(np.int64)


def assign_periods(ranks: NDArray[np.int64], n_periods: int) -> NDArray[np.int16]:
    """Return the period of every row: periods follow each other and are about equally large.

    A moment is never divided: its rows are where the middle one of them would be.

    Parameters
    ----------
    ranks : ndarray of shape (n_samples,)
        Earlier rows have smaller numbers.
    n_periods : int

    Returns
    -------
    ndarray of shape (n_samples,), int16
        0 for the earliest period.
    """
    import numpy as np

    _, moment, counts = np.unique(ranks, return_inverse=True, return_counts=True)
    middle = np.cumsum(counts) - counts / 2
    return (middle * n_periods / len(ranks)).astype(np.int16)[moment]


def _connected(first: NDArray[np.int64], second: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return components: two rows are together if either grouping has them together."""
    import numpy as np
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    left = np.unique(first, return_inverse=True)[1]
    right = np.unique(second, return_inverse=True)[1]
    n_left, n_right = int(left.max()) + 1, int(right.max()) + 1
    size = n_left + n_right
    links = coo_array((np.ones(len(left), np.int8), (left, n_left + right)), shape=(size, size))
    _, component = connected_components(links, directed=False)
    return np.asarray(component[left], dtype=np.int64)


class Splitter:
    """Row numbers of every part of every split; the same in every process.

    Parameters
    ----------
    y, groups : ndarray of shape (n_samples,)
    folds : int
    seed : int
        The protocol's seed. Folds depend on it, on their number and on the
        repeat, and on nothing else but the data.
    train_prevalence : float, optional
        Positives are left out of the training rows down to this share; folds
        and test rows stay what they are without it.
    by_time : bool
        ``groups`` are `time_ranks`: every fold tests the period that follows
        its training rows, and so do the parts within them. The first period
        only learns. There is one repeat, as nothing is drawn.
    """

    def __init__(
        self,
        y: NDArray[np.int8],
        groups: NDArray[np.int64],
        *,
        folds: int,
        seed: int,
        train_prevalence: float | None = None,
        by_time: bool = False,
    ) -> None:
        self._y, self._groups, self._by_time = y, groups, by_time
        self._folds, self._seed = folds, seed
        self._train_prevalence = train_prevalence
        self._outer: dict[int, NDArray[np.int16]] = {}
        self._inner: tuple[object, NDArray[np.int16] | None] = (None, None)

    def rows(self, split: Split, part: Part = OUTER) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the rows that learn and the rows that are held back, in ascending order."""
        import numpy as np

        if split.repeat not in self._outer:
            self._outer[split.repeat] = self._divide(split)
        period = self._outer[split.repeat]
        if self._by_time:
            train, test = (
                np.flatnonzero(period <= split.fold),
                np.flatnonzero(period == split.fold + 1),
            )
        else:
            train, test = np.flatnonzero(period != split.fold), np.flatnonzero(period == split.fold)
        if self._train_prevalence is not None:
            train = thin_positives(
                train, self._y, prevalence=self._train_prevalence, seed=self._seed, split=split
            )
        return (train, test) if part.kind == "outer" else self._within(train, split, part)

    def _divide(self, split: Split) -> NDArray[np.int16]:
        """Return the fold of every row, or its period."""
        if self._by_time:
            return assign_periods(self._groups, self._folds + 1)
        seed = derive_seed(self._seed, "folds", split.repeat)
        return assign_folds(self._y, self._groups, folds=self._folds, seed=seed)

    def _within(
        self, train: NDArray[np.int64], split: Split, part: Part
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Divide the training rows of a split once more."""
        groups = self._groups[train]
        if self._by_time:
            # The last fifth stops; inner fold k is the period after the first k + 1.
            last = part.kind == "stop"
            period = assign_periods(groups, STOPPING_FOLDS if last else part.folds + 1)
            held = STOPPING_FOLDS - 1 if last else part.fold + 1
            return train[period < held], train[period == held]
        # The inner folds of a split are one division, asked for one after the other.
        asked = (split, part.kind, part.n_parts)
        kept, inner = self._inner
        if inner is None or kept != asked:
            seed = derive_seed(self._seed, part.kind, split.repeat, split.fold)
            inner = assign_folds(self._y[train], groups, folds=part.n_parts, seed=seed)
            self._inner = (asked, inner)
        return train[inner != part.fold], train[inner == part.fold]
