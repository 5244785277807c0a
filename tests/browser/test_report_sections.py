"""Money, tuning, segments and cost of the report in a browser: what a reader is told of them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from browsing import Browser
from page_runs import make_page_findings

from bench.domain import Candidate, Finding
from bench.reports.page.writing import write_page

pytest.importorskip("selenium", reason="selenium is not installed (nox -s browser does that)")
if shutil.which("chromium") is None or shutil.which("chromedriver") is None:
    pytest.skip("there is no chromium with its chromedriver here", allow_module_level=True)

LEFT, RIGHT, DELETE = "\ue012", "\ue014", "\ue017"
CONTROL = "\ue009"


@pytest.fixture(scope="module")
def tuned_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of a model at all levels of tuning, two of its features nearly the same."""
    levels = ("default", "recommended", "optuna")
    candidates = [Candidate("xgboost", "none", level) for level in levels]
    twins = (Finding("note", "arithmetic-clone", "a is b times c", ("a", "b")),)
    return write_page(
        tmp_path_factory.mktemp("tuned"), make_page_findings(candidates, findings=twins)
    )


def type_amount(browser: Browser, key: str, value: str) -> None:
    """Type an amount into its field."""
    field = browser.find(f"[data-number={key}]")
    field.send_keys(CONTROL + "a")
    field.send_keys(DELETE + value)


def figures(browser: Browser) -> dict[str, str]:
    """Return the figures beside the answer under Money."""
    names = browser.texts("#winner .figures dt")
    return dict(zip(names, browser.texts("#winner .figures dd"), strict=True))


def test_an_earning_has_its_margin_and_no_recommendation_is_noise(
    browser: Browser, few_page: Path
) -> None:
    browser.open(few_page)
    assert " ± " in figures(browser)["earned per customer"]
    assert " ± " in figures(browser)["earned on all 960"]
    assert browser.find_all("#doubt") == []

    type_amount(browser, "clv", "60")
    type_amount(browser, "incentive", "40")

    profit, margin = map(float, figures(browser)["earned per customer"].split(" ± "))
    assert 0 < profit <= margin
    assert browser.find("#doubt").text.startswith("Not shown to beat calling nobody.")


def test_a_slider_follows_a_typed_amount_beyond_its_end(browser: Browser, page: Path) -> None:
    browser.open(page)
    type_amount(browser, "incentive", "60")
    browser.run("document.querySelector('[data-key=incentive]').focus()")

    browser.press(RIGHT)
    assert browser.run("return document.querySelector('[data-number=incentive]').value") == "61"
    browser.press(LEFT)

    assert browser.run("return document.querySelector('[data-number=incentive]').value") == "60"


@pytest.mark.parametrize("typed", ["-5", "abc", ""])
def test_an_amount_that_is_none_is_answered_beside_its_field(
    browser: Browser, page: Path, typed: str
) -> None:
    browser.open(page)
    before = browser.find("#winner").text

    type_amount(browser, "contact", typed)

    assert browser.find("#winner").text == before
    field = browser.find("[data-number=contact]")
    assert field.get_attribute("aria-invalid") == "true"
    note = browser.run(
        "return arguments[0].parentElement.querySelector('.wrong').textContent", field
    )
    assert note == "0 or more; the figures below are still those of 1"


def test_the_size_stands_at_the_best_one_and_fixed_begins_there(
    browser: Browser, page: Path
) -> None:
    browser.open(page)
    called = figures(browser)["customers to call"]
    size = browser.find("label[for=range-size]").text
    assert f" {called} customers: earns most" in size

    browser.choose(browser.find("[aria-label='Size of the campaign']"), "fixed")

    assert figures(browser)["customers to call"] == called
    assert f" {called} customers" in browser.find("label[for=range-size]").text


def test_changed_amounts_are_marked_until_the_dataset_s_are_back(
    browser: Browser, page: Path
) -> None:
    browser.open(page)
    assert browser.find_all("#changed") == []

    type_amount(browser, "clv", "300")
    assert "the dataset's: a customer is worth 200.00" in browser.find("#changed").text
    browser.find("#money-view .controls button").click()

    assert browser.find_all("#changed") == []


