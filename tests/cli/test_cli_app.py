"""The command line as a whole: help, version, wrong names, exit codes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

import bench
from bench.metrics import METRICS
from bench.models import MODELS
from bench.strategies import STRATEGIES

Ask = Callable[..., Any]

VERBS = ("run", "leaderboard", "compare", "sweep", "list", "check", "add")


def test_the_version_is_that_of_the_package(ask: Ask) -> None:
    answer = ask("--version")
    assert (answer.code, answer.out) == (0, f"churnbench {bench.__version__}\n")


def test_help_names_every_verb_and_a_first_step(ask: Ask) -> None:
    answer = ask("--help")
    assert answer.code == 0
    for verb in VERBS:
        assert re.search(rf"^    {verb}\s", answer.out, re.MULTILINE)
    assert "python -m bench run --dataset telco --preset quick" in answer.out


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_explains_itself(ask: Ask, verb: str) -> None:
    answer = ask(verb, "--help")
    assert answer.code == 0
    assert answer.out.startswith(f"usage: python -m bench {verb}")


def test_help_of_run_names_every_option_of_the_issue(ask: Ask) -> None:
    text = ask("run", "--help").out
    for option in (
        *("models", "strategies", "tuning", "folds", "repeats", "trials", "jobs", "seed"),
        *("metric", "rank-by", "importance", "out", "config", "preset", "dataset", "plan"),
        *("plugin", "require-real", "accept-data", "refresh", "datasets-dir"),
    ):
        assert f"--{option}" in text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("run", "--dataset", "telko"),
            "unknown dataset 'telko'; did you mean 'telco'? (see: python -m bench list datasets)",
        ),
        (
            ("run", "--dataset", "telco-standin", "--models", "logistic,lightgmb"),
            "unknown model 'lightgmb'; did you mean 'lightgbm'? (see: python -m bench list models)",
        ),
        (
            ("run", "--strategies", "smoot"),
            "unknown strategy 'smoot'; did you mean 'smote'? "
            "(see: python -m bench list strategies)",
        ),
        (
            ("run", "--preset", "fast"),
            "unknown preset 'fast' (see: python -m bench list presets)",
        ),
        (
            ("run", "--rank-by", "rocauc"),
            "unknown metric 'rocauc'; did you mean 'roc_auc'? (see: python -m bench list metrics)",
        ),
        (
            ("check", "--dataset", "bankchurn"),
            "unknown dataset 'bankchurn'; did you mean 'bank-churn'? "
            "(see: python -m bench list datasets)",
        ),
        (("run", "--folds", "1"), "--folds 1 is too few, expected at least 2"),
        (("run", "--jobs", "-1"), "--jobs -1 is too few, expected 1 (or 0: one a core)"),
        (("run", "--config", "none.toml"), "none.toml: no such experiment file"),
        (("leaderboard",), "results: no results here\nhint: python -m bench run --dataset telco"),
        (("check",), "nothing to check\nhint: name a dataset (--dataset) or a --plugin"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_a_mistake_is_one_clear_message_and_exit_code_2(
    ask: Ask, arguments: tuple[str, ...], message: str
) -> None:
    answer = ask(*arguments)
    assert answer.code == 2
    assert answer.out == ""
    assert answer.err == f"error: {message}\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "the following arguments are required: VERB"),
        (("run", "--model", "logistic"), "unrecognized arguments: --model logistic"),
        (("run", "--folds", "five"), "argument --folds: invalid int value: 'five'"),
        (
            ("run", "--models", ","),
            "argument --models: expected one or more names, separated by commas",
        ),
        (("add",), "the following arguments are required: FILE"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_a_wrong_option_is_shown_with_the_usage(
    ask: Ask, arguments: tuple[str, ...], message: str
) -> None:
    answer = ask(*arguments)
    assert answer.code == 2
    assert answer.err.startswith("usage: python -m bench")
    assert answer.err.endswith(f"error: {message}\n")


def test_lists_hold_every_entry_of_every_registry(ask: Ask) -> None:
    answer = ask("list", "--json")
    found = json.loads(answer.out)
    assert answer.code == 0
    assert [row["name"] for row in found["models"]] == list(MODELS.names)
    assert [row["name"] for row in found["strategies"]] == [*STRATEGIES.names, "auto"]
    assert [row["name"] for row in found["metrics"]] == list(METRICS.names)
    assert [row["name"] for row in found["presets"]] == ["quick", "standard", "full"]
    assert {"telco", "ecommerce", "iranian-churn", "bank-churn"} <= {
        row["name"] for row in found["datasets"]
    }


@pytest.mark.parametrize("kind", ["datasets", "models", "strategies", "metrics", "presets"])
def test_one_kind_is_listed_as_a_table(ask: Ask, kind: str) -> None:
    answer = ask("list", kind)
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.splitlines()[0].strip() == kind


def test_a_broken_adapter_is_listed_with_its_reason(ask: Ask, add_table: Any) -> None:
    add_table(toml="colour = 3")
    rows = json.loads(ask("list", "datasets", "--json").out)["datasets"]
    shop = next(row for row in rows if row["name"] == "shop")
    assert shop["availability"] == "broken"
    assert "colour" in shop["title"]
