"""What a tracker is told of a run and of its candidates, as plain texts and numbers."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import bench
from bench.domain import BoardRow, Candidate, Leaderboard, Record, Result, Run
from bench.reports.escaping import clean, shorten
from bench.serial import to_json

LONGEST = 500
"""Characters of a parameter or a tag; trackers refuse more, or cut it off."""

_KEY = re.compile(r"[^\w\-. /]")


@dataclass(frozen=True)
class Entry:
    """One run of the tracker: the experiment as a whole, or one candidate."""

    name: str
    params: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    metrics: Mapping[str, float] = field(default_factory=dict)


def describe_experiment(leaderboard: Leaderboard) -> Entry:
    """Return what was asked, on what, by which versions, and how it came out."""
    run = leaderboard.run
    experiment, facts = run.experiment, run.facts
    winner = winner_of(leaderboard)
    figures: dict[str, float | None] = {
        "candidates": float(len(leaderboard.rows)),
        "splits": float(leaderboard.n_splits),
        "tied_with_best": float(sum(row.is_tied_with_best for row in leaderboard.rows)),
        "failures": float(len(run.failures)),
        "seconds": run.seconds,
        "resolvable_difference": leaderboard.resolvable_difference,
        "equivalence_margin": leaderboard.equivalence_margin,
        "expected_of_selection": leaderboard.expected_of_selection,
    }
    if winner is not None:
        figures |= {f"best_{name}": value for name, value in _scores(winner).items()}
    return Entry(
        name=f"{facts.name} {experiment.preset or 'run'} {run.started_at}".strip(),
        params=_texts(
            {
                "dataset": facts.name,
                "preset": experiment.preset,
                "rank_by": leaderboard.rank_by,
                "race": experiment.race,
                "budget": experiment.budget,
                "repeats_run": run.n_repeats,
                **to_json(experiment.protocol),
            }
        ),
        tags=_texts(
            {
                "winner": "" if winner is None else str(winner.candidate),
                "data.digest": facts.digest,
                "data.origin": facts.origin,
                "data.rows": facts.n_samples,
                "data.positives": facts.n_positives,
                "commit": run.commit,
                "command": run.command,
                "ending": "interrupted" if run.is_interrupted else run.ending,
                "version.churnbench": bench.__version__,
                **{f"version.{name}": version for name, version in run.versions.items()},
                "mlflow.note.content": _note(leaderboard),
            }
        ),
        metrics=_numbers(figures),
    )


def describe_row(row: BoardRow, records: Iterable[Record], *, is_winner: bool) -> Entry:
    """Return one candidate: what it is, its parameters, and its figures with intervals.

    A parameter that differs between splits, as a study chooses, is a list in
    the order of the splits.
    """
    ordered = sorted(records, key=lambda record: record.job.split)
    chosen = {
        **_common("model", [record.params for record in ordered]),
        **_common("strategy", [record.strategy_params for record in ordered]),
        **_common(
            "fit",
            [{"strategy": r.chosen_strategy or None, "rounds": r.best_iteration} for r in ordered],
        ),
    }
    tags = {
        "rank": row.rank,
        "status": row.status,
        "coverage": f"{row.coverage:.0%}",
        "tied_with_best": row.is_tied_with_best,
        "equivalent_to_best": row.is_equivalent_to_best,
        "winner": is_winner or None,
        "address": row.address,
        "note": row.note,
    }
    return Entry(
        name=str(row.candidate),
        params=_texts({**to_json(row.candidate), **chosen}),
        tags=_texts(tags),
        metrics=_numbers({**_scores(row), "p_best": row.p_best, **row.costs}),
    )


def winner_of(leaderboard: Leaderboard) -> BoardRow | None:
    """Return the row with the best mean, which may be tied with others; None without ranks."""
    return next((row for row in leaderboard.rows if row.rank == 1), None)


def records_by_fit(run: Run, results: Mapping[str, Result]) -> dict[Candidate, list[Record]]:
    """Return the finished records of every candidate whose fits a board stands on."""
    found: dict[Candidate, list[Record]] = {}
    for job in run.jobs:
        result = results.get(job.id)
        if result is not None and result.record.status == "ok":
            found.setdefault(job.candidate, []).append(result.record)
    return found


def _note(leaderboard: Leaderboard) -> str:
    """Return what the page of the run says first."""
    if leaderboard.run.facts.is_standin:
        return "STAND-IN DATA: not measured on the real table. Do not quote these figures."
    return f"Means over {leaderboard.n_splits} splits; _low and _high: corrected 95 % intervals."


def _scores(row: BoardRow) -> dict[str, float | None]:
    """Return every figure of a row with its spread and the ends of its interval."""
    found: dict[str, float | None] = {}
    for name, score in row.scores.items():
        found |= {name: score.mean, f"{name}_std": score.std}
        found |= {f"{name}_low": score.low, f"{name}_high": score.high}
    return found


def _common(prefix: str, many: list[Mapping[str, Any]]) -> dict[str, Any]:
    """Return each key's value where all splits agree, else the list of values."""
    names = dict.fromkeys(name for one in many for name in one)
    values = {name: [one.get(name) for one in many] for name in names}
    return {
        f"{prefix}.{name}": found[0] if all(v == found[0] for v in found) else found
        for name, found in values.items()
    }


def _texts(values: Mapping[str, Any]) -> dict[str, str]:
    """Return what is there of ``values`` as one line each, of bounded length."""
    return {
        _key(name): shorten(_text(value), LONGEST)
        for name, value in values.items()
        if value is not None and value != ""
    }


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value, default=str, ensure_ascii=False)


def _numbers(values: Mapping[str, float | None]) -> dict[str, float]:
    """Return the finite ones of ``values``."""
    return {
        _key(name): float(value)
        for name, value in values.items()
        if value is not None and math.isfinite(value)
    }


def _key(name: str) -> str:
    """Return ``name`` with nothing in it that a tracker refuses in a key."""
    return _KEY.sub("_", clean(name))[: LONGEST // 2]
