"""Where studies begin, learnt from what studies of other datasets chose.

Only on request (``--learn-starts``), and then part of a job's identity: a study
that begins elsewhere is another study. Records of the dataset itself are never
used, since its other splits were learnt from this one's test rows.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from bench.domain import Experiment, Record
from bench.errors import UsageError
from bench.evaluation.trials import start_from
from bench.models import MODELS
from bench.store import Store

MOST_STARTS = 3


def with_learnt_starts(experiment: Experiment, results: Path, *, dataset_digest: str) -> Experiment:
    """Return ``experiment`` with starts from the records of other datasets in ``results``.

    Each other dataset gives one start per model: what the study of its first
    split chose, the longest if there are several; at most three datasets, in
    the order of their names.

    Raises
    ------
    UsageError
        If there is nothing to learn from, or no study to start.
    """
    models = dict.fromkeys(c.model for c in experiment.candidates if c.tuning == "optuna")
    if not models:
        raise UsageError(
            "--learn-starts is for studies, and this run has none", hint="add --tuning optuna"
        )
    starts: dict[str, tuple[dict[str, Any], ...]] = {}
    used: dict[str, None] = {}
    for folder in sorted(path for path in results.glob("*/records") if path.is_dir()):
        name = folder.parent.name
        chosen = _chosen(Store(folder.parent), dataset_digest)
        for model in models:
            if model in chosen and len(starts.get(model, ())) < MOST_STARTS:
                start = start_from(MODELS.lookup(model), chosen[model].params)
                starts[model] = (*starts.get(model, ()), start)
                used[name] = None
    if not starts:
        raise UsageError(
            f"--learn-starts: no study of another dataset has chosen anything for "
            f"{', '.join(models)} in {results}",
            hint="run another dataset with --tuning optuna first",
        )
    return replace(experiment, starts=starts, starts_from=tuple(used))


def _chosen(store: Store, dataset_digest: str) -> dict[str, Record]:
    """Return model → the record of a finished study on the first split of other data."""
    found: dict[str, Record] = {}
    for record in sorted(store.read_records(), key=lambda r: r.job.id):
        job = record.job
        is_first = (job.split.repeat, job.split.fold) == (0, 0)
        if record.status == "ok" and job.trials and is_first:
            if job.dataset_digest == dataset_digest:
                continue
            best = found.get(job.candidate.model)
            if best is None or job.trials > best.job.trials:
                found[job.candidate.model] = record
    return found
