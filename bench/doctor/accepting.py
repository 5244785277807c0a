"""Severe findings stop a run unless they are accepted by name."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from bench.doctor.adapter_lines import shell
from bench.doctor.kinds import CODES
from bench.domain import DatasetFacts, Finding
from bench.errors import DataError, UsageError
from bench.registry import unknown_name


def admit(facts: DatasetFacts, accepted: Sequence[str]) -> DatasetFacts:
    """Return the facts with what was accepted, if nothing severe is left.

    Parameters
    ----------
    facts : DatasetFacts
        With the doctor's findings.
    accepted : sequence of str
        Codes of findings, each for all columns, or ``CODE:COLUMN``.

    Raises
    ------
    UsageError
        If something is accepted that was not found.
    DataError
        If there is a severe finding that is not accepted; all of them are listed.
    """
    for name in accepted:
        _check_accepted(name, facts)
    known = dataclasses.replace(facts, accepted=tuple(dict.fromkeys(accepted)))
    severe = [f for f in known.findings if f.severity == "severe" and not known.is_accepted(f)]
    if not severe:
        return known
    listed = "".join(f"\n  {f.code}: {f.message}; {f.effect}" for f in severe)
    ways = "".join(f"\n  {f.remedy}" for f in severe)
    accepting = " ".join(f"--accept {shell(_name_of(f))}" for f in severe)
    raise DataError(
        f"{facts.name}: figures would be false, so nothing is run:{listed}",
        hint=f"mend the adapter:{ways}\nor run all the same, and the boards say so: {accepting}",
    )


def _check_accepted(name: str, facts: DatasetFacts) -> None:
    """Raise where no finding is called ``name``."""
    if any(dataclasses.replace(facts, accepted=(name,)).is_accepted(f) for f in facts.findings):
        return
    code = name.split(":", 1)[0]
    if code not in CODES:
        raise unknown_name("finding", code, CODES)
    there = ", ".join(dict.fromkeys(_name_of(f) for f in facts.findings)) or "none"
    raise UsageError(
        f"--accept {name} matches no finding of {facts.name}",
        hint=f"its findings are: {there}",
    )


def _name_of(found: Finding) -> str:
    """Return what to type for a finding."""
    return f"{found.code}:{found.columns[0]}" if found.columns else found.code
