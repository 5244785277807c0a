"""The nouns of the project: frozen values that every layer above shares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, Protocol

from bench.dependence import Dependence
from bench.identity import digest
from bench.specs import DatasetSpec, EconomicsSpec

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

Tuning = Literal["default", "recommended", "optuna"]
Origin = Literal["file", "cache", "download", "built-in", "stand-in"]
Status = Literal["ok", "failed"]
Outputs = Literal["probability", "score"]
Duplicates = Literal["together", "ignore"]
Importance = Literal["none", "native", "full"]
Severity = Literal["severe", "warning", "note"]
"""Of a finding: numbers are false, may be misread, or it is just good to know."""
Ending = Literal["planned", "decided", "budget"]
"""Of a run: after all repeats, with one candidate left in the race, or by its time budget."""

NUMBERS_VERSION = 2
"""Raise this by hand when a change of ours alters any published figure."""


# --- data -----------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Dataset:
    """Loaded and checked data.

    Attributes
    ----------
    X : DataFrame of shape (n_samples, n_features)
        Numeric columns are float64 with NaN for missing, categorical columns
        are ``category`` with text levels in sorted order.
    y : ndarray of shape (n_samples,), int8
        1 for the positive class.
    groups : ndarray of shape (n_samples,) or None
        Rows with equal values must stay on one side of every split.
    ids : Series or None
        The customers' identifiers; never a feature, never written to results.
    time : ndarray of shape (n_samples,), float64, or None
        When each row was true: days since 1970-01-01 UTC where the column holds
        dates, else its numbers; never missing.
    digest : str
        SHA-256 of the canonical frame, see `bench.data.canonical`.
    notes : tuple of str
        What a reader of the results must know about this copy of the data.
    part_of_row : ndarray of shape (n_samples,), int64, or None
        Which of ``part_names``, the files of the dataset, a row is from.
    """

    spec: DatasetSpec
    X: pd.DataFrame
    y: NDArray[np.int8]
    digest: str
    origin: Origin
    groups: NDArray[np.int64] | None = None
    ids: pd.Series[Any] | None = None
    time: NDArray[np.float64] | None = None
    notes: tuple[str, ...] = ()
    part_of_row: NDArray[np.int64] | None = None
    part_names: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The adapter's name, which is also the results folder."""
        return self.spec.name


@dataclass(frozen=True)
class Finding:
    """One thing that the doctor noticed about a dataset.

    ``message`` is the evidence in plain words and figures, ``effect`` what it
    does to the numbers, ``remedy`` the line to put into the adapter, or what
    else to do. What ``code`` can be is in `bench.doctor.kinds`.
    """

    severity: Severity
    code: str
    message: str
    columns: tuple[str, ...] = ()
    effect: str = ""
    remedy: str = ""


@dataclass(frozen=True)
class DatasetFacts:
    """What the boards say of the data, without the data."""

    name: str
    title: str
    digest: str
    origin: Origin
    n_samples: int
    n_features: int
    n_positives: int
    features: tuple[str, ...]
    n_duplicate_rows: int = 0
    """Rows that share all features *and* the label with another row."""
    n_grouped_rows: int = 0
    """Rows that share all features with another row, whatever the label."""
    economics: EconomicsSpec = EconomicsSpec()
    findings: tuple[Finding, ...] = ()
    accepted: tuple[str, ...] = ()
    """What ``--accept`` let pass: the code of a finding, or code and column."""
    notes: tuple[str, ...] = ()
    licence: str = ""
    citation: str = ""

    @property
    def prevalence(self) -> float:
        """Positives divided by rows."""
        return self.n_positives / self.n_samples

    def is_accepted(self, finding: Finding) -> bool:
        """Whether ``--accept`` let ``finding`` pass, by its code or by code and a column."""
        codes = {finding.code, *(f"{finding.code}:{column}" for column in finding.columns)}
        return bool(codes & set(self.accepted))

    @property
    def is_standin(self) -> bool:
        """Whether this is the built-in imitation and not the real table."""
        return self.origin == "stand-in"


