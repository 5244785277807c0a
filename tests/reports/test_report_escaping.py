"""Nothing of a stranger is interpreted; independent parsers are the judges."""

from __future__ import annotations

import csv
import io
import unicodedata
from html.parser import HTMLParser

import pytest
from markdown_it import MarkdownIt

from bench.reports.escaping import clean, escape_cell, escape_markdown, shorten, width_of
from bench.reports.markdown_parts import render_code, render_sentence, render_table


class _Reader(HTMLParser):
    """Collects the tags of a page and the text of its table cells."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.cells: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.add(tag)
        if tag in ("td", "th"):
            self.cells.append("")

    def handle_data(self, data: str) -> None:
        if self.cells and data != "\n":
            self.cells[-1] += data


def read_markdown(text: str) -> _Reader:
    reader = _Reader()
    reader.feed(MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(text))
    return reader


def test_a_markdown_table_shows_any_name_literally(hostile_name: str) -> None:
    source = render_table(["feature", "share"], [[escape_markdown(hostile_name), "1"]])

    reader = read_markdown(source)

    assert reader.tags == {"table", "thead", "tbody", "tr", "th", "td"}
    assert reader.cells == ["feature", "share", clean(hostile_name), "1"]


@pytest.mark.parametrize(
    "name",
    ["*a* _b_ __c__", "~~gone~~", "![i](x)", "[a]: b", "&lt;", r"a\|b", "a\\", "![x][y]", "<!--"],
)
def test_markdown_syntax_of_strangers_is_text(name: str) -> None:
    reader = read_markdown(render_table(["x"], [[escape_markdown(name)]]))

    assert reader.tags == {"table", "thead", "tbody", "tr", "th", "td"}
    assert reader.cells == ["x", clean(name)]


@pytest.mark.parametrize("name", ["http://a.example", "www.a.example", "a@b.example", ":smile:"])
def test_links_and_emoji_that_only_github_makes_are_broken_up(name: str) -> None:
    escaped = escape_markdown(name)

    assert name not in escaped
    assert read_markdown(render_table(["x"], [[escaped]])).cells == ["x", name]


@pytest.mark.parametrize("name", ["tenure", "monthly_charges", "Total day minutes", "a.b (%)"])
def test_common_names_stay_readable_in_markdown_source(name: str) -> None:
    assert escape_markdown(name) == name


def test_clean_text_is_one_line_without_control_or_direction_characters(hostile_name: str) -> None:
    categories = {unicodedata.category(character)[0] for character in clean(hostile_name)}

    assert "C" not in categories
    assert clean("a\r\nb\u2028c\td") == "a b c d"
    assert clean("\u202eevil") == "\N{REPLACEMENT CHARACTER}evil"


@pytest.mark.parametrize("width", [5, 12, 30])
def test_shortened_text_fits_its_width(hostile_name: str, width: int) -> None:
    assert width_of(shorten(hostile_name, width)) <= width


def test_shortening_keeps_beginning_and_end() -> None:
    assert shorten("total_minutes_of_all_calls_2019", 16) == "total_minu…_2019"
    assert shorten("short", 16) == "short"


def test_wide_characters_count_twice() -> None:
    assert width_of("客户") == 4
    assert shorten("客户价值客户价值", 7) == "客户…值"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", "\r@", " =", "＝"])
def test_no_text_cell_starts_a_formula(start: str) -> None:
    assert escape_cell(f"{start}cmd()") == f"'{start}cmd()"


def test_harmless_cells_are_kept_as_they_are() -> None:
    for text in ("a-b", '"=cmd()"', "x" * 300, "a,b\nc", ""):
        assert escape_cell(text) == text


@pytest.mark.parametrize("character", ["\x1b", "\x07", "\x9b", "\u202e", "\u2066"])
def test_no_cell_commands_a_terminal_or_turns_what_follows(character: str) -> None:
    assert escape_cell(f"a{character}[31mb") == "a\N{REPLACEMENT CHARACTER}[31mb"


def test_words_in_scripts_that_need_joiners_or_run_from_right_to_left_are_kept() -> None:
    for text in (
        "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
        "\u05d0\u05d1\u05d2",
        "a\tb\nc",
    ):
        assert escape_cell(text) == text


def test_hostile_cells_come_back_from_csv_unchanged_but_for_the_apostrophe_and_commands(
    hostile_name: str,
) -> None:
    hostile_name = escape_cell(hostile_name).removeprefix("'")
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerow([escape_cell(hostile_name), "1"])

    (cells,) = csv.reader(io.StringIO(buffer.getvalue(), newline=""))

    assert cells[0].removeprefix("'") == hostile_name.removeprefix("'")


@pytest.mark.parametrize("command", ["```", "run ``` & exit", "# title", "~~~"])
def test_a_command_cannot_close_its_fence(command: str) -> None:
    html = MarkdownIt("commonmark").render(render_code(command) + "\n\nafter")

    shown = command.replace("&", "&amp;")
    assert html == f'<pre><code class="language-sh">{shown}\n</code></pre>\n<p>after</p>\n'


def test_a_sentence_keeps_its_code_and_escapes_the_rest() -> None:
    sentence = "Best is `lightgbm+none+default`, <b>not</b> `a`: 1 of 2."

    assert render_sentence(sentence) == (
        "Best is `lightgbm+none+default`, &#60;b&#62;not&#60;/b&#62; `a`: 1 of 2."
    )
    assert render_sentence("a ` b") == "a &#96; b"
