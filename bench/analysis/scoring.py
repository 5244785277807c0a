"""Figures per split: the stored scores of every job, repaired, decided upon and judged.

Whatever is fitted here (a repair, a threshold, the share to contact) is fitted
for each split on its reference rows, see `bench.analysis.references`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from statistics import fmean
from typing import TYPE_CHECKING

from bench.analysis.references import Finished, ReferenceFinder, ReferenceRows, finish
from bench.campaigns import best_fraction, cost_thresholds, customer_clvs, find_stakes
from bench.decisions import cross_fitted_thresholds, ranks_alike
from bench.domain import Candidate, Predictions, Record, Result, Run, Split
from bench.metrics import Inputs, Metric, compute_all
from bench.repairs import REPAIRS, exact_map
from bench.rules import Decision, parse_decision

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    from bench.specs import EconomicsSpec


@dataclass(frozen=True, eq=False)
class ScoredSplit:
    """One finished job as a row of the board has it.

    Attributes
    ----------
    split : Split
    record : Record
        With the outputs after the repair.
    predictions : Predictions
        With the scores after the repair.
    threshold : float or None
        Fitted on other rows; where every customer has his own, that of the mean
        customer. ``inputs.threshold`` has them all.
    inputs : Inputs
        What the metrics were given.
    values : mapping of str to float
        Figures by metric name.
    note : str
        What a reader must know, such as a target that cannot be reached.
    """

    split: Split
    record: Record
    predictions: Predictions
    threshold: float | None
    inputs: Inputs
    values: Mapping[str, float]
    note: str = ""


def score_splits(
    run: Run,
    results: Mapping[str, Result],
    metrics: Iterable[Metric],
    *,
    values: ArrayLike | None = None,
) -> dict[Candidate, tuple[ScoredSplit, ...]]:
    """Return the finished splits of every planned candidate, both in fixed order.

    Where a split has no reference rows (a lonely fold) it has no threshold and
    no decisions, and a candidate whose repair is fitted goes without the split.
    A target that cannot be reached on any one split leaves the decisions of all
    splits blank: a mean over the others would be that of the lucky ones.

    Parameters
    ----------
    run : Run
        Its jobs are the plan.
    results : mapping of job id to Result
        Those that exist; others are passed over.
    metrics : iterable of Metric
    values : array-like of shape (n_samples,), optional
        What each customer of the dataset is worth a month, see
        `Store.read_values`.

    Raises
    ------
    ValueError
        If ``values`` do not fit the dataset.
    """
    economics, n_samples = run.facts.economics, run.facts.n_samples
    clv = None if values is None else customer_clvs(values, economics)
    if clv is not None and clv.size != n_samples:
        raise ValueError(f"{clv.size} values for {n_samples} customers")
    chosen = tuple(metrics)
    has_campaigns = any(metric.needs == "campaign" for metric in chosen)
    stakes = find_stakes(n_samples, economics, clv) if has_campaigns and clv is not None else None
    judge = _Judge(chosen, economics, clv, ReferenceFinder(n_samples, stakes))
    ids: dict[Candidate, dict[Split, str]] = defaultdict(dict)
    for job in run.jobs:
        ids[job.candidate][job.split] = job.id
    scored: dict[Candidate, tuple[ScoredSplit, ...]] = {}
    for fitted, rows in groupby(sorted(run.candidates), key=lambda row: row.fitted):
        finished = [
            finish(split, result.record, result.predictions)
            for split, job_id in sorted(ids[fitted].items())
            if (result := results.get(job_id)) is not None
            and result.record.status == "ok"
            and result.predictions is not None
        ]
        scored |= judge.score(list(rows), finished)
    return scored


def split_ratio(run: Run) -> float:
    """Return test rows per training row of a split, for the corrected statistics.

    In a split by time, fold k of K learns from k periods of K + 1 and tests one
    (k = 1, …): the mean of 1 / k.
    """
    protocol = run.experiment.protocol
    if protocol.is_by_time:
        return fmean(1 / k for k in range(1, protocol.folds + 1))
    return 1 / (protocol.folds - 1)


def cross_fitted(finished: Sequence[tuple[Split, Predictions]]) -> dict[Split, float]:
    """Return split → best F1 threshold of the other folds of its repeat, where there are any."""
    repeats: dict[int, list[tuple[Split, Predictions]]] = defaultdict(list)
    for split, predictions in finished:
        repeats[split.repeat].append((split, predictions))
    thresholds: dict[Split, float] = {}
    for folds in repeats.values():
        if len(folds) >= 2:
            cuts = cross_fitted_thresholds([(p.y, p.score) for _, p in folds])
            thresholds.update(zip((split for split, _ in folds), cuts, strict=True))
    return thresholds


# --- one candidate --------------------------------------------------------------------


_Pair = tuple[Finished, ReferenceRows | None]


@dataclass(frozen=True, eq=False)
class _Judge:
    """What all candidates of a run are judged by."""

    metrics: tuple[Metric, ...]
    economics: EconomicsSpec
    clv: NDArray[np.float64] | None
    finder: ReferenceFinder

    def score(
        self, candidates: Sequence[Candidate], finished: Sequence[Finished]
    ) -> dict[Candidate, tuple[ScoredSplit, ...]]:
        """Return the splits of ``candidates``, which share their fits, repaired and judged."""
        plain = self._with_references(finished)
        scored = {}
        judged: dict[Split, ScoredSplit] = {}
        for repair, rows in groupby(candidates, key=lambda row: row.repair):
            pairs = self._repaired(plain, repair)
            offered = [self._inputs(one, found) for one, found in pairs]
            for candidate in rows:
                splits = self._decided(candidate, pairs, offered, judged)
                judged |= {split.split: split for split in splits}
                scored[candidate] = splits
        return scored

    def _with_references(self, finished: Sequence[Finished]) -> list[_Pair]:
        return list(zip(finished, self.finder.find(finished), strict=True))

    def _repaired(self, plain: list[_Pair], repair: str) -> list[_Pair]:
        """Return fits and their reference rows after ``repair``."""
        if repair == "prior":
            return self._with_references([_corrected(one) for one, _ in plain])
        fit = REPAIRS.lookup(repair).fit
        if fit is None:
            return plain
        # A repair that has nothing to be fitted on leaves nothing to show.
        return [
            self._mapped(one, rows, fit(rows.y, rows.score, one.record.outputs))
            for one, rows in plain
            if rows is not None
        ]

    def _mapped(
        self,
        one: Finished,
        rows: ReferenceRows,
        repair: Callable[[ArrayLike], NDArray[np.float64]],
    ) -> tuple[Finished, ReferenceRows]:
        """Return a fit and its reference rows after ``repair``, which was fitted on the latter."""
        record = replace(one.record, outputs="probability")
        repaired = replace(_with_scores(one, repair), record=record)
        return repaired, self.finder.with_probabilities(rows, repair(rows.score))

    def _decided(
        self,
        candidate: Candidate,
        pairs: Sequence[_Pair],
        offered: Sequence[Inputs],
        judged: Mapping[Split, ScoredSplit],
    ) -> tuple[ScoredSplit, ...]:
        """Return the splits of one row; ``judged`` are those of another with the same fits."""
        decision = parse_decision(candidate.decision)
        inputs = [
            replace(given, threshold=self._threshold(given, rows, decision))
            for (_, rows), given in zip(pairs, offered, strict=True)
        ]
        note = _unreachable(decision, inputs, [rows for _, rows in pairs])
        if note:
            inputs = [replace(one, threshold=None) for one in inputs]
        return tuple(
            ScoredSplit(
                split=one.split,
                record=one.record,
                predictions=one.predictions,
                threshold=self._shown(given.threshold),
                inputs=given,
                values=compute_all(
                    given,
                    self.metrics,
                    order=one.order,
                    known=self._known(given, judged.get(one.split), one.order),
                ),
                note=note,
            )
            for (one, _), given in zip(pairs, inputs, strict=True)
        )

    def _known(
        self, given: Inputs, twin: ScoredSplit | None, order: NDArray[np.intp]
    ) -> dict[str, float]:
        """Return the figures of ``twin`` that are those of ``given``, too."""
        if twin is None:
            return {}
        if given.score is twin.inputs.score:
            same = [m for m in self.metrics if m.needs in ("scores", "probabilities", "economics")]
        elif ranks_alike(given.score[order], twin.inputs.score[order]):
            same = [m for m in self.metrics if m.is_of_ranking]
        else:
            return {}
        return {m.name: twin.values[m.name] for m in same if m.name in twin.values}

    def _inputs(self, one: Finished, rows: ReferenceRows | None) -> Inputs:
        """Return what is there without a decision."""
        if all(metric.needs != "campaign" for metric in self.metrics):
            rows = None
        return Inputs(
            y=one.predictions.y,
            score=one.predictions.score,
            outputs=one.record.outputs,
            economics=self.economics,
            clv=None if self.clv is None else self.clv[one.predictions.rows],
            fraction=None if rows is None else best_fraction(rows.y, rows.score, self.economics),
            value_fraction=None if rows is None else rows.value_fraction,
        )

    def _threshold(
        self, given: Inputs, rows: ReferenceRows | None, decision: Decision
    ) -> float | NDArray[np.float64] | None:
        if decision.rule.fit is not None:
            return None if rows is None else decision.fit(rows.y, rows.score)
        if given.outputs == "score":
            return None
        return cost_thresholds(given.y.size, self.economics, given.clv)

    def _shown(self, threshold: float | NDArray[np.float64] | None) -> float | None:
        """Return a threshold as one number: of many that of the mean customer."""
        if threshold is None or isinstance(threshold, float | int):
            return threshold
        return float(cost_thresholds(1, self.economics)[0])


def _corrected(one: Finished) -> Finished:
    """Return a fit with its scores as they were without its strategy, exactly."""
    return _with_scores(one, exact_map(one.record))


def _with_scores(one: Finished, repair: Callable[[ArrayLike], NDArray[np.float64]]) -> Finished:
    predictions = one.predictions
    inner = predictions.inner_score
    return replace(
        one,
        predictions=replace(
            predictions,
            score=repair(predictions.score),
            inner_score=repair(inner) if inner.size else inner,
        ),
    )


def _unreachable(
    decision: Decision, inputs: Sequence[Inputs], rows: Sequence[ReferenceRows | None]
) -> str:
    """Return what to say where reference rows set no threshold, ``""`` where all did."""
    if decision.rule.fit is None:
        return ""
    missed = sum(
        one.threshold is None for one, found in zip(inputs, rows, strict=True) if found is not None
    )
    if not missed:
        return ""
    return (
        f"a {decision.rule.name} of {decision.percent} % is unreachable "
        f"in {missed} of {len(inputs)} splits"
    )
