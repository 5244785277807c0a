"""What came of it: the record of each job, the run, and the board."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from bench.dependence import Dependence
from bench.domain.asked import Candidate, Experiment, Importance, Job, Skip, Stop
from bench.domain.data import DatasetFacts

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Status = Literal["ok", "failed"]
Outputs = Literal["probability", "score"]
Ending = Literal["planned", "decided", "budget"]
"""Of a run: after all repeats, with one candidate left in the race, or by its time budget."""
UNEXPLAINED = "no importance by "
"""What the message of a record begins with that names a method which failed to explain a fit."""


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

    @property
    def candidates(self) -> tuple[Candidate, ...]:
        """The rows of the board: what was asked for and does apply."""
        skipped = {skip.candidate for skip in self.skips}
        return tuple(c for c in self.experiment.candidates if c not in skipped)

    @property
    def n_repeats(self) -> int:
        """How many repeats were run; of a race or with a budget fewer than the protocol allows."""
        return len({job.split.repeat for job in self.jobs})


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
