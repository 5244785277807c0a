"""Look at a table and write its adapter, datasets/NAME.toml.

Every proposal is explained in a line; edit the file where one is wrong.
"""

from __future__ import annotations

import argparse
from pathlib import Path

SUMMARY = "write an adapter for your own table"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("file", type=Path, metavar="FILE", help="CSV (also .gz) or Excel")
    parser.add_argument("--target", required=True, metavar="COLUMN", help="the column to predict")
    parser.add_argument("--positive", default="", metavar="VALUE", help="what means churned in it")
    parser.add_argument("--name", default="", metavar="NAME", help="default: the file's name")
    parser.add_argument(
        "--datasets-dir",
        type=Path,
        default=Path("datasets"),
        metavar="DIR",
        help="where to write the adapter (default: ./datasets)",
    )
    parser.add_argument("--force", action="store_true", help="replace an adapter that exists")


def execute(arguments: argparse.Namespace) -> int:
    """Write the adapter and end on the command to run."""
    from bench.data.adding import propose_adapter, write_adapter
    from bench.reports.escaping import clean

    proposal = propose_adapter(
        arguments.file, target=arguments.target, positive=arguments.positive, name=arguments.name
    )
    path = write_adapter(proposal, datasets_dir=arguments.datasets_dir, force=arguments.force)
    for line in proposal.lines:
        print(clean(f"  {line}"))
    print(f"wrote {path}")
    folder = arguments.datasets_dir
    option = "" if folder == Path("datasets") else f" --datasets-dir {folder}"
    print(f"next: python -m bench run --dataset {proposal.name} --preset quick{option}")
    return 0
