"""The report in a browser: boards, sliders, threshold and pages, by mouse and keyboard."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from browsing import WIDTHS, Browser
from page_runs import draw_settings, economics_of, expected_offers

from bench.analysis import Findings
from bench.analysis.curves import STOPS, n_at
from bench.analysis.money import NOBODY

pytest.importorskip("selenium", reason="selenium is not installed (nox -s browser does that)")
if shutil.which("chromium") is None or shutil.which("chromedriver") is None:
    pytest.skip("there is no chromium with its chromedriver here", allow_module_level=True)

RIGHT, ENTER = "\ue014", "\ue007"

OVERLAPS = """
// Texts of one drawing that lie on each other, and words that leave the page.
const found = [];
for (const svg of document.querySelectorAll("figure svg")) {
  const boxes = [...svg.querySelectorAll("text")]
    .map((text) => [text.textContent, text.getBoundingClientRect()])
    .filter(([, box]) => box.width > 0);
  boxes.forEach(([one, a], k) => boxes.slice(k + 1).forEach(([other, b]) => {
    const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
    const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
    if (wide > 1 && high > 3) found.push(`${one} | ${other}`);
  }));
  for (const [one, a] of boxes) {
    if (a.right > innerWidth || a.left < 0) found.push(`${one} leaves the page`);
  }
}
return found;
"""


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("place", ["", "#row-0", "#row-12"])
@pytest.mark.parametrize("is_dark", [False, True], ids=["light", "dark"])
def test_no_width_makes_errors_scroll_bars_or_overlaps(
    browser: Browser, page: Path, width: int, place: str, is_dark: bool
) -> None:
    browser.open(page, width=width, place=place, dark=is_dark)

    assert browser.complaints() == []
    assert browser.run("return document.documentElement.scrollWidth") <= width
    assert browser.run(OVERLAPS) == []


@pytest.mark.parametrize("width", WIDTHS)
def test_every_section_holds_something(browser: Browser, page: Path, width: int) -> None:
    browser.open(page, width=width)

    heights = browser.run(
        "return [...document.querySelectorAll('#report > section')]"
        ".map((one) => one.getBoundingClientRect().height)"
    )
    assert len(heights) == 10
    assert min(heights) > 200
    assert browser.texts("h2") == [t for t in browser.texts("h2") if t.strip()]


# --- features, segments, tuning -------------------------------------------------------


def test_importance_is_shown_by_model_with_its_methods(browser: Browser, page: Path) -> None:
    browser.open(page)
    (pick,) = browser.find_all("#feature-view select")
    names = [one.text for one in pick.find_elements("css selector", "option")]

    assert names[0] == "all models"
    browser.choose(pick, pick.find_elements("css selector", "option")[1].get_attribute("value"))

    assert "± over splits" in browser.texts("#feature-view th")
    assert browser.texts("#feature-view tbody td:first-child") == ["a", "b", "c", "d", "e", "f"]


def test_slices_are_shown_by_order_level_and_disagreement(browser: Browser, page: Path) -> None:
    browser.open(page)
    heads = []
    for shown in ("order", "level", "apart"):
        browser.choose(browser.find_all("#segment-view select")[-1], shown)
        heads.append(browser.texts("#segment-view th")[3])
        assert len(browser.find_all("#segment-view tbody tr")) >= 5

    assert [head.strip(" ▲▼") for head in heads] == [
        "ROC-AUC inside",
        "did leave",
        "of them disputed",
    ]
    assert browser.complaints() == []


def test_headings_of_new_tables_sort_by_keyboard(browser: Browser, page: Path) -> None:
    browser.open(page)
    heading = browser.find("#segment-view th:nth-child(2) button")

    heading.send_keys(ENTER)
    cells = browser.texts("#segment-view tbody td:nth-child(2)")

    sizes = [int(text.replace(",", "")) for text in cells]
    assert sizes == sorted(sizes, reverse=True)


def test_the_search_plot_reads_out_by_arrow_keys(browser: Browser, page: Path) -> None:
    browser.open(page)
    browser.run("document.querySelector('#search-view svg[tabindex]').focus()")

    browser.press(RIGHT)

    assert browser.find("#tip").text.startswith("trial")
    assert "split 1.1" in browser.find("#tip").text


# --- boards ---------------------------------------------------------------------------


def column(browser: Browser, k: int) -> list[float]:
    """Return the numbers in column ``k`` of the board, without the pinned references."""
    cells = browser.texts(f"#board-view tbody tr:not(.reference) td:nth-child({k})")
    return [float(text.replace("−", "-")) for text in cells if text]


def test_headings_sort_by_mouse_and_by_keyboard(browser: Browser, page: Path) -> None:
    browser.open(page)
    heading = browser.find("#board-view th:nth-child(4) button")
    assert column(browser, 4) == sorted(column(browser, 4), reverse=True)

    heading.click()

    assert column(browser, 4) == sorted(column(browser, 4))
    assert browser.find("#board-view th:nth-child(4)").get_attribute("aria-sort") == "ascending"

    browser.run("arguments[0].focus()", heading)
    browser.press(ENTER)

    assert column(browser, 4) == sorted(column(browser, 4), reverse=True)


def test_filters_leave_what_was_asked_for_and_the_references(browser: Browser, page: Path) -> None:
    browser.open(page)
    model, strategy, _ = browser.find_all("#board-view select")

    browser.choose(model, "xgboost")
    browser.choose(strategy, "smote")

    links = browser.texts("#board-view tbody td.name a")
    assert sorted(links) == ["logistic", "prior-only", "xgboost"]
    assert "1 of 33 candidates" in browser.find("#board-view").text

    browser.find("#board-view .controls button").click()

    assert len(browser.texts("#board-view tbody tr")) > 20


def test_boards_are_changed_with_the_arrow_keys(browser: Browser, page: Path) -> None:
    browser.open(page)
    browser.run("document.querySelector('[role=tab]').focus()")

    browser.press(RIGHT, RIGHT)

    assert browser.run("return document.activeElement.textContent") == "Probabilities"
    assert "Brier ▲" in browser.texts("#board-view th button")
    assert column(browser, 2) == sorted(column(browser, 2))


def test_all_rows_are_shown_when_asked_for(browser: Browser, page: Path) -> None:
    browser.open(page)
    (button,) = [b for b in browser.find_all("#board-view button") if b.text == "Show all 33"]

    button.click()

    assert len(browser.texts("#board-view tbody tr")) == 33


# --- pages of candidates --------------------------------------------------------------


def test_a_row_opens_its_page_by_mouse_and_back_again(browser: Browser, page: Path) -> None:
    browser.open(page)
    browser.find("#board-view tbody tr:nth-child(2) td:nth-child(4)").click()
    browser.run("return new Promise((done) => setTimeout(done, 50))")

    assert browser.run("return location.hash").startswith("#row-")
    assert not browser.find("#report").is_displayed()
    words = browser.find("#candidate").text
    for heading in ("Figures", "Curves", "Parameters", "Training rows", "Cost"):
        assert heading in words
    assert "learning_rate" in words
    assert "</script>" in words  # the value of a parameter, as text

    browser.find("#candidate a[href='#boards']").click()
    browser.run("return new Promise((done) => setTimeout(done, 50))")

    assert browser.find("#report").is_displayed()
    assert browser.complaints() == []


def test_a_row_opens_its_page_by_keyboard(browser: Browser, page: Path) -> None:
    browser.open(page)
    browser.run("document.querySelector('#board-view tbody td.name a').focus()")

    browser.press(ENTER)
    browser.run("return new Promise((done) => setTimeout(done, 50))")

    assert browser.find("#candidate h1").is_displayed()
    assert browser.run("return document.activeElement.tagName") == "H1"


# --- money ----------------------------------------------------------------------------


def winner(browser: Browser) -> tuple[str, float]:
    box = browser.find("#winner")
    return str(box.get_attribute("data-winner")), float(box.get_attribute("data-profit") or "nan")


def test_sliders_change_the_winner_by_keyboard(browser: Browser, page: Path) -> None:
    browser.open(page)
    _, before = winner(browser)
    browser.run("document.querySelector('[data-key=clv]').focus()")

    browser.press(*([RIGHT] * 10))

    _, after = winner(browser)
    assert after > before
    assert browser.run("return document.querySelector('[data-number=clv]').value") == "210"


def test_a_typed_amount_counts_and_the_dataset_s_come_back(browser: Browser, page: Path) -> None:
    browser.open(page)
    first = winner(browser)
    field = browser.find("[data-number=contact]")
    field.clear()
    field.send_keys("60")

    assert "No campaign pays" in browser.find("#winner").text

    browser.find("#money-view .controls button").click()

    assert winner(browser) == first


def test_a_fixed_campaign_calls_as_many_as_it_says(browser: Browser, page: Path) -> None:
    browser.open(page)

    browser.run(
        "const range = document.querySelector('[data-key=size]'); range.value = 19;"
        "range.dispatchEvent(new Event('input', {bubbles: true}));"
    )

    assert "Call 96 of 960: the top 10 % of the list of" in browser.find("#winner").text
    assert browser.find("#winner").get_attribute("data-called") == "96"


def test_the_page_names_one_number_to_call_and_the_threshold_says_where_it_is_from(
    browser: Browser, page: Path
) -> None:
    browser.open(page)
    called = browser.find("#winner .figures dd").text
    head = browser.find("#answer .lead").text

    assert f"Call {called} of 960 customers, the top" in head
    assert (
        f"at the amounts there {called} of 960 with this list" in browser.find("#sweep-view").text
    )

    browser.run(
        "[...document.querySelectorAll('#sweep-view button')]"
        ".find((one) => one.textContent === 'Pays most').click()"
    )

    # Cuts are thinned, a hundredth of the customers from one to the next.
    assert int(browser.texts("#sweep-figures dd")[-1]) == pytest.approx(int(called), abs=15)


def test_the_threshold_that_pays_moves_with_the_amounts(browser: Browser, page: Path) -> None:
    browser.open(page)
    before = browser.find("#sweep-view").text
    field = browser.find("[data-number=clv]")
    field.clear()
    field.send_keys("60")

    assert browser.find("#sweep-view").text != before


@pytest.mark.parametrize("width", WIDTHS)
def test_no_entry_of_the_navigation_is_cut(browser: Browser, page: Path, width: int) -> None:
    browser.open(page, width=width)

    cut = browser.run(
        "const box = document.querySelector('nav').getBoundingClientRect();"
        "return [...document.querySelectorAll('nav a')].filter((one) => {"
        " const own = one.getBoundingClientRect();"
        " return own.right > box.right + 1 || own.bottom > box.bottom + 1; })"
        ".map((one) => one.textContent)"
    )
    assert cut == []
    assert browser.run("return document.querySelector('.top').offsetHeight") < 90


SETTINGS = """
const set = (selector, value) => {
  const input = document.querySelector(selector);
  input.value = value;
  input.dispatchEvent(new Event(input.tagName === "SELECT" ? "change" : "input", {bubbles: true}));
};
return arguments[0].map(([amounts, stop]) => {
  for (const key of ["clv", "incentive", "contact"]) set(`[data-number=${key}]`, amounts[key]);
  set("[data-number=acceptance]", 100 * amounts.acceptance);
  if (stop === null) set("#money-view select", "best");
  else set("[data-key=size]", stop);
  return {...document.getElementById("winner").dataset};
});
"""


def test_at_50_settings_the_sliders_say_what_python_says_to_the_cent(
    browser: Browser, few_page: Path, findings: Findings
) -> None:
    settings = draw_settings(50)
    n = findings.leaderboard.run.facts.n_samples
    browser.open(few_page)

    answers = browser.run(SETTINGS, settings)

    assert len(answers) == 50
    for (setting, stop), answer in zip(settings, answers, strict=True):
        name, profit, best = expected_offers(findings, economics_of(setting), stop)[0]
        if profit < 0 or best == NOBODY:
            assert answer["winner"] == ""
            continue
        assert answer["winner"] == name
        assert float(answer["profit"]) * n == pytest.approx(profit * n, abs=0.005)
        assert int(answer["called"]) == n_at(STOPS[best], n)


# --- curves ---------------------------------------------------------------------------


def threshold(browser: Browser) -> float:
    return float(browser.texts("#sweep-figures dd")[0])


def test_the_threshold_moves_by_keyboard(browser: Browser, page: Path) -> None:
    browser.open(page)
    before = threshold(browser)
    browser.run("document.querySelector('#threshold').focus()")

    browser.press(RIGHT, RIGHT, RIGHT)

    assert threshold(browser) > before


def test_the_threshold_is_dragged_in_the_plot(browser: Browser, page: Path) -> None:
    from selenium.webdriver.common.action_chains import ActionChains

    browser.open(page)
    before = threshold(browser)
    plot = browser.find("#sweep-view svg[role=img]")
    browser.run("arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", plot)

    press, drag = ActionChains(browser.driver), ActionChains(browser.driver)

    press.move_to_element_with_offset(plot, 50, 0).click_and_hold().perform()
    pressed = threshold(browser)
    drag.move_by_offset(100, 0).release().perform()

    assert before < pressed < threshold(browser)


def test_the_sweep_says_what_its_threshold_does(browser: Browser, page: Path) -> None:
    browser.open(page)
    data = json.loads(browser.run("return document.getElementById('data').textContent"))
    at, precision, recall, _, alerts, _ = browser.texts("#sweep-figures dd")

    row = data["rows"][data["choice"]]
    cuts = data["curves"][row["curve"]]["cuts"]
    cut = min(reversed(cuts), key=lambda one: abs(one[0] - row["scores"]["threshold"][0]))
    assert float(at) == pytest.approx(cut[0], abs=5e-4)
    assert precision == f"{100 * cut[2] / cut[1]:.1f} %".replace(".0 %", " %")
    assert recall == f"{100 * cut[2] / data['nPositives']:.1f} %".replace(".0 %", " %")
    assert int(alerts) == round(1000 * cut[1] / data["nSamples"])


def test_candidates_are_added_to_the_curves_and_removed(browser: Browser, page: Path) -> None:
    browser.open(page)
    n = len(browser.find_all("#curve-view .chips button"))
    add = browser.find("#curve-view select")
    browser.choose(add, browser.find_all("#curve-view select option")[3].get_attribute("value"))
    assert len(browser.find_all("#curve-view .chips button")) == n + 1

    browser.find("#curve-view .chips button").click()

    assert len(browser.find_all("#curve-view .chips button")) == n


def test_arrow_keys_read_values_out_of_a_plot(browser: Browser, page: Path) -> None:
    browser.open(page)
    browser.run("document.querySelector('#curve-view svg[role=img]').focus()")

    browser.press(RIGHT)

    assert browser.find("#tip").is_displayed()
    assert "share of those who stay that is called 52 %" in browser.find("#tip").text


# --- strategies and cost --------------------------------------------------------------


def test_the_heat_map_shows_any_figure(browser: Browser, page: Path) -> None:
    browser.open(page)
    figure = browser.find("#heat-view select")
    before = browser.texts("#heat-view .heat td")

    browser.choose(figure, "brier")
    after = browser.texts("#heat-view .heat td")
    browser.choose(browser.find_all("#heat-view select")[2], "change")

    assert after != before
    assert any(text.startswith("+") for text in browser.texts("#heat-view .heat td"))


def test_the_cost_plot_opens_the_page_of_a_dot(browser: Browser, page: Path) -> None:
    browser.open(page)

    browser.run(
        "document.querySelector('#cost-view svg[role=img] circle')"
        ".dispatchEvent(new MouseEvent('click', {bubbles: true}))"
    )

    assert browser.run("return location.hash").startswith("#row-")


# --- looks ----------------------------------------------------------------------------


def test_the_button_turns_light_into_dark_and_back(browser: Browser, page: Path) -> None:
    ground = "return getComputedStyle(document.body).backgroundColor"
    browser.open(page)
    light = browser.run(ground)

    browser.find("#theme").click()
    dark = browser.run(ground)
    browser.find("#theme").click()

    assert light == browser.run(ground) == "rgb(255, 255, 255)"
    assert dark != light
    browser.open(page, dark=True)
    assert browser.run(ground) == dark


def test_everything_that_can_be_pressed_is_reached_by_tab(browser: Browser, page: Path) -> None:
    browser.open(page)

    unreachable = browser.run(
        "return [...document.querySelectorAll('button, a[href], select, input, svg[role=img]')]"
        ".filter((one) => one.tabIndex < 0 && one.getAttribute('role') !== 'tab').length"
    )
    unnamed = browser.run(
        "return [...document.querySelectorAll('input, select, svg[role=img], [role=region]')]"
        ".filter((one) => !one.getAttribute('aria-label') && !(one.labels && one.labels.length))"
        ".map((one) => one.outerHTML)"
    )

    assert unreachable == 0
    assert unnamed == []


def test_the_printed_page_is_light_and_without_controls(browser: Browser, page: Path) -> None:
    browser.open(page, dark=True)
    browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})

    assert browser.run("return getComputedStyle(document.body).backgroundColor") in (
        "rgb(255, 255, 255)",
        "rgba(0, 0, 0, 0)",
    )
    assert not browser.find("#board-view .controls").is_displayed()
    assert not browser.find("nav").is_displayed()
    browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


# --- strangers ------------------------------------------------------------------------


@pytest.mark.parametrize("width", [1400, 390])
def test_names_of_strangers_are_text_everywhere(
    browser: Browser, hostile_page: tuple[str, Path], width: int
) -> None:
    name, path = hostile_page
    for place in ("", "#row-0", "#row-1", "#row-2"):
        browser.open(path, width=width, place=place)

        assert browser.complaints() == []
        assert browser.driver.title.startswith("Churn benchmark: ")
        assert browser.run("return document.documentElement.scrollWidth") <= width
        assert browser.run("return document.querySelectorAll('script, img').length") == 2
    browser.open(path, width=width)
    assert name in browser.find("#report").get_attribute("textContent")
