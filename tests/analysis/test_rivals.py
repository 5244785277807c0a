"""Which rows a metric cannot tell apart, checked against what scoring makes of them."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import pytest

from bench.analysis import build_leaderboard
from bench.analysis.effects import values_of
from bench.analysis.rivals import rivals
from bench.analysis.scoring import score_splits
from bench.domain import Candidate
from bench.metrics import METRICS

RAW = Candidate("lightgbm")
BY_COST, BY_MCC = replace(RAW, decision="cost"), replace(RAW, decision="mcc")
SIGMOID = replace(RAW, repair="sigmoid")
BOTH = replace(SIGMOID, decision="cost")
ROWS = (RAW, BY_COST, BY_MCC, SIGMOID, BOTH)


@pytest.mark.parametrize(
    ("metric", "kept"),
    [
        ("roc_auc", {RAW}),
        ("empc", {RAW}),
        ("brier", {RAW, SIGMOID}),
        ("ece", {RAW, SIGMOID}),
        ("savings", {RAW, SIGMOID}),
        ("f1_at_05", {RAW, SIGMOID}),
        ("f1", {RAW, BY_COST, BY_MCC, BOTH}),
    ],
)
def test_of_rows_that_share_a_figure_the_plainest_is_a_rival(metric, kept, make_run, make_results):
    run = make_run([RAW])
    run = replace(run, experiment=replace(run.experiment, candidates=ROWS))
    chosen = METRICS.lookup(metric)
    scored = score_splits(run, make_results(run, {RAW: 1.0}), [chosen])

    found = rivals(ROWS, chosen)

    assert found == kept
    figures = {row: values_of(scored[row], metric) for row in ROWS}
    if metric != "savings":  # there are no economics here
        assert all(len(values) == 5 for values in figures.values())
        assert all(figures[a] != figures[b] for a, b in combinations(sorted(found), 2))
        assert all(any(figures[row] == figures[one] for one in found) for row in ROWS)


def test_a_row_whose_twin_took_no_part_stands_for_itself():
    assert rivals([BOTH], METRICS.lookup("roc_auc")) == {BOTH}
    assert rivals([BY_COST, BY_MCC], METRICS.lookup("brier")) == {BY_COST}


def test_ties_of_isotonic_regression_move_thresholds_of_a_capacity_and_not_that_of_f1():
    by_capacity = replace(RAW, decision="capacity-10")
    tied = [replace(row, repair="isotonic") for row in (RAW, BY_MCC, by_capacity)]

    found = rivals([RAW, BY_MCC, by_capacity, *tied], METRICS.lookup("f1"))

    assert found == {RAW, BY_MCC, by_capacity, tied[-1]}


def test_decision_rules_do_not_split_the_chance_to_have_the_best_probabilities(
    make_run, make_results
):
    other = Candidate("logistic")
    run = make_run([RAW, other])
    results = make_results(run, {RAW: 1.01, other: 1.0})
    more = replace(run, experiment=replace(run.experiment, candidates=(*ROWS, other)))

    alone, beside = (build_leaderboard(r, results, rank_by="brier") for r in (run, more))

    assert {row.candidate for row in beside.rows if row.rank} == {RAW, SIGMOID, other}
    assert not any(row.rank for row in beside.rows if row.candidate in (BY_COST, BY_MCC))
    assert {row.candidate for row in alone.rows if row.rank} == {RAW, other}
