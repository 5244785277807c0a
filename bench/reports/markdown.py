"""``leaderboard.md``: the answer first, then the boards, then what a reader needs to judge them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bench.analysis.wording import format_margin
from bench.domain import BoardRow, Leaderboard
from bench.reports.banners import standin_words
from bench.reports.boards import (
    Board,
    Column,
    best_per_strategy,
    boards_of,
    candidates_on,
    lead_by,
    rows_of,
    used_columns,
)
from bench.reports.escaping import escape_markdown
from bench.reports.markdown_context import (
    render_banner,
    render_class_counts,
    render_data,
    render_missing,
    render_reproduction,
    render_thresholds,
)
from bench.reports.markdown_parts import (
    join_blocks,
    render_long_table,
    render_sentence,
)
from bench.reports.numbers import (
    format_chance,
    format_coverage,
    format_score,
    plural,
    tie_marks,
)
from bench.reports.preparations import render_preparations
from bench.reports.racing import render_race
from bench.reports.verdicts import render_verdicts

if TYPE_CHECKING:
    from bench.analysis.effects import StrategyEffect
    from bench.analysis.preparation_effects import PreparationSummary
    from bench.analysis.wording import Verdict


def render_leaderboard_markdown(
    leaderboard: Leaderboard,
    *,
    answer: Sequence[str] = (),
    effects: Sequence[StrategyEffect] = (),
    verdicts: Sequence[Verdict] = (),
    economics: Sequence[str] = (),
    preparations: PreparationSummary | None = None,
    figures: Sequence[str] = (),
) -> str:
    """Return the page.

    Parameters
    ----------
    leaderboard : Leaderboard
    answer : sequence of str
        Its first sentences; names of candidates in them stand in backticks.
    effects : sequence of StrategyEffect
        Those of the same run on the metric that ranks the board.
    verdicts : sequence of Verdict
        What the run shows about imbalance handling.
    economics : sequence of str
        The amounts behind the profit board, and its references.
    preparations : PreparationSummary, optional
        Likewise, for preparations other than the plain one.
    figures : sequence of str
        Paths of the images as seen from the page.
    """
    facts = leaderboard.run.facts
    title = escape_markdown(facts.title or facts.name, width=80)
    blocks = [
        f"# Leaderboard: {title}{standin_words(leaderboard)}",
        render_banner(facts),
        "\n".join(render_sentence(sentence) for sentence in answer),
        "**This run was interrupted; what is missing has no rank.**"
        if leaderboard.run.is_interrupted
        else "",
        render_data(leaderboard),
    ]
    ranking, *others = boards_of(leaderboard)
    blocks += render_board(lead_by(ranking, leaderboard.rank_by), leaderboard)
    blocks += [f"![The ranking with intervals]({figure})" for figure in figures]
    blocks += render_race(leaderboard)
    blocks += render_verdicts(verdicts, effects, leaderboard)
    blocks += render_preparations(preparations, leaderboard) if preparations else []
    for board in others:
        blocks += render_board(board, leaderboard)
        if board.name == "decisions":
            blocks.append(render_thresholds(leaderboard))
        if board.name == "profit":
            blocks.append("\n".join(render_sentence(line) for line in economics))
    blocks += [
        render_class_counts(leaderboard),
        render_missing(leaderboard),
        render_reproduction(leaderboard),
    ]
    return join_blocks(blocks)


def render_board(board: Board, leaderboard: Leaderboard) -> list[str]:
    """Return the heading, the table and the legend of one board; nothing where it has no rows."""
    measured = rows_of(board, leaderboard)
    if not measured:
        return []
    rows = best_per_strategy(measured) if board.is_brief else measured
    columns = used_columns(board, rows)
    has_coverage = any(row.coverage < 1 for row in rows)
    titles = ["rank", "tied", "candidate"]
    titles += [escape_markdown(column.title, width=24) for column in columns]
    cells = [_cells(row, columns) for row in rows]
    if has_coverage:
        titles.append("coverage")
        for line, row in zip(cells, rows, strict=True):
            line.append(format_coverage(row))
    right = [0, *range(3, len(titles))]
    if board.name == "ranking" and any(row.p_best is not None for row in rows):
        titles.insert(3, "P(best)")
        right.append(len(titles) - 1)
        for line, row in zip(cells, rows, strict=True):
            line.insert(3, format_chance(row.p_best))
    table = render_long_table(titles, cells, right=right, n_shown=board.n_shown)
    words = ", the best candidate of each strategy" if board.is_brief else ""
    return [
        f"## {board.title}{words}{standin_words(leaderboard)}",
        board.question,
        table,
        _legend(board, leaderboard, rows),
    ]


def _cells(row: BoardRow, columns: Sequence[Column]) -> list[str]:
    return [
        "" if row.rank is None else str(row.rank),
        tie_marks(row),
        escape_markdown(str(row.candidate), width=60),
        *(
            format_score(
                row.scores.get(column.name),
                digits=column.digits,
                has_interval=column.has_interval,
            )
            for column in columns
        ),
    ]


def _legend(board: Board, leaderboard: Leaderboard, rows: Sequence[BoardRow]) -> str:
    """Return what the marks of ``board`` mean, one sentence a line."""
    lines = []
    if board.name in ("ranking", "summary") and not board.sort_by:
        metric = board.columns[0].title
        lines += [
            f"Ranked by {metric}, the mean over {leaderboard.n_splits} splits; in brackets its "
            "corrected 95 % interval (Nadeau & Bengio).",
            "`=` marks candidates that this run cannot tell from the best one.",
        ]
        margin = leaderboard.equivalence_margin
        if margin is not None:
            lines.append(
                "`~` marks those that it shows to be as good, within "
                f"±{format_margin(margin)} (two one-sided tests at 5 %)."
            )
        if any(row.p_best is not None for row in rows):
            lines.append("P(best) is the share of bootstrap draws of customers and splits it wins.")
    elif board.sort_by:
        lead = next(column.title for column in board.columns if column.name == board.sort_by)
        lines.append(f"Sorted by {lead}; `rank` and marks are those of the ranking board.")
    notes = dict.fromkeys(row.note for row in rows if row.note)
    lines += [f"Note: {escape_markdown(note, width=200)}." for note in notes]
    lines += _not_shown(board, leaderboard)
    if any(row.status == "stopped" for row in rows):
        lines.append(
            "Candidates that the race stopped have no rank: theirs are the figures of fewer splits."
        )
    if any(row.status not in ("complete", "stopped") for row in rows):
        lines.append("Candidates without a rank lack splits and are not compared with the others.")
    if board.is_brief:
        lines.append("All candidates are in `leaderboard.csv`.")
    return "\n".join(lines)


def _not_shown(board: Board, leaderboard: Leaderboard) -> list[str]:
    """Return how many rows ``board`` leaves out, and why."""
    tried = [row for row in leaderboard.rows if row.n_splits]
    candidates = candidates_on(board, leaderboard)
    own = [row for row in tried if row.candidate in candidates]
    blank = [row for row in own if not board.has_figures(row)]
    lines = []
    if blank:
        why = ": scores only" if all(row.outputs == "score" for row in blank) else ""
        lines.append(f"{plural(len(blank), 'candidate')} without these figures{why}.")
    n_apart = len(tried) - len(own)
    if n_apart:
        lines.append(
            f"Left out: {plural(n_apart, 'row')} of the same fits with repaired probabilities or "
            "another decision rule; see the boards that this changes."
        )
    return lines
