"""The only module that knows the shape of ``results/``.

::

    results/<dataset>/
      run.json                   what the last run asked for, on what, by which versions
      records/<job id>.json      what came of each job
      predictions/<job id>.npz   the scores of its test rows
      environments/<digest>.json the versions, machine and code that records were made by
      studies/<job id>.log       the trials of its study (an Optuna journal)
      values.npz                 what each customer is worth a month, where the adapter says
      segments.json              sums over slices of customers (`bench.reports.segments`)
      searches.json              the trials of studies, for the page (`bench.reports.page.stored`)

Every file is written whole: under a temporary name, flushed to disk, renamed.
A record ends in the digest of what stands before it, and holds that of its
predictions: what is edited or damaged counts as not there, and is made again.
Nothing here is ever unpickled.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from bench.archive import pack, unpack
from bench.domain import Importance, Job, Predictions, Record, Result, Run
from bench.environment import describe_environment
from bench.errors import StoreError
from bench.identity import digest
from bench.serial import from_json, to_json

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SCHEMA_VERSION = 1
ARRAYS = ("rows", "y", "score", "inner_y", "inner_score")
EXPLAINED: tuple[Importance, ...] = get_args(Importance)
"""From the least to the most."""
SEALED = "record_sha256"
SEAL = f',\n "{SEALED}": "'


def write_bytes(path: Path, data: bytes) -> None:
    """Write ``data`` to ``path`` whole, or not at all; what is there already stays untouched.

    Raises
    ------
    StoreError
        If the file system refuses.
    """
    try:
        if _holds(path, data):
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.chmod(temporary, 0o644)
            os.replace(temporary, path)
        finally:
            Path(temporary).unlink(missing_ok=True)
    except OSError as error:
        raise StoreError(
            f"{path}: cannot be written: {error.strerror or error}",
            hint="choose another folder with --out, or make room",
        ) from None


def _holds(path: Path, data: bytes) -> bool:
    """Return whether ``path`` is a file of exactly ``data``."""
    try:
        return path.stat().st_size == len(data) and path.read_bytes() == data
    except FileNotFoundError:
        return False


def write_text(path: Path, text: str) -> None:
    """Write ``text`` to ``path`` in UTF-8, whole, or not at all."""
    write_bytes(path, text.encode("utf-8"))


class Store:
    """The results folder of one dataset.

    Parameters
    ----------
    folder : Path
        Such as ``results/telco``; made when something is written.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.studies = folder / "studies"

    def write_result(self, result: Result, *, made_by: Mapping[str, Any] | None = None) -> None:
        """Keep one result; the record comes last, and knows its predictions by their digest.

        ``made_by`` is what `describe_environment` had where it was made, empty
        where nobody knows: here, if it is not given.
        """
        job_id = result.record.job.id
        checksum = ""
        if result.predictions is not None:
            packed = _pack(result.predictions)
            checksum = hashlib.sha256(packed).hexdigest()
            write_bytes(self._predictions(job_id), packed)
        data = {
            "schema_version": SCHEMA_VERSION,
            "id": job_id,
            "predictions_sha256": checksum,
            "environment": self._here if made_by is None else self._name_environment(made_by),
            **to_json(result.record),
        }
        write_text(self._record(job_id), _sealed(data))

    def read_results(self, jobs: Iterable[Job]) -> dict[str, Result]:
        """Return job id → result for those of ``jobs`` that have one, failed ones included."""
        ids = [job.id for job in jobs]
        found = ((job_id, self._read(job_id)) for job_id in ids)
        return {job_id: result for job_id, result in found if result is not None}

    def find_damage(self, job: Job) -> str:
        """Return what is wrong with the record of ``job`` or its predictions, ``""`` for nothing.

        A record that is not there is nothing wrong: it was never made.
        """
        if not self._record(job.id).exists():
            return ""
        try:
            self._parse(job.id)
        except (OSError, ValueError, TypeError, KeyError) as error:
            return str(error) or type(error).__name__
        return ""

    def read_environment(self, job: Job) -> Mapping[str, Any] | None:
        """Return what the record of ``job`` was made by, as `describe_environment` has it.

        ``None`` where that is not known, as of records of older versions.
        """
        try:
            record = json.loads(self._record(job.id).read_text(encoding="utf-8"))
            path = self.folder / "environments" / f"{record['environment']}.json"
            environment = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError, TypeError, KeyError):
            return None
        return environment if isinstance(environment, Mapping) else None

    def read_records(self) -> Iterator[Record]:
        """Yield the readable records that lie here, of whatever run, without their scores."""
        for path in sorted((self.folder / "records").glob("*.json")):
            try:
                yield from_json(Record, self._checked(path.stem))
            except (OSError, ValueError, TypeError, KeyError):
                continue  # damaged: it is made again when a run asks for it

    def count_records(self) -> int:
        """Return how many records lie here, of whatever run."""
        return sum(1 for _ in (self.folder / "records").glob("*.json"))

    def write_run(self, run: Run) -> None:
        """Keep what this run asked for and how it went."""
        data = {**to_json(run), "schema_version": SCHEMA_VERSION}
        write_text(self.folder / "run.json", json.dumps(data, indent=1) + "\n")

    def read_run(self) -> Run:
        """Return the last run of this folder.

        Raises
        ------
        StoreError
            If there is none, or it is not ours, or of another schema version.
        """
        path = self.folder / "run.json"
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise StoreError(
                f"{path}: no such file, so there are no results to read",
                hint=f"python -m bench run --dataset {self.folder.name}",
            ) from None
        except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
            raise _unreadable(path, error) from None
        version = data.get("schema_version") if isinstance(data, dict) else None
        if version != SCHEMA_VERSION:
            raise StoreError(
                f"{path}: schema_version is {version}, but this bench reads {SCHEMA_VERSION}",
                hint="run the experiment again, or use the version of bench that wrote it",
            )
        try:
            return from_json(Run, data)
        except (ValueError, TypeError) as error:
            raise _unreadable(path, error) from None

    def write_values(self, values: NDArray[np.float64], *, dataset_digest: str) -> None:
        """Keep what each customer is worth a month, in the order of the dataset's rows.

        Numbers only: nothing in the file says who the customers are.
        """
        import numpy as np

        arrays = {"digest": np.array(dataset_digest), "value": values}
        write_bytes(self.folder / "values.npz", pack(arrays))

    def read_values(self, *, dataset_digest: str) -> NDArray[np.float64] | None:
        """Return what each customer is worth a month.

        ``None`` where the dataset does not say, or the file belongs to other
        data or is damaged.
        """
        try:
            arrays = unpack((self.folder / "values.npz").read_bytes(), ("digest", "value"))
        except (OSError, ValueError):
            return None
        return arrays["value"] if str(arrays["digest"]) == dataset_digest else None

    def _record(self, job_id: str) -> Path:
        return self.folder / "records" / f"{job_id}.json"

    def _predictions(self, job_id: str) -> Path:
        return self.folder / "predictions" / f"{job_id}.npz"

    @cached_property
    def _here(self) -> str:
        return self._name_environment(describe_environment())

    def _name_environment(self, environment: Mapping[str, Any]) -> str:
        """Return the name under which ``environment`` is kept; written if it is not there yet."""
        if not environment:
            return ""
        name = digest("environment", environment)[:12]
        text = json.dumps(environment, indent=1) + "\n"
        write_text(self.folder / "environments" / f"{name}.json", text)
        return name

    def _read(self, job_id: str) -> Result | None:
        """Return a result, or None where it is missing or damaged (then it is made again)."""
        try:
            return self._parse(job_id)
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def _checked(self, job_id: str) -> dict[str, Any]:
        """Return what stands in a record as it was written, or raise one of several errors."""
        text = self._record(job_id).read_text(encoding="utf-8")
        data: dict[str, Any] = json.loads(text)
        if data["schema_version"] != SCHEMA_VERSION:
            raise ValueError(f"schema_version is {data['schema_version']}, not {SCHEMA_VERSION}")
        if data["id"] != job_id:
            raise ValueError(f"it holds the record of another job, {data['id']}")
        if not _is_as_sealed(text):
            raise ValueError("the record was changed since it was written")
        return data

    def _parse(self, job_id: str) -> Result:
        """Return a result, or raise one of several errors where it is missing or damaged."""
        data = self._checked(job_id)
        record = from_json(Record, data)
        if record.status == "failed":
            return Result(record, None)
        packed = self._predictions(job_id).read_bytes()
        if hashlib.sha256(packed).hexdigest() != data["predictions_sha256"]:
            raise ValueError("its predictions are not those that it was written with")
        return Result(record, Predictions(**unpack(packed, ARRAYS)))


