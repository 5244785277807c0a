"""``leaderboard``: boards from stored scores at other amounts, in other orders and formats."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from kept import keep_run

from bench.cli.app import main
from bench.cli.leaderboard import parse_economics
from bench.domain import Candidate
from bench.errors import UsageError
from bench.specs import EconomicsSpec
from bench.store import Store

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
        ("clv", "--economics: 'clv': expected clv=NUMBER, from 0 to 1,000,000,000,000"),
        (
            "contact=-1",
            "--economics: 'contact=-1': expected contact=NUMBER, from 0 to 1,000,000,000,000",
        ),
        (
            "clv=1e308",
            "--economics: 'clv=1e308': expected clv=NUMBER, from 0 to 1,000,000,000,000",
        ),
        ("", "--economics: '' names no amount, expected such as clv=300"),
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


def test_top_is_so_many_rows_for_a_pipe_and_a_table_keeps_the_baseline(
    ask: Ask, shop: Path
) -> None:
    cut = ("leaderboard", "--board", "ranking", "--top", "2", "--format")
    expected = ["m0", "m1"]

    assert models(ask(*cut, "csv").out) == expected
    rows = json.loads(ask(*cut, "json").out)["rows"]
    assert [row["candidate"]["model"] for row in rows] == expected
    for name in ("md", "latex"):
        text = ask(*cut, name).out
        assert re.findall(r"(m\d|prior-only)\+none\+default", text) == expected
        assert "3 more candidates not shown" in text
    table = re.findall(r"(m\d|prior-only)\+none\+default", ask(*cut, "table").out)
    assert table[:3] == [*expected, "prior-only"]


def test_an_empty_list_of_amounts_is_refused_on_the_command_line(ask: Ask, shop: Path) -> None:
    answer = ask("leaderboard", "--economics", "")

    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith("error: --economics: '' names no amount")


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


@pytest.mark.parametrize("columns", ["0", "1", "19"])
def test_a_terminal_that_does_not_know_its_width_gets_80_columns(
    ask: Ask, shop: Path, monkeypatch: pytest.MonkeyPatch, columns: str
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    usual = ask("leaderboard").out
    monkeypatch.setenv("COLUMNS", columns)

    assert ask("leaderboard").out == usual


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


@pytest.mark.parametrize(
    "loss", ["predictions", "records", "one record", "one prediction", "one score"]
)
def test_a_folder_that_lost_what_was_finished_is_refused_and_left_as_it_is(
    ask: Ask, shop: Path, loss: str
) -> None:
    assert ask("leaderboard", "--write").code == 0
    record = sorted((shop / "records").iterdir())[0]
    prediction = shop / "predictions" / f"{record.stem}.npz"
    damage(shop, record, prediction, loss)
    before = {path: path.read_bytes() for path in shop.rglob("*") if path.is_file()}
    n_lost = 1 if "one" in loss else 25

    answers = [
        ask(*words)
        for words in (
            ("leaderboard",),
            ("leaderboard", "--write"),
            ("report",),
            ("compare", "shop", "shop"),
        )
    ]

    for answer in answers:
        assert (answer.code, answer.out) == (2, "")
        assert answer.err.startswith(
            f"error: results/shop: {n_lost} of the 25 fits of this run cannot be read, the "
            "first is results/shop/records/"
        )
        assert answer.err.endswith(
            "\nhint: the folder is left as it is; the same run makes it anew, with --out results: "
            "python -m bench run --dataset shop\n"
        )
    assert before == {path: path.read_bytes() for path in shop.rglob("*") if path.is_file()}


def damage(folder: Path, record: Path, prediction: Path, loss: str) -> None:
    if loss in ("predictions", "records"):
        shutil.rmtree(folder / loss)
    elif loss == "one record":
        record.unlink()
    elif loss == "one prediction":
        prediction.write_bytes(prediction.read_bytes()[:-9])
    else:
        text = record.read_text(encoding="utf-8")
        record.write_text(text.replace('"fit": 0.5', '"fit": 0.1'), encoding="utf-8")


def test_what_an_interrupted_run_did_not_come_to_is_no_damage(ask: Ask, shop: Path) -> None:
    store = Store(shop)
    store.write_run(replace(store.read_run(), is_interrupted=True, n_fitted=24))
    records = sorted((shop / "records").iterdir())
    records[0].unlink()

    begun = ask("leaderboard"), ask("report")
    records[1].write_text("{", encoding="utf-8")
    cut = ask("report")
    shutil.rmtree(shop / "records")
    lost = ask("report")

    assert [answer.code for answer in begun] == [0, 0]
    assert "1 candidate" in begun[0].out
    assert "1 of the 25 fits of this run cannot be read" in cut.err
    assert "25 of the 25 fits of this run cannot be read" in lost.err


@pytest.mark.parametrize("words", [("report",), ("leaderboard", "--write")])
def test_slices_that_cannot_be_read_are_no_reason_to_remove_their_figures(
    ask: Ask, shop: Path, words: tuple[str, ...]
) -> None:
    (shop / "segments.json").write_text('{"key": "cut', encoding="utf-8")
    figure = shop / "figures" / "segments_ranking.svg"
    figure.parent.mkdir()
    figure.touch()

    answer = ask(*words)

    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith("error: results/shop/segments.json: cannot be read: ")
    assert figure.is_file()
    assert not (shop / "report.html").exists()
    assert ask("leaderboard").code == 0  # which shows nothing of it


def test_worths_of_customers_that_cannot_be_read_are_missed(ask: Ask, shop: Path) -> None:
    store = Store(shop)
    run = store.read_run()
    economics = EconomicsSpec(value="fee")
    store.write_run(replace(run, facts=replace(run.facts, economics=economics)))

    answer = ask("leaderboard")

    assert answer.code == 2
    assert answer.err.startswith(
        "error: results/shop/values.npz: what customers are worth cannot be read\n"
    )


def test_an_unpacked_bundle_is_shown_and_not_written_anew(ask: Ask, shop: Path) -> None:
    store = Store(shop)
    run = store.read_run()
    store.write_run(replace(run, facts=replace(run.facts, economics=EconomicsSpec(value="fee"))))
    (shop / "environment.json").touch()  # which bundles have, and folders of runs have not

    answers = [ask("leaderboard"), ask("leaderboard", "--write"), ask("report")]

    assert [answer.code for answer in answers] == [0, 2, 2]
    assert answers[2].err.startswith("error: results/shop: a bundle holds no values of customers")


def test_across_datasets_formats_are_for_pipes_too(ask: Ask, home: Path, shop: Path) -> None:
    keep_run(home / "results" / "bank", QUALITY, repeats=1, digest="e" * 64)

    page = ask("leaderboard", "--all-datasets", "--format", "md").out
    lines = ask("leaderboard", "--all-datasets", "--format", "csv").out

    assert page == (home / "results" / "leaderboard.md").read_text(encoding="utf-8")
    assert lines == (home / "results" / "leaderboard.csv").read_text(encoding="utf-8")
