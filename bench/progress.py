"""What a user sees while work goes on: a live display, or plain lines where there is none."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING

from bench.domain import Candidate, DatasetFacts, Experiment, Job, Result
from bench.execution.planning import Plan
from bench.execution.stages import Stage
from bench.guard import error_line
from bench.metrics import METRICS, Inputs
from bench.reports.escaping import clean, shorten
from bench.reports.numbers import format_number, plural

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.live import Live

PLAIN_LINES = 10
"""How many progress lines a run writes where there is no terminal."""


def print_facts(console: Console, facts: DatasetFacts, *, is_detailed: bool = False) -> None:
    """Print the data in a line, then what the doctor and the loader noticed.

    With ``is_detailed`` also what each finding does to the numbers, and the way out.
    """
    if facts.is_standin:
        console.print("STAND-IN DATA: not the real table", style="bold reverse")
    console.print(
        clean(
            f"{facts.title or facts.name}: {facts.n_samples} rows × "
            f"{plural(facts.n_features, 'feature')}, {facts.n_positives} positives "
            f"({100 * facts.prevalence:.1f} %), data {facts.digest[:12]} ({facts.origin})"
        ),
        markup=False,
        soft_wrap=True,
    )
    for note in facts.notes:
        console.print("  note: " + clean(note), markup=False, soft_wrap=True)
    for finding in facts.findings:
        word = finding.severity + (" (accepted)" if facts.is_accepted(finding) else "")
        text = f"[{finding.code}] {finding.message}" if is_detailed else finding.message
        console.print(f"  {word}: " + clean(text), markup=False, soft_wrap=True)
        if is_detailed:
            console.print("      effect: " + clean(finding.effect), markup=False, soft_wrap=True)
            console.print("      remedy: " + clean(finding.remedy), markup=False, soft_wrap=True)


def print_plan(
    console: Console,
    plan: Plan,
    missing: tuple[Job, ...],
    *,
    workers: int,
    is_detailed: bool = False,
    race: str = "",
) -> None:
    """Print how many fits there are, what is skipped and why, and a guess at the time.

    Of a race, told by `describe_race`, all that is known is the first repeat.
    """
    candidates = dict.fromkeys(job.candidate for job in plan.jobs)
    kept = len(plan.jobs) - len(missing)
    most = "up to " if race else ""
    n_fits = plural(len(plan.jobs), "fit")
    line = f"plan: {plural(len(candidates), 'candidate')}, {most}{n_fits}"
    if kept:
        line += f", {kept} of them kept from earlier runs"
    if missing:
        first = tuple(job for job in missing if not race or job.split.repeat == 0)
        seconds = plan.seconds(first, workers=workers)
        repeat = "the first repeat " if race else ""
        line += f"; {repeat}about {duration(seconds)} with {plural(workers, 'worker')}"
    console.print(line, markup=False, soft_wrap=True)
    if race:
        console.print(race, markup=False, soft_wrap=True)
    if is_detailed:
        for level, count in Counter(c.tuning for c in candidates).items():
            models = dict.fromkeys(c.model for c in candidates if c.tuning == level)
            strategies = dict.fromkeys(c.strategy for c in candidates if c.tuning == level)
            console.print(
                f"  {level}: {plural(count, 'candidate')}: "
                f"{', '.join(models)} × {', '.join(strategies)}",
                markup=False,
                soft_wrap=True,
            )
    reasons: dict[str, list[str]] = {}
    for skip in plan.skips:
        reasons.setdefault(skip.reason, []).append(str(skip.candidate))
    for reason, skipped in reasons.items():
        named = ", ".join(skipped[:3]) + (f" and {len(skipped) - 3} more" if skipped[3:] else "")
        console.print(f"  skipped: {named}: {reason}", markup=False, soft_wrap=True)


def describe_race(experiment: Experiment) -> str:
    """Return in a line what a race or a time budget will do; nothing where there is none."""
    most = experiment.protocol.repeats
    if experiment.budget:
        return (
            f"budget: {experiment.budget} for all, boards included: the cheapest candidates first, "
            f"then up to {most} repeats; whoever is behind for certain stops"
        )
    if experiment.race:
        return f"race: up to {most} repeats; after each, whoever is behind for certain stops"
    return ""


def duration(seconds: float) -> str:
    """Return a length of time to sensible digits."""
    if seconds < 60:
        return f"{max(1, round(seconds))} s"
    if seconds < 3600:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"


class ProgressObserver:
    """Shows what runs now, how much is done, the time left and the best so far.

    ``race`` is what `describe_race` says of the experiment, ``until`` when a
    time budget is used up, by ``clock``.
    """

    def __init__(
        self,
        console: Console,
        *,
        rank_by: str,
        race: str = "",
        until: float | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._clock = clock
        self._console = console
        self._race = race
        self._until = until
        self._metric = METRICS.lookup(rank_by)
        self._live: Live | None = None
        self._plan: Plan | None = None
        self._running: dict[str, Job] = {}
        self._shares: dict[str, float] = {}
        self._costs: dict[str, float] = {}
        self._n_workers = 1
        self._values: dict[Candidate, list[float]] = {}
        self._n_missing = self._n_done = self._n_failed = self._n_lines = 0
        self._cost_done = self._cost_total = 0.0
        self._started = self._clock()
        self._best = ""
        self._n_splits = 0
        self._stage = ""

    def planned(self, plan: Plan, missing: tuple[Job, ...], *, workers: int) -> None:
        """Print the plan and start the display."""
        self._plan = plan
        self._n_workers = workers
        self._n_splits = len({job.split for job in plan.jobs})
        self._expect(missing)
        print_plan(self._console, plan, missing, workers=workers, race=self._race)
        if missing and self._console.is_terminal:
            from rich.live import Live

            self._live = Live(
                get_renderable=self._render, console=self._console, refresh_per_second=4
            )
            self._live.start()

    def staged(self, stage: Stage) -> None:
        """Begin anew with the next repeat of a race: only that much work is known."""
        folds = len({job.split for job in stage.jobs})
        self._n_splits = folds * (stage.repeat + 1)
        self._stage = f"repeat {stage.repeat + 1} of up to {stage.most}"
        self._expect(stage.missing)
        if self._live is None and stage.repeat:
            candidates = len({job.candidate for job in stage.jobs})
            line = f"{self._stage}: {plural(candidates, 'candidate')} left in the race"
            self._console.print(line, markup=False, soft_wrap=True)

    def _expect(self, missing: tuple[Job, ...]) -> None:
        """Measure progress against ``missing`` from now on."""
        self._running, self._shares = {}, {}
        self._n_missing = len(missing)
        self._n_done = self._n_lines = 0
        self._cost_done = 0.0
        self._costs = {job.id: self._plan.costs[job.id] for job in missing} if self._plan else {}
        self._cost_total = sum(self._costs.values())
        self._started = self._clock()

    def started(self, job: Job) -> None:
        """Note that ``job`` runs."""
        self._running[job.id] = job

    def advanced(self, job: Job, share: float) -> None:
        """Note a trial of the study of ``job``."""
        self._shares[job.id] = self._shares.get(job.id, 0.0) + share
        self._cost_done += share * self._costs.get(job.id, 0.0)

    def finished(self, result: Result) -> None:
        """Note a result; in plain mode every tenth of the work gets a line."""
        job = result.record.job
        self._running.pop(job.id, None)
        self._n_done += 1
        left = 1.0 - self._shares.pop(job.id, 0.0)
        self._cost_done += left * self._costs.pop(job.id, 0.0)
        if result.record.status == "failed":
            self._n_failed += 1
            reason = error_line(result.record.error)
            self._console.print(
                clean(
                    f"failed: {job.candidate}, repeat {job.split.repeat}, fold "
                    f"{job.split.fold}: {shorten(reason, 200)}"
                ),
                markup=False,
                soft_wrap=True,
            )
        self._note_value(result)
        if self._live is None and self._is_line_due():
            line = self._line()
            line = f"{line}; {self._best}" if self._best else line
            self._console.print(line, markup=False, soft_wrap=True)

    def _note_value(self, result: Result) -> None:
        """Keep the best mean over all splits, of candidates that have them all."""
        scores = result.predictions
        if scores is None:
            return
        value = self._metric.compute(Inputs(scores.y, scores.score, result.record.outputs))
        if value is None:
            return
        self._values.setdefault(result.record.job.candidate, []).append(value)
        means = {c: sum(v) / len(v) for c, v in self._values.items() if len(v) == self._n_splits}
        if means:
            best = max(means, key=lambda candidate: self._metric.sign * means[candidate])
            figure = format_number(means[best])
            self._best = f"best so far: {best} {self._metric.title} {figure}"

    def _is_line_due(self) -> bool:
        due = self._n_done * PLAIN_LINES // max(1, self._n_missing)
        if due > self._n_lines:
            self._n_lines = due
            return True
        return False

    def _line(self) -> str:
        line = f"{self._stage}: " if self._stage else ""
        line += f"{self._n_done}/{self._n_missing} fits"
        left = self._seconds_left()
        of_budget = None if self._until is None else max(0.0, self._until - self._clock())
        if of_budget is not None and (left is None or left > of_budget):
            line += f", {duration(of_budget)} of the budget left"
        elif left is not None:
            line += f", {duration(left)} left"
        if self._n_failed:
            line += f", {self._n_failed} failed"
        return line

    def _seconds_left(self) -> float | None:
        """Return how long the rest takes, None where too little is done to say.

        At least as long as its longest job: the trials of a study follow one another.
        """
        share = self._cost_done / self._cost_total if self._cost_total else 1.0
        if not 0.02 < share < 1:
            return None
        seconds_of_one: float = (self._clock() - self._started) / self._cost_done
        longest = max(
            (cost * (1.0 - self._shares.get(job, 0.0)) for job, cost in self._costs.items()),
            default=0.0,
        )
        rest = self._cost_total - self._cost_done
        return seconds_of_one * max(rest, longest * self._n_workers)

    def _render(self) -> RenderableType:
        from rich.console import Group
        from rich.progress_bar import ProgressBar
        from rich.text import Text

        running = ", ".join(
            f"{job.candidate} [{job.split.repeat}.{job.split.fold}]"
            for job in list(self._running.values())[:3]
        )
        share = self._cost_done / self._cost_total if self._cost_total else 1.0
        return Group(
            ProgressBar(total=1.0, completed=share, width=60),
            Text(self._line(), no_wrap=True, overflow="ellipsis"),
            Text(self._best, no_wrap=True, overflow="ellipsis"),
            Text(f"now: {running}", style="dim", no_wrap=True, overflow="ellipsis"),
        )

    def __enter__(self) -> ProgressObserver:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._live is not None:
            self._live.stop()


# --- where a user looks ---------------------------------------------------------------


def is_interactive() -> bool:
    """Return whether somebody works in IPython or a notebook now."""
    return _shell() is not None


def choose_console() -> Console:
    """Return where progress goes to: below the cell of a notebook, else to stderr.

    Notebooks get plain lines, which any of them shows, also when it is run
    without anybody before it; a live display there needs ``ipywidgets``.
    """
    from rich.console import Console

    if not hasattr(_shell(), "kernel"):
        return Console(stderr=True, highlight=False)
    # The stream of a kernel calls itself a terminal, but knows no cursor.
    return Console(
        file=sys.stdout, force_jupyter=False, force_terminal=False, width=100, highlight=False
    )


def _shell() -> object | None:
    """Return IPython's shell where there is one; whoever has not loaded IPython is not in it."""
    ipython = sys.modules.get("IPython")
    return None if ipython is None else getattr(ipython, "get_ipython", lambda: None)()
