"""Figures per split: the stored scores of every job, repaired, decided upon and judged.

Whatever is fitted here (a repair, a threshold, the share to contact) is fitted
for each split on its *reference* rows: the out-of-fold scores of the other
finished folds of its repeat, or, for a study, the inner out-of-fold scores of
its own training rows. Those are there anyway, and the studies of two folds may
have chosen strategies whose scores mean different things.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bench.campaigns import best_fraction, cost_thresholds, customer_clvs, expected_profit
from bench.decisions import cross_fitted_thresholds, locked
from bench.domain import Candidate, Outputs, Predictions, Record, Result, Run, Split
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
    judge = _Judge(tuple(metrics), economics, clv, n_samples)
    ids: dict[Candidate, dict[Split, str]] = defaultdict(dict)
    for job in run.jobs:
        ids[job.candidate][job.split] = job.id
    scored = {}
    for candidate in sorted(run.candidates):
        finished = [
            _Finished(split, result.record, result.predictions)
            for split, job_id in sorted(ids[candidate.fitted].items())
            if (result := results.get(job_id)) is not None
            and result.record.status == "ok"
            and result.predictions is not None
        ]
        scored[candidate] = judge.score(candidate, finished)
    return scored


def split_ratio(run: Run) -> float:
    """Return test rows per training row of a split, for the corrected statistics."""
    return 1 / (run.experiment.protocol.folds - 1)


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


@dataclass(frozen=True, eq=False)
class _Finished:
    split: Split
    record: Record
    predictions: Predictions


@dataclass(frozen=True, eq=False)
class _Rows:
    """Labels and scores of reference rows, and their numbers in the dataset where known."""

    y: NDArray[np.int8]
    score: NDArray[np.float64]
    rows: NDArray[np.int32] | None


@dataclass(frozen=True, eq=False)
class _Judge:
    """What all candidates of a run are judged by."""

    metrics: tuple[Metric, ...]
    economics: EconomicsSpec
    clv: NDArray[np.float64] | None
    n_samples: int

    def score(self, candidate: Candidate, finished: Sequence[_Finished]) -> tuple[ScoredSplit, ...]:
        """Return the splits of ``candidate``, repaired and judged."""
        decision = parse_decision(candidate.decision)
        if candidate.repair == "prior":
            finished = [_corrected(one) for one in finished]
        pairs = list(zip(finished, _references(finished, self.n_samples), strict=True))
        fit = REPAIRS.lookup(candidate.repair).fit
        if fit is not None:
            # A repair that has nothing to be fitted on leaves nothing to show.
            pairs = [
                _mapped(one, rows, fit(rows.y, rows.score, one.record.outputs))
                for one, rows in pairs
                if rows is not None
            ]
        inputs = [self._inputs(one, rows, decision) for one, rows in pairs]
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
                values=compute_all(given, self.metrics),
                note=note,
            )
            for (one, _), given in zip(pairs, inputs, strict=True)
        )

    def _inputs(self, one: _Finished, rows: _Rows | None, decision: Decision) -> Inputs:
        outputs = one.record.outputs
        inputs = Inputs(
            y=one.predictions.y,
            score=one.predictions.score,
            outputs=outputs,
            economics=self.economics,
            clv=None if self.clv is None else self.clv[one.predictions.rows],
        )
        if decision.rule.fit is None:
            if outputs == "score":
                return inputs
            cuts = cost_thresholds(inputs.y.size, self.economics, inputs.clv)
            inputs = replace(inputs, threshold=cuts)
        elif rows is not None:
            inputs = replace(inputs, threshold=decision.fit(rows.y, rows.score))
        if rows is None or all(metric.needs != "campaign" for metric in self.metrics):
            return inputs
        return replace(
            inputs,
            fraction=best_fraction(rows.y, rows.score, self.economics),
            value_fraction=self._value_fraction(rows, outputs),
        )

    def _value_fraction(self, rows: _Rows, outputs: Outputs) -> float | None:
        if self.clv is None or rows.rows is None:
            return None
        clv, score = self.clv[rows.rows], rows.score
        if outputs == "probability":
            score = expected_profit(score, self.economics, clv)
        return best_fraction(rows.y, score, self.economics, clv)

    def _shown(self, threshold: float | NDArray[np.float64] | None) -> float | None:
        """Return a threshold as one number: of many that of the mean customer."""
        if threshold is None or isinstance(threshold, float | int):
            return threshold
        return float(cost_thresholds(1, self.economics)[0])


def _corrected(one: _Finished) -> _Finished:
    """Return a fit with its scores as they were without its strategy, exactly."""
    return _with_scores(one, exact_map(one.record))


def _mapped(
    one: _Finished, rows: _Rows, repair: Callable[[ArrayLike], NDArray[np.float64]]
) -> tuple[_Finished, _Rows]:
    """Return a fit and its reference rows after ``repair``, which was fitted on the latter."""
    repaired = _with_scores(one, repair)
    record = replace(one.record, outputs="probability")
    return replace(repaired, record=record), replace(rows, score=locked(repair(rows.score)))


def _with_scores(one: _Finished, repair: Callable[[ArrayLike], NDArray[np.float64]]) -> _Finished:
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


def _references(finished: Sequence[_Finished], n_samples: int) -> list[_Rows | None]:
    """Return the reference rows of every fit, ``None`` where there are none."""
    repeats: dict[int, list[int]] = defaultdict(list)
    for k, one in enumerate(finished):
        repeats[one.split.repeat].append(k)
    found: list[_Rows | None] = [None] * len(finished)
    for folds in repeats.values():
        if len(folds) >= 2:
            others = _other_folds([finished[k].predictions for k in folds])
            for k, rows in zip(folds, others, strict=True):
                found[k] = rows
    for k, one in enumerate(finished):
        if one.predictions.inner_score.size:
            found[k] = _inner_rows(one.predictions, n_samples)
    return found


def _other_folds(folds: Sequence[Predictions]) -> list[_Rows]:
    """Return for each fold the rows of all others, by descending score."""
    import numpy as np

    y = np.concatenate([fold.y for fold in folds])
    score = np.concatenate([fold.score for fold in folds])
    rows = np.concatenate([fold.rows for fold in folds])
    number = np.repeat(np.arange(len(folds)), [fold.y.size for fold in folds])
    # Sorted once for all folds: the stable sorts that follow are linear on sorted rows.
    order = np.argsort(-score, kind="stable")
    y, score, rows, number = y[order], score[order], rows[order], number[order]
    others = (number != k for k in range(len(folds)))
    return [_Rows(locked(y[other]), locked(score[other]), rows[other]) for other in others]


def _inner_rows(predictions: Predictions, n_samples: int) -> _Rows:
    """Return the training rows of a study; their numbers unless some were thinned out."""
    import numpy as np

    is_trained_on = np.ones(n_samples, dtype=np.bool_)
    is_trained_on[predictions.rows] = False
    rows = np.flatnonzero(is_trained_on).astype(np.int32)
    y, score = predictions.inner_y, predictions.inner_score
    return _Rows(y, score, rows if rows.size == y.size else None)


def _unreachable(decision: Decision, inputs: Sequence[Inputs], rows: Sequence[_Rows | None]) -> str:
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
