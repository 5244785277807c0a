"""Load a dataset and say what is wrong with it, or put plug-ins to the test.

With --dataset: loads, checks the adapter's expectations and lets the doctor
look at everything, the raw file and the other datasets here included. With
--plugin: every model, strategy and metric in the file meets the same contract
suite as ours.
"""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING

from bench.cli.options import add_data_options, add_plugin_option, load_options
from bench.errors import UsageError
from bench.serial import to_json

if TYPE_CHECKING:
    from bench.contracts import Outcome
    from bench.domain import DatasetFacts

SUMMARY = "diagnose a dataset, or test your own plug-ins"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--dataset", metavar="NAME")
    parser.add_argument("--json", action="store_true", help="print JSON")
    add_plugin_option(parser)
    add_data_options(parser)


def execute(arguments: argparse.Namespace) -> int:
    """Return 1 if data hold something severe, or an adapter or a plug-in breaks its contract."""
    from bench.plugins import load_plugins

    if not arguments.dataset and not arguments.plugin:
        raise UsageError("nothing to check", hint="name a dataset (--dataset) or a --plugin")
    load_plugins(arguments.plugin)
    facts = _examine(arguments) if arguments.dataset else None
    outcomes = _judge(arguments)
    if arguments.json:
        found = {"facts": to_json(facts), "outcomes": to_json(outcomes)}
        print(json.dumps(found, indent=1))
    else:
        _print(facts, outcomes)
    is_severe = facts is not None and any(f.severity == "severe" for f in facts.findings)
    return 1 if is_severe or any(outcome.problem for outcome in outcomes) else 0


def _examine(arguments: argparse.Namespace) -> DatasetFacts:
    from bench.data import load_dataset
    from bench.doctor import examine

    options = load_options(arguments)
    return examine(load_dataset(arguments.dataset, options=options), options)


def _judge(arguments: argparse.Namespace) -> list[Outcome]:
    """Return what came of every clause for what was named."""
    from bench.contracts import check_dataset, check_plugged_in

    outcomes: list[Outcome] = []
    if arguments.dataset:
        outcomes += check_dataset(arguments.dataset, options=load_options(arguments))
    if arguments.plugin:
        outcomes += check_plugged_in()
    return outcomes


def _print(facts: DatasetFacts | None, outcomes: list[Outcome]) -> None:
    from bench.cli.output import table_console
    from bench.progress import print_facts
    from bench.reports.escaping import clean

    if facts is not None:
        print_facts(table_console(), facts, is_detailed=True)
    for outcome in outcomes:
        if outcome.problem or outcome.kind != "dataset":
            mark = "broken" if outcome.problem else "ok"
            line = f"{outcome.kind} {outcome.entry}: {outcome.clause}"
            print(f"{mark:6}", clean(f"{line}: {outcome.problem}" if outcome.problem else line))
    broken = sum(bool(outcome.problem) for outcome in outcomes)
    verb = "is" if broken == 1 else "are"
    print(f"{len(outcomes) - broken} clauses hold, {broken} {verb} broken")
    if facts is not None:
        _conclude(facts, broken)


def _conclude(facts: DatasetFacts, broken: int) -> None:
    """Print whether the dataset can be run, and with what command."""
    from bench.reports.numbers import plural

    n = {s: sum(f.severity == s for f in facts.findings) for s in ("severe", "warning", "note")}
    told = [f"{n['severe']} severe", plural(n["warning"], "warning"), plural(n["note"], "note")]
    print(", ".join(told))
    if n["severe"]:
        print("not fine: a run stops until this is mended, or accepted with --accept FINDING")
    elif not broken:
        print(f"fine: python -m bench run --dataset {facts.name} --preset quick")
