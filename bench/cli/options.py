"""Options that several verbs share, each declared once."""

from __future__ import annotations

import argparse
from pathlib import Path

from bench.data.loading import LoadOptions


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
