"""The four boards: one declaration of columns for Markdown, CSV, JSON and the terminal.

A column is an entry in a tuple, not a branch: what is declared here appears
everywhere, and a plugin's figures join the board that its metric names.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace

from bench.analysis.choice import BASELINE
from bench.analysis.rivals import rivals
from bench.domain import BoardRow, Candidate, Leaderboard
from bench.metrics import METRICS, is_lower_better, metric_title


@dataclass(frozen=True)
class Column:
    """One figure of a candidate.

    ``has_interval`` says that boards show it with its interval,
    ``has_spread`` that files hold ``_std, _low, _high`` beside the mean,
    ``is_shown`` that boards show it at all (files always do).
    """

    name: str
    title: str
    has_interval: bool = False
    has_spread: bool = True
    is_shown: bool = True
    digits: int = 4


@dataclass(frozen=True)
class Board:
    """One view of the candidates.

    Without ``sort_by`` it stands in the order of the ranks. ``is_brief`` says
    that a page shows the best candidate of each strategy instead of all.
    """

    name: str
    title: str
    question: str
    columns: tuple[Column, ...]
    sort_by: str = ""
    is_brief: bool = False
    n_shown: int = 12

    @property
    def shown(self) -> tuple[Column, ...]:
        """The columns that a reader sees."""
        return tuple(column for column in self.columns if column.is_shown)

    def has_figures(self, row: BoardRow) -> bool:
        """Return whether ``row`` has any figure of the board."""
        return any(column.name in row.scores for column in self.columns)


RANKING = Board(
    name="ranking",
    title="Ranking",
    question="Are those who leave ranked above those who stay, whatever the threshold?",
    columns=(
        Column("roc_auc", "ROC-AUC", has_interval=True),
        Column("average_precision", "average precision", has_interval=True),
        Column("h_measure", "H-measure", is_shown=False),
    ),
)

DECISIONS = Board(
    name="decisions",
    title="Decisions",
    question="Who is called, at the chosen threshold and at .5?",
    columns=(
        Column("f1", "F1", has_interval=True),
        Column("precision", "precision"),
        Column("recall", "recall"),
        Column("accuracy", "accuracy", is_shown=False),
        Column("balanced_accuracy", "balanced acc."),
        Column("mcc", "MCC"),
        Column("g_mean", "G-mean", is_shown=False),
        Column("f1_at_05", "F1 at .5", has_spread=False),
        Column("precision_at_05", "precision at .5", has_spread=False, is_shown=False),
        Column("recall_at_05", "recall at .5", has_spread=False),
        Column("accuracy_at_05", "accuracy at .5", has_spread=False, is_shown=False),
        Column("balanced_accuracy_at_05", "bal. acc. at .5", has_spread=False, is_shown=False),
        Column("mcc_at_05", "MCC at .5", has_spread=False, is_shown=False),
        Column("g_mean_at_05", "G-mean at .5", has_spread=False, is_shown=False),
        Column("threshold", "threshold", has_spread=False),
    ),
    sort_by="f1",
)

PROBABILITIES = Board(
    name="probabilities",
    title="Probabilities",
    question="Does a predicted 30 % mean that 30 of 100 leave? Lower is better, but for the skill; "
    "an ECE at its noise floor is as good as 0, the slope should be 1 and the shift 0.",
    columns=(
        Column("brier", "Brier", has_interval=True),
        Column("brier_skill", "skill", digits=3),
        Column("log_loss", "log loss"),
        Column("ece", "ECE"),
        Column("ece_floor", "noise floor", has_spread=False),
        Column("calibration_slope", "slope", digits=2),
        Column("calibration_in_the_large", "shift", digits=2),
    ),
    sort_by="brier",
    is_brief=True,
)

PROFIT = Board(
    name="profit",
    title="Profit",
    question="What is a campaign worth that calls the top of the list?",
    columns=(
        Column("empc", "EMPC", has_interval=True, digits=2),
        Column("empc_fraction", "contacted", has_spread=False, digits=2),
        Column("mpc", "MPC", digits=2),
        Column("campaign_profit", "campaign profit", digits=2),
        Column("campaign_fraction", "campaign contacts", has_spread=False, is_shown=False),
        Column("campaign_regret", "regret", digits=2),
        Column("value_profit", "by customer value", digits=2),
        Column("savings", "savings", digits=3),
        Column("expected_savings", "expected savings", is_shown=False),
        Column("lift_at_10", "lift at 10 %", has_interval=True, digits=2),
    ),
    sort_by="empc",
    is_brief=True,
)

BOARDS = (RANKING, DECISIONS, PROBABILITIES, PROFIT)

OTHER = Board("other", "Other figures", "Figures of plugins that are not loaded now.", ())

SUMMARY = Board(
    name="summary",
    title="Leaderboard",
    question="",
    columns=(
        Column("roc_auc", "ROC-AUC", has_interval=True),
        Column("average_precision", "AP"),
        Column("f1", "F1"),
    ),
    n_shown=15,
)
"""What the terminal shows at the end of a run."""


def boards_of(leaderboard: Leaderboard) -> tuple[Board, ...]:
    """Return the boards, each with the plugins' figures that belong on it."""
    declared = {column.name for board in BOARDS for column in board.columns}
    measured = {name for row in leaderboard.rows for name in row.scores}
    added: dict[str, list[Column]] = defaultdict(list)
    for name in sorted(measured - declared):
        # Whoever reads results need not have loaded the plugin that made them.
        board = METRICS.lookup(name).board if name in METRICS else "other"
        added[board].append(_column(name))
    extended = (replace(b, columns=(*b.columns, *added[b.name])) for b in (*BOARDS, OTHER))
    return tuple(board for board in extended if board.columns)


