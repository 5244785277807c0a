"""A recorded run made elsewhere: what is asked for, what differs there, and how it came out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from bench.domain import NUMBERS_VERSION, Experiment, Run
from bench.environment import code_digests, describe_machine, library_versions
from bench.errors import DataError
from bench.execution.requests import check_experiment
from bench.verification.boards import table_rows
from bench.verification.bundle import open_results
from bench.verification.causes import changed_modules, name_modules
from bench.verification.checking import check_loaded

BOARD = "leaderboard.csv"


@dataclass(frozen=True)
class Original:
    """A run that is to be repeated, and its board where that lies beside it."""

    run: Run
    board: str | None
    folder: Path | None
    """Where it lies, or nothing for a bundle."""

    @property
    def experiment(self) -> Experiment:
        """What was asked for, without the clock.

        A time budget decides how many repeats there are and who is left out:
        what it came to is asked for instead.
        """
        experiment = self.run.experiment
        if experiment.budget_seconds is None:
            return experiment
        out = {s.candidate for s in self.run.skips if s.reason == experiment.out_of_time}
        candidates = tuple(row for row in experiment.candidates if row not in out)
        is_cut = self.run.ending == "budget"
        n_repeats = self.run.n_repeats if is_cut else experiment.protocol.repeats
        return replace(
            experiment,
            candidates=candidates,
            protocol=replace(experiment.protocol, repeats=n_repeats),
            race=n_repeats > 1,
            budget_seconds=None,
        )


def read_original(path: Path) -> Original:
    """Return the run in a ``run.json``, a results folder or a bundle.

    Raises
    ------
    StoreError, UsageError
        If there is none, or it asks for what is not loaded or makes no sense.
    """
    with open_results(path) as store:
        run = store.read_run()
        board = store.folder / BOARD
        text = board.read_text(encoding="utf-8") if board.is_file() else None
        is_bundle = path.is_file() and path.name != "run.json"
        original = Original(run, text, None if is_bundle else store.folder)
    check_loaded(run, str(path))
    check_experiment(original.experiment, str(path))
    return original


def check_data(run: Run, digest: str, *, is_accepted: bool) -> None:
    """Refuse other data than those of ``run``, unless that was asked for.

    Raises
    ------
    DataError
        With both digests.
    """
    if digest != run.facts.digest and not is_accepted:
        raise DataError(
            f"the run was made on data {run.facts.digest[:12]}, here {run.facts.name} is "
            f"{digest[:12]}",
            hint="get the same file, or repeat it on what is here with --accept-data",
        )


def find_changes(run: Run, digest: str) -> list[str]:
    """Return what is not here as it was for ``run``, one thing a line."""
    found = []
    if digest != run.facts.digest:
        found.append(f"data digest {run.facts.digest[:12]} then, {digest[:12]} now")
    used = {name for job in run.jobs for name in job.versions}
    then = dict(run.versions) | {n: v for job in run.jobs for n, v in job.versions.items()}
    found += _changes(then, library_versions(sorted(used | {"scipy", "pandas"})))
    if any(job.numbers_version != NUMBERS_VERSION for job in run.jobs):
        found.append("NUMBERS_VERSION: figures were changed on purpose since")
    modules = changed_modules(run.code, code_digests()) if run.code else []
    if modules:
        found.append(f"code changed since: {name_modules(modules)}")
    machine = describe_machine()
    names = ("python", "system", "processor")
    then = {name: str(run.machine[name]) for name in names if name in run.machine}
    return found + _changes(then, {name: str(machine[name]) for name in names})


def _changes(then: dict[str, str], now: dict[str, str]) -> list[str]:
    return [
        f"{name} {then[name]} then, {value} now"
        for name, value in now.items()
        if name in then and then[name] != value
    ]


def compare_boards(original: str, repeated: str, *, without: str = "") -> list[str]:
    """Return in sentences how two boards (``leaderboard.csv``) compare; the first one sums up.

    Rows that were skipped for the reason ``without`` are left out of the original.
    """
    then = {
        key: row
        for key, row in table_rows(original).items()
        if not without or row.get("skip_reason") != without
    }
    now = table_rows(repeated)
    if original == repeated or then == now:
        n_rows = sum(row.get("status") != "skipped" for row in then.values())
        return [f"The board is identical to the original's, all {n_rows} rows of it."]
    common = [key for key in then if key in now]
    differing = [key for key in common if _figures(then[key]) != _figures(now[key])]
    sentences = [
        f"The board differs from the original's: {len(differing)} of {len(common)} rows have "
        "other figures."
    ]
    widest = max(_cell_gaps(then, now, differing), default=None)
    if widest is not None:
        size, name, key = widest
        sentences.append(f"The largest difference is {size:.6g}, in {name} of {'+'.join(key[:3])}.")
    for words, one, other in (("only in the original", then, now), ("only here", now, then)):
        left = ["+".join(key[:3]) for key in one if key not in other]
        if left:
            subject = "1 row is" if len(left) == 1 else f"{len(left)} rows are"
            sentences.append(f"{subject} {words}, such as {left[0]}.")
    return sentences


_NO_FIGURES = {"rank", "address", "tied_with_best", "equivalent_to_best", "p_best", "skip_reason"}
"""What depends on other rows, or on versions that may change no figure."""


def _figures(row: dict[str, str]) -> dict[str, str]:
    return {name: cell for name, cell in row.items() if name not in _NO_FIGURES}


def _cell_gaps(
    then: dict[tuple[str, ...], dict[str, str]],
    now: dict[tuple[str, ...], dict[str, str]],
    keys: Iterable[tuple[str, ...]],
) -> Iterable[tuple[float, str, tuple[str, ...]]]:
    """Yield how far numbers of the same cell are apart, where it is and of which row."""
    for key in keys:
        for name, cell in _figures(then[key]).items():
            try:
                size = abs(float(cell) - float(now[key].get(name, "")))
            except ValueError:
                continue
            if size > 0:
                yield size, name, key