def test_the_profits_of_one_campaign_stand_in_one_table_with_their_reasons(
    browser: Browser, page: Path
) -> None:
    browser.open(page)
    (earned, _) = figures(browser)["earned per customer"].split(" ± ")
    shown = "[aria-label='The same campaign, asked differently'] tbody tr"

    names = browser.texts(f"{shown} td:nth-child(1)")
    profits = browser.texts(f"{shown} td:nth-child(2)")

    assert names == ["this section", "campaign profit", "MPC", "EMPC"]
    assert profits[0] == earned
    type_amount(browser, "clv", "500")
    assert browser.texts(f"{shown} td:nth-child(2)") == profits


def test_the_profit_curve_is_read_out_to_the_cent(browser: Browser, page: Path) -> None:
    browser.open(page)
    browser.run("document.querySelector('#money-view svg[role=img]').focus()")

    browser.press(RIGHT)

    readings = browser.find("#tip").text.splitlines()[1:]
    assert len(readings) >= 3
    assert all(len(line.rpartition(".")[2]) == 2 for line in readings)


def test_the_search_that_is_paid_for_is_compared_first_and_counted_apart(
    browser: Browser, tuned_page: Path
) -> None:
    browser.open(tuned_page)

    assert browser.texts("#bought-view h4") == [
        "Is a search worth its time? Against recommended settings",
        "Against the library's own settings",
    ]
    paid, free = browser.texts("#bought-view > p")[:2]
    assert paid.startswith("Of 1 comparison, ")
    assert free.startswith("Of 2 comparisons, ")
    heads = browser.texts("#bought-view th")
    assert "p, all 2 counted" in heads
    assert "95 % interval, of this one alone" in heads


def test_rows_that_are_left_out_are_counted_where_they_are_missing(
    browser: Browser, page: Path
) -> None:
    browser.open(page)
    button = browser.find("#cost-view button.quiet")
    rows = browser.texts("#cost-view tbody tr:not(.gap)")
    gaps = browser.texts("#cost-view tbody tr.gap")

    assert len(rows) + sum(int(gap.split()[1]) for gap in gaps) == int(button.text.split()[-1])
    assert any("the one to take" in row for row in rows)
    button.click()

    assert browser.find_all("#cost-view tr.gap") == []
    assert browser.find("#cost-view button.quiet").text == "Show fewer"


@pytest.mark.parametrize(
    ("against", "head"), [("fit", "a fit in all"), ("predict", "predict"), ("memory", "memory")]
)
def test_the_cost_table_is_in_the_order_of_the_cost_that_was_chosen(
    browser: Browser, page: Path, against: str, head: str
) -> None:
    browser.open(page)

    browser.choose(browser.find("#cost-view select"), against)

    assert browser.texts("#cost-view th[aria-sort]") == [f"{head} ▲"]
    assert "the one to take" in browser.texts("#cost-view .legend li")


def test_the_threshold_slider_is_linear_in_the_threshold_as_the_plot_is(
    browser: Browser, page: Path
) -> None:
    browser.open(page)
    browser.run(
        "const range = document.querySelector('#threshold');"
        "range.value = (Number(range.min) + Number(range.max)) / 2;"
        "range.dispatchEvent(new Event('input', {bubbles: true}));"
    )

    low, high = (
        float(browser.find("#threshold").get_attribute(end) or "nan") for end in ("min", "max")
    )
    shown = float(browser.texts("#sweep-figures dd")[0])
    assert shown == pytest.approx((low + high) / 2, abs=0.02)
    assert "had the highest F1 on other rows" in browser.find("#sweep-view").text


def test_features_that_say_the_same_are_told_once_in_each_place(
    browser: Browser, tuned_page: Path
) -> None:
    browser.open(tuned_page)

    for place in ("#answer .lead", "#features"):
        assert browser.find(place).text.count("a is b times c") == 1


def test_the_note_on_low_figures_of_slices_comes_before_their_table(
    browser: Browser, page: Path
) -> None:
    browser.open(page)
    words = browser.find("#segment-view").text

    assert 0 < words.index("That is no sign of a fault.") < words.index("ROC-AUC inside")
