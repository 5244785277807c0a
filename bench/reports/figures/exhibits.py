"""A figure for a paper: what it shows, what it says below, and the table behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

from bench.analysis.evidence import Evidence
from bench.analysis.findings import Findings
from bench.analysis.importance import ImportanceTable
from bench.domain import BoardRow, Candidate, Leaderboard
from bench.reports.boards import in_order
from bench.reports.csv_files import Cell
from bench.reports.escaping import shorten
from bench.reports.figures.known import figure_title
from bench.reports.figures.values import Drawable
from bench.serial import to_json

LABEL_WIDTH = 44
_T = TypeVar("_T")


@dataclass(frozen=True)
class Exhibit:
    """One figure: its file's ``name``, a ``heading``, a ``caption``, a drawing, a table.

    ``rows`` hold all that is drawn, in long form, by the names in ``columns``.
    """

    name: str
    heading: str
    caption: str
    data: Drawable
    columns: Sequence[str]
    rows: Sequence[Mapping[str, Cell]]


@dataclass(frozen=True)
class Material:
    """What figures are made of: the same that the page is made of."""

    findings: Findings
    evidence: Evidence
    importance: ImportanceTable
    page: Mapping[str, Any]
    """What the page's scripts draw."""

    @property
    def leaderboard(self) -> Leaderboard:
        """The board."""
        return self.findings.leaderboard

    @cached_property
    def rows(self) -> tuple[BoardRow, ...]:
        """The rows of the board in the order in which the page numbers them."""
        return in_order(self.leaderboard)

    def title(self, subject: str) -> str:
        """Return the title of a figure."""
        return figure_title(subject, self.leaderboard)


def label_of(candidate: Candidate) -> str:
    """Return a candidate's name as figures have room for it."""
    return shorten(str(candidate), LABEL_WIDTH)


def both_ends(found: Sequence[_T], n: int) -> tuple[Sequence[_T], str]:
    """Return the first and the last of ``found``, ``n`` in all, and words on that if not all."""
    if len(found) <= n:
        return found, ""
    half = n // 2
    return (*found[:half], *found[-half:]), f"the first {half} and the last {half} of {len(found)}"


CANDIDATE = ("candidate", "model", "strategy", "tuning", "preparation", "repair", "decision")
"""The columns that say which candidate a line of a table is about."""


def candidate_cells(candidate: Candidate) -> dict[str, Cell]:
    """Return the cells of these columns."""
    return {"candidate": str(candidate), **to_json(candidate)}
