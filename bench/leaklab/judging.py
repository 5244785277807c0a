"""From leaky and honest scores to what each mistake adds, and how sure that is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from statistics import fmean
from typing import TYPE_CHECKING

from bench.analysis.multiplicity import holm
from bench.analysis.statistics import corrected_paired_test, corrected_unpaired_test
from bench.decisions import cross_fitted_thresholds, cumulative_counts, from_zero, threshold_by_f1
from bench.domain import DatasetFacts, Outputs, Split
from bench.leaklab.catalogue import Mistake
from bench.metrics import METRICS, Inputs, compute_all

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

JUDGED = (
    "roc_auc",
    "average_precision",
    "f1_at_05",
    "f1",
    "accuracy_at_05",
    "accuracy",
    "brier",
)
LEVEL = 0.05
LOWER_IS_BETTER = ("brier",)
CEILINGS = ("f1", "accuracy", "balanced_accuracy", "mcc", "g_mean")
"""Of these there is also the most that any threshold reaches on the very rows: ``best_f1``, ..."""

Values = Mapping[str, tuple[float, ...]]
"""Metric → its value on every split, in order."""


@dataclass(frozen=True, eq=False)
class Tested:
    """Labels and scores of the test rows of one split."""

    y: NDArray[np.int8]
    score: NDArray[np.float64]


Fits = Mapping[Split, Tested]


@dataclass(frozen=True)
class Inflation:
    """What a mistake adds to one metric: means over splits, leaky less honest.

    ``low`` and ``high`` bound the corrected 95 % interval of the difference;
    ``adjusted_p_value`` is that of the same test after Holm's correction for
    all rows of the table with this metric.
    """

    honest: float
    leaky: float
    difference: float
    low: float
    high: float
    p_value: float
    adjusted_p_value: float = 1.0

    @property
    def is_alone_beyond_noise(self) -> bool:
        """Whether the interval leaves out 0, this row taken alone."""
        return self.low > 0 or self.high < 0

    @property
    def is_beyond_noise(self) -> bool:
        """Whether the difference holds up among all rows of the table, at 5 %."""
        return self.adjusted_p_value < LEVEL


@dataclass(frozen=True)
class Reference:
    """An honest candidate: part of what can be reached without any mistake."""

    candidate: str
    model: str
    values: Values


@dataclass(frozen=True)
class LabRow:
    """One mistake made with one model, and the same without it.

    ``honest_candidate`` says what the honest figures are those of;
    ``is_paired`` whether both test on the same rows, split by split.
    """

    mistake: str
    model: str
    honest_candidate: str
    leaky: Values
    honest: Values
    is_paired: bool = True
    inflation: Mapping[str, Inflation] = field(default_factory=dict)


@dataclass(frozen=True)
class LeftOut:
    """A mistake that could not be made with a model, and why."""

    mistake: str
    model: str
    reason: str
    is_failure: bool = False


@dataclass(frozen=True)
class LabTable:
    """The answer of the lab."""

    facts: DatasetFacts
    folds: int
    repeats: int
    seed: int
    models: tuple[str, ...]
    mistakes: tuple[Mistake, ...]
    references: tuple[Reference, ...]
    rows: tuple[LabRow, ...]
    left_out: tuple[LeftOut, ...]
    versions: Mapping[str, str] = field(default_factory=dict)
    source: str = ""
    """A digest of the lab's code."""

    @property
    def n_splits(self) -> int:
        """How many splits every figure is a mean of."""
        return self.folds * self.repeats

    @property
    def n_failed(self) -> int:
        """How many mistakes failed that should have worked."""
        return sum(one.is_failure for one in self.left_out)

    def rows_of(self, mistake: str) -> tuple[LabRow, ...]:
        """Return the rows of a mistake, one for each model."""
        return tuple(row for row in self.rows if row.mistake == mistake)


def gain(metric: str, difference: float) -> float:
    """Return a difference in the metric's better direction."""
    return -difference if metric in LOWER_IS_BETTER else difference


