"""What imbalance handling does: a few sentences, and the figures behind them folded below."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bench.domain import Leaderboard
from bench.reports.escaping import escape_markdown
from bench.reports.markdown_parts import fold, render_sentence, render_table
from bench.reports.racing import shared_words
from bench.reports.tables import RANKING, format_number, lead_by, standin_words

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
    metric = escape_markdown(lead_by(RANKING, leaderboard.rank_by).columns[0].title, width=40)
    rows = [
        [
            ("*" if effect.is_beyond_noise else "") + ("~" if effect.is_equivalent else ""),
            escape_markdown(str(effect.candidate), width=60),
            format_number(effect.difference, is_signed=True),
            f"[{format_number(effect.low, is_signed=True)}, "
            f"{format_number(effect.high, is_signed=True)}]",
            format_number(effect.adjusted_p_value, digits=3),
        ]
        for effect in sorted(effects, key=lambda effect: (-_gain(effect), effect.candidate))
    ]
    titles = ["", "candidate", f"change in {metric}", "95 % interval", "adjusted p"]
    table = render_table(titles, rows, right=(2, 3, 4))
    legend = (
        f"Mean change in {metric} against `none` with the same model, tuning and preparation.\n"
        "`*` beyond noise: p under .05 after Holm's correction; `~` shown to be too small to "
        "matter."
    )
    return fold(f"every change in {metric}", f"{table}\n\n{legend}")


def _gain(effect: StrategyEffect) -> float:
    return abs(effect.difference) if effect.is_better else -abs(effect.difference)
