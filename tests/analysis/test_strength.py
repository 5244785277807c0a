"""Bradley–Terry strengths against closed forms and their own likelihood equations."""

from __future__ import annotations

import math

import numpy as np
import pytest

from bench.analysis.strength import MEAN_ELO, bradley_terry, elo_ratings


def test_two_players_differ_by_the_log_odds_of_their_wins():
    strength = bradley_terry(np.array([[0.0, 9.0], [3.0, 0.0]]))

    assert strength[0] - strength[1] == pytest.approx(math.log(3), abs=1e-8)
    assert strength.sum() == pytest.approx(0.0, abs=1e-12)


def test_expected_wins_equal_observed_wins_at_the_maximum_likelihood():
    rng = np.random.default_rng(0)
    wins = rng.integers(1, 12, size=(6, 6)).astype(float)
    np.fill_diagonal(wins, 0.0)

    strength = bradley_terry(wins)

    chance = 1 / (1 + np.exp(strength[None, :] - strength[:, None]))
    expected = (chance * (wins + wins.T)).sum(axis=1)
    assert expected == pytest.approx(wins.sum(axis=1), abs=1e-6)


def test_many_tables_at_once_are_each_solved_alone():
    wins = np.random.default_rng(1).integers(1, 9, size=(3, 4, 4)).astype(float)
    wins[:, range(4), range(4)] = 0.0

    together = bradley_terry(wins)

    for table, strength in zip(wins, together, strict=True):
        assert strength == pytest.approx(bradley_terry(table), abs=1e-6)


def test_somebody_who_never_won_has_no_strength():
    with pytest.raises(
        ValueError,
        match=r"^somebody never won, so that strengths have no maximum likelihood$",
    ):
        bradley_terry(np.array([[0.0, 2.0], [0.0, 0.0]]))


def test_steps_that_do_not_end_are_said_not_to():
    wins = np.array([[0.0, 9.0, 1.0], [1.0, 0.0, 7.0], [1.0, 2.0, 0.0]])

    with pytest.raises(ValueError, match=r"^no convergence to 1e-12 in 2 steps$"):
        bradley_terry(wins, tolerance=1e-12, most_iterations=2)


def test_elo_of_two_is_anchored_and_tells_the_wins_with_the_virtual_tie():
    # Ahead on all of five datasets: 5.5 wins against .5, so 400 · log10(11) apart.
    rng = np.random.default_rng(2)
    tables = [np.stack([np.full(5, 0.9), np.full(5, 0.8)]) + 0.001 * rng.random() for _ in range(5)]

    first, second = elo_ratings(tables, seed=0)

    assert first.rating - second.rating == pytest.approx(400 * math.log10(11), abs=0.01)
    assert first.rating + second.rating == pytest.approx(2 * MEAN_ELO)
    assert (first.low, first.high) == pytest.approx((first.rating, first.rating), abs=0.01)


def test_intervals_are_wide_where_datasets_disagree_and_depend_on_the_seed_only():
    rng = np.random.default_rng(3)
    tables = [np.array([[0.8], [0.8]]) + 0.02 * rng.normal(size=(2, 5)) for _ in range(6)]

    first, second = elo_ratings(tables, seed=7)

    assert first.low < MEAN_ELO < first.high or second.low < MEAN_ELO < second.high
    assert first.high - first.low > 100
    assert elo_ratings(tables, seed=7) == [first, second]
