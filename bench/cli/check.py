"""Load a dataset and say what is wrong with it, or put plug-ins to the test.

With --dataset: loads, checks the adapter's expectations and lets the doctor
look. With --plugin: every model, strategy and metric in the file meets the
same contract suite as ours.
"""

from __future__ import annotations

import argparse

from bench.cli.options import add_data_options, add_plugin_option, load_options
from bench.errors import UsageError

SUMMARY = "diagnose a dataset, or test your own plug-ins"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--dataset", metavar="NAME")
    parser.add_argument("--json", action="store_true", help="print JSON")
    add_plugin_option(parser)
    add_data_options(parser)


def execute(arguments: argparse.Namespace) -> int:
    """Return 1 if a plug-in breaks its contract."""
    from bench.plugins import load_plugins

    if not arguments.dataset and not arguments.plugin:
        raise UsageError("nothing to check", hint="name a dataset (--dataset) or a --plugin")
    load_plugins(arguments.plugin)
    if arguments.dataset:
        _check_dataset(arguments)
    return _check_plugins() if arguments.plugin else 0


def _check_dataset(arguments: argparse.Namespace) -> None:
    import json

    from rich.console import Console

    from bench.cli.progress import print_facts
    from bench.data import diagnose, load_dataset
    from bench.serial import to_json

    dataset = load_dataset(arguments.dataset, options=load_options(arguments))
    facts = diagnose(dataset)
    if arguments.json:
        print(json.dumps(to_json(facts), indent=1))
        return
    print_facts(Console(highlight=False), facts)
    print(f"fine: python -m bench run --dataset {dataset.name} --preset quick")


def _check_plugins() -> int:
    from bench.contracts import check_plugged_in
    from bench.reports.escaping import clean

    outcomes = check_plugged_in()
    for outcome in outcomes:
        mark = "broken" if outcome.problem else "ok"
        line = f"{mark:6} {outcome.kind} {outcome.entry}: {outcome.clause}"
        print(clean(f"{line}: {outcome.problem}" if outcome.problem else line))
    broken = sum(bool(outcome.problem) for outcome in outcomes)
    print(f"{len(outcomes) - broken} clauses hold, {broken} are broken")
    return 1 if broken else 0
