"""report.html: one harmless, deterministic file that needs nothing else."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from page_runs import Outline, make_page_findings, make_page_results, make_page_run

from bench.analysis import Findings, analyse
from bench.domain import Candidate, Finding, Result, Skip, Stop
from bench.reports.page.embedding import embed_json
from bench.reports.page.rendering import FOLDER, SCRIPTS, page_digest, read_scripts, render_sentence
from bench.reports.page.writing import write_page

HOSTILE = (
    "<script>alert(1)</script>",
    '"=cmd()"',
    "'; DROP TABLE customers",
    "\u202eevil\u202c",
    "קהל לקוחות",
    "x" * 300,
    "</script><img src=x onerror=alert(1)>",
    "<!-- -->",
    "{{ 7 * 7 }}",
    "a\u2028b",
)


@pytest.fixture(scope="module")
def findings() -> Findings:
    return make_page_findings()


@pytest.fixture(scope="module")
def page(findings: Findings, tmp_path_factory: pytest.TempPathFactory) -> str:
    return write_page(tmp_path_factory.mktemp("page"), findings).read_text(encoding="utf-8")


def data_of(page: str) -> Any:
    """Return what the scripts of a page are given."""
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    return json.loads(found[1])


def test_accepted_faults_are_no_stand_in_and_cannot_be_overlooked(
    findings: Findings, tmp_path: Path
) -> None:
    leak = Finding("severe", "target-leak", "column 'x' tells the answer", ("x",), "too good")
    run = findings.leaderboard.run
    facts = replace(run.facts, findings=(leak,), accepted=("target-leak",))
    board = replace(findings.leaderboard, run=replace(run, facts=facts))
    page = write_page(tmp_path, replace(findings, leaderboard=board)).read_text(encoding="utf-8")
    assert "Do not believe these figures." in page
    assert "Stand-in data." not in page


# --- what is in it --------------------------------------------------------------------


def test_the_answer_stands_first_and_needs_no_script(findings: Findings, page: str) -> None:
    start, end = page.index('<section id="answer">'), page.index('<section id="boards">')
    words = " ".join("".join(Outline(page[start:end]).text).split())

    assert findings.answer[0].replace("`", "") in words
    for said in (
        "Which model? If in doubt take lightgbm+",
        "Does SMOTE help? SMOTE was not shown to help: smote was not shown to improve",
        "of 960 customers, the top",
        "defaults from the literature, not amounts of this dataset",
        "Which features matter? Most important: ",
    ):
        assert said in words
    assert "960" in words  # customers
    assert "a is almost b" in words
    assert "read as it lies in the file" in words
    assert "1 repeat of 4 stratified folds, seed 0" in words
    assert "python -m bench run --dataset toy" in words


def test_the_data_hold_every_row_with_the_figures_of_the_board(
    findings: Findings, page: str
) -> None:
    data = data_of(page)

    rows = {row["name"]: row for row in data["rows"]}
    assert len(rows) == len(findings.leaderboard.rows)
    for row in findings.leaderboard.rows:
        shown = rows[str(row.candidate)]
        assert (shown["rank"], shown["tied"]) == (row.rank, row.is_tied_with_best)
        for name, score in row.scores.items():
            assert shown["scores"][name][0] == pytest.approx(score.mean, rel=1e-5, abs=1e-9)
    assert [board["name"] for board in data["boards"]] == [
        "ranking",
        "decisions",
        "probabilities",
        "profit",
    ]
    assert data["rows"][data["plain"]]["name"] == "logistic+none+default"


def test_the_repaired_twin_is_on_the_probabilities_board_only(page: str) -> None:
    data = data_of(page)
    (twin,) = [k for k, row in enumerate(data["rows"]) if row["repair"] == "prior"]

    on = {board["name"] for board in data["boards"] if twin in board["rows"]}

    assert "ranking" not in on
    assert "probabilities" in on


def test_effects_are_told_for_every_metric_with_a_direction(page: str) -> None:
    effects = data_of(page)["effects"]

    assert {"roc_auc", "f1", "brier", "empc", "recall_at_05"} <= set(effects)
    assert "threshold" not in effects
    assert len(effects["roc_auc"]) == 3


def test_the_fine_print_tells_gaps_versions_and_digests(page: str) -> None:
    words = "".join(Outline(page[page.index('id="fine-print"') :]).text)

    for said in ("smotenc needs categorical columns", "4.7.0", "d" * 64, "777b05a", "3.11.2"):
        assert said in words


# --- one file that needs nothing ------------------------------------------------------


def test_nothing_is_fetched_from_anywhere(page: str) -> None:
    outline = Outline(page)

    targets = [
        value or ""
        for _, attributes in outline.tags
        for name, value in attributes.items()
        if name in ("src", "href", "action", "srcset", "poster", "data")
    ]
    assert all(target.startswith(("#", "data:")) for target in targets)
    assert not re.search(r"@import|url\(|fetch\(|XMLHttpRequest|WebSocket|EventSource", page)
    links = set(re.findall(r"https?://[^\s\"'<]+", page))
    assert links == {"http://www.w3.org/2000/svg"}


def test_the_page_allows_no_script_or_style_but_its_own(page: str) -> None:
    policy = next(
        attributes["content"] or ""
        for tag, attributes in Outline(page).tags
        if attributes.get("http-equiv") == "Content-Security-Policy"
    )
    script = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    style = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)

    assert len(script) == len(style) == 1
    for kind, text in (("script-src", script[0]), ("style-src", style[0])):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{kind} 'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy
    assert not re.search(r'\s(style|on\w+)="', page)


def test_no_script_parses_text_as_html() -> None:
    code = read_scripts()

    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacent|document\.write|\beval\b|Function\(", code
    )


def test_every_file_of_scripts_is_used_and_short() -> None:
    files = sorted((FOLDER / "scripts").glob("*.js"))

    assert {path.stem for path in files} == set(SCRIPTS)
    assert all(len(path.read_text(encoding="utf-8").splitlines()) < 400 for path in files)


# --- strangers ------------------------------------------------------------------------


@pytest.mark.parametrize("name", HOSTILE, ids=lambda name: ascii(name)[:20])
def test_names_of_strangers_change_no_element_of_the_page(name: str, tmp_path: Path) -> None:
    bad, plain = (
        Outline(write_page(tmp_path / str(k), hostile_findings(one)).read_text(encoding="utf-8"))
        for k, one in enumerate((name, "plain"))
    )

    assert [tag for tag, _ in bad.tags] == [tag for tag, _ in plain.tags]
    assert [set(attributes) for _, attributes in bad.tags] == [
        set(attributes) for _, attributes in plain.tags
    ]
    assert not any("\u202e" in text or "\u2028" in text for text in bad.text)


def test_data_can_neither_end_their_script_nor_start_another() -> None:
    text = embed_json({"</script>": ["<!--", "<script>", "a\u2028b\u2029", "&lt;"]})

    assert not re.search("[<>&\u2028\u2029]", text)
    assert json.loads(text) == {"</script>": ["<!--", "<script>", "a b", "&lt;"]}


def test_numbers_that_are_none_become_null() -> None:
    assert (
        embed_json([float("nan"), float("inf"), 0.1 + 0.2, 3.0, True]) == "[null,null,0.3,3,true]"
    )


def test_a_sentence_keeps_its_code_and_nothing_else() -> None:
    assert str(render_sentence("`a<b` is <i>")) == "<code>a&lt;b</code> is &lt;i&gt;"
    assert str(render_sentence("one ` alone")) == "one ` alone"


# --- bytes and time -------------------------------------------------------------------


def test_the_same_results_give_the_same_bytes(findings: Findings, tmp_path: Path) -> None:
    board = findings.leaderboard
    later = replace(board.run, started_at="2031-01-01", seconds=99.0, n_reused=7, n_fitted=1)

    first = write_page(tmp_path / "a", findings).read_bytes()
    again = write_page(tmp_path / "b", replace(findings, leaderboard=replace(board, run=later)))

    assert again.read_bytes() == first


def test_a_page_that_shows_the_same_already_is_not_drawn_again(
    findings: Findings, tmp_path: Path
) -> None:
    path = write_page(tmp_path, findings)
    marked = path.read_text(encoding="utf-8").replace("ChurnBench", "Touched", 1)
    path.write_text(marked, encoding="utf-8")

    write_page(tmp_path, findings)
    assert path.read_text(encoding="utf-8") == marked

    write_page(tmp_path, findings, is_forced=True)
    assert path.read_text(encoding="utf-8") != marked


BEFORE_AND_AFTER = """
import sys
from pathlib import Path
from bench.environment import code_digests
from bench.reports.page.rendering import page_digest

