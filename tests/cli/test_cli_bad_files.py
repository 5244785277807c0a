"""Bad files: one clear message each, exit code 2, no traceback, nothing written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Ask = Callable[..., Any]

HEADER = "age,plan,churned\n"
ROWS = "".join(f"{20 + i},{'abc'[i % 3]},{'Yes' if i % 4 == 0 else 'No'}\n" for i in range(40))

# name: the table, the target, the start of the message after the file's name
BAD: dict[str, tuple[str | bytes, str, str]] = {
    "an empty file": ("", "churned", "the file is empty"),
    "a header alone": (HEADER, "churned", "there is a header but no rows below it"),
    "one class": (
        HEADER + "20,a,No\n" * 30,
        "churned",
        "target 'churned' holds one class only: 'No' in all 30 rows",
    ),
    "a missing target": (HEADER + ROWS, "churn", "there is no column 'churn'"),
    "another encoding": (
        (HEADER + "20,caf\xe9,Yes\n" + ROWS).encode("latin-1"),
        "churned",
        "not utf-8 text (byte 0xe9 at ",
    ),
    "bytes that are no text": (
        b"\x89PNG\r\n\x1a\n\x00\x00",
        "churned",
        "not utf-8 text (byte 0x89",
    ),
    "a column without values": (
        "age,empty,churned\n" + "".join(f"{i},,{'Yes' if i % 4 else 'No'}\n" for i in range(40)),
        "churned",
        "column 'empty' has no value in any row",
    ),
    "an infinite value": (
        "age,fee,churned\n"
        + "".join(f"{i},{'inf' if i == 7 else i},{'Yes' if i % 4 else 'No'}\n" for i in range(40)),
        "churned",
        "column 'fee' holds 1 infinite values, the first in row 8",
    ),
    "a target with holes": (
        HEADER + ROWS + "50,a,\n",
        "churned",
        "target 'churned' is missing in 1 of 41 rows, the first is row 41",
    ),
    "two columns of one name": (
        "age,age,churned\n" + "1,2,Yes\n" * 20 + "1,2,No\n" * 20,
        "churned",
        "two columns are called 'age'",
    ),
}


def files(home: Path) -> set[str]:
    return {p.relative_to(home).as_posix() for p in home.rglob("*")}


@pytest.mark.parametrize("verb", ["run", "check"])
@pytest.mark.parametrize("name", list(BAD))
def test_a_bad_file_is_one_clear_message(
    ask: Ask, add_table: Any, home: Path, name: str, verb: str
) -> None:
    table, target, message = BAD[name]
    path = add_table(table, target=target)
    before = files(home)
    answer = ask(verb, "--dataset", "shop")
    assert answer.code == 2
    assert answer.out == ""
    lines = answer.err.splitlines()
    assert lines[0].startswith(f"error: {path}: {message}")
    assert [line.startswith("hint: ") for line in lines[1:]] in ([], [True])
    assert "Traceback" not in answer.err
    assert files(home) == before


def test_a_declared_column_that_is_not_there_is_named_with_those_that_are(
    ask: Ask, add_table: Any
) -> None:
    path = add_table(HEADER + ROWS, toml='[columns]\nnumeric = ["aeg"]\n')
    answer = ask("run", "--dataset", "shop")
    assert answer.code == 2
    assert answer.err.startswith(
        f"error: {path}: there is no column 'aeg'; did you mean 'age'?\nhint: the columns are: "
    )


def test_too_few_positives_are_refused_before_anything_runs(ask: Ask, add_table: Any) -> None:
    add_table(HEADER + "".join(f"{i},a,{'Yes' if i in (3, 31, 54) else 'No'}\n" for i in range(60)))
    answer = ask("run", "--dataset", "shop")
    assert answer.code == 2
    assert answer.err.endswith(
        "error: 5 folds need at least 5 rows of each class, and the rarer has 3\n"
        "hint: use fewer folds (--folds)\n"
    )


def test_a_file_that_is_not_there_says_where_to_put_it(
    ask: Ask, add_table: Any, home: Path
) -> None:
    add_table().unlink()
    answer = ask("run", "--dataset", "shop")
    assert answer.code == 2
    assert answer.err.startswith(
        "error: shop: shop.csv is not here, and there is no address to download it\nhint: "
    )
    assert not (home / "results").exists()


def test_real_data_that_is_required_is_never_imitated(ask: Ask) -> None:
    answer = ask("run", "--dataset", "telco-standin", "--require-real")
    assert answer.code == 2
    assert answer.err == (
        "error: telco-standin is an imitation of telco, and real data is required\n"
        "hint: leave out --require-real, or ask for --dataset telco\n"
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("MODELS = (", "SyntaxError: '(' was never closed"),
        ("import no_such_module", "ModuleNotFoundError: No module named 'no_such_module'"),
        ("x = 1", "defines none of MODELS, STRATEGIES, METRICS"),
        ("MODELS = (3,)", "MODELS holds 3, expected a Model"),
    ],
)
def test_a_plugin_that_cannot_be_used_is_one_clear_message(
    ask: Ask, home: Path, text: str, message: str
) -> None:
    (home / "mine.py").write_text(text)
    answer = ask("run", "--plugin", "mine.py", "--dataset", "telco-standin")
    assert answer.code == 2
    assert "mine.py" in answer.err
    assert message in answer.err.splitlines()[0]
    assert "Traceback" not in answer.err


def test_a_results_folder_that_cannot_be_read_is_one_clear_message(ask: Ask, home: Path) -> None:
    (home / "results" / "shop").mkdir(parents=True)
    (home / "results" / "shop" / "run.json").write_text("{")
    answer = ask("leaderboard")
    assert answer.code == 2
    assert answer.err.startswith("error: results/shop/run.json: cannot be read: ")
