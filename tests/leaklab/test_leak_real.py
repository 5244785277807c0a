"""The published "AUC .99" on the real Telco table: made by its mistake, and called impossible."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bench.data import load_dataset
from bench.leaklab.claims import ClaimVerdict, judge_claim, parse_claim
from bench.leaklab.judging import LabTable, mean_of

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def table(
    real_data: Path, run_small_lab: Any, tmp_path_factory: pytest.TempPathFactory
) -> LabTable:
    if not (real_data / "telco.csv").is_file():
        pytest.skip("BENCH_DATA_DIR holds no telco.csv")
    found: LabTable = run_small_lab(
        load_dataset("telco"),
        tmp_path_factory.mktemp("telco"),
        *("smote-enn", "smote", "scale-on-all", "target-copy"),
        models=("lightgbm",),
        folds=5,
    )
    return found


def test_smote_enn_before_the_split_makes_the_published_figures(table: LabTable) -> None:
    (row,) = table.rows_of("smote-enn-before-split")
    assert row.inflation["roc_auc"].leaky >= 0.985
    assert row.inflation["f1_at_05"].leaky >= 0.94
    assert row.inflation["roc_auc"].low > 0.1
    honest = {r.candidate: r.values for r in table.references}["lightgbm+none+recommended"]
    assert mean_of(honest, "roc_auc") == pytest.approx(0.846, abs=0.01)
    assert mean_of(honest, "f1_at_05") == pytest.approx(0.58, abs=0.02)


def test_smote_before_the_split_is_the_next_of_kin(table: LabTable) -> None:
    (row,) = table.rows_of("smote-before-split")
    assert row.inflation["roc_auc"].leaky >= 0.92


def test_scaling_on_all_rows_explains_nothing(table: LabTable) -> None:
    (row,) = table.rows_of("scale-on-all")
    assert abs(row.inflation["roc_auc"].difference) < 0.005
    assert row.inflation["roc_auc"].low <= 0 <= row.inflation["roc_auc"].high


def judged(table: LabTable, claim: str) -> ClaimVerdict:
    return judge_claim(parse_claim(claim), table)


def test_the_published_claim_is_impossible_and_its_mistake_is_named(table: LabTable) -> None:
    found = judged(table, "roc_auc=.992 f1=.958")
    assert {one.verdict for one in found.judged} == {"impossible"}
    assert found.suspects[0].mistake == "smote-enn-before-split"
    assert found.suspects[0].reproduces


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        ("roc_auc=.848 f1=.63", "plausible"),
        ("accuracy=.81", "plausible"),
        ("accuracy=.92", "impossible"),
    ],
)
def test_honest_figures_pass_and_others_do_not(table: LabTable, claim: str, verdict: str) -> None:
    assert judged(table, claim).verdict == verdict
