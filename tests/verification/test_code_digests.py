"""Digests of code: changed by code, not by words about it, and for all that makes figures."""

from __future__ import annotations

import ast
import io
import subprocess
import sys
import tokenize
from pathlib import Path

import pytest

import bench
from bench.environment import code_digests, strip_words

PACKAGE = Path(bench.__file__).parent

SOURCE = '''\
"""A module."""

from x import y  # why

TEXT = """
# not a comment, "nor" this
"""  # a comment


class C:
    """A class: it's "good"."""  # indeed

    a = 1
    """An attribute."""

    def f(self) -> str:
        r"""A \\d method."""
        return '"""' + "# no" + '#' + """x"""  # "q"
'''

STRIPPED = '''\
from x import y
TEXT = """
# not a comment, "nor" this
"""
class C:
    a = 1
    def f(self) -> str:
        return \'"""\' + "# no" + \'#\' + """x"""'''


def strip_by_parsing(source: str) -> str:
    """Return what the standard library's parser and tokenizer would leave."""
    lines = source.splitlines()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            row, column = token.start
            lines[row - 1] = lines[row - 1][:column]
    words: set[int] = set()
    for node in ast.walk(ast.parse(source)):
        is_text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if is_text and isinstance(node.value.value, str):
            words |= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    kept = (line for number, line in enumerate(lines, start=1) if number not in words)
    return "\n".join(line.rstrip() for line in kept if line.strip())


def test_words_about_code_are_left_out_and_texts_in_it_are_not() -> None:
    assert strip_words(SOURCE) == STRIPPED
    assert strip_by_parsing(SOURCE) == STRIPPED


def test_all_of_our_code_is_stripped_as_the_parser_would() -> None:
    wrong = []
    for path in sorted(PACKAGE.rglob("*.py")):
        source = path.read_text(encoding="utf-8")
        if strip_words(source) != strip_by_parsing(source):
            wrong.append(path.relative_to(PACKAGE).as_posix())
    assert not wrong


@pytest.mark.parametrize(
    ("edited", "is_same"),
    [
        ("# one\nX = 1\n", True),
        ('"""Words."""\n\nX = 1  # more words\n', True),
        ("X = 2\n", False),
        ("X = 1\nY = 2\n", False),
    ],
)
def test_a_digest_changes_with_code_alone(tmp_path: Path, edited: str, is_same: bool) -> None:
    digests = []
    for name, text in (("one", "X = 1\n"), ("other", edited)):
        package = tmp_path / name / "bench"
        (package / "models").mkdir(parents=True)
        (package / "models" / "x.py").write_text(text, encoding="utf-8")
        digests.append(code_digests(package))
    assert [list(found) for found in digests] == [["bench/models/x.py"]] * 2
    assert (digests[0] == digests[1]) is is_same


def test_every_module_that_a_fit_or_a_board_comes_through_is_digested() -> None:
    code = (
        "import sys, bench.evaluation.job, bench.execution.running, bench.reports.writing\n"
        "print(*(name for name in sys.modules if name.startswith('bench.')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=PACKAGE.parent, capture_output=True, text=True, check=True
    )
    places = {name: PACKAGE.parent / name.replace(".", "/") for name in done.stdout.split()}
    modules = {
        (place / "__init__.py" if place.is_dir() else place.with_suffix(".py"))
        .relative_to(PACKAGE.parent)
        .as_posix()
        for place in places.values()
    }
    assert modules - code_digests().keys() <= {"bench/errors.py"}
