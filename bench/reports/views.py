"""Which rows of a board are shown, in what order: the same for all formats."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from bench.analysis.choice import BASELINE
from bench.analysis.wording import format_margin
from bench.domain import BoardRow, Candidate, Leaderboard
from bench.metrics import METRICS, metric_title
from bench.reports.bars import Axis, has_interval, span_axis
from bench.reports.boards import Board, Column, lead_by, rows_of, used_columns
from bench.reports.escaping import clean
from bench.reports.numbers import plural

_FEW = 3
"""So many are named, or shown, and not counted."""


@dataclass(frozen=True)
class View:
    """The rows of ``board`` that are shown, best first; with the baseline until it is `cut`.

    ``is_resorted`` says that the rows do not stand in the board's own order.
    """

    leaderboard: Leaderboard
    board: Board
    rows: tuple[BoardRow, ...]
    n_hidden: int = 0
    is_resorted: bool = False

    @property
    def shown(self) -> Leaderboard:
        """The leaderboard with nothing but the rows that are shown."""
        return replace(self.leaderboard, rows=self.rows)

    @property
    def columns(self) -> tuple[Column, ...]:
        """The figures that any of the rows has; intervals are drawn of the first."""
        return used_columns(self.board, self.rows)

    def axis(self, width: int) -> Axis | None:
        """Return what the bars share, ``None`` where there is nothing to draw.

        A baseline far away would flatten all others: it is drawn, but not spanned.
        """
        if not self.columns:
            return None
        lead = self.columns[0].name
        drawn = [row for row in self.rows if has_interval(row.scores.get(lead))]
        spanned = [row for row in drawn if row.candidate.model != BASELINE] or drawn
        return span_axis((row.scores.get(lead) for row in spanned), width=width)

    def cut(self, n_rows: int) -> View:
        """Return the first rows alone, without the baseline where it is none of them."""
        n_hidden = self.n_hidden + len(self.rows[n_rows:])
        return replace(self, rows=self.rows[:n_rows], n_hidden=n_hidden)

    @property
    def order(self) -> str:
        """What the rows stand in the order of, where it is not the rank; else nothing."""
        name = self.board.sort_by
        if not name:
            return ""
        return metric_title(name)


def build_view(
    leaderboard: Leaderboard, board: Board, *, sort_by: str = "", n_rows: int | None = None
) -> View:
    """Return the first rows of ``board``, and the baseline below them if it is no such row.

    Parameters
    ----------
    leaderboard : Leaderboard
    board : Board
    sort_by : str
        A metric, which then leads the board; ranks and marks stay those of the
        metric that ranks. The board's own order where it is empty.
    n_rows : int, optional
        As many as the board shows, where it is not given, or all if few would be hidden.
    """
    if sort_by:
        board = replace(lead_by(board, sort_by), sort_by=sort_by)
    elif not board.sort_by:
        board = lead_by(board, leaderboard.rank_by)
    rows = rows_of(board, leaderboard)
    if n_rows is None:
        n_rows = board.n_shown if len(rows) > board.n_shown + _FEW else len(rows)
    shown = rows[:n_rows]
    rest = rows[len(shown) :]
    if all(row.candidate.model != BASELINE for row in shown):
        shown += [row for row in rest if row.candidate.model == BASELINE][:1]
    return View(leaderboard, board, tuple(shown), len(rows) - len(shown), bool(sort_by))


def describe_view(view: View) -> list[str]:
    """Return the legend and what the table does not show."""
    leaderboard = view.leaderboard
    notes = ["= cannot be told from the best by this run; bars: corrected 95 % intervals"]
    margin = leaderboard.equivalence_margin
    if margin is not None and any(row.is_equivalent_to_best for row in view.rows if row.rank != 1):
        notes.append(f"~ shown to be as good as the best, within ±{format_margin(margin)}")
    if view.order:
        ranking = METRICS.lookup(leaderboard.rank_by).title
        notes.append(f"sorted by {clean(view.order)}; # and marks are those by {ranking}")
    if view.n_hidden:
        notes.append(f"{plural(view.n_hidden, 'more candidate')} in the files")
    n_stopped = sum(row.status == "stopped" for row in leaderboard.rows)
    if n_stopped:
        notes.append(f"{plural(n_stopped, 'row')} stopped in the race, not ranked")
    incomplete = [
        row.candidate for row in leaderboard.rows if row.status not in ("complete", "stopped")
    ]
    if incomplete:
        notes.append(f"{_told(incomplete)} without all splits, not ranked")
    skipped = [skip.candidate for skip in leaderboard.run.skips]
    if skipped:
        notes.append(f"{_told(skipped)} skipped, reasons in leaderboard.md")
    return notes


def _told(candidates: Iterable[Candidate]) -> str:
    """Return how many candidates were asked to be fitted, and which if they are few."""
    fitted = sorted({candidate.fitted for candidate in candidates})
    names = f" ({', '.join(map(str, fitted))})" if len(fitted) <= _FEW else ""
    return plural(len(fitted), "candidate") + names
