"""Users' own models, strategies and metrics: loaded by path or by entry point.

A plug-in is a Python file (``--plugin my_models.py``) or an installed module
(entry-point group ``churnbench.plugins``) that defines any of ``MODELS``,
``STRATEGIES`` and ``METRICS`` as tuples of entries.
"""

from __future__ import annotations

import hashlib
import importlib.util
import inspect
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from bench.errors import PluginError
from bench.guard import Raised, attempt
from bench.metrics import METRICS, Metric
from bench.models import MODELS, Model
from bench.registry import Registry
from bench.strategies import STRATEGIES, Strategy

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "churnbench.plugins"
SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
METRIC_NAME = re.compile(r"[a-z0-9]+(_[a-z0-9]+)*")

KINDS: tuple[tuple[str, type[Any], Registry[Any], re.Pattern[str]], ...] = (
    ("MODELS", Model, MODELS, SLUG),
    ("STRATEGIES", Strategy, STRATEGIES, SLUG),
    ("METRICS", Metric, METRICS, METRIC_NAME),
)
_loaded: dict[str, str] = {}
_digests: dict[tuple[str, str], str] = {}


def load_plugins(paths: Iterable[str]) -> None:
    """Load plug-in files and every installed entry point; a second time is no harm.

    Raises
    ------
    PluginError
        If a file is missing, does not run, or defines none of the tuples.
    """
    from importlib import metadata

    for point in metadata.entry_points(group=GROUP):
        if f"entry point {point.name}" not in _loaded:
            module = _import_entry_point(point)
            _register(module, where=f"entry point {point.name}", source=_source_of(module))
    for path in paths:
        file = Path(path).resolve()
        try:
            source = file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise PluginError(
                f"{path}: cannot be read as a plug-in: {error}",
                hint="--plugin takes the path of a Python file",
            ) from None
        checksum = hashlib.sha256(source.encode()).hexdigest()
        if _loaded.get(str(file)) != checksum:
            _register(_run_file(file, path), where=str(file), source=source)


def plugin_digest(kind: str, name: str) -> str:
    """Return the digest of the source behind a plugged-in entry, ``""`` for one of ours."""
    return _digests.get((kind, name), "")


def plugged_in(kind: str) -> tuple[str, ...]:
    """Return the names of the plugged-in entries of ``kind`` (``"model"``, …)."""
    return tuple(name for found, name in _digests if found == kind)


def _run_file(file: Path, shown: str) -> ModuleType:
    name = f"churnbench_plugin_{hashlib.sha256(str(file).encode()).hexdigest()[:12]}"
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise PluginError(f"{shown}: not a Python file", hint="a plug-in's name ends in .py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    loader = spec.loader
    outcome = attempt(lambda: loader.exec_module(module))
    if isinstance(outcome, Raised):
        error = outcome.error
        is_syntax = isinstance(error, SyntaxError) and error.filename == str(file)
        line = getattr(error, "lineno", 0) if is_syntax else _line_in(file, error)
        raise PluginError(
            f"{shown}:{line}: {type(error).__name__}: {error}",
            hint="mend the plug-in and try again",
        ) from error
    return module


def _import_entry_point(point: EntryPoint) -> ModuleType:
    outcome = attempt(point.load)
    if isinstance(outcome, Raised):
        raise PluginError(
            f"entry point {point.name!r} ({point.value}) cannot be imported: {outcome.error}",
            hint="uninstall or mend the distribution that declares it",
        ) from outcome.error
    loaded = outcome.value
    if not isinstance(loaded, ModuleType):
        raise PluginError(f"entry point {point.name!r} must name a module, not {loaded!r}")
    return loaded


def _register(module: ModuleType, *, where: str, source: str) -> None:
    checksum = hashlib.sha256(source.encode()).hexdigest()
    if where in _loaded:
        raise PluginError(
            f"{where} changed while it was loaded", hint="start the command or the notebook again"
        )
    found = [(kind, getattr(module, kind[0])) for kind in KINDS if hasattr(module, kind[0])]
    if not found:
        raise PluginError(
            f"{where}: defines none of MODELS, STRATEGIES, METRICS",
            hint="for instance: MODELS = (MyModel(),)",
        )
    checked = [
        (registry, entry)
        for (attribute, expected, registry, pattern), entries in found
        for entry in _checked(entries, expected, pattern, place=f"{where}: {attribute}")
    ]
    for registry, entry in checked:
        registry.check_free(entry)
    for registry, entry in checked:
        registry.add(entry)
        _digests[(registry.kind, str(entry.name))] = checksum
    _loaded[where] = checksum


def _checked(
    entries: Any, expected: type[Any], pattern: re.Pattern[str], *, place: str
) -> tuple[Any, ...]:
    """Return ``entries`` if they are a tuple of well-named ``expected``.

    Raises
    ------
    PluginError
        If they are not.
    """
    attribute = place.rsplit(" ", 1)[-1]
    hint = f"{attribute} is a tuple of {expected.__name__} objects"
    if not isinstance(entries, tuple | list):
        raise PluginError(f"{place} holds {entries!r}, expected a tuple", hint=hint)
    for entry in entries:
        if not isinstance(entry, expected):
            raise PluginError(f"{place} holds {entry!r}, expected a {expected.__name__}", hint=hint)
        name = getattr(entry, "name", None)
        if not pattern.fullmatch(str(name)):
            example = "my_metric" if pattern is METRIC_NAME else "my-model"
            raise PluginError(
                f"{place} holds an entry named {name!r}, expected a name such as {example}"
            )
    return tuple(entries)


def _source_of(module: ModuleType) -> str:
    """Return the module's source, or where it has none its name and location."""
    try:
        return inspect.getsource(module)
    except (OSError, TypeError):
        return f"{module.__name__} {module.__spec__}"


def _line_in(file: Path, error: BaseException) -> int:
    trace, line = error.__traceback__, 0
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == str(file):
            line = trace.tb_lineno
        trace = trace.tb_next
    return line
