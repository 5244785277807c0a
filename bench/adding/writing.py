"""Writing a proposed adapter, and proving that it loads."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bench.adding.proposing import Proposal
from bench.data.adapters import list_adapters
from bench.data.loading import LoadOptions, load_dataset
from bench.data.opening import is_several
from bench.data.spec import shown
from bench.domain import Dataset
from bench.errors import BenchError, UsageError

_FIRST_LINE = "# Proposed by `python -m bench add`"


def add_dataset(
    proposal: Proposal, *, datasets_dir: Path = Path("datasets"), force: bool = False
) -> tuple[Path, Dataset]:
    """Write an adapter into a folder, load the whole table by it, and return both.

    Where it does not load, nothing is left behind, and what was there before
    is there again.

    Raises
    ------
    UsageError
        If there is one of that name already and ``force`` is not set.
    BenchError
        If the table does not load as proposed.
    """
    path = datasets_dir / f"{proposal.name}.toml"
    before = _existing(path, force=force)
    _refuse_name(proposal.name, path)
    text = render_adapter(proposal, datasets_dir)
    try:
        datasets_dir.mkdir(parents=True, exist_ok=True)
        _write(path, text.encode())
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror}") from None
    try:
        return path, load_dataset(proposal.name, options=LoadOptions(datasets_dir=datasets_dir))
    except BenchError:
        with contextlib.suppress(OSError):
            if before is None:
                path.unlink()
            else:
                _write(path, before)
        raise


def render_adapter(proposal: Proposal, datasets_dir: Path) -> str:
    """Return the adapter as TOML, the reasons as comments above what they are about."""
    import tomli_w

    document: dict[str, Any] = {
        key: dict(value) if isinstance(value, Mapping) else value
        for key, value in proposal.document.items()
    }
    document["source"] = {"file": _stored_path(proposal.file, datasets_dir), **document["source"]}
    plain = {key: value for key, value in document.items() if not isinstance(value, dict)}
    parts = [f"{_FIRST_LINE}; correct what is wrong.\n" + tomli_w.dumps(plain)]
    for table in (key for key in document if key not in plain):
        reasons = [r.text for r in proposal.reasons if r.table == table]
        comments = "".join(f"# {_one_line(text)}\n" for text in reasons)
        parts.append(comments + tomli_w.dumps({table: document[table]}))
    return "\n".join(parts)


def _existing(path: Path, *, force: bool) -> bytes | None:
    """Return the adapter that is there already, refused unless it may be replaced."""
    if not path.exists():
        return None
    if not force:
        raise UsageError(
            f"{shown(path)} exists already", hint="give another --name, or replace it with --force"
        )
    before = path.read_bytes()
    if not before.startswith(_FIRST_LINE.encode()):
        raise UsageError(
            f"{shown(path)} was not written by add, and --force replaces only what was",
            hint="give another --name, or remove the file first",
        )
    return before


def _refuse_name(name: str, path: Path) -> None:
    """Raise where another folder has an adapter of that name, which would clash."""
    for entry in list_adapters():
        if entry.name == name and entry.path.resolve() != path.resolve():
            raise UsageError(
                f"a dataset is called {name!r} already: {shown(entry.path)}",
                hint=f"give another one: --name my-{name}",
            )


def _write(path: Path, content: bytes) -> None:
    temporary = path.with_suffix(".toml.part")
    temporary.write_bytes(content)
    temporary.replace(path)


def _one_line(text: str) -> str:
    """Return a comment that TOML allows, whatever a column is called."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


def _stored_path(file: Path, datasets_dir: Path) -> str:
    """Return the table's path as the adapter has it.

    The bare name where BENCH_DATA_DIR holds it, a path from the adapter's
    folder where both are in the current one, else an absolute path. A folder
    of tables ends on a slash.
    """
    end = "/" if file.is_dir() else ""
    whole, folder = file.resolve(), datasets_dir.resolve()
    data_dir = os.environ.get("BENCH_DATA_DIR", "")
    if data_dir and whole.parent == Path(data_dir).resolve():
        return whole.name + end
    here = Path.cwd().resolve()
    if whole.is_relative_to(here) and folder.is_relative_to(here):
        return Path(os.path.relpath(whole, folder)).as_posix() + end
    if is_several(file.name):
        return str(whole)
    return str(whole) + end
