"""Whether the boards of a folder say what its records say: worked out again and compared."""

from __future__ import annotations

import csv
import json
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from bench.domain import Result, Run
from bench.environment import code_digests
from bench.metrics import METRICS
from bench.reports.writing import write_boards
from bench.serial import from_json
from bench.specs import EconomicsSpec
from bench.store import Store
from bench.verification.causes import changed_modules, name_modules
from bench.verification.comparing import find_gaps

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

BOARDS = (
    "leaderboard.csv",
    "leaderboard.json",
    "leaderboard.md",
    "feature_importance.csv",
    "feature_importance.md",
    "costs.csv",
    "report.html",
)
SUMS = ("searches.json", "segments.json")
"""Files that boards are made of beside records and values."""
WITH_VALUES = ("leaderboard.csv", "leaderboard.json", "leaderboard.md", "report.html")
"""Boards with figures that depend on what each customer is worth."""

BEFORE_FILES = ("data", "evaluation", "models", "strategies", "execution")
"""Folders of the package through which nothing comes on the way from records to boards."""

CANDIDATE = ("model", "strategy", "tuning", "preparation", "repair", "decision")
ABOUT = (*CANDIDATE, "method", "feature")
"""The columns that say what a row of a board is about."""

FileStatus = Literal["as recorded", "different", "missing", "not checked"]


@dataclass(frozen=True)
class FileCheck:
    """Whether a file says what the records say, and if not what the first difference is."""

    name: str
    status: FileStatus
    detail: str = ""


def as_written(run: Run, folder: Path) -> Run:
    """Return ``run`` with the order and the amounts of the boards that lie in ``folder``.

    ``leaderboard --rank-by … --economics … --write`` writes them otherwise than
    the run did.
    """
    try:
        document = json.loads((folder / "leaderboard.json").read_text(encoding="utf-8"))
        rank_by = document["rank_by"]
        economics = from_json(EconomicsSpec, document["dataset"]["economics"])
    except (OSError, ValueError, TypeError, KeyError):
        return run
    facts = replace(run.facts, economics=economics)
    if rank_by not in METRICS:
        return replace(run, facts=facts)
    return replace(run, facts=facts, experiment=replace(run.experiment, rank_by=rank_by))


def lacks_values(run: Run, values: NDArray[np.float64] | None) -> bool:
    """Return whether figures depend on what each customer is worth, and nobody knows it."""
    return values is None and bool(run.facts.economics.value)


def copy_sums(source: Path, target: Path) -> None:
    """Copy what the page shows and records cannot give: searches, and sums over slices."""
    target.mkdir(parents=True, exist_ok=True)
    for name in SUMS:
        if (source / name).is_file():
            shutil.copyfile(source / name, target / name)


def check_files(
    folder: Path,
    run: Run,
    *,
    results: Mapping[str, Result],
    values: NDArray[np.float64] | None,
) -> tuple[FileCheck, ...]:
    """Return for every board in ``folder`` whether it is what ``run`` and ``results`` give.

    Parameters
    ----------
    folder : Path
    run : Run
        As `as_written` returns it.
    results : mapping of job id to Result
        As they are stored.
    values : ndarray of shape (n_samples,) or None
        What each customer is worth a month, where that is known.
    """
    with tempfile.TemporaryDirectory(prefix="churnbench-verify-") as name:
        again = Store(Path(name))
        if values is not None:
            again.write_values(values, dataset_digest=run.facts.digest)
        if (folder / "figures").is_dir():
            # What they show is in them, so that they are not drawn again in vain.
            shutil.copytree(folder / "figures", again.folder / "figures")
        copy_sums(folder, again.folder)
        write_boards(run, results, again)
        return tuple(
            FileCheck(board, "not checked", "it needs what each customer is worth: not in here")
            if lacks_values(run, values) and board in WITH_VALUES
            else _check(folder / board, again.folder / board, run)
            for board in BOARDS
        )


def _check(written: Path, again: Path, run: Run) -> FileCheck:
    name = written.name
    try:
        found = written.read_text(encoding="utf-8")
    except FileNotFoundError:
        return FileCheck(name, "missing", "not there")
    except (OSError, UnicodeDecodeError) as error:
        return FileCheck(name, "different", f"cannot be read: {error}")
    expected = again.read_text(encoding="utf-8")
    if found == expected:
        return FileCheck(name, "as recorded")
    changed = _changed_writers(run)
    if changed and name.endswith(".csv") and not first_cell(found, expected):
        return FileCheck(name, "as recorded")  # in another layout, with the same figures
    if changed and not name.endswith(".csv"):
        return FileCheck(name, "not checked", f"it comes out otherwise, but {changed}")
    reason = changed or "the code is the same, so the file or its records were edited since"
    if run.is_interrupted:
        reason = "the last run was interrupted, so that it may be the board of an earlier one"
    return FileCheck(name, "different", f"{first_difference(name, found, expected)}; {reason}")


def _changed_writers(run: Run) -> str:
    """Return what of the way from records to boards was changed since, ``""`` for nothing."""
    if not run.code:
        return "which code wrote it is not recorded"
    changed = [
        module
        for module in changed_modules(run.code, code_digests())
        if module.split("/")[1] not in BEFORE_FILES
    ]
    verb = "was" if len(changed) == 1 else "were"
    return f"{name_modules(changed)} {verb} changed since" if changed else ""


def first_difference(name: str, found: str, expected: str) -> str:
    """Return in words where two texts of a board first differ, and how."""
    if name.endswith(".csv"):
        cell = first_cell(found, expected)
        if cell:
            return cell
    if name.endswith(".json"):
        try:
            gap = next(find_gaps("", json.loads(found), json.loads(expected)), None)
        except ValueError:
            return "it is no JSON"
        if gap is not None:
            return f"{gap.place} is {gap.then} in the file, {gap.now} by its records"
    pairs = zip(found.splitlines(), expected.splitlines(), strict=False)
    for number, (line, wanted) in enumerate(pairs, start=1):
        if line != wanted:
            return f"line {number} is not what the records give"
    return "it has more or fewer lines than the records give"


def first_cell(found: str, expected: str) -> str:
    """Return which cell first differs of the columns that two tables share, ``""`` for none."""
    rows, wanted = table_rows(found), table_rows(expected)
    for key in [*wanted, *(key for key in rows if key not in wanted)]:
        name = "+".join(word for word in key if word) or "a row"
        if key not in rows:
            return f"{name} is not in the file"
        if key not in wanted:
            return f"{name} is not in the records"
        for title, cell in rows[key].items():
            other = wanted[key].get(title, cell)
            if cell != other:
                values = f"{cell or 'blank'} in the file, {other or 'blank'} by its records"
                return f"{name}: {title} is {values}"
    return ""


def table_rows(text: str) -> dict[tuple[str, ...], dict[str, str]]:
    """Return what each row of a table is about → its cells by column."""
    rows = csv.DictReader(text.splitlines(), restkey="more", restval="")
    return {tuple(row.get(name, "") for name in ABOUT): dict(row) for row in rows}
