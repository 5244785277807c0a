"""From results to the board: means, corrected intervals, ranks, ties and the winner's luck.

Every figure depends on the results and the plan only, never on the order in
which results came in.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from statistics import fmean, median
from typing import Literal

from bench.analysis.addresses import row_addresses
from bench.analysis.bootstrap import build_resampling
from bench.analysis.effects import Scored, margin_of, values_of
from bench.analysis.multiplicity import adjust_for_picking
from bench.analysis.rivals import rivals
from bench.analysis.scoring import ScoredSplit, cross_fitted, score_splits, split_ratio
from bench.analysis.selection import chances_to_be_best, expect_of_selection
from bench.analysis.statistics import (
    LEVEL,
    PairedTest,
    corrected_intervals,
    equivalence_p_value,
    moderated_paired_tests,
    repeats_to_separate,
)
from bench.decisions import predictions_at
from bench.domain import BoardRow, Candidate, Leaderboard, Result, Run, Score
from bench.identity import canonical_json
from bench.metrics import METRICS, Metric, f1

MOST_REPEATS = 100
"""More than these nobody runs."""

_SECONDS = ("prepare", "resample", "tune", "fit", "predict")


def build_leaderboard(
    run: Run, results: Mapping[str, Result], *, rank_by: str, scored: Scored | None = None
) -> Leaderboard:
    """Return the board of everything that ``run`` planned.

    Only candidates that finished all splits are ranked, by their mean
    ``rank_by``; equal means stand in the order of the names. The others follow
    by coverage, with whatever figures they have; those that a race stopped
    after the same repeats by their figures.

    Parameters
    ----------
    run : Run
        Its jobs are the plan, in any order.
    results : mapping of job id to Result
        Those that exist, in any order.
    rank_by : str
        Name of a metric.
    scored : mapping of Candidate to sequence of ScoredSplit, optional
        What `score_splits` returns for all metrics, where it is there already.

    Returns
    -------
    Leaderboard
        Beside the metrics, ``scores`` of a row holds ``threshold``. A row is
        tied with the first one unless the paired corrected test over the same
        splits, adjusted by Holm over the board and for the first row being
        the one that the data picked, tells them apart at 5 %; with a single
        split nothing can be told apart, and every ranked row is tied.
        ``difference_low`` and ``difference_high`` bound (row − first row), one
        row at a time, without adjustment. A row is equivalent to the first one
        where two one-sided tests at 5 % put it within `margin_of` of it.

    Raises
    ------
    UnknownNameError
        If ``rank_by`` is no metric.
    """
    metric = METRICS.lookup(rank_by)
    scored = score_splits(run, results, METRICS) if scored is None else scored
    n_splits = len({job.split for job in run.jobs})
    ratio = split_ratio(run)
    failed = {r.record.job.candidate for r in results.values() if r.record.status == "failed"}
    stopped = {stop.candidate for stop in run.stopped}
    rows = [
        _summarise(
            candidate,
            splits,
            n_splits=n_splits,
            ratio=ratio,
            is_stopped=candidate.fitted in stopped,
        )
        if splits
        else BoardRow(candidate, "failed" if candidate.fitted in failed else "missing", 0, 0.0)
        for candidate, splits in scored.items()
    ]
    addresses = row_addresses(run)
    rows = [replace(row, address=addresses[row.candidate]) for row in rows]
    ranked, others = _in_board_order(rows, metric)
    tests = _tests_against_first(ranked, scored, metric=metric.name, ratio=ratio)
    optimism = _threshold_optimism(scored)
    margin = margin_of(metric.name, ranked[0].scores[metric.name].mean) if tests else None
    return _with_selection(
        Leaderboard(
            run=run,
            rank_by=rank_by,
            rows=(*_with_ties(ranked, tests, margin=margin or 0.0), *others),
            n_splits=n_splits,
            resolvable_difference=median((t.high - t.low) / 2 for t in tests) if tests else None,
            threshold_optimism=fmean(optimism) if optimism else None,
            n_optimism=len(optimism),
            equivalence_margin=margin,
            repeats_to_separate=_repeats_to_separate(tests, run),
        ),
        scored,
        metric,
    )


def _repeats_to_separate(tests: Sequence[PairedTest], run: Run) -> int | None:
    """Return the repeats that would tell the first two rows apart, in a test of their own."""
    is_by_time = run.experiment.protocol.is_by_time
    if not tests or tests[0].p_value < LEVEL or is_by_time:  # there is one past only
        return None
    folds = run.experiment.protocol.folds
    repeats = repeats_to_separate(tests[0], folds=folds, repeats=run.n_repeats, most=MOST_REPEATS)
    return repeats or 0


def _with_selection(leaderboard: Leaderboard, scored: Scored, metric: Metric) -> Leaderboard:
    """Return the board with everybody's chance to be the best and what the choice will give."""
    ranked = [row.candidate for row in leaderboard.rows if row.rank is not None]
    if len(ranked) < 2 or leaderboard.n_splits < 2:
        return leaderboard
    resampling = build_resampling(scored, ranked, metric=metric.name)
    chances = chances_to_be_best(resampling, direction=metric.direction)
    chosen = expect_of_selection(resampling, direction=metric.direction)
    return replace(
        leaderboard,
        rows=tuple(replace(r, p_best=chances.get(r.candidate)) for r in leaderboard.rows),
        expected_of_selection=chosen.expected,
    )


