"""What a clause is, and what comes of holding an entry against one."""

from __future__ import annotations

import inspect
import sys
import sysconfig
import traceback
import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from bench.guard import Raised, attempt

Entry = TypeVar("Entry")

PACKAGE = Path(__file__).resolve().parents[1]


class ContractBroken(Exception):
    """What a clause found: the fact, then what was expected."""


@dataclass(frozen=True)
class Outcome:
    """What came of one clause; ``problem`` is empty where it holds."""

    kind: str
    entry: str
    clause: str
    problem: str = ""


def _always(entry: Any) -> bool:
    return True


@dataclass(frozen=True)
class Clause(Generic[Entry]):
    """One promise that an entry keeps.

    Attributes
    ----------
    check : callable
        Raises where the promise is broken; the first line of its docstring
        says what is promised, the entry being the subject of the sentence.
    applies : callable
        Whether the promise is made at all, by what the entry declares.
    is_basis : bool
        Where it is broken, the clauses after it would only say so again.
    """

    check: Callable[[Entry], None]
    applies: Callable[[Entry], bool] = _always
    is_basis: bool = False

    @property
    def name(self) -> str:
        """The name of the function, for test ids."""
        return self.check.__name__

    @property
    def sentence(self) -> str:
        """What is promised, as the end of a sentence."""
        line = (inspect.getdoc(self.check) or self.name.replace("_", " ")).splitlines()[0]
        return line[0].lower() + line[1:].removesuffix(".")

    def problem_with(self, entry: Entry) -> str:
        """Return how ``entry`` breaks this clause, ``""`` where it holds.

        Threads are pinned to one, as in a run; an entry's warnings are its own
        affair here, a run shows them in its records.
        """
        import sklearn  # noqa: F401 - only an OpenMP that is loaded can be pinned
        from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

        with warnings.catch_warnings(), threadpool_limits(1):
            warnings.simplefilter("ignore")
            outcome = attempt(lambda: self.check(entry))
        if not isinstance(outcome, Raised):
            return ""
        error = outcome.error
        if isinstance(error, ContractBroken):
            return str(error)
        first, *_ = [*str(error).splitlines(), ""]
        return f"{_place(error)}{type(error).__name__}: {first}"


def judge(kind: str, name: str, entry: Entry, *, clauses: Iterable[Clause[Entry]]) -> list[Outcome]:
    """Return what comes of every clause that applies to ``entry``."""
    outcomes = []
    for clause in clauses:
        if not clause.applies(entry):
            continue
        problem = clause.problem_with(entry)
        outcomes.append(Outcome(kind, name, clause.sentence, problem))
        if problem and clause.is_basis:
            break
    return outcomes


def _place(error: Exception) -> str:
    """Return the user's own line that led to ``error``, where there is one."""
    libraries = {Path(sysconfig.get_path(key)) for key in ("stdlib", "purelib", "platlib")}
    libraries |= {PACKAGE, Path(sys.base_prefix) / "lib"}
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        path = Path(frame.filename)
        if path.is_file() and not any(path.is_relative_to(folder) for folder in libraries):
            return f"{path.name}:{frame.lineno}: "
    return ""
