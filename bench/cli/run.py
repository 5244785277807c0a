"""Run an experiment and write its leaderboards.

Only what is missing is fitted: run it again after an interruption, or with one
more model, and finished fits are taken from results/.
"""

from __future__ import annotations

import argparse
import shlex
import sys
import threading
import time
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
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
from bench.cli.repeat import add_source_option, check_source, print_comparison, read_source
from bench.cli.tracking import add_mlflow_option, check_mlflow, track_run, without_mlflow
from bench.environment import pin_threads, usable_cores
from bench.execution.partitions import loading_for, settle_split
from bench.execution.requests import (
    DUPLICATES,
    IMPORTANCES,
    Request,
    build_experiment,
    read_request,
)

if TYPE_CHECKING:
    from rich.console import Console

    from bench.domain import Dataset, DatasetFacts, Experiment
    from bench.execution.engine import LocalEngine
    from bench.execution.running import Outcome

SUMMARY = "run an experiment and write its leaderboards"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Declare the options; their names are those of `Request` where they decide what is run."""
    _add_grid_options(parser)
    _add_protocol_options(parser)
    shown = parser.add_argument_group("output")
    shown.add_argument("--rank-by", metavar="METRIC", help="order of the board; never refits")
    shown.add_argument(
        "--importance", metavar="|".join(IMPORTANCES), help="feature importance (full)"
    )
    shown.add_argument("--plan", action="store_true", help="show the plan and stop")
    add_mlflow_option(shown)
    add_out_option(shown)
    how = parser.add_argument_group("how")
    add_engine_options(how)
    add_plugin_option(how)
    add_data_options(parser)
    add_accept_option(parser)


def _add_grid_options(parser: argparse.ArgumentParser) -> None:
    what = parser.add_argument_group("what to run (a flag beats --config beats the preset)")
    what.add_argument("--dataset", metavar="NAME", help="default: telco")
    what.add_argument("--preset", metavar="NAME", help="quick, standard (default) or full")
    what.add_argument("--config", type=Path, metavar="FILE.toml", help="an experiment file")
    add_source_option(what)
    what.add_argument("--models", type=names, default=(), metavar="A,B")
    what.add_argument("--strategies", type=names, default=(), metavar="A,B")
    what.add_argument(
        "--tuning", type=names, default=(), metavar="A,B", help="default, recommended, optuna"
    )
    what.add_argument(
        "--prep",
        type=names,
        default=(),
        metavar="A,B",
        help="encoded (default), native and others, see: list preparations",
    )
    what.add_argument(
        "--repairs",
        type=names,
        default=(),
        metavar="A,B",
        help="rows for none, prior, sigmoid, isotonic, temperature, or suitable: what is right "
        "for each; never refits",
    )
    what.add_argument(
        "--decisions",
        type=names,
        default=(),
        metavar="A,B",
        help="rows for f1 (default), mcc, cost, capacity=.1, precision=.8, recall=.8; never refits",
    )


def _add_protocol_options(parser: argparse.ArgumentParser) -> None:
    numbers = parser.add_argument_group("protocol")
    numbers.add_argument("--folds", type=int, metavar="N", help="default: 5")
    numbers.add_argument("--repeats", type=int, metavar="N", help="default: 1 (full: 3)")
    numbers.add_argument(
        "--race",
        action="store_true",
        default=None,
        help="after every repeat, stop candidates that are behind for certain",
    )
    numbers.add_argument(
        "--budget",
        metavar="TIME",
        help="such as 10m, 90s or 1h30m, boards included: as wide a board as fits, then repeats "
        "of a race (at most 20, or --repeats)",
    )
    numbers.add_argument("--trials", type=int, metavar="N", help="of a study (default: 12)")
    numbers.add_argument("--inner-folds", type=int, metavar="N", help="of a study (default: 3)")
    numbers.add_argument("--seed", type=int, metavar="N", help="default: 0")
    numbers.add_argument(
        "--metric", metavar="NAME", help="what studies and early stopping optimise (roc_auc)"
    )
    numbers.add_argument(
        "--duplicates",
        metavar="|".join(DUPLICATES),
        help="keep rows with equal features on one side of every split (default), or not",
    )
    numbers.add_argument(
        "--split",
        metavar="HOW",
        help="random (default); time or time:COLUMN: learn from the past, test on the next "
        "period; group:COLUMN: each group on one side",
    )
    numbers.add_argument(
        "--learn-starts",
        action="store_true",
        help="studies begin with what those of other datasets in --out chose",
    )


def execute(arguments: argparse.Namespace) -> int:
    """Run, and return 1 if any job failed."""
    # What it took to come here counts, too.
    arguments.started = time.monotonic() - time.process_time()
    arguments.is_pinned = pin_threads()

    from rich.console import Console

    from bench.environment import conflicting_libraries
    from bench.plugins import load_plugins

    progress = Console(stderr=True, highlight=False)
    check_engine_options(arguments)
    check_mlflow(arguments)
    load_plugins(arguments.plugin)
    request = _request(arguments)
    arguments.accepted = request.accept
    original = arguments.original = read_source(arguments)
    experiment = original.experiment if original else build_experiment(request)
    warning = conflicting_libraries()
    if warning:
        progress.print(f"warning: {warning}", markup=False, soft_wrap=True)
    with _early_workers(experiment, arguments) as arguments.early:
        return _execute(experiment, arguments=arguments, progress=progress)


def _early_workers(
    experiment: Experiment, arguments: argparse.Namespace
) -> AbstractContextManager[LocalEngine | None]:
    """Return workers that start while the data are read, or nothing where none are wanted."""
    if arguments.plan or arguments.engine != "local":
        return nullcontext()
    from bench.execution.early import early_workers

    return early_workers(
        experiment,
        arguments.out / experiment.dataset,
        workers=arguments.jobs or usable_cores(),
        plugins=tuple(arguments.plugin),
    )


def _execute(experiment: Experiment, *, arguments: argparse.Namespace, progress: Console) -> int:
    from bench.data import load_dataset
    from bench.doctor import admit, diagnose

    loading = loading_for(experiment, load_options(arguments))
    dataset = load_dataset(experiment.dataset, options=loading)
    experiment = settle_split(replace(experiment, dataset=dataset.name), dataset)
    check_source(arguments, dataset, console=progress)
    if arguments.learn_starts:
        from bench.execution.starts import with_learnt_starts

        experiment = with_learnt_starts(experiment, arguments.out, dataset_digest=dataset.digest)
    original = arguments.original
    accepted = (*(original.run.facts.accepted if original else ()), *arguments.accepted)
    facts = admit(diagnose(dataset), accepted)
    if arguments.plan:
        return _show_plan(experiment, dataset, facts, arguments=arguments)
    return _run(experiment, dataset, facts, arguments=arguments, progress=progress)


def _request(arguments: argparse.Namespace) -> Request:
    """Return what was asked for: flags first, then the experiment file."""
    given = {name: getattr(arguments, name) for name in Request.__dataclass_fields__}
    request = Request(**{**given, "accept": tuple(arguments.accept)})
    return request.over(read_request(arguments.config)) if arguments.config else request


def _command(arguments: argparse.Namespace) -> str:
    """Return the command that anyone could repeat: the original's, where a run is repeated."""
    original = arguments.original
    if original and original.run.command and not original.run.experiment.budget:
        return str(original.run.command)
    return shlex.join(["python", "-m", "bench", *without_mlflow(sys.argv[1:])])


