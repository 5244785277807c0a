"""Thin out the positives and see which imbalance strategy wins where.

At each prevalence positives are left out of the training rows of every split
(nested, the same ones for all strategies); test rows stay as they are. Fits
are kept in results/<dataset>/sweep/, so that a sweep goes on where it stopped.
"""

from __future__ import annotations

import argparse
import shlex
import sys
from typing import TYPE_CHECKING

from bench.cli.options import (
    add_accept_option,
    add_data_options,
    add_engine_options,
    add_out_option,
    add_plugin_option,
    check_engine_options,
    load_options,
    names,
)

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console

    from bench.analysis.sweep import SweepPoint, SweepTable
    from bench.domain import Dataset, DatasetFacts
    from bench.execution.running import RunOptions
    from bench.execution.sweeping import SweepPlan

SUMMARY = "thin out the positives: which strategy wins at which prevalence"


def prevalences(text: str) -> tuple[float, ...]:
    """Return the numbers in a comma-separated list.

    Raises
    ------
    argparse.ArgumentTypeError
        If there are none, or one is no number.
    """
    try:
        return tuple(float(part) for part in names(text))
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no list of numbers, such as 0.3,0.1,0.05"
        ) from None


def add_options(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    what = parser.add_argument_group("what to run")
    what.add_argument("--dataset", default="telco", metavar="NAME", help="default: telco")
    what.add_argument(
        "--prevalence",
        type=prevalences,
        default=(),
        metavar="P,Q",
        help="shares of positives to learn from (default: 0.3,0.1,0.05,0.02,0.01)",
    )
    what.add_argument(
        "--models", type=names, default=(), metavar="A,B", help="default: logistic,lightgbm"
    )
    what.add_argument(
        "--strategies", type=names, default=(), metavar="A,B", help="default: those of standard"
    )
    numbers = parser.add_argument_group("protocol")
    numbers.add_argument("--folds", type=int, metavar="N", help="default: 5")
    numbers.add_argument("--repeats", type=int, metavar="N", help="default: 1")
    numbers.add_argument("--seed", type=int, metavar="N", help="default: 0")
    add_out_option(parser.add_argument_group("output"))
    how = parser.add_argument_group("how")
    add_engine_options(how)
    add_plugin_option(how)
    add_data_options(parser)
    add_accept_option(parser)


def execute(arguments: argparse.Namespace) -> int:
    """Run what is missing, write the pages, and return 1 if any job failed."""
    from rich.console import Console

    from bench.cli.output import say_interrupted
    from bench.data import load_dataset
    from bench.doctor import admit, diagnose
    from bench.execution.running import RunOptions
    from bench.execution.sweeping import PREVALENCES, SweepRequest, plan_sweep
    from bench.plugins import load_plugins
    from bench.progress import print_facts
    from bench.reports.sweep import write_sweep

    check_engine_options(arguments)
    load_plugins(arguments.plugin)
    progress = Console(stderr=True, highlight=False)
    request = SweepRequest(
        dataset=arguments.dataset,
        prevalences=arguments.prevalence or PREVALENCES,
        models=arguments.models,
        strategies=arguments.strategies,
        folds=arguments.folds,
        repeats=arguments.repeats,
        seed=arguments.seed,
    )
    dataset = load_dataset(request.dataset, options=load_options(arguments))
    facts = admit(diagnose(dataset), arguments.accept)
    plan = plan_sweep(request, facts)
    print_facts(progress, facts)
    command = shlex.join(["python", "-m", "bench", *sys.argv[1:]])
    options = RunOptions(
        workers=arguments.jobs,
        plugins=tuple(arguments.plugin),
        command=command,
        engine=arguments.engine,
        scheduler=arguments.scheduler,
    )
    folder = arguments.out / dataset.name / "sweep"
    try:
        table = _run(plan, dataset, facts, folder=folder, options=options, progress=progress)
    except KeyboardInterrupt:
        return say_interrupted(progress, folder)
    write_sweep(folder, table, command=command)
    _print(table, folder)
    return 1 if table.n_failed else 0


def _run(
    plan: SweepPlan,
    dataset: Dataset,
    facts: DatasetFacts,
    *,
    folder: Path,
    options: RunOptions,
    progress: Console,
) -> SweepTable:
    """Run one experiment after the other and return what came of them."""
    from dataclasses import replace

    from bench.analysis.sweep import SweepPoint, summarise_sweep
    from bench.execution.running import run_experiment
    from bench.progress import ProgressObserver
    from bench.store import Store

    points: list[SweepPoint] = []
    for remark in plan.remarks:
        progress.print(f"note: {remark}", markup=False, soft_wrap=True)
    for step in plan.steps:
        progress.print(f"prevalence {step.prevalence:.3g}", style="bold")
        experiment = replace(step.experiment, dataset=dataset.name)
        with ProgressObserver(progress, rank_by=experiment.rank_by) as observer:
            outcome = run_experiment(
                experiment,
                dataset,
                facts,
                store=Store(folder / step.name),
                options=options,
                observer=observer,
            )
        points.append(SweepPoint(step.prevalence, outcome.run, outcome.results))
    return summarise_sweep(points, remarks=plan.remarks)


def _print(table: SweepTable, folder: Path) -> None:
    """Print where any strategy beats ``none``, and where the pages are."""
    from bench.reports.escaping import clean
    from bench.reports.sweep import sweep_sentences

    if table.facts.is_standin:
        print("STAND-IN DATA: not measured on the real table. Do not quote these figures.")
    for sentence in sweep_sentences(table):
        print(clean(sentence.replace("`", "")))
    print(f"Tables and picture: {clean(str(folder))}")
