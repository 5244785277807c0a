"""The table of changes against a plain twin: of strategies and of preparations."""

from __future__ import annotations

from collections.abc import Iterable

from bench.analysis.effects import StrategyEffect
from bench.domain import Leaderboard
from bench.reports.boards import RANKING, lead_by
from bench.reports.escaping import escape_markdown
from bench.reports.markdown_parts import render_long_table
from bench.reports.numbers import format_number

MARKS = (
    "`*` beyond noise: p under .05 after Holm's correction; `~` shown to be too small to matter."
)


def metric_of(leaderboard: Leaderboard) -> str:
    """Return the title of what ranks the board, escaped for Markdown."""
    return escape_markdown(lead_by(RANKING, leaderboard.rank_by).columns[0].title, width=40)


def render_effects(effects: Iterable[StrategyEffect], *, metric: str, n_shown: int) -> str:
    """Return what changes in ``metric``, the largest gain first."""
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
    return render_long_table(titles, rows, right=(2, 3, 4), n_shown=n_shown)


def _gain(effect: StrategyEffect) -> float:
    return abs(effect.difference) if effect.is_better else -abs(effect.difference)
