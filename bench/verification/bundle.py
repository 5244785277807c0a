"""A results folder as one small file for a colleague or a paper, and back.

In it are boards, figures, the protocol (``run.json``), what came of every job
and the scores of its test rows, what made them, and how to check all that. Not
in it are the table, what each customer is worth, identifiers of customers, and
paths or user names of this machine. Equal folders give equal bytes.
"""

from __future__ import annotations

import contextlib
import io
import json
import re
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from bench.domain import Result, Run
from bench.errors import StoreError
from bench.reports.escaping import clean
from bench.reports.writing import write_boards
from bench.serial import to_json
from bench.store import Store, write_text
from bench.verification.boards import copy_sums
from bench.verification.checking import Recorded
from bench.verification.scrubbing import scrub, scrub_all

NAME = re.compile(
    r"(?:README\.md|requirements\.txt|environment\.json|run\.json|values\.npz"
    r"|report\.html|(?:searches|segments)\.json|(?:leaderboard|feature_importance)\.(?:md|csv|json)|costs\.csv"
    r"|records/[0-9a-f]{20}\.json|predictions/[0-9a-f]{20}\.npz"
    r"|environments/[0-9a-f]{12}\.json|figures/(?:README\.md|[a-z_-]+\.(?:svg|png|csv)))"
)
"""What a file in a bundle may be called; nothing else is ever unpacked."""

MOST_BYTES = 4_000_000_000
"""More than this no bundle unpacks to."""

_README = """\
# {title}: results that can be checked

{rows} rows of a benchmark of churn models on `{name}` ({samples} customers), made by
ChurnBench. Everything needed to check them is here, but the data:

- `report.html`: all of it on one page; `leaderboard.*`, `feature_importance.*`, `costs.csv`,
  `figures/`: the boards;
- `segments.json`, `searches.json`: sums over slices of ten customers or more, and the trials of
  studies, both for the page;
- `run.json`: the protocol, the candidates, every job; `records/`: what came of each;
- `predictions/`: the scores of all test rows, by the number of the row in the table, with labels;
- `environments/`, `environment.json`, `requirements.txt`: versions, machine and code behind them.

The table itself, what each customer is worth and identifiers are *not* in here. A row number says
nothing to anybody who does not have the table; whoever has it has the labels too.

## To check it

    pip install churnbench        # or a clone of its repository
    python -m bench verify {file}

works the boards out again from the scores, and, where the data of `{name}` are at hand
(digest `{digest}`), makes rows again from the data on, and says for
each: identical, within tolerance, or different and why. `requirements.txt` has the versions that
made them; `python -m bench run --from {file}` repeats the whole run.
"""


def write_bundle(recorded: Recorded, file: Path) -> bytes:
    """Return the bytes of a bundle of what is recorded, to be kept as ``file``.

    Raises
    ------
    StoreError
        If boards do not say what the records say, or records are damaged: a
        bundle would pass on what cannot be checked.
    """
    _refuse_damage(recorded)
    with tempfile.TemporaryDirectory(prefix="churnbench-export-") as name:
        folder = Path(name) / "bundle"
        run = _scrubbed(recorded.run)
        store = Store(folder)
        _copy_results(recorded, store)
        if recorded.values is not None:
            store.write_values(recorded.values, dataset_digest=run.facts.digest)
        if (recorded.store.folder / "figures").is_dir():
            shutil.copytree(recorded.store.folder / "figures", folder / "figures")
        copy_sums(recorded.store.folder, folder)
        # As they are here, but told by the run without its paths.
        write_boards(run, store.read_results(run.jobs), store)
        store.write_run(run)
        (folder / "values.npz").unlink(missing_ok=True)
        _describe(recorded, store, run=run, file=file.name)
        return _zipped(folder)


@contextlib.contextmanager
def open_results(path: Path) -> Iterator[Store]:
    """Give the store of a results folder, of the ``run.json`` in one, or of a bundle.

    A bundle is unpacked to a folder that is removed at the end.

    Raises
    ------
    StoreError
        If it is none of these.
    """
    if path.is_dir():
        yield Store(path)
    elif path.name == "run.json" and path.is_file():
        yield Store(path.parent)
    elif not path.is_file():
        raise StoreError(
            f"{path}: no such results folder or bundle",
            hint="python -m bench run --dataset telco makes one, python -m bench export bundles it",
        )
    else:
        with tempfile.TemporaryDirectory(prefix="churnbench-bundle-") as name:
            folder = Path(name) / "bundle"
            _unpack(path, folder)
            yield Store(folder)