def is_done(result: Result | None, wanted: Importance) -> bool:
    """Return whether nothing is left to do for a job.

    A finished record is never computed again, unless importances are asked for
    that it lacks. A failed one is. A method that failed to explain a fit is not
    tried again: a plug-in that is mended makes other jobs.
    """
    if result is None or result.record.status == "failed":
        return False
    return EXPLAINED.index(result.record.explained) >= EXPLAINED.index(wanted)


def _sealed(data: Mapping[str, Any]) -> str:
    """Return ``data`` as JSON text that ends in the digest of all that stands before it."""
    body = json.dumps(data, indent=1, allow_nan=False).removesuffix("\n}")
    return f'{body}{SEAL}{hashlib.sha256(body.encode()).hexdigest()}"\n}}\n'


def _is_as_sealed(text: str) -> bool:
    """Return whether the text of a record is as it was written; those of old bear no seal."""
    body, mark, rest = text.rpartition(SEAL)
    if not mark:
        return f'"{SEALED}"' not in text
    return rest[:64] == hashlib.sha256(body.encode()).hexdigest()


def _pack(predictions: Predictions) -> bytes:
    return pack({name: getattr(predictions, name) for name in ARRAYS})


def _unreadable(path: Path, error: Exception) -> StoreError:
    return StoreError(
        f"{path}: cannot be read: {error}", hint="remove the file and run the experiment again"
    )
