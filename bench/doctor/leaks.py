"""Columns that tell the outcome, each by itself."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bench.data.canonical import is_numeric
from bench.doctor.adapter_lines import drop_line
from bench.doctor.kinds import finding
from bench.doctor.names import is_after_the_fact, is_outcome, is_status, tells_outcome
from bench.doctor.ranking import auc_bound, column_auc, sample_rows
from bench.domain import Finding
from bench.specs import DatasetSpec

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

LEAK_AUC = 0.95
"""A single column that ranks better than this is taken for a copy of the target."""

STATUS_AUC = 0.8
"""A column with a name such as ``status`` is suspected from here on."""

AFTERWARDS_AUC = 0.6

_ROWS_PER_CLASS = 50_000
_LEAST_COVERAGE = 0.2
_MOST_OF_THE_OTHER = 0.005
_PURITY = 0.99
_LEAST_PURE_ROWS = 25
_CHANCE = 1e-6
_MOST_LEVELS = 200


@dataclass(frozen=True)
class Suspect:
    """A column with how well it ranks, and by which rows that was judged."""

    name: str
    column: pd.Series[Any]
    auc: float
    bound: float


def judge_columns(X: pd.DataFrame, y: NDArray[np.int8]) -> list[Suspect]:
    """Return every column with the ROC-AUC that it has alone, and its lower bound."""
    rows = sample_rows(y, _ROWS_PER_CLASS)
    found = []
    for name in X.columns:
        auc = column_auc(X[name], y, rows)
        found.append(Suspect(str(name), X[name], auc, auc_bound(auc, y[rows])))
    return found


def find_leaks(
    suspects: list[Suspect], y: NDArray[np.int8], spec: DatasetSpec
) -> Iterator[Finding]:
    """Yield what single columns tell of the outcome by their values, gaps and names."""
    for suspect in suspects:
        yield from _by_rank(suspect, spec)
        yield from _by_gaps(suspect, y, spec)
        yield from _by_value(suspect, y, spec)
        yield from _by_name(suspect, spec)


def _by_rank(suspect: Suspect, spec: DatasetSpec) -> Iterator[Finding]:
    if suspect.auc > LEAK_AUC:
        # By few positives even an honest column may come out above it.
        is_certain = suspect.bound > LEAK_AUC
        unsure = "" if is_certain else f" (by these few rows at least {suspect.bound:.3f})"
        yield finding(
            "target-leak",
            f"column {suspect.name!r} alone has ROC-AUC {suspect.auc:.3f}{unsure}: "
            "is it known before the customer leaves?",
            [suspect.name],
            remedy=drop_line(spec, [suspect.name]),
            severity="severe" if is_certain else "warning",
        )


def _by_gaps(suspect: Suspect, y: NDArray[np.int8], spec: DatasetSpec) -> Iterator[Finding]:
    """Yield a finding where nearly only one class has, or lacks, a value."""
    is_filled = suspect.column.notna().to_numpy()
    if is_filled.all():
        return
    n = {label: int((y == label).sum()) for label in (0, 1)}
    filled = {label: int(is_filled[y == label].sum()) for label in (0, 1)}
    who = {0: "stay", 1: "leave"}
    for label, state, count in (
        (1, "filled", filled),
        (0, "filled", filled),
        (1, "missing", {k: n[k] - filled[k] for k in n}),
        (0, "missing", {k: n[k] - filled[k] for k in n}),
    ):
        share, other = count[label] / n[label], count[1 - label] / n[1 - label]
        if share < _LEAST_COVERAGE or other > _MOST_OF_THE_OTHER:
            continue
        if n[1 - label] * math.log1p(-min(share, 1 - 1e-9)) > math.log(_CHANCE):
            continue  # too few rows to tell it from luck
        # Who has gone may lack what others have for honest reasons, such as having come late.
        yield finding(
            "one-class-fill",
            f"column {suspect.name!r} is {state} in {count[label]} of {n[label]} rows of those who "
            f"{who[label]} ({100 * share:.0f} %), and in {count[1 - label]} of {n[1 - label]} of "
            f"those who {who[1 - label]}",
            [suspect.name],
            remedy=drop_line(spec, [suspect.name]),
            severity="severe" if state == "filled" else "warning",
        )
        return


def _by_value(suspect: Suspect, y: NDArray[np.int8], spec: DatasetSpec) -> Iterator[Finding]:
    """Yield a finding where one level belongs to leavers only, or says that they left."""
    import numpy as np

    if is_numeric(suspect.column) or len(suspect.column.cat.categories) > _MOST_LEVELS:
        return
    levels = list(suspect.column.cat.categories)
    codes = suspect.column.cat.codes.to_numpy()
    seen = np.bincount(codes[codes >= 0], minlength=len(levels))
    positives = np.bincount(codes[codes >= 0], weights=y[codes >= 0], minlength=len(levels))
    n_positives = int(y.sum())
    for level, n, k in zip(levels, seen.tolist(), positives.astype(int).tolist(), strict=True):
        is_pure = n >= _LEAST_PURE_ROWS and k >= _PURITY * n and k >= _LEAST_COVERAGE * n_positives
        is_named = tells_outcome(level) and n >= 5 and k / n >= max(0.8, 2 * n_positives / len(y))
        if (is_pure and n_positives < 0.6 * len(y)) or is_named:
            yield finding(
                "outcome-value",
                f"{k} of {n} customers with {suspect.name!r} = {level!r} leave "
                f"({100 * n_positives / len(y):.0f} % do in all)",
                [suspect.name],
                remedy=drop_line(spec, [suspect.name]),
                severity="severe" if is_pure else "warning",
            )
            return


def _by_name(suspect: Suspect, spec: DatasetSpec) -> Iterator[Finding]:
    name = suspect.name
    if is_outcome(name) or (is_status(name) and suspect.bound > STATUS_AUC):
        yield finding(
            "outcome-name",
            f"column {name!r} is called like the outcome or a prediction of it "
            f"(ROC-AUC {suspect.auc:.3f} alone): when is it filled in?",
            [name],
            remedy=drop_line(spec, [name]),
        )
    elif is_after_the_fact(name) and suspect.bound > AFTERWARDS_AUC:
        yield finding(
            "after-the-fact",
            f"column {name!r} is called like something that is known only afterwards, and has "
            f"ROC-AUC {suspect.auc:.3f} alone",
            [name],
            remedy=drop_line(spec, [name]),
        )
