"""Writes ``report.html``, where what it would show has changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from bench.analysis.evidence import build_evidence
from bench.analysis.findings import Findings
from bench.identity import digest
from bench.reports.page.context import page_context
from bench.reports.page.data import page_data
from bench.reports.page.rendering import page_digest, render_page
from bench.reports.page.stored import Stored, read_trials_of
from bench.reports.segments import read_segments
from bench.serial import to_json
from bench.store import write_text

NAME = "report.html"
_HEAD_BYTES = 2048


def write_page(folder: Path, findings: Findings, *, is_forced: bool = False) -> Path:
    """Write the page of what ``findings`` show, and return its path.

    Unless it is forced, nothing is drawn where the page there shows the same already.
    """
    segments = read_segments(folder, findings)
    path, mark = folder / NAME, _mark(findings, segments)
    if is_forced or not _bears(path, mark):
        evidence = build_evidence(findings)
        stored = Stored(read_trials_of(folder, findings), segments)
        data = page_data(findings, evidence, stored)
        write_text(path, render_page(page_context(findings, evidence, data=data), data, mark=mark))
    return path


def _mark(findings: Findings, segments: Mapping[str, Any] | None) -> str:
    """Return a digest of all that the page shows.

    Scores follow from the jobs, so those need not be looked at; how long this
    run took, and what it found done already, is not on the page.
    """
    board = findings.leaderboard
    run = replace(
        board.run, jobs=(), started_at="", seconds=0.0, n_fitted=0, n_reused=0, schema_version=0
    )
    shown = to_json([replace(board, run=run), findings.verdicts, findings.effects])
    # Importances can be asked for later, of jobs that have been run.
    explained = [[one.record.explained for one in splits] for splits in findings.scored.values()]
    return digest(
        "page", page_digest(), [job.id for job in board.run.jobs], repr(shown), explained, segments
    )[:20]


def _bears(path: Path, mark: str) -> bool:
    try:
        with path.open("rb") as file:
            return f'content="{mark}"'.encode() in file.read(_HEAD_BYTES)
    except FileNotFoundError:
        return False
