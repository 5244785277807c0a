"""Bundle a results folder into one small file for a colleague or a paper.

In it are the boards, the protocol, what came of every job, the scores of all
test rows with their labels, and versions and machine; not in it are the data,
what each customer is worth, identifiers, paths and user names. Whoever gets it
can check it: python -m bench verify FILE.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from bench.cli.folders import find_results
from bench.cli.options import add_plugin_option
from bench.errors import StoreError

SUMMARY = "bundle results for a colleague or a paper"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("folder", metavar="FOLDER", help="such as results/telco, or its dataset")
    parser.add_argument(
        "--to", type=Path, metavar="FILE.zip", help="default: the folder's name, here"
    )
    parser.add_argument("--force", action="store_true", help="overwrite what is there")
    add_plugin_option(parser)


def execute(arguments: argparse.Namespace) -> int:
    """Write the bundle and say what it weighs."""
    from bench.plugins import load_plugins
    from bench.reports.escaping import clean
    from bench.store import write_bytes
    from bench.verification.bundle import open_results, write_bundle
    from bench.verification.checking import read_recorded

    source = find_results(arguments.folder)
    target: Path = arguments.to or Path(f"{source.resolve().stem}.zip")
    if target.exists() and not arguments.force:
        raise StoreError(
            f"{target}: exists already", hint="choose another name with --to, or add --force"
        )
    load_plugins(arguments.plugin)
    with open_results(source) as store:
        recorded = read_recorded(store, None)
        packed = write_bundle(recorded, target)
    write_bytes(target, packed)
    n_jobs, n_rows = len(recorded.results), len(recorded.leaderboard.rows)
    missing = f" ({recorded.n_missing} were never finished)" if recorded.n_missing else ""
    print(
        clean(
            f"wrote {target}: {n_rows} rows, {n_jobs} fits{missing}, {len(packed) / 1e6:.1f} MB; "
            "no data, no identifiers, no paths"
        )
    )
    print(clean(f"to check it: python -m bench verify {target}"))
    return 0
