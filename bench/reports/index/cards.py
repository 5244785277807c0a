"""What the card of a dataset says: values for the template, nothing escaped yet."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote

from bench.analysis.answer import answer
from bench.analysis.findings import Findings
from bench.domain import Leaderboard, Run
from bench.metrics import METRICS
from bench.reports.banners import accepted_faults
from bench.reports.boards import in_order
from bench.reports.escaping import shorten
from bench.reports.numbers import format_number, plural
from bench.reports.page.context import TITLE_WIDTH, describe_facts, protocol_sentence

FILES = (
    ("Report", "report.html"),
    ("Boards", "leaderboard.md"),
    ("CSV", "leaderboard.csv"),
    ("Features", "feature_importance.md"),
)
"""What a card links to, where it is there."""


@dataclass(frozen=True)
class Shown:
    """A results folder and what its last run shows."""

    folder: Path
    findings: Findings


@dataclass(frozen=True)
class Unreadable:
    """A folder that holds no results that can be shown, why, and the way out."""

    folder: Path
    message: str
    hint: str = ""


@dataclass(frozen=True)
class TopLine:
    """The first row of a board; ``bounds`` are low, mean and high as the board's bar has them."""

    candidate: str
    metric: str
    title: str
    figure: str
    interval: str
    bounds: tuple[float, float, float]


@dataclass(frozen=True)
class Card:
    """A dataset on the index; ``reason`` is why it is not on the board over datasets."""

    title: str
    name: str
    links: tuple[tuple[str, str], ...]
    is_standin: bool
    faults: tuple[str, ...]
    gaps: str
    facts: tuple[tuple[str, str], ...]
    sentences: tuple[str, ...]
    top: TopLine | None
    remarks: str
    protocol: str
    reason: str
    fine_print: tuple[tuple[str, str], ...]


def build_card(shown: Shown, *, reason: str) -> Card:
    """Return the card of a dataset."""
    leaderboard = shown.findings.leaderboard
    run, facts = leaderboard.run, leaderboard.run.facts
    return Card(
        title=shorten(facts.title or facts.name, TITLE_WIDTH),
        name=shorten(facts.name, TITLE_WIDTH),
        links=links_to(shown.folder),
        is_standin=facts.is_standin,
        faults=accepted_faults(facts),
        gaps=_gaps(leaderboard),
        facts=tuple(describe_facts(facts)),
        sentences=tuple(_sentences(shown.findings)),
        top=_top_line(leaderboard),
        remarks=_remarks(run),
        protocol=protocol_sentence(leaderboard),
        reason=reason,
        fine_print=tuple(_fine_print(run)),
    )


def links_to(folder: Path) -> tuple[tuple[str, str], ...]:
    """Return words and address of each file of ``folder`` that a reader may want."""
    return tuple(
        (words, address_of(folder, name)) for words, name in FILES if (folder / name).is_file()
    )


def address_of(folder: Path, name: str) -> str:
    """Return the address of a file as seen from beside ``folder``, whatever that is called."""
    return f"./{quote(os.fsencode(folder.name), safe='')}/{name}"


# --- the answer -----------------------------------------------------------------------


def _sentences(findings: Findings) -> list[str]:
    """Return who is best and what strategies change; how sure that is, the report says."""
    board = replace(findings.leaderboard, expected_of_selection=None, resolvable_difference=None)
    return answer(board, findings.effects, findings.tuning)


def _top_line(leaderboard: Leaderboard) -> TopLine | None:
    best = in_order(leaderboard)[0]
    if best.rank is None:
        return None
    metric = leaderboard.rank_by
    score = best.scores[metric]
    low, high = format_number(score.low), format_number(score.high)
    return TopLine(
        candidate=str(best.candidate),
        metric=metric,
        title=METRICS.lookup(metric).title,
        figure=format_number(score.mean),
        interval=f"{low} to {high}" if low and high else "",
        bounds=(score.low, score.mean, score.high),
    )


# --- what a reader must know ----------------------------------------------------------


def _gaps(leaderboard: Leaderboard) -> str:
    """Return what is missing of the run, or nothing."""
    said = ["The run was interrupted."] if leaderboard.run.is_interrupted else []
    rows = leaderboard.rows
    fitted = {row.candidate.fitted for row in rows}
    lacking = {r.candidate.fitted for r in rows if r.status not in ("complete", "stopped")}
    if lacking:
        words = "lacks splits and has" if len(lacking) == 1 else "lack splits and have"
        said.append(f"{len(lacking)} of {plural(len(fitted), 'candidate')} {words} no rank.")
    return " ".join(said)


def _remarks(run: Run) -> str:
    """Return how much the doctor found, and what of it the run was told to let pass."""
    facts = run.facts
    counts = [
        (sum(finding.severity == severity for finding in facts.findings), noun)
        for severity, noun in (
            ("severe", "severe fault"),
            ("warning", "warning"),
            ("note", "note"),
        )
    ]
    said = [plural(n, noun) for n, noun in counts if n]
    words = f"On the data: {', '.join(said)}." if said else ""
    if facts.accepted:
        words += f" Accepted: {shorten(', '.join(facts.accepted), TITLE_WIDTH)}."
    return words.strip()


def _fine_print(run: Run) -> list[tuple[str, str]]:
    facts = run.facts
    pairs = [
        ("digest of the data", facts.digest),
        ("licence of the data", facts.licence),
        ("cite", facts.citation),
        ("run at", run.started_at),
        ("command", run.command),
        ("commit", run.commit),
        *sorted(run.versions.items()),
    ]
    return [(name, value) for name, value in pairs if value]
