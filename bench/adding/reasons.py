"""Why something is proposed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Table = Literal["source", "target", "columns", "economics"]


@dataclass(frozen=True)
class Reason:
    """One line, and the table of the adapter that it is about."""

    table: Table
    text: str
