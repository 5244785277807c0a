"""Reports of runs that are out of the ordinary, on paper, and numbers that are halves."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from browsing import Browser
from page_runs import make_page_findings, make_page_results, make_page_run

from bench.analysis import analyse
from bench.domain import Candidate
from bench.reports.boards import in_order
from bench.reports.numbers import format_chance, format_number
from bench.reports.page.rendering import read_scripts
from bench.reports.page.writing import write_page

pytest.importorskip("selenium", reason="selenium is not installed (nox -s browser does that)")
if shutil.which("chromium") is None or shutil.which("chromedriver") is None:
    pytest.skip("there is no chromium with its chromedriver here", allow_module_level=True)


def test_importances_that_are_all_0_are_told_and_all_after_them_is_drawn(
    browser: Browser, tmp_path: Path
) -> None:
    run = make_page_run()
    results = {}
    for job_id, result in make_page_results(run).items():
        none = {
            method: dict.fromkeys(shares, 0.0)
            for method, shares in result.record.importance.items()
        }
        results[job_id] = replace(result, record=replace(result.record, importance=none))

    browser.open(write_page(tmp_path, analyse(run, results)))

    assert browser.complaints() == []
    assert "No feature has any importance" in browser.find("#features").text
    assert "no fit was explained" not in browser.run("return document.body.textContent")
    for place in ("#cost-view svg", "#count-view table", "#address-view table"):
        assert browser.find_all(place) != []


def test_a_candidates_page_checks_the_folder_that_its_run_wrote(
    browser: Browser, tmp_path: Path
) -> None:
    run = replace(make_page_run(), command="python -m bench run --dataset toy --out 'my results'")

    browser.open(write_page(tmp_path, analyse(run, make_page_results(run))), place="#row-0")

    address = browser.find("#candidate pre").text.split()[-1]
    assert browser.find("#candidate pre").text == (
        f"python -m bench verify 'my results/toy' --row {address}"
    )


def test_a_candidate_of_which_every_fit_failed_stands_below_the_board_with_the_reason(
    browser: Browser, tmp_path: Path
) -> None:
    run = make_page_run()
    lost = Candidate("logistic", "smote")
    failures = {job.id: "<b>no memory" for job in run.jobs if job.candidate == lost}
    results = {k: one for k, one in make_page_results(run).items() if k not in failures}
    run = replace(run, failures=failures)

    browser.open(write_page(tmp_path, analyse(run, results)))

    assert f"{len(failures)} of {len(run.jobs)} fits failed" in browser.find("#answer").text
    assert (
        "Without figures, for no fit of it succeeded: logistic+smote+default (<b>no memory)."
        in browser.find("#boards").text
    )


# --- boards and strategies ------------------------------------------------------------


def test_ranks_and_ties_stand_on_the_board_that_they_are_of_alone(
    browser: Browser, page: Path
) -> None:
    browser.open(page)
    heads = {}
    for tab in browser.find_all("#board-view [role=tab]"):
        tab.click()
        heads[tab.text] = browser.texts("#board-view th")[:2]

    assert heads.pop("Ranking") == ["#", "tie"]
    assert heads != {}
    assert all(first == "candidate" for first, _ in heads.values())
    assert browser.find_all("#board-view tr.tied") == []


def test_a_filter_says_what_it_leaves_and_can_be_cleared(browser: Browser, page: Path) -> None:
    browser.open(page)
    assert "Clear filters" not in browser.find("#board-view").text

    browser.choose(browser.find("#board-view select"), "xgboost")
    words = browser.find("#board-view").text
    n_rows = len(browser.find_all("#board-view tbody tr"))

    assert f"{n_rows - 2} of 33 candidates, and 2 to compare with." in words
    assert "Clear filters" in words


def test_cells_of_the_heat_map_keep_to_one_tuning_and_empty_ones_say_why(
    browser: Browser, page: Path
) -> None:
    browser.open(page)
    lines = browser.texts("#heat-view .heat tbody th small")
    cells = browser.run(
        "return [...document.querySelectorAll('#heat-view .heat tbody tr')].map((line) =>"
        " [...line.querySelectorAll('td')].map((cell) => [cell.textContent, cell.title]))"
    )

    assert len(lines) == len(cells) > 1
    for tuning, line in zip(lines, cells, strict=True):
        for text, title in line:
            expected = f"not run with {tuning}" if text == "·" else f"+{tuning}"
            assert title.endswith(expected)


def test_lines_of_the_heat_map_keep_to_one_preparation_and_name_it(
    browser: Browser, tmp_path: Path
) -> None:
    preparations = ("encoded", "native", "select-chi2")
    candidates = [
        Candidate(model, strategy, preparation=preparation)
        for model in ("catboost", "lightgbm", "logistic", "xgboost")
        for strategy in ("none", "smote")
        for preparation in preparations
    ]
    findings = make_page_findings(
        [*candidates, Candidate("svm-rbf"), Candidate("svm-rbf", "smote")]
    )
    best: dict[str, Candidate] = {}
    for row in in_order(findings.leaderboard):
        if row.candidate.strategy == "none":
            best.setdefault(row.candidate.model, row.candidate)
    expected = [[str(one), str(replace(one, strategy="smote"))] for _, one in sorted(best.items())]
    browser.open(write_page(tmp_path, findings))

    settings = browser.texts("#heat-view .heat tbody th small")
    cells = browser.run(
        "return [...document.querySelectorAll('#heat-view .heat tbody tr')].map((line) =>"
        " [...line.querySelectorAll('td')].map((cell) => cell.title))"
    )

    assert len({one.preparation for one in best.values()}) > 1
    assert cells == expected
    assert settings == [line[0].split("+", 2)[2] for line in expected]


def test_figures_that_follow_the_level_of_probabilities_are_called_no_gain(
    browser: Browser, page: Path
) -> None:
    browser.open(page)

    browser.choose(browser.find("#heat-view select"), "f1_at_05")

    assert "No gain by itself" in browser.find("#heat-view").text
    shown = set(browser.texts("#heat-view .table tbody td:last-child"))
    assert shown.isdisjoint({"better", "worse"})


def test_every_figure_is_offered_in_the_heat_map(browser: Browser, page: Path) -> None:
    browser.open(page)
    data = json.loads(browser.run("return document.getElementById('data').textContent"))

    offered = browser.run(
        "return [...document.querySelectorAll('#heat-view select')[0].options].map((o) => o.value)"
    )

    assert offered == list(data["metrics"])
    assert "threshold" in offered


# --- paper ----------------------------------------------------------------------------

FOLDED = "return document.querySelectorAll('details:not([open])').length"


def test_all_boards_rows_and_folds_are_printed_and_folded_again(
    browser: Browser, page: Path
) -> None:
    browser.open(page)
    n_rows, n_folded = len(browser.find_all("#board-view tbody tr")), browser.run(FOLDED)

    browser.run("dispatchEvent(new Event('beforeprint'))")

    assert len(browser.find_all("#board-view table")) == 4
    assert (
        len(browser.find_all("#board-view table")[0].find_elements("css selector", "tbody tr"))
        == 33
    )
    assert browser.find_all("tr.gap") == []
    assert browser.run(FOLDED) == 0

    browser.run("dispatchEvent(new Event('afterprint'))")

    assert len(browser.find_all("#board-view table")) == 1
    assert len(browser.find_all("#board-view tbody tr")) == n_rows
    assert browser.run(FOLDED) == n_folded > 0


def test_on_paper_headings_are_no_boxes_and_colours_are_kept(browser: Browser, page: Path) -> None:
    browser.open(page)
    browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})

    heading, cell = browser.run(
        "return ['#board-view th button', '#heat-view .heat td'].map((one) =>"
        " getComputedStyle(document.querySelector(one))).map((one) =>"
        " [one.display, one.printColorAdjust])"
    )

    # Chromium repeats headings on the next page, but for buttons in them.
    assert heading[0] == "contents"
    assert cell[1] == "exact"
    browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


# --- numbers --------------------------------------------------------------------------


def test_halves_are_rounded_as_python_rounds_them(browser: Browser, tmp_path: Path) -> None:
    values = [0.5, 1.5, 2.5, 0.125, 0.375, 0.0625, 1234.5, 2.675, 0.00005, 1e-9, 0.025, 0.035, 0.3]
    script = tmp_path / "format.js"
    script.write_text(
        "window.formats = (x) => [figure(x, 2), figure(-x, 1, true), figure(x), percent(x),"
        " chance(x), count(x), amount(x), amount(1000 * x, 0)];",
        encoding="utf-8",
    )
    shell = tmp_path / "shell.html"
    shell.write_text(
        '<script type="application/json" id="data">{}</script><div id="tip"></div>'
        f"<script>{read_scripts(('elements', 'numbers'), script)}</script>",
        encoding="utf-8",
    )
    browser.open(shell)

    shown = browser.run("return arguments[0].map(window.formats)", values)

    for value, found in zip(values, shown, strict=True):
        assert found == [
            format_number(value, digits=2),
            format_number(-value, digits=1, is_signed=True).replace("-", "−").replace("+.0", ".0"),
            format_number(value),
            f"{100 * value:.0f} %",
            format_chance(value),
            f"{value:,.0f}",
            f"{value:,.2f}",
            f"{1000 * value:,.0f}",
        ]
