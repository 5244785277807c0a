"""The layers of ARCHITECTURE.md, read off the imports of every module."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

import bench

PACKAGE = Path(bench.__file__).parent
MODULES = sorted(PACKAGE.rglob("*.py"))

LAYERS = {
    "errors": 0,
    "guard": 0,
    "identity": 0,
    "dependence": 0,
    "serial": 0,
    "specs": 0,
    "registry": 1,
    "domain": 1,
    "losses": 2,
    "metrics": 2,
    "profit": 2,
    "decisions": 2,
    "distributions": 2,
    "rules": 2,
    "calibration": 2,
    "repairs": 2,
    "campaigns": 2,
    "inputs": 2,
    "archive": 2,
    "data": 3,
    "store": 3,
    "environment": 3,
    "models": 4,
    "strategies": 4,
    "doctor": 4,
    "adding": 5,
    "evaluation": 5,
    "plugins": 5,
    "execution": 6,
    "contracts": 6,
    "analysis": 7,
    "reports": 8,
    "leaklab": 9,
    "verification": 9,
    "tracking": 9,
    "progress": 9,
    "api": 9,
    "cli": 10,
    "__main__": 11,
    "__init__": 11,
}

HEAVY = [
    "numpy",
    "pandas",
    "sklearn",
    "scipy",
    "lightgbm",
    "xgboost",
    "catboost",
    "optuna",
    "matplotlib",
    "imblearn",
    "rich",
    "joblib",
    "openpyxl",
    "jinja2",
    "plotly",
    "mlflow",
    "distributed",
    "dask",
]

FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "common", "core", "misc"}
MOST_LINES = 400
MOST_FUNCTION_LINES = 60


def name_of(path: Path) -> str:
    """Return a module's dotted name; a package's ``__init__`` has the package's."""
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 2 else parts)


def part_of(module: str) -> str:
    """Return what of ``bench`` a module belongs to: its folder, or the file at the top."""
    return module.split(".")[1]


def folder_of(module: str) -> str:
    """Return a module's own folder; files at the top share theirs with those of their layer."""
    part = part_of(module)
    return part if (PACKAGE / part).is_dir() else f"layer {LAYERS[part]}"


def layer_of(module: str) -> int:
    """Return the number of a module's layer."""
    return LAYERS[part_of(module)]


NAMES = {name_of(path): path for path in MODULES}


