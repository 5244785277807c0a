"""What is not as it was when a row was made, and so may be why it comes out otherwise."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from bench.domain import Job, Run
from bench.environment import BENEATH, describe_environment, library_version
from bench.models import MODELS
from bench.store import Store

Kind = Literal["record", "data", "plug-in", "library", "code", "threads", "machine", "unknown"]
"""Most likely first: the order in which causes are named."""

WORDS: dict[Kind, str] = {
    "record": "the stored record",
    "data": "the data",
    "plug-in": "a declaration or plug-in of yours",
    "library": "a library version",
    "code": "the code",
    "threads": "threads",
    "machine": "Python or the machine",
    "unknown": "nothing that is recorded",
}
AFTER_FITS = ("analysis", "reports")
"""Folders of the package that a fit never comes through."""

FOUNDATIONS = ("numpy", "scikit-learn")
MOST_NAMED = 4


@dataclass(frozen=True)
class Cause:
    """One thing that changed, with the evidence: what it was then, and what it is now."""

    kind: Kind
    evidence: str


def find_causes(
    then: Sequence[Job], now: Sequence[Job], *, run: Run, store: Store, is_of_fits: bool
) -> tuple[Cause, ...]:
    """Return what changed behind the jobs of a row, most likely first.

    Parameters
    ----------
    then : sequence of Job
        As the run has them.
    now : sequence of Job
        The same candidate on the same splits, as it is planned here; empty
        where it cannot be.
    run : Run
    store : Store
        Whose records say what made them.
    is_of_fits : bool
        Whether the fits differ; else only what is worked out of them does.
    """
    causes = [*_of_records(then, store)]
    if then and now:
        causes += _of_jobs(then[0], now[0])
    here = describe_environment()
    environments = [_environment(job, run, store) for job in then]
    # Those that the row's own fits use are in its jobs.
    beneath = {"scipy", "pandas", *BENEATH} - (set(then[0].versions) if then else set())
    causes += _of_code(
        environments, here, foreign=_other_model_modules(then), is_of_fits=is_of_fits
    )
    if then and then[0].threads > 1:
        words = f"each fit used {then[0].threads} threads, which may add up in any order"
        causes.append(Cause("threads", words))
    libraries = _changes("versions", environments, here=here, names=beneath)
    causes += [Cause("library", text) for text in libraries]
    machines = _changes("machine", environments, here=here, names=here["machine"])
    causes += [Cause("machine", text) for text in machines]
    return tuple(dict.fromkeys(causes))


def _of_records(then: Iterable[Job], store: Store) -> Iterable[Cause]:
    for job in then:
        damage = store.find_damage(job)
        if damage:
            place = f"repeat {job.split.repeat}, fold {job.split.fold}"
            yield Cause("record", f"record {job.id} ({place}): {damage}")


def _of_jobs(then: Job, now: Job) -> Iterable[Cause]:
    """Yield what changed in a job itself, and so gave it another id."""
    if then.dataset_digest != now.dataset_digest:
        digests = f"{then.dataset_digest[:12]} then, {now.dataset_digest[:12]} now"
        yield Cause("data", f"data digest {digests}")
    if then.order_digest != now.order_digest:
        yield Cause("data", "the order of the rows in time is another")
    if then.plugin_digest != now.plugin_digest:
        digests = (
            f"{then.plugin_digest[:12] or 'none'} then, {now.plugin_digest[:12] or 'none'} now"
        )
        yield Cause("plug-in", f"digest of plug-ins and [economics] {digests}")
    # The model's own library before those that all of them stand on.
    for name in sorted(then.versions, key=lambda name: (name in FOUNDATIONS, name)):
        version = library_version(name)
        if version != then.versions[name]:
            yield Cause("library", _change(name, then.versions[name], version))
    if then.numbers_version != now.numbers_version:
        versions = f"{then.numbers_version} then, {now.numbers_version} now"
        yield Cause("code", f"NUMBERS_VERSION {versions}: figures were changed on purpose")
    if then.threads != now.threads:
        yield Cause("threads", f"{then.threads} threads a fit then, {now.threads} now")


def _environment(job: Job, run: Run, store: Store) -> Mapping[str, Any]:
    """Return what made a record; of one that does not say, what its run says of itself."""
    known = store.read_environment(job)
    if known:
        return known
    return {"versions": run.versions, "machine": run.machine, "code": run.code}


def _changes(
    part: str,
    environments: Iterable[Mapping[str, Any]],
    *,
    here: Mapping[str, Any],
    names: Iterable[str],
) -> list[str]:
    """Return which ``names`` of ``part`` any environment had otherwise than here has them."""
    return sorted(
        {
            _change(name, str(environment[part][name]), str(here[part].get(name, "missing")))
            for environment in environments
            for name in names
            if name in environment.get(part, {})
            and environment[part][name] != here[part].get(name, "missing")
        }
    )


def _change(name: str, then: str, now: str) -> str:
    return f"{name} {then} then, {now} now"


def changed_modules(then: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """Return the modules whose code is another, or that only one side has."""
    return sorted(name for name in then.keys() | now.keys() if then.get(name) != now.get(name))


def name_modules(modules: Sequence[str]) -> str:
    """Return the first few modules in words."""
    more = len(modules) - MOST_NAMED
    return ", ".join(modules[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def _of_code(
    environments: Iterable[Mapping[str, Any]],
    here: Mapping[str, Any],
    *,
    foreign: set[str],
    is_of_fits: bool,
) -> Iterable[Cause]:
    """Yield one cause for the modules of the package that may have had a hand in it."""
    found: dict[str, None] = {}
    for environment in environments:
        code = environment.get("code", {})
        if not code:
            yield Cause("code", "which code made the records is not recorded")
            return
        for name in changed_modules(code, here["code"]):
            part = name.split("/")[1]
            is_after = part in AFTER_FITS if is_of_fits else part == "reports"
            if not is_after and name not in foreign:
                found[name] = None
    if found:
        verb = "was" if len(found) == 1 else "were"
        yield Cause("code", f"{name_modules(sorted(found))} {verb} changed since")


def _other_model_modules(then: Sequence[Job]) -> set[str]:
    """Return the modules of other models than that of ``then``: these have no hand in it."""
    if not then or then[0].candidate.model not in MODELS:
        return set()
    own = {kind.__module__ for kind in type(MODELS.lookup(then[0].candidate.model)).__mro__}
    others = {type(model).__module__ for model in MODELS} - own
    return {f"{name.replace('.', '/')}.py" for name in others}
