"""The report by keyboard alone: no control loses the focus by being used."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from browsing import Browser

pytest.importorskip("selenium", reason="selenium is not installed (nox -s browser does that)")
if shutil.which("chromium") is None or shutil.which("chromedriver") is None:
    pytest.skip("there is no chromium with its chromedriver here", allow_module_level=True)

TAB, RIGHT, DOWN, ENTER = "\ue004", "\ue014", "\ue015", "\ue007"

FOCUSED = """
const one = document.activeElement;
return one === document.body ? null : `${one.closest("[id]").id} ${one.name || one.textContent}`;
"""


def focused(browser: Browser) -> str | None:
    """Return where the focus is: the part of the page and the control's name or words."""
    found = browser.run(FOCUSED)
    return None if found is None else str(found)


def test_every_choice_keeps_the_focus_and_tab_goes_on_from_there(
    browser: Browser, page: Path
) -> None:
    browser.open(page)
    n_choices = len(browser.find_all("select"))
    lost = []

    for k in range(n_choices):
        browser.run("document.querySelectorAll('select')[arguments[0]].focus()", k)
        before = focused(browser)
        browser.press(DOWN)
        after = focused(browser)
        browser.press(TAB)
        follows = browser.run(
            "const all = [...document.querySelectorAll('select')];"
            "return document.activeElement !== document.body &&"
            " all[arguments[0]].compareDocumentPosition(document.activeElement) === 4;",
            k,
        )
        if before != after or not follows:
            lost.append(before)

    assert n_choices >= 14
    assert lost == []


def test_removing_curves_by_keyboard_goes_on_to_the_next(browser: Browser, page: Path) -> None:
    browser.open(page)
    names = browser.texts("#curve-view .chips button")
    browser.run("document.querySelectorAll('#curve-view .chips button')[1].focus()")

    browser.press(ENTER)
    assert focused(browser) == f"curve-view {names[2]}"

    for _ in names[2:]:
        browser.press(ENTER)

    assert focused(browser) == "curve-view add a candidate"


def test_the_threshold_of_a_candidates_page_moves_by_keyboard(browser: Browser, page: Path) -> None:
    browser.open(page, place="#row-0")
    before = float(browser.texts("#candidate #sweep-figures dd")[0])
    browser.run("document.querySelector('#candidate input[type=range]').focus()")

    browser.press(RIGHT, RIGHT, RIGHT)

    assert float(browser.texts("#candidate #sweep-figures dd")[0]) > before
