"""Which candidates lack splits, and why: the same for all pages."""

from __future__ import annotations

from collections import defaultdict

from bench.domain import BoardRow, Candidate, Leaderboard
from bench.reports.boards import in_order


def incomplete_rows(leaderboard: Leaderboard) -> list[tuple[BoardRow, str]]:
    """Return the rows that lack splits, in board order, each with what its fits raised.

    Rows that differ after the fit only share their fits, and what these raised.
    """
    run = leaderboard.run
    jobs = {job.id: job for job in run.jobs} if run.failures else {}
    raised: dict[Candidate, dict[str, None]] = defaultdict(dict)
    for job_id, error in sorted(run.failures.items()):
        if job_id in jobs:
            raised[jobs[job_id].candidate][error] = None
    return [
        (row, "; ".join(raised.get(row.candidate.fitted, ())) or "not run yet")
        for row in in_order(leaderboard)
        if row.status not in ("complete", "stopped")
    ]
