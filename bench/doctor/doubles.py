"""Rows that are there twice, and ids that are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.data.duplicates import duplicate_groups, group_sizes
from bench.doctor.adapter_lines import group_line
from bench.doctor.kinds import finding
from bench.domain import Dataset, Finding

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

PANEL_SHARE = 0.05
"""Where more rows than this are further ones of customers that were met, ids repeat by design."""


@dataclass(frozen=True)
class Doubles:
    """How many rows are like others.

    Attributes
    ----------
    n_repeats : int
        Rows that repeat an earlier one, label included.
    n_rows_with_label, n_rows : int
        Rows that share all features with another one, with the label and
        whatever the label.
    n_conflicts, n_conflicting_rows : int
        Feature vectors that carry both labels, and their rows.
    best_accuracy : float
        The share of rows that a model can be right on at most: in every group
        of equal rows those of the more frequent label.
    """

    n_repeats: int
    n_rows_with_label: int
    n_rows: int
    n_conflicts: int
    n_conflicting_rows: int
    best_accuracy: float


def count_doubles(X: pd.DataFrame, y: NDArray[np.int8]) -> Doubles:
    """Return how many rows share all features with another, with and without the label."""
    import numpy as np

    groups = duplicate_groups(X)
    sizes = group_sizes(groups)
    per_group = np.bincount(groups, weights=y, minlength=len(y)).astype(np.int64)
    n_positives = per_group[groups]
    alike = np.where(y == 1, n_positives, sizes - n_positives)
    is_conflicting = (n_positives > 0) & (n_positives < sizes)
    firsts = np.unique(groups)
    pos, size = per_group[firsts], np.bincount(groups, minlength=len(y))[firsts]
    n_kinds = int((pos > 0).sum() + (size > pos).sum())
    return Doubles(
        n_repeats=len(y) - n_kinds,
        n_rows_with_label=int((alike > 1).sum()),
        n_rows=int((sizes > 1).sum()),
        n_conflicts=len(np.unique(groups[is_conflicting])),
        n_conflicting_rows=int(is_conflicting.sum()),
        best_accuracy=float(np.maximum(pos, size - pos).sum() / len(y)),
    )


def note_doubles(doubles: Doubles, *, n_repeats_in_file: int | None = None) -> Iterator[Finding]:
    """Yield what there is to say of equal rows.

    ``n_repeats_in_file`` is how many rows repeat an earlier one as the file
    spells them, where that has been counted.
    """
    if doubles.n_conflicts:
        subject, verb = (
            ("1 feature vector", "carries")
            if doubles.n_conflicts == 1
            else (f"{doubles.n_conflicts} feature vectors", "carry")
        )
        yield finding(
            "conflicting-labels",
            f"{subject} {verb} both labels ({doubles.n_conflicting_rows} rows): no model can "
            f"reach an accuracy above {100 * doubles.best_accuracy:.2f} %",
            remedy="nothing to declare: columns that would tell these customers apart are missing",
        )
    if doubles.n_repeats:
        spelt = n_repeats_in_file
        as_spelt = "" if spelt in (None, doubles.n_repeats) else f" ({spelt} as the file spells it)"
        n = doubles.n_repeats
        subject = "1 row repeats" if n == 1 else f"{n} rows repeat"
        yield finding(
            "duplicate-rows",
            f"{subject} an earlier one, label included{as_spelt}; "
            f"{doubles.n_rows} rows share all features with another row "
            f"({doubles.n_rows_with_label} of them the label too)",
            remedy="nothing to declare; if they are one customer twice, remove them from the file",
        )


def find_duplicate_ids(dataset: Dataset) -> Iterator[Finding]:
    """Yield a finding where an id is in several rows that nothing keeps together.

    Rows of one id that are equal in all features are kept together anyway.
    """
    import numpy as np
    import pandas as pd

    ids = dataset.ids
    if ids is None or dataset.groups is not None:
        return
    codes, uniques = pd.factorize(ids)
    rows = np.flatnonzero(codes >= 0)
    codes, y = codes[rows], dataset.y[rows]
    sizes = np.bincount(codes, minlength=len(uniques))
    is_shared = sizes > 1
    if not is_shared.any():
        return
    positives = np.bincount(codes, weights=y, minlength=len(uniques))
    n_mixed = int(((positives > 0) & (positives < sizes)).sum())
    kinds = np.unique(np.column_stack([codes, duplicate_groups(dataset.X)[rows]]), axis=0)[:, 0]
    n_apart = int((np.bincount(kinds, minlength=len(uniques)) > 1).sum())
    n_shared, share = int(is_shared.sum()), (len(kinds) - len(uniques)) / len(rows)
    # Customers met again and again, whose outcome goes with them: what is learnt of one row
    # answers the others.
    is_panel = share > PANEL_SHARE and n_mixed < n_shared / 2
    yield finding(
        "duplicate-ids",
        f"{n_shared} values of {str(ids.name)!r} are in more than one row "
        f"({int(sizes[is_shared].sum())} rows), {n_mixed} of them with both labels, {n_apart} with "
        "different features",
        [ids.name],
        remedy=group_line(dataset.spec, ids.name),
        severity="severe" if is_panel else "warning" if n_apart else "note",
    )