def lead_by(board: Board, metric: str) -> Board:
    """Return ``board`` with the figure that ranks the candidates in front, with its interval."""
    own = {column.name: column for column in board.columns}
    lead = replace(own.get(metric) or _column(metric), has_interval=True, is_shown=True)
    return replace(board, columns=(lead, *(c for c in board.columns if c.name != metric)))


def _column(name: str) -> Column:
    """Return the column of a figure that the board in question does not declare."""
    declared = {column.name: column for board in BOARDS for column in board.columns}
    return declared.get(name) or Column(name, metric_title(name))


def in_order(leaderboard: Leaderboard) -> tuple[BoardRow, ...]:
    """Return the rows in the one fixed order: by rank, then by coverage and name.

    Those that a race stopped after the same repeats stand by their figures.
    """
    metric = leaderboard.rank_by
    sign = _sign(metric)

    def place(row: BoardRow) -> tuple[float, float, float, str]:
        has_figure = row.status == "stopped" and metric in row.scores
        figure = sign * row.scores[metric].mean if has_figure else math.inf
        rank = math.inf if row.rank is None else row.rank
        return rank, -row.coverage, figure, str(row.candidate)

    return tuple(sorted(leaderboard.rows, key=place))


def _sign(metric: str) -> float:
    """Return what makes the better figure the smaller one."""
    return 1.0 if is_lower_better(metric) else -1.0


def rows_of(board: Board, leaderboard: Leaderboard) -> list[BoardRow]:
    """Return the rows that have figures for ``board``, best first, incomplete ones last."""
    own = candidates_on(board, leaderboard)
    rows = [row for row in in_order(leaderboard) if board.has_figures(row) and row.candidate in own]
    if not board.sort_by:
        return rows
    sign = _sign(board.sort_by)

    def place(row: BoardRow) -> tuple[float, float]:
        score = row.scores.get(board.sort_by)
        return -row.coverage, math.inf if score is None else sign * score.mean

    return sorted(rows, key=place)


_TOLD_APART_BY = {"decisions": "f1", "probabilities": "brier", "profit": "savings"}
"""A figure that is not the same for all rows of a fit which differ on the board."""


def candidates_on(board: Board, leaderboard: Leaderboard) -> frozenset[Candidate]:
    """Return the rows of ``board``: of those that share its figures, one stands for all."""
    metric = _TOLD_APART_BY.get(board.name) or board.sort_by or leaderboard.rank_by
    return rivals((row.candidate for row in leaderboard.rows), METRICS.lookup(metric))


def best_per_strategy(rows: Iterable[BoardRow]) -> list[BoardRow]:
    """Return the first row of each strategy and repair, and of the baseline, in their order."""
    first: dict[str, BoardRow] = {}
    for row in rows:
        candidate = row.candidate
        group = f"+{candidate.strategy}+{candidate.repair}"
        first.setdefault(BASELINE if candidate.model == BASELINE else group, row)
    return list(first.values())


def used_columns(board: Board, rows: Iterable[BoardRow]) -> tuple[Column, ...]:
    """Return the shown columns of ``board`` for which any row has a figure."""
    measured = {name for row in rows for name in row.scores}
    return tuple(column for column in board.shown if column.name in measured)
