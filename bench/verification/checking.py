"""Rows made again, compared with what is recorded, and judged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean
from typing import TYPE_CHECKING, Literal

from bench.analysis.findings import analyse
from bench.analysis.scoring import score_splits
from bench.data.loading import LoadOptions, load_dataset
from bench.data.values import customer_values
from bench.domain import BoardRow, Candidate, Dataset, DatasetFacts, Job, Leaderboard, Result, Run
from bench.errors import UsageError
from bench.evaluation.trials import AUTO
from bench.execution.partitions import loading_for
from bench.execution.running import Observer, RunOptions
from bench.metrics import METRICS
from bench.models import MODELS
from bench.store import Store
from bench.strategies import STRATEGIES
from bench.verification.boards import FileCheck, as_written, check_files, lacks_values
from bench.verification.causes import Cause, find_causes
from bench.verification.comparing import Gap, compare_figures, compare_results, largest
from bench.verification.remaking import Remade, remake

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

TOLERANCE = 1e-6
"""Six digits: boards show four, and libraries add up in another order on other processors."""

Verdict = Literal["identical", "within tolerance", "different"]


@dataclass(frozen=True)
class RowCheck:
    """What came of making one row again.

    ``widest`` is the largest gap of its fits, ``figure`` that of its figures on
    the board; ``reason`` says why it could not be made at all. Of ``causes``
    the first is the most likely.
    """

    row: BoardRow
    verdict: Verdict
    n_fits: int
    widest: Gap | None = None
    figure: Gap | None = None
    reason: str = ""
    causes: tuple[Cause, ...] = ()


@dataclass(frozen=True, eq=False)
class Recorded:
    """A results folder as it lies there, and the board that its records give."""

    store: Store
    run: Run
    results: Mapping[str, Result]
    values: NDArray[np.float64] | None
    leaderboard: Leaderboard

    @property
    def lacks_values(self) -> bool:
        """Whether figures depend on what each customer is worth, which is not known here."""
        return lacks_values(self.run, self.values)

    @property
    def n_missing(self) -> int:
        """How many fits of the run were never finished."""
        return sum(
            job.id not in self.results and not self.store.find_damage(job) for job in self.run.jobs
        )

    def damage(self) -> tuple[str, ...]:
        """Return what is wrong with the records of the run, one sentence each."""
        found = ((job, self.store.find_damage(job)) for job in self.run.jobs)
        return tuple(
            f"record {job.id} of {job.candidate}, repeat {job.split.repeat}, fold "
            f"{job.split.fold}: {damage}"
            for job, damage in found
            if damage
        )

    def losses(self) -> tuple[str, ...]:
        """Return which records of a run that came to its end are not there, a sentence each."""
        if self.run.is_interrupted:
            return ()
        return tuple(
            f"record {job.id} of {job.candidate}, repeat {job.split.repeat}, fold "
            f"{job.split.fold} is missing"
            for job in self.run.jobs
            if job.id not in self.results and job.id not in self.run.failures
        )

    def check_files(self) -> tuple[FileCheck, ...]:
        """Return whether the boards in the folder are those that the records give."""
        return check_files(self.store.folder, self.run, results=self.results, values=self.values)


@dataclass(frozen=True, eq=False)
class Here:
    """The data as they are here and now."""

    dataset: Dataset
    facts: DatasetFacts
    values: NDArray[np.float64] | None


def load_here(run: Run, options: LoadOptions) -> Here:
    """Return the data of ``run`` as they are here, whatever their digest.

    Raises
    ------
    BenchError
        If they are not to be had here, or cannot be read.
    """
    experiment = run.experiment
    # Whether they are the same is judged by their digest, and told.
    options = replace(options, accept_data=True, require_real=not run.facts.is_standin)
    dataset = load_dataset(experiment.dataset, options=loading_for(experiment, options))
    facts = replace(
        run.facts,
        digest=dataset.digest,
        n_samples=len(dataset.y),
        n_positives=int(dataset.y.sum()),
    )
    return Here(dataset, facts, customer_values(dataset))


def read_recorded(store: Store, here: Here | None) -> Recorded:
    """Return what lies in a results folder.

    What customers are worth is taken from the data where the folder does not
    have it, as a bundle has not.

    Raises
    ------
    StoreError, UsageError
        If there is no run, or it names what is not loaded.
    """
    run = store.read_run()
    check_loaded(run, str(store.folder))
    run = as_written(run, store.folder)
    values = store.read_values(dataset_digest=run.facts.digest)
    if values is None and here is not None and here.dataset.digest == run.facts.digest:
        values = here.values
    results = store.read_results(run.jobs)
    findings = analyse(run, results, values=values)
    return Recorded(store, run, results, values, findings.leaderboard)


def check_loaded(run: Run, place: str) -> None:
    """Refuse a run of models, strategies or a metric that are not loaded.

    Raises
    ------
    UsageError
        Naming the first of them.
    """
    candidates = run.experiment.candidates
    wanted = [("model", c.model, c.model in MODELS) for c in candidates]
    strategies = {*STRATEGIES.names, AUTO}
    wanted += [("strategy", c.strategy, c.strategy in strategies) for c in candidates]
    wanted += [("metric", run.experiment.rank_by, run.experiment.rank_by in METRICS)]
    for kind, name, is_known in wanted:
        if not is_known:
            raise UsageError(
                f"{place}: {kind} {name!r} is not loaded", hint="name its file with --plugin"
            )


def check_rows(
    recorded: Recorded,
    rows: Sequence[BoardRow],
    here: Here,
    *,
    tolerance: float,
    options: RunOptions,
    observer: Observer,
) -> tuple[RowCheck, ...]:
    """Make ``rows`` again from ``here`` and return how each compares with what is recorded.

    Parameters
    ----------
    recorded : Recorded
    rows : sequence of BoardRow
    here : Here
    tolerance : float
        How wide a gap may be, as `Gap.size` measures it.
    options : RunOptions
    observer : Observer
    """

    def make(fits: set[Candidate]) -> dict[Candidate, Remade]:
        run = recorded.run
        return remake(
            run, fits, dataset=here.dataset, facts=here.facts, options=options, observer=observer
        )

    remade = make({row.candidate.fitted for row in rows})
    checks = [
        _compare(row, recorded, remade=remade[row.candidate.fitted], here=here) for row in rows
    ]
    judged = [_judge(check, tolerance) for check in checks]
    explained = [
        _explain(check, recorded, remade=remade[check.row.candidate.fitted]) for check in judged
    ]
    puzzling = {
        check.row.candidate.fitted
        for check in explained
        if check.verdict == "different" and not check.causes
    }
    if puzzling:
        again = make(puzzling)
        explained = [_try_again(check, first=remade, second=again) for check in explained]
    return tuple(explained)


# --- one row --------------------------------------------------------------------------


def _compare(row: BoardRow, recorded: Recorded, *, remade: Remade, here: Here) -> RowCheck:
    """Return the widest gaps between a row's fits and figures then and now."""
    jobs = _jobs_of(row.candidate, recorded.run)
    if remade.run is None or remade.reason:
        return RowCheck(row, "different", 0, reason=remade.reason or "nothing came of it")
    now = {job.split: job for job in _jobs_of(row.candidate, remade.run)}
    gaps: list[Gap] = []
    pairs: list[tuple[Job, Job]] = []
    for job in jobs:
        then = recorded.results.get(job.id)
        made = remade.results.get(now[job.split].id) if job.split in now else None
        if then is not None and made is not None:
            gaps += compare_results(then, made)
            pairs.append((job, now[job.split]))
        elif then is not None or recorded.store.find_damage(job):
            gaps.append(Gap("record", "damaged" if then is None else "there", "made anew"))
    # Of splits that both have; and profit is that of the amounts that the board states.
    facts = replace(remade.run.facts, economics=recorded.run.facts.economics)
    run_then = replace(recorded.run, jobs=tuple(job for job, _ in pairs))
    run_now = replace(remade.run, jobs=tuple(job for _, job in pairs), facts=facts)
    figures = compare_figures(
        _figures(row.candidate, run_then, results=recorded.results, values=recorded.values),
        _figures(row.candidate, run_now, results=remade.results, values=here.values),
    )
    return RowCheck(row, "different", len(pairs), largest(gaps), largest(figures))


