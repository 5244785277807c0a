"""What nobody may overlook: stand-in data and severe faults that were accepted."""

from __future__ import annotations

from bench.domain import DatasetFacts, Leaderboard


def accepted_faults(facts: DatasetFacts) -> tuple[str, ...]:
    """Return a sentence for each severe finding that a run was told to let pass."""
    return tuple(
        f"accepted by --accept: {found.message} ({found.code}); {found.effect}."
        for found in facts.findings
        if found.severity == "severe" and facts.is_accepted(found)
    )


def standin_words(leaderboard: Leaderboard) -> str:
    """Return what every title of a board says of stand-in or faulty data, or nothing."""
    facts = leaderboard.run.facts
    words = " (STAND-IN DATA, not the real table)" if facts.is_standin else ""
    return words + (" (SEVERE FAULTS ACCEPTED)" if accepted_faults(facts) else "")
