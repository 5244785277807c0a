"""The pages of a sweep and the section on preparations: what they say, safe with any name."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from bench.analysis.effects import StrategyEffect
from bench.analysis.preparation_effects import PreparationStability, PreparationSummary
from bench.analysis.sweep import SweepCell, SweepTable
from bench.domain import Candidate, DatasetFacts, EvalProtocol, Leaderboard, Skip
from bench.reports.figures import write_sweep_figure
from bench.reports.markdown import render_leaderboard_markdown
from bench.reports.preparations import render_preparations
from bench.reports.sweep import (
    render_sweep_csv,
    render_sweep_markdown,
    sweep_sentences,
    write_sweep,
)

NONE = Candidate("logistic")
SMOTE = Candidate("logistic", "smote")
WEIGHT = Candidate("logistic", "class-weight")
FACTS = DatasetFacts("toy", "Toy | <b>customers</b>", "d" * 64, "file", 1000, 3, 300, ())


def cell(
    candidate: Candidate,
    prevalence: float,
    difference: float | None = None,
    p: float = 1.0,
    *,
    metric: str = "roc_auc",
) -> SweepCell:
    if difference is None:
        return SweepCell(prevalence, 1000 * prevalence, candidate, metric, 0.8, 5)
    lower = "brier" in metric
    return SweepCell(
        prevalence,
        1000 * prevalence,
        candidate,
        metric,
        0.8 + difference,
        5,
        difference=difference,
        low=difference - 0.01,
        high=difference + 0.01,
        p_value=p / 4,
        adjusted_p_value=p,
        gain=-difference if lower else difference,
    )


@pytest.fixture
def table() -> SweepTable:
    """SMOTE gains at 2 %, where class weights do harm; nothing else is beyond noise."""
    return SweepTable(
        facts=FACTS,
        protocol=EvalProtocol(),
        cells=(
            cell(NONE, 0.3),
            cell(SMOTE, 0.3, 0.002),
            cell(WEIGHT, 0.3, 0.003),
            cell(NONE, 0.02),
            cell(SMOTE, 0.02, 0.03, 0.01),
            cell(WEIGHT, 0.02, -0.04, 0.002),
            cell(NONE, 0.02, metric="brier"),
            cell(SMOTE, 0.02, 0.05, 0.01, metric="brier"),
            cell(WEIGHT, 0.02, -0.02, 0.9, metric="brier"),
        ),
        skips=((0.02, Skip(Candidate("logistic", "adasyn"), "adasyn needs 6 positives")),),
        remarks=("0.5 is not below the data's own prevalence",),
        n_failed=2,
    )


def test_sentences_name_the_winner_of_each_prevalence_and_count_the_harm(
    table: SweepTable,
) -> None:
    assert sweep_sentences(table) == [
        "ROC-AUC, logistic: ahead of `none`: `smote` at 2 % (+.0300); harm in 1 of 4 comparisons.",
        "Brier on the test rows as they are, logistic: nothing beats `none` beyond noise; "
        "harm in 1 of 2 comparisons.",
    ]


def test_a_table_names_the_best_strategy_beside_none(table: SweepTable) -> None:
    page = render_sweep_markdown(table, command="python -m bench sweep")
    rows = [line for line in page.splitlines() if line.startswith("|")]
    cells = [[part.strip() for part in row.strip("|").split("|")] for row in rows]
    assert cells[2:4] == [
        ["30 %", "300", "logistic", ".8000", "class-weight", "", "+.0030", "[-.0070, +.0130]"],
        ["2 %", "20", "logistic", ".8000", "smote", "*", "+.0300", "[+.0200, +.0400]"],
    ]
    # For Brier less is better: the best strategy is the one that lowers it most.
    assert cells[6][4:7] == ["class-weight", "", "-.0200"]


def test_a_page_says_what_was_left_out_and_failed(table: SweepTable) -> None:
    page = render_sweep_markdown(table, command="python -m bench sweep")
    assert "- 0.5 is not below the data's own prevalence\n" in page
    assert "- 2 %: logistic+adasyn+default: adasyn needs 6 positives\n" in page
    assert "- 2 fits failed; their candidates are not shown\n" in page
    assert "<b>" not in page


def test_a_standin_is_never_shown_as_real(table: SweepTable) -> None:
    standin = replace(table, facts=replace(FACTS, origin="stand-in"))
    page = render_sweep_markdown(standin, command="")
    assert page.splitlines()[0].endswith("(STAND-IN DATA)")
    assert "> **STAND-IN DATA" in page


def test_the_csv_has_a_line_per_cell_and_blanks_for_what_was_not_tested(
    table: SweepTable,
) -> None:
    rows = list(csv.DictReader(io.StringIO(render_sweep_csv(table))))
    assert len(rows) == len(table.cells)
    assert rows[0]["difference"] == rows[0]["beyond_noise"] == ""
    assert rows[4] == {
        "prevalence": "0.02",
        "positives": "20.0",
        "model": "logistic",
        "strategy": "smote",
        "tuning": "default",
        "metric": "roc_auc",
        "mean": "0.830000",
        "difference": "0.030000",
        "low": "0.020000",
        "high": "0.040000",
        "p_value": "0.002500",
        "adjusted_p_value": "0.010000",
        "beyond_noise": "true",
        "n_splits": "5",
    }


def test_a_sweep_leaves_its_page_its_table_and_a_picture_of_both_kinds(
    table: SweepTable, tmp_path: Path
) -> None:
    paths = write_sweep(tmp_path, table, command="python -m bench sweep")
    assert [path.name for path in paths] == ["sweep.md", "sweep.csv", "sweep.svg", "sweep.png"]
    assert "![Gain over none by prevalence](sweep.svg)" in paths[0].read_text()
    assert ElementTree.parse(paths[2]).getroot().tag.endswith("svg")
    assert paths[3].read_bytes().startswith(b"\x89PNG\r\n\x1a\n")


def test_the_picture_is_the_same_for_the_same_figures_only(
    table: SweepTable, tmp_path: Path
) -> None:
    first, again, other = (tmp_path / name for name in ("first", "again", "other"))
    write_sweep_figure(table, first)
    write_sweep_figure(replace(table, remarks=()), again)
    write_sweep_figure(replace(table, cells=table.cells[:6]), other)
    for name in ("sweep.svg", "sweep.png"):
        assert (first / name).read_bytes() == (again / name).read_bytes()
        assert (first / name).read_bytes() != (other / name).read_bytes()


def test_without_a_comparison_there_is_no_picture(table: SweepTable, tmp_path: Path) -> None:
    assert write_sweep_figure(replace(table, cells=(cell(NONE, 0.3),)), tmp_path) == []


# --- preparations ---------------------------------------------------------------------


@pytest.fixture
def summary() -> PreparationSummary:
    selected = replace(NONE, preparation="select-mi")
    return PreparationSummary(
        effects=(StrategyEffect(selected, -0.02, -0.03, -0.01, 0.001, 0.004, False),),
        unchanged=(replace(NONE, preparation="clip-iqr"),),
        selections=(
            PreparationStability(
                "select-mi", 5, 19, 10.0, 0.85, 0.78, 0.92, ("tenure", "a|b"), ("gender",)
            ),
            PreparationStability("select-correlation", 5, 19, 19.0, None, None, None, ("x",), ()),
        ),
    )


def test_the_section_shows_changes_and_how_steady_the_selection_is(
    few_rows: Leaderboard, summary: PreparationSummary
) -> None:
    title, *blocks = render_preparations(summary, few_rows)
    assert title == "## What the preparations change"
    rows = [line for block in blocks for line in block.splitlines() if line.startswith("|")]
    cells = [[part.strip() for part in row.strip("|").split("|")] for row in rows]
    assert cells[2] == [
        "*",
        "logistic+none+default+select-mi",
        "-.0200",
        "[-.0300, -.0100]",
        ".004",
    ]
    assert cells[5] == [
        "select-mi",
        "10.0 of 19",
        ".85",
        "[.78, .92]",
        "tenure, a&#124;b",
        "gender",
    ]
    assert cells[6] == ["select-correlation", "19.0 of 19", "", "", "x", ""]
    assert "Exactly as `encoded`, with nothing to change: logistic+none+default+clip-iqr." in blocks


def test_the_section_is_on_the_board_only_where_there_is_something_to_say(
    few_rows: Leaderboard, summary: PreparationSummary
) -> None:
    heading = "## What the preparations change"
    assert heading in render_leaderboard_markdown(few_rows, preparations=summary)
    assert heading not in render_leaderboard_markdown(few_rows, preparations=PreparationSummary())
    assert heading not in render_leaderboard_markdown(few_rows)


def test_a_board_of_thinned_rows_says_so(few_rows: Leaderboard) -> None:
    run = few_rows.run
    protocol = replace(run.experiment.protocol, train_prevalence=0.05)
    thinned = replace(
        few_rows, run=replace(run, experiment=replace(run.experiment, protocol=protocol))
    )
    words = "**Positives are left out of the training rows until 5 % are left; test rows are as"
    assert words in render_leaderboard_markdown(thinned)
    assert words not in render_leaderboard_markdown(few_rows)