def _refuse_damage(recorded: Recorded) -> None:
    for damage in (*recorded.damage(), *recorded.losses()):
        raise StoreError(
            f"{recorded.store.folder}: {damage}",
            hint="run the experiment again: it makes anew what is damaged or missing",
        )
    if recorded.lacks_values:
        raise StoreError(
            f"{recorded.store.folder}: what each customer is worth is not here",
            hint="bundle the results folder that the run has written",
        )
    for check in recorded.check_files():
        if check.status == "different":
            raise StoreError(
                f"{recorded.store.folder / check.name}: {check.detail}",
                hint=f"python -m bench leaderboard {recorded.store.folder} --write",
            )


def _scrubbed(run: Run) -> Run:
    """Return ``run`` without paths and user names."""
    facts = replace(
        run.facts,
        notes=tuple(map(scrub, run.facts.notes)),
        findings=tuple(replace(f, message=scrub(f.message)) for f in run.facts.findings),
    )
    failures = {job_id: scrub(error) for job_id, error in run.failures.items()}
    return replace(run, facts=facts, command=scrub(run.command), failures=failures)


def _copy_results(recorded: Recorded, store: Store) -> None:
    """Copy the results of the run, each with what made it, without paths in their texts."""
    for job in recorded.run.jobs:
        result = recorded.results.get(job.id)
        if result is not None:
            record = result.record
            messages = tuple(map(scrub, record.messages))
            record = replace(record, error=scrub(record.error), messages=messages)
            made_by = recorded.store.read_environment(job) or {}
            store.write_result(Result(record, result.predictions), made_by=made_by)


def _describe(recorded: Recorded, store: Store, *, run: Run, file: str) -> None:
    """Write what a stranger needs: a page to begin with, versions, the machine."""
    facts = run.facts
    text = _README.format(
        title=clean(facts.title or facts.name),
        rows=len(recorded.leaderboard.rows),
        name=facts.name,
        samples=f"{facts.n_samples:,}",
        file=file,
        digest=facts.digest[:12],
    )
    write_text(store.folder / "README.md", text)
    versions = _versions(run, store)
    about = {
        "machine": scrub_all(to_json(run.machine)),
        "versions": versions,
        "commit": run.commit,
        "started_at": run.started_at,
    }
    write_text(store.folder / "environment.json", json.dumps(about, indent=1) + "\n")
    lines = [f"{name}=={version}\n" for name, version in versions.items() if name != "churnbench"]
    write_text(store.folder / "requirements.txt", "".join(lines))


def _versions(run: Run, store: Store) -> dict[str, str]:
    """Return the versions of the libraries behind the records, those of the run for what is older.

    Where records were made by several, it is those of the last job.
    """
    versions = dict(run.versions)
    for job in run.jobs:
        environment: Mapping[str, Any] = store.read_environment(job) or {}
        versions |= environment.get("versions", {})
    return {name: text for name, text in sorted(versions.items()) if text != "missing"}


def _zipped(folder: Path) -> bytes:
    """Return the files of ``folder`` in one archive, in order and without times."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path in sorted(folder.rglob("*")):
            name = path.relative_to(folder).as_posix()
            if NAME.fullmatch(name):
                about = zipfile.ZipInfo(name)
                about.compress_type = zipfile.ZIP_DEFLATED
                about.external_attr = 0o644 << 16
                archive.writestr(about, path.read_bytes())
    return buffer.getvalue()


def _unpack(path: Path, folder: Path) -> None:
    """Unpack what belongs into a bundle, and nothing else.

    Raises
    ------
    StoreError
        If the file is no bundle of ours, or is damaged.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = [member for member in archive.infolist() if not member.is_dir()]
            strange = [member.filename for member in members if not NAME.fullmatch(member.filename)]
            if strange or "run.json" not in archive.namelist():
                what = f"holds {clean(strange[0])!r}" if strange else "holds no run.json"
                raise StoreError(
                    f"{path}: no bundle of ours, it {what}",
                    hint="python -m bench export results/telco --to telco.zip makes one",
                )
            if sum(member.file_size for member in members) > MOST_BYTES:
                raise StoreError(f"{path}: unpacks to more than {MOST_BYTES / 1e9:g} GB")
            for member in members:
                target = folder / member.filename
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(archive.read(member))
    except (OSError, zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError) as error:
        raise StoreError(
            f"{path}: cannot be read as a bundle: {error}",
            hint="python -m bench export results/telco --to telco.zip makes one",
        ) from None
