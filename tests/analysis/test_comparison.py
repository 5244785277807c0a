"""Two runs against each other: pairing, verdicts by hand and scipy, what is refused."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from bench.analysis.comparison import Side, compare_runs
from bench.analysis.multiplicity import holm
from bench.analysis.statistics import corrected_unpaired_test
from bench.domain import Candidate, EvalProtocol, Skip, Stop
from bench.errors import UsageError
from bench.metrics import roc_auc
from bench.specs import EconomicsSpec

A, B, C, D = (Candidate(name) for name in ("catboost", "lightgbm", "logistic", "xgboost"))


def side(name, run, results):
    return Side(name, run, results)


def outcomes(comparison):
    return {row.candidate: row.outcome for row in comparison.rows}


def figures(run, results, candidate):
    return np.array(
        [
            roc_auc(results[job.id].predictions.y, results[job.id].predictions.score)
            for job in run.jobs
            if job.candidate == candidate
        ]
    )


def renumber(results, shift):
    """Return results whose test rows are other customers."""
    return {
        key: replace(
            result,
            predictions=replace(result.predictions, rows=result.predictions.rows + shift),
        )
        for key, result in results.items()
    }


def test_equal_predictions_are_identical_and_nothing_is_tested(make_run, make_results):
    run = make_run([A, B])
    results = make_results(run, {A: 1.5, B: 1.0})

    found = compare_runs(side("a", run, results), side("b", run, results), metric="roc_auc")

    assert outcomes(found) == {A: "identical", B: "identical"}
    assert all(row.p_value is None and row.difference == 0 for row in found.rows)
    assert found.is_paired
    assert found.n_splits == (5, 5)


def test_one_changed_score_is_not_identical(make_run, make_results):
    run = make_run([A])
    results = make_results(run, {A: 1.5})
    job_id = run.jobs[0].id
    score = results[job_id].predictions.score.copy()
    score[0] *= 1 + 1e-12
    changed = replace(
        results[job_id], predictions=replace(results[job_id].predictions, score=score)
    )

    found = compare_runs(
        side("a", run, results), side("b", run, results | {job_id: changed}), metric="roc_auc"
    )

    assert outcomes(found) == {A: "equivalent"}


def test_a_lone_candidate_has_the_corrected_paired_t_test_by_hand(make_run, make_results):
    run = make_run([A], repeats=2)
    old, new = make_results(run, {A: 1.2}), make_results(run, {A: 1.35})

    (row,) = compare_runs(side("a", run, old), side("b", run, new), metric="roc_auc").rows

    differences = figures(run, new, A) - figures(run, old, A)
    error = math.sqrt((1 / 10 + 1 / 4) * differences.var(ddof=1))
    half_width = stats.t.ppf(0.975, 9) * error
    assert row.difference == pytest.approx(differences.mean())
    assert row.second - row.first == pytest.approx(row.difference)
    assert (row.low, row.high) == pytest.approx(
        (differences.mean() - half_width, differences.mean() + half_width)
    )
    assert row.p_value == pytest.approx(2 * stats.t.sf(abs(differences.mean()) / error, 9))
    assert row.adjusted_p_value == row.p_value
    from_above = stats.t.cdf((abs(differences.mean()) - 0.005) / error, 9)
    assert row.equivalence_p_value == pytest.approx(from_above)


def test_better_worse_and_equivalent_are_told_of_the_second_run(make_run, make_results):
    run = make_run([A, B, C], repeats=4)
    old = make_results(run, {A: 1.0, B: 1.0, C: 1.0}, n=600)
    new = make_results(run, {A: 1.6, B: 0.4, C: 1.001}, n=600)

    forth = compare_runs(side("a", run, old), side("b", run, new), metric="roc_auc")
    back = compare_runs(side("b", run, new), side("a", run, old), metric="roc_auc")

    assert outcomes(forth) == {A: "better", B: "worse", C: "equivalent"}
    assert outcomes(back) == {A: "worse", B: "better", C: "equivalent"}
    assert [row.outcome for row in forth.rows] == ["worse", "better", "equivalent"]


def test_where_lower_is_better_a_smaller_figure_is_better(make_run, make_results):
    run = make_run([A], repeats=4)
    old, new = make_results(run, {A: 0.4}, n=600), make_results(run, {A: 2.0}, n=600)

    (row,) = compare_runs(side("a", run, old), side("b", run, new), metric="brier").rows

    assert row.difference < 0
    assert row.outcome == "better"


def test_p_values_are_adjusted_by_holm_over_what_was_tested(make_run, make_results):
    run = make_run([A, B, C, D])
    old = make_results(run, {A: 1.0, B: 1.0, C: 1.0, D: 1.0})
    new = make_results(run, {A: 1.1, B: 0.9, C: 1.05, D: 1.0})

    found = compare_runs(side("a", run, old), side("b", run, new), metric="roc_auc")

    tested = [row for row in found.rows if row.outcome != "identical"]
    assert {row.candidate for row in tested} == {A, B, C}
    assert [row.adjusted_p_value for row in tested] == holm([row.p_value for row in tested])


def test_a_difference_within_the_margin_does_not_matter(make_run, make_results):
    run = make_run([A])
    old, new = make_results(run, {A: 1.0}), make_results(run, {A: 1.02})

    def outcome(margin):
        one, other = side("a", run, old), side("b", run, new)
        (row,) = compare_runs(one, other, metric="roc_auc", margin=margin).rows
        return row.outcome

    assert outcome(0.0001) == "better"
    assert outcome(0.2) == "equivalent"


def test_other_test_rows_are_not_paired_and_that_is_said(make_run, make_results):
    run = make_run([A])
    other = replace(run, experiment=replace(run.experiment, protocol=EvalProtocol(folds=5, seed=3)))
    old, new = make_results(run, {A: 1.0}), renumber(make_results(run, {A: 1.3}), 7)

    found = compare_runs(side("a", run, old), side("b", other, new), metric="roc_auc")

    assert not found.is_paired
    assert found.remarks == (
        "not paired: the runs share no split with the same test rows (seed 0 and 3); the means "
        "are compared, and only large differences can be shown",
    )
    expected = corrected_unpaired_test(
        figures(run, old, A), figures(run, new, A), test_train_ratios=(1 / 4, 1 / 4)
    )
    assert found.rows[0].p_value == expected.p_value


def test_the_unpaired_test_is_welch_s_with_corrected_errors():
    first, second = [0.80, 0.82, 0.81, 0.85, 0.79], [0.83, 0.86, 0.82, 0.84, 0.88, 0.85]

    plain = corrected_unpaired_test(first, second, test_train_ratios=(0.0, 0.0))
    corrected = corrected_unpaired_test(first, second, test_train_ratios=(1 / 4, 1 / 5))

    welch = stats.ttest_ind(second, first, equal_var=False)
    interval = welch.confidence_interval()
    assert (plain.p_value, plain.naive_p_value) == pytest.approx((welch.pvalue, welch.pvalue))
    assert (plain.low, plain.high) == pytest.approx((interval.low, interval.high))
    variances = np.var(first, ddof=1), np.var(second, ddof=1)
    assert corrected.error == pytest.approx(
        math.sqrt((1 / 5 + 1 / 4) * variances[0] + (1 / 6 + 1 / 5) * variances[1])
    )


def test_more_repeats_in_one_run_are_compared_on_those_of_both(make_run, make_results):
    few, many = make_run([A]), make_run([A], repeats=3)
    old, new = make_results(few, {A: 1.0}), make_results(many, {A: 1.2})

    found = compare_runs(side("a", few, old), side("b", many, new), metric="roc_auc")

    assert found.is_paired
    assert found.n_splits == (5, 5)
    assert found.remarks == ("compared on the 5 splits that both have in common",)
    assert found.rows[0].second == pytest.approx(
        figures(few, make_results(few, {A: 1.2}), A).mean()
    )


def test_of_a_race_the_repeats_of_all_candidates_are_compared(make_run, make_results):
    run = make_run([A, B], repeats=3)
    raced = replace(
        run,
        jobs=tuple(job for job in run.jobs if job.candidate == A or job.split.repeat < 1),
        stopped=(Stop(B, 1, A, "roc_auc", -0.1, 1e-5, 0.002),),
    )
    results = make_results(run, {A: 1.5, B: 1.0})

    found = compare_runs(side("a", run, results), side("b", raced, results), metric="roc_auc")

    assert outcomes(found) == {A: "identical", B: "identical"}
    assert found.n_splits == (5, 5)


def test_candidates_of_one_run_and_incomplete_ones_are_listed(make_run, make_results, fail):
    run, other = make_run([A, B, C]), make_run([A, B, D])
    other = replace(other, skips=(Skip(D, "no reason"),), jobs=other.jobs[:10])
    old = make_results(run, {A: 1.0, B: 1.0, C: 1.0})
    new = make_results(other, {A: 1.0, B: 1.0})
    failed = next(job.id for job in other.jobs if job.candidate == B)
    new[failed] = fail(new[failed])

    found = compare_runs(side("a", run, old), side("b", other, new), metric="roc_auc")

    assert outcomes(found) == {A: "identical"}
    assert (found.only_first, found.only_second, found.incomplete) == ((C,), (), (B,))


def test_a_single_split_decides_nothing(make_run, make_results):
    run = make_run([A])
    run = replace(run, jobs=run.jobs[:1])
    old, new = make_results(run, {A: 0.2}), make_results(run, {A: 3.0})

    found = compare_runs(side("a", run, old), side("b", run, new), metric="roc_auc")

    assert outcomes(found) == {A: "undecided"}
    assert found.rows[0].low is None
    assert found.remarks == ("a single split says nothing of noise: nothing is tested",)


def test_other_data_are_refused(make_run, make_results):
    run = make_run([A])
    other = replace(run, facts=replace(run.facts, name="bank", digest="e" * 64))
    results = make_results(run, {A: 1.0})

    with pytest.raises(
        UsageError,
        match=r"^old and new are of different data: toy \(d{12}\) and bank \(e{12}\)\nhint: ",
    ):
        compare_runs(side("old", run, results), side("new", other, results), metric="roc_auc")


def test_both_are_judged_at_the_amounts_of_the_first(make_run, make_results):
    run = make_run([A])
    richer = replace(run, facts=replace(run.facts, economics=EconomicsSpec(clv=900.0)))
    results = make_results(run, {A: 1.0})

    found = compare_runs(side("a", run, results), side("b", richer, results), metric="empc")

    assert outcomes(found) == {A: "identical"}
    assert found.remarks == ("both are judged at the amounts of a",)


def test_what_differs_between_the_runs_is_told(make_run, make_results):
    run = make_run([A])
    old = replace(run, versions={"lightgbm": "4.6.0", "numpy": "2.4"}, commit="aaa")
    new = replace(run, versions={"lightgbm": "4.7.0", "numpy": "2.4"}, commit="bbb")
    new = replace(new, experiment=replace(new.experiment, protocol=EvalProtocol(trials=40)))
    results = make_results(run, {A: 1.0})

    found = compare_runs(side("a", old, results), side("b", new, results), metric="roc_auc")

    assert found.changes == (
        ("trials", "12", "40"),
        ("lightgbm", "4.6.0", "4.7.0"),
        ("commit", "aaa", "bbb"),
    )


def test_rows_after_the_fit_count_only_where_they_change_the_metric(make_run, make_results):
    repaired = replace(A, repair="temperature")
    run = make_run([A])
    run = replace(run, experiment=replace(run.experiment, candidates=(A, repaired)))
    results = make_results(run, {A: 1.0})
    both = side("a", run, results), side("b", run, results)

    by_ranking = compare_runs(*both, metric="roc_auc")
    by_brier = compare_runs(*both, metric="brier")

    assert outcomes(by_ranking) == {A: "identical"}
    assert outcomes(by_brier) == {A: "identical", repaired: "identical"}


# --- false alarms -----------------------------------------------------------------------

N_SAMPLES, FOLDS, N_CANDIDATES = 300, 5, 4


def draw_folds(rng, repeats):
    return [rng.permutation(np.arange(N_SAMPLES) % FOLDS) for _ in range(repeats)]


def draw_columns(rng, y):
    return rng.normal(size=(N_SAMPLES, 5)) + 0.4 * y[:, None]


def run_discriminants(make_result, run, y, columns, folds, rng=None):
    """Return results of linear discriminants, each on columns of its own.

    With ``rng`` they learn from a random half of the training rows.
    """
    results = {}
    for job in run.jobs:
        X, fold = columns[job.candidate], folds[job.split.repeat]
        train = np.flatnonzero(fold != job.split.fold)
        test = np.flatnonzero(fold == job.split.fold)
        if rng is not None:
            train = rng.choice(train, size=train.size // 2, replace=False)
        up, down = X[train[y[train] == 1]], X[train[y[train] == 0]]
        direction = np.linalg.solve(np.cov(X[train].T), up.mean(axis=0) - down.mean(axis=0))
        made = make_result(job, y[test], X[test] @ direction)
        predictions = replace(made.predictions, rows=test.astype(np.int32))
        results[job.id] = replace(made, predictions=predictions)
    return results


def simulate_alarms(make_run, make_result, *, repeats, is_paired, by_luck, n_simulations):
    """Return how often any of four candidates is called better or worse where none is.

    Both runs learn alike and from equally good columns: from the same ones and
    different random halves of the rows (``by_luck``), or from other ones.
    """
    rng = np.random.default_rng(repeats)
    candidates = [Candidate(f"m{k}") for k in range(N_CANDIDATES)]
    run = make_run(candidates, repeats=repeats)
    alarms = 0
    for _ in range(n_simulations):
        y = (rng.random(N_SAMPLES) < 0.3).astype(int)
        old, new = ({c: draw_columns(rng, y) for c in candidates} for _ in range(2))
        folds = draw_folds(rng, repeats)
        others = folds if is_paired else draw_folds(rng, repeats)
        luck = rng if by_luck else None
        first = run_discriminants(make_result, run, y, old, folds, luck)
        second = run_discriminants(make_result, run, y, old if by_luck else new, others, luck)
        found = compare_runs(side("a", run, first), side("b", run, second), metric="roc_auc")
        assert found.is_paired == is_paired
        alarms += any(row.outcome in ("better", "worse") for row in found.rows)
    return alarms / n_simulations


@pytest.mark.slow
@pytest.mark.parametrize(
    ("repeats", "is_paired", "by_luck"),
    [(1, True, False), (4, True, False), (1, False, False), (1, True, True)],
)
def test_two_equally_good_runs_are_rarely_told_apart(
    make_run, make_result, repeats, is_paired, by_luck
):
    """Measured over 1,000 simulations (600 for 4 × 5 folds) of four candidates, 300 rows each.

    Any of the four is called better or worse, at a nominal 5 %: 1.0 % and 3.7 % for 1 × 5 and
    4 × 5 folds that are shared, .9 % for 1 × 5 folds of each run's own, and .4 % for runs
    that differ by luck alone.
    """
    rate = simulate_alarms(
        make_run,
        make_result,
        repeats=repeats,
        is_paired=is_paired,
        by_luck=by_luck,
        n_simulations=100,
    )

    assert rate <= 0.08
