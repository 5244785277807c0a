"""What is installed: one list of dependencies, written twice and the same."""

from __future__ import annotations

import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def test_the_lean_requirements_are_the_dependencies_with_the_small_xgboost() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

    lean = (ROOT / "requirements-lean.txt").read_text(encoding="utf-8").split("\n")

    expected = [
        name.replace("xgboost>", "xgboost-cpu>") if name.startswith("xgboost>") else name
        for name in project["dependencies"]
    ]
    assert [line for line in lean if line] == expected


def test_our_adapters_ship_inside_the_package() -> None:
    built = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]
    wheel = built["build"]["targets"]["wheel"]

    assert wheel["packages"] == ["bench"]
    assert wheel["force-include"] == {"datasets": "bench/builtin_datasets"}
    assert not list((ROOT / "datasets").glob("__init__.py"))
