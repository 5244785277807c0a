"""Which row is really the best, and what choosing it by its own figure will give."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.analysis.bootstrap import Resampling
from bench.analysis.statistics import EQUAL
from bench.domain import Candidate
from bench.metrics import Direction

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_AT_ONCE = 250
_MOST_CELLS = 2_500_000
"""Of customers × draws: 250 draws of up to 10,000 customers at once."""
"""Draws whose weights are in memory at the same time."""


@dataclass(frozen=True)
class Selection:
    """What became of choosing the best of several by their own figures.

    Attributes
    ----------
    maximum : float
        The mean figure of the one that was chosen, on the rows that chose it.
    expected : float or None
        What such a choice gives on customers who had no part in it, on average;
        ``None`` where every draw leaves some split without a class.
    """

    maximum: float
    expected: float | None


def chances_to_be_best(
    resampling: Resampling, *, direction: Direction, n_draws: int = 1000
) -> dict[Candidate, float]:
    """Return in what share of the draws each candidate has the best mean figure.

    Every draw weighs customers by exponential weights (Rubin 1981, "The
    Bayesian bootstrap", Annals of Statistics 9: no fold ever lacks a class)
    and takes splits with replacement: customers stand for who might have been
    asked, splits for what the models might have learnt. Equal bests share.

    Parameters
    ----------
    resampling : Resampling
    direction : {"higher", "lower"}
        Which is better.
    n_draws : int, default=1000

    Returns
    -------
    dict of Candidate to float
        They sum to 1.
    """
    import numpy as np

    rng = np.random.default_rng(resampling.seed)
    n_splits = len(resampling.influences)
    wins = np.zeros(len(resampling.candidates))
    with _one_thread():
        for size in _batches(n_draws, resampling.n_units):
            weights = rng.standard_exponential((resampling.n_units, size), dtype=np.float32)
            times = rng.multinomial(n_splits, np.full(n_splits, 1 / n_splits), size=size).T
            total = np.zeros((wins.size, size))
            for k, influence in enumerate(resampling.influences):
                total += times[k] * influence.at(weights)
            is_best = _is_best(total / n_splits, direction)
            wins += (is_best / is_best.sum(axis=0)).sum(axis=1)
    return dict(zip(resampling.candidates, (wins / n_draws).tolist(), strict=True))


def expect_of_selection(
    resampling: Resampling, *, direction: Direction, n_draws: int = 300
) -> Selection:
    """Return what choosing the best candidate can be expected to give on other customers.

    The best of many is partly the luckiest. Bootstrap bias-corrected
    cross-validation (Tsamardinos, Greasidou & Borboudakis 2018, Machine
    Learning 107) chooses on customers drawn with replacement, over all repeats
    at once, and judges the choice by those who were not drawn.

    Parameters
    ----------
    resampling : Resampling
    direction : {"higher", "lower"}
        Which is better.
    n_draws : int, default=300

    Notes
    -----
    What the draws add to the figure of one fixed candidate is 0 on average, so
    that it is subtracted: the same expectation with a tenth of the noise.
    """
    import numpy as np

    rng = np.random.default_rng(resampling.seed)
    plain = _mean_figures(resampling, None)
    best = int(np.flatnonzero(_is_best(plain, direction)[:, 0])[0])
    judged = []
    with _one_thread():
        for size in _batches(n_draws, resampling.n_units):
            drawn = _drawn_with_replacement(rng, resampling.n_units, size)
            inside = _mean_figures(resampling, drawn)
            outside = _mean_figures(resampling, (drawn == 0).astype(np.float32))
            is_best = _is_best(inside, direction)
            share = is_best / np.maximum(is_best.sum(axis=0), 1)
            judged.append((share * outside).sum(axis=0) - (outside[best] - plain[best]))
    expected = np.concatenate(judged)
    expected = expected[np.isfinite(expected)]
    return Selection(float(plain[best, 0]), float(expected.mean()) if expected.size else None)


def _one_thread() -> AbstractContextManager[object]:
    """Return a context in which products are summed in one order, whatever the machine does.

    It is faster, too: these matrices are small, and threads that wait for a
    busy core spin.
    """
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    limits: AbstractContextManager[object] = threadpool_limits(1, user_api="blas")
    return limits


def _drawn_with_replacement(
    rng: np.random.Generator, n_units: int, n_draws: int
) -> NDArray[np.float32]:
    """Return how often each unit was drawn, of shape (n_units, n_draws)."""
    import numpy as np

    drawn = rng.integers(0, n_units, size=(n_units, n_draws))
    times = np.empty((n_units, n_draws), dtype=np.float32)
    for k in range(n_draws):  # one draw at a time: its counts fit into the processor's cache
        times[:, k] = np.bincount(drawn[:, k], minlength=n_units)
    return times


def _mean_figures(
    resampling: Resampling, weights: NDArray[np.float32] | None
) -> NDArray[np.float64]:
    """Return the mean over splits, (n_candidates, n_draws), as measured or at ``weights``.

    NaN where a split has no figure.
    """
    import numpy as np

    figures = [
        influence.value[:, None] if weights is None else influence.at(weights)
        for influence in resampling.influences
    ]
    mean: NDArray[np.float64] = np.mean(figures, axis=0)
    return mean


def _is_best(figures: NDArray[np.float64], direction: Direction) -> NDArray[np.bool_]:
    """Return which of the candidates, in rows, are the best of each draw."""
    higher = figures if direction == "higher" else -figures
    is_best: NDArray[np.bool_] = higher >= higher.max(axis=0) - EQUAL
    return is_best


def _batches(n_draws: int, n_units: int) -> list[int]:
    """Return how many draws to hold in memory at a time: fewer of a million customers."""
    at_once = max(1, min(_AT_ONCE, _MOST_CELLS // n_units))
    return [min(at_once, n_draws - start) for start in range(0, n_draws, at_once)]
