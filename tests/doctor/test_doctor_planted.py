"""Every kind of defect is found where it was planted; clean tables have nothing severe."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from clean_tables import SHAPES, Shape, clean_table
from planting import PLANTS, Plant, Planted

from bench.doctor import diagnose
from bench.doctor.kinds import CODES
from bench.domain import Dataset, DatasetFacts


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: plant.__name__)
def test_a_planted_defect_is_found_and_nothing_else_is_severe(
    plant: Plant, look: Callable[[Planted], DatasetFacts]
) -> None:
    planted = plant()

    findings = look(planted).findings

    hits = [
        f for f in findings if f.code == planted.code and set(planted.columns) <= set(f.columns)
    ]
    assert [f.severity for f in hits][:1] == [planted.severity], findings
    assert hits[0].effect
    assert hits[0].remedy
    assert {f.code for f in findings if f.severity == "severe"} <= {planted.code}


def test_every_kind_is_planted() -> None:
    assert {plant().code for plant in PLANTS} == set(CODES)


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: f"seed{shape.seed}")
def test_a_clean_table_has_no_severe_finding_and_no_warning_but_few_positives(
    shape: Shape, look: Callable[[Planted], DatasetFacts]
) -> None:
    facts = look(Planted(clean_table(shape), ""))

    assert {f.code for f in facts.findings if f.severity != "note"} <= {"few-positives"}


@pytest.mark.parametrize("shape", SHAPES[:5], ids=lambda shape: f"seed{shape.seed}")
def test_a_brief_look_finds_nothing_that_a_thorough_one_does_not(
    shape: Shape, lay: Callable[..., Dataset], look: Callable[[Planted], DatasetFacts]
) -> None:
    planted = Planted(clean_table(shape), "")

    thorough = look(planted)

    brief = diagnose(lay(planted.table, planted.toml))
    assert {(f.severity, f.code) for f in brief.findings} <= {
        (f.severity, f.code) for f in thorough.findings
    }
