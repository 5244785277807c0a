"""How far each mistake goes: numbers that every leaky fit depends on."""

from __future__ import annotations

N_TRIALS = 20
"""Of the search that is decided on the test rows."""

GAP_SHARE = 0.1
"""Of the numbers, taken out where a table has no gaps of its own."""

REPEATED_SHARE = 0.5
"""Of the rows that appear a second time."""

N_SNAPSHOTS = 3
"""Rows for each customer."""

SNAPSHOT_NOISE = 0.05
"""Deviation between a customer's rows, in standard deviations of each number."""

COPY_ERRORS = 0.1
"""Share of customers for whom the target's copy is wrong."""
