"""The page's own arithmetic against Python's: the same winner, cut, contacts and cents."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import replace
from typing import Any

import pytest
from page_runs import (
    draw_settings,
    economics_of,
    expected_offers,
    make_page_findings,
    make_page_run,
)

from bench.analysis import Findings
from bench.analysis.curves import STOPS, build_curves, n_at
from bench.analysis.evidence import build_evidence
from bench.analysis.money import NOBODY, best_offers, earnings_sentence, is_told_apart
from bench.analysis.scoring import score_splits
from bench.domain import Candidate
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
  return {
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


def test_the_sentence_on_earnings_says_whom_to_call(findings: Findings) -> None:
    sentence = earnings_sentence(findings.leaderboard, build_curves(findings.scored))

    ranked = [row for row in findings.leaderboard.rows if row.rank is not None]
    economics = findings.leaderboard.run.facts.economics
    best = best_offers(ranked, build_curves(findings.scored), economics)[0]
    assert sentence.startswith(f"Call the top {100 * best.share:g} % of the list (")
    assert f"with `{best.candidate}` that earns {best.profit:.2f} per customer" in sentence
    # .3 · (.3 · 190 − 1) − .7 · 11 and .3 · (.3 · 190 − 1), by hand
    assert "calling everybody would earn 9.10, knowing every churner 16.80" in sentence


def test_where_no_campaign_pays_nobody_is_to_be_called(findings: Findings) -> None:
    board = findings.leaderboard
    dear = EconomicsSpec(clv=30, incentive=20, contact=9)
    run = replace(board.run, facts=replace(board.run.facts, economics=dear))
    changed = replace(board, run=run)

    sentence = earnings_sentence(changed, build_curves(findings.scored))

    assert sentence == (
        "No campaign pays (if a customer is worth 30, an offer costs 20, a contact 9, and 30 % of "
        "the would-be churners accept): call nobody."
    )


def test_a_run_without_results_earns_nothing() -> None:
    run = make_page_run((Candidate("logistic"),))

    assert build_curves(score_splits(run, {}, ())).curves == ()
