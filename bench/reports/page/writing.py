"""Writes ``report.html``, where what it would show has changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from bench.analysis.evidence import build_evidence
from bench.analysis.findings import Findings
from bench.identity import digest
from bench.reports.figures.exhibits import Material
from bench.reports.figures.gallery import is_current, write_gallery
from bench.reports.page.context import page_context
from bench.reports.page.data import page_data
from bench.reports.page.features import importance_of
from bench.reports.page.rendering import page_digest, render_page
from bench.reports.page.stored import Stored, read_trials_of
from bench.reports.segments import read_segments
from bench.serial import to_json
from bench.store import write_text

NAME = "report.html"
_HEAD_BYTES = 2048


def write_page(
    folder: Path,
    findings: Findings,
    *,
    is_forced: bool = False,
    has_gallery: bool = False,
) -> Path:
    """Write the page of what ``findings`` show, and return its path.

    Unless it is forced, nothing is drawn where the page there shows the same already.
    With ``has_gallery`` its figures are written, too, see `bench.reports.figures.gallery`.
    """
    segments = read_segments(folder, findings)
    path, mark = folder / NAME, _mark(findings, segments)
    is_wanted = is_forced or not _bears(path, mark)
    figures = folder / "figures"
    is_drawn = not has_gallery or (not is_forced and is_current(figures, mark=mark))
    if not is_wanted and is_drawn:
        return path
    evidence = build_evidence(findings)
    data = page_data(findings, evidence, Stored(read_trials_of(folder, findings), segments))
    if is_wanted:
        write_text(path, render_page(page_context(findings, evidence, data=data), data, mark=mark))
    if not is_drawn:
        material = Material(findings, evidence, importance_of(findings), data)
        write_gallery(figures, material, mark=mark)
    return path


def _mark(findings: Findings, segments: Mapping[str, Any] | None) -> str:
    """Return a digest of all that the page shows.

    Scores follow from the jobs, so those need not be looked at; how long this
    run took, and what it found done already, is not on the page.
    """
    board = findings.leaderboard
    run = replace(board.run, jobs=(), started_at="", seconds=0.0, n_fitted=0, n_reused=0)
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
