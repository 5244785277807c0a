"""Look at a table and write its adapter, datasets/NAME.toml.

Every proposal is explained in a line, here and as a comment in the file; edit
the file where one is wrong. Without --target it says which columns may be it.
"""

from __future__ import annotations

import argparse
import shlex
from pathlib import Path

SUMMARY = "write an adapter for your own table"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "file",
        type=Path,
        metavar="FILE",
        help="CSV (any separator and encoding, also .gz or .zip), Excel, Parquet, Feather, "
        "a folder of parts, or a pattern in quotes",
    )
    parser.add_argument("--target", default="", metavar="COLUMN", help="the column to predict")
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
    """Write the adapter, load the table by it, and end on the commands to run."""
    from bench.adding import add_dataset, propose_adapter
    from bench.doctor import diagnose
    from bench.reports.escaping import clean

    proposal = propose_adapter(
        arguments.file, target=arguments.target, positive=arguments.positive, name=arguments.name
    )
    path, dataset = add_dataset(
        proposal, datasets_dir=arguments.datasets_dir, force=arguments.force
    )
    for line in proposal.lines:
        print(clean(f"  {line}"))
    n_samples, n_features = dataset.X.shape
    print(f"wrote {path}")
    print(
        f"loaded by it: {n_samples} rows, {n_features} features, {int(dataset.y.sum())} positives"
    )
    for finding in diagnose(dataset).findings:
        if finding.severity == "severe":
            print(clean(f"severe: {finding.message}"))
    folder = arguments.datasets_dir
    option = "" if folder == Path("datasets") else f" --datasets-dir {shlex.quote(str(folder))}"
    print(f"check: python -m bench check --dataset {proposal.name}{option}")
    print(f"next: python -m bench run --dataset {proposal.name} --preset quick{option}")
    return 0
