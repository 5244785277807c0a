"""Refuses splits that leave some part of them without one of the classes, before any fit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bench.domain import Job, Split
from bench.errors import UsageError
from bench.evaluation.fitting import parts_of
from bench.evaluation.splits import OUTER, Part, PartKind, Splitter, assign_periods
from bench.evaluation.thinning import count_kept

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def check_periods(y: NDArray[np.int8], ranks: NDArray[np.int64], *, folds: int, inner: int) -> None:
    """Refuse periods that lack a class, the inner ones of the shortest training set included.

    Raises
    ------
    UsageError
        If a period is all churn, all stay, or empty.
    """
    import numpy as np

    periods = assign_periods(ranks, folds + 1)
    first = periods == 0
    _check_classes(y, periods, folds + 1, "--folds")
    if inner:
        nested = assign_periods(ranks[first], inner + 1)
        _check_classes(y[np.flatnonzero(first)], nested, inner + 1, "--inner-folds")


def _check_classes(
    y: NDArray[np.int8], periods: NDArray[np.int16], n_periods: int, flag: str
) -> None:
    import numpy as np

    counts = np.zeros((n_periods, 2), dtype=int)
    np.add.at(counts, (periods, y), 1)
    for number in np.flatnonzero(counts.min(axis=1) == 0).tolist():
        negatives, positives = counts[number]
        raise UsageError(
            f"period {number + 1} of {n_periods} has {positives} positives and {negatives} "
            "negatives, and each class must be in every period",
            hint=f"use fewer, longer periods ({flag}), or --split random",
        )


_WAYS_OUT: dict[PartKind, str] = {
    "outer": "use fewer folds (--folds)",
    "stop": "leave recommended out of --tuning",
    "inner": "use fewer inner folds (--inner-folds), leave optuna out of --tuning",
}


def check_folds(
    y: NDArray[np.int8], groups: NDArray[np.int64], jobs: Sequence[Job], *, remedy: str
) -> None:
    """Refuse folds of ``jobs`` that whole groups leave without a class, parts of them included.

    The repeats before the one that is refused have both classes everywhere.

    Parameters
    ----------
    y, groups : ndarray of shape (n_samples,)
    jobs : sequence of Job
        Of one protocol, at least one.
    remedy : str
        The last of the ways out.

    Raises
    ------
    UsageError
        With the part that lacks a class.
    """
    import numpy as np

    first = jobs[0]
    in_turn = sorted(jobs, key=lambda job: job.split.repeat)
    wanted = dict.fromkeys((job.split, part) for job in in_turn for part in parts_of(job))
    if _are_groups_small(y, groups, first, most_parts=max(part.n_parts for _, part in wanted)):
        return
    splitter = Splitter(
        y, groups, folds=first.folds, seed=first.seed, train_prevalence=first.train_prevalence
    )
    index = np.unique(groups, return_inverse=True)[1]
    n_sure: dict[Split, int] = {}
    for split, part in wanted:
        train, _ = splitter.rows(split)
        if part != OUTER:
            if split not in n_sure:
                n_sure[split] = _count_sure_parts(y[train], index[train])
            if part.n_parts <= n_sure[split]:
                continue
        hint = f"{_WAYS_OUT[part.kind]}, or {remedy}"
        if split.repeat:
            hint = f"use --repeats {split.repeat} (finished fits are kept), {hint}"
        if part != OUTER and _counts(y, train).min() < part.n_parts:
            raise UsageError(
                f"{_name(first, split, OUTER)} learns from {_told(y, train)}, too few of a class "
                f"to divide by {part.n_parts}",
                hint=hint,
            )
        for rows, verb in zip(splitter.rows(split, part), ("learns from", "has"), strict=True):
            if _counts(y, rows).min() == 0:
                raise UsageError(
                    f"{_name(first, split, part)} {verb} {_told(y, rows)}, and each class must be "
                    "there",
                    hint=hint,
                )


def _are_groups_small(
    y: NDArray[np.int8], groups: NDArray[np.int64], job: Job, *, most_parts: int
) -> bool:
    """Return whether no group is as large as any part's share of the rarer class.

    A part then has some of both: it strays from its share by the largest group at most.
    """
    import numpy as np

    largest = int(np.unique(groups, return_counts=True)[1].max())
    counts = np.bincount(y, minlength=2)
    fewest_tested = int(counts.min()) // job.folds
    left: list[int] = (counts - -(-counts // job.folds) - largest).tolist()
    negatives, positives = left
    if job.train_prevalence is not None:
        positives = count_kept(positives, negatives, job.train_prevalence)
    return largest < min(fewest_tested, min(negatives, positives) // most_parts)


def _count_sure_parts(y: NDArray[np.int8], groups: NDArray[np.int64]) -> int:
    """Return into how many parts `assign_folds` surely divides these rows with both classes each.

    Of either class, as many groups of it alone are enough, be they single rows or of several:

    - A part without a class lacks its whole share of it, which is at most a row less than
      another's. A group of several rows of that class alone goes where most is lacking, so
      every other part takes one of them at most before this part has its own.
    - Single rows go where they are lacking, and are taken from the fullest where there are
      too few; this part gets none only if no part gets two.

    Parameters
    ----------
    y : ndarray of shape (n_train,)
    groups : ndarray of shape (n_train,)
        Numbers from 0, some of which may be missing.
    """
    import numpy as np

    sizes = np.bincount(groups)
    positives = np.bincount(groups, weights=y)
    sure = []
    for is_pure in (positives == 0, positives == sizes):
        n_single = int((is_pure & (sizes == 1)).sum())
        n_several = int((is_pure & (sizes > 1)).sum())
        sure.append(max(n_single, n_several))
    return min(sure)


def _name(job: Job, split: Split, part: Part) -> str:
    fold = f"fold {split.fold + 1} of {job.folds}"
    if split.repeat:
        fold += f" of repeat {split.repeat + 1}"
    if part.kind == "inner":
        return f"inner fold {part.fold + 1} of {part.folds} in {fold}"
    return f"early stopping in {fold}" if part.kind == "stop" else fold


def _counts(y: NDArray[np.int8], rows: NDArray[np.int64]) -> NDArray[np.int64]:
    import numpy as np

    return np.bincount(y[rows], minlength=2)


def _told(y: NDArray[np.int8], rows: NDArray[np.int64]) -> str:
    negatives, positives = _counts(y, rows).tolist()
    return f"{positives} positives and {negatives} negatives"
