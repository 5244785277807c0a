"""Fewer positives to learn from: what the prevalence sweep does to training rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.domain import Split
from bench.identity import derive_seed

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def count_kept(n_positives: int, n_negatives: int, prevalence: float) -> int:
    """Return how many positives make up ``prevalence`` beside ``n_negatives``, to the nearest row.

    Never more than there are: positives are left out, negatives stay.
    """
    return min(n_positives, round(prevalence * n_negatives / (1 - prevalence)))


def thin_positives(
    rows: NDArray[np.int64],
    y: NDArray[np.int8],
    *,
    prevalence: float,
    seed: int,
    split: Split,
) -> NDArray[np.int64]:
    """Return the training rows of a split with positives left out, in ascending order.

    The order in which positives go depends on the seed and the split and not
    on ``prevalence``, so that those left at .02 are among those left at .05.

    Parameters
    ----------
    rows : ndarray of shape (n_train,)
        Ascending row numbers in the dataset.
    y : ndarray of shape (n_samples,)
        Labels of all rows of the dataset.
    prevalence : float in (0, 1)
        Positives divided by rows, afterwards.
    seed : int
        The protocol's.
    split : Split
    """
    import numpy as np

    positives, negatives = rows[y[rows] == 1], rows[y[rows] == 0]
    n_kept = count_kept(len(positives), len(negatives), prevalence)
    random = np.random.default_rng(derive_seed(seed, "thin", split.repeat, split.fold))
    return np.sort(np.concatenate([negatives, random.permutation(positives)[:n_kept]]))
