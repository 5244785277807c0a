"""What a finding tells to put into the adapter can be put there, and mends it."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable

import planting
import pytest
from planting import Plant, Planted

from bench.domain import DatasetFacts

_LINE = re.compile(r"\[([a-z.]+)\] ([^\s=]+ = (?:\[[^\]]*\]|\{[^}]*\}|\"[^\"]*\"))")

MENDED_BY_A_LINE: tuple[Plant, ...] = (
    planting.noisy_copy,
    planting.exclusive_or,
    planting.filled_for_leavers,
    planting.churn_score,
    planting.text_key,
    planting.surname,
    planting.same_everywhere,
    planting.other_unit,
    planting.spelt_in_cases,
    planting.abbreviated,
    planting.contained,
    planting.numbers_and_text,
    planting.sentinel_999,
    planting.dates_as_levels,
    planting.households,
    planting.repeated_ids,
)


@pytest.mark.parametrize("plant", MENDED_BY_A_LINE, ids=lambda plant: plant.__name__)
def test_the_line_of_a_finding_mends_it(
    plant: Plant, look: Callable[[Planted], DatasetFacts]
) -> None:
    planted = plant()
    found = next(f for f in look(planted).findings if f.code == planted.code)

    sections = {"source": [], "columns": []}
    lines = _LINE.findall(found.remedy)
    assert lines
    for section, line in lines:
        sections.setdefault(section, []).append(line)
    if not any(line.startswith(("id", "group")) for line in sections["columns"]):
        sections["columns"].append('id = "customer_id"')
    toml = "".join(
        f"[{section}]\n" + "\n".join(own) + "\n"
        for section, own in sections.items()
        if section != "source"
    )
    after = look(dataclasses.replace(planted, toml=toml, source="\n".join(sections["source"])))

    left = [
        f
        for f in after.findings
        if f.code == planted.code and f.severity != "note" and f.columns == found.columns
    ]
    assert left == []
