"""What the page shows beside the records: the trials of studies and sums over slices.

Trials are kept in ``searches.json``, too: journals name processes and times,
which nobody needs, and may be gone when the page is made again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.analysis.findings import Findings
from bench.analysis.tuning import TriedTrial, read_trials
from bench.serial import from_json, to_json
from bench.store import write_text

NAME = "searches.json"


@dataclass(frozen=True)
class Stored:
    """Trials by job id, and what `read_segments` found."""

    trials: Mapping[str, Sequence[TriedTrial]] = field(default_factory=dict)
    segments: Mapping[str, Any] | None = None


NOTHING = Stored()


def read_trials_of(folder: Path, findings: Findings) -> dict[str, tuple[TriedTrial, ...]]:
    """Return job id → trials of finished studies, and keep them for when journals are gone."""
    kept = _read(folder / NAME)
    jobs = sorted(
        {
            one.record.job.id
            for splits in findings.scored.values()
            for one in splits
            if one.record.job.trials
        }
    )
    found = {}
    for job_id in jobs:
        trials: tuple[TriedTrial, ...] = ()
        with suppress(OSError, UnicodeDecodeError):
            path = folder / "studies" / f"{job_id}.log"
            trials = read_trials(path.read_text(encoding="utf-8"))
        if trials or job_id in kept:
            found[job_id] = trials or kept[job_id]
    if found and found != kept:
        write_text(folder / NAME, json.dumps(to_json(found), ensure_ascii=False) + "\n")
    return found


def _read(path: Path) -> dict[str, tuple[TriedTrial, ...]]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return {
            str(job_id): tuple(from_json(TriedTrial, trial) for trial in trials)
            for job_id, trials in found.items()
        }
    except (OSError, ValueError, TypeError, AttributeError):
        return {}
