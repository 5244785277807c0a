"""From a user's file to an adapter that runs: proposed, explained, written, proven."""

from __future__ import annotations

from bench.adding.proposing import Proposal, propose_adapter
from bench.adding.writing import add_dataset

__all__ = ["Proposal", "add_dataset", "propose_adapter"]
