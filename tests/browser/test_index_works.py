"""The index in a browser: ten datasets of sixty candidates, by mouse and keyboard."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from browsing import WIDTHS, Browser
from index_runs import FEW, make_content, make_run, make_sixty

from bench.domain import Candidate, Finding
from bench.reports.index.cards import Unreadable
from bench.reports.index.writing import write_index
from bench.reports.page.writing import write_page

pytest.importorskip("selenium", reason="selenium is not installed (nox -s browser does that)")
if shutil.which("chromium") is None or shutil.which("chromedriver") is None:
    pytest.skip("there is no chromium with its chromedriver here", allow_module_level=True)

ENTER, SPACE, TAB = "\ue007", "\ue00d", "\ue004"
N_DATASETS = 10
MOST_SECONDS = 2.0
HOSTILE = (
    "<script>document.title='hacked'</script>",
    '"=cmd()"',
    "קהל לקוחות",
    "x" * 300,
)

OVERLAPS = """
// Words of one card, or of one table, that lie on each other, and those that leave the page.
const found = [];
for (const part of document.querySelectorAll("article, h1, h2, .lead, nav, .controls, .links")) {
  const box = part.getBoundingClientRect();
  if (box.right > innerWidth + 1 || box.left < 0) found.push(`${part.className} leaves the page`);
}
for (const card of document.querySelectorAll("article")) {
  const parts = [...card.children].map((one) => one.getBoundingClientRect());
  parts.slice(1).forEach((box, k) => {
    if (box.top < parts[k].bottom - 6) found.push(`${card.textContent.trim().slice(0, 30)} ${k}`);
  });
  const edge = card.getBoundingClientRect();
  for (const one of card.querySelectorAll("*")) {
    const { right } = one.getBoundingClientRect();
    if (right > edge.right + 1) found.push(`${one.tagName} leaves its card`);
  }
}
for (const row of document.querySelectorAll("#across tr, #each tr")) {
  const cells = [...row.children].map((one) => [one, one.getBoundingClientRect()]);
  cells.slice(1).forEach(([cell, box], k) => {
    const isHeld = getComputedStyle(cells[k][0]).position === "sticky";
    if (!isHeld && box.left < cells[k][1].right - 3) found.push(cell.textContent);
  });
}
return found;
"""


@pytest.fixture(scope="session")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index over ten datasets of sixty candidates."""
    out = tmp_path_factory.mktemp("index")
    runs = [
        make_run(f"dataset-{k}", seed=k, candidates=make_sixty(), folds=2)
        for k in range(N_DATASETS)
    ]
    for run in runs:
        (out / run.facts.name).mkdir()
        (out / run.facts.name / "report.html").touch()
    return write_index(out, make_content(out, runs))