# --- one row --------------------------------------------------------------------------


def _summarise(
    candidate: Candidate,
    splits: Sequence[ScoredSplit],
    *,
    n_splits: int,
    ratio: float,
    is_stopped: bool,
) -> BoardRow:
    records = [split.record for split in splits]
    lacking: Literal["stopped", "partial"] = "stopped" if is_stopped else "partial"
    return BoardRow(
        candidate=candidate,
        status="complete" if len(splits) == n_splits else lacking,
        n_splits=len(splits),
        coverage=len(splits) / n_splits,
        scores=_scores(splits, ratio),
        counts_before=(
            fmean(record.counts_before.negatives for record in records),
            fmean(record.counts_before.positives for record in records),
        ),
        counts_after=(
            fmean(record.counts_after.negatives for record in records),
            fmean(record.counts_after.positives for record in records),
        ),
        costs={
            **{
                f"{key}_seconds": fmean(record.seconds.get(key, 0.0) for record in records)
                for key in _SECONDS
            },
            "peak_memory_mb": max(record.peak_memory_mb for record in records),
        },
        outputs=splits[0].inputs.outputs,
        note=splits[0].note,
    )


def _scores(splits: Sequence[ScoredSplit], ratio: float) -> dict[str, Score]:
    """Return the summary of every figure that some split has, in the order of the metrics."""
    columns = {name: values for name in METRICS.names if (values := values_of(splits, name))}
    bounds = {name: METRICS.lookup(name).bounds for name in columns}
    thresholds = [split.threshold for split in splits if split.threshold is not None]
    if thresholds:
        columns["threshold"], bounds["threshold"] = thresholds, (-math.inf, math.inf)
    found: dict[str, Score] = {}
    for n_values in {len(values) for values in columns.values()}:
        alike = {name: values for name, values in columns.items() if len(values) == n_values}
        found |= _summaries(alike, ratio, bounds)
    return {name: found[name] for name in columns}


def _summaries(
    columns: Mapping[str, list[float]], ratio: float, bounds: Mapping[str, tuple[float, float]]
) -> dict[str, Score]:
    """Return mean, spread and interval by name; the latter two are NaN for a single split."""
    table = list(columns.values())
    if len(table[0]) == 1:
        return {
            name: Score(value, math.nan, math.nan, math.nan) for name, (value,) in columns.items()
        }
    found = corrected_intervals(table, test_train_ratio=ratio)
    figures = zip(
        *(part.tolist() for part in (found.mean, found.std, found.low, found.high)), strict=True
    )
    return {
        name: Score(mean, std, max(low, bounds[name][0]), min(high, bounds[name][1]))
        for name, (mean, std, low, high) in zip(columns, figures, strict=True)
    }


