"""The same candidates over several datasets: who ranks where, and how sure that is.

A dataset is one observation: its splits are averaged first. Customers that two
adapters hold count once, whatever the adapters are called.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean

from bench.analysis.economics import labels_of
from bench.analysis.effects import margin_of, values_of
from bench.analysis.multiplicity import holm
from bench.analysis.racing import shared_repeats
from bench.analysis.rivals import rivals
from bench.analysis.scoring import score_splits
from bench.analysis.signed_rank import bayesian_signed_rank, wilcoxon_p_value
from bench.analysis.strength import Elo, elo_ratings
from bench.domain import Candidate, DatasetFacts, Result, Run
from bench.identity import derive_seed
from bench.metrics import METRICS

FEWEST_FOR_ELO = 5
"""Datasets; a bootstrap over fewer would draw the same few again and again."""

FEWEST_FOR_TESTS = 2


@dataclass(frozen=True)
class Entry:
    """The results folder of one dataset."""

    run: Run
    results: Mapping[str, Result]


@dataclass(frozen=True)
class CountedDataset:
    """A dataset that counts, and how many candidates finished all its splits."""

    facts: DatasetFacts
    n_splits: int
    n_complete: int


@dataclass(frozen=True)
class AcrossRow:
    """One candidate over all datasets.

    Only candidates with all splits of all datasets have a ``rank`` and what
    follows it. ``p_value`` is Wilcoxon's against the first row after Holm;
    ``better, same, worse`` are the Bayesian chances that it is so against the
    first row on another dataset.
    """

    candidate: Candidate
    n_datasets: int
    coverage: float
    means: Mapping[str, float]
    rank: int | None = None
    mean_rank: float | None = None
    mean: float | None = None
    p_value: float | None = None
    better: float | None = None
    same: float | None = None
    worse: float | None = None
    elo: Elo | None = None


@dataclass(frozen=True)
class AcrossBoard:
    """The board over datasets, what it leaves out and why.

    ``left_out`` has a name and a reason for each entry that is not among
    ``datasets``, in the order of the names.
    """

    metric: str
    rope: float
    datasets: tuple[CountedDataset, ...]
    left_out: tuple[tuple[str, str], ...]
    rows: tuple[AcrossRow, ...]
    remarks: tuple[str, ...]


def build_across(entries: Sequence[Entry], *, metric: str) -> AcrossBoard:
    """Return the board over all datasets of real customers.

    Parameters
    ----------
    entries : sequence of Entry
        The newest run first: of several folders of one adapter the first counts.
    metric : str
        What candidates are ranked by on each dataset.

    Raises
    ------
    UnknownNameError
        If ``metric`` is no metric.
    """
    sign = METRICS.lookup(metric).sign
    counted, figures, left_out = _countable(entries, metric)
    candidates = sorted({c for table in figures.values() for c in table})
    rows = [
        AcrossRow(
            candidate,
            n_datasets=len(means := _means(figures, candidate)),
            coverage=len(means) / len(counted),
            means=means,
        )
        for candidate in candidates
    ]
    common = [row for row in rows if row.n_datasets == len(counted)]
    others = sorted(
        (row for row in rows if row.n_datasets < len(counted)),
        key=lambda row: (-row.n_datasets, str(row.candidate)),
    )
    typical = max((abs(v) for row in common for v in row.means.values()), default=0.0)
    rope = margin_of(metric, typical)
    ranked = _ranked(common, sign)
    if len(counted) >= FEWEST_FOR_TESTS:
        ranked = _tested(ranked, sign, rope=rope)
    if len(counted) >= FEWEST_FOR_ELO and len(ranked) >= 2:
        ranked = _rated(ranked, figures, sign)
    return AcrossBoard(
        metric=metric,
        rope=rope,
        datasets=tuple(
            CountedDataset(
                entry.run.facts,
                n_splits=len({job.split for job in shared_repeats(entry.run).jobs}),
                n_complete=len(figures[entry.run.facts.name]),
            )
            for entry in counted
        ),
        left_out=tuple(left_out),
        rows=(*ranked, *others),
        remarks=tuple(_remarks(len(counted), len(ranked))),
    )


# --- which datasets count -------------------------------------------------------------


def _countable(
    entries: Sequence[Entry], metric: str
) -> tuple[list[Entry], dict[str, dict[Candidate, list[float]]], list[tuple[str, str]]]:
    """Return the entries of real and distinct customers, their figures, the others with reasons."""
    counted: list[Entry] = []
    figures: dict[str, dict[Candidate, list[float]]] = {}
    left_out = []
    for entry in sorted(entries, key=lambda entry: entry.run.facts.name):
        name = entry.run.facts.name
        reason = _reason_against(entry, counted)
        found = {} if reason else _figures(entry, metric)
        if found:
            counted.append(entry)
            figures[name] = found
        else:
            left_out.append((name, reason or "no candidate has figures of all splits"))
    return counted, figures, left_out


def _reason_against(entry: Entry, counted: Sequence[Entry]) -> str:
    """Return why a dataset may not count beside those ``counted``, or nothing."""
    facts = entry.run.facts
    if facts.is_standin:
        return "stand-in data, not the real table"
    if facts.origin == "built-in":
        return "simulated customers"
    if any(f.severity == "severe" for f in facts.findings):
        return "severe faults in the data"
    if entry.run.experiment.protocol.train_prevalence is not None:
        return "training rows were thinned"
    if facts.name in {other.run.facts.name for other in counted}:
        return "another folder of the same adapter holds a newer run"
    for other in counted:
        how = _same_customers(other, entry)
        if how:
            return f"{how} as {other.run.facts.name}"
    return ""


def _same_customers(a: Entry, b: Entry) -> str:
    """Return how it is known that both hold the same customers, or nothing where they differ."""
    import numpy as np

    first, second = a.run.facts, b.run.facts
    if first.digest == second.digest:
        return "the same table"
    if (first.n_samples, first.n_positives) != (second.n_samples, second.n_positives):
        return ""
    y_first, y_second = (labels_of(one.results, one.run.facts.n_samples) for one in (a, b))
    if y_first is not None and y_second is not None and np.array_equal(y_first, y_second):
        return "the same customers, label by label,"
    return "as many customers and as many churners, to all appearance the same ones in other order,"


def _figures(entry: Entry, metric: str) -> dict[Candidate, list[float]]:
    """Return the figure of every split, for candidates that have all of them.

    Of a race those of the repeats that all took part in: who was stopped on one
    dataset may be the best on another.
    """
    run = shared_repeats(entry.run)
    n_splits = len({job.split for job in run.jobs})
    chosen = METRICS.lookup(metric)
    scored = score_splits(run, entry.results, [chosen])
    figures = {row: values_of(scored[row], metric) for row in sorted(rivals(scored, chosen))}
    return {candidate: values for candidate, values in figures.items() if len(values) == n_splits}


def _means(
    figures: Mapping[str, Mapping[Candidate, Sequence[float]]], candidate: Candidate
) -> dict[str, float]:
    return {name: fmean(table[candidate]) for name, table in figures.items() if candidate in table}


# --- rows among each other ------------------------------------------------------------


def _ranked(rows: Sequence[AcrossRow], sign: float) -> list[AcrossRow]:
    """Return the rows with their mean ranks, best first."""
    import numpy as np

    if not rows:
        return []
    table = -sign * np.array([list(row.means.values()) for row in rows])
    below = (table[:, None, :] > table).sum(axis=1)
    level = (table[:, None, :] == table).sum(axis=1)
    mean_ranks = (below + (level + 1) / 2).mean(axis=1)
    with_ranks = [
        replace(row, mean_rank=float(mean_rank), mean=fmean(row.means.values()))
        for row, mean_rank in zip(rows, mean_ranks, strict=True)
    ]
    with_ranks.sort(key=lambda row: (row.mean_rank, str(row.candidate)))
    return [replace(row, rank=rank) for rank, row in enumerate(with_ranks, start=1)]


def _tested(rows: Sequence[AcrossRow], sign: float, *, rope: float) -> list[AcrossRow]:
    """Return the rows with their tests against the first one."""
    if len(rows) < 2:
        return list(rows)
    first, *rest = rows
    differences = [
        [sign * (a - b) for a, b in zip(row.means.values(), first.means.values(), strict=True)]
        for row in rest
    ]
    adjusted = holm([wilcoxon_p_value(row) for row in differences])
    tested = [first]
    for row, difference, p_value in zip(rest, differences, adjusted, strict=True):
        posterior = bayesian_signed_rank(
            difference, rope=rope, seed=derive_seed("signed-rank", str(row.candidate), difference)
        )
        tested.append(
            replace(
                row,
                p_value=p_value,
                better=posterior.better,
                same=posterior.same,
                worse=posterior.worse,
            )
        )
    return tested


def _rated(
    rows: Sequence[AcrossRow],
    figures: Mapping[str, Mapping[Candidate, Sequence[float]]],
    sign: float,
) -> list[AcrossRow]:
    import numpy as np

    tables = [sign * np.array([table[row.candidate] for row in rows]) for table in figures.values()]
    seed = derive_seed("elo", [[str(row.candidate), dict(row.means)] for row in rows])
    return [
        replace(r, elo=elo) for r, elo in zip(rows, elo_ratings(tables, seed=seed), strict=True)
    ]


def _remarks(n_datasets: int, n_ranked: int) -> list[str]:
    """Return what cannot be said from so few datasets, and why."""
    said = []
    if n_datasets == 0:
        return ["No results on real data were found."]
    if n_ranked == 0:
        said.append("No candidate finished all splits of all datasets, so nothing is ranked.")
    if n_datasets == 1:
        said.append("One dataset says nothing of others: no tests.")
    elif n_datasets < 6:
        said.append(
            f"Over {n_datasets} datasets Wilcoxon's p-value is never below "
            f"{2 / 2**n_datasets:.3g}: it cannot reach .05 before there are six."
        )
    if n_datasets < FEWEST_FOR_ELO:
        said.append(
            f"No Elo ratings: {n_datasets} of the {FEWEST_FOR_ELO} datasets that a bootstrap "
            "over datasets needs at least."
        )
    return said
