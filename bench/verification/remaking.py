"""The fits of rows made again, from the data on, in an empty folder that is thrown away."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from bench.domain import Candidate, Dataset, DatasetFacts, Experiment, Result, Run
from bench.errors import UsageError
from bench.execution.running import Observer, RunOptions, run_experiment
from bench.store import Store


@dataclass(frozen=True, eq=False)
class Remade:
    """What came of the fits of some rows, here and now; ``reason`` where nothing could."""

    run: Run | None
    results: Mapping[str, Result] = field(default_factory=dict)
    reason: str = ""


def remake(
    run: Run,
    fits: Collection[Candidate],
    *,
    dataset: Dataset,
    facts: DatasetFacts,
    options: RunOptions,
    observer: Observer,
) -> dict[Candidate, Remade]:
    """Return for each of ``fits`` what its jobs give when they are run again.

    It is an ordinary run of the recorded experiment, narrowed to these
    candidates and to the repeats that each of them has: planned by the versions
    that are here, studies included, with nothing to be taken from any store.
    """
    by_repeats: dict[int, list[Candidate]] = defaultdict(list)
    for fitted in sorted(fits):
        repeats = {job.split.repeat for job in run.jobs if job.candidate == fitted}
        by_repeats[len(repeats)].append(fitted)
    remade: dict[Candidate, Remade] = {}
    for n_repeats, alike in by_repeats.items():
        experiment = _narrowed(run, set(alike), n_repeats=n_repeats, dataset=dataset.name)
        with tempfile.TemporaryDirectory(prefix="churnbench-verify-") as folder:
            try:
                outcome = run_experiment(
                    experiment,
                    dataset,
                    facts,
                    store=Store(Path(folder)),
                    options=options,
                    observer=observer,
                )
            except UsageError as error:  # such as a class with too few rows for the folds by now
                remade |= {fitted: Remade(None, reason=error.message) for fitted in alike}
                continue
        skipped = {skip.candidate.fitted: skip.reason for skip in outcome.run.skips}
        for fitted in alike:
            remade[fitted] = Remade(outcome.run, outcome.results, skipped.get(fitted, ""))
    return remade


def _narrowed(run: Run, fits: set[Candidate], *, n_repeats: int, dataset: str) -> Experiment:
    """Return the experiment of ``run`` for these fits only, without a race or a budget."""
    experiment = run.experiment
    return replace(
        experiment,
        dataset=dataset,
        candidates=tuple(row for row in run.candidates if row.fitted in fits),
        protocol=replace(experiment.protocol, repeats=n_repeats),
        race=False,
        budget_seconds=None,
    )