# --- what is asked for ----------------------------------------------------------------


@dataclass(frozen=True, order=True)
class Candidate:
    """One leaderboard row: what is compared.

    ``repair`` (of the probabilities) and ``decision`` (which rule sets the
    threshold) act on stored scores, after the fit: they are no part of a job,
    and rows that differ in nothing else share their fits.
    """

    model: str
    strategy: str = "none"
    tuning: Tuning = "default"
    preparation: str = "encoded"
    repair: str = "none"
    decision: str = "f1"

    @property
    def fitted(self) -> Candidate:
        """The candidate whose fits this row is made of."""
        return replace(self, repair="none", decision="f1")

    def __str__(self) -> str:
        parts = [self.model, self.strategy, self.tuning]
        if self.preparation != "encoded":
            parts.append(self.preparation)
        if self.repair != "none":
            parts.append(self.repair)
        if self.decision != "f1":
            parts.append(f"by-{self.decision}")
        return "+".join(parts)


@dataclass(frozen=True, order=True)
class Split:
    """A coordinate in the repeated cross-validation, not row numbers."""

    repeat: int
    fold: int


@dataclass(frozen=True)
class EvalProtocol:
    """Everything outside a candidate that can change a number."""

    folds: int = 5
    repeats: int = 1
    seed: int = 0
    threads: int = 1
    duplicates: Duplicates = "together"
    metric: str = "roc_auc"
    inner_folds: int = 3
    trials: int = 12
    train_prevalence: float | None = None
    """To what share of positives training rows are thinned; None leaves them as they are."""
    split: str = "random"
    """``random``, ``time:COLUMN`` or ``group:COLUMN`` (random, each group on one side)."""

    @property
    def is_by_time(self) -> bool:
        """Whether every fold tests the period that follows its training rows."""
        return self.split.startswith("time")

    @property
    def splits(self) -> tuple[Split, ...]:
        """All coordinates, repeats first."""
        return tuple(Split(r, f) for r in range(self.repeats) for f in range(self.folds))


@dataclass(frozen=True)
class Experiment:
    """What was asked for: a dataset, candidates, a protocol.

    ``choices`` are the strategies among which ``auto`` may choose. With
    ``race`` or ``budget_seconds`` the protocol's repeats are the most there may
    be: candidates that are behind for certain stop early, and a budget counts
    from the start of the command to the written boards.
    """

    dataset: str
    candidates: tuple[Candidate, ...]
    protocol: EvalProtocol = EvalProtocol()
    choices: tuple[str, ...] = ()
    preset: str = ""
    importance: Importance = "full"
    rank_by: str = "roc_auc"
    race: bool = False
    budget_seconds: float | None = None

    @property
    def budget(self) -> str:
        """The time budget in words, such as ``1 h 30 min``; nothing where there is none."""
        if self.budget_seconds is None:
            return ""
        if self.budget_seconds < 60:
            return f"{self.budget_seconds:g} s"
        left = round(self.budget_seconds)
        parts = []
        for unit, size in (("h", 3600), ("min", 60), ("s", 1)):
            n, left = divmod(left, size)
            parts += [f"{n} {unit}"] if n else []
        return " ".join(parts)

    @property
    def out_of_time(self) -> str:
        """Why a candidate is left out where the budget did not reach to it."""
        return f"not run: the budget of {self.budget} was used up"

    starts: Mapping[str, tuple[Mapping[str, Any], ...]] = field(default_factory=dict)
    """Model → trials that its studies begin with, learnt from other datasets."""
    starts_from: tuple[str, ...] = ()
    """The datasets they were learnt from."""


