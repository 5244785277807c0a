"""Two runs side by side in every format: the outcome in a sentence, names as text."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

import pytest
from rich.console import Console

from bench.analysis.comparison import ComparedRow, Comparison
from bench.domain import Candidate
from bench.reports.comparison import (
    describe_comparison,
    print_comparison,
    render_comparison_csv,
    render_comparison_json,
    render_comparison_latex,
    render_comparison_markdown,
    summarise,
)
from bench.reports.escaping import clean, width_of

WORSE = ComparedRow(
    Candidate("xgboost"), "worse", 0.84, 0.82, -0.02, -0.03, -0.01, 0.0001, 0.0004, 0.99
)
SAME = ComparedRow(
    Candidate("logistic"), "equivalent", 0.84, 0.841, 0.001, -0.001, 0.003, 0.3, 0.6, 0.001
)
IDENTICAL = ComparedRow(Candidate("catboost"), "identical", 0.85, 0.85, 0.0)
COMPARISON = Comparison(
    names=("old/telco", "new/telco"),
    metric="roc_auc",
    margin=0.005,
    is_paired=True,
    n_splits=(5, 5),
    rows=(WORSE, SAME, IDENTICAL),
    only_first=(Candidate("svm-rbf"),),
    remarks=("compared on the 5 splits that both have in common",),
    changes=(("lightgbm", "4.6.0", "4.7.0"),),
)


def printed(comparison: Comparison, *, width: int = 80) -> str:
    file = io.StringIO()
    print_comparison(comparison, Console(file=file, width=width, legacy_windows=False))
    return file.getvalue()


def test_the_outcome_is_one_sentence() -> None:
    assert summarise(COMPARISON) == (
        "B (new/telco) against A (old/telco) by ROC-AUC, paired over 5 splits: of 3 candidates "
        "0 better, 1 worse, 1 equivalent (within ±.005), 1 identical; 1 only in A."
    )


def test_identical_runs_are_called_so() -> None:
    alike = replace(COMPARISON, rows=(IDENTICAL,), only_first=(), only_second=(), remarks=())

    assert summarise(alike) == (
        "B (new/telco) against A (old/telco): identical predictions of the only candidate over "
        "5 splits."
    )


def test_runs_without_a_common_candidate_say_so() -> None:
    apart = replace(COMPARISON, rows=(), only_second=(Candidate("lightgbm"),))

    assert summarise(apart).endswith(": no candidate is in both and can be compared.")
    assert "Only in B: lightgbm+none+default." in describe_comparison(apart)
    assert "no candidate is in both" in " ".join(printed(apart).split())


def test_the_terminal_has_what_changed_with_its_figures_within_80_columns() -> None:
    text = printed(COMPARISON)

    assert max(map(width_of, text.splitlines())) <= 80
    row = next(line.split() for line in text.splitlines() if line.startswith("xgboost"))
    assert row == [
        "xgboost+none+default",
        ".8400",
        ".8200",
        "-.0200",
        "[-.0300,",
        "-.0100]",
        "<.001",
        "worse",
    ]
    assert "catboost" not in text  # identical rows are only counted
    assert "Different in B: lightgbm 4.6.0 → 4.7.0." in text


@pytest.mark.parametrize("width", [40, 50, 60, 80])
def test_a_narrow_terminal_keeps_the_candidate_the_difference_and_the_outcome(width: int) -> None:
    longest = Candidate("random-forest", "borderline-smote", "recommended")

    text = printed(replace(COMPARISON, rows=(replace(WORSE, candidate=longest),)), width=width)

    assert max(map(width_of, text.splitlines())) <= width
    assert "…" not in text
    cells = [line.split() for line in text.splitlines()[2:5]]
    assert cells[0][0].startswith("random-forest")
    assert "  +recommended" in text
    expected = {40: 2, 50: 2, 60: 4, 80: 6}  # with the interval in two words
    assert cells[0][1:][-1] == "worse"
    assert len(cells[0]) == 1 + expected[width]
    assert "-.0200" in cells[0]
    assert (".8400" in cells[0]) == (width >= 60)


def test_candidates_without_probabilities_are_called_so() -> None:
    comparison = replace(COMPARISON, metric="brier", without_metric=(Candidate("svm-rbf"),))

    assert summarise(comparison).endswith("; 1 only in A, 1 without probabilities.")
    assert "Not compared, without probabilities: svm-rbf+none+default." in (
        describe_comparison(comparison)
    )
    lines = list(csv.DictReader(io.StringIO(render_comparison_csv(comparison))))
    assert lines[-1]["outcome"] == "without probabilities"


def test_every_format_holds_every_candidate() -> None:
    document = json.loads(render_comparison_json(COMPARISON))
    lines = list(csv.DictReader(io.StringIO(render_comparison_csv(COMPARISON))))

    assert document["counts"] == {
        "worse": 1,
        "better": 0,
        "undecided": 0,
        "equivalent": 1,
        "identical": 1,
    }
    assert [row["outcome"] for row in document["rows"]] == ["worse", "equivalent", "identical"]
    assert [(line["model"], line["outcome"]) for line in lines] == [
        ("xgboost", "worse"),
        ("logistic", "equivalent"),
        ("catboost", "identical"),
        ("svm-rbf", "only in A"),
    ]
    assert (lines[0]["difference"], lines[2]["low"]) == ("-0.020000", "")
    for text in (render_comparison_markdown(COMPARISON), render_comparison_latex(COMPARISON)):
        assert all(f"{row.candidate}" in text for row in COMPARISON.rows)
    assert "$-$.0200 & [$-$.0300, $-$.0100] & $<$.001 & worse" in render_comparison_latex(
        COMPARISON
    )


def test_names_of_strangers_are_text_in_a_comparison(hostile_name: str) -> None:
    row = replace(WORSE, candidate=Candidate(hostile_name))
    comparison = replace(COMPARISON, rows=(row,), names=(hostile_name, "b"))

    text = printed(comparison, width=1000)

    assert clean(str(row.candidate)) in text
    assert "\u202e" not in text
    assert "\x1b" not in text
    cell = next(csv.DictReader(io.StringIO(render_comparison_csv(comparison))))["model"]
    assert not cell.startswith(("=", "+", "-", "@"))
    assert "<script>" not in render_comparison_markdown(comparison)


@pytest.mark.parametrize(("margin", "told"), [(0.0025, ".0025"), (0.2, ".2"), (10.5, "10.5")])
def test_the_margin_is_told_as_it_was_given(margin: float, told: str) -> None:
    assert f"equivalent (within ±{told})" in summarise(replace(COMPARISON, margin=margin))