# --- rows among each other ------------------------------------------------------------


def _in_board_order(
    rows: Sequence[BoardRow], metric: Metric
) -> tuple[list[BoardRow], list[BoardRow]]:
    sign = -metric.sign
    told_apart = rivals((row.candidate for row in rows), metric)
    ranked = [
        row
        for row in rows
        if row.status == "complete" and metric.name in row.scores and row.candidate in told_apart
    ]
    others = [row for row in rows if row not in ranked]

    def place(row: BoardRow) -> tuple[float, float, str]:
        has_figure = row.status == "stopped" and metric.name in row.scores
        figure = sign * row.scores[metric.name].mean if has_figure else math.inf
        return -row.coverage, figure, str(row.candidate)

    ranked.sort(key=lambda row: (sign * row.scores[metric.name].mean, str(row.candidate)))
    others.sort(key=place)
    return ranked, others


def _tests_against_first(
    ranked: Sequence[BoardRow],
    scored: Scored,
    *,
    metric: str,
    ratio: float,
) -> list[PairedTest]:
    """Return a test for each row after the first; none where there is a single split."""
    if len(ranked) < 2 or ranked[0].n_splits < 2:
        return []
    first, *rest = ([split.values[metric] for split in scored[row.candidate]] for row in ranked)
    return moderated_paired_tests(
        [[value - best for value, best in zip(values, first, strict=True)] for values in rest],
        test_train_ratio=ratio,
    )


def _with_ties(
    ranked: Sequence[BoardRow], tests: Sequence[PairedTest], *, margin: float
) -> list[BoardRow]:
    if not tests:
        return [
            replace(row, rank=rank, is_tied_with_best=True)
            for rank, row in enumerate(ranked, start=1)
        ]
    adjusted = adjust_for_picking(tests, n_rows=len(ranked))
    return [
        replace(ranked[0], rank=1, is_tied_with_best=True, is_equivalent_to_best=True),
        *(
            replace(
                row,
                rank=rank,
                is_tied_with_best=p_value >= LEVEL,
                is_equivalent_to_best=equivalence_p_value(test, margin=margin) < LEVEL,
                difference_low=test.low,
                difference_high=test.high,
            )
            for rank, (row, test, p_value) in enumerate(
                zip(ranked[1:], tests, adjusted, strict=True), start=2
            )
        ),
    ]


def _threshold_optimism(scored: Scored) -> list[float]:
    """Return F1 at the cross-fitted threshold minus F1 at the fully nested one, per study.

    A study has both: its own threshold comes from inner out-of-fold scores,
    which saw nothing of the outer test rows nor of models that were trained on
    them. Only folds whose studies settled on the same strategy with the same
    parameters are cross-fitted with each other, for the scores of others mean
    different things.
    """
    gains = []
    for candidate, splits in scored.items():
        if candidate != candidate.fitted:
            continue
        for alike in _alike([split for split in splits if split.predictions.inner_score.size]):
            thresholds = cross_fitted([(split.split, split.predictions) for split in alike])
            for split in alike:
                if split.split in thresholds:
                    predictions = split.predictions
                    decided = predictions_at(predictions.score, thresholds[split.split])
                    gains.append(f1(predictions.y, decided) - split.values["f1"])
    return gains


def _alike(splits: Sequence[ScoredSplit]) -> list[list[ScoredSplit]]:
    """Return the splits grouped by the strategy and the parameters that were chosen."""
    found: dict[str, list[ScoredSplit]] = {}
    for split in splits:
        record = split.record
        key = canonical_json([record.chosen_strategy, dict(record.strategy_params)])
        found.setdefault(key, []).append(split)
    return list(found.values())
