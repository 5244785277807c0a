"""The suites find what is broken, and nothing else: each check is seen to fail."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from bench.contracts import METRIC_CLAUSES, MODEL_CLAUSES, STRATEGY_CLAUSES

HERE = Path(__file__).parent
PLUGIN = HERE / "broken_entries.py"
CLAUSES = {"model": MODEL_CLAUSES, "strategy": STRATEGY_CLAUSES, "metric": METRIC_CLAUSES}

# Registries are global: broken entries stay in a process of their own.
SCRIPT = """
import json, sys
from bench.contracts import check_plugged_in
from bench.plugins import load_plugins
from bench.serial import to_json

load_plugins([sys.argv[1]])
breaks = next(m.BREAKS for n, m in sys.modules.items() if n.startswith("churnbench_plugin_"))
print(json.dumps({"breaks": breaks, "outcomes": to_json(check_plugged_in())}))
"""


@pytest.fixture(scope="module")
def checked() -> dict:
    """What the broken entries should break, and what the suite says that they do."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(PLUGIN)],
        capture_output=True,
        text=True,
        cwd=HERE.parents[1],
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def problems(checked: dict) -> dict:
    """Return (kind, entry) → {sentence: problem} of the clauses that are broken."""
    found: dict = {}
    for outcome in checked["outcomes"]:
        broken = found.setdefault((outcome["kind"], outcome["entry"]), {})
        if outcome["problem"]:
            broken[outcome["clause"]] = outcome["problem"]
    return found


@pytest.mark.parametrize("kind", CLAUSES)
def test_each_broken_entry_breaks_exactly_its_clause(checked: dict, kind: str) -> None:
    sentence_of = {clause.name: clause.sentence for clause in CLAUSES[kind]}

    expected = {
        name: [sentence_of[clause]] if clause else []
        for name, clause in checked["breaks"][kind].items()
    }

    found = {name: list(broken) for (of, name), broken in problems(checked).items() if of == kind}
    assert found == expected
