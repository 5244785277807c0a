"""A race, repeat by repeat: who is left after each, what a time budget cuts, and when it ends."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from bench.domain import Candidate, Ending, Job, Result, Run, Skip, Stop
from bench.errors import UsageError
from bench.execution.planning import Plan

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


class Referee(Protocol):
    """Says which candidates are out of a race, from stored scores alone."""

    def __call__(
        self, run: Run, results: Mapping[str, Result], *, values: ArrayLike | None = None
    ) -> tuple[Stop, ...]:
        """Return who stops after the repeats of ``run``, whose jobs are those still in it."""
        ...


@dataclass(frozen=True)
class Stage:
    """One repeat of a race.

    ``jobs`` are those of the candidates that are left, ``missing`` the ones
    without a result; ``most`` is how many repeats there may be.
    """

    repeat: int
    most: int
    jobs: tuple[Job, ...]
    missing: tuple[Job, ...]


class Race:
    """What a raced run has asked for so far, and who is still in it.

    Every decision follows from the results of whole repeats of the candidates
    that are left: workers, engines, interruptions and what else lies in the
    store change nothing. A time budget is the exception: it decides how many
    repeats there are.

    Parameters
    ----------
    run : Run
        Its jobs are all that may be asked for.
    plan : Plan
    referee : Referee
    values : array-like of shape (n_samples,), optional
        What each customer is worth a month.
    """

    def __init__(
        self, run: Run, plan: Plan, referee: Referee, *, values: ArrayLike | None = None
    ) -> None:
        self.run = replace(run, jobs=())
        self._plan = plan
        self._referee = referee
        self._values = values
        self._racing = list(dict.fromkeys(job.candidate for job in plan.jobs))
        self._most = run.experiment.protocol.repeats
        self.is_over = False

    def next_stage(self, is_missing: Callable[[Job], bool]) -> Stage:
        """Return the next repeat of those that are left."""
        repeat = self.run.n_repeats
        racing = set(self._racing)
        jobs = tuple(
            job for job in self._plan.jobs if job.split.repeat == repeat and job.candidate in racing
        )
        return Stage(repeat, self._most, jobs, tuple(job for job in jobs if is_missing(job)))

    def with_stage(self, stage: Stage) -> Run:
        """Return the run with the jobs of ``stage``, in the order of the plan."""
        asked = {job.id for job in (*self.run.jobs, *stage.jobs)}
        return replace(self.run, jobs=tuple(job for job in self._plan.jobs if job.id in asked))

    def close(
        self,
        stage: Stage,
        results: Mapping[str, Result],
        *,
        cut: Collection[Job],
        is_time_up: bool,
    ) -> None:
        """Count ``stage`` as far as it is whole, and decide who goes on.

        Parameters
        ----------
        stage : Stage
        results : mapping of job id to Result
        cut : collection of Job
            What a time budget did not let end. In the first repeat their
            candidates are left out; of a later one nothing counts.
        is_time_up : bool
            Whether there is no time for another.

        Raises
        ------
        UsageError
            If a time budget was used up before any candidate had finished.
        """
        if cut and stage.repeat > 0:
            # Whoever stopped just before has missed nothing that counts.
            early = tuple(stop for stop in self.run.stopped if stop.repeats < stage.repeat)
            self.run = replace(self.run, stopped=early)
            self._end("budget")
            return
        if cut:
            stage = self._leave_out(stage, {job.candidate for job in cut})
        self.run = self.with_stage(stage)
        self._racing = _without_failures(self._racing, stage.jobs, results)
        if stage.repeat + 1 == self._most or not self._racing:
            self._end("budget" if cut else "planned")
        elif cut or is_time_up:
            self._end("budget")
        else:
            self._judge(results)
            if self.run.stopped and len(self._racing) == 1:
                self._end("decided")

    def _end(self, ending: Ending) -> None:
        self.run = replace(self.run, ending=ending)
        self.is_over = True

    def _leave_out(self, stage: Stage, cut: set[Candidate]) -> Stage:
        """Leave candidates that a budget cut in the first repeat to a later run."""
        kept = tuple(job for job in stage.jobs if job.candidate not in cut)
        if not kept:
            budget = self.run.experiment.budget
            raise UsageError(
                f"the budget of {budget} was used up before any candidate had finished its folds",
                hint="give it more, such as --budget 10m; finished fits are kept for that",
            )
        reason = self.run.experiment.out_of_time
        skips = (Skip(c, reason) for c in self.run.candidates if c.fitted in cut)
        self.run = replace(self.run, skips=(*self.run.skips, *skips))
        self._racing = [c for c in self._racing if c not in cut]
        return replace(stage, jobs=kept)

    def _judge(self, results: Mapping[str, Result]) -> None:
        racing = set(self._racing)
        so_far = replace(
            self.run, jobs=tuple(job for job in self.run.jobs if job.candidate in racing)
        )
        stops = self._referee(so_far, results, values=self._values)
        out = {stop.candidate for stop in stops}
        self._racing = [c for c in self._racing if c not in out]
        self.run = replace(self.run, stopped=(*self.run.stopped, *stops))


def _without_failures(
    racing: Sequence[Candidate], jobs: Sequence[Job], results: Mapping[str, Result]
) -> list[Candidate]:
    """Return those without a failed fit: with one missing they could never be ranked."""
    failed = {job.candidate for job in jobs if results[job.id].record.status == "failed"}
    return [candidate for candidate in racing if candidate not in failed]