def judge(fits: Fits, outputs: Outputs, *, on_test: bool = False) -> dict[str, tuple[float, ...]]:
    """Return every metric on every split.

    Parameters
    ----------
    fits : mapping of Split to Tested
    outputs : {"probability", "score"}
        Metrics that do not apply are left out.
    on_test : bool
        Make the mistake of choosing each threshold on the rows that it is
        reported for. Otherwise it comes from the other folds of the same
        repeat, as on every board.
    """
    metrics = [METRICS.lookup(name) for name in JUDGED]
    thresholds = _thresholds(fits, on_test=on_test)
    found: dict[str, list[float]] = defaultdict(list)
    for split in sorted(fits):
        tested = fits[split]
        inputs = Inputs(tested.y, tested.score, outputs, threshold=thresholds[split])
        for name, value in compute_all(inputs, metrics).items():
            found[name].append(value)
        for name, value in ceilings(tested.y, tested.score).items():
            found[name].append(value)
    return {name: tuple(values) for name, values in found.items()}


def _thresholds(fits: Fits, *, on_test: bool) -> dict[Split, float]:
    if on_test:
        return {split: threshold_by_f1(one.y, one.score) for split, one in fits.items()}
    found: dict[Split, float] = {}
    for repeat in sorted({split.repeat for split in fits}):
        splits = sorted(split for split in fits if split.repeat == repeat)
        cuts = cross_fitted_thresholds([(fits[split].y, fits[split].score) for split in splits])
        found.update(zip(splits, cuts, strict=True))
    return found


def ceilings(y: NDArray[np.int8], score: NDArray[np.float64]) -> dict[str, float]:
    """Return the most that any threshold gives on these very rows, for each of `CEILINGS`.

    No threshold is that good on rows which it has not seen, so that a figure
    above these is out of reach however it was decided.
    """
    import numpy as np

    _, tp, fp = cumulative_counts(y, score)
    hits, wrong = from_zero(tp).astype(np.float64), from_zero(fp).astype(np.float64)
    n_positives, n_negatives = hits[-1], wrong[-1]
    recall, spared = hits / n_positives, 1 - wrong / n_negatives
    predicted = hits + wrong
    product = predicted * (n_positives + n_negatives - predicted) * n_positives * n_negatives
    covariance = hits * n_negatives - wrong * n_positives
    curves = {
        "f1": 2 * hits / (predicted + n_positives),
        "accuracy": (hits + n_negatives - wrong) / (n_positives + n_negatives),
        "balanced_accuracy": (recall + spared) / 2,
        "mcc": covariance / np.sqrt(np.where(product > 0, product, np.inf)),
        "g_mean": np.sqrt(recall * spared),
    }
    return {f"best_{name}": float(curves[name].max()) for name in CEILINGS}


def compare(row: LabRow, *, folds: int) -> dict[str, Inflation]:
    """Return what the mistake of ``row`` adds to each metric.

    The interval is that of the corrected resampled t-test (Nadeau & Bengio
    2003): splits share training rows, and the variance is raised for it. Where
    a mistake changes who is tested on, its splits have no partners: the two
    sets are compared as independent ones. Each row stands alone; `adjusted` looks
    at all of them.
    """
    ratio = 1 / (folds - 1)
    found = {}
    for name in JUDGED:
        if name not in row.leaky or name not in row.honest:
            continue
        leaky, honest = row.leaky[name], row.honest[name]
        if row.is_paired:
            changes = [a - b for a, b in zip(leaky, honest, strict=True)]
            test = corrected_paired_test(changes, test_train_ratio=ratio)
        else:
            test = corrected_unpaired_test(honest, leaky, test_train_ratios=(ratio, ratio))
        found[name] = Inflation(
            honest=fmean(honest),
            leaky=fmean(leaky),
            difference=test.difference,
            low=test.low,
            high=test.high,
            p_value=test.p_value,
        )
    return found


def adjusted(rows: Sequence[LabRow]) -> tuple[LabRow, ...]:
    """Return the rows with p-values adjusted by Holm, one family for each metric."""
    found = [dict(row.inflation) for row in rows]
    for name in JUDGED:
        family = [inflation for inflation in found if name in inflation]
        p_values = holm([inflation[name].p_value for inflation in family])
        for inflation, p_value in zip(family, p_values, strict=True):
            inflation[name] = replace(inflation[name], adjusted_p_value=p_value)
    return tuple(replace(row, inflation=one) for row, one in zip(rows, found, strict=True))


def mean_of(values: Values, metric: str) -> float | None:
    """Return the mean over splits, None where the metric does not apply."""
    return fmean(values[metric]) if metric in values else None
