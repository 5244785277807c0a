"""index.html: a card for each dataset, and the board over those that may be compared."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from index_runs import FEW, make_content, make_run
from page_runs import Outline

from bench.analysis import answer
from bench.domain import Candidate, Finding, Run
from bench.reports.index.cards import Unreadable
from bench.reports.index.writing import IndexContent, render_index, write_index

HOSTILE = (
    "<script>alert(1)</script>",
    '"=cmd()"',
    "\u202eevil\u202c",
    "קהל לקוחות",
    "x" * 300,
    "</script><img src=x onerror=alert(1)>",
    "{{ 7 * 7 }}",
    "../up",
    "javascript:alert(1)",
)
Index = Callable[..., tuple[str, IndexContent]]


@pytest.fixture
def index(tmp_path: Path) -> Index:
    """Return a maker of the page over some runs, with what it shows."""

    def build(
        runs: Sequence[Run], *, metric: str = "roc_auc", unreadable: Sequence[Unreadable] = ()
    ) -> tuple[str, IndexContent]:
        content = make_content(tmp_path, runs, metric=metric, unreadable=unreadable)
        return render_index(tmp_path, content), content

    return build


def three() -> list[Run]:
    return [make_run(name, seed=k) for k, name in enumerate(("bank", "iran", "telco"))]


def data_of(page: str) -> Any:
    """Return what the scripts of a page are given."""
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    return json.loads(found[1])


def cards_of(page: str) -> list[str]:
    """Return what each card says, without its markup."""
    parts = re.findall(r'<article class="card">(.*?)</article>', page, re.DOTALL)
    return [" ".join(" ".join(Outline(part).text).split()) for part in parts]


# --- cards ----------------------------------------------------------------------------


def test_a_card_says_what_the_data_are_who_is_first_and_how_sure_that_is(index: Index) -> None:
    run = make_run("bank", licence="CC-BY-4.0", citation="Doe (2020)")

    page, content = index([run])

    (card,) = cards_of(page)
    findings = content.shown[0].findings
    best = findings.leaderboard.rows[0]
    score = best.scores["roc_auc"]
    shown = (
        "Customers of bank",
        "Customers 180",
        "Leave 20.0 % (36)",
        "Data from a local file",
        f"First by ROC-AUC: {best.candidate}",
        f"{score.mean:.4f}".lstrip("0"),
        f"95 % interval {score.low:.4f} to".replace("0.", "."),
        "1 repeat of 3 stratified folds, seed 0",
        "licence of the data CC-BY-4.0",
        "cite Doe (2020)",
        "run at 2026-11-20T12:00:00+00:00",
        "python -m bench run --dataset bank",
        "lightgbm 4.7.0",
        run.facts.digest,
    )
    assert [words for words in shown if words not in card] == []


def test_a_card_tells_whether_imbalance_handling_helps_as_the_boards_do(index: Index) -> None:
    page, content = index([make_run("bank")])

    findings = content.shown[0].findings
    (told,) = [one for one in findings.answer if one not in answer(findings.leaderboard)]
    assert _unspaced(told.replace("`", "")) in _unspaced(cards_of(page)[0])


def _unspaced(text: str) -> str:
    return "".join(text.split())


def test_stand_ins_and_accepted_faults_cannot_be_overlooked_and_do_not_count(index: Index) -> None:
    leak = Finding("severe", "target-leak", "column 'x' tells the answer", ("x",), "too good")
    leaky = make_run("leaky", seed=1, findings=(leak,), accepted=("target-leak",))

    page, _ = index([make_run("bank"), leaky, make_run("telco", seed=2, origin="stand-in")])

    real, fault, stand_in = cards_of(page)
    assert "on the board over datasets" in real
    assert "not on the board" not in real
    assert "Do not believe these figures." in fault
    assert "column 'x' tells the answer" in fault
    assert "Accepted: target-leak." in fault
    assert "not on the board over datasets severe faults in the data" in fault
    assert "Stand-in data." in stand_in
    assert "not on the board over datasets stand-in data, not the real table" in stand_in
    assert [one["name"] for one in data_of(page)["board"]["datasets"]] == ["bank"]


def test_each_reason_stands_on_its_own_card_where_names_are_equal(index: Index) -> None:
    """Two folders of one adapter, the other way round than their reasons."""
    twins = [make_run("bank", title="first"), make_run("bank", seed=1, title="second")]

    page, _ = index([*twins, make_run("alone", seed=2, origin="stand-in")])

    reasons = {card.split()[0]: card for card in cards_of(page)}
    assert "another folder of the same adapter" in reasons["second"]
    assert "not on the board" not in reasons["first"]
    assert "stand-in data" in reasons["Customers"]


def test_unfinished_runs_say_so_and_rank_nothing_that_lacks_splits(
    tmp_path: Path, index: Index
) -> None:
    page, content = index([replace(make_run("bank"), is_interrupted=True)])
    assert "Unfinished. The run was interrupted." in cards_of(page)[0]

    lost = replace(content.shown[0].findings.leaderboard.rows[0], status="partial", rank=None)
    board = content.shown[0].findings.leaderboard
    findings = replace(
        content.shown[0].findings, leaderboard=replace(board, rows=(lost, *board.rows[1:]))
    )
    shown = [replace(content.shown[0], findings=findings)]
    page = render_index(tmp_path, replace(content, shown=shown))
    assert "1 of 4 candidates lacks splits and has no rank." in cards_of(page)[0]


def test_a_folder_that_cannot_be_read_has_a_card_with_the_way_out(
    tmp_path: Path, index: Index
) -> None:
    one = Unreadable(tmp_path / "<b>cut", "run.json: cannot be read", "run it again")

    page, _ = index([make_run("bank")], unreadable=[one])

    assert cards_of(page)[1] == (
        "<b>cut Nothing to show. run.json: cannot be read What to do: run it again"
    )


def test_links_lead_to_what_is_there(tmp_path: Path, index: Index) -> None:
    folder = tmp_path / "bank"
    folder.mkdir()
    for name in ("report.html", "leaderboard.md"):
        (folder / name).touch()

    page, _ = index([make_run("bank"), make_run("iran", seed=1)])

    links = [tag[1]["href"] for tag in Outline(page).tags if tag[0] == "a"]
    assert [link for link in links if not str(link).startswith("#")] == [
        "./bank/report.html",
        "./bank/report.html",
        "./bank/leaderboard.md",
    ]


# --- the board over datasets ----------------------------------------------------------


def test_the_board_has_the_figures_that_the_analysis_has(index: Index) -> None:
    page, content = index(three())

    board, shown = content.board, data_of(page)["board"]
    assert [row["name"] for row in shown["rows"]] == [str(row.candidate) for row in board.rows]
    for row, found in zip(board.rows, shown["rows"], strict=True):
        assert found["rank"] == row.rank
        assert found["meanRank"] == pytest.approx(row.mean_rank)
        assert found["p"] == (None if row.p_value is None else pytest.approx(row.p_value))
        means = [row.means[one["name"]] for one in shown["datasets"]]
        assert [cell[0] for cell in found["cells"]] == pytest.approx(means)


def test_marks_and_lines_are_those_of_each_datasets_own_board(index: Index) -> None:
    page, content = index(three())

    rows = data_of(page)["board"]["rows"]
    for k, one in enumerate(content.shown):
        for row in one.findings.leaderboard.rows:
            (found,) = [r for r in rows if r["name"] == str(row.candidate)]
            _, marks, line = found["cells"][k]
            assert bool(marks & 1) == row.is_tied_with_best
            assert bool(marks & 2) == row.is_equivalent_to_best
            assert line == row.rank - 1  # of a complete board
    tied = {row["name"]: sum(cell[1] & 1 for cell in row["cells"]) for row in rows}
    assert {row["name"]: row["ties"] for row in rows} == tied


def test_firsts_add_up_to_the_datasets_where_no_figures_are_equal(index: Index) -> None:
    page, _ = index(three())

    rows = data_of(page)["board"]["rows"]
    assert sum(row["firsts"] for row in rows) == 3


def test_the_only_candidate_that_all_datasets_have_is_called_no_winner(index: Index) -> None:
    page, _ = index(
        [make_run("bank"), make_run("iran", seed=1, candidates=[Candidate("logistic")])]
    )

    words = " ".join(" ".join(Outline(page).text).split())
    assert "Only logistic+none+default finished all splits of all 2 datasets" in words
    assert "3 of 4 candidates lack datasets or splits and have no rank." in words
    assert "has the best mean rank" not in words
    (plain,) = [row for row in data_of(page)["board"]["rows"] if row["model"] == "logistic"]
    assert (plain["rank"], plain["firsts"]) == (1, 1)  # on bank somebody else is first


def test_a_dataset_ranked_by_another_metric_counts_and_bears_no_marks(index: Index) -> None:
    by_f1 = make_run("iran", seed=1)
    by_f1 = replace(by_f1, experiment=replace(by_f1.experiment, rank_by="f1"))

    page, _ = index([make_run("bank"), by_f1])

    board = data_of(page)["board"]
    assert [(one["name"], one["isMarked"]) for one in board["datasets"]] == [
        ("bank", True),
        ("iran", False),
    ]
    marks = [[cell[1] for cell in row["cells"]] for row in board["rows"]]
    assert any(on_bank for on_bank, _ in marks)
    assert not any(on_iran for _, on_iran in marks)
    assert "First by F1:" in cards_of(page)[1]


def test_with_nothing_to_compare_there_are_cards_and_no_board(index: Index) -> None:
    page, _ = index([make_run("telco", origin="stand-in")])

    assert len(cards_of(page)) == 1
    assert "No results on real data were found." in page
    assert 'id="across"' not in page


# --- strangers' words -----------------------------------------------------------------


@pytest.mark.parametrize("name", HOSTILE, ids=lambda name: ascii(name)[:20])
def test_words_of_strangers_are_never_interpreted(tmp_path: Path, index: Index, name: str) -> None:
    plain, _ = index(three())
    finding = Finding("severe", name, name, (name,), name, name)
    model = (Candidate(name), Candidate("logistic", name), *FEW)
    runs = [
        make_run(name, title=name, licence=name, citation=name, candidates=model),
        make_run("iran", seed=1, candidates=model),
        make_run("leaky", seed=2, findings=(finding,), accepted=(name,)),
    ]

    (tmp_path / "leaky").mkdir()
    (tmp_path / "leaky" / "report.html").touch()  # a title is a link there
    runs[2] = replace(runs[2], facts=replace(runs[2].facts, title=name))

    page, _ = index(runs, unreadable=[Unreadable(tmp_path / name[:100], name, name)])

    outline = Outline(page)
    tags = {tag for tag, _ in outline.tags}
    assert tags <= {tag for tag, _ in Outline(plain).tags}
    assert [tag for tag, _ in outline.tags].count("script") == 2
    for _, attributes in outline.tags:
        assert not any(key.startswith("on") or key == "style" for key in attributes)
        assert str(attributes.get("href", "#")).startswith(("#", "./", "data:,"))
    assert "\u202e" not in page


@pytest.mark.parametrize("name", ["a#b?c%d&e", "javascript:alert(1)", "=cmd()", 'q"u"o', "x y"])
def test_folder_names_lead_to_their_own_files_whatever_they_are(
    tmp_path: Path, index: Index, name: str
) -> None:
    (tmp_path / name).mkdir()
    (tmp_path / name / "report.html").touch()

    page, _ = index([make_run(name)])

    (address,) = {
        str(tag[1]["href"])
        for tag in Outline(page).tags
        if "report.html" in str(tag[1].get("href"))
    }
    path = address.removeprefix("./")
    assert not set("#?:") & set(path)
    assert (tmp_path / unquote(path)).is_file()
    assert data_of(page)["board"]["datasets"][0]["report"] == address


# --- the file -------------------------------------------------------------------------


def test_the_page_is_one_file_that_may_run_its_own_script_alone(index: Index) -> None:
    page, _ = index(three())

    (policy,) = [
        str(attributes["content"])
        for tag, attributes in Outline(page).tags
        if attributes.get("http-equiv") == "Content-Security-Policy"
    ]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
    assert not re.search(r"""(src|href)=["']?https?:""", page)


def test_the_same_results_make_the_same_file(tmp_path: Path) -> None:
    content = make_content(tmp_path, three())

    first = write_index(tmp_path, content).read_bytes()

    assert write_index(tmp_path, make_content(tmp_path, three())).read_bytes() == first