@dataclass(frozen=True)
class Job:
    """The unit of work: one candidate on one split.

    Its ``id`` is a digest of everything that can change its numbers and of
    nothing else, so that a stored record with that id is always the right one.
    The number of repeats is not in it; trials, inner folds and the choices of
    ``auto`` are only when there is a study.
    """

    dataset_digest: str
    candidate: Candidate
    split: Split
    folds: int
    seed: int
    threads: int = 1
    duplicates: Duplicates = "together"
    metric: str = ""
    inner_folds: int = 0
    trials: int = 0
    choices: tuple[str, ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)
    plugin_digest: str = ""
    numbers_version: int = NUMBERS_VERSION
    train_prevalence: float | None = None
    starts: tuple[Mapping[str, Any], ...] = ()
    """Trials that the study begins with beside the model's own start."""
    order_digest: str = ""
    """In a split by time: of the order of the rows, which is no part of the dataset's digest."""

    @property
    def is_by_time(self) -> bool:
        """Whether the split's test rows are the period that follows its training rows."""
        return bool(self.order_digest)

    @cached_property
    def id(self) -> str:
        """Twenty hexadecimal digits of the digest of all fields.

        The last three fields count only where they are used, so that all other
        jobs keep the ids that they had before these existed.
        """
        from bench.serial import to_json

        fields = to_json(self)
        if self.train_prevalence is None:
            del fields["train_prevalence"]
        if not self.starts:
            del fields["starts"]
        if not self.order_digest:
            del fields["order_digest"]
        return digest("job", fields)[:20]


@dataclass(frozen=True)
class Skip:
    """A candidate that does not apply, and why."""

    candidate: Candidate
    reason: str


@dataclass(frozen=True)
class Stop:
    """A candidate whose fits a race stopped, after how many repeats, and why.

    ``difference`` is (candidate − the leader ``behind`` which it was) in
    ``metric`` over those repeats, ``p_value`` that of the test after all its
    corrections; nothing at or above ``level`` stops.
    """

    candidate: Candidate
    repeats: int
    behind: Candidate
    metric: str
    difference: float
    p_value: float
    level: float


class Trial(Protocol):
    """The part of an Optuna trial that a search space uses."""

    def suggest_float(self, name: str, low: float, high: float, *, log: bool = False) -> float:
        """Return a number in [low, high], on a logarithmic scale if ``log``."""
        ...

    def suggest_int(self, name: str, low: int, high: int, *, log: bool = False) -> int:
        """Return a whole number in [low, high]."""
        ...

    def suggest_categorical(self, name: str, choices: tuple[Any, ...]) -> Any:
        """Return one of ``choices``."""
        ...


# --- what came of it ------------------------------------------------------------------


@dataclass(frozen=True)
class ClassCounts:
    """How many rows of each class a learner was given."""

    negatives: int
    positives: int


@dataclass(frozen=True)
class Record:
    """What came of a Job.

    ``seconds`` has the keys ``prepare, resample, tune, fit, predict, explain``
    (CPU seconds; shared work counts in full for every job that used it).
    ``importance`` maps method → the user's own column → value.
    """

    job: Job
    status: Status
    outputs: Outputs = "probability"
    n_train: int = 0
    n_test: int = 0
    counts_before: ClassCounts = ClassCounts(0, 0)
    counts_after: ClassCounts = ClassCounts(0, 0)
    learned_prevalence: float = 0.0
    """The share of positives that the learner met, weights counted."""
    selected: tuple[str, ...] = ()
    """The user's columns that a feature selection kept; empty where there was none."""
    params: Mapping[str, Any] = field(default_factory=dict)
    strategy_params: Mapping[str, Any] = field(default_factory=dict)
    chosen_strategy: str = ""
    best_iteration: int | None = None
    seconds: Mapping[str, float] = field(default_factory=dict)
    peak_memory_mb: float = 0.0
    importance: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    explained: Importance = "none"
    dependence: Mapping[str, Dependence] = field(default_factory=dict)
    """Of the features with the largest SHAP values; records of older versions have none."""
    messages: tuple[str, ...] = ()
    error: str = ""


