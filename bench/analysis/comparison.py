"""Two runs on the same data: what got better, worse, stayed the same, or cannot be told.

Where both judged their candidates on the same rows of the same splits, the
differences are paired; otherwise the two means are compared, which can show
less. Either way the errors are corrected for shared training rows, and the
p-values by Holm over all candidates that were tested.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean
from typing import TYPE_CHECKING, Literal

from bench.analysis.effects import Scored, margin_of
from bench.analysis.multiplicity import holm
from bench.analysis.racing import shared_repeats
from bench.analysis.rivals import rivals
from bench.analysis.scoring import ScoredSplit, score_splits, split_ratio
from bench.analysis.statistics import (
    LEVEL,
    PairedTest,
    corrected_unpaired_test,
    equivalence_p_value,
    moderated_paired_tests,
)
from bench.domain import Candidate, Result, Run, Split
from bench.errors import UsageError
from bench.metrics import METRICS, Metric
from bench.serial import to_json

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

Outcome = Literal["better", "worse", "undecided", "equivalent", "identical"]
OUTCOMES: tuple[Outcome, ...] = ("worse", "better", "undecided", "equivalent", "identical")
"""In the order in which a reader wants to know them."""


@dataclass(frozen=True, eq=False)
class Side:
    """One of the two runs, with its stored results.

    ``values`` is what each customer is worth a month, see `Store.read_values`.
    """

    name: str
    run: Run
    results: Mapping[str, Result]
    values: ArrayLike | None = None


@dataclass(frozen=True)
class ComparedRow:
    """One candidate that both runs have.

    Attributes
    ----------
    first, second : float
        Its means, over the splits that are compared.
    outcome : str
        Of the second against the first run. ``identical``: all predictions are
        the same. ``equivalent``: two one-sided tests at 5 % put the difference
        within the margin. ``better`` and ``worse``: a difference beyond noise
        after Holm, and not shown to be too small to matter.
    difference, low, high : float or None
        Mean of (second − first) in the metric's own unit, with its corrected
        95 % interval, which is of this candidate alone. Without an interval
        where there is a single split.
    p_value, adjusted_p_value, equivalence_p_value : float or None
        Of no difference, the same after Holm, and of a difference beyond the
        margin; ``None`` where nothing was tested.
    """

    candidate: Candidate
    outcome: Outcome
    first: float
    second: float
    difference: float
    low: float | None = None
    high: float | None = None
    p_value: float | None = None
    adjusted_p_value: float | None = None
    equivalence_p_value: float | None = None


@dataclass(frozen=True)
class Comparison:
    """What the second run changes against the first.

    Attributes
    ----------
    names : (str, str)
        Of the two runs.
    metric : str
    margin : float
        Differences up to here do not matter.
    is_paired : bool
    n_splits : (int, int)
        How many splits of each are compared.
    rows : tuple of ComparedRow
        By outcome in the order of `OUTCOMES`, then by the size of the difference.
    only_first, only_second : tuple of Candidate
        What the other run did not ask for, or could not do.
    incomplete : tuple of Candidate
        In both, but not judged by the metric on all splits that are compared.
    without_metric : tuple of Candidate
        In both with all those splits, but without figures of the metric: of
        probabilities where they have none.
    remarks : tuple of str
        What a reader must know, such as why nothing is paired.
    changes : tuple of (str, str, str)
        What differs between the runs, and what it is in each: protocol,
        versions, commit.
    """

    names: tuple[str, str]
    metric: str
    margin: float
    is_paired: bool
    n_splits: tuple[int, int]
    rows: tuple[ComparedRow, ...]
    only_first: tuple[Candidate, ...] = ()
    only_second: tuple[Candidate, ...] = ()
    incomplete: tuple[Candidate, ...] = ()
    without_metric: tuple[Candidate, ...] = ()
    remarks: tuple[str, ...] = ()
    changes: tuple[tuple[str, str, str], ...] = ()

    def count(self, outcome: Outcome) -> int:
        """Return how many candidates came out so."""
        return sum(row.outcome == outcome for row in self.rows)


def compare_runs(
    first: Side, second: Side, *, metric: str, margin: float | None = None
) -> Comparison:
    """Return what the second run changes against the first, candidate by candidate.

    Of races the repeats are compared that all candidates took part in. Rows
    that differ from others after the fit only are left out where that changes
    nothing in ``metric``.

    Parameters
    ----------
    first, second : Side
        Two runs on the same data. Both are judged at the amounts of the first.
    metric : str
    margin : float, optional
        Above 0; that of the board where it is not given, see `margin_of`.

    Raises
    ------
    UnknownNameError
        If ``metric`` is no metric.
    UsageError
        If the runs are of different data.
    """
    _check_data(first, second)
    chosen = METRICS.lookup(metric)
    old, new = (_judged_alike(side.run, first.run) for side in (first, second))
    scored = (
        score_splits(old, first.results, [chosen], values=first.values),
        score_splits(new, second.results, [chosen], values=second.values),
    )
    shared = _shared_splits(*scored)
    used = tuple(shared or {job.split for job in run.jobs} for run in (old, new))
    asked_old, asked_new = (rivals(run.candidates, chosen) for run in (old, new))
    in_both = sorted(asked_old & asked_new)
    pairs = [_Pair(row, *_figures(row, scored, used, metric=metric)) for row in in_both]
    complete = [p for p in pairs if (len(p.old), len(p.new)) == (len(used[0]), len(used[1]))]
    lacking = [pair for pair in pairs if pair not in complete]
    unjudged = {p.candidate for p in lacking if _is_unjudged(p, scored, used)}
    margin = margin or margin_of(metric, max((abs(fmean(p.old)) for p in complete), default=0.0))
    ratios = (split_ratio(old), split_ratio(new))
    same = _identical(complete, scored, shared)
    tests = _tests([p for p in complete if p.candidate not in same], ratios, is_paired=bool(shared))
    rows = _rows(complete, same, tests, metric=chosen, margin=margin)
    return Comparison(
        names=(first.name, second.name),
        metric=metric,
        margin=margin,
        is_paired=bool(shared),
        n_splits=(len(used[0]), len(used[1])),
        rows=tuple(sorted(rows, key=_place)),
        only_first=tuple(sorted(asked_old - asked_new)),
        only_second=tuple(sorted(asked_new - asked_old)),
        incomplete=tuple(p.candidate for p in lacking if p.candidate not in unjudged),
        without_metric=tuple(p.candidate for p in lacking if p.candidate in unjudged),
        remarks=tuple(_remarks(first, second, chosen, used=used, is_paired=bool(shared))),
        changes=tuple(_changes(first.run, second.run)),
    )


def _check_data(first: Side, second: Side) -> None:
    """Refuse two tables: a difference between them would be one of the customers."""
    old, new = first.run.facts, second.run.facts
    if old.digest != new.digest:
        raise UsageError(
            f"{first.name} and {second.name} are of different data: {old.name} "
            f"({old.digest[:12]}) and {new.name} ({new.digest[:12]})",
            hint="compare two runs on one table; over several tables candidates are compared by: "
            "python -m bench leaderboard --all-datasets",
        )


def _judged_alike(run: Run, first: Run) -> Run:
    """Return the part of ``run`` that can be compared, at the amounts of ``first``."""
    facts = replace(run.facts, economics=first.facts.economics)
    return shared_repeats(replace(run, facts=facts))


# --- what is compared -----------------------------------------------------------------


@dataclass(frozen=True)
class _Pair:
    """The figures of one candidate in both runs, in the order of the splits."""

    candidate: Candidate
    old: tuple[float, ...]
    new: tuple[float, ...]


def _shared_splits(old: Scored, new: Scored) -> set[Split]:
    """Return the splits that both runs judged on the same test rows."""
    import numpy as np

    rows_of_old, rows_of_new = (_rows_of_splits(scored) for scored in (old, new))
    return {
        split
        for split in rows_of_old.keys() & rows_of_new.keys()
        if np.array_equal(rows_of_old[split], rows_of_new[split])
    }


def _rows_of_splits(scored: Scored) -> dict[Split, NDArray[np.int32]]:
    return {one.split: one.predictions.rows for splits in scored.values() for one in splits}


def _figures(
    candidate: Candidate,
    scored: tuple[Scored, Scored],
    used: Sequence[Collection[Split]],
    *,
    metric: str,
) -> Iterator[tuple[float, ...]]:
    """Yield the figures of a candidate in each of both runs, on the splits that are used."""
    for one, splits in zip(scored, used, strict=True):
        yield tuple(
            split.values[metric]
            for split in one.get(candidate, ())
            if split.split in splits and metric in split.values
        )


def _is_unjudged(
    pair: _Pair, scored: tuple[Scored, Scored], used: Sequence[Collection[Split]]
) -> bool:
    """Return whether a candidate has all splits in both runs, and no figure of the metric."""
    return not (pair.old or pair.new) and all(
        len({split.split for split in one.get(pair.candidate, ())} & set(splits)) == len(splits)
        for one, splits in zip(scored, used, strict=True)
    )


def _identical(
    pairs: Sequence[_Pair], scored: tuple[Scored, Scored], shared: set[Split]
) -> set[Candidate]:
    """Return the candidates whose predictions are the same on all splits that are compared."""
    if not shared:
        return set()
    return {
        pair.candidate
        for pair in pairs
        if pair.old == pair.new
        and all(
            _is_same(*both)
            for both in zip(
                *([s for s in one[pair.candidate] if s.split in shared] for one in scored),
                strict=True,
            )
        )
    }


def _is_same(old: ScoredSplit, new: ScoredSplit) -> bool:
    """Return whether two fits said the same of every test row."""
    import numpy as np

    same_scores = np.array_equal(old.predictions.score, new.predictions.score)
    return bool(same_scores) and old.threshold == new.threshold


# --- what is shown --------------------------------------------------------------------


def _tests(
    pairs: Sequence[_Pair], ratios: tuple[float, float], *, is_paired: bool
) -> dict[Candidate, PairedTest]:
    """Return the test of (new − old) of every candidate; none with a single split."""
    if not pairs or min(len(pairs[0].old), len(pairs[0].new)) < 2:
        return {}
    if is_paired:
        tests = moderated_paired_tests(
            [[y - x for x, y in zip(p.old, p.new, strict=True)] for p in pairs],
            test_train_ratio=max(ratios),
        )
    else:
        tests = [
            corrected_unpaired_test(pair.old, pair.new, test_train_ratios=ratios) for pair in pairs
        ]
    return {pair.candidate: test for pair, test in zip(pairs, tests, strict=True)}


def _rows(
    pairs: Sequence[_Pair],
    same: Collection[Candidate],
    tests: Mapping[Candidate, PairedTest],
    *,
    metric: Metric,
    margin: float,
) -> Iterator[ComparedRow]:
    """Yield one row for each candidate, with what its test shows."""
    p_values = holm([test.p_value for test in tests.values()])
    adjusted = dict(zip(tests, p_values, strict=True))
    for pair in pairs:
        old, new = fmean(pair.old), fmean(pair.new)
        row = ComparedRow(pair.candidate, "undecided", old, new, new - old)
        if pair.candidate in same:
            yield replace(row, outcome="identical")
        elif pair.candidate not in tests:
            yield row
        else:
            test, p_value = tests[pair.candidate], adjusted[pair.candidate]
            within = equivalence_p_value(test, margin=margin)
            is_better = test.difference * metric.sign > 0
            found: Outcome = "better" if is_better else "worse"
            yield replace(
                row,
                outcome="equivalent"
                if within < LEVEL
                else found
                if p_value < LEVEL
                else "undecided",
                low=test.low,
                high=test.high,
                p_value=test.p_value,
                adjusted_p_value=p_value,
                equivalence_p_value=within,
            )


def _place(row: ComparedRow) -> tuple[int, float, str]:
    return OUTCOMES.index(row.outcome), -abs(row.difference), str(row.candidate)


# --- what a reader must know ----------------------------------------------------------


def _remarks(
    first: Side,
    second: Side,
    metric: Metric,
    *,
    used: Sequence[Collection[Split]],
    is_paired: bool,
) -> Iterator[str]:
    """Yield what limits the comparison, in plain words."""
    if not is_paired:
        differing = [words for words in _differences(first.run, second.run) if words]
        why = f" ({', '.join(differing)})" if differing else ""
        yield (
            f"not paired: the runs share no split with the same test rows{why}; "
            "the means are compared, and only large differences can be shown"
        )
    elif any(len({job.split for job in side.run.jobs}) > len(used[0]) for side in (first, second)):
        yield f"compared on the {len(used[0])} splits that both have in common"
    if min(map(len, used)) < 2:
        yield "a single split says nothing of noise: nothing is tested"
    economics = first.run.facts.economics, second.run.facts.economics
    if metric.needs in ("economics", "campaign") and economics[0] != economics[1]:
        yield f"both are judged at the amounts of {first.name}"


def _differences(old: Run, new: Run) -> Iterator[str]:
    """Yield what makes the splits of two protocols different: ``folds 5 and 10``."""
    for name in ("split", "folds", "seed", "duplicates"):
        a, b = (getattr(run.experiment.protocol, name) for run in (old, new))
        if a != b:
            yield f"{name} {a} and {b}"


def _changes(old: Run, new: Run) -> Iterator[tuple[str, str, str]]:
    """Yield what differs between two runs: protocol, versions of libraries, commit."""
    sides = [
        {
            **to_json(run.experiment.protocol),
            **run.versions,
            "commit": run.commit,
            "numbers version": max((job.numbers_version for job in run.jobs), default=0),
        }
        for run in (old, new)
    ]
    for name in dict.fromkeys([*sides[0], *sides[1]]):
        a, b = (side.get(name) for side in sides)
        if a != b:
            yield name, _said(a), _said(b)


def _said(value: object) -> str:
    return "none" if value is None or value == "" else str(value)
