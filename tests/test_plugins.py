"""Plug-ins load, are told apart by their source, and mistakes in them get one clear message."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]

# Registries are global, so every test loads its plug-ins in a process of its own.
SCRIPT = """
import json, sys
from bench.errors import PluginError
from bench.metrics import METRICS
from bench.models import MODELS
from bench.plugins import load_plugins, plugged_in, plugin_digest
from bench.strategies import STRATEGIES

REGISTRIES = {"model": MODELS, "strategy": STRATEGIES, "metric": METRICS}
ours = {kind: registry.names for kind, registry in REGISTRIES.items()}
told = {}
try:
    for step in sys.argv[1:]:
        if step.startswith("python:"):
            exec(step.removeprefix("python:"))
        else:
            load_plugins([step] if step else [])
except PluginError as error:
    told = {"message": error.message, "hint": error.hint}
print(json.dumps({
    **told,
    "plugged_in": {kind: plugged_in(kind) for kind in REGISTRIES},
    "added": {
        kind: registry.names[len(ours[kind]):] for kind, registry in REGISTRIES.items()
    },
    "digests": {
        name: plugin_digest(kind, name)
        for kind, registry in REGISTRIES.items()
        for name in registry.names
    },
}))
"""

GOOD = """\
from bench.metrics import Metric
from bench.models import Model
from bench.strategies import Strategy


class Mine(Model):
    name = "mine"


