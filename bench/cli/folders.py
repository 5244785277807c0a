"""From what a user names (a dataset, a folder, a run.json) to a results folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from bench.errors import StoreError

if TYPE_CHECKING:
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
