"""The stability of chosen columns, against formulas worked by hand, Kuncheva and the jackknife."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pytest

from bench.analysis.stability import selection_stability


def kuncheva(sets: Sequence[set[int]], n_features: int) -> float:
    """Return Kuncheva's index (2007): mean over pairs of (r·d − k²) / (k (d − k))."""
    k = len(sets[0])
    return float(
        np.mean(
            [
                (len(a & b) * n_features - k**2) / (k * (n_features - k))
                for a, b in combinations(sets, 2)
            ]
        )
    )


def matrix(sets: Sequence[set[int]], n_features: int) -> list[list[bool]]:
    return [[feature in chosen for feature in range(n_features)] for chosen in sets]


def test_stability_is_nogueiras_worked_by_hand() -> None:
    # Three sets among four columns: {0, 1}, {0, 1}, {0, 2}; shares 1, 2/3, 1/3, 0.
    # Variances 3/2 · p (1 − p): 0, 1/3, 1/3, 0, mean 1/6; by chance 1/2 · 1/2; 1 − 4/6.
    found = selection_stability(matrix([{0, 1}, {0, 1}, {0, 2}], 4))
    assert found is not None
    assert found[0] == pytest.approx(1 / 3, abs=1e-12)


def test_its_interval_is_the_one_worked_by_hand() -> None:
    # {0}, {1}, {0, 1, 2} among four: shares 2/3, 2/3, 1/3, 0, mean κ = 5/12, κ (1 − κ) = 35/144.
    # Φ = 1 − (3/4 · 1/3) · 144/35 = −1/35. Times 35/144, with 2κkᵢ/d − kᵢ/d − κ + 1 at the end:
    # {0}, {1}:  1/6  − 5/48  − 1/70 · 13/24 =  92/1680
    # {0, 1, 2}: 5/12 − 15/48 − 1/70 · 11/24 = 164/1680
    # Φ_i lie 144/35 · 72/1680 = 216/1225 apart; the variance is 4/9 · 2/3 of its square.
    found = selection_stability(matrix([{0}, {1}, {0, 1, 2}], 4))
    assert found is not None
    half = 1.959963984540054 * np.sqrt(8 / 27) * 216 / 1225
    assert found == pytest.approx((-1 / 35, -1 / 35 - half, -1 / 35 + half), abs=1e-12)


@pytest.mark.parametrize("k", [2, 5, 9])
def test_at_a_fixed_number_of_columns_it_is_kunchevas_index(k: int) -> None:
    random = np.random.default_rng(k)
    sets = [set(random.choice(12, size=k, replace=False).tolist()) for _ in range(7)]
    found = selection_stability(matrix(sets, 12))
    assert found is not None
    assert found[0] == pytest.approx(kuncheva(sets, 12), abs=1e-12)


def test_equal_sets_are_perfectly_stable() -> None:
    assert selection_stability(matrix([{1, 3}] * 4, 6)) == (1.0, 1.0, 1.0)


def test_random_sets_are_around_0_and_the_interval_covers_it_as_it_should() -> None:
    random = np.random.default_rng(0)
    found = [selection_stability(random.random((40, 30)) < 0.4) for _ in range(300)]
    values = np.array([interval for interval in found if interval is not None])
    assert abs(values[:, 0].mean()) < 0.003
    covered = float(np.mean((values[:, 1] <= 0) & (values[:, 2] >= 0)))
    assert 0.9 <= covered <= 1.0


@pytest.mark.parametrize("sets", [[{0, 1}], [{0, 1, 2}] * 3, [set()] * 3], ids=str)
def test_a_single_set_or_all_or_no_columns_say_nothing(sets: list[set[int]]) -> None:
    assert selection_stability(matrix(sets, 3)) is None


def test_the_error_is_that_of_leaving_selections_out_one_by_one() -> None:
    # The delta method and the jackknife agree where there are many; sizes differ here.
    random = np.random.default_rng(4)
    Z = (random.random((200, 12)) < np.array([0.9, 0.3] + [0.05] * 10)).astype(float)
    found = selection_stability(Z)
    left_out = [selection_stability(np.delete(Z, k, axis=0)) for k in range(200)]
    values = np.array([one[0] for one in left_out if one is not None])

    jackknife = (199 * values.var()) ** 0.5

    assert found is not None
    assert (found[2] - found[0]) / 1.959964 == pytest.approx(jackknife, rel=0.02)


def test_no_bound_is_above_1() -> None:
    # {0, 1} five times and {0, 2} once of 12: the interval would end at 1.04.
    found = selection_stability(matrix([{0, 1}] * 5 + [{0, 2}], 12))

    assert found is not None
    assert found[0] < found[2] == 1.0
