"""The dataset doctor: what a reader must know of a table before believing its board."""

from __future__ import annotations

from bench.doctor.accepting import admit
from bench.doctor.diagnosing import diagnose, examine

__all__ = ["admit", "diagnose", "examine"]