def _jobs_of(candidate: Candidate, run: Run) -> tuple[Job, ...]:
    return tuple(job for job in run.jobs if job.candidate == candidate.fitted)


def _figures(
    candidate: Candidate,
    run: Run,
    *,
    results: Mapping[str, Result],
    values: NDArray[np.float64] | None,
) -> dict[str, float]:
    """Return the means over the jobs of ``run`` that a board would have of a candidate."""
    alone = replace(run, experiment=replace(run.experiment, candidates=(candidate,)))
    splits = score_splits(alone, results, METRICS, values=values)[candidate]
    names = dict.fromkeys(name for split in splits for name in split.values)
    means = {
        name: fmean(split.values[name] for split in splits if name in split.values)
        for name in names
    }
    thresholds = [split.threshold for split in splits if split.threshold is not None]
    return means | ({"threshold": fmean(thresholds)} if thresholds else {})


def _judge(check: RowCheck, tolerance: float) -> RowCheck:
    if check.reason:
        return check
    sizes = [gap.size for gap in (check.widest, check.figure) if gap is not None]
    if not sizes:
        return replace(check, verdict="identical")
    return replace(check, verdict="within tolerance" if max(sizes) <= tolerance else "different")


def _explain(check: RowCheck, recorded: Recorded, *, remade: Remade) -> RowCheck:
    """Return the check with its causes; what is identical needs none."""
    if check.verdict == "identical":
        return check
    candidate = check.row.candidate
    now = _jobs_of(candidate, remade.run) if remade.run is not None else ()
    causes = find_causes(
        _jobs_of(candidate, recorded.run),
        now,
        run=recorded.run,
        store=recorded.store,
        is_of_fits=check.widest is not None,
    )
    return replace(check, causes=causes)


def _try_again(
    check: RowCheck, *, first: Mapping[Candidate, Remade], second: Mapping[Candidate, Remade]
) -> RowCheck:
    """Return the check of an unexplained row with what making it once more shows."""
    fitted = check.row.candidate.fitted
    if check.verdict != "different" or check.causes or fitted not in second:
        return check
    one, other = first[fitted], second[fitted]
    is_same = all(
        not compare_results(result, other.results[job_id])
        for job_id, result in one.results.items()
        if result.record.job.candidate == fitted
    )
    words = (
        "data, versions and code are as they were, and made twice here it comes out the same: the "
        "record was edited, or made by what nobody noted"
        if is_same
        else "made twice here it comes out in two ways: something in the fit is not seeded"
    )
    return replace(check, causes=(Cause("unknown", words),))
