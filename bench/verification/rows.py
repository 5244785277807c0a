"""Which rows of a board are made again."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from bench.domain import BoardRow, Leaderboard
from bench.errors import UsageError
from bench.reports.boards import in_order
from bench.reports.numbers import plural

DEFAULT_SAMPLE = 3
"""Rows that are drawn beside the first one, where nothing else is asked for."""


@dataclass(frozen=True)
class Choice:
    """What was asked for: rows by number, address or name, all of them, or a sample.

    With none of these it is the first row and three that are drawn.
    """

    rows: tuple[str, ...] = ()
    is_all: bool = False
    sample: int | None = None
    seed: int = 0


def choose_rows(leaderboard: Leaderboard, choice: Choice) -> tuple[BoardRow, ...]:
    """Return the rows to make again, in board order.

    Rows that differ after the fit only share their fits, so whichever is chosen
    brings the others along.

    Raises
    ------
    UsageError
        If there is no such row, or nothing on the board has any figures.
    """
    rows = in_order(leaderboard)
    if choice.rows:
        chosen = [_find(rows, word) for word in choice.rows]
    else:
        made = [row for row in rows if row.n_splits]
        if not made:
            raise UsageError(
                "no row of the board has any figures", hint="run the experiment to its end first"
            )
        chosen = made if choice.is_all else _draw(made, choice)
    fits = {row.candidate.fitted for row in chosen}
    return tuple(row for row in rows if row.candidate.fitted in fits)


def _draw(rows: Sequence[BoardRow], choice: Choice) -> list[BoardRow]:
    """Return rows with fits of their own, drawn by the seed."""
    by_fits: dict[object, BoardRow] = {}
    for row in rows:
        by_fits.setdefault(row.candidate.fitted, row)
    first, *others = by_fits.values()
    dice = random.Random(choice.seed)
    if choice.sample is None:
        return [first, *dice.sample(others, min(DEFAULT_SAMPLE, len(others)))]
    return dice.sample([first, *others], min(choice.sample, len(by_fits)))


def _find(rows: Sequence[BoardRow], word: str) -> BoardRow:
    """Return the row with this number on the board, this address or this name."""
    if word.isdecimal() and 1 <= int(word) <= len(rows):
        return rows[int(word) - 1]
    found = [row for row in rows if word in (str(row.candidate), row.address)]
    if len(word) >= 4 and not found:
        found = [row for row in rows if row.address.startswith(word)]
    if len(found) == 1:
        return found[0]
    raise UsageError(
        f"--row {word}: no such row on a board of {plural(len(rows), 'row')}",
        hint="give its number from the top, its address, or its name such as "
        f"{rows[0].candidate if rows else 'logistic+none+default'}",
    )