print(page_digest())
path, old, new = sys.argv[1:]
path = Path(path)
path.write_text(path.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
code_digests.cache_clear()
page_digest.cache_clear()
print(page_digest())
"""


@pytest.mark.parametrize(
    ("module", "old", "new", "is_changed"),
    [
        ("reports/boards.py", 'title="Ranking"', 'title="Order"', True),
        ("analysis/verdicts.py", "\ndef ", "\nNEW = 1\n\n\ndef ", True),
        ("reports/boards.py", '"""', '"""In other words: ', False),
        ("models/base.py", "\nclass ", "\nNEW = 1\n\n\nclass ", False),
    ],
)
def test_the_mark_of_a_page_is_of_all_code_that_makes_it(
    tmp_path: Path, module: str, old: str, new: str, is_changed: bool
) -> None:
    package = tmp_path / "bench"
    shutil.copytree(FOLDER.parents[1], package, ignore=shutil.ignore_patterns("__pycache__"))
    assert old in (package / module).read_text(encoding="utf-8")

    done = subprocess.run(
        [sys.executable, "-c", BEFORE_AND_AFTER, str(package / module), old, new],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
    )

    before, after = done.stdout.split()
    assert (before != after) == is_changed


def test_a_changed_title_is_drawn(findings: Findings, tmp_path: Path) -> None:
    before = write_page(tmp_path, findings).read_bytes()

    write_page(tmp_path, make_page_findings(title="Another"))

    assert (tmp_path / "report.html").read_bytes() != before


def test_sixty_candidates_on_five_folds_stay_small_and_quick(tmp_path: Path) -> None:
    models = [f"model-{k}" for k in range(15)]
    strategies = ("none", "smote", "class-weight", "random-over")
    candidates = tuple(Candidate(model, strategy) for model in models for strategy in strategies)
    run = make_page_run(candidates, folds=5)
    found = analyse(run, make_page_results(run))
    page_digest()

    started = time.process_time()
    path = write_page(tmp_path, found)

    assert time.process_time() - started < 10
    assert path.stat().st_size < 3_000_000


@pytest.mark.slow
def test_a_race_of_twenty_repeats_stays_small(tmp_path: Path) -> None:
    models = [f"model-{k}" for k in range(15)]
    candidates = tuple(
        Candidate(model, strategy)
        for model in models
        for strategy in ("none", "smote", "class-weight", "random-over")
    )
    run = make_page_run(candidates, folds=5, repeats=20)

    path = write_page(tmp_path, analyse(run, make_page_results(run)))

    assert path.stat().st_size < 3_000_000


def test_a_page_that_need_not_be_drawn_imports_no_template_engine() -> None:
    code = (
        "import sys; from bench.reports.page import context, data, rendering, writing; "
        "print(sorted({'jinja2', 'markupsafe', 'numpy'} & set(sys.modules)))"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == "[]\n"


# --- gaps -----------------------------------------------------------------------------


def test_a_run_without_any_result_still_has_a_page(tmp_path: Path) -> None:
    found = analyse(make_page_run(), {})

    page = write_page(tmp_path, found).read_text(encoding="utf-8")

    assert "No candidate finished all 4 splits" in page
    assert data_of(page)["curves"] == []


def test_failed_partial_and_stopped_candidates_are_told(tmp_path: Path) -> None:
    run = make_page_run()
    results = make_page_results(run)
    lost = [job for job in run.jobs if job.candidate.model == "lightgbm"][:2]
    for job in lost:
        results[job.id] = Result(replace(results[job.id].record, status="failed", error="x"), None)
    stop = Stop(Candidate("svm-rbf"), 1, Candidate("logistic"), "roc_auc", -0.1, 0.001, 0.01)
    run = replace(run, stopped=(stop,), failures={lost[0].id: "Traceback\nValueError: too <big>"})

    page = write_page(tmp_path, analyse(run, results)).read_text(encoding="utf-8")

    words = "".join(Outline(page).text)
    assert "ValueError: too <big>" in words
    assert "Stopped by the race" in words
    partial = [row for row in data_of(page)["rows"] if row["status"] == "partial"]
    assert partial
    assert all(row["rank"] is None and row["coverage"] < 1 for row in partial)


def test_a_single_split_is_shown_without_intervals(tmp_path: Path) -> None:
    run = make_page_run((Candidate("logistic"), Candidate("lightgbm")), folds=4)
    jobs = tuple(job for job in run.jobs if job.split.fold == 0)
    run = replace(run, jobs=jobs)

    page = write_page(tmp_path, analyse(run, make_page_results(run))).read_text(encoding="utf-8")

    data = data_of(page)
    assert data["t95"] == 0
    assert data["rows"][0]["scores"]["roc_auc"][2:] == [None, None]


def hostile_findings(name: str) -> Findings:
    """Return what a run shows whose every free text is ``name``."""
    run = replace(
        make_page_run(
            (Candidate("logistic"), Candidate("logistic", "smote"), Candidate(name)),
            title=name,
            features=(name, "b"),
            findings=(Finding("severe", "leak", f"{name} tells all", (name,), name, name),),
            notes=(name,),
            licence=name,
            citation=name,
            accepted=(f"leak:{name}",),
        ),
        skips=(Skip(Candidate(name, name), name),),
        versions={name: name},
        machine={name: name},
        commit=name,
        command=name,
    )
    results = make_page_results(run)
    lost = run.jobs[-1]
    results[lost.id] = Result(replace(results[lost.id].record, status="failed", error=name), None)
    return analyse(replace(run, failures={lost.id: name}), results)
