"""Figures: the same bytes for the same data, redrawn only for other data, safe with any name."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from xml.etree import ElementTree

import pytest

from bench.analysis.importance import ImportanceTable
from bench.domain import Candidate, Leaderboard
from bench.reports.figures.exhibits import both_ends
from bench.reports.figures.files import write_figure
from bench.reports.figures.gallery import write_first_figures
from bench.reports.figures.looks import fit, width_of
from bench.reports.figures.ticks import ticks_of
from bench.reports.figures.values import (
    Axis,
    Dot,
    DotsFigure,
    Drawable,
    GridFigure,
    Plot,
    PlotsFigure,
)

PNG = b"\x89PNG\r\n\x1a\n"
UNEXPLAINED = ImportanceTable(rows=(), between_models=(), between_methods=(), stability=())


def write_ranking(board: Leaderboard, folder: Path) -> tuple[Path, Path]:
    """Write the figure of the ranking alone, and return where it is as SVG and as PNG."""
    svg, png, *_ = write_first_figures(folder, board, UNEXPLAINED)
    return svg, png


def words_of(svg: Path) -> list[str]:
    """Return what is written in a figure; matplotlib says in a comment what each path spells."""
    return re.findall(r"<!-- (.*?) -->", svg.read_text(encoding="utf-8"))


def test_figures_are_images_of_both_kinds(
    leaderboard: Leaderboard, importance: ImportanceTable, tmp_path: Path
) -> None:
    paths = write_first_figures(tmp_path, leaderboard, importance)

    assert [path.name for path in paths] == [
        *("ranking.svg", "ranking.png", "ranking.csv"),
        *("feature_importance.svg", "feature_importance.png", "feature_importance.csv"),
        "README.md",
    ]
    for path in paths:
        if path.suffix == ".svg":
            assert ElementTree.parse(path).getroot().tag.endswith("svg")
        elif path.suffix == ".png":
            assert path.read_bytes().startswith(PNG)


def test_figures_are_deterministic(
    few_rows: Leaderboard, importance: ImportanceTable, tmp_path: Path
) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    for folder in (first, second):
        write_first_figures(folder, few_rows, importance)

    names = sorted(path.name for path in first.iterdir())

    assert len(names) == 7
    for name in names:
        assert (first / name).read_bytes() == (second / name).read_bytes()


def test_unchanged_data_is_not_drawn_again(few_rows: Leaderboard, tmp_path: Path) -> None:
    svg, _ = write_ranking(few_rows, tmp_path)
    svg.write_text(svg.read_text() + "<!-- still here -->")

    write_ranking(replace(few_rows, threshold_optimism=0.5), tmp_path)

    assert svg.read_text().endswith("<!-- still here -->")


def test_changed_data_or_a_missing_file_is_drawn_again(
    few_rows: Leaderboard, tmp_path: Path
) -> None:
    svg, png = write_ranking(few_rows, tmp_path)
    before = svg.read_bytes(), png.read_bytes()

    write_ranking(replace(few_rows, rows=few_rows.rows[1:]), tmp_path)
    changed = svg.read_bytes(), png.read_bytes()
    write_ranking(few_rows, tmp_path)
    png.unlink()
    write_ranking(few_rows, tmp_path)

    assert changed[0] != before[0]
    assert changed[1] != before[1]
    assert (svg.read_bytes(), png.read_bytes()) == before


def test_a_changed_title_is_drawn_again(
    few_rows: Leaderboard, make: SimpleNamespace, tmp_path: Path
) -> None:
    svg, _ = write_ranking(few_rows, tmp_path)
    before = svg.read_bytes()

    standin = make.few_rows(facts=make.facts(origin="stand-in"))
    write_ranking(standin, tmp_path)

    assert svg.read_bytes() != before


def test_hostile_names_are_drawn_as_text_without_a_warning(
    make: SimpleNamespace, hostile_name: str, tmp_path: Path
) -> None:
    board = make.few_rows(facts=make.facts(title=hostile_name))

    svg, _ = write_ranking(board, tmp_path)

    tags = {element.tag.split("}")[-1] for element in ElementTree.parse(svg).iter()}
    assert "script" not in tags


def test_dollar_signs_are_not_mathematics(make: SimpleNamespace, tmp_path: Path) -> None:
    svg, _ = write_ranking(make.few_rows(facts=make.facts(title="$x^2$")), tmp_path)

    title = svg.read_text().split("<!-- $x^2$ -->")[1].split("<!--")[0]
    assert title.count("<use ") == len("$x^2$")


def test_hostile_columns_are_drawn_without_a_warning(
    leaderboard: Leaderboard, hostile_importance: ImportanceTable, tmp_path: Path
) -> None:
    write_first_figures(tmp_path, leaderboard, hostile_importance)

    svg = tmp_path / "feature_importance.svg"
    tags = {element.tag.split("}")[-1] for element in ElementTree.parse(svg).iter()}
    assert "script" not in tags


def test_nothing_to_draw_makes_no_file(make: SimpleNamespace, tmp_path: Path) -> None:
    row = make.row(Candidate("mlp"), 0.8, status="failed", n_splits=0, coverage=0.0, scores={})
    board = make.leaderboard([row])

    assert write_first_figures(tmp_path, board, UNEXPLAINED) == []
    assert list(tmp_path.iterdir()) == []


def test_a_single_split_is_drawn_without_intervals(make: SimpleNamespace, tmp_path: Path) -> None:
    row = make.row(Candidate("logistic"), 0.8, rank=1, is_tied_with_best=True)
    nan = float("nan")
    scores = {"roc_auc": replace(row.scores["roc_auc"], std=nan, low=nan, high=nan)}

    paths = write_ranking(make.leaderboard([replace(row, scores=scores)]), tmp_path)

    assert [path.exists() for path in paths] == [True, True]


# --- axes -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("axis", "names"),
    [
        (Axis("", 0.0, 1.0, "share"), ["0 %", "20 %", "40 %", "60 %", "80 %", "100 %"]),
        (Axis("", -0.012, 0.031, "signed"), ["−.01", "0", "+.01", "+.02", "+.03"]),
        (Axis("", 0.0, 1000.0, "count"), ["0", "200", "400", "600", "800", "1,000"]),
        (Axis("", 0.0, 3.4, "times"), ["0×", "1×", "2×", "3×"]),
        (Axis("", 0.825, 0.871), [".83", ".84", ".85", ".86", ".87"]),
        (Axis("", 0.01, 10.0, "seconds", is_log=True), ["10 ms", "100 ms", "1 s", "10 s"]),
        (Axis("", 2.0, 8.0, "seconds", is_log=True), ["2 s", "5 s"]),
        (Axis("", 210.0, 480.0, "count", is_log=True), ["300", "400"]),
        (Axis("", 1.5, -0.5, ticks=((0.0, "yes"), (1.0, "no"))), ["yes", "no"]),
    ],
)
def test_ticks_are_round_and_have_no_more_digits_than_tell_them_apart(
    axis: Axis, names: list[str]
) -> None:
    assert [name for _, name in ticks_of(axis)] == names


def test_words_are_as_wide_as_matplotlib_prints_them() -> None:
    from matplotlib.textpath import TextPath

    for word in ("iiiiiiiiii", "WWWWWWWWWW", "lightgbm+random-under+recommended"):
        printed = TextPath((0, 0), word, size=9).get_extents().width / 72

        assert printed <= width_of(word, size=9) <= 1.1 * printed


# --- words ----------------------------------------------------------------------------

LABELS: dict[str, tuple[str, Callable[[str], Drawable]]] = {
    "a dot": (
        "MonthlyCharges: above 70.3, up to 89.8 (1,753)",
        lambda label: DotsFigure("", (Dot(label, 0.5, 0.4, 0.6, is_filled=True),), ()),
    ),
    "a level": (
        "No internet service",
        lambda label: PlotsFigure(
            "",
            (Plot(Axis("", 0, 1), Axis("level", 0.5, -0.5, ticks=((0.0, label),))),) * 3,
            n_columns=3,
        ),
    ),
    "a row": (
        "gradient-boosting-by-hand, permutation 12",
        lambda label: GridFigure("", (label,), ("1",), ((None,),)),
    ),
}


@pytest.mark.parametrize("what", LABELS)
def test_a_label_that_there_is_room_for_is_not_cut(what: str, tmp_path: Path) -> None:
    label, figure = LABELS[what]

    svg, _ = write_figure(tmp_path / "figure", figure(label))

    assert label in words_of(svg)


@pytest.mark.parametrize("what", LABELS)
def test_a_label_without_room_keeps_its_beginning_and_its_end(what: str, tmp_path: Path) -> None:
    _, figure = LABELS[what]

    svg, _ = write_figure(tmp_path / "figure", figure("W" * 100 + "x" * 100 + "iii"))

    cut = next(word for word in words_of(svg) if "…" in word)
    assert cut.startswith("WWW")
    assert cut.endswith("iii")


def test_words_that_fit_are_no_wider_than_asked_for() -> None:
    for word in ("W" * 80, "i" * 300, "a \x1b[31m\n b", "קהל" * 50):
        for width in (0.5, 1.0, 2.5):
            assert width_of(fit(word, width), size=9) <= width


def test_lists_that_are_too_long_say_which_ends_are_drawn() -> None:
    assert both_ends("abcde", 5) == ("abcde", "")
    assert both_ends("abcde", 4) == (("a", "b", "d", "e"), "the first 2 and the last 2 of 5")
