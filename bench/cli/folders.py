"""From what a user names (a dataset, a folder, a run.json) to a folder and what lies there.

What a finished run left and is not there any more, or was edited, is refused: a board or
page of what is left would say that it was never run, and replace the good one.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from bench.errors import StoreError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from bench.domain import Result, Run
    from bench.store import Store


def find_folder(named: str, out: Path) -> Path:
    """Return the results folder that ``named`` means.

    Parameters
    ----------
    named : str
        A folder, the ``run.json`` in it, or the name of a dataset in ``out``;
        the only dataset in ``out`` where it is empty.
    out : Path

    Raises
    ------
    StoreError
        If there are no such results, or ``out`` holds several and none is named.
    """
    there = sorted(path.parent for path in out.glob("*/run.json"))
    if not named:
        if not there:
            raise StoreError(f"{out}: no results here", hint="python -m bench run --dataset telco")
        if len(there) > 1:
            raise StoreError(
                f"{out}: holds {len(there)} datasets",
                hint=f"name one: {', '.join(map(str, there))}",
            )
        return there[0]
    path = Path(named)
    path = path.parent if path.name == "run.json" else path
    for folder in (path, out / named):
        if (folder / "run.json").is_file():
            return folder
    names = ", ".join(folder.name for folder in there)
    raise StoreError(
        f"{named}: no results of that name (no {path / 'run.json'}, nor in {out})",
        hint=f"{out} holds {names}" if names else "python -m bench run --dataset telco",
    )


def find_results(named: str) -> Path:
    """Return the results folder or the bundle that ``named`` means; datasets lie in ``results``.

    Raises
    ------
    StoreError
        If there is neither.
    """
    path = Path(named)
    return path if path.is_file() else find_folder(named, Path("results"))


def open_store(named: str, out: Path) -> Store:
    """Return the store in the results folder that ``named`` means, see `find_folder`."""
    from bench.store import Store

    return Store(find_folder(named, out))


def read_results(store: Store, run: Run) -> dict[str, Result]:
    """Return job id → result of ``run``; of an interrupted one some may not be there yet.

    Raises
    ------
    StoreError
        If what was finished is missing, damaged or edited.
    """
    results = store.read_results(run.jobs)
    lost = [job for job in run.jobs if job.id not in results and job.id not in run.failures]
    is_begun = bool(run.n_fitted + run.n_reused)
    if run.is_interrupted and (results or not is_begun):
        lost = [job for job in lost if store.find_damage(job)]
    if lost:
        first = store.folder / "records" / f"{lost[0].id}.json"
        why = store.find_damage(lost[0]) or "no such file"
        raise _not_as_left(
            store,
            run,
            f"{store.folder}: {len(lost)} of the {len(run.jobs)} fits of this run cannot be read, "
            f"the first is {first} ({why})",
        )
    return results


def read_values(store: Store, run: Run) -> NDArray[np.float64] | None:
    """Return what each customer is worth a month, ``None`` where the adapter does not say.

    Nor does a bundle, which leaves it out.

    Raises
    ------
    StoreError
        If the adapter does, and the file is missing, damaged or of other data.
    """
    values = store.read_values(dataset_digest=run.facts.digest)
    if values is None and run.facts.economics.value and not _is_bundle(store):
        path = store.folder / "values.npz"
        raise _not_as_left(store, run, f"{path}: what customers are worth cannot be read")
    return values


def check_redrawing(store: Store, run: Run) -> None:
    """Refuse to write boards and page anew where less would come out than is there.

    Raises
    ------
    StoreError
        If the file of slices is damaged, or a bundle lacks what customers are worth.
    """
    from bench.reports.segments import NAME

    if _is_bundle(store) and run.facts.economics.value:
        raise StoreError(
            f"{store.folder}: a bundle holds no values of customers, so that its boards and page "
            "cannot be written anew",
            hint="they are whole as they are; python -m bench leaderboard without --write shows "
            "the boards",
        )
    path = store.folder / NAME
    try:
        json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return
    except (OSError, ValueError) as error:
        raise _not_as_left(store, run, f"{path}: cannot be read: {error}") from None


def _is_bundle(store: Store) -> bool:
    """Return whether this is an unpacked bundle of ``export``."""
    return (store.folder / "environment.json").is_file()


def _not_as_left(store: Store, run: Run, message: str) -> StoreError:
    """Return the error of a folder that is not as ``run`` left it."""
    from bench.reports.escaping import clean

    command = run.command or f"python -m bench run --dataset {run.experiment.dataset}"
    return StoreError(
        clean(message),
        hint="the folder is left as it is; the same run makes it anew, with "
        f"--out {clean(str(store.folder.parent))}: {clean(command)}",
    )