MODELS = (Mine(),)
STRATEGIES = (Strategy("my-way", "as I like it"),)
METRICS = (Metric("my_share", lambda y_true, y_pred: 1.0, "higher", "decisions"),)
"""
HINT_AT_TUPLE = "for instance: MODELS = (MyModel(),)"


def load(*steps: str, folder: Path, path: Path | None = None) -> dict[str, Any]:
    """Load plug-ins one after the other in ``folder`` and return what came of it."""
    paths = [ROOT, *([path] if path else [])]
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, *steps],
        capture_output=True,
        text=True,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, paths))},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return json.loads(done.stdout)


def write(folder: Path, source: str, name: str = "mine.py") -> str:
    """Write a plug-in and return its name."""
    (folder / name).write_text(source, encoding="utf-8")
    return name


def message(source: str, folder: Path) -> tuple[str, str]:
    """Return the message and the hint for a plug-in that cannot be used."""
    found = load(write(folder, source), folder=folder)
    return found["message"].replace(str(folder.resolve()) + os.sep, ""), found["hint"]


def test_a_file_brings_models_strategies_and_metrics(tmp_path: Path) -> None:
    found = load(write(tmp_path, GOOD), folder=tmp_path)

    expected = {"model": ["mine"], "strategy": ["my-way"], "metric": ["my_share"]}
    assert found["added"] == expected
    assert found["plugged_in"] == expected


def test_the_digest_of_an_entry_is_that_of_its_file_and_ours_have_none(tmp_path: Path) -> None:
    digests = load(write(tmp_path, GOOD), folder=tmp_path)["digests"]

    plugged = {name: digest for name, digest in digests.items() if digest}
    of_file = hashlib.sha256(GOOD.encode()).hexdigest()
    assert plugged == {"mine": of_file, "my-way": of_file, "my_share": of_file}
    assert digests["logistic"] == ""


def test_loading_a_file_again_is_no_harm(tmp_path: Path) -> None:
    name = write(tmp_path, GOOD)

    found = load(name, f".{os.sep}{name}", str(tmp_path / name), folder=tmp_path)

    assert "message" not in found
    assert found["added"]["model"] == ["mine"]


def test_a_file_that_changed_since_it_was_loaded_is_refused(tmp_path: Path) -> None:
    name = write(tmp_path, GOOD)

    found = load(name, f"python:open({name!r}, 'a').write('# more')", name, folder=tmp_path)

    assert found["message"] == f"{tmp_path.resolve() / name} changed while it was loaded"
    assert found["hint"] == "start the command or the notebook again"


def test_two_files_may_not_bring_the_same_name(tmp_path: Path) -> None:
    first = write(tmp_path, GOOD)
    second = write(tmp_path, GOOD, "other.py")

    found = load(first, second, folder=tmp_path)

    assert found["message"] == "a plugin brings a model 'mine', which exists already"


def test_a_name_of_ours_is_taken(tmp_path: Path) -> None:
    source = GOOD.replace('"mine"', '"logistic"')

    assert message(source, tmp_path)[0] == (
        "a plugin brings a model 'logistic', which exists already"
    )


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    found = load("gone.py", folder=tmp_path)

    path = tmp_path.resolve() / "gone.py"
    assert found["message"] == (
        f"gone.py: cannot be read as a plug-in: [Errno 2] No such file or directory: {str(path)!r}"
    )
    assert found["hint"] == "--plugin takes the path of a Python file"


def test_a_file_that_is_not_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_bytes(b"\xff\xfe\x00")

    found = load("mine.py", folder=tmp_path)

    assert found["message"] == (
        "mine.py: cannot be read as a plug-in: "
        "'utf-8' codec can't decode byte 0xff in position 0: invalid start byte"
    )


def test_text_that_is_not_called_py_is_refused(tmp_path: Path) -> None:
    found = load(write(tmp_path, GOOD, "mine.txt"), folder=tmp_path)

    assert found["message"] == "mine.txt: not a Python file"
    assert found["hint"] == "a plug-in's name ends in .py"


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("x = 1\ny = (\n", "mine.py:2: SyntaxError: '(' was never closed (mine.py, line 2)"),
        ("x = 1\n\ny = z\n", "mine.py:3: NameError: name 'z' is not defined"),
        (
            "import no_such_module\n",
            "mine.py:1: ModuleNotFoundError: No module named 'no_such_module'",
        ),
        pytest.param(
            "import json\n\njson.loads('x')\n",
            "mine.py:3: JSONDecodeError: Expecting value: line 1 column 1 (char 0)",
        ),
        (
            "def f():\n    return 1 / 0\n\nf()\n",
            "mine.py:2: ZeroDivisionError: division by zero",
        ),
    ],
    ids=["syntax", "name", "import", "in-a-library", "in-a-function"],
)
def test_a_mistake_in_the_file_is_told_with_its_line(
    tmp_path: Path, source: str, told: str
) -> None:
    assert message(source, tmp_path) == (told, "mend the plug-in and try again")


def test_a_file_without_any_of_the_tuples_is_refused(tmp_path: Path) -> None:
    assert message("models = ()\n", tmp_path) == (
        "mine.py: defines none of MODELS, STRATEGIES, METRICS",
        HINT_AT_TUPLE,
    )


@pytest.mark.parametrize(
    ("line", "told", "hint"),
    [
        (
            "MODELS = ('mine',)",
            "mine.py: MODELS holds 'mine', expected a Model",
            "MODELS is a tuple of Model objects",
        ),
        (
            "STRATEGIES = (None,)",
            "mine.py: STRATEGIES holds None, expected a Strategy",
            "STRATEGIES is a tuple of Strategy objects",
        ),
        (
            "METRICS = (1,)",
            "mine.py: METRICS holds 1, expected a Metric",
            "METRICS is a tuple of Metric objects",
        ),
    ],
    ids=["model", "strategy", "metric"],
)
def test_an_entry_of_another_type_is_refused(
    tmp_path: Path, line: str, told: str, hint: str
) -> None:
    assert message(f"{line}\n", tmp_path) == (told, hint)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            '"mine"',
            '"My_Model"',
            "mine.py: MODELS holds an entry named 'My_Model', expected a name such as my-model",
        ),
        (
            'name = "mine"',
            "pass",
            "mine.py: MODELS holds an entry named None, expected a name such as my-model",
        ),
        (
            '"my-way"',
            '"my way"',
            "mine.py: STRATEGIES holds an entry named 'my way', expected a name such as my-model",
        ),
        (
            '"my_share"',
            '"my-share"',
            "mine.py: METRICS holds an entry named 'my-share', expected a name such as my_metric",
        ),
    ],
    ids=["capitals", "no-name", "blank", "hyphen-in-a-column"],
)
def test_a_name_that_files_and_tables_could_not_hold_is_refused(
    tmp_path: Path, old: str, new: str, told: str
) -> None:
    assert message(GOOD.replace(old, new), tmp_path)[0] == told


def test_an_entry_that_is_not_in_a_tuple_is_refused(tmp_path: Path) -> None:
    told, hint = message(GOOD.replace("(Mine(),)", "Mine()"), tmp_path)

    assert told.startswith("mine.py: MODELS holds ")
    assert hint == "MODELS is a tuple of Model objects"


def test_a_refused_file_leaves_nothing_behind(tmp_path: Path) -> None:
    name = write(tmp_path, GOOD.replace("(Mine(),)", "(Mine(), 'mine')"))

    found = load(name, folder=tmp_path)

    assert found["message"].endswith("mine.py: MODELS holds 'mine', expected a Model")
    assert found["added"] == {"model": [], "strategy": [], "metric": []}


def install(folder: Path, value: str) -> Path:
    """Make a distribution with a plug-in module and an entry point, and return where it is."""
    site = folder / "site"
    facts = site / "my_plugin-1.0.dist-info"
    facts.mkdir(parents=True)
    (facts / "METADATA").write_text("Metadata-Version: 2.1\nName: my-plugin\nVersion: 1.0\n")
    (facts / "entry_points.txt").write_text(f"[churnbench.plugins]\nmine = {value}\n")
    (site / "my_plugin.py").write_text(GOOD)
    return site


def test_an_installed_distribution_is_loaded_without_being_named(tmp_path: Path) -> None:
    site = install(tmp_path, "my_plugin")

    found = load("", "", folder=tmp_path, path=site)

    assert found["added"] == {"model": ["mine"], "strategy": ["my-way"], "metric": ["my_share"]}
    assert found["digests"]["mine"] == hashlib.sha256(GOOD.encode()).hexdigest()


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("my_plugin:MODELS", "entry point 'mine' must name a module, not "),
        (
            "no_such_module",
            "entry point 'mine' (no_such_module) cannot be imported: "
            "No module named 'no_such_module'",
        ),
    ],
    ids=["an-object", "not-there"],
)
def test_an_entry_point_that_is_no_module_is_refused(tmp_path: Path, value: str, told: str) -> None:
    found = load("", folder=tmp_path, path=install(tmp_path, value))

    assert found["message"].startswith(told)


def test_the_command_line_tells_a_missing_plugin_as_wrong_input(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bench", "check", "--plugin", "gone.py"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
    )

    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("error: gone.py: cannot be read as a plug-in: ")
