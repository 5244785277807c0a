"""What the page's scripts are given: plain values, named as they name them."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import PurePosixPath
from typing import Any

from bench.analysis.choice import BASELINE, PLAIN, choose
from bench.analysis.curves import Curve, CurveSet
from bench.analysis.effects import StrategyEffect
from bench.analysis.evidence import Evidence, Fit
from bench.analysis.findings import Findings
from bench.campaigns import acceptance
from bench.domain import BoardRow, Candidate, Run
from bench.metrics import METRICS, metric_title
from bench.reports.boards import Board, boards_of, in_order, lead_by, rows_of
from bench.reports.page.features import feature_data
from bench.reports.page.segments import segment_data
from bench.reports.page.stored import NOTHING, Stored
from bench.reports.page.tuning import tuning_data
from bench.serial import to_json

FIGURE_DIGITS = 6


def page_data(findings: Findings, evidence: Evidence, stored: Stored = NOTHING) -> dict[str, Any]:
    """Return everything that the scripts draw, as JSON values.

    Rows, curves and fits refer to each other by their positions.
    """
    leaderboard, references = findings.leaderboard, findings.references
    rows = in_order(leaderboard)
    position = {row.candidate: k for k, row in enumerate(rows)}
    curve_of = {
        candidate: k
        for k, curve in enumerate(evidence.curves.curves)
        for candidate in curve.candidates
    }
    fitted = list(evidence.fits)
    facts, choice = leaderboard.run.facts, choose(leaderboard)
    ranking, *others = boards_of(leaderboard)
    return {
        "verify": verify_command(leaderboard.run),
        "metric": leaderboard.rank_by,
        "nSplits": leaderboard.n_splits,
        "ratio": evidence.test_train_ratio,
        "t95": evidence.t_95,
        "margin": leaderboard.equivalence_margin,
        "baseline": BASELINE,
        "plain": position.get(PLAIN),
        "choice": None if choice is None else position[choice.row.candidate],
        "stops": evidence.curves.stops,
        "splits": _splits(evidence.curves),
        "metrics": _metrics(rows),
        "skips": {str(skip.candidate): skip.reason for skip in leaderboard.run.skips},
        "boards": [
            {
                **_board(board),
                "rows": [position[row.candidate] for row in rows_of(board, leaderboard)],
            }
            for board in (lead_by(ranking, leaderboard.rank_by), *others)
        ],
        "rows": [
            _row(row, curve_of.get(row.candidate), _index(fitted, row.candidate)) for row in rows
        ],
        "fits": [_fits(evidence.fits[candidate]) for candidate in fitted],
        "curves": [_curve(curve) for curve in evidence.curves.curves],
        "effects": {
            name: [_effect(effect, position) for effect in effects]
            for name, effects in evidence.effects.items()
        },
        "economics": {
            "clv": facts.economics.clv,
            "incentive": facts.economics.incentive,
            "contact": facts.economics.contact,
            "acceptance": acceptance(facts.economics),
        },
        "references": {
            name: [one.nobody, one.everybody, one.perfect] for name, one in references.items()
        },
        "features": feature_data(findings, position, segments=stored.segments),
        "segments": segment_data(stored.segments, position),
        "tuning": tuning_data(findings, position, stored.trials),
        "nSamples": facts.n_samples,
        "nPositives": facts.n_positives,
    }


def verify_command(run: Run) -> str:
    """Return what checks the results, in the folder that the run's own command names."""
    try:
        words = shlex.split(run.command)
    except ValueError:  # a stranger's
        words = []
    out = "results"
    for word, following in pairwise([*words, ""]):
        if word == "--out" and following:
            out = following
        elif word.startswith("--out="):
            out = word.removeprefix("--out=")
    folder = str(PurePosixPath(out) / run.facts.name)
    return shlex.join(["python", "-m", "bench", "verify", folder])


def _index(fitted: Sequence[Candidate], candidate: Candidate) -> int | None:
    return fitted.index(candidate.fitted) if candidate.fitted in fitted else None


def _splits(curves: CurveSet) -> list[dict[str, Any]]:
    return [
        {
            "name": f"{one.split.repeat + 1}.{one.split.fold + 1}",
            "repeat": one.split.repeat,
            "n": one.n_samples,
            "positives": one.n_positives,
            "contacted": one.contacted,
        }
        for one in curves.splits
    ]


def _metrics(rows: Sequence[BoardRow]) -> dict[str, Any]:
    """Return title and direction of every figure that some row has."""
    names = dict.fromkeys(name for row in rows for name in row.scores)
    return {
        name: {
            "title": metric_title(name),
            "direction": METRICS.lookup(name).direction if name in METRICS else "neither",
        }
        for name in names
    }


def _board(board: Board) -> dict[str, Any]:
    return {
        "name": board.name,
        "title": board.title,
        "question": board.question,
        "sortBy": board.sort_by,
        "columns": [
            {
                "name": column.name,
                "title": column.title,
                "digits": column.digits,
                "interval": column.has_interval,
                "shown": column.is_shown,
            }
            for column in board.columns
        ],
    }


def _row(row: BoardRow, curve: int | None, fits: int | None) -> dict[str, Any]:
    candidate = row.candidate
    return {
        "name": str(candidate),
        **to_json(candidate),
        "rank": row.rank,
        "tied": row.is_tied_with_best,
        "same": row.is_equivalent_to_best,
        "pBest": row.p_best,
        "status": row.status,
        "coverage": row.coverage,
        "outputs": row.outputs,
        "note": row.note,
        "address": row.address,
        "behind": [row.difference_low, row.difference_high],
        "scores": {
            name: [_figure(x) for x in (score.mean, score.std, score.low, score.high)]
            for name, score in row.scores.items()
        },
        "costs": {name: _figure(value) for name, value in row.costs.items()},
        "curve": curve,
        "fits": fits,
    }


def _figure(value: float) -> float:
    """Return a figure with as many digits as somebody may want to read."""
    return float(f"{value:.{FIGURE_DIGITS}g}")


def _fits(fits: Sequence[Fit]) -> list[dict[str, Any]]:
    """Return the fits of a candidate; parameters stand where they are not those of the first."""
    first = fits[0].params
    return [
        {
            "split": fit.split,
            "counts": [*fit.counts_before, *fit.counts_after],
            **({"params": fit.params} if k == 0 or fit.params != first else {}),
        }
        for k, fit in enumerate(fits)
    ]


def _curve(curve: Curve) -> dict[str, Any]:
    return {
        "splits": curve.splits,
        # Differences are small whole numbers, but for ties: a third of the size.
        "hits": [
            [hits - before for before, hits in zip((0.0, *one), one, strict=False)]
            for one in curve.hits
        ],
        "cuts": [[cut.threshold, _figure(cut.n_alerts), _figure(cut.n_hits)] for cut in curve.cuts],
        "bins": [
            [_figure(x) for x in (one.mean, one.rate, one.low, one.high, one.noise)]
            for one in curve.bins
        ],
    }


def _effect(effect: StrategyEffect, position: Mapping[Candidate, int]) -> list[Any]:
    """Return row, difference, low, high, adjusted p, and 1 beyond noise, 2 too small to matter."""
    return [
        position[effect.candidate],
        *(_figure(x) for x in (effect.difference, effect.low, effect.high)),
        _figure(effect.adjusted_p_value),
        int(effect.is_beyond_noise) + 2 * int(effect.is_equivalent),
        effect.is_better,
    ]
