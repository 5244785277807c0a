"""Where adapters lie and which there are; cheap enough for shell completion."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from bench.data.sources import Places, find_local, places
from bench.data.spec import read_spec, shown
from bench.errors import BenchError, SpecError
from bench.registry import unknown_name
from bench.specs import DatasetSpec

Availability = Literal["here", "cached", "downloadable", "by hand", "built-in", "broken"]


@dataclass(frozen=True)
class AdapterEntry:
    """One adapter as a list shows it; ``error`` says why it is broken."""

    name: str
    title: str
    path: Path
    availability: Availability
    error: str = ""


def load_spec(name: str, *, datasets_dir: Path | None = None) -> DatasetSpec:
    """Return the adapter called ``name``.

    Raises
    ------
    UnknownNameError
        With the nearest name there is.
    SpecError
        If the file cannot be understood, or two different files bring the name.
    """
    files = _adapter_files(datasets_dir)
    if name not in files:
        raise unknown_name("dataset", name, files)
    _refuse_clash(name, files[name])
    return read_spec(files[name][0])


def list_adapters(
    datasets_dir: Path | None = None, *, data_dir: Path | None = None
) -> tuple[AdapterEntry, ...]:
    """Return all adapters in order of their names; a broken one is an entry that says why."""
    where = places(data_dir)
    return tuple(
        _entry(name, paths, where) for name, paths in sorted(_adapter_files(datasets_dir).items())
    )


def builtin_directory() -> Path:
    """Return where our own adapters are: inside the package in a wheel, else in the repository."""
    package = Path(__file__).resolve().parents[1]
    inside = package / "builtin_datasets"
    return inside if inside.is_dir() else package.parent / "datasets"


def _directories(datasets_dir: Path | None) -> Iterator[Path]:
    yield builtin_directory()
    yield Path.cwd() / "datasets"
    if datasets_dir is not None:
        if not datasets_dir.is_dir():
            raise SpecError(f"{datasets_dir}: no such folder of adapters")
        yield datasets_dir


def _adapter_files(datasets_dir: Path | None) -> dict[str, list[Path]]:
    """Return the files of each name; the same file by two ways, or a copy, counts once."""
    files: dict[str, list[Path]] = {}
    for directory in _directories(datasets_dir):
        for path in sorted(directory.glob("*.toml")):
            known = files.setdefault(path.stem, [])
            if not any(_is_copy(path, other) for other in known):
                known.append(path)
    return files


def _is_copy(one: Path, other: Path) -> bool:
    """Whether two adapters are the same, as when a clone is used with an installed wheel."""
    return all(
        _bytes(one.with_suffix(suffix)) == _bytes(other.with_suffix(suffix))
        for suffix in (".toml", ".py")
    )


def _bytes(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None


def _refuse_clash(name: str, paths: list[Path]) -> None:
    if len(paths) > 1:
        raise SpecError(
            f"two adapters are called {name!r}: {shown(paths[0])} and {shown(paths[1])}",
            hint="rename the one that is yours, the file and its name",
        )


def _entry(name: str, paths: list[Path], where: Places) -> AdapterEntry:
    try:
        _refuse_clash(name, paths)
        spec = read_spec(paths[0])
        return AdapterEntry(name, spec.title, paths[0], _availability(spec, where))
    except BenchError as error:
        return AdapterEntry(name, "", paths[0], "broken", error.message)


def _availability(spec: DatasetSpec, where: Places) -> Availability:
    if spec.source.generator:
        return "built-in"
    found = find_local(spec, where)
    if found is not None:
        return "cached" if found.origin == "cache" else "here"
    return "downloadable" if spec.source.url else "by hand"
