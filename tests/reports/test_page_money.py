"""The page's own arithmetic against Python's: the same winner, cut, contacts and cents."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from page_runs import (
    draw_settings,
    economics_of,
    expected_offers,
    make_page_findings,
    make_page_results,
    make_page_run,
)

from bench.analysis import Findings, analyse
from bench.analysis.choice import choose
from bench.analysis.curves import STOPS, build_curves, n_at
from bench.analysis.evidence import build_evidence
from bench.analysis.money import (
    NEAR,
    NOBODY,
    amounts_of,
    amounts_origin,
    best_offers,
    earnings_sentences,
    is_told_apart,
    plan_campaign,
    profit_at,
    profit_margin,
)
from bench.analysis.scoring import score_splits
from bench.domain import Candidate, Leaderboard
from bench.reports.page.data import page_data
from bench.reports.page.embedding import embed_json
from bench.reports.page.rendering import FOLDER
from bench.specs import EconomicsSpec

ASK = """
const settings = JSON.parse(require("fs").readFileSync(0, "utf8"));
console.log(JSON.stringify(settings.map(([economics, stop]) => {
  const amounts = amountsOf(economics);
  const offers = allOffers(amounts, stop);
  const [best] = offers;
  const taken = answerOf(offers, amounts);
  const curve = data.curves[data.rows[taken.number].curve];
  const near = taken.stop === NOBODY ? null : nearStops(curve, amounts, taken);
  return {
    answer: [data.rows[taken.number].name, taken.stop, taken.profit],
    near: near && near.map((stop) => data.stops[stop]),
    margin: marginAndDoubt(curve, amounts, taken).margin,
    winner: data.rows[best.number].name, profit: best.profit, stop: best.stop,
    called: calledAt(best.stop),
    same: offers.slice(1).filter((one) => !isToldApart(best, one, amounts)).length,
    all: offers.map((one) => [data.rows[one.number].name, one.profit]),
  };
})));
"""


@pytest.fixture(scope="module")
def findings() -> Findings:
    return make_page_findings()


def ask_node(data: dict[str, Any], settings: Any) -> Any:
    node = shutil.which("node")
    if node is None:
        pytest.skip("there is no node to run the page's scripts")
    money = (FOLDER / "scripts" / "money.js").read_text(encoding="utf-8")
    code = f'"use strict"; const data = {embed_json(data)};\n{money}\n{ASK}'
    done = subprocess.run(
        [node, "-e", code], input=json.dumps(settings), capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)


def test_the_page_finds_the_winner_of_python_to_the_cent_at_50_settings(
    findings: Findings,
) -> None:
    board, evidence = findings.leaderboard, build_evidence(findings)
    settings = draw_settings(50)

    answers = ask_node(page_data(findings, evidence), settings)

    assert len(answers) == 50
    for (setting, stop), answer in zip(settings, answers, strict=True):
        expected = expected_offers(findings, economics_of(setting), stop)
        name, profit, best = expected[0]
        n = board.run.facts.n_samples
        assert answer["profit"] == pytest.approx(profit, abs=1e-6)
        assert answer["profit"] * n == pytest.approx(profit * n, abs=0.005)
        assert (answer["winner"], answer["stop"]) == (name, best)
        assert answer["called"] == (0 if best == NOBODY else n_at(STOPS[best], n))
        assert dict(answer["all"]) == pytest.approx({one: p for one, p, _ in expected}, abs=1e-6)


def test_the_page_and_python_agree_on_what_cannot_be_told_apart(findings: Findings) -> None:
    board, evidence = findings.leaderboard, build_evidence(findings)
    economics = board.run.facts.economics
    setting = {"clv": 200, "incentive": 10, "contact": 1, "acceptance": 0.3}

    (answer,) = ask_node(page_data(findings, evidence), [(setting, None)])

    ranked = [row for row in board.rows if row.rank is not None]
    best, *others = best_offers(ranked, evidence.curves, economics)
    same = [one for one in others if not is_told_apart(best, one, board.run, evidence.curves)]
    assert answer["same"] == len(same) > 0


def test_best_offers_are_those_of_the_scores_themselves(findings: Findings) -> None:
    ranked = [row for row in findings.leaderboard.rows if row.rank is not None]
    economics = EconomicsSpec(clv=150, incentive=12, contact=3)

    offers = best_offers(ranked, build_curves(findings.scored), economics)

    expected = expected_offers(findings, economics, None)
    assert [(str(o.candidate), o.stop) for o in offers] == [(n, k) for n, _, k in expected]
    assert [o.profit for o in offers] == pytest.approx([profit for _, profit, _ in expected])


def at_amounts(findings: Findings, economics: EconomicsSpec) -> Leaderboard:
    board = findings.leaderboard
    return replace(
        board, run=replace(board.run, facts=replace(board.run.facts, economics=economics))
    )


def test_the_page_and_python_call_the_same_customers_with_the_same_list(
    findings: Findings,
) -> None:
    evidence = build_evidence(findings)
    settings = [(setting, None) for setting, _ in draw_settings(50)]

    answers = ask_node(page_data(findings, evidence), settings)

    taken = set()
    for (setting, _), answer in zip(settings, answers, strict=True):
        plan = plan_campaign(at_amounts(findings, economics_of(setting)), evidence.curves)
        assert plan is not None
        name, stop, profit = answer["answer"]
        assert (name, stop) == (str(plan.offer.candidate), plan.offer.stop)
        assert profit == pytest.approx(plan.offer.profit, abs=1e-6)
        assert answer["near"] == (None if stop == NOBODY else list(plan.near))
        if stop == NOBODY:
            assert answer["margin"] == 0
        else:
            total = 960 * answer["margin"]
            said = earnings_sentences(at_amounts(findings, economics_of(setting)), evidence.curves)
            assert f"{960 * profit:,.0f} ± {total:,.0f} in all)" in said[0]
        taken.add(plan.offer.candidate == plan.best.candidate)
    assert taken == {True, False}


def test_the_margin_of_a_profit_is_that_of_a_bootstrap_of_the_called(findings: Findings) -> None:
    curves, stop = build_curves(findings.scored), STOPS.index(0.3)
    curve = curves.of(Candidate("lightgbm"))
    assert curve is not None
    gain, loss = 56.0, 11.0
    called = np.concatenate(
        [
            s.predictions.y[np.argsort(-s.predictions.score, kind="stable")][:72]
            for s in findings.scored[Candidate("lightgbm")]
        ]
    )

    margin = profit_margin(curve, curves, between=(NOBODY, stop), amounts=(gain, loss))

    brought = np.where(called == 1, gain, -loss)
    random = np.random.default_rng(5)
    drawn = [random.choice(brought, brought.size).sum() / 960 for _ in range(4_000)]
    assert margin == pytest.approx(1.96 * np.std(drawn), rel=0.05)


def test_a_margin_counts_the_customers_of_two_repeats_once() -> None:
    margins = []
    for repeats in (1, 2):
        run = make_page_run((Candidate("prior-only"),), repeats=repeats)
        curves = build_curves(analyse(run, make_page_results(run)).scored)
        margins.append(
            profit_margin(curves.curves[0], curves, between=(NOBODY, 9), amounts=(56.0, 11.0))
        )

    # 12 of 240 are called in each of four folds, .3 of them churners: by hand.
    q = (48 * 0.3 + 2) / (48 + 4)
    expected = 1.959964 * (48 * q * (1 - q)) ** 0.5 * 67 / 960
    assert margins == pytest.approx([expected, expected])


@pytest.mark.parametrize(
    ("economics", "said"),
    [
        (EconomicsSpec(clv=60, incentive=40), " in all), not shown to beat calling nobody, where"),
        (EconomicsSpec(clv=9_000), " in all), not shown to beat calling everybody, where"),
        (EconomicsSpec(), " in all), where"),
    ],
)
def test_a_profit_within_its_margin_is_not_told_as_shown(
    findings: Findings, economics: EconomicsSpec, said: str
) -> None:
    call = earnings_sentences(at_amounts(findings, economics), build_curves(findings.scored))[0]

    assert said in call


def test_a_choice_that_earns_less_by_more_than_noise_is_not_called_by(findings: Findings) -> None:
    data = page_data(findings, build_evidence(findings))
    setting = {"clv": 200, "incentive": 10, "contact": 1, "acceptance": 0.3}
    (before,) = ask_node(data, [(setting, None)])
    poorest, _ = before["all"][-1]

    data["choice"] = next(k for k, row in enumerate(data["rows"]) if row["name"] == poorest)
    (after,) = ask_node(data, [(setting, None)])

    assert after["answer"][0] == after["winner"] == before["winner"]


def test_the_list_to_call_by_is_that_of_the_model_to_take_unless_it_earns_less(
    findings: Findings,
) -> None:
    board, curves = findings.leaderboard, build_curves(findings.scored)
    choice, plan = choose(board), plan_campaign(board, curves)

    assert choice is not None
    assert plan is not None
    assert plan.offer.candidate == choice.row.candidate
    assert not is_told_apart(plan.best, plan.offer, board.run, curves)


def test_the_sizes_told_as_nearly_as_good_earn_nearly_as_much(findings: Findings) -> None:
    board, curves = findings.leaderboard, build_curves(findings.scored)
    plan = plan_campaign(board, curves)
    assert plan is not None
    curve, amounts = curves.of(plan.offer.candidate), amounts_of(board.run.facts.economics)
    assert curve is not None

    low, high = plan.near
    first, last = curves.stops.index(low), curves.stops.index(high)

    assert low <= plan.offer.share <= high
    for stop in range(first, last + 1):
        assert profit_at(curve, curves, stop=stop, amounts=amounts) >= NEAR * plan.offer.profit
    for stop in {first - 1, last + 1} & set(range(len(curves.stops))):
        assert profit_at(curve, curves, stop=stop, amounts=amounts) < NEAR * plan.offer.profit


def test_the_sentences_on_earnings_say_how_many_to_call_and_whose_amounts_these_are(
    findings: Findings,
) -> None:
    board, curves = findings.leaderboard, build_curves(findings.scored)
    plan = plan_campaign(board, curves)
    assert plan is not None

    call, amounts, others = earnings_sentences(board, curves)

    n_called = n_at(plan.offer.share, 960)
    assert call.startswith(
        f"Call {n_called} of 960 customers, the top {100 * plan.offer.share:g} % of the list of "
        f"`{plan.offer.candidate}`: that earns {plan.offer.profit:.2f} per customer of the base ("
    )
    # .3 · (.3 · 190 − 1) − .7 · 11 and .3 · (.3 · 190 − 1), by hand
    assert call.endswith(
        "where calling nobody earns 0, everybody 9.10 and exactly the churners 16.80."
    )
    assert amounts == (
        "That is if a customer is worth 200, an accepted offer costs 10, a contact 1, and 30 % of "
        "the would-be churners accept: defaults from the literature, not amounts of this dataset. "
        "Everybody who would have stayed takes the offer, too, and costs it. ± is the 95 % margin "
        "of other customers at this size; that the size was chosen on these very customers comes "
        "on top."
    )
    assert others.startswith(f"From {100 * plan.near[0]:g} % to {100 * plan.near[1]:g} % called ")


@pytest.mark.parametrize(
    ("economics", "said"),
    [
        (EconomicsSpec(), "defaults from the literature, not amounts of this dataset"),
        (EconomicsSpec("m", 300, 5, 2, 3, 7), "amounts that were set, none of them a default"),
        (
            EconomicsSpec(clv=300),
            "offer, contact and acceptance are defaults from the literature, the rest was set",
        ),
        (
            EconomicsSpec("m", 300, 10, 2, 3, 7),
            "offer is a default from the literature, the rest was set",
        ),
    ],
)
def test_amounts_that_nobody_set_are_called_defaults(economics: EconomicsSpec, said: str) -> None:
    assert amounts_origin(economics) == said


def test_where_no_campaign_pays_nobody_is_to_be_called(findings: Findings) -> None:
    dear = at_amounts(findings, EconomicsSpec(clv=30, incentive=20, contact=9))

    first, amounts = earnings_sentences(dear, build_curves(findings.scored))

    assert first == "Call nobody: no campaign pays."
    assert amounts.startswith("That is if a customer is worth 30, an accepted offer costs 20, a ")


def test_a_run_without_results_earns_nothing() -> None:
    run = make_page_run((Candidate("logistic"),))

    assert build_curves(score_splits(run, {}, ())).curves == ()
