"""What imbalance handling does: a few sentences, and the figures behind them folded below."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bench.domain import Leaderboard
from bench.reports.banners import standin_words
from bench.reports.effects import MARKS, metric_of, render_effects
from bench.reports.markdown_parts import fold, render_sentence
from bench.reports.racing import shared_words

if TYPE_CHECKING:
    from bench.analysis.effects import StrategyEffect
    from bench.analysis.wording import Verdict


def render_verdicts(
    verdicts: Sequence[Verdict],
    effects: Sequence[StrategyEffect],
    leaderboard: Leaderboard,
) -> list[str]:
    """Return the section, or nothing where nothing was compared."""
    if not verdicts and not effects:
        return []
    blocks = [f"## What imbalance handling does{standin_words(leaderboard)}"]
    blocks += [words] if (words := shared_words(leaderboard)) else []
    if verdicts:
        blocks.append("\n".join(f"- {render_sentence(v.sentence)}" for v in verdicts))
        blocks.append(
            "A change is told where a paired corrected test shows it after Holm's correction over "
            "the run,\n"
            "and sameness where two one-sided tests show it (within ±.005, F1 within ±.01, profit "
            "within half a percent);\n"
            'what "was not shown" may be there or not. In brackets the figures, mean over the '
            "splits."
        )
    if effects:
        blocks.append(_effects_table(effects, leaderboard))
    return blocks


def _effects_table(effects: Sequence[StrategyEffect], leaderboard: Leaderboard) -> str:
    """Return what each strategy changes against none, the largest gain first, folded."""
    metric = metric_of(leaderboard)
    table = render_effects(effects, metric=metric, n_shown=len(effects))
    legend = (
        f"Mean change in {metric} against `none` with the same model, tuning and preparation.\n"
        f"{MARKS}"
    )
    return fold(f"every change in {metric}", f"{table}\n\n{legend}")
