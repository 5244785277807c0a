"""Curves of the page: exact at their stops, whatever ties; cuts and bins as counted by hand."""

from __future__ import annotations

from statistics import fmean

import numpy as np
import pytest
from page_runs import make_page_findings, make_page_results, make_page_run

from bench.analysis import Findings, analyse
from bench.analysis.curves import MOST_HITS, STOPS, build_curves, choose_stops
from bench.analysis.money import amounts_of, profit_at
from bench.campaigns import campaign_profit
from bench.domain import Candidate
from bench.specs import EconomicsSpec


@pytest.fixture(scope="module")
def findings() -> Findings:
    return make_page_findings()


@pytest.mark.parametrize("candidate", ["logistic", "svm-rbf", "prior-only"])
def test_profit_at_a_stop_is_the_mean_campaign_profit_of_the_splits(
    findings: Findings, candidate: str
) -> None:
    economics = EconomicsSpec(clv=321.5, incentive=17.25, contact=2.5)
    curves = build_curves(findings.scored)
    curve = curves.of(Candidate(candidate))
    assert curve is not None

    for stop, share in enumerate(STOPS):
        expected = fmean(
            campaign_profit(s.predictions.y, s.predictions.score, economics, fraction=share)
            for s in findings.scored[Candidate(candidate)]
        )
        found = profit_at(curve, curves, stop=stop, amounts=amounts_of(economics))
        assert found == pytest.approx(expected, abs=1e-9)


def test_cuts_count_the_rows_at_or_above_their_thresholds(findings: Findings) -> None:
    for candidate, splits in findings.scored.items():
        curve = build_curves({candidate: splits}).curves[0]
        score = np.concatenate([split.predictions.score for split in splits])
        y = np.concatenate([split.predictions.y for split in splits])

        for cut in curve.cuts:
            assert cut.n_alerts == np.count_nonzero(score >= cut.threshold)
            assert cut.n_hits == np.count_nonzero((score >= cut.threshold) & (y == 1))
        thresholds = [cut.threshold for cut in curve.cuts]
        assert thresholds == sorted(set(thresholds), reverse=True)
        assert curve.cuts[-1].n_alerts == score.size


def test_rows_that_differ_in_their_decision_only_share_a_curve(findings: Findings) -> None:
    twin = Candidate("logistic", decision="cost")
    scored = {**findings.scored, twin: findings.scored[Candidate("logistic")]}

    curves = build_curves(scored)

    assert curves.of(twin) is curves.of(Candidate("logistic"))
    assert len(curves.curves) == len(findings.scored)


def test_calibration_bins_are_tenths_and_scores_have_none(findings: Findings) -> None:
    curves = build_curves(findings.scored)
    logistic, svm = curves.of(Candidate("logistic")), curves.of(Candidate("svm-rbf"))
    assert logistic is not None
    assert svm is not None

    splits = findings.scored[Candidate("logistic")]
    p = np.concatenate([split.predictions.score for split in splits])
    y = np.concatenate([split.predictions.y for split in splits])
    assert len(logistic.bins) == 10
    assert fmean(one.mean for one in logistic.bins) == pytest.approx(p.mean())
    assert fmean(one.rate for one in logistic.bins) == pytest.approx(y.mean())
    assert all(one.low < one.rate < one.high for one in logistic.bins)
    assert svm.bins == ()


def test_tied_rows_share_their_rate_whatever_their_order(findings: Findings) -> None:
    constant = build_curves(
        {Candidate("prior-only"): findings.scored[Candidate("prior-only")]}
    ).curves[0]

    assert len(constant.bins) == 1
    assert constant.bins[0].rate == pytest.approx(0.3)
    assert constant.hits[0][STOPS.index(0.5)] == pytest.approx(0.5 * 72)


def test_of_two_repeats_every_customer_counts_once() -> None:
    run = make_page_run((Candidate("logistic"),), repeats=2)
    scored = analyse(run, make_page_results(run)).scored

    curves = build_curves(scored)

    (curve,) = curves.curves
    assert len(curves.splits) == len(curve.hits) == 8
    assert curve.cuts[-1].n_alerts == run.facts.n_samples
    assert curve.cuts[-1].n_hits == run.facts.n_positives


def test_a_candidate_that_lacks_splits_has_the_curve_of_the_others(findings: Findings) -> None:
    scored = dict(findings.scored)
    scored[Candidate("lightgbm")] = scored[Candidate("lightgbm")][1:3]

    curve = build_curves(scored).of(Candidate("lightgbm"))

    assert curve is not None
    assert curve.splits == (1, 2)
    assert len(curve.hits) == 2


def test_many_rankings_are_looked_at_at_fewer_stops() -> None:
    assert choose_stops(98 * 5) == STOPS
    for n_rankings in (3_000, 6_000, 12_000):
        stops = choose_stops(n_rankings)
        assert len(stops) * n_rankings <= MOST_HITS
        assert set(stops) < set(STOPS)
        assert stops[-1] == 1
