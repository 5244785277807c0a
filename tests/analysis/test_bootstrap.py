"""Figures at other weights against those that are worked out from the weighted rows."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from bench.analysis.bootstrap import build_resampling
from bench.analysis.scoring import score_splits
from bench.domain import Candidate
from bench.metrics import METRICS

GOOD, POOR = Candidate("catboost"), Candidate("logistic")


@pytest.fixture
def scored(make_run, make_result):
    """Two candidates on two folds of 600 rows each, every row in one fold."""
    run = make_run([GOOD, POOR], folds=2)
    rng = np.random.default_rng(0)
    y = (rng.random(1200) < 0.3).astype(np.int8)
    noise = rng.normal(size=1200)
    results = {}
    for job in run.jobs:
        rows = np.arange(600) + 600 * job.split.fold
        gain = 1.2 if job.candidate == GOOD else 0.8
        margin = gain * y[rows] + noise[rows] + 0.5 * rng.normal(size=600)
        result = make_result(job, y[rows], 1 / (1 + np.exp(1 - margin)))
        result.predictions.rows[:] = rows
        results[job.id] = result
    return score_splits(run, results, METRICS)


@pytest.mark.parametrize("metric", ["roc_auc", "brier", "f1", "average_precision", "empc"])
def test_without_new_weights_figures_are_those_of_the_board(scored, metric):
    resampling = build_resampling(scored, [GOOD, POOR], metric=metric)

    for k, influence in enumerate(resampling.influences):
        expected = [scored[c][k].values[metric] for c in (GOOD, POOR)]
        assert influence.value == pytest.approx(expected, abs=1e-12)


def test_ties_are_counted_half(make_run, make_result):
    run = make_run([GOOD, POOR], folds=2)
    rng = np.random.default_rng(2)
    y = (rng.random(300) < 0.3).astype(np.int8)
    results = {
        job.id: make_result(job, y, np.round(0.3 * y + 0.7 * rng.random(300), 1))
        for job in run.jobs
    }
    scored = score_splits(run, results, METRICS)

    influences = build_resampling(scored, [GOOD, POOR], metric="roc_auc").influences

    for k, influence in enumerate(influences):
        for row, candidate in enumerate((GOOD, POOR)):
            p = scored[candidate][k].predictions
            assert influence.value[row] == pytest.approx(roc_auc_score(p.y, p.score), abs=1e-12)
            # A placement is the share of the other class that a row is on the right side of.
            below = p.score[p.y == 1][:, None] - p.score[p.y == 0]
            placed = ((below > 0) + (below == 0) / 2).mean(axis=1) - influence.value[row]
            of_negatives = ((below > 0) + (below == 0) / 2).mean(axis=0) - influence.value[row]
            assert influence.strata[0][1][row] == pytest.approx(placed, abs=1e-6)
            assert influence.strata[1][1][row] == pytest.approx(of_negatives, abs=1e-6)


def test_a_reweighted_roc_auc_is_the_exact_one_to_a_tenth_of_its_noise(scored):
    resampling = build_resampling(scored, [GOOD, POOR], metric="roc_auc")
    weights = np.random.default_rng(1).poisson(1.0, (resampling.n_units, 40)).astype(np.float32)

    for k, influence in enumerate(resampling.influences):
        at = influence.at(weights)
        for row, candidate in enumerate((GOOD, POOR)):
            p = scored[candidate][k].predictions
            exact = [
                roc_auc_score(p.y, p.score, sample_weight=weights[p.rows, b]) for b in range(40)
            ]
            assert np.abs(at[row] - exact).max() < 0.3 * np.std(exact)
            assert np.std(at[row] - exact) < 0.1 * np.std(exact)


def test_a_draw_without_a_class_has_no_figure(scored):
    resampling = build_resampling(scored, [GOOD, POOR], metric="roc_auc")
    weights = np.ones((resampling.n_units, 1), dtype=np.float32)
    p = scored[GOOD][0].predictions
    weights[p.rows[p.y == 1]] = 0

    assert np.isnan(resampling.influences[0].at(weights)).all()
    assert np.isfinite(resampling.influences[1].at(weights)).all()


def test_groups_move_a_mean_over_rows_as_much_as_rows_do(scored):
    # The Brier score is such a mean: its error over draws is σ / √n.
    resampling = build_resampling(scored, [GOOD], metric="brier")
    rng = np.random.default_rng(2)
    weights = rng.standard_exponential((resampling.n_units, 4000), dtype=np.float32)

    p = scored[GOOD][0].predictions
    loss = (p.score - p.y) ** 2
    drawn = resampling.influences[0].at(weights)[0]
    assert drawn.mean() == pytest.approx(loss.mean(), abs=3 * drawn.std() / 4000**0.5)
    assert drawn.std() == pytest.approx(loss.std() / loss.size**0.5, rel=0.4)


def test_draws_are_seeded_by_what_was_run(scored):
    one = build_resampling(scored, [GOOD, POOR], metric="roc_auc")
    again = build_resampling(scored, [POOR, GOOD], metric="roc_auc")
    other = build_resampling(scored, [GOOD], metric="roc_auc")

    assert one.seed == again.seed != other.seed