def _show_plan(
    experiment: Experiment,
    dataset: Dataset,
    facts: DatasetFacts,
    *,
    arguments: argparse.Namespace,
) -> int:
    from bench.cli.output import table_console
    from bench.execution.planning import plan_experiment
    from bench.execution.running import RunOptions, missing_jobs
    from bench.execution.traits import describe_traits
    from bench.progress import describe_race, print_facts, print_plan
    from bench.store import Store

    console = table_console()
    plan = plan_experiment(experiment, describe_traits(dataset))
    results = Store(arguments.out / dataset.name).read_results(plan.jobs)
    missing = missing_jobs(plan, results)
    workers = RunOptions(workers=arguments.jobs).count_workers(len(missing))
    print_facts(console, facts)
    print_plan(
        console,
        plan,
        missing,
        workers=workers,
        is_detailed=True,
        race=describe_race(experiment),
    )
    return 0


def _run(
    experiment: Experiment,
    dataset: Dataset,
    facts: DatasetFacts,
    *,
    arguments: argparse.Namespace,
    progress: Console,
) -> int:
    from bench.analysis.racing import Referee
    from bench.cli.output import say_interrupted, table_console
    from bench.cli.rendering import preload, print_and_write
    from bench.execution.running import RunOptions, run_experiment
    from bench.progress import ProgressObserver, describe_race, print_facts
    from bench.store import Store

    store = Store(arguments.out / dataset.name)
    print_facts(progress, facts)
    options = RunOptions(
        workers=arguments.jobs,
        plugins=tuple(arguments.plugin),
        command=_command(arguments),
        referee=Referee(),
        started=arguments.started,
        engine=arguments.engine,
        scheduler=arguments.scheduler,
        is_pinned=arguments.is_pinned,
        early=arguments.early,
    )
    if arguments.early is not None:
        threading.Thread(target=preload, daemon=True).start()
    try:
        seconds = experiment.budget_seconds
        until = None if seconds is None else arguments.started + seconds
        with ProgressObserver(
            progress, rank_by=experiment.rank_by, race=describe_race(experiment), until=until
        ) as observer:
            outcome = run_experiment(
                experiment, dataset, facts, store=store, options=options, observer=observer
            )
    except KeyboardInterrupt:
        return say_interrupted(progress, store.folder)
    console = table_console()
    findings = print_and_write(
        outcome.run, outcome.results, store, console=console, dataset=dataset
    )
    print_comparison(arguments, outcome.run, store.folder, console=console)
    track_run(
        arguments, findings.leaderboard, outcome.results, folder=store.folder, console=progress
    )
    _print_failures(outcome, console=progress)
    return 1 if outcome.run.failures else 0


def _print_failures(outcome: Outcome, *, console: Console) -> None:
    """Say how many fits failed, and which importances."""
    from bench.analysis.importance import importance_failures
    from bench.reports.escaping import shorten

    run = outcome.run
    records = {job_id: result.record for job_id, result in outcome.results.items()}
    lines = [shorten(why, 300) for why in importance_failures(run, records)]
    n_failed = sum(record.status == "failed" for record in records.values())
    if n_failed:
        lines.append(
            f"{n_failed} of {len(run.jobs)} fits failed; "
            "their tracebacks are in records/, the same command tries them again"
        )
    for line in lines:
        console.print(line, markup=False, soft_wrap=True)
