"""What is asked for: candidates, a protocol, and the jobs that come of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal, Protocol

from bench.identity import digest

Tuning = Literal["default", "recommended", "optuna"]
Duplicates = Literal["together", "ignore"]
Importance = Literal["none", "native", "full"]

NUMBERS_VERSION = 2
"""Raise this by hand when a change of ours alters any published figure."""


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
    starts: Mapping[str, tuple[Mapping[str, Any], ...]] = field(default_factory=dict)
    """Model → trials that its studies begin with, learnt from other datasets."""
    starts_from: tuple[str, ...] = ()
    """The datasets they were learnt from."""

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
