"""Figures: the same bytes for the same data, redrawn only for other data, safe with any name."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from xml.etree import ElementTree

import pytest

from bench.analysis.importance import ImportanceTable
from bench.domain import Candidate, Leaderboard
from bench.reports.figures import write_importance_figure, write_ranking_figure
from bench.reports.figures.looks import width_of
from bench.reports.figures.ticks import ticks_of
from bench.reports.figures.values import Axis

PNG = b"\x89PNG\r\n\x1a\n"


def test_figures_are_images_of_both_kinds(
    leaderboard: Leaderboard, importance: ImportanceTable, tmp_path: Path
) -> None:
    paths = write_ranking_figure(leaderboard, tmp_path)
    paths += write_importance_figure(importance, leaderboard, tmp_path)

    assert [path.name for path in paths] == [
        "ranking.svg",
        "ranking.png",
        "feature_importance.svg",
        "feature_importance.png",
    ]
    for path in paths:
        if path.suffix == ".svg":
            assert ElementTree.parse(path).getroot().tag.endswith("svg")
        else:
            assert path.read_bytes().startswith(PNG)


def test_figures_are_deterministic(
    few_rows: Leaderboard, importance: ImportanceTable, tmp_path: Path
) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    for folder in (first, second):
        write_ranking_figure(few_rows, folder)
        write_importance_figure(importance, few_rows, folder)

    names = sorted(path.name for path in first.iterdir())

    assert len(names) == 4
    for name in names:
        assert (first / name).read_bytes() == (second / name).read_bytes()


def test_unchanged_data_is_not_drawn_again(few_rows: Leaderboard, tmp_path: Path) -> None:
    svg, _ = write_ranking_figure(few_rows, tmp_path)
    svg.write_text(svg.read_text() + "<!-- still here -->")

    write_ranking_figure(replace(few_rows, threshold_optimism=0.5), tmp_path)

    assert svg.read_text().endswith("<!-- still here -->")


def test_changed_data_or_a_missing_file_is_drawn_again(
    few_rows: Leaderboard, tmp_path: Path
) -> None:
    svg, png = write_ranking_figure(few_rows, tmp_path)
    before = svg.read_bytes(), png.read_bytes()

    write_ranking_figure(replace(few_rows, rows=few_rows.rows[1:]), tmp_path)
    changed = svg.read_bytes(), png.read_bytes()
    write_ranking_figure(few_rows, tmp_path)
    png.unlink()
    write_ranking_figure(few_rows, tmp_path)

    assert changed[0] != before[0]
    assert changed[1] != before[1]
    assert (svg.read_bytes(), png.read_bytes()) == before


def test_a_changed_title_is_drawn_again(
    few_rows: Leaderboard, make: SimpleNamespace, tmp_path: Path
) -> None:
    svg, _ = write_ranking_figure(few_rows, tmp_path)
    before = svg.read_bytes()

    standin = make.few_rows(facts=make.facts(origin="stand-in"))
    write_ranking_figure(standin, tmp_path)

    assert svg.read_bytes() != before


def test_hostile_names_are_drawn_as_text_without_a_warning(
    make: SimpleNamespace, hostile_name: str, tmp_path: Path
) -> None:
    board = make.few_rows(facts=make.facts(title=hostile_name))

    svg, _ = write_ranking_figure(board, tmp_path)

    tags = {element.tag.split("}")[-1] for element in ElementTree.parse(svg).iter()}
    assert "script" not in tags


def test_dollar_signs_are_not_mathematics(make: SimpleNamespace, tmp_path: Path) -> None:
    svg, _ = write_ranking_figure(make.few_rows(facts=make.facts(title="$x^2$")), tmp_path)

    title = svg.read_text().split("<!-- $x^2$ -->")[1].split("<!--")[0]
    assert title.count("<use ") == len("$x^2$")


def test_hostile_columns_are_drawn_without_a_warning(
    leaderboard: Leaderboard, hostile_importance: ImportanceTable, tmp_path: Path
) -> None:
    svg, _ = write_importance_figure(hostile_importance, leaderboard, tmp_path)

    tags = {element.tag.split("}")[-1] for element in ElementTree.parse(svg).iter()}
    assert "script" not in tags


def test_nothing_to_draw_makes_no_file(make: SimpleNamespace, tmp_path: Path) -> None:
    empty = ImportanceTable(rows=(), between_models=(), between_methods=(), stability=())
    row = make.row(Candidate("mlp"), 0.8, status="failed", n_splits=0, coverage=0.0, scores={})
    board = make.leaderboard([row])

    assert write_ranking_figure(board, tmp_path) == []
    assert write_importance_figure(empty, board, tmp_path) == []
    assert list(tmp_path.iterdir()) == []


def test_a_single_split_is_drawn_without_intervals(make: SimpleNamespace, tmp_path: Path) -> None:
    row = make.row(Candidate("logistic"), 0.8, rank=1, is_tied_with_best=True)
    nan = float("nan")
    scores = {"roc_auc": replace(row.scores["roc_auc"], std=nan, low=nan, high=nan)}

    paths = write_ranking_figure(make.leaderboard([replace(row, scores=scores)]), tmp_path)

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
