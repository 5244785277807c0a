"""``leaderboard --economics``: other amounts, without a fit and without the data."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bench.cli.leaderboard import parse_economics
from bench.errors import UsageError
from bench.specs import EconomicsSpec

Ask = Callable[..., Any]

RUN = ("run", "--dataset", "shop", "--folds", "2", "--jobs", "1", "--importance", "none")
RUN = (*RUN, "--models", "logistic", "--strategies", "none,class-weight", "--tuning", "default")


def figures(answer: Any) -> dict[tuple[str, str], dict[str, float]]:
    """Return metric means by strategy and repair, from the JSON of a board."""
    return {
        (row["candidate"]["strategy"], row["candidate"]["repair"]): {
            name: score["mean"] for name, score in row["scores"].items()
        }
        for row in json.loads(answer.out)["rows"]
    }


def test_other_amounts_change_the_profit_figures_and_nothing_else(
    ask: Ask, add_table: Any, home: Path
) -> None:
    table = add_table(toml='[economics]\nvalue = "fee"\n')
    assert ask(*RUN).code == 0
    table.unlink()  # stored scores and values are enough

    usual = figures(ask("leaderboard", "--json"))
    other = figures(ask("leaderboard", "--json", "--economics", "clv=300,contact=2"))

    assert usual.keys() == {("none", "none"), ("class-weight", "none"), ("class-weight", "prior")}
    for row, before in usual.items():
        after = other[row]
        assert before.keys() == after.keys() >= {"empc", "value_profit", "savings"}
        changed = {name for name in before if before[name] != after[name]}
        assert {"empc", "mpc", "campaign_profit", "value_profit", "savings"} <= changed
        assert not changed & {"roc_auc", "f1", "brier", "lift_at_10", "h_measure"}


def test_the_amounts_and_the_references_are_printed(ask: Ask, add_table: Any, home: Path) -> None:
    add_table(toml='[economics]\nvalue = "fee"\n')
    assert ask(*RUN).code == 0

    shown = " ".join(ask("leaderboard", "--economics", "clv=300,contact=2").out.split())

    assert shown.startswith("Profit:")
    assert (
        "Economics: a customer is worth 300 on average, in proportion to fee where customers count "
        "one by one; the incentive costs 10 and the contact 2; a would-be churner accepts with a "
        "chance of .30 (Beta 6, 14), so that contacting the average customer pays from a "
        "probability of .124."
    ) in shown
    for title in ("EMPC", "Campaign profit", "Profit by customer value"):
        pattern = rf"{title} per customer: contacting nobody .00, everybody -?[\d.]+, exactly"
        assert re.search(pattern, shown)


def test_a_figure_that_only_describes_orders_no_board(ask: Ask, add_table: Any, home: Path) -> None:
    add_table()
    assert ask(*RUN).code == 0

    answer = ask("leaderboard", "--rank-by", "ece_floor")

    assert answer.code == 2
    assert answer.err.startswith("error: ece_floor describes a candidate")


def test_amounts_that_are_not_named_stay_as_the_adapter_has_them() -> None:
    base = EconomicsSpec(value="fee", clv=120.0, incentive=7.0)

    assert parse_economics("contact=2, acceptance-alpha=3", base) == EconomicsSpec(
        value="fee", clv=120.0, incentive=7.0, contact=2.0, acceptance_alpha=3.0
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "clw=3",
            "--economics: unknown amount 'clw'; did you mean 'clv'?\n"
            "hint: there are: clv, incentive, contact, acceptance_alpha, acceptance_beta",
        ),
        ("clv", "--economics: 'clv': expected clv=NUMBER, from 0 up"),
        ("contact=-1", "--economics: 'contact=-1': expected contact=NUMBER, from 0 up"),
        (
            "clv=5",
            "--economics: clv = 5.0, incentive = 10.0, contact = 1.0: "
            "expected clv > incentive >= 0, contact >= 0, and some cost",
        ),
        (
            "acceptance_beta=0",
            "--economics: acceptance_alpha = 6.0, acceptance_beta = 0.0: expected numbers above 0",
        ),
    ],
)
def test_amounts_that_make_no_campaign_are_refused(text: str, message: str) -> None:
    with pytest.raises(UsageError, match=f"^{re.escape(message)}$"):
        parse_economics(text, EconomicsSpec())
