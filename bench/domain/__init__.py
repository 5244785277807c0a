"""The nouns of the project: frozen values that every layer above shares."""

from __future__ import annotations

from bench.domain.answered import (
    BoardRow,
    ClassCounts,
    Ending,
    Leaderboard,
    Outputs,
    Predictions,
    Record,
    Result,
    Run,
    Score,
    Status,
)
from bench.domain.asked import (
    NUMBERS_VERSION,
    Candidate,
    Duplicates,
    EvalProtocol,
    Experiment,
    Importance,
    Job,
    Skip,
    Split,
    Stop,
    Trial,
    Tuning,
)
from bench.domain.data import (
    Dataset,
    DatasetFacts,
    Finding,
    Origin,
    Severity,
)

__all__ = [
    "NUMBERS_VERSION",
    "BoardRow",
    "Candidate",
    "ClassCounts",
    "Dataset",
    "DatasetFacts",
    "Duplicates",
    "Ending",
    "EvalProtocol",
    "Experiment",
    "Finding",
    "Importance",
    "Job",
    "Leaderboard",
    "Origin",
    "Outputs",
    "Predictions",
    "Record",
    "Result",
    "Run",
    "Score",
    "Severity",
    "Skip",
    "Split",
    "Status",
    "Stop",
    "Trial",
    "Tuning",
]
