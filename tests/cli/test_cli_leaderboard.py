"""``leaderboard``: boards from stored scores at other amounts, in other orders and formats."""

from __future__ import annotations

import csv
import io
import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from kept import keep_run

from bench.cli.app import main
from bench.cli.leaderboard import parse_economics
from bench.domain import Candidate
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
        "chance of .30 (Beta 6, 14), those who would have stayed always, so that contacting the "
        "average customer pays from a probability of .124."
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


# --- what is shown --------------------------------------------------------------------

QUALITY = {Candidate(f"m{k}"): 1.6 - 0.3 * k for k in range(4)} | {Candidate("prior-only"): 0.0}


@pytest.fixture
def shop(home: Path) -> Path:
    keep_run(home / "results" / "shop", QUALITY, repeats=1)
    return home / "results" / "shop"


def models(text: str) -> list[str]:
    return [line["model"] for line in csv.DictReader(io.StringIO(text))]


def test_a_dataset_can_be_named_in_any_way(ask: Ask, shop: Path) -> None:
    by_default = ask("leaderboard", "--format", "csv")

    assert by_default.code == 0
    for words in (
        ("shop",),
        ("--dataset", "shop"),
        ("results/shop",),
        ("shop", "--dataset", "shop"),
    ):
        assert ask("leaderboard", *words, "--format", "csv").out == by_default.out


def test_without_a_board_csv_and_json_hold_everything(ask: Ask, shop: Path) -> None:
    assert ask("leaderboard", "--write").code == 0

    for name in ("csv", "json"):
        text = (shop / f"leaderboard.{name}").read_text(encoding="utf-8")
        assert ask("leaderboard", "--format", name).out == text
    assert ask("leaderboard", "--json").out == text


def test_top_cuts_every_format_and_keeps_the_baseline(ask: Ask, shop: Path) -> None:
    cut = ("leaderboard", "--board", "ranking", "--top", "2", "--format")
    expected = ["m0", "m1", "prior-only"]

    assert models(ask(*cut, "csv").out) == expected
    rows = json.loads(ask(*cut, "json").out)["rows"]
    assert [row["candidate"]["model"] for row in rows] == expected
    for name in ("table", "md", "latex"):
        text = ask(*cut, name).out
        assert re.findall(r"(m\d|prior-only)\+none\+default", text)[:3] == expected


def test_without_top_a_pipe_gets_all_rows(ask: Ask, shop: Path) -> None:
    for name in ("md", "csv", "latex"):
        text = ask("leaderboard", "--board", "ranking", "--format", name).out
        assert all(model in text for model in ("m0", "m3", "prior-only"))


def test_sort_orders_rows_and_picks_the_board_of_its_metric(ask: Ask, shop: Path) -> None:
    answer = ask("leaderboard", "--sort", "log_loss", "--format", "csv")

    lines = list(csv.DictReader(io.StringIO(answer.out)))
    losses = [float(line["log_loss"]) for line in lines]
    assert losses == sorted(losses)
    assert "brier" in lines[0]
    assert "roc_auc" not in lines[0]
    shown = ask("leaderboard", "--sort", "log_loss").out
    assert shown.startswith("Probabilities: Shop")
    assert "sorted by Log loss; # and marks are those by ROC-AUC" in shown


def test_the_table_fits_80_columns(ask: Ask, shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    for board in ("summary", "ranking", "decisions", "probabilities", "profit"):
        text = ask("leaderboard", "--board", board).out
        assert max(map(len, text.splitlines())) <= 80
        assert "╋" in text
        assert "prior-only" in text


def test_a_terminal_without_unicode_gets_a_table_in_ascii(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_run(home / "results" / "shop", QUALITY, repeats=1, title="Shop ± 1")
    terminal = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", terminal)

    code = main(["leaderboard"])

    terminal.flush()
    text = terminal.buffer.getvalue().decode("ascii")  # type: ignore[attr-defined]
    assert code == 0
    assert "---+---" in text
    assert text.startswith("Leaderboard: Shop +- 1\n")
    assert "?" not in text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("--board", "rankin"),
            "--board: unknown board 'rankin'; did you mean 'ranking'?\n"
            "hint: there are: summary, ranking, decisions, probabilities, profit",
        ),
        (
            ("--format", "yaml"),
            "--format: unknown format 'yaml'\nhint: there are: table, md, csv, json, latex",
        ),
        (
            ("--sort", "rocauc"),
            "unknown metric 'rocauc'; did you mean 'roc_auc'? (see: python -m bench list metrics)",
        ),
        (
            ("--sort", "ece_floor"),
            "ece_floor describes a candidate, and neither more nor less of it is better\n"
            "hint: rank by another metric (see: python -m bench list metrics)",
        ),
        (("--top", "0"), "--top 0 is too few, expected at least 1"),
        (("--json", "--format", "csv"), "--json and --format csv contradict each other"),
        (
            ("shop", "--dataset", "bank"),
            "shop and --dataset bank name two of them\nhint: leave one out",
        ),
        (
            ("shp",),
            "shp: no results of that name (no shp/run.json, nor in results)\n"
            "hint: results holds shop",
        ),
        (
            ("--all-datasets", "--board", "profit"),
            "--all-datasets has a board of its own\nhint: leave --board, --sort and --top out",
        ),
        (
            ("--all-datasets", "--format", "latex"),
            "--all-datasets has no such format: latex\nhint: there are: table, md, csv, json",
        ),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_cannot_be_shown_is_one_clear_message(
    ask: Ask, shop: Path, arguments: tuple[str, ...], message: str
) -> None:
    answer = ask("leaderboard", *arguments)

    assert (answer.code, answer.out) == (2, "")
    assert answer.err == f"error: {message}\n"


def test_across_datasets_formats_are_for_pipes_too(ask: Ask, home: Path, shop: Path) -> None:
    keep_run(home / "results" / "bank", QUALITY, repeats=1, digest="e" * 64)

    page = ask("leaderboard", "--all-datasets", "--format", "md").out
    lines = ask("leaderboard", "--all-datasets", "--format", "csv").out

    assert page == (home / "results" / "leaderboard.md").read_text(encoding="utf-8")
    assert lines == (home / "results" / "leaderboard.csv").read_text(encoding="utf-8")
