"""The address of a row: a short digest of what makes it, by which anyone can ask for it again."""

from __future__ import annotations

from collections import defaultdict

from bench.domain import Candidate, Run
from bench.identity import digest
from bench.serial import to_json

LENGTH = 12
"""Hexadecimal digits: two of a million rows share an address with a chance of 1 in 560."""


def row_addresses(run: Run) -> dict[Candidate, str]:
    """Return the address of every row that ``run`` planned.

    It is a digest of the ids of the row's jobs (in which are data, candidate,
    splits, protocol, library versions, plug-ins and ``NUMBERS_VERSION``), of
    its repair and its decision, and of the economics behind the profit
    figures. Rows with one address are one row, wherever they were made.

    The package's own code is not in it, or an edit that changes no figure would
    give every row a new address; `bench.environment.code_digests` are kept
    beside it, so that `verify` can name what changed.
    """
    ids: dict[Candidate, list[str]] = defaultdict(list)
    for job in run.jobs:
        ids[job.candidate].append(job.id)
    economics = to_json(run.facts.economics)
    return {
        row: digest("row", sorted(ids[row.fitted]), row.repair, row.decision, economics)[:LENGTH]
        for row in run.candidates
    }
