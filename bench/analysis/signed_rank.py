"""Two candidates over several datasets, one mean difference from each: signed-rank tests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

PRIOR_STRENGTH = 0.5
"""Weight of the one imagined dataset on which the two are equal; a real one weighs 1."""


def wilcoxon_p_value(differences: ArrayLike) -> float:
    """Return the exact two-sided p-value of Wilcoxon's signed-rank test.

    Parameters
    ----------
    differences : array-like of shape (n_datasets,)
        Zeros say nothing and are left out; equal magnitudes share their rank.

    Returns
    -------
    float
        The share of all 2ⁿ ways to sign the ranks whose sum is at least as far
        from its middle as the one observed; never below 2 / 2ⁿ.
    """
    import numpy as np

    values = np.asarray(differences, dtype=np.float64)
    values = values[values != 0]
    if not values.size:
        return 1.0
    # Twice the ranks are whole numbers, ties or not.
    magnitude = np.abs(values)
    below = (magnitude[:, None] > magnitude).sum(axis=1)
    doubled = 2 * below + (magnitude[:, None] == magnitude).sum(axis=1) + 1
    observed = int(doubled[values > 0].sum())
    total = int(doubled.sum())
    share = np.zeros(total + 1)
    share[0] = 1.0
    for rank in doubled:
        moved = np.zeros_like(share)
        moved[rank:] = share[: share.size - rank]
        share = (share + moved) / 2
    distance = np.abs(2 * np.arange(total + 1) - total)
    return min(1.0, float(share[distance >= abs(2 * observed - total)].sum()))


@dataclass(frozen=True)
class SignedRankPosterior:
    """How likely the first of two is better, practically the same, or worse on a new dataset."""

    better: float
    same: float
    worse: float


def bayesian_signed_rank(
    differences: ArrayLike, *, rope: float, seed: int, n_draws: int = 20_000
) -> SignedRankPosterior:
    """Return the posterior of the Bayesian signed-rank test with a region of equivalence.

    Parameters
    ----------
    differences : array-like of shape (n_datasets,)
        First minus second, higher is better.
    rope : float
        Differences within ±``rope`` do not matter.
    seed : int
    n_draws : int, default=20,000
        The Monte Carlo error is at most .004.

    Notes
    -----
    The datasets are a sample from a Dirichlet process whose prior is one
    imagined dataset without a difference. A draw of their weights w gives
    θ = Σᵢⱼ wᵢ wⱼ [(zᵢ + zⱼ)/2 beyond, within or below the region]; what is
    returned is how often each of the three is the largest. Benavoli, Corani,
    Mangili & Zaffalon (2014), ICML; Benavoli, Corani, Demšar & Zaffalon (2017),
    "Time for a change", Journal of Machine Learning Research 18(77).
    """
    import numpy as np

    z = np.append(0.0, np.asarray(differences, dtype=np.float64))
    mean = (z[:, None] + z) / 2
    rng = np.random.default_rng(seed)
    weights = rng.dirichlet([PRIOR_STRENGTH, *([1.0] * (z.size - 1))], size=n_draws)
    better = _pair_share(weights, mean > rope)
    worse = _pair_share(weights, mean < -rope)
    theta = np.stack([better, 1 - better - worse, worse])
    is_largest = theta >= theta.max(axis=0) - 1e-12
    share = (is_largest / is_largest.sum(axis=0)).mean(axis=1)
    return SignedRankPosterior(*map(float, share))


def _pair_share(weights: NDArray[np.float64], is_in: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return Σᵢⱼ wᵢ wⱼ [is_in] for every draw."""
    product: NDArray[np.float64] = ((weights @ is_in.astype(float)) * weights).sum(axis=1)
    return product
