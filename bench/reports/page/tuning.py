"""What the page says of tuning: search histories, parameters, what tuning bought."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from bench.analysis.findings import Findings
from bench.analysis.racing import on_shared_repeats, shared_repeats
from bench.analysis.shapes import seconds_per_fit
from bench.analysis.tuning import (
    ParameterLink,
    TriedStudy,
    TriedTrial,
    build_studies,
    parameter_links,
    tuning_effects,
)
from bench.domain import Candidate
from bench.metrics import is_lower_better

MOST_STUDIES = 300
MOST_LINKS = 300
DIGITS = 6
_LEVELS: tuple[Literal["default", "recommended"], ...] = ("default", "recommended")


def tuning_data(
    findings: Findings,
    position: Mapping[Candidate, int],
    trials: Mapping[str, Sequence[TriedTrial]],
) -> dict[str, Any] | None:
    """Return what the scripts show of tuning; ``None`` where nothing was tuned.

    ``trials`` are those of the studies by job id.
    """
    run = findings.leaderboard.run
    jobs = [job for job in run.jobs if job.trials and job.candidate in position]
    metric = run.experiment.protocol.metric
    studies = build_studies(jobs, trials, is_lower_better=is_lower_better(metric))[:MOST_STUDIES]
    bought = _bought(findings, position)
    if not studies and not bought:
        return None
    return {
        "metric": metric,
        "bought": bought,
        "studies": [_study(study, position) for study in studies],
        "links": [_link(link, position) for link in parameter_links(studies)[:MOST_LINKS]],
    }


def _bought(findings: Findings, position: Mapping[Candidate, int]) -> list[list[Any]]:
    """Return row, twin, difference, its interval, adjusted p, flags, seconds a fit of both."""
    board = findings.leaderboard
    shared = shared_repeats(board.run)
    scored = on_shared_repeats(findings.scored, board.run)
    by_candidate = {row.candidate: row for row in board.rows}
    return [
        [
            position[effect.candidate],
            position[twin],
            *(float(f"{x:.{DIGITS}g}") for x in (effect.difference, effect.low, effect.high)),
            float(f"{effect.adjusted_p_value:.{DIGITS}g}"),
            int(effect.is_beyond_noise) + 2 * int(effect.is_equivalent),
            effect.is_better,
            *(round(seconds_per_fit(by_candidate[c]), 4) for c in (effect.candidate, twin)),
        ]
        for level in _LEVELS
        for effect, twin in tuning_effects(shared, scored, against=level)
    ]


def _study(study: TriedStudy, position: Mapping[Candidate, int]) -> dict[str, Any]:
    return {
        "row": position[study.candidate],
        "split": f"{study.split.repeat + 1}.{study.split.fold + 1}",
        "best": [None if x is None else round(x, DIGITS) for x in study.best],
        "tried": [
            None if t.value is None or t.state == "pruned" else round(t.value, DIGITS)
            for t in study.trials
        ],
    }


def _link(link: ParameterLink, position: Mapping[Candidate, int]) -> dict[str, Any]:
    return {
        "row": position[link.candidate],
        "name": link.name,
        "kind": link.kind,
        "strength": round(link.strength, 3),
        "n": link.n_trials,
        "tried": _words(link.tried, is_range=link.kind == "number"),
        "chosen": _words(link.chosen, is_range=False),
    }


def _words(values: Sequence[Any], *, is_range: bool) -> str:
    texts = [f"{v:.3g}" if isinstance(v, float) else str(v) for v in values]
    if is_range:
        return " to ".join(texts)
    return ", ".join(
        text if times == 1 else f"{text} ({times}×)" for text, times in Counter(texts).items()
    )
