"""Load a dataset and say what is wrong with it, or put plug-ins to the test.

With --dataset: loads, checks the adapter's expectations and lets the doctor
look. With --plugin: every model, strategy and metric in the file meets the
same contract suite as ours.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from bench.cli.options import add_data_options, add_plugin_option, load_options
from bench.errors import UsageError

if TYPE_CHECKING:
    from bench.contracts import Outcome

SUMMARY = "diagnose a dataset, or test your own plug-ins"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--dataset", metavar="NAME")
    parser.add_argument("--json", action="store_true", help="print JSON")
    add_plugin_option(parser)
    add_data_options(parser)


def execute(arguments: argparse.Namespace) -> int:
    """Return 1 if an adapter or a plug-in breaks its contract."""
    from bench.plugins import load_plugins

    if not arguments.dataset and not arguments.plugin:
        raise UsageError("nothing to check", hint="name a dataset (--dataset) or a --plugin")
    load_plugins(arguments.plugin)
    broken = _check_dataset(arguments) if arguments.dataset else 0
    broken += _check_plugins() if arguments.plugin else 0
    return 1 if broken else 0


def _check_dataset(arguments: argparse.Namespace) -> int:
    """Print what is known of a dataset; return how many clauses it breaks."""
    import json

    from rich.console import Console

    from bench.cli.progress import print_facts
    from bench.contracts import check_dataset
    from bench.data import diagnose, load_dataset
    from bench.serial import to_json

    options = load_options(arguments)
    dataset = load_dataset(arguments.dataset, options=options)
    facts = diagnose(dataset)
    if arguments.json:
        print(json.dumps(to_json(facts), indent=1))
        return 0
    print_facts(Console(highlight=False), facts)
    broken = [o for o in check_dataset(arguments.dataset, options=options) if o.problem]
    for outcome in broken:
        _print_outcome(outcome)
    if not broken:
        print(f"fine: python -m bench run --dataset {dataset.name} --preset quick")
    return len(broken)


def _check_plugins() -> int:
    """Print every clause with what came of it; return how many are broken."""
    from bench.contracts import check_plugged_in

    outcomes = check_plugged_in()
    for outcome in outcomes:
        _print_outcome(outcome)
    broken = sum(bool(outcome.problem) for outcome in outcomes)
    verb = "is" if broken == 1 else "are"
    print(f"{len(outcomes) - broken} clauses hold, {broken} {verb} broken")
    return broken


def _print_outcome(outcome: Outcome) -> None:
    from bench.reports.escaping import clean

    mark = "broken" if outcome.problem else "ok"
    line = f"{outcome.kind} {outcome.entry}: {outcome.clause}"
    print(f"{mark:6}", clean(f"{line}: {outcome.problem}" if outcome.problem else line))
