"""Finding a dataset's file: the user's folder, the cache, then the network."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
import os
import time
from dataclasses import dataclass
from pathlib import Path

from bench.data.limits import DEFAULT_LIMITS, Limits
from bench.data.opening import part_paths
from bench.data.spec import shown
from bench.domain import Origin
from bench.errors import SourceError, UnavailableError
from bench.specs import DatasetSpec

FAILURE_SECONDS = 3600.0
"""How long a failed download is not tried again."""


@dataclass(frozen=True)
class Places:
    """Where files are looked for: the user's data folder, if any, and the per-user cache."""

    data_dir: Path | None
    cache_dir: Path


@dataclass(frozen=True)
class SourceFile:
    """A file that was found, and where from."""

    path: Path
    origin: Origin
    notes: tuple[str, ...] = ()

    def sha256(self) -> str:
        """Return the SHA-256 of the file's bytes, in hexadecimal.

        Of several files it is that of a list of theirs with their names, as
        ``sha256sum`` writes it.
        """
        if self.path.is_file():
            return _sha256(self.path)
        lines = [f"{_sha256(part)}  {part.name}\n" for part in part_paths(self.path)]
        return hashlib.sha256("".join(lines).encode()).hexdigest()


def _sha256(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def places(data_dir: Path | None = None) -> Places:
    """Return where files are looked for: ``data_dir``, else BENCH_DATA_DIR; and the cache.

    Raises
    ------
    SourceError
        If the data folder that was named does not exist.
    """
    import platformdirs

    named = os.environ.get("BENCH_DATA_DIR", "")
    folder = data_dir or (Path(named) if named else None)
    if folder is not None and not folder.is_dir():
        origin = "" if data_dir else "BENCH_DATA_DIR: "
        raise SourceError(
            f"{origin}no such folder: {folder}", hint="name the folder that holds the data files"
        )
    cache = os.environ.get("BENCH_CACHE_DIR", "") or platformdirs.user_cache_dir("churnbench")
    return Places(folder, Path(cache))


def find_local(spec: DatasetSpec, where: Places) -> SourceFile | None:
    """Return the dataset's file (or files) where it is on this machine already.

    A bare name, also of a folder or a pattern, is looked for in the data
    folder, beside the adapter and in the cache; a path only where it points,
    from the adapter's folder.
    """
    name = spec.source.file
    beside = Path(spec.path).parent / name
    if not is_bare(name):
        return SourceFile(beside, "file") if part_paths(beside) else None
    folders = [where.data_dir / name] if where.data_dir else []
    for path in (*folders, beside):
        if part_paths(path):
            return SourceFile(path, "file")
    cached = _cached(spec, where)
    return SourceFile(cached, "cache") if cached.is_file() else None


def is_bare(file: str) -> bool:
    """Whether an adapter's file is a name without a way to it; of a folder with ``/`` behind."""
    return Path(file).name == file.removesuffix("/")


def fetch(
    spec: DatasetSpec, where: Places, *, refresh: bool = False, limits: Limits = DEFAULT_LIMITS
) -> SourceFile:
    """Return the dataset's file, downloaded if need be.

    Parameters
    ----------
    refresh : bool
        Download anew although there is a cached copy or a remembered failure;
        a file of the user's own still comes first.

    Raises
    ------
    UnavailableError
        If the file is not to be had here at all.
    SourceError
        If what came is not what the adapter expects, or cannot be written.
    """
    found = find_local(spec, where)
    if found is not None and not (refresh and found.origin == "cache"):
        return found
    if not spec.source.url or not is_bare(spec.source.file):
        raise UnavailableError(
            f"{spec.name}: {spec.source.file} is not here, and there is no address to download it",
            hint=_by_hand(spec, where),
        )
    if not refresh:
        _refuse_remembered(spec, where)
    try:
        return _download(spec, where, limits)
    except UnavailableError as error:
        _remember_failure(spec, where, error.message)
        if found is None:
            raise UnavailableError(
                f"{spec.name}: download failed: {error.message}", hint=_by_hand(spec, where)
            ) from None
        note = f"could not be downloaded anew, the cached copy was used: {error.message}"
        return dataclasses.replace(found, notes=(note,))


def _download(spec: DatasetSpec, where: Places, limits: Limits) -> SourceFile:
    from bench.data.download import download  # what it speaks HTTP with is slow to import

    target = _cached(spec, where)
    source = spec.source
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        download(source.url, target, sha256=source.sha256, member=source.member, limits=limits)
        _failure_file(spec, where).unlink(missing_ok=True)
    except OSError as error:
        raise SourceError(
            f"{target}: cannot be written: {error.strerror}",
            hint="set BENCH_CACHE_DIR to a folder that can be written",
        ) from None
    return SourceFile(target, "download")


def _cached(spec: DatasetSpec, where: Places) -> Path:
    return where.cache_dir / spec.name / spec.source.file


def _by_hand(spec: DatasetSpec, where: Places) -> str:
    manual = spec.source.manual
    if not manual and spec.source.url:
        manual = f"fetch {spec.source.url} by hand"
    path = Path(spec.path).parent / spec.source.file
    if not is_bare(spec.source.file):
        return (
            f"put the file at {shown(path)}, or correct [source] file in {shown(Path(spec.path))}"
        )
    folder = where.data_dir or "a folder that BENCH_DATA_DIR names"
    return f"{manual or 'get the file'}; put it as {spec.source.file} into {folder}"


# --- remembered failures --------------------------------------------------------------


def _failure_file(spec: DatasetSpec, where: Places) -> Path:
    return where.cache_dir / spec.name / "failure.json"


def _remember_failure(spec: DatasetSpec, where: Places, reason: str) -> None:
    """Note the failure; a cache that cannot be written only means that it is tried again."""
    path = _failure_file(spec, where)
    failure = {"time": time.time(), "url": spec.source.url, "reason": reason}
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(failure), encoding="utf-8")


def _refuse_remembered(spec: DatasetSpec, where: Places) -> None:
    try:
        failure = json.loads(_failure_file(spec, where).read_text(encoding="utf-8"))
        age, url, reason = time.time() - failure["time"], failure["url"], failure["reason"]
    except (OSError, ValueError, TypeError, KeyError):
        return
    if url == spec.source.url and 0 <= age < FAILURE_SECONDS:
        raise UnavailableError(
            f"{spec.name}: download failed within the last hour, not tried again: {reason}",
            hint=f"--refresh tries at once, or {_by_hand(spec, where)}",
        )
