"""Everything that a run shows, from one pass over its stored scores."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.analysis.answer import answer
from bench.analysis.economics import find_references
from bench.analysis.effects import Scored, StrategyEffect, strategy_effects
from bench.analysis.leaderboard import build_leaderboard
from bench.analysis.racing import on_shared_repeats, shared_repeats
from bench.analysis.scoring import score_splits
from bench.analysis.tuning import tuning_sentences
from bench.analysis.verdicts import build_verdicts
from bench.analysis.wording import Verdict
from bench.campaigns import References
from bench.domain import Leaderboard, Result, Run
from bench.metrics import METRICS

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


@dataclass(frozen=True)
class Findings:
    """The board, the answer to the question, and what backs it."""

    leaderboard: Leaderboard
    effects: tuple[StrategyEffect, ...]
    verdicts: tuple[Verdict, ...]
    references: Mapping[str, References]
    """What contacting nobody, everybody and exactly the churners earns, by metric."""
    tuning: tuple[str, ...]
    """Whether studies and recommended settings pay, in sentences."""
    scored: Scored
    """The figures of every split that the rest was made of."""

    @property
    def answer(self) -> list[str]:
        """A few sentences that say what the board shows."""
        return answer(self.leaderboard, self.effects, self.tuning)


def analyse(
    run: Run, results: Mapping[str, Result], *, values: ArrayLike | None = None
) -> Findings:
    """Return what ``run`` shows, ranked by the metric that it was asked to rank by.

    Parameters
    ----------
    run : Run
    results : mapping of job id to Result
    values : array-like of shape (n_samples,), optional
        What each customer is worth a month, see `Store.read_values`.

    Raises
    ------
    UnknownNameError
        If that is no metric.
    """
    rank_by = METRICS.lookup(run.experiment.rank_by).name
    scored = score_splits(run, results, METRICS, values=values)
    # What strategies change is asked of all candidates, whoever a race has left.
    shared, on_shared = shared_repeats(run), on_shared_repeats(scored, run)
    leaderboard = build_leaderboard(run, results, rank_by=rank_by, scored=scored)
    return Findings(
        leaderboard=leaderboard,
        effects=strategy_effects(shared, on_shared, metric=rank_by),
        verdicts=build_verdicts(shared, on_shared, board=leaderboard),
        references=find_references(run, results, values=values),
        tuning=tuning_sentences(shared, on_shared, leaderboard),
        scored=scored,
    )