@dataclass(frozen=True, eq=False)
class Predictions:
    """The scores of every test row of one job, and the inner out-of-fold ones of a search.

    Attributes
    ----------
    rows : ndarray of shape (n_test,), int32
        Row numbers in the dataset.
    y : ndarray of shape (n_test,), int8
    score : ndarray of shape (n_test,), float64
        Probabilities of the positive class, or scores, see `Record.outputs`.
    inner_y, inner_score : ndarray of shape (n_train,) or of shape (0,)
        Labels and out-of-fold scores of the training rows at the chosen trial.
    """

    rows: NDArray[np.int32]
    y: NDArray[np.int8]
    score: NDArray[np.float64]
    inner_y: NDArray[np.int8]
    inner_score: NDArray[np.float64]


@dataclass(frozen=True)
class Result:
    """A record with its predictions, where it has any."""

    record: Record
    predictions: Predictions | None


@dataclass(frozen=True)
class Run:
    """What was asked, on what, by which versions, with what outcome: ``run.json``.

    ``jobs`` are those that the boards stand on: without those that a race
    saved, or that a time budget cut.
    """

    experiment: Experiment
    facts: DatasetFacts
    jobs: tuple[Job, ...]
    skips: tuple[Skip, ...]
    stopped: tuple[Stop, ...] = ()
    ending: Ending = "planned"
    failures: Mapping[str, str] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    machine: Mapping[str, Any] = field(default_factory=dict)
    code: Mapping[str, str] = field(default_factory=dict)
    """Module → digest of its code, see `bench.environment.code_digests`."""
    commit: str = ""
    command: str = ""
    started_at: str = ""
    seconds: float = 0.0
    n_fitted: int = 0
    n_reused: int = 0
    is_interrupted: bool = False
    schema_version: int = 1

    @property
    def candidates(self) -> tuple[Candidate, ...]:
        """The rows of the board: what was asked for and does apply."""
        skipped = {skip.candidate for skip in self.skips}
        return tuple(c for c in self.experiment.candidates if c not in skipped)

    @property
    def n_repeats(self) -> int:
        """How many repeats were run; of a race or with a budget fewer than the protocol allows."""
        return len({job.split.repeat for job in self.jobs})


# --- the answer -----------------------------------------------------------------------


@dataclass(frozen=True)
class Score:
    """Mean over splits, spread over splits, and a corrected 95 % interval of the mean."""

    mean: float
    std: float
    low: float
    high: float


@dataclass(frozen=True)
class BoardRow:
    """One candidate on the board; a metric that does not apply is absent from ``scores``."""

    candidate: Candidate
    status: Literal["complete", "stopped", "partial", "failed", "missing"]
    n_splits: int
    coverage: float
    rank: int | None = None
    is_tied_with_best: bool = False
    """Whether the run cannot tell the row from the first one."""
    is_equivalent_to_best: bool = False
    """Whether the run shows the row to be within the board's margin of the first one."""
    p_best: float | None = None
    """The chance that the row is the best of the ranked ones, by the bootstrap."""
    difference_low: float | None = None
    difference_high: float | None = None
    scores: Mapping[str, Score] = field(default_factory=dict)
    counts_before: tuple[float, float] = (0.0, 0.0)
    counts_after: tuple[float, float] = (0.0, 0.0)
    costs: Mapping[str, float] = field(default_factory=dict)
    outputs: Outputs = "probability"
    note: str = ""
    """What a reader must know of this row, such as a target that cannot be reached."""
    address: str = ""
    """A digest of what makes the row, see `bench.analysis.addresses`."""


@dataclass(frozen=True)
class Leaderboard:
    """Rows in board order, and what a reader needs to judge them."""

    run: Run
    rank_by: str
    rows: tuple[BoardRow, ...]
    n_splits: int
    resolvable_difference: float | None = None
    threshold_optimism: float | None = None
    n_optimism: int = 0
    equivalence_margin: float | None = None
    """Differences up to here do not matter, in the unit of the metric that ranks."""
    repeats_to_separate: int | None = None
    """Repeats that would tell the first two rows apart; 0 where no number up to 100 would,
    ``None`` where they are told apart already or nothing was tested."""
    expected_of_selection: float | None = None
    """What choosing the first row by its own figure can be expected to give."""
