"""``--split``: how rows are divided into those that learn and those that test."""

from __future__ import annotations

from dataclasses import replace

from bench.data.loading import LoadOptions
from bench.domain import Dataset, EvalProtocol, Experiment
from bench.errors import UsageError

HINT = "expected random, time, time:COLUMN or group:COLUMN"


def check_split(protocol: EvalProtocol, *, has_budget: bool) -> None:
    """Refuse a split that cannot be meant, or that leaves nothing to repeat.

    Raises
    ------
    UsageError
        With the way out.
    """
    kind, _, column = protocol.split.partition(":")
    is_known = kind == "time" or (kind == "random" and ":" not in protocol.split)
    if not is_known and not (kind == "group" and column):
        raise UsageError(f"--split {protocol.split!r} is not known", hint=HINT)
    if not protocol.is_by_time:
        return
    if has_budget:
        raise UsageError(
            "--split time is run once, and --budget decides how often",
            hint="leave out one of the two",
        )
    if protocol.repeats > 1:
        raise UsageError(
            f"--split time draws nothing, so {protocol.repeats} repeats would all be the same",
            hint="use --repeats 1",
        )


def loading_for(experiment: Experiment, options: LoadOptions) -> LoadOptions:
    """Return ``options`` with the column that the split of ``experiment`` names."""
    kind, _, column = experiment.protocol.split.partition(":")
    if kind == "group":
        return replace(options, group=column)
    return replace(options, time=column) if kind == "time" else options


def settle_split(experiment: Experiment, dataset: Dataset) -> Experiment:
    """Return ``experiment`` with the column by which ``dataset`` is split, now that it is known.

    A group of the adapter's counts as asked for: its rows stay together in any case.

    Raises
    ------
    UsageError
        If the rows should be split by time, and nothing says when they were true.
    """
    protocol = experiment.protocol
    if protocol.split == "random" and dataset.spec.columns.group:
        by_group = f"group:{dataset.spec.columns.group}"  # the adapter has it
        return replace(experiment, protocol=replace(protocol, split=by_group))
    if not protocol.is_by_time:
        return experiment
    if dataset.time is None:
        raise UsageError(
            f"--split time: {dataset.name} does not say which column orders its rows",
            hint='name it, as in --split time:COLUMN, or in its adapter: [columns] time = "COLUMN"',
        )
    column = protocol.split.partition(":")[2] or dataset.spec.columns.time
    return replace(experiment, protocol=replace(protocol, split=f"time:{column}"))
