"""Which candidates a race stops, and what of a raced run can be compared.

After every whole repeat all candidates that are left are tested against the
leader: paired, corrected for shared training rows, their variances steadied by
each other, after Holm, as on the board, at a far stricter level. All looks of a
race together may stop any candidate that is as good as the best in `RISK` of
all races. Three fifths of that are for the leader being picked by the data
(whoever is ahead by luck is ahead of somebody): with them the simulated risk
stays below `RISK` for 2 to 50 equal candidates, and more is saved than by the
board's own correction, which reckons with all rows being equal. Of the rest the
r-th look has the share 1 / (r (r + 1)): these sum to 1 over any number of
looks, so that no decision depends on how many repeats were asked for, and the
first, which can save the most, has half.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING

from bench.analysis.effects import Scored
from bench.analysis.multiplicity import holm
from bench.analysis.rivals import rivals
from bench.analysis.scoring import ScoredSplit, score_splits, split_ratio
from bench.analysis.statistics import PairedTest, moderated_paired_tests
from bench.domain import Candidate, Result, Run, Stop
from bench.metrics import METRICS, Metric

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

RISK = 0.01
"""At most how often a race stops any candidate that is as good as the best."""


def level_of_look(look: int) -> float:
    """Return the level of the tests after ``look`` repeats, 1 and up."""
    return 0.4 * RISK / (look * (look + 1))


class Referee:
    """Decides after every whole repeat who is out of a race.

    The decision follows from the scores of the jobs of a run and from nothing
    else; what it has read of a repeat it remembers. Rows that differ after the
    fit only share their fits: these stop when all rows that are ranked are
    out, so that no repair is given up because the raw probabilities are bad. A
    candidate that lacks a split, or the metric, is not judged.
    """

    def __init__(self) -> None:
        self._read: dict[str, dict[Candidate, float]] = {}

    def __call__(
        self, run: Run, results: Mapping[str, Result], *, values: ArrayLike | None = None
    ) -> tuple[Stop, ...]:
        """Return which candidates are out after the repeats of ``run``.

        Parameters
        ----------
        run : Run
            Its jobs are whole repeats of the candidates that are still in it.
        results : mapping of job id to Result
            Others than those of its jobs are not looked at.
        values : array-like of shape (n_samples,), optional
            What each customer is worth a month, see `Store.read_values`.

        Returns
        -------
        tuple of Stop
            In the order of the candidates; never the leader.
        """
        metric = METRICS.lookup(run.experiment.rank_by)
        rows = self._figures(run, results, metric, values=values)
        n_splits = len({job.split for job in run.jobs})
        if len(rows) < 2 or n_splits < 2:
            return ()
        return stops_after(rows, metric, repeats=run.n_repeats, ratio=split_ratio(run))

    def _figures(
        self,
        run: Run,
        results: Mapping[str, Result],
        metric: Metric,
        *,
        values: ArrayLike | None,
    ) -> dict[Candidate, list[float]]:
        """Return the figures of every row that is ranked and has all of them, by split."""
        new = tuple(job for job in run.jobs if job.id not in self._read)
        for job in new:
            self._read[job.id] = {}
        ids = {(job.candidate, job.split): job.id for job in run.jobs}
        scored = score_splits(replace(run, jobs=new), results, [metric], values=values)
        for row, splits in scored.items():
            for split in splits:
                if metric.name in split.values:
                    self._read[ids[row.fitted, split.split]][row] = split.values[metric.name]
        by_fit: dict[Candidate, list[str]] = defaultdict(list)
        for job in sorted(run.jobs, key=lambda job: job.split):
            by_fit[job.candidate].append(job.id)
        ranked = rivals(run.candidates, metric)
        return {
            row: [self._read[job_id][row] for job_id in by_fit[row.fitted]]
            for row in run.candidates
            if row.fitted in by_fit
            and row in ranked
            and all(row in self._read[job_id] for job_id in by_fit[row.fitted])
        }


def stops_after(
    rows: Mapping[Candidate, Sequence[float]], metric: Metric, *, repeats: int, ratio: float
) -> tuple[Stop, ...]:
    """Return who is out after so many whole repeats, by the figures of every row by split."""
    level = level_of_look(repeats)
    leader, tested = compare_with_leader(rows, metric, ratio=ratio)
    stops = []
    for fitted, group in groupby(sorted(rows), key=lambda row: row.fitted):
        if fitted == leader.fitted:
            continue
        test, p_value = max((tested[row] for row in group), key=lambda pair: pair[1])
        if p_value < level:
            lag = test.difference
            stops.append(Stop(fitted, repeats, leader, metric.name, lag, p_value, level))
    return tuple(stops)


def compare_with_leader(
    rows: Mapping[Candidate, Sequence[float]], metric: Metric, *, ratio: float
) -> tuple[Candidate, dict[Candidate, tuple[PairedTest, float]]]:
    """Return the row with the best mean, and every other's test against it with its p-value.

    The p-values are adjusted for being several, by Holm. Equal means are led by
    the first in order.
    """
    leader = max(sorted(rows), key=lambda row: metric.sign * sum(rows[row]))
    others = [row for row in sorted(rows) if row != leader]
    tests = moderated_paired_tests(
        [[x - best for x, best in zip(rows[row], rows[leader], strict=True)] for row in others],
        test_train_ratio=ratio,
    )
    adjusted = holm([test.p_value for test in tests])
    return leader, dict(zip(others, zip(tests, adjusted, strict=True), strict=True))


# --- what can be compared ---------------------------------------------------------------


def shared_repeats(run: Run) -> Run:
    """Return ``run`` as if it had ended with the last repeat that all its candidates took part in.

    Comparisons between any two candidates stand on these: who is left in a race
    was chosen by the scores, and what strategies change among the survivors is
    not what they change.
    """
    if not run.stopped:
        return run
    last = min(stop.repeats for stop in run.stopped)
    return replace(run, jobs=tuple(job for job in run.jobs if job.split.repeat < last))


def on_shared_repeats(scored: Scored, run: Run) -> dict[Candidate, tuple[ScoredSplit, ...]]:
    """Return what `score_splits` would return for `shared_repeats` of ``run``."""
    splits = {job.split for job in shared_repeats(run).jobs}
    return {
        candidate: tuple(split for split in found if split.split in splits)
        for candidate, found in scored.items()
    }
