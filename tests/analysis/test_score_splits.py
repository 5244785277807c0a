"""Figures per split against the same figures worked out from the stored scores."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import sklearn.metrics as sk

from bench.analysis.scoring import score_splits, split_ratio
from bench.campaigns import best_fraction, customer_clvs, find_stakes
from bench.decisions import threshold_by_f1
from bench.domain import Candidate
from bench.metrics import METRICS
from bench.repairs import REPAIRS, correct_prior
from bench.rules import parse_decision

ONE = Candidate("lightgbm")


def test_a_threshold_comes_from_the_other_folds_of_the_same_repeat_only(make_run, make_results):
    run = make_run([ONE], folds=3, repeats=2)
    results = make_results(run, {ONE: 1.0})

    splits = score_splits(run, results, METRICS)[ONE]

    for scored in splits:
        others = [
            results[job.id].predictions
            for job in run.jobs
            if job.split.repeat == scored.split.repeat and job.split.fold != scored.split.fold
        ]
        expected = threshold_by_f1(
            np.concatenate([p.y for p in others]), np.concatenate([p.score for p in others])
        )
        assert scored.threshold == expected
        mine = scored.predictions
        assert scored.values["f1"] == pytest.approx(sk.f1_score(mine.y, mine.score >= expected))


def test_a_lonely_fold_has_no_threshold_and_no_decisions(make_run, make_results):
    run = make_run([ONE], folds=3)
    results = make_results(run, {ONE: 1.0})
    first = run.jobs[0]

    (scored,) = score_splits(run, {first.id: results[first.id]}, METRICS)[ONE]

    assert scored.threshold is None
    assert "f1" not in scored.values
    assert "f1_at_05" in scored.values


def test_failed_and_missing_folds_are_left_out_of_the_thresholds(make_run, make_results, fail):
    run = make_run([ONE], folds=4)
    results = make_results(run, {ONE: 1.0})
    ids = [job.id for job in run.jobs]
    results[ids[1]] = fail(results[ids[1]])
    del results[ids[2]]

    scored = score_splits(run, results, METRICS)[ONE]

    assert [s.split.fold for s in scored] == [0, 3]
    other = results[ids[3]].predictions
    assert scored[0].threshold == threshold_by_f1(other.y, other.score)


def test_a_failed_job_is_not_scored_even_where_it_left_predictions(make_run, make_results):
    run = make_run([ONE], folds=3)
    results = make_results(run, {ONE: 1.0})
    first = results[run.jobs[0].id]
    results[run.jobs[0].id] = replace(first, record=replace(first.record, status="failed"))

    scored = score_splits(run, results, METRICS)[ONE]

    assert [s.split.fold for s in scored] == [1, 2]


def test_results_of_other_runs_are_passed_over(make_run, make_results):
    run = make_run([ONE])
    stranger = make_run([Candidate("xgboost")])

    scored = score_splits(run, make_results(stranger, {Candidate("xgboost"): 1.0}), METRICS)

    assert scored == {ONE: ()}


def test_the_ratio_of_five_folds_is_a_quarter(make_run):
    assert split_ratio(make_run([ONE], folds=5)) == 0.25


# --- repairs --------------------------------------------------------------------------


def twisted(results, *, slope=2.0, shift=1.0):
    """Return results whose probabilities are too extreme and too high."""

    def twist(p):
        return 1 / (1 + np.exp(-(slope * np.log(p / (1 - p)) + shift)))

    return {
        job_id: replace(r, predictions=replace(r.predictions, score=twist(r.predictions.score)))
        for job_id, r in results.items()
    }


@pytest.mark.parametrize("repair", ["sigmoid", "isotonic", "temperature"])
def test_a_repair_is_fitted_on_the_other_folds_of_the_repeat_only(make_run, make_results, repair):
    run = make_run([ONE], folds=3, repeats=2)
    results = twisted(make_results(run, {ONE: 1.0}))
    repaired = replace(ONE, repair=repair)
    run = with_rows(run, repaired)

    splits = score_splits(run, results, METRICS)[repaired]

    for scored in splits:
        others = [
            results[job.id].predictions
            for job in run.jobs
            if job.split.repeat == scored.split.repeat and job.split.fold != scored.split.fold
        ]
        fitted = REPAIRS.lookup(repair).fit(
            np.concatenate([p.y for p in others]),
            np.concatenate([p.score for p in others]),
            "probability",
        )
        mine = next(results[job.id].predictions for job in run.jobs if job.split == scored.split)
        assert scored.predictions.score == pytest.approx(fitted(mine.score), abs=1e-9)
        assert scored.values["brier"] == pytest.approx(
            sk.brier_score_loss(mine.y, fitted(mine.score))
        )


def test_a_repair_brings_the_brier_score_down_and_leaves_the_ranking(make_run, make_results):
    run = make_run([ONE], folds=5)
    results = twisted(make_results(run, {ONE: 1.0}))
    repaired = replace(ONE, repair="sigmoid")

    scored = score_splits(with_rows(run, ONE, repaired), results, METRICS)

    for before, after in zip(scored[ONE], scored[repaired], strict=True):
        assert after.values["brier"] < before.values["brier"] - 0.02
        assert after.values["roc_auc"] == before.values["roc_auc"]


def test_rows_of_one_fit_have_the_figures_that_each_would_have_alone(make_run, make_results):
    run = make_run([ONE], folds=4)
    results = twisted(make_results(run, {ONE: 1.0}))
    rows = [
        replace(ONE, repair=repair, decision=decision)
        for repair in ("none", "sigmoid", "isotonic", "temperature")
        for decision in ("f1", "mcc", "capacity-10")
    ]

    together = score_splits(with_rows(run, *rows), results, METRICS)

    for row in rows:
        alone = score_splits(with_rows(run, row), results, METRICS)[row]
        for mine, other in zip(together[row], alone, strict=True):
            assert mine.threshold == other.threshold
            assert mine.values == pytest.approx(other.values, abs=1e-12)


def test_a_repair_that_turns_the_ranking_round_has_figures_of_its_own(make_run, make_results):
    run = make_run([ONE], folds=3)
    results = make_results(run, {ONE: -3.0})  # the higher the score, the fewer churn
    repaired = replace(ONE, repair="sigmoid")

    scored = score_splits(with_rows(run, ONE, repaired), results, METRICS)

    for before, after in zip(scored[ONE], scored[repaired], strict=True):
        mine = after.predictions
        assert before.values["roc_auc"] < 0.4
        assert after.values["roc_auc"] == pytest.approx(sk.roc_auc_score(mine.y, mine.score))
        assert after.values["roc_auc"] == pytest.approx(1 - before.values["roc_auc"])


def test_a_repaired_score_is_a_probability(make_run, make_result):
    svm = Candidate("svm-rbf")
    repaired = replace(svm, repair="sigmoid")
    run = make_run([svm], folds=2)
    margins = np.linspace(-2, 2, 40)
    results = {job.id: make_result(job, [0, 1] * 20, margins, outputs="score") for job in run.jobs}

    scored = score_splits(with_rows(run, svm, repaired), results, METRICS)

    assert "brier" not in scored[svm][0].values
    assert "brier" in scored[repaired][0].values
    assert scored[repaired][0].record.outputs == "probability"


def test_a_study_is_repaired_on_its_own_inner_scores(make_run, make_result):
    study = Candidate("lightgbm", "none", "optuna", repair="sigmoid")
    run = with_rows(make_run([study.fitted], folds=2), study)
    random = np.random.default_rng(0)
    results = {}
    for job in run.jobs:
        y = random.integers(0, 2, 60)
        inner = (y, np.clip(0.5 * y + 0.4 * random.random(60), 0.01, 0.99))
        results[job.id] = make_result(job, [0, 1, 0, 1], [0.2, 0.4, 0.6, 0.8], inner=inner)

    for scored in score_splits(run, results, METRICS)[study]:
        stored = next(results[j.id].predictions for j in run.jobs if j.split == scored.split)
        fitted = REPAIRS.lookup("sigmoid").fit(stored.inner_y, stored.inner_score, "probability")
        assert scored.predictions.score == pytest.approx(fitted(stored.score))
        threshold = threshold_by_f1(stored.inner_y, fitted(stored.inner_score))
        assert scored.threshold == pytest.approx(threshold)


def test_prior_repair_needs_no_other_fold(make_run, make_result):
    weighted = Candidate("lightgbm", "class-weight", repair="prior")
    run = with_rows(make_run([weighted.fitted], folds=2), weighted)
    first = run.jobs[0]
    result = make_result(first, [0, 1, 0, 1], [0.2, 0.5, 0.6, 0.8], learned_prevalence=0.5)

    (scored,) = score_splits(run, {first.id: result}, METRICS)[weighted]

    expected = correct_prior([0.2, 0.5, 0.6, 0.8], learned=0.5, true=0.3)
    assert scored.predictions.score == pytest.approx(expected)


def test_a_lonely_fold_is_left_out_where_a_repair_has_nothing_to_be_fitted_on(
    make_run, make_results
):
    repaired = replace(ONE, repair="sigmoid")
    run = make_run([ONE], folds=3)
    results = make_results(run, {ONE: 1.0})
    first = run.jobs[0].id

    scored = score_splits(with_rows(run, repaired), {first: results[first]}, METRICS)

    assert scored == {repaired: ()}


# --- decisions and campaigns ----------------------------------------------------------


def test_every_rule_is_fitted_on_the_other_folds(make_run, make_results):
    rows = [replace(ONE, decision=d) for d in ("mcc", "capacity-20", "precision-50", "recall-90")]
    run = make_run([ONE], folds=3)
    results = make_results(run, {ONE: 1.0})

    scored = score_splits(with_rows(run, *rows), results, METRICS)

    for row in rows:
        for k, split in enumerate(scored[row]):
            others = [results[job.id].predictions for i, job in enumerate(run.jobs) if i != k]
            expected = parse_decision(row.decision).fit(
                np.concatenate([p.y for p in others]), np.concatenate([p.score for p in others])
            )
            assert split.threshold == expected
            mine = split.predictions
            assert split.values["recall"] == sk.recall_score(mine.y, mine.score >= expected)


def test_an_unreachable_target_is_said_and_nothing_falls_back(make_run, make_results):
    row = replace(ONE, decision="precision-99")
    run = make_run([ONE], folds=3)

    splits = score_splits(with_rows(run, row), make_results(run, {ONE: 0.5}), METRICS)[row]

    for split in splits:
        assert split.note == "a precision of 99 % is unreachable in 3 of 3 splits"
        assert split.threshold is None
        assert "f1" not in split.values
        assert "f1_at_05" in split.values


def test_one_split_without_a_threshold_leaves_the_decisions_of_all_blank(make_run, make_results):
    row = replace(ONE, decision="precision-80")
    run = make_run([ONE], folds=3)
    results = make_results(run, {ONE: 0.0})
    perfect = results[run.jobs[0].id]
    y = perfect.predictions.y
    results[run.jobs[0].id] = replace(
        perfect, predictions=replace(perfect.predictions, score=0.9999 * y + 0.00001)
    )

    splits = score_splits(with_rows(run, row), results, METRICS)[row]

    # The first fold's reference rows are poor, those of the others hold its perfect scores.
    assert {split.note for split in splits} == {
        "a precision of 80 % is unreachable in 1 of 3 splits"
    }
    assert all("f1" not in split.values for split in splits)


def test_the_cost_rule_decides_by_what_each_customer_is_worth(make_run, make_results):
    row = replace(ONE, decision="cost")
    run = make_run([ONE], folds=5)
    results = {
        job_id: replace(r, predictions=replace(r.predictions, rows=r.predictions.rows + 200 * k))
        for k, (job_id, r) in enumerate(make_results(run, {ONE: 1.0}).items())
    }
    values = np.linspace(1, 99, 1000)

    plain = score_splits(with_rows(run, row), results, METRICS)[row]
    valued = score_splits(with_rows(run, row), results, METRICS, values=values)[row]

    assert plain[0].threshold == valued[0].threshold == pytest.approx(11 / 67)
    for split in valued:
        clv = 200 * values[split.predictions.rows] / 50
        contacted = split.predictions.score >= 11 / (0.3 * (clv - 10) + 10)
        assert split.values["recall"] == sk.recall_score(split.predictions.y, contacted)
    assert "value_profit" in valued[0].values
    assert "value_profit" not in plain[0].values


def test_the_share_to_contact_is_chosen_on_the_other_folds(make_run, make_results):
    run = make_run([ONE], folds=3)
    results = make_results(run, {ONE: 1.0})

    for k, split in enumerate(score_splits(run, results, METRICS)[ONE]):
        others = [results[job.id].predictions for i, job in enumerate(run.jobs) if i != k]
        expected = best_fraction(
            np.concatenate([p.y for p in others]),
            np.concatenate([p.score for p in others]),
            run.facts.economics,
        )
        assert split.values["campaign_fraction"] == expected


@pytest.mark.parametrize("repair", ["none", "sigmoid"])
def test_the_share_to_contact_by_value_is_chosen_on_the_other_folds(make_run, make_results, repair):
    row = replace(ONE, repair=repair)
    run = make_run([ONE], folds=3)
    results = twisted(make_results(run, {ONE: 1.0}))
    values = np.random.default_rng(3).uniform(10, 120, 1000)
    clv, economics = customer_clvs(values, run.facts.economics), run.facts.economics

    scored = score_splits(with_rows(run, row), results, METRICS, values=values)[row]

    for k, split in enumerate(scored):
        others = [results[job.id].predictions for i, job in enumerate(run.jobs) if i != k]
        y = np.concatenate([p.y for p in others])
        score = np.concatenate([p.score for p in others])
        worth = clv[np.concatenate([p.rows for p in others])]
        if repair == "sigmoid":
            score = REPAIRS.lookup("sigmoid").fit(y, score, "probability")(score)
        stakes = find_stakes(y.size, economics, worth)
        earns = score * stakes.gain - (1 - score) * stakes.loss
        expected = best_fraction(y, earns, economics, worth)
        assert split.inputs.value_fraction == expected


def test_values_of_other_data_are_refused(make_run):
    with pytest.raises(ValueError, match=r"^7 values for 1000 customers$"):
        score_splits(make_run([ONE]), {}, METRICS, values=np.ones(7))


def with_rows(run, *rows):
    """Return a run whose board has other rows, made of the same fits."""
    return replace(run, experiment=replace(run.experiment, candidates=rows))
