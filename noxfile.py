"""Sessions: `nox -s tests` and friends. `nox -l` lists them."""

from __future__ import annotations

import os
import re
import sys
import tomllib
from pathlib import Path

import nox

nox.options.sessions = ["tests", "lint", "types"]
nox.options.error_on_missing_interpreters = True
nox.options.reuse_existing_virtualenvs = True

ROOT = Path(__file__).parent
# Empty means none: tests that need real data then skip with a reason.
ENV = {"BENCH_DATA_DIR": os.environ.get("BENCH_DATA_DIR", "")}
PERF = ("commands", "grid", "search", "cluster", "million")
"""The scripts of tests/perf/ that `perf` runs; all take --results DIR."""


@nox.session
def tests(session: nox.Session) -> None:
    """Run the whole test suite (arguments after -- go to pytest)."""
    session.install("-e", ".[dev]")
    session.run("pytest", *session.posargs, env=ENV)


@nox.session
def lint(session: nox.Session) -> None:
    """Check style and formatting with ruff."""
    session.install("ruff>=0.15")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")


@nox.session
def types(session: nox.Session) -> None:
    """Check types with mypy --strict."""
    session.install("-e", ".[dev]")
    session.run("mypy")


@nox.session
def browser(session: nox.Session) -> None:
    """Try report.html and index.html in headless Chromium (skips where there is none)."""
    session.install("-e", ".[dev]", "selenium>=4.20")
    session.run("pytest", "tests/browser", *session.posargs, env=ENV)


@nox.session
def smoke(session: nox.Session) -> None:
    """Build the wheel, install it alone, and run `quick` outside the repository."""
    session.install("build>=1.3")
    folder = Path(session.create_tmp())
    session.run("python", "-m", "build", "--wheel", "--outdir", str(folder / "dist"), str(ROOT))
    wheel = max((folder / "dist").glob("*.whl"), key=lambda path: path.stat().st_mtime)
    session.install("--force-reinstall", "--no-deps", str(wheel))
    session.install(str(wheel))
    session.chdir(folder)
    session.run("python", "-m", "bench", "list", env=ENV)
    session.run("python", "-m", "bench", "run", "--dataset", "telco", "--preset", "quick", env=ENV)


@nox.session
def minimums(session: nox.Session) -> None:
    """Run the fast tests with the lowest versions that pyproject.toml allows."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lowest = [
        re.sub(r">=([^,]+).*", r"==\1", requirement) for requirement in project["dependencies"]
    ]
    session.install(*lowest)
    session.install("-e", ".[dev]")
    session.run("pytest", "-m", "not slow", *session.posargs, env=ENV)


@nox.session
def mlflow(session: nox.Session) -> None:
    """Test --mlflow against a real MLflow server, which is no part of the dev extra."""
    session.install("-e", ".[dev]", "mlflow>=3.17")
    session.run("pytest", "tests/cli/test_cli_mlflow.py", "tests/tracking", *session.posargs)


@nox.session
def perf(session: nox.Session) -> None:
    """Measure ours against others, into results/perf/ (-- grid --settings quiet: one script)."""
    name, *arguments = session.posargs or ["all"]
    if name not in ("all", *PERF):
        session.error(f"unknown benchmark {name!r}; choose from all, {', '.join(PERF)}")
    session.install("-e", ".[dask]")
    for script in PERF if name == "all" else (name,):
        session.run("python", str(ROOT / "tests" / "perf" / f"{script}.py"), *arguments, env=ENV)


if sys.version_info < (3, 11):  # noqa: UP036 - nox itself may run on an older Python
    raise SystemExit("churnbench needs Python 3.11 or newer")
