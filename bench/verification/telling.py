"""What came of a verification, in sentences, as JSON and as an exit code."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from bench.domain import Run
from bench.reports.escaping import clean
from bench.reports.numbers import plural
from bench.serial import to_json
from bench.verification.boards import FileCheck
from bench.verification.causes import WORDS
from bench.verification.checking import RowCheck
from bench.verification.comparing import Gap


@dataclass(frozen=True)
class Verification:
    """All that was checked of one folder.

    ``n_rows`` is how many rows its board has, ``problem`` why there are no data
    to make any again, ``damage`` what is wrong with records, ``n_missing`` how
    many fits were never finished.
    """

    run: Run
    files: tuple[FileCheck, ...]
    checks: tuple[RowCheck, ...]
    n_rows: int
    tolerance: float
    digest_now: str
    problem: str = ""
    damage: tuple[str, ...] = ()
    n_missing: int = 0

    @property
    def exit_code(self) -> int:
        """0 where all is as recorded or within tolerance, 1 where not, 2 without data."""
        if self.problem:
            return 2
        if self.damage or self.n_missing:
            return 1
        is_other = any(check.verdict == "different" for check in self.checks)
        return 1 if is_other or any(file.status == "different" for file in self.files) else 0

    def sentences(self) -> list[str]:
        """Return what there is to say, one line each."""
        lines = [self._data(), *self._gaps(), *self._files()]
        for check in self.checks:
            lines += self._row(check)
        if self.problem:
            lines.append(f"no row can be made again: {self.problem}")
        else:
            lines.append(self._sum())
        parts = [part for line in lines for part in line.split("\n")]
        return [part[: len(part) - len(part.lstrip())] + clean(part) for part in parts]

    def to_json(self) -> dict[str, Any]:
        """Return the same for programs."""
        facts = self.run.facts
        return {
            "dataset": facts.name,
            "digest_then": facts.digest,
            "digest_now": self.digest_now,
            "tolerance": self.tolerance,
            "problem": self.problem,
            "damage": list(self.damage),
            "n_missing": self.n_missing,
            "files": to_json(self.files),
            "rows": [_row_json(check) for check in self.checks],
            "n_rows": self.n_rows,
            "counts": dict(Counter(check.verdict for check in self.checks)),
            "exit_code": self.exit_code,
        }

    def _data(self) -> str:
        facts = self.run.facts
        text = f"{facts.name}: board of {plural(self.n_rows, 'row')}"
        if self.run.started_at:
            text += f", run of {self.run.started_at[:10]}"
        if not self.digest_now:
            return f"{text}; data {facts.digest[:12]}, which are not here"
        if self.digest_now == facts.digest:
            return f"{text}; data {facts.digest[:12]}, the same here"
        return f"{text}; data {facts.digest[:12]} then, {self.digest_now[:12]} here"

    def _gaps(self) -> list[str]:
        lines = [f"DAMAGED: {sentence}" for sentence in self.damage]
        if self.damage:
            lines.append("the board below is that of the other records; a run makes these anew")
        if self.n_missing:
            lines.append(
                f"INCOMPLETE: {self.n_missing} of {plural(len(self.run.jobs), 'fit')} were never "
                "finished; the same command goes on from there"
            )
        return lines

    def _files(self) -> list[str]:
        good = [file.name for file in self.files if file.status == "as recorded"]
        lines = [f"as their records say: {', '.join(good)}"] if good else []
        lines += [
            f"{file.name}: {'DIFFERENT: ' if file.status == 'different' else ''}"
            f"{'not checked: ' if file.status == 'not checked' else ''}{file.detail}"
            for file in self.files
            if file.status != "as recorded"
        ]
        return lines

    def _row(self, check: RowCheck) -> list[str]:
        row = check.row
        rank = "unranked" if row.rank is None else f"row {row.rank}"
        lines = [f"{rank} {row.candidate} ({row.address}): {self._verdict(check)}"]
        if check.verdict != "different" or not check.causes:
            return lines
        likely, *others = check.causes
        lines.append(f"  most likely because of {WORDS[likely.kind]}: {likely.evidence}")
        if others:
            lines.append(f"  also: {'; '.join(cause.evidence for cause in others)}")
        return lines

    def _verdict(self, check: RowCheck) -> str:
        if check.reason:
            return f"DIFFERENT: it cannot be made here: {check.reason}"
        fits = plural(check.n_fits, "fit")
        if check.verdict == "identical":
            return f"identical ({fits}: every score, parameter, count, importance and figure)"
        gaps = [gap for gap in (check.figure, check.widest) if gap is not None]
        told = "; ".join(f"{gap}{_size(gap)}" for gap in gaps)
        if check.verdict == "within tolerance":
            widest = max(gap.size for gap in gaps)
            return (
                f"within tolerance ({fits}; largest difference {widest:.1e}, tolerance "
                f"{self.tolerance:g}): {told}"
            )
        return f"DIFFERENT ({fits}, tolerance {self.tolerance:g}): {told}"

    def _sum(self) -> str:
        counts = Counter(check.verdict for check in self.checks)
        told = [f"{counts[verdict]} {verdict}" for verdict in counts]
        left = self.n_rows - len(self.checks)
        text = f"{plural(len(self.checks), 'row')} made again: {', '.join(told)}"
        text += f"; {left} not (--all makes every row)" if left > 0 else ""
        n_files = sum(file.status == "different" for file in self.files)
        return f"{text}; {plural(n_files, 'file')} differ" if n_files else text


def _size(gap: Gap) -> str:
    """Return how wide a gap between numbers is, for those that six digits do not show."""
    return f" (off by {gap.size:.1e})" if gap.size < 1e-3 else ""


def _row_json(check: RowCheck) -> dict[str, Any]:
    row = check.row
    gaps = {"widest": check.widest, "figure": check.figure}
    return {
        "rank": row.rank,
        "candidate": str(row.candidate),
        "address": row.address,
        "verdict": check.verdict,
        "n_fits": check.n_fits,
        "reason": check.reason,
        **{name: None if gap is None else _gap_json(gap) for name, gap in gaps.items()},
        "causes": to_json(check.causes),
    }


def _gap_json(gap: Gap) -> dict[str, Any]:
    """Return a gap; what is no number has no size."""
    size = gap.size if gap.size < float("inf") else None
    return {"place": gap.place, "then": gap.then, "now": gap.now, "size": size}
