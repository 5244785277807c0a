"""What a race stopped and saved, and what a time budget leaves to the clock, in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from bench.analysis.racing import RISK
from bench.analysis.wording import join_words
from bench.domain import Leaderboard, Stop
from bench.metrics import METRICS

_OWN_SECONDS = ("tune_seconds", "fit_seconds", "predict_seconds")


@dataclass(frozen=True)
class RaceSummary:
    """What came of a race.

    Attributes
    ----------
    stopped : tuple of Stop
        Those that went without any repeat, by how long they lasted, then by how
        far they were behind. Whoever stops after the last one misses nothing.
    n_candidates : int
        How many began.
    n_saved : int
        Fits that were not made, of all repeats that were asked for; with a time
        budget of those that were run.
    seconds_saved : float
        CPU seconds that these would have taken, were they like the others.
    """

    stopped: tuple[Stop, ...]
    n_candidates: int
    n_saved: int
    seconds_saved: float


def summarise_race(leaderboard: Leaderboard) -> RaceSummary | None:
    """Return what came of a race; ``None`` where the run was none."""
    run = leaderboard.run
    if not run.experiment.race:
        return None
    folds = run.experiment.protocol.folds
    is_open = run.experiment.budget_seconds is not None
    n_repeats = run.n_repeats if is_open else run.experiment.protocol.repeats
    missed = {stop.candidate: (n_repeats - stop.repeats) * folds for stop in run.stopped}
    if run.ending == "decided":
        began = dict.fromkeys(job.candidate for job in run.jobs)
        missed |= {c: (n_repeats - run.n_repeats) * folds for c in began if c not in missed}
    costs = {row.candidate.fitted: row.costs for row in leaderboard.rows}
    return RaceSummary(
        stopped=tuple(
            sorted(
                (stop for stop in run.stopped if stop.repeats < run.n_repeats),
                key=lambda stop: (-stop.repeats, abs(stop.difference), stop.candidate),
            )
        ),
        n_candidates=len({job.candidate for job in run.jobs}),
        n_saved=sum(missed.values()),
        seconds_saved=sum(n * _own_seconds(costs.get(c, {})) for c, n in missed.items()),
    )


def _own_seconds(costs: Mapping[str, float]) -> float:
    return sum(costs.get(name, 0.0) for name in _OWN_SECONDS)


def race_sentences(leaderboard: Leaderboard) -> list[str]:
    """Return what a reader must know of a race and of a time budget; nothing without one."""
    summary = summarise_race(leaderboard)
    if summary is None:
        return []
    has_looked = leaderboard.run.n_repeats > 1 or leaderboard.run.stopped
    sentences = [_race_sentence(leaderboard, summary)] if has_looked else []
    if leaderboard.run.experiment.budget_seconds is not None:
        sentences.append(budget_sentence(leaderboard))
    return sentences


def _race_sentence(leaderboard: Leaderboard, summary: RaceSummary) -> str:
    run = leaderboard.run
    if not run.stopped:
        return "The race stopped nobody: no candidate was behind for certain."
    title = METRICS.lookup(run.stopped[0].metric).title
    n_stopped = len(run.stopped)
    after = Counter(stop.repeats for stop in run.stopped)
    when = join_words([f"{n} after {_repeats(repeats)}" for repeats, n in sorted(after.items())])
    text = (
        f"The race stopped {n_stopped} of {summary.n_candidates} candidates whose {title} was "
        f"behind with high confidence ({when}; the risk of stopping any that is as good as the "
        f"best is at most {100 * RISK:.0f} % over the whole race)"
    )
    if run.ending == "decided":
        text += f", and ended after {_repeats(run.n_repeats)} with one candidate left"
    saved = f"; that saved {summary.n_saved} fits" if summary.n_saved else ""
    if run.stopped[0].metric != leaderboard.rank_by:
        saved += f". It did not look at {METRICS.lookup(leaderboard.rank_by).title}"
    return f"{text}{saved}."


def budget_sentence(leaderboard: Leaderboard) -> str:
    """Return how far a run with a time budget can be repeated."""
    run = leaderboard.run
    most = run.experiment.protocol.repeats
    given = f"This run was given {run.experiment.budget} (`--budget`)"
    n_out = _n_left_out(leaderboard)
    if run.ending == "decided":
        return f"{given} and ended before, when the race was decided."
    if run.ending == "planned":
        return f"{given}, which was enough for all {_repeats(most)} that were allowed."
    held = f"{_repeats(run.n_repeats)} of up to {most} went into it"
    if n_out:
        held += f", without {n_out} candidate{'' if n_out == 1 else 's'} for which it was too short"
    return (
        f"{given}: {held}. That depends on the clock, so that another run may show other digits; "
        f"the figures of each row are those of `{_without_budget(run.n_repeats)}` instead of the "
        "budget."
    )


def _without_budget(n_repeats: int) -> str:
    return f"--repeats {n_repeats}" + (" --race" if n_repeats > 1 else "")


def _n_left_out(leaderboard: Leaderboard) -> int:
    run = leaderboard.run
    reason = run.experiment.out_of_time
    return len({skip.candidate.fitted for skip in run.skips if skip.reason == reason})


def first_of(n: int, n_repeats: int) -> str:
    """Return which repeats the first ``n`` are, in words."""
    return f"the first {'' if n == 1 else f'{n} '}of {n_repeats} repeats"


def _repeats(n: int) -> str:
    return f"{n} repeat{'' if n == 1 else 's'}"
