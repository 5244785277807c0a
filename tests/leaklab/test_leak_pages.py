"""The lab's files: they say what was measured, and cannot be changed unnoticed."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

from bench.analysis.statistics import corrected_paired_test
from bench.domain import Dataset
from bench.errors import StoreError
from bench.leaklab.judging import LabTable
from bench.leaklab.pages import (
    read_lab_json,
    render_lab_csv,
    render_lab_json,
    render_lab_markdown,
    write_lab,
)
from bench.leaklab.wording import checklist, effect_of


@pytest.fixture(scope="module")
def table(toy: Dataset, run_small_lab: Any, tmp_path_factory: pytest.TempPathFactory) -> LabTable:
    found: LabTable = run_small_lab(
        toy,
        tmp_path_factory.mktemp("pages"),
        *("smote-enn", "scale-on-all", "stop-on-test", "target-copy"),
    )
    return found


def test_the_csv_holds_the_paired_corrected_test_of_every_row(table: LabTable) -> None:
    rows = list(csv.DictReader(io.StringIO(render_lab_csv(table))))
    assert len(rows) == 3 * 7
    (row,) = [r for r in rows if (r["mistake"], r["metric"]) == ("target-copy", "roc_auc")]
    (found,) = table.rows_of("target-copy")
    changes = np.subtract(found.leaky["roc_auc"], found.honest["roc_auc"])
    test = corrected_paired_test(changes, test_train_ratio=1 / 2)
    assert float(row["inflation"]) == pytest.approx(changes.mean(), abs=1e-6)
    assert float(row["low"]) == pytest.approx(test.low, abs=1e-6)
    assert float(row["p_value"]) == pytest.approx(test.p_value, abs=1e-6)


def test_where_other_rows_are_tested_splits_have_no_partners(table: LabTable) -> None:
    (found,) = table.rows_of("smote-enn-before-split")
    assert not found.is_paired
    leaky, honest = found.leaky["roc_auc"], found.honest["roc_auc"]
    inflation = found.inflation["roc_auc"]
    # √(1/3 + 1/2) of the spread of each; Welch's interval for the two.
    errors = [np.std(v, ddof=1) * (1 / 3 + 1 / 2) ** 0.5 for v in (leaky, honest)]
    df = (errors[0] ** 2 + errors[1] ** 2) ** 2 / sum(error**4 / 2 for error in errors)
    half = stats.t.ppf(0.975, df) * np.hypot(*errors)
    assert inflation.difference == pytest.approx(np.mean(leaky) - np.mean(honest))
    assert inflation.high - inflation.difference == pytest.approx(half, rel=1e-6)


def test_the_page_explains_every_mistake_and_ties_the_checklist_to_it(table: LabTable) -> None:
    page = render_lab_markdown(table, command="python -m bench leak")
    for mistake in table.mistakes:
        if table.rows_of(mistake.name):
            assert mistake.explanation in page
    assert len(checklist(table)) == 3
    assert page.count("- [ ] ") == 3
    assert "*Here `target-copy` adds +" in page
    assert "## Left out\n\n- stop-on-test, logistic: logistic does not stop early" in page


def test_what_changes_nothing_is_not_said_to_flatter(table: LabTable) -> None:
    (row,) = table.rows_of("scale-on-all")
    same = replace(
        row,
        inflation={
            name: replace(found, difference=0.0, low=0.0, high=0.0, adjusted_p_value=1.0)
            for name, found in row.inflation.items()
        },
    )
    assert effect_of([same]) == "none"
    wide = {name: replace(found, low=-0.2, high=0.3) for name, found in same.inflation.items()}
    assert effect_of([replace(same, inflation=wide)]) == "unclear"


def test_what_was_written_is_read_again(table: LabTable, tmp_path: Path) -> None:
    (tmp_path / "leak.json").write_text(render_lab_json(table), encoding="utf-8")
    assert read_lab_json(tmp_path / "leak.json") == table


@pytest.mark.parametrize("damage", ["figure", "version", "text", "nothing"])
def test_what_was_changed_since_is_refused(table: LabTable, tmp_path: Path, damage: str) -> None:
    path = tmp_path / "leak.json"
    text = render_lab_json(table)
    if damage == "figure":
        document = json.loads(text)
        document["references"][0]["values"]["roc_auc"][0] = 0.999
        text = json.dumps(document)
    elif damage == "version":
        text = text.replace('"schema_version": 1', '"schema_version": 2')
    elif damage == "text":
        text = "[]"
    if damage != "nothing":
        path.write_text(text, encoding="utf-8")
    with pytest.raises(StoreError, match=r"leak\.json: cannot be used: "):
        read_lab_json(path)


def test_the_picture_is_the_same_twice(table: LabTable, tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_lab(tmp_path / name, table, command="x")
    for file in ("leak.svg", "leak.png", "leak.md", "leak.csv", "leak.json"):
        one, two = ((tmp_path / name / file).read_bytes() for name in ("one", "two"))
        assert one == two, file


def test_a_strange_title_is_shown_and_not_obeyed(table: LabTable) -> None:
    strange = replace(table, facts=replace(table.facts, title="<b>|$x$|`"))
    page = render_lab_markdown(strange, command="x")
    assert "<b>" not in page
    assert page.startswith("# Leak lab: ")
