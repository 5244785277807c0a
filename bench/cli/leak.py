"""Show what each mistake would have made of the same models, or judge a published figure.

Fits the same candidates honestly and with one deliberate mistake at a time:
resampling before the split, learning from test rows, duplicates across folds
and so on. Honest fits are shared with `run`; the rest is kept in
results/<dataset>/leak/, so that a second call is instant.

With --claim: says how far a published figure lies outside of what honesty
reaches on these data, and which mistakes reproduce it.
"""

from __future__ import annotations

import argparse
import json
import shlex
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

from bench.cli.options import (
    add_accept_option,
    add_data_options,
    add_out_option,
    add_plugin_option,
    load_options,
    names,
)
from bench.errors import UsageError

if TYPE_CHECKING:
    from rich.console import Console

    from bench.domain import Dataset, DatasetFacts
    from bench.execution.running import Observer
    from bench.leaklab.judging import LabTable

SUMMARY = "what leaks would have done, and which of them explains a published figure"
NEWS = 8
"""How many lines tell of the leaky fits, at most."""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    what = parser.add_argument_group("what to show")
    what.add_argument("--dataset", default="telco", metavar="NAME", help="default: telco")
    what.add_argument(
        "--models", type=names, default=(), metavar="A,B", help="default: lightgbm,logistic"
    )
    what.add_argument(
        "--mistakes",
        type=names,
        default=(),
        metavar="A,B",
        help="such as smote-enn-before-split, target-copy, or resampling for all samplers "
        "(default: all)",
    )
    what.add_argument(
        "--claim",
        metavar='"METRIC=NUMBER ..."',
        help='judge published figures, such as "roc_auc=.992 f1=95.8%%"',
    )
    what.add_argument("--json", action="store_true", help="print JSON")
    numbers = parser.add_argument_group("protocol")
    numbers.add_argument("--folds", type=int, metavar="N", help="default: 5")
    numbers.add_argument("--repeats", type=int, metavar="N", help="default: 1")
    numbers.add_argument("--seed", type=int, metavar="N", help="default: 0")
    add_out_option(parser.add_argument_group("output"))
    how = parser.add_argument_group("how")
    how.add_argument("--jobs", type=int, default=0, metavar="N", help="workers (default: cores)")
    add_plugin_option(how)
    add_data_options(parser)
    add_accept_option(parser)


def execute(arguments: argparse.Namespace) -> int:
    """Run what is missing, write the pages or judge the claim; return 1 if any fit failed."""
    from rich.console import Console

    from bench.cli.output import print_text, say_interrupted
    from bench.data import load_dataset
    from bench.doctor import admit, diagnose
    from bench.leaklab.claims import parse_claim
    from bench.plugins import load_plugins
    from bench.progress import print_facts

    if arguments.jobs < 0:
        raise UsageError(f"--jobs {arguments.jobs} is too few, expected 1 (or 0: one a core)")
    claim = None if arguments.claim is None else parse_claim(arguments.claim)
    load_plugins(arguments.plugin)
    progress = Console(stderr=True, highlight=False)
    dataset = load_dataset(arguments.dataset, options=load_options(arguments))
    facts = admit(diagnose(dataset), arguments.accept)
    folder = arguments.out / dataset.name
    table = None if claim is None else _stored(arguments, dataset, folder / "leak")
    if table is None:
        print_facts(progress, facts)
        try:
            table = _run(arguments, dataset, facts, folder=folder, progress=progress)
        except KeyboardInterrupt:
            return say_interrupted(progress, folder)
    if claim is not None:
        _print_claim(claim, table, as_json=arguments.json)
    elif arguments.json:
        print_text((folder / "leak" / "leak.json").read_text(encoding="utf-8"))
    else:
        _print(table, folder / "leak")
    return 1 if table.n_failed else 0


def _stored(arguments: argparse.Namespace, dataset: Dataset, folder: Path) -> LabTable | None:
    """Return the lab's last answer, where it is one to just what is asked now."""
    from bench.domain import EvalProtocol
    from bench.environment import library_versions
    from bench.errors import StoreError
    from bench.leaklab.catalogue import MODELS_SHOWN, choose_mistakes
    from bench.leaklab.fits import lab_source
    from bench.leaklab.pages import read_lab_json

    try:
        table = read_lab_json(folder / "leak.json")
    except StoreError:
        return None
    usual = EvalProtocol()
    there = (table.facts.digest, table.models, table.mistakes, dict(table.versions), table.source)
    wanted = (
        dataset.digest,
        arguments.models or MODELS_SHOWN,
        choose_mistakes(arguments.mistakes),
        library_versions(),
        lab_source(),
    )
    numbers = [
        getattr(usual, name) if (given := getattr(arguments, name)) is None else given
        for name in ("folds", "repeats", "seed")
    ]
    is_ours = there == wanted and numbers == [table.folds, table.repeats, table.seed]
    return table if is_ours else None


