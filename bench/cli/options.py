"""Options that several verbs share, each declared once."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from bench.data.loading import LoadOptions
from bench.errors import UsageError
from bench.execution.engines import ENGINES, check_engine

FORMATS = ("table", "md", "csv", "json", "latex")
"""What a table can be printed as."""


def names(text: str) -> tuple[str, ...]:
    """Return the names in a comma-separated list, each once, in order.

    Raises
    ------
    argparse.ArgumentTypeError
        If there are none.
    """
    found = tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))
    if not found:
        raise argparse.ArgumentTypeError("expected one or more names, separated by commas")
    return found


def add_accept_option(parser: argparse.ArgumentParser) -> None:
    """Add the option that lets a severe finding of the doctor pass."""
    parser.add_argument(
        "--accept",
        action="append",
        default=[],
        metavar="FINDING",
        help="run in spite of a severe finding: its code, or CODE:COLUMN (may be repeated); the "
        "boards say so",
    )


def check_choice(option: str, name: str, choices: Sequence[str]) -> None:
    """Refuse a ``name`` that is not among ``choices``.

    Raises
    ------
    UsageError
        With the nearest one there is, and all of them.
    """
    from bench.registry import unknown_name

    if name not in choices:
        noun = option.removeprefix("--")
        message = unknown_name(noun, name, choices).message.split(" (see")[0]
        raise UsageError(f"{option}: {message}", hint=f"there are: {', '.join(choices)}")


def add_data_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that say where data come from and how strictly they are taken."""
    group = parser.add_argument_group("data")
    group.add_argument(
        "--datasets-dir",
        type=Path,
        metavar="DIR",
        help="folder of your own adapters, beside ./datasets",
    )
    group.add_argument(
        "--require-real", action="store_true", help="fail rather than use the built-in stand-in"
    )
    group.add_argument(
        "--accept-data",
        action="store_true",
        help="take a local file that is not the expected one (the boards say so)",
    )
    group.add_argument(
        "--refresh", action="store_true", help="try the download again, whatever failed before"
    )


def load_options(arguments: argparse.Namespace) -> LoadOptions:
    """Return the data options that were given."""
    return LoadOptions(
        datasets_dir=arguments.datasets_dir,
        require_real=arguments.require_real,
        accept_data=arguments.accept_data,
        refresh=arguments.refresh,
    )


def add_engine_options(parser: argparse._ActionsContainer) -> None:
    """Add ``--jobs``, ``--engine`` and ``--scheduler``: who does the fits."""
    parser.add_argument("--jobs", type=int, default=0, metavar="N", help="workers (default: cores)")
    parser.add_argument(
        "--engine",
        default="local",
        metavar="|".join(ENGINES),
        help="processes of this machine (default), or Dask workers; numbers are the same",
    )
    parser.add_argument(
        "--scheduler",
        default="",
        metavar="ADDRESS",
        help="of an existing Dask cluster, such as tcp://10.0.0.5:8786",
    )


def check_engine_options(arguments: argparse.Namespace) -> None:
    """Refuse what `add_engine_options` cannot mean.

    Raises
    ------
    UsageError
        If there are too few workers, or no such engine.
    """
    if arguments.jobs < 0:
        raise UsageError(f"--jobs {arguments.jobs} is too few, expected 1 (or 0: one a core)")
    check_engine(arguments.engine, arguments.scheduler)


def add_plugin_option(parser: argparse._ActionsContainer) -> None:
    """Add ``--plugin``."""
    parser.add_argument(
        "--plugin",
        action="append",
        default=[],
        metavar="FILE.py",
        help="your own models, strategies or metrics (may be repeated)",
    )


def add_out_option(parser: argparse._ActionsContainer) -> None:
    """Add ``--out``."""
    parser.add_argument(
        "--out",
        type=Path,
        default=Path("results"),
        metavar="DIR",
        help="where results go (default: ./results)",
    )
