"""The optional prepare(features) beside an adapter."""

from __future__ import annotations

from pathlib import Path

import pytest
from data_tables import load, refused

from bench.errors import BenchError, PluginError


def add_hook(home: Path, code: str) -> None:
    (home / "datasets" / "demo.py").write_text(code)


def test_prepare_gets_the_features_without_target_and_ids(home: Path, add_adapter) -> None:
    add_adapter('[columns]\nid = "id"')
    before = load().digest
    add_hook(
        home,
        "def prepare(features):\n"
        "    assert list(features.columns) == ['age', 'plan']\n"
        "    features['young'] = features['age'] < 30\n"
        "    features['kind'] = features['plan'].astype(str).str.upper()\n"
        "    return features\n",
    )

    dataset = load()

    assert dict(dataset.X.dtypes.astype(str)) == {
        "age": "float64",
        "plan": "category",
        "young": "float64",
        "kind": "category",
    }
    assert dataset.digest != before
    assert not (home / "datasets" / "__pycache__").exists()


def test_what_prepare_does_is_part_of_the_digest(home: Path, add_adapter) -> None:
    add_adapter()
    digests = []
    for factor in (1, 2):
        add_hook(home, f"def prepare(f):\n    f['age'] = f['age'] * {factor}\n    return f\n")
        digests.append(load().digest)

    assert digests[0] != digests[1]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (
            "return f[f['age'] > 30]",
            "prepare returned 58 rows, expected the 80 given rows in order\n"
            "hint: drop no rows and keep the index; features are made column by column",
        ),
        (
            "return f.sort_values('age')",
            "prepare returned another order of rows, expected the 80 given rows in order\n"
            "hint: drop no rows and keep the index; features are made column by column",
        ),
        (
            "f.index = f.index[::-1]; return f",
            "prepare returned another order of rows, expected the 80 given rows in order\n"
            "hint: drop no rows and keep the index; features are made column by column",
        ),
        ("return f.to_numpy()", "prepare returned ndarray, expected a DataFrame"),
        ("return f['agee']", "prepare raised KeyError: 'agee'"),
        (
            "import pandas; f['day'] = pandas.Timestamp('2020-01-01'); return f",
            "prepare returned dates in column 'day'\n"
            "hint: turn them into numbers, such as days before a date that is fixed",
        ),
        (
            "f['age'] = f['age'] / 0; return f",
            "column 'age' holds 80 infinite values, the first in row 1\n"
            'hint: correct the file, or declare [source] missing = ["inf"]',
        ),
    ],
)
def test_prepare_must_keep_the_rows_and_return_features(
    home: Path, add_adapter, body: str, message: str
) -> None:
    add_adapter()
    add_hook(home, f"def prepare(f):\n    {body}\n")

    assert refused(BenchError) == f"datasets/demo.py: {message}"


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("x = 1", "there is no prepare(features) in it"),
        ("import nowhere", "ModuleNotFoundError: No module named 'nowhere'"),
        ("def prepare(", "SyntaxError: '(' was never closed (demo.py, line 1)"),
    ],
)
def test_a_hook_that_cannot_be_run_is_refused(
    home: Path, add_adapter, code: str, message: str
) -> None:
    add_adapter()
    add_hook(home, code)

    assert refused(PluginError) == f"datasets/demo.py: {message}"


def test_a_broken_hook_disturbs_no_other_dataset(home: Path, add_adapter) -> None:
    add_adapter(name="broken")
    (home / "datasets" / "broken.py").write_text("raise ValueError")
    add_adapter()

    assert load().name == "demo"
