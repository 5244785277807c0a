"""Bradley–Terry strengths, told on the Elo scale: who beats whom, over several datasets."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MEAN_ELO = 1000.0
"""Of all that are compared; 400 more mean ten wins for one loss."""

VIRTUAL_TIES = 1.0
"""Between any two, so that someone who never lost is strong and not infinitely so."""


@dataclass(frozen=True)
class Elo:
    """A strength with its central 95 % over the bootstrap."""

    rating: float
    low: float
    high: float


def bradley_terry(
    wins: NDArray[np.float64], *, tolerance: float = 1e-9, most_iterations: int = 10_000
) -> NDArray[np.float64]:
    """Return the logarithms of the strengths that make the observed wins most likely.

    Parameters
    ----------
    wins : ndarray of shape (..., n, n)
        How often the row beat the column; a tie is half a win for each.
    tolerance : float, default=1e-9
        On the largest change of a log strength in one step.
    most_iterations : int, default=10,000

    Returns
    -------
    ndarray of shape (..., n)
        With mean 0; P(i beats j) = 1 / (1 + exp(θⱼ − θᵢ)).

    Raises
    ------
    ValueError
        If the steps do not get that small: somebody beat all others always.

    Notes
    -----
    The minorisation–maximisation steps of Hunter (2004), Annals of Statistics
    32: λᵢ ← Wᵢ / Σⱼ nᵢⱼ / (λᵢ + λⱼ), each of which raises the likelihood.
    """
    import numpy as np

    n_games = wins + np.swapaxes(wins, -1, -2)
    won = wins.sum(axis=-1)
    if not (won > 0).all():
        raise ValueError("somebody never won, so that strengths have no maximum likelihood")
    strength = np.ones_like(won)
    for _ in range(most_iterations):
        together = strength[..., :, None] + strength[..., None, :]
        updated = won / (n_games / together).sum(axis=-1)
        updated /= np.exp(np.log(updated).mean(axis=-1, keepdims=True))
        change = np.abs(np.log(updated / strength)).max()
        strength = updated
        if change < tolerance:
            return np.asarray(np.log(strength))
    raise ValueError(f"no convergence to {tolerance:g} in {most_iterations:,} steps")


def elo_ratings(
    tables: Sequence[NDArray[np.float64]], *, seed: int, n_draws: int = 200
) -> list[Elo]:
    """Return the Elo ratings of candidates that met on several datasets, with intervals.

    Parameters
    ----------
    tables : sequence of ndarray of shape (n_candidates, n_splits)
        One for each dataset, higher is better. The better mean wins.
    seed : int
    n_draws : int, default=200
        Of the two-level bootstrap: datasets with replacement, then the splits
        of each with replacement, the same ones for all candidates.
    """
    import numpy as np

    rng = np.random.default_rng(seed)
    draws = [_wins([table.mean(axis=1) for table in tables])]
    for _ in range(n_draws):
        chosen = [tables[k] for k in rng.integers(len(tables), size=len(tables))]
        splits = [rng.integers(t.shape[1], size=t.shape[1]) for t in chosen]
        draws.append(_wins([t[:, s].mean(axis=1) for t, s in zip(chosen, splits, strict=True)]))
    strength = bradley_terry(np.stack(draws), tolerance=1e-6)
    elo = MEAN_ELO + 400 / math.log(10) * strength
    low, high = np.quantile(elo[1:], [0.025, 0.975], axis=0)
    return [Elo(*map(float, row)) for row in zip(elo[0], low, high, strict=True)]


def _wins(means: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    """Return wins of rows over columns, ties counted half, with the virtual ties."""
    import numpy as np

    table = np.stack(means)
    ahead = (table[:, :, None] > table[:, None, :]).sum(axis=0)
    level = (table[:, :, None] == table[:, None, :]).sum(axis=0)
    wins = ahead + level / 2 + VIRTUAL_TIES / 2
    np.fill_diagonal(wins, 0.0)
    return np.asarray(wins)