def _run(
    arguments: argparse.Namespace,
    dataset: Dataset,
    facts: DatasetFacts,
    *,
    folder: Path,
    progress: Console,
) -> LabTable:
    """Run the lab and write its pages."""
    from bench.execution.running import RunOptions
    from bench.leaklab.lab import LabRequest, run_lab
    from bench.leaklab.pages import write_lab

    command = _command(arguments)
    request = LabRequest(
        dataset=arguments.dataset,
        models=arguments.models,
        mistakes=arguments.mistakes,
        folds=arguments.folds,
        repeats=arguments.repeats,
        seed=arguments.seed,
    )
    options = RunOptions(workers=arguments.jobs, plugins=tuple(arguments.plugin), command=command)
    table = run_lab(
        request, dataset, facts, folder=folder, options=options, watcher=_Watcher(progress)
    )
    write_lab(folder / "leak", table, command=command)
    return table


def _command(arguments: argparse.Namespace) -> str:
    """Return the command without what cannot change a number, so that the page stays the same."""
    words = ["python", "-m", "bench", "leak", "--dataset", arguments.dataset]
    for name in ("models", "mistakes"):
        if getattr(arguments, name):
            words += [f"--{name}", ",".join(getattr(arguments, name))]
    for name in ("folds", "repeats", "seed"):
        if getattr(arguments, name) is not None:
            words += [f"--{name}", str(getattr(arguments, name))]
    for plugin in arguments.plugin:
        words += ["--plugin", plugin]
    return shlex.join(words)


class _Watcher:
    """Tells what happens on the console."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._told = -1

    def honest(self, title: str) -> AbstractContextManager[Observer]:
        """Print the title and return the display of ordinary runs."""
        from bench.progress import ProgressObserver

        self._console.print(title, style="bold", markup=False)
        return ProgressObserver(self._console, rank_by="roc_auc")

    def leaky(self, n_done: int, n_all: int) -> None:
        """Print how many leaky fits there are, now and then."""
        step = NEWS * n_done // max(n_all, 1)
        if step == self._told:
            return
        if self._told < 0:
            self._console.print("leaky fits", style="bold", markup=False)
        self._told = step
        self._console.print(f"{n_done} of {n_all} leaky fits are there", markup=False)


def _print(table: LabTable, folder: Path) -> None:
    """Print what matters most, and where the pages are."""
    from bench.leaklab.wording import (
        harmless_sentence,
        highest_sentences,
        honest_sentences,
        left_out_lines,
    )
    from bench.reports.escaping import clean

    lines = _board(table)
    told = [*honest_sentences(table), *highest_sentences(table), harmless_sentence(table)]
    lines += [clean(sentence.replace("`", "")) for sentence in told if sentence]
    lines += [clean(f"left out: {line}") for line in left_out_lines(table)]
    lines.append(f"Board, picture and checklist: {clean(str(folder))}")
    if table.facts.is_standin:
        lines.insert(0, "STAND-IN DATA: not measured on the real table, so quote no figure of it.")
    _print_lines(lines)


def _board(table: LabTable) -> list[str]:
    """Return a line for each row: what both main metrics were, and what the mistake adds."""
    from bench.leaklab.pages import DRAWN
    from bench.leaklab.wording import short, signed, title_of
    from bench.reports.escaping import clean

    lines = [["mistake", "model", *(part for m in DRAWN for part in (title_of(m), "adds"))]]
    for row in table.rows:
        cells = [clean(row.mistake), clean(row.model)]
        for metric in DRAWN:
            found = row.inflation.get(metric)
            if found is None:
                cells += ["", ""]
            else:
                change = f"{short(found.honest)} to {short(found.leaky)}"
                cells += [change, signed(found.difference)]
        lines.append(cells)
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return ["  ".join(map(str.ljust, cells, widths)).rstrip() for cells in lines]


def _print_claim(claim: dict[str, float], table: LabTable, *, as_json: bool) -> None:
    from bench.cli.output import print_text
    from bench.leaklab.claims import judge_claim
    from bench.leaklab.wording import claim_sentences, short, title_of
    from bench.reports.escaping import clean
    from bench.serial import to_json

    verdict = judge_claim(claim, table)
    if as_json:
        print_text(json.dumps(to_json(verdict), indent=1) + "\n")
        return
    shown = ", ".join(f"{title_of(metric)} {short(value)}" for metric, value in claim.items())
    lines = [clean(f"{table.facts.title or table.facts.name}: {shown}")]
    for sentence in claim_sentences(verdict):
        inset = "  " if sentence.startswith(" ") else ""
        lines.append(inset + clean(sentence.replace("`", "")))
    if table.facts.is_standin:
        lines.insert(0, "STAND-IN DATA: held against the built-in imitation, not the real table.")
    _print_lines(lines)


def _print_lines(lines: Sequence[str]) -> None:
    from bench.cli.output import table_console

    console = table_console()
    for line in lines:
        console.print(line, markup=False, soft_wrap=True)
