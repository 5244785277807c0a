"""The suites find what is broken, and nothing else: each check is seen to fail."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bench.contracts import METRIC_CLAUSES, MODEL_CLAUSES, STRATEGY_CLAUSES
from bench.metrics import Metric, f1
from bench.models import Model
from bench.strategies import Strategy

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


@pytest.mark.parametrize("kind", CLAUSES)
def test_every_clause_is_broken_by_some_entry(checked: dict, kind: str) -> None:
    never_broken = {c.name for c in CLAUSES[kind]} - set(checked["breaks"][kind].values())

    # Registration refuses bad names before a plug-in is checked at all; see the next test.
    assert never_broken <= {"has_a_name_for_its_column"}


class Shouting(Model):
    name = "My_Model"
    summary = "a toy"


@pytest.mark.parametrize(
    ("kind", "entry", "problem"),
    [
        ("model", Shouting(), "name = 'My_Model', expected a name such as 'my-model'"),
        (
            "strategy",
            Strategy("over_all", "a toy"),
            "name = 'over_all', expected a name such as 'my-strategy'",
        ),
        (
            "metric",
            Metric("My-Metric", f1, "higher", "decisions"),
            "name = 'My-Metric', expected a name such as 'my_metric'",
        ),
    ],
    ids=CLAUSES,
)
def test_a_name_that_files_and_tables_could_not_hold_is_found(
    kind: str, entry: Any, problem: str
) -> None:
    clause = next(c for c in CLAUSES[kind] if c.name.startswith("has_a_name"))

    assert clause.problem_with(entry) == problem


def line_of(text: str) -> int:
    lines = PLUGIN.read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if text in line)


def test_a_problem_names_the_line_in_the_users_file(checked: dict) -> None:
    line = line_of("no licence found")

    assert problems(checked)["model", "raises"] == {
        "builds without params, fits, and returns one finite float64 score per row": (
            f"broken_entries.py:{line}: RuntimeError: no licence found"
        )
    }


def test_nothing_more_is_tried_where_the_basis_is_broken(checked: dict) -> None:
    of_raises = [o for o in checked["outcomes"] if (o["kind"], o["entry"]) == ("model", "raises")]

    assert len(of_raises) == 1


@pytest.mark.parametrize(
    ("kind", "name", "problem"),
    [
        ("model", "halves", "scores have shape (60,), expected (120,)"),
        ("model", "float32", "predict_score returned float32, expected an array of float64"),
        ("model", "missing", "1 scores are not finite"),
        ("model", "roundless", "fit returned None, expected a whole number from 0"),
        ("model", "elsewhere", "'penalty' is not among what the space suggests: C"),
        ("model", "threaded", "step__n_jobs = -1 for one thread; hand `threads` on in build"),
        ("model", "misattributes", "gains have shape (2,), expected (13,)"),
        ("model", "loses-count", "with_rounds asked for 3 rounds, the fit kept 4"),
        ("strategy", "narrow", "X came back in shape (280, 12), expected (280, 13)"),
        ("strategy", "one-class", "labels came back as [1], expected 0 and 1"),
        ("strategy", "negative", "the smallest weight is -1, expected positive ones"),
        ("strategy", "between-codes", "column 5 came back with code 0.5"),
        ("strategy", "reach-out", "rows held back have changed"),
        (
            "metric",
            "constant",
            "higher is declared to be better, but perfect scores get 1, random ones 1 and "
            "reversed ones 1",
        ),
        (
            "metric",
            "any_class",
            "returned 0.0 for a single class, expected a ValueError "
            "(bench.decisions.as_labels_and_scores does for scores, and confusion for decisions)",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) and " " not in value else "",
)
def test_a_problem_says_the_fact_and_what_was_expected(
    checked: dict, kind: str, name: str, problem: str
) -> None:
    assert list(problems(checked)[kind, name].values()) == [problem]


def test_the_command_line_shows_every_clause_and_exits_with_one() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bench", "check", "--plugin", str(PLUGIN)],
        capture_output=True,
        text=True,
        cwd=HERE.parents[1],
        check=False,
    )

    lines = done.stdout.splitlines()
    assert done.returncode == 1
    ending = "metric separation: takes scores that are no probabilities"
    assert [line.split()[0] for line in lines if line.endswith(ending)] == ["ok"]
    ending = "per row: 1 scores are not finite"
    assert [line.split()[0] for line in lines if line.endswith(ending)] == ["broken"]
    assert lines[-1].endswith(" are broken")
    assert done.stderr == ""
