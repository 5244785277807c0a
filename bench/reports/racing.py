"""The section on a race: who stopped when, behind whom, and what that saved."""

from __future__ import annotations

from bench.analysis.race_summary import budget_sentence, first_of, summarise_race
from bench.analysis.racing import shared_repeats
from bench.domain import Leaderboard
from bench.metrics import METRICS
from bench.reports.banners import standin_words
from bench.reports.escaping import escape_markdown
from bench.reports.markdown_parts import render_long_table, render_sentence
from bench.reports.numbers import format_count, format_number, plural

_N_SHOWN = 10


def render_race(leaderboard: Leaderboard) -> list[str]:
    """Return the section as blocks; nothing where nobody was stopped."""
    summary = summarise_race(leaderboard)
    if summary is None or not summary.stopped:
        return []
    metric = METRICS.lookup(summary.stopped[0].metric).title
    rows = [
        [
            escape_markdown(str(stop.candidate), width=60),
            str(stop.repeats),
            format_number(stop.difference, is_signed=True),
            escape_markdown(str(stop.behind), width=60),
            format_p_value(stop.p_value),
            format_p_value(stop.level),
        ]
        for stop in summary.stopped
    ]
    titles = ["candidate", "repeats", f"{escape_markdown(metric, width=24)} behind", "behind whom"]
    table = render_long_table(
        [*titles, "adjusted p", "level"], rows, right=(1, 2, 4, 5), n_shown=_N_SHOWN
    )
    saved = (
        f"{plural(summary.n_saved, 'fit')} were not made, about "
        f"{format_count(summary.seconds_saved)} CPU seconds."
    )
    return [
        f"## Stopped in the race{standin_words(leaderboard)}",
        "After every repeat all that are left are tested against the leader: paired, corrected for "
        "shared training rows and, by Holm, for being several.\n"
        "After r repeats the level is .4 % / (r (r + 1)); over the whole race the risk of stopping "
        "any that is as good as the best is below 1 % (simulated).\n"
        f"{saved}",
        table,
    ]


def render_budget(leaderboard: Leaderboard) -> str:
    """Return how far a run with a time budget can be repeated; nothing without one."""
    if leaderboard.run.experiment.budget_seconds is None:
        return ""
    return render_sentence(budget_sentence(leaderboard))


def shared_words(leaderboard: Leaderboard) -> str:
    """Return on which repeats of a race all candidates are compared; nothing where on all."""
    n_shared, n_repeats = shared_repeats(leaderboard.run).n_repeats, leaderboard.run.n_repeats
    if n_shared == n_repeats:
        return ""
    return (
        f"Over {first_of(n_shared, n_repeats)}, which all candidates finished: who was left in "
        "the race was chosen by the scores."
    )


def format_p_value(p_value: float) -> str:
    """Return a p-value as small as it is: ``.0031``, ``< .0001``."""
    return "< .0001" if p_value < 0.0001 else format_number(p_value)
