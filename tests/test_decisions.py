"""Thresholds against brute force, and cross-fitting against fitting by hand."""

from __future__ import annotations

import numpy as np
import pytest
import sklearn.metrics as sk

from bench.decisions import (
    Confusion,
    confusion,
    cross_fitted_thresholds,
    cumulative_counts,
    locked,
    predictions_at,
    ranks_alike,
    threshold_by_f1,
)


def draw(seed: int, n: int = 200, n_levels: int = 40):
    rng = np.random.default_rng(seed)
    y = (rng.random(n) < 0.3).astype(np.int8)
    return y, np.round((rng.random(n) + 0.4 * y) * n_levels) / n_levels


def test_confusion_counts_equal_scikit_learn():
    y, score = draw(0)

    tn, fp, fn, tp = sk.confusion_matrix(y, score >= 0.6).ravel()

    assert confusion(y, predictions_at(score, 0.6)) == Confusion(tp=tp, fp=fp, fn=fn, tn=tn)


def test_a_score_at_the_threshold_is_predicted_positive():
    assert predictions_at([0.1, 0.5, 0.9], 0.5).tolist() == [0, 1, 1]


def test_cumulative_counts_hold_one_entry_per_distinct_score():
    cuts, tp, fp = cumulative_counts([1, 0, 1, 0], [0.5, 0.9, 0.5, 0.1])

    assert cuts.tolist() == [0.9, 0.5, 0.1]
    assert tp.tolist() == [0, 2, 2]
    assert fp.tolist() == [1, 1, 2]


def test_counts_are_remembered_of_the_same_locked_arrays_only():
    score = locked(np.array([0.9, 0.5, 0.1]))
    first = cumulative_counts(locked(np.array([1, 0, 1])), score)
    other = cumulative_counts(locked(np.array([0, 1, 1])), score)

    assert first[1].tolist() == [1, 1, 2]
    assert other[1].tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    ("score", "other", "expected"),
    [
        ([0.9, 0.5, 0.5, 0.1], [3.0, 2.0, 2.0, 1.0], True),
        ([0.9, 0.5, 0.5, 0.1], [3.0, 2.0, 1.5, 1.0], False),  # a tie is broken
        ([0.9, 0.5, 0.4, 0.1], [3.0, 2.0, 2.0, 1.0], False),  # a tie is made
        ([0.9, 0.5, 0.5, 0.1], [1.0, 2.0, 2.0, 3.0], False),  # the other way round
        ([0.1, 0.5, 0.5, 0.9], [1.0, 2.0, 2.0, 3.0], False),  # neither descends
    ],
)
def test_scores_rank_alike_where_their_ties_are_in_the_same_places(score, other, expected):
    assert ranks_alike(np.array(score), np.array(other)) is expected


def test_arrays_that_change_are_counted_anew():
    y, score = np.array([1, 0, 1]), np.array([0.9, 0.5, 0.1])
    cumulative_counts(y, score)
    y[:] = [0, 1, 1]

    assert cumulative_counts(y, score)[1].tolist() == [0, 1, 2]


@pytest.mark.parametrize("seed", range(20))
def test_no_other_threshold_has_a_better_f1(seed):
    y, score = draw(seed)

    threshold = threshold_by_f1(y, score)

    best = max(sk.f1_score(y, score >= cut) for cut in np.unique(score))
    assert sk.f1_score(y, score >= threshold) == pytest.approx(best, abs=1e-12)


def test_the_threshold_lies_midway_between_neighbouring_scores():
    assert threshold_by_f1([0, 0, 1, 1], [0.1, 0.2, 0.6, 0.9]) == pytest.approx(0.4)


def test_of_equally_good_thresholds_the_highest_is_taken():
    # F1 is 2/3 at .9 (1 of 2 found, none wrong) and at .5 (2 found, 2 wrong).
    y, score = [1, 0, 0, 1, 0, 0], [0.9, 0.8, 0.7, 0.5, 0.2, 0.1]

    assert threshold_by_f1(y, score) == pytest.approx(0.85)
    assert threshold_by_f1(y[::-1], score[::-1]) == pytest.approx(0.85)


def test_the_threshold_separates_even_neighbouring_floats():
    first = 0.3
    second = np.nextafter(first, 1)
    third = np.nextafter(second, 1)

    # The exact middle is rounded down in one of the two pairs.
    for low, high in ((first, second), (second, third)):
        assert low < threshold_by_f1([0, 1], [low, high]) <= high


@pytest.mark.parametrize(
    ("score", "expected"),
    [([0.3, 0.3, 0.3], 0.0), ([-1.0, -1.0, -1.0], -2.0), ([1.0, -3.0, -1.0], -7.0)],
)
def test_predicting_everybody_sets_a_threshold_below_unseen_scores_too(score, expected):
    assert threshold_by_f1([0, 1, 1], score) == expected


def test_a_single_class_is_refused():
    with pytest.raises(ValueError, match=r"^y_true holds a single class, expected both$"):
        threshold_by_f1([0, 0], [0.1, 0.2])


def test_each_fold_gets_the_threshold_of_all_the_others():
    folds = [draw(seed, n=50 + seed, n_levels=1000) for seed in range(5)]

    thresholds = cross_fitted_thresholds(folds)

    for i, threshold in enumerate(thresholds):
        others = [fold for j, fold in enumerate(folds) if j != i]
        y = np.concatenate([y for y, _ in others])
        score = np.concatenate([score for _, score in others])
        assert threshold == threshold_by_f1(y, score)


def test_a_fold_s_own_labels_cannot_move_its_threshold():
    folds = [draw(seed) for seed in range(3)]
    y, score = folds[1]

    before = cross_fitted_thresholds(folds)
    after = cross_fitted_thresholds([folds[0], (1 - y, score[::-1]), folds[2]])

    assert after[1] == before[1]
    assert after[0] != before[0]


def test_a_rule_of_one_s_own_can_choose_the_thresholds():
    folds = [([0, 1], [0.1, 0.2]), ([0, 1], [0.5, 0.7])]

    assert cross_fitted_thresholds(folds, lambda y, score: max(score)) == [0.7, 0.2]


def test_one_fold_alone_cannot_be_cross_fitted():
    with pytest.raises(ValueError, match=r"^1 fold\(s\) given, cross-fitting needs at least 2$"):
        cross_fitted_thresholds([draw(0)])


def test_folds_with_labels_and_scores_of_different_lengths_are_refused():
    folds = [([0, 1], [0.1]), ([0], [0.5, 0.7])]

    with pytest.raises(ValueError, match=r"^the labels and scores of a fold differ in length$"):
        cross_fitted_thresholds(folds)
