"""Which strategy wins at which prevalence: paired differences to ``none``, from stored scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean
from typing import TYPE_CHECKING

from bench.analysis.effects import NONE
from bench.analysis.multiplicity import holm
from bench.analysis.scoring import ScoredSplit, score_splits
from bench.analysis.statistics import LEVEL, PairedTest, moderated_paired_tests
from bench.domain import Candidate, DatasetFacts, EvalProtocol, Result, Run, Skip
from bench.metrics import METRICS, Metric

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

AT_TRAINING_PREVALENCE = "brier_at_training_prevalence"
SWEPT = ("roc_auc", "average_precision", "f1", "brier", AT_TRAINING_PREVALENCE)


@dataclass(frozen=True, eq=False)
class SweepPoint:
    """One finished experiment of a sweep."""

    prevalence: float
    run: Run
    results: Mapping[str, Result]


@dataclass(frozen=True)
class SweepCell:
    """One candidate by one metric at one prevalence.

    Attributes
    ----------
    prevalence : float
        Positives divided by rows among the rows that were learnt from.
    positives : float
        Their number, mean over splits.
    mean : float
    difference, low, high : float or None
        Mean of (candidate − ``none`` of the same model) over splits, with its
        corrected 95 % interval; None for ``none`` itself and where nothing
        could be tested.
    adjusted_p_value : float or None
        After Holm over all prevalences, models and strategies of this metric.
    gain : float
        The difference in the metric's better direction; 0 for ``none``.
    """

    prevalence: float
    positives: float
    candidate: Candidate
    metric: str
    mean: float
    n_splits: int
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    p_value: float | None = None
    adjusted_p_value: float | None = None
    gain: float = 0.0

    @property
    def is_beyond_noise(self) -> bool:
        """Whether the difference holds up among all that were tested, at 5 %."""
        return self.adjusted_p_value is not None and self.adjusted_p_value < LEVEL


@dataclass(frozen=True)
class SweepTable:
    """The answer of a sweep: cells in fixed order, and what a reader must know beside them."""

    facts: DatasetFacts
    protocol: EvalProtocol
    cells: tuple[SweepCell, ...]
    skips: tuple[tuple[float, Skip], ...]
    remarks: tuple[str, ...]
    n_failed: int = 0

    @property
    def prevalences(self) -> tuple[float, ...]:
        """Those that ran, the highest first."""
        return tuple(sorted({cell.prevalence for cell in self.cells}, reverse=True))

    @property
    def plain(self) -> tuple[Candidate, ...]:
        """The models, each with ``none``, by name."""
        return tuple(sorted({replace(cell.candidate, strategy=NONE) for cell in self.cells}))

    @property
    def metrics(self) -> tuple[str, ...]:
        """Those that apply to any model, in order."""
        found = {cell.metric for cell in self.cells}
        return tuple(name for name in SWEPT if name in found)

    def select(self, metric: str, plain: Candidate, prevalence: float) -> tuple[SweepCell, ...]:
        """Return the cells of one model by one metric at one prevalence, ``none`` among them."""
        return tuple(
            cell
            for cell in self.cells
            if cell.metric == metric
            and cell.prevalence == prevalence
            and replace(cell.candidate, strategy=NONE) == plain
        )


def title_of(metric: str) -> str:
    """Return how a metric of a sweep is shown."""
    titles = {
        "brier": "Brier on the test rows as they are",
        AT_TRAINING_PREVALENCE: "Brier at the training prevalence",
    }
    return titles.get(metric) or METRICS.lookup(metric).title


def is_lower_better(metric: str) -> bool:
    """Return whether a metric of a sweep is better when it is lower."""
    return metric == AT_TRAINING_PREVALENCE or METRICS.lookup(metric).direction == "lower"


def brier_at(y_true: ArrayLike, y_prob: ArrayLike, *, prevalence: float) -> float:
    """Return the Brier score as if ``prevalence`` of these rows were positive.

    Each class keeps its mean squared error and is weighed by its share. Test
    rows keep the data's own prevalence in a sweep, and a learner that met
    fewer positives is right to predict less: by the plain Brier score any
    strategy that raises probabilities seems to win.
    """
    import numpy as np

    y, p = np.asarray(y_true), np.asarray(y_prob, dtype=np.float64)
    return float(
        prevalence * np.mean((1 - p[y == 1]) ** 2) + (1 - prevalence) * np.mean(p[y == 0] ** 2)
    )


def summarise_sweep(points: Sequence[SweepPoint], *, remarks: Sequence[str] = ()) -> SweepTable:
    """Return the table of finished experiments on one dataset.

    Candidates that lack splits are left out, with their failures counted.

    Raises
    ------
    ValueError
        If there are no points.
    """
    if not points:
        raise ValueError("a sweep without points, expected at least one")
    cells: list[SweepCell] = []
    for point in sorted(points, key=lambda point: -point.prevalence):
        cells += _cells_of(point)
    return SweepTable(
        facts=points[0].run.facts,
        protocol=points[0].run.experiment.protocol,
        cells=tuple(_adjusted(cells)),
        skips=tuple((point.prevalence, skip) for point in points for skip in point.run.skips),
        remarks=tuple(remarks),
        n_failed=sum(len(point.run.failures) for point in points),
    )


def _cells_of(point: SweepPoint) -> list[SweepCell]:
    """Return the cells of one prevalence, by metric and candidate, p-values not yet adjusted."""
    n_splits = len({job.split for job in point.run.jobs})
    scored = score_splits(point.run, point.results, _metrics(point.prevalence))
    cells = []
    for metric in SWEPT:
        values = {
            candidate: [split.values[metric] for split in splits if metric in split.values]
            for candidate, splits in scored.items()
        }
        values = {candidate: row for candidate, row in values.items() if len(row) == n_splits}
        tests = _tests(values, scored)
        for candidate, row in values.items():
            cell = SweepCell(
                prevalence=point.prevalence,
                positives=fmean(s.record.counts_before.positives for s in scored[candidate]),
                candidate=candidate,
                metric=metric,
                mean=fmean(row),
                n_splits=n_splits,
            )
            cells.append(_with_test(cell, tests[candidate]) if candidate in tests else cell)
    return cells


def _metrics(prevalence: float) -> list[Metric]:
    def brier_here(y_true: ArrayLike, y_prob: ArrayLike) -> float:
        """Return the Brier score at the prevalence that was learnt from."""
        return brier_at(y_true, y_prob, prevalence=prevalence)

    own = Metric(
        AT_TRAINING_PREVALENCE,
        brier_here,
        "lower",
        "probabilities",
        "Brier at the training prevalence",
    )
    return [METRICS.lookup(name) if name in METRICS else own for name in SWEPT]


def _tests(
    values: Mapping[Candidate, Sequence[float]],
    scored: Mapping[Candidate, Sequence[ScoredSplit]],
) -> dict[Candidate, PairedTest]:
    """Return the test of each strategy against ``none`` of its model, over the same splits.

    The correction takes the rows that were learnt from, which thinning makes
    fewer, so that it grows with it.
    """
    changes = {
        candidate: [a - b for a, b in zip(row, values[plain], strict=True)]
        for candidate, row in values.items()
        if candidate.strategy != NONE
        and (plain := replace(candidate, strategy=NONE)) in values
        and len(row) > 1
    }
    records = [split.record for candidate in changes for split in scored[candidate]]
    if not records:
        return {}
    ratio = fmean(record.n_test / record.n_train for record in records)
    tests = moderated_paired_tests(list(changes.values()), test_train_ratio=ratio)
    return dict(zip(changes, tests, strict=True))


def _with_test(cell: SweepCell, test: PairedTest) -> SweepCell:
    return replace(
        cell,
        difference=test.difference,
        low=test.low,
        high=test.high,
        p_value=test.p_value,
        gain=-test.difference if is_lower_better(cell.metric) else test.difference,
    )


def _adjusted(cells: Sequence[SweepCell]) -> list[SweepCell]:
    """Return the cells with p-values adjusted by Holm, one family for each metric."""
    found = list(cells)
    for metric in SWEPT:
        family = [
            (position, cell.p_value)
            for position, cell in enumerate(found)
            if cell.metric == metric and cell.p_value is not None
        ]
        adjusted = holm([p_value for _, p_value in family])
        for (position, _), p_value in zip(family, adjusted, strict=True):
            found[position] = replace(found[position], adjusted_p_value=p_value)
    return found