@cache
def imports_of(module: str) -> frozenset[str]:
    """Return our modules that a module imports anywhere, in functions and for types too."""
    found = set()
    for node in ast.walk(ast.parse(NAMES[module].read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{module}: relative import in line {node.lineno}"
            # `from bench.cli import run` imports a module, `from bench.errors import X` a name.
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                found.add(whole if whole in NAMES else node.module)
    return frozenset(name for name in found if name in NAMES)


def reached_from(part: str) -> dict[str, str]:
    """Return every module that one of ``part`` imports, however indirectly, and who does it."""
    todo = [name for name in NAMES if part_of(name) == part]
    found = dict.fromkeys(todo, "")
    while todo:
        module = todo.pop()
        for imported in imports_of(module):
            if imported not in found:
                found[imported] = module
                todo.append(imported)
    return found


def test_every_module_has_a_layer_and_nothing_else_has() -> None:
    assert {part_of(name) for name in NAMES} == set(LAYERS)


def test_the_table_of_the_architecture_says_the_same() -> None:
    text = (PACKAGE.parent / "ARCHITECTURE.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d+) \| ((?:`[a-z_]+/?`(?:, )?)+) \|", text, re.MULTILINE)
    told = {
        name.rstrip("/"): int(layer)
        for layer, names in rows
        for name in re.findall(r"`([a-z_/]+)`", names)
    }
    assert told == {name: n for name, n in LAYERS.items() if not name.startswith("__")}


@pytest.mark.parametrize("module", sorted(NAMES))
def test_a_module_imports_only_from_lower_layers_or_its_own_folder(module: str) -> None:
    wrong = [
        f"{module} (layer {layer_of(module)}) imports {imported} (layer {layer_of(imported)})"
        for imported in sorted(imports_of(module))
        if folder_of(imported) != folder_of(module) and layer_of(imported) >= layer_of(module)
    ]
    assert not wrong, "\n".join(wrong)


def test_no_modules_import_each_other_in_a_circle() -> None:
    # The package itself hands names on to users only; nothing of ours needs them.
    left = {name: set(imports_of(name)) - {"bench.__init__"} for name in NAMES}
    while free := [name for name, needed in left.items() if not needed & left.keys() - {name}]:
        for name in free:
            del left[name]
    assert not left, f"circles among {sorted(left)}"


@pytest.mark.parametrize(
    ("reader", "walled"),
    [
        ("analysis", {"models", "strategies", "evaluation", "execution", "plugins"}),
        ("reports", {"models", "strategies", "evaluation", "execution", "plugins"}),
        ("strategies", {"models"}),
        ("models", {"strategies"}),
    ],
)
def test_walls_hold_however_indirectly(reader: str, walled: set[str]) -> None:
    reached = reached_from(reader)
    wrong = [f"{by} imports {name}" for name, by in reached.items() if part_of(name) in walled]
    assert not wrong, "\n".join(wrong)


def test_leaky_code_is_reached_through_its_own_verb_alone() -> None:
    users = {
        name
        for name in NAMES
        if part_of(name) != "leaklab" and any(part_of(i) == "leaklab" for i in imports_of(name))
    }
    assert users == {"bench.cli.leak"}
    makers = {"bench.leaklab.mistakes", "bench.leaklab.variants"}
    makers_users = {name for name in NAMES if imports_of(name) & makers}
    assert {part_of(name) for name in makers_users} == {"leaklab"}
    # Neither by a name in a string: nobody else so much as mentions the lab.
    mentioned = {name for name, path in NAMES.items() if "bench.leaklab" in path.read_text("utf-8")}
    assert {name for name in mentioned if part_of(name) != "leaklab"} == {"bench.cli.leak"}


def test_no_run_reaches_leaky_code_however_indirectly() -> None:
    todo, reached = (
        ["bench.cli.run", "bench.cli.sweep", "bench.api", "bench.execution.worker"],
        set(),
    )
    while todo:
        module = todo.pop()
        if module not in reached:
            reached.add(module)
            todo += imports_of(module)
    assert not {name for name in reached if part_of(name) == "leaklab"}


def test_no_module_is_a_drawer_for_odds_and_ends() -> None:
    parts = {part for name in NAMES for part in name.split(".")}
    assert not parts & FORBIDDEN_NAMES


def test_importing_any_module_imports_no_heavy_library() -> None:
    names = [name for name in NAMES if name not in ("bench.__init__", "bench.__main__")]
    code = (
        "import importlib, sys\n"
        f"for name in {names!r}:\n"
        "    importlib.import_module(name)\n"
        f"    heavy = sorted(set({HEAVY!r}) & set(sys.modules))\n"
        "    if heavy:\n"
        "        sys.exit(f'{name} imports {heavy}')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=PACKAGE.parent, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


def docstring_lines(node: ast.AST) -> set[int]:
    """Return the line numbers of all docstrings in ``node``, attributes' included."""
    lines: set[int] = set()
    for inner in ast.walk(node):
        if (
            isinstance(inner, ast.Expr)
            and isinstance(inner.value, ast.Constant)
            and isinstance(inner.value.value, str)
        ):
            lines |= set(range(inner.lineno, (inner.end_lineno or inner.lineno) + 1))
    return lines


def test_no_file_is_longer_than_400_lines_without_docstrings() -> None:
    wrong = []
    for path in MODULES:
        text = path.read_text(encoding="utf-8")
        length = len(text.splitlines()) - len(docstring_lines(ast.parse(text)))
        if length > MOST_LINES:
            wrong.append(f"{path.relative_to(PACKAGE)}: {length} lines")
    assert not wrong, "\n".join(wrong)


def test_no_function_is_longer_than_60_lines_without_its_docstring() -> None:
    wrong = []
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            lines = set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
            length = len(lines - docstring_lines(node))
            if length > MOST_FUNCTION_LINES:
                wrong.append(f"{path.relative_to(PACKAGE)}: {node.name} has {length} lines")
    assert not wrong, "\n".join(wrong)


def test_one_place_catches_whatever_is_raised() -> None:
    found = []
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.ExceptHandler):
                continue
            is_reraised = any(isinstance(inner, ast.Raise) for inner in ast.walk(node))
            caught = ast.unparse(node.type) if node.type else "BaseException"
            if caught in ("Exception", "BaseException") and not is_reraised:
                found.append(path.relative_to(PACKAGE).as_posix())
    assert found == ["guard.py"]


def test_nothing_is_pickled() -> None:
    wrong = []
    for path in MODULES:
        text = path.read_text(encoding="utf-8")
        if "import pickle" in text or "allow_pickle=True" in text:
            wrong.append(path.relative_to(PACKAGE).as_posix())
    assert not wrong


def test_the_command_line_starts_without_analysis_and_reports() -> None:
    code = (
        "import sys, bench.cli.app\n"
        "parts = ('bench.analysis', 'bench.reports')\n"
        "print([name for name in sys.modules if name.startswith(parts)])"
    )
    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=PACKAGE.parent
    )
    assert found.stdout == "[]\n"
