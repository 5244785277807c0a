"""``leaderboard.json``: the boards for programs, with every figure and what is missing."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from bench.domain import BoardRow, Leaderboard
from bench.reports.boards import Board, boards_of, in_order
from bench.serial import to_json

if TYPE_CHECKING:
    from bench.analysis.wording import Verdict

SCHEMA_VERSION = 1

_quote = json.encoder.encode_basestring_ascii


def render_leaderboard_json(
    leaderboard: Leaderboard,
    *,
    answer: Sequence[str] = (),
    verdicts: Sequence[Verdict] = (),
    boards: Sequence[Board] = (),
    rows: Sequence[BoardRow] = (),
) -> str:
    """Return the boards as JSON; like the CSV it holds nothing measured by a clock.

    All boards and all rows in the order of the ranks, unless some are named.
    """
    run = leaderboard.run
    document = {
        "schema_version": SCHEMA_VERSION,
        "is_standin": run.facts.is_standin,
        "answer": list(answer),
        "rank_by": leaderboard.rank_by,
        "n_splits": leaderboard.n_splits,
        "resolvable_difference": leaderboard.resolvable_difference,
        "threshold_optimism": leaderboard.threshold_optimism,
        "n_optimism": leaderboard.n_optimism,
        "equivalence_margin": leaderboard.equivalence_margin,
        "repeats_to_separate": leaderboard.repeats_to_separate,
        "expected_of_selection": leaderboard.expected_of_selection,
        "verdicts": to_json(verdicts),
        "dataset": to_json(run.facts) | {"prevalence": run.facts.prevalence},
        "protocol": to_json(run.experiment.protocol),
        "n_repeats": run.n_repeats,
        "race": run.experiment.race,
        "budget_seconds": run.experiment.budget_seconds,
        "ending": run.ending,
        "stopped": to_json(run.stopped),
        "versions": dict(sorted(run.versions.items())),
        "boards": [_board(board) for board in boards or boards_of(leaderboard)],
        "rows": [_row(row) for row in rows or in_order(leaderboard)],
        "skips": to_json(sorted(run.skips, key=lambda skip: skip.candidate)),
    }
    return _render(document, "\n") + "\n"


def _board(board: Board) -> dict[str, Any]:
    return {
        "name": board.name,
        "title": board.title,
        "columns": [{"name": column.name, "title": column.title} for column in board.columns],
    }


def _row(row: BoardRow) -> dict[str, Any]:
    """Return all of a row but its costs, which a clock measured."""
    cells: dict[str, Any] = to_json(row)
    del cells["costs"]
    cells["scores"] = dict(sorted(cells["scores"].items()))
    return cells


def _render(value: Any, inset: str) -> str:
    """Return JSON as ``json.dumps(value, indent=1)`` has it, in a third of the time.

    Numbers have nine decimals, and where there is none it is null. ``inset``
    is the line break and the spaces before the bracket that closes ``value``.
    """
    if isinstance(value, str):
        return _quote(value)
    if isinstance(value, float):
        return float.__repr__(round(value, 9)) if math.isfinite(value) else "null"
    if isinstance(value, dict):
        further = inset + " "
        items = [f"{_quote(key)}: {_render(item, further)}" for key, item in value.items()]
        return f"{{{further}{f',{further}'.join(items)}{inset}}}" if items else "{}"
    if isinstance(value, list):
        further = inset + " "
        items = [_render(item, further) for item in value]
        return f"[{further}{f',{further}'.join(items)}{inset}]" if items else "[]"
    return json.dumps(value)
