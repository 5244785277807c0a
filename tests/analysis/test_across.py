"""The board across datasets: what counts, what is ranked, and what cannot be said."""

from __future__ import annotations

from dataclasses import replace
from statistics import fmean

import numpy as np
import pytest

from bench.analysis.across import Entry, build_across
from bench.analysis.signed_rank import wilcoxon_p_value
from bench.domain import Candidate, EvalProtocol
from bench.reports.across import render_across_csv, render_across_json, render_across_markdown

GOOD, FAIR, POOR = Candidate("catboost"), Candidate("logistic"), Candidate("svm-rbf")
QUALITY = {GOOD: 2.0, FAIR: 1.2, POOR: 0.5}


@pytest.fixture
def make_entry(make_run, make_result):
    """Return a maker of one dataset's folder, with labels of its own."""

    def build(name, *, quality=QUALITY, n=300, seed=None, **facts):
        run = make_run(list(quality))
        seed = int(name.encode().hex()[:8], 16) if seed is None else seed
        y = (np.random.default_rng(seed).random(5 * n) < 0.3).astype(np.int8)
        changes = {
            "name": name,
            "digest": name.encode().hex().ljust(64, "0"),
            "origin": "file",
            "n_samples": 5 * n,
            "n_positives": int(y.sum()),
        }
        run = replace(run, facts=replace(run.facts, **(changes | facts)))
        results = {}
        for job in run.jobs:
            rows = np.arange(n) + n * job.split.fold
            noise = np.random.default_rng([seed, job.split.fold, *str(job.candidate).encode()])
            margin = quality[job.candidate] * y[rows] + noise.normal(size=n)
            result = make_result(job, y[rows], 1 / (1 + np.exp(1 - margin)))
            result.predictions.rows[:] = rows
            results[job.id] = result
        return Entry(run, results)

    return build


@pytest.fixture
def six(make_entry):
    return [make_entry(f"d{k}", seed=k) for k in range(6)]


def test_rows_stand_by_their_mean_rank_and_are_tested_against_the_first(six):
    board = build_across(six, metric="roc_auc")

    assert [row.candidate for row in board.rows] == [GOOD, FAIR, POOR]
    assert [row.mean_rank for row in board.rows] == [1.0, 2.0, 3.0]
    first, second, _ = board.rows
    assert first.mean == pytest.approx(fmean(first.means.values()))
    raw = wilcoxon_p_value([second.means[k] - first.means[k] for k in first.means])
    assert raw == pytest.approx(2 / 2**6)
    assert second.p_value == pytest.approx(2 * raw)  # Holm over the two others
    assert second.worse > 0.95
    assert (first.p_value, first.worse) == (None, None)


def test_rows_that_differ_after_the_fit_only_push_nobody_down(six):
    by_cost = replace(GOOD, decision="cost")
    candidates = (*QUALITY, by_cost, replace(GOOD, repair="sigmoid"))
    more = [
        Entry(
            replace(e.run, experiment=replace(e.run.experiment, candidates=candidates)), e.results
        )
        for e in six
    ]

    assert build_across(more, metric="roc_auc") == build_across(six, metric="roc_auc")


def test_a_lower_loss_ranks_first(six):
    board = build_across(six, metric="brier")

    assert board.rows[0].mean == min(row.mean for row in board.rows)


def test_equal_figures_share_their_rank(make_entry):
    entry = make_entry("a")
    twin = {
        job.id: replace(entry.results[other.id], record=entry.results[job.id].record)
        for job in entry.run.jobs
        for other in entry.run.jobs
        if job.split == other.split and job.candidate == FAIR and other.candidate == GOOD
    }

    board = build_across([Entry(entry.run, {**entry.results, **twin})], metric="roc_auc")

    assert [(row.candidate, row.mean_rank) for row in board.rows] == [
        (GOOD, 1.5),
        (FAIR, 1.5),
        (POOR, 3.0),
    ]


def test_elo_needs_five_datasets_and_says_so(six):
    four, all_six = build_across(six[:4], metric="roc_auc"), build_across(six, metric="roc_auc")

    assert all(row.elo is None for row in four.rows)
    assert four.remarks == (
        "Over 4 datasets Wilcoxon's p-value is never below 0.125: it cannot reach .05 before "
        "there are six.",
        "No Elo ratings: 4 of the 5 datasets that a bootstrap over datasets needs at least.",
    )
    ratings = [row.elo.rating for row in all_six.rows]
    assert ratings == sorted(ratings, reverse=True)
    assert sum(ratings) == pytest.approx(3000, abs=0.01)
    assert all_six.remarks == ()


