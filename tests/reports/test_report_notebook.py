"""The leaderboard in a notebook: a whole HTML table in which no name is interpreted."""

from __future__ import annotations

from dataclasses import fields
from html.parser import HTMLParser
from types import SimpleNamespace

from bench.domain import Candidate, Leaderboard
from bench.reports.escaping import clean
from bench.reports.notebook import as_shown, render_leaderboard_html

ALLOWED = {
    *("div", "p", "b", "small", "table", "thead", "tbody", "tr", "th", "td"),
    *("svg", "title", "line", "circle"),
}


class Reader(HTMLParser):
    """Collects tags, attributes and the texts of cells; complains of what is not closed."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.open: list[str] = []
        self.rows: list[list[str]] = []
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}
        self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "td" in self.open or "th" in self.open:
            self.rows[-1][-1] += data


def test_the_table_has_the_rows_of_the_terminal(leaderboard: Leaderboard) -> None:
    rows = Reader(as_shown(leaderboard)._repr_html_()).rows

    assert rows[0] == ["#", "", "candidate", "ROC-AUC", "95 % interval", "AP", "F1"]
    assert len(rows) == 1 + 15 + 1  # heading, rows, baseline
    first = ["1", "=", "catboost+none+recommended", ".8468", ".8468 [.8358, .8578]"]
    assert rows[1][:5] == first


def test_names_of_strangers_are_text_in_html(make: SimpleNamespace, hostile_name: str) -> None:
    rows = [make.row(Candidate(hostile_name), 0.84, rank=1)]
    board = make.leaderboard(rows, facts=make.facts(title=hostile_name))

    read = Reader(render_leaderboard_html(board))

    assert set(read.tags) <= ALLOWED
    assert not {name for name in read.attributes if name.startswith("on")}
    assert read.rows[1][2] == clean(str(Candidate(hostile_name)))


def test_a_shown_leaderboard_is_the_leaderboard(leaderboard: Leaderboard) -> None:
    shown = as_shown(leaderboard)

    assert isinstance(shown, Leaderboard)
    assert all(getattr(shown, f.name) is getattr(leaderboard, f.name) for f in fields(leaderboard))


def test_a_console_shows_the_board_as_the_terminal_does(leaderboard: Leaderboard) -> None:
    lines = repr(as_shown(leaderboard)).splitlines()

    assert lines[0] == "Leaderboard: IBM Telco Customer Churn"
    assert len(lines) < 30
    assert max(map(len, lines)) <= 80
    assert "\x1b" not in "".join(lines)
    assert as_shown(leaderboard) == as_shown(leaderboard)


def test_a_standin_is_announced_in_notebooks(standin_leaderboard: Leaderboard) -> None:
    assert "(STAND-IN DATA, not the real table)" in render_leaderboard_html(standin_leaderboard)
