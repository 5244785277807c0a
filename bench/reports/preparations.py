"""The section on preparations: what each changes, and how steady its selection is."""

from __future__ import annotations

from collections.abc import Sequence

from bench.analysis.effects import StrategyEffect
from bench.analysis.preparation_effects import PreparationStability, PreparationSummary
from bench.domain import Candidate, Leaderboard
from bench.reports.banners import standin_words
from bench.reports.effects import MARKS, metric_of, render_effects
from bench.reports.escaping import escape_markdown
from bench.reports.markdown_parts import render_table
from bench.reports.numbers import format_number
from bench.reports.racing import shared_words

_N_SHOWN = 10
_N_NAMED = 8


def render_preparations(summary: PreparationSummary, leaderboard: Leaderboard) -> list[str]:
    """Return the section as blocks; nothing where the run had one preparation only."""
    found = [
        *_effects(summary.effects, leaderboard),
        _unchanged(summary.unchanged),
        *_selections(summary.selections),
    ]
    blocks = [block for block in (shared_words(leaderboard), *found) if block] if any(found) else []
    title = f"## What the preparations change{standin_words(leaderboard)}"
    return [title, *blocks] if blocks else []


def _effects(effects: Sequence[StrategyEffect], leaderboard: Leaderboard) -> list[str]:
    if not effects:
        return []
    metric = metric_of(leaderboard)
    return [
        f"Mean change in {metric} against the same model, strategy and tuning on plain `encoded` "
        "columns.",
        render_effects(effects, metric=metric, n_shown=_N_SHOWN),
        MARKS,
    ]


def _unchanged(candidates: Sequence[Candidate]) -> str:
    """Return for which candidates a preparation found nothing to do."""
    if not candidates:
        return ""
    names = ", ".join(escape_markdown(str(candidate), width=60) for candidate in candidates)
    return f"Exactly as `encoded`, with nothing to change: {names}."


def _selections(selections: Sequence[PreparationStability]) -> list[str]:
    if not selections:
        return []
    rows = [
        [
            escape_markdown(row.preparation),
            f"{row.mean_kept:.1f} of {row.n_features}",
            "" if row.stability is None else format_number(row.stability, digits=2),
            ""
            if row.low is None or row.high is None
            else f"[{format_number(row.low, digits=2)}, {format_number(row.high, digits=2)}]",
            _names(row.always),
            _names(row.sometimes),
        ]
        for row in selections
    ]
    titles = ["selection", "kept", "stability", "95 % interval", "in all splits", "in some"]
    return [
        render_table(titles, rows, right=(1, 2, 3)),
        "Stability of the kept set over splits (Nogueira 2018): 1 the same columns always, 0 as "
        "by chance; below .4 poor, above .75 excellent.\n"
        "Splits share training rows, which flatters it and its interval.",
    ]


def _names(names: Sequence[str]) -> str:
    shown = ", ".join(escape_markdown(name, width=26) for name in names[:_N_NAMED])
    return f"{shown} and {len(names) - _N_NAMED} more" if len(names) > _N_NAMED else shown