@pytest.fixture(scope="session")
def odd_index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index over names that nobody wishes for, a stand-in, faults and a damaged folder."""
    out = tmp_path_factory.mktemp("odd")
    runs = [
        make_run(
            name,
            seed=k,
            title=name,
            citation=name,
            candidates=(*FEW, Candidate(name), Candidate("logistic", name)),
        )
        for k, name in enumerate(HOSTILE)
    ]
    fault = Finding("severe", "leak", f"{HOSTILE[3]} tells all", ("x",), HOSTILE[0])
    runs.append(make_run("leaky", seed=7, findings=(fault,), accepted=("leak",)))
    runs.append(make_run("telco", seed=8, origin="stand-in"))
    return write_index(
        out, make_content(out, runs, unreadable=[Unreadable(out / "cut", HOSTILE[3], HOSTILE[0])])
    )


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("is_dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("which", ["index", "odd_index"])
def test_no_width_makes_errors_scroll_bars_or_overlaps(
    browser: Browser, request: pytest.FixtureRequest, which: str, width: int, is_dark: bool
) -> None:
    browser.open(request.getfixturevalue(which), width=width, dark=is_dark)

    assert browser.complaints() == []
    assert browser.run("return document.documentElement.scrollWidth") <= width
    assert browser.run(OVERLAPS) == []


def test_ten_datasets_of_sixty_candidates_open_within_two_seconds(
    browser: Browser, index: Path
) -> None:
    browser.open(index)

    # From the start of the navigation until everything is drawn.
    done = browser.run("return performance.getEntriesByType('navigation')[0].loadEventEnd")
    assert 0 < done / 1000 < MOST_SECONDS
    assert len(browser.texts("article")) == N_DATASETS
    assert len(browser.find_all("[data-bar] svg")) == N_DATASETS


def test_words_of_strangers_are_words(browser: Browser, odd_index: Path) -> None:
    browser.open(odd_index)

    assert browser.run("return document.title") == "Churn benchmarks: 6 datasets"
    titles = browser.texts("article h3")
    assert {HOSTILE[0], HOSTILE[1], HOSTILE[2]} <= {title.strip() for title in titles}
    assert any(HOSTILE[0] in text for text in browser.texts("#across td.name"))


def test_a_heading_sorts_by_mouse_and_by_keyboard(browser: Browser, index: Path) -> None:
    browser.open(index)
    (button,) = [b for b in browser.find_all("#across th button") if "mean ROC" in b.text]

    button.click()
    falling = _numbers(browser, 4)
    browser.run("arguments[0].focus()", button)
    browser.press(ENTER)
    rising = _numbers(browser, 4)

    assert falling == sorted(falling, reverse=True)
    assert rising == sorted(rising)
    assert rising[0] < falling[0]
    sorts = browser.run(
        "const heads = [...document.querySelectorAll('#across th')];"
        "return heads.map((head) => head.getAttribute('aria-sort'));"
    )
    assert [sort for sort in sorts if sort] == ["ascending"]


def _numbers(browser: Browser, column: int) -> list[float]:
    """Return a column of the board over datasets, without the references below."""
    selector = f"#across tbody tr:not(.reference) td:nth-child({column})"
    return [float(text) for text in browser.texts(selector)]


def test_each_dataset_is_a_column_to_sort_by(browser: Browser, index: Path) -> None:
    browser.open(index)
    browser.find_all("#each th button")[2].click()

    cells = browser.texts("#each tbody tr:not(.reference) td:nth-child(3)")
    figures = [float(text.split()[0]) for text in cells]
    assert figures == sorted(figures, reverse=True)
    assert any("=" in text for text in cells)


def test_filters_hold_for_both_tables_and_keep_the_references(
    browser: Browser, index: Path
) -> None:
    browser.open(index)
    model, strategy, _ = browser.find_all("#filter-view select")

    browser.choose(model, "xgboost")
    browser.choose(strategy, "smote")

    for place in ("#across", "#each"):
        names = browser.texts(f"{place} td.name strong")
        assert sorted(names) == ["logistic", "prior-only", "xgboost"]
        assert "xgboost smote · default" in browser.texts(f"{place} td.name")
    assert "1 of 60 candidates." in browser.texts("#across-view p")
    browser.find("#filter-view button").click()
    assert "60 of 60 candidates." in browser.texts("#across-view p")


def test_filters_work_by_keyboard(browser: Browser, index: Path) -> None:
    browser.open(index)
    browser.run("document.querySelector('#filter-view select').focus()")

    browser.press("x")  # the model that begins with it

    assert set(browser.texts("#across td.name strong")) == {"logistic", "prior-only", "xgboost"}
    browser.press(TAB, TAB, TAB, ENTER)
    assert "60 of 60 candidates." in browser.texts("#across-view p")


def test_all_rows_are_shown_on_request(browser: Browser, index: Path) -> None:
    browser.open(index)
    before = len(browser.find_all("#across tbody tr"))
    (button,) = [b for b in browser.find_all("#across-view button") if "Show all" in b.text]

    browser.run("arguments[0].focus()", button)
    browser.press(SPACE)

    assert before < 30
    assert len(browser.find_all("#across tbody tr")) == 60


def test_cells_show_figure_distance_or_place(browser: Browser, index: Path) -> None:
    browser.open(index)
    (pick,) = browser.find_all("#each select")
    column = "#each tbody tr td:nth-child(3)"
    figures = [float(text.split()[0]) for text in browser.texts(column)]

    browser.choose(pick, "behind")
    behind = [_signed(text.split()[0]) for text in browser.texts(column)]
    browser.choose(pick, "place")
    places = [int(text.split()[0]) for text in browser.texts(column)]

    ahead = max(a - b for a, b in zip(figures, behind, strict=True))
    assert behind == pytest.approx([figure - ahead for figure in figures], abs=2e-4)
    assert places[figures.index(min(figures))] == max(places)


def _signed(text: str) -> float:
    return float(text.replace("\N{MINUS SIGN}", "-"))


def test_a_figure_leads_to_the_candidate_in_its_datasets_report(
    browser: Browser, tmp_path: Path
) -> None:
    content = make_content(tmp_path, [make_run("bank"), make_run("iran", seed=1)])
    for one in content.shown:
        write_page(one.folder, one.findings)
    browser.open(write_index(tmp_path, content))
    names = browser.texts("#each tbody td.name strong")
    figures = browser.texts("#each tbody td:nth-child(4)")

    browser.find_all("#each tbody td:nth-child(4) a")[2].click()

    assert browser.driver.current_url.startswith((tmp_path / "iran" / "report.html").as_uri())
    said = browser.find("#candidate").text
    assert names[2] in browser.find("#candidate h1").text
    assert figures[2].split()[0] in said


def test_without_scripts_the_cards_say_all_they_have(browser: Browser, index: Path) -> None:
    text = index.read_text(encoding="utf-8")
    plain = index.with_name("plain.html")
    plain.write_text(text.replace("script-src 'sha256-", "script-src 'sha256-A"), encoding="utf-8")
    browser.open(plain)

    assert len(browser.texts("article .top-line strong")) == N_DATASETS
    browser.complaints()  # that the script may not run is what was wanted
