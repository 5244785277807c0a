"""Every adapter of ours whose table is here holds every clause; each clause can be broken."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from bench.contracts import DATASET_CLAUSES, Clause, Outcome, check_dataset
from bench.contracts.datasets import Adapter
from bench.data import LoadOptions, load_dataset
from bench.data.adapters import builtin_directory, load_spec
from bench.data.canonical import frame_digest
from bench.domain import Dataset
from bench.errors import BenchError

NAMES = sorted(path.stem for path in builtin_directory().glob("*.toml"))


@pytest.fixture(scope="session", params=NAMES)
def adapter(request: pytest.FixtureRequest) -> Adapter:
    """An adapter of ours, its table loaded twice for all clauses together."""
    source = load_spec(request.param).source
    folder = os.environ.get("BENCH_DATA_DIR", "")
    is_here = bool(source.generator or (folder and (Path(folder) / source.file).is_file()))
    if not is_here:
        pytest.skip(f"BENCH_DATA_DIR does not hold {source.file}")
    tables = [load_dataset(request.param) for _ in range(2)]

    def load() -> Dataset:
        tables.reverse()
        return tables[0]

    return Adapter(request.param, load)


@pytest.mark.parametrize("clause", DATASET_CLAUSES, ids=lambda clause: clause.name)
def test_dataset_holds(adapter: Adapter, clause: Clause[Adapter]) -> None:
    assert clause.problem_with(adapter) == ""


# --- each clause is seen to fail ------------------------------------------------------


@pytest.fixture(scope="module")
def sound() -> Dataset:
    return load_dataset("synthetic-rare")


def broken_clauses(load: Callable[[], Dataset]) -> dict[str, str]:
    """Return the clauses that are broken, with the problems."""
    problems = {c.name: c.problem_with(Adapter("toy", load)) for c in DATASET_CLAUSES}
    return {name: problem for name, problem in problems.items() if problem}


def with_digest(dataset: Dataset) -> Dataset:
    return replace(dataset, digest=frame_digest(dataset.X, dataset.y, groups=dataset.groups))


def test_a_sound_dataset_breaks_nothing(sound: Dataset) -> None:
    assert broken_clauses(lambda: sound) == {}


def test_a_table_that_changes_between_two_loads_is_found(sound: Dataset) -> None:
    tables = iter([sound, replace(sound, digest="0" * 64)])

    assert broken_clauses(lambda: next(tables)) == {
        "loads_the_same_every_time": f"digest {sound.digest}, and {'0' * 64} the second time"
    }


@pytest.mark.parametrize(
    ("column", "problem"),
    [
        (lambda n: pd.Series([1] * n), "'odd' is int64, expected float64 or category"),
        (lambda n: pd.Series(["a", None] * (n // 2)), "'odd' is str, expected float64 or category"),
        (lambda n: pd.Series([np.inf] + [0.0] * (n - 1)), "'odd' holds infinite values"),
        (
            lambda n: pd.Series(pd.Categorical(["a", "b"] * (n // 2), categories=["b", "a"])),
            "the levels of 'odd' are not texts in sorted order",
        ),
    ],
    ids=["whole-numbers", "texts", "infinite", "unsorted-levels"],
)
def test_a_column_that_is_not_canonical_is_found(
    sound: Dataset, column: Callable[[int], pd.Series], problem: str
) -> None:
    X = sound.X.assign(odd=column(len(sound.X)))
    odd = with_digest(replace(sound, X=X))

    assert broken_clauses(lambda: odd)["has_canonical_columns"] == problem


def test_two_features_of_one_name_are_found(sound: Dataset) -> None:
    X = sound.X.copy()
    X.columns = [X.columns[1], *X.columns[1:]]

    found = broken_clauses(lambda: replace(sound, X=X))

    assert found["has_canonical_columns"] == "two features share a name"


@pytest.mark.parametrize("role", ["target", "id", "drop", "group"])
def test_a_feature_that_should_be_kept_apart_is_found(sound: Dataset, role: str) -> None:
    name, spec = str(sound.X.columns[0]), sound.spec
    if role == "target":
        spec = replace(spec, target=replace(spec.target, column=name))
    else:
        value = name if role == "group" else (name,)
        spec = replace(spec, columns=replace(spec.columns, **{role: value}))

    assert broken_clauses(lambda: replace(sound, spec=spec)) == {
        "keeps_target_and_identifiers_apart": f"{name!r} is among the features"
    }


def test_labels_of_one_class_are_found(sound: Dataset) -> None:
    alike = with_digest(replace(sound, y=np.zeros_like(sound.y)))

    assert broken_clauses(lambda: alike)["has_labels_of_two_classes"] == (
        "labels are [0], expected 0 and 1"
    )


def test_labels_of_another_type_are_found(sound: Dataset) -> None:
    wide = replace(sound, y=sound.y.astype(np.int64))

    assert broken_clauses(lambda: wide) == {
        "has_labels_of_two_classes": (
            f"labels are int64 of shape ({len(sound.y)},), expected int8 of shape ({len(sound.y)},)"
        )
    }


def test_an_undeclared_expectation_is_found(sound: Dataset) -> None:
    spec = replace(sound.spec, expect=replace(sound.spec.expect, positives=None))

    assert broken_clauses(lambda: replace(sound, spec=spec)) == {
        "declares_what_it_expects": (
            "[expect] positives is not declared: another table would go unnoticed"
        )
    }


def test_a_digest_of_something_else_is_found(sound: Dataset) -> None:
    found = broken_clauses(lambda: replace(sound, digest="0" * 64))

    assert found == {
        "has_a_digest_of_its_content": f"digest {'0' * 64}, but a copy has {sound.digest}"
    }


def test_facts_that_json_cannot_hold_are_found(sound: Dataset) -> None:
    spec = replace(sound.spec, title=b"shop")

    assert broken_clauses(lambda: replace(sound, spec=spec)) == {
        "has_facts_that_can_be_kept": ("TypeError: Object of type bytes is not JSON serializable")
    }


# --- as a user meets them -------------------------------------------------------------


def test_an_adapter_of_the_users_own_is_checked_by_name(tmp_path: Path) -> None:
    (tmp_path / "shop.csv").write_text(
        "age,churned\n" + "".join(f"{20 + i},{'yes' if i % 4 == 0 else 'no'}\n" for i in range(40)),
        encoding="utf-8",
    )
    (tmp_path / "shop.toml").write_text(
        'name = "shop"\n[source]\nfile = "shop.csv"\n[target]\ncolumn = "churned"\n',
        encoding="utf-8",
    )

    outcomes = check_dataset("shop", LoadOptions(datasets_dir=tmp_path))

    assert len(outcomes) == len(DATASET_CLAUSES)
    assert [outcome for outcome in outcomes if outcome.problem] == [
        Outcome(
            "dataset",
            "shop",
            "declares in [expect] how many rows and positives there are",
            "[expect] rows is not declared: another table would go unnoticed",
        )
    ]


def test_a_table_that_does_not_load_is_told_once(tmp_path: Path) -> None:
    (tmp_path / "shop.toml").write_text(
        'name = "shop"\n[source]\nfile = "gone.csv"\n[target]\ncolumn = "churned"\n',
        encoding="utf-8",
    )
    options = LoadOptions(datasets_dir=tmp_path)
    with pytest.raises(BenchError) as caught:
        load_dataset("shop", options=options)

    outcomes = check_dataset("shop", options)

    assert [outcome.problem for outcome in outcomes] == [
        f"{type(caught.value).__name__}: {caught.value.message}"
    ]