def test_a_dataset_without_a_finished_candidate_takes_no_rank_from_the_others(six):
    empty = Entry(six[5].run, {})

    board = build_across([*six[:5], empty], metric="roc_auc")

    assert board.left_out == (("d5", "no candidate has figures of all splits"),)
    assert [row.rank for row in board.rows] == [1, 2, 3]


def test_candidates_with_unequal_coverage_are_shown_and_never_ranked(six, make_entry):
    short = six[5]
    missing = next(job.id for job in short.run.jobs if job.candidate == GOOD)
    results = {key: value for key, value in short.results.items() if key != missing}

    board = build_across([*six[:5], Entry(short.run, results)], metric="roc_auc")

    last = board.rows[-1]
    assert (last.candidate, last.rank, last.n_datasets) == (GOOD, None, 5)
    assert last.coverage == pytest.approx(5 / 6)
    assert (last.mean_rank, last.p_value, last.elo) == (None, None, None)
    assert [row.candidate for row in board.rows if row.rank] == [FAIR, POOR]


def test_datasets_without_a_common_candidate_rank_nobody(make_entry):
    board = build_across(
        [make_entry("a", quality={GOOD: 1.0}), make_entry("b", quality={FAIR: 1.0})],
        metric="roc_auc",
    )

    assert all(row.rank is None for row in board.rows)
    assert board.remarks[0] == (
        "No candidate finished all splits of all datasets, so nothing is ranked."
    )


def test_only_real_customers_count_and_nobody_twice(make_entry):
    telco = make_entry("telco", seed=1)
    thinned = make_entry("thin", seed=9)
    protocol = EvalProtocol(train_prevalence=0.1)
    thinned = replace(
        thinned,
        run=replace(thinned.run, experiment=replace(thinned.run.experiment, protocol=protocol)),
    )
    shuffled = make_entry("zz-shuffled", seed=1)
    for result in shuffled.results.values():
        result.predictions.y[:] = result.predictions.y[::-1]
    entries = [
        make_entry("telco-standin", seed=2, origin="stand-in"),
        make_entry("sim", seed=3, origin="built-in"),
        make_entry("maven", seed=1),
        make_entry("same-table", seed=4, digest=make_entry("maven").run.facts.digest),
        make_entry("other", seed=5),
        shuffled,
        thinned,
        telco,
    ]

    board = build_across(entries, metric="roc_auc")

    assert [dataset.facts.name for dataset in board.datasets] == ["maven", "other"]
    assert dict(board.left_out) == {
        "same-table": "the same table as maven",
        "sim": "simulated customers",
        "telco": "the same customers, label by label, as maven",
        "telco-standin": "stand-in data, not the real table",
        "thin": "training rows were thinned",
        "zz-shuffled": "as many customers and as many churners, to all appearance the same ones "
        "in other order, as maven",
    }


def test_the_order_of_the_folders_changes_nothing(six):
    assert build_across(six, metric="roc_auc") == build_across(six[::-1], metric="roc_auc")


def test_the_page_says_who_leads_over_what_and_what_was_left_out(six, make_entry):
    entries = [*six, make_entry("standin", origin="stand-in", seed=8)]

    page = render_across_markdown(build_across(entries, metric="roc_auc"))

    assert page.startswith(
        "# Leaderboard across datasets\n\n"
        "Over 6 datasets, `catboost+none+default` has the best mean rank by ROC-AUC: 1.00 of 3.\n"
        "Wilcoxon's test with Holm's correction tells 0 of the 2 others apart from it; the "
        "Bayesian one holds 2 for worse and 0 for practically the same (chance above 95 %), and "
        "is undecided on 0.\n"
    )
    assert "| rank | candidate             | mean rank | mean ROC-AUC |" in page
    assert "- left out: standin (stand-in data, not the real table)" in page
    assert page.count("6 of 6") == 3


def test_files_hold_every_dataset_and_no_markup_of_strangers(make_entry):
    board = build_across(
        [make_entry("<b>x</b>", seed=1), make_entry("=cmd()", seed=2)], metric="roc_auc"
    )

    header, first, *_ = render_across_csv(board).splitlines()
    assert header.startswith("rank,model,strategy,tuning,preparation,repair,decision,n_datasets,")
    assert header.endswith("elo_high,roc_auc:<b>x</b>,roc_auc:=cmd()")
    assert first.startswith("1,catboost,none,default,encoded,none,f1,2,1.000000,1.000000,0.")
    assert "<b>" not in render_across_markdown(board)
    assert '"schema_version": 1' in render_across_json(board)
