"""From what a user typed (flags, then an experiment file, then a preset) to an Experiment."""

from __future__ import annotations

import itertools
import tomllib
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, get_args

from bench.domain import (
    Candidate,
    Duplicates,
    EvalProtocol,
    Experiment,
    Importance,
    Tuning,
)
from bench.errors import UsageError
from bench.evaluation.fitting import STOPPING_METRICS
from bench.evaluation.preparations import PREPARATIONS
from bench.evaluation.trials import AUTO
from bench.execution.budget import MOST_REPEATS, parse_budget
from bench.execution.partitions import check_split
from bench.execution.presets import PRESETS, Block, Preset
from bench.metrics import rankable
from bench.models import MODELS
from bench.registry import unknown_name
from bench.repairs import REPAIRS, SUITABLE, suitable_repair
from bench.rules import parse_decision
from bench.strategies import STRATEGIES

TUNINGS: tuple[Tuning, ...] = get_args(Tuning)
IMPORTANCES: tuple[Importance, ...] = get_args(Importance)
DUPLICATES: tuple[Duplicates, ...] = get_args(Duplicates)


@dataclass(frozen=True)
class Request:
    """What was asked for; ``None`` and ``()`` mean "as the preset has it".

    The names are those of the flags and of the keys of an experiment file.
    """

    dataset: str | None = None
    preset: str | None = None
    models: tuple[str, ...] = ()
    strategies: tuple[str, ...] = ()
    tuning: tuple[str, ...] = ()
    prep: tuple[str, ...] = ()
    repairs: tuple[str, ...] = ()
    decisions: tuple[str, ...] = ()
    folds: int | None = None
    repeats: int | None = None
    trials: int | None = None
    inner_folds: int | None = None
    seed: int | None = None
    metric: str | None = None
    rank_by: str | None = None
    importance: str | None = None
    duplicates: str | None = None
    split: str | None = None
    race: bool | None = None
    budget: str | float | None = None
    accept: tuple[str, ...] = ()
    """Findings of the doctor that are let pass, see `bench.doctor.admit`."""

    def over(self, other: Request) -> Request:
        """Return this request with what it leaves open taken from ``other``."""
        given = {
            field.name: getattr(self, field.name)
            for field in fields(self)
            if getattr(self, field.name) not in (None, ())
        }
        return replace(other, **given)


LISTS = ("models", "strategies", "tuning", "prep", "repairs", "decisions", "accept")
WHOLE = ("folds", "repeats", "trials", "inner_folds", "seed")
LEAST = {"folds": 2, "repeats": 1, "trials": 1, "inner_folds": 2, "seed": 0}


def read_request(path: Path) -> Request:
    """Return the request in an experiment file (TOML).

    Raises
    ------
    UsageError
        If the file is missing, is not TOML, or has an unknown key or a wrong type.
    """
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UsageError(f"{path}: no such experiment file") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"{path}: cannot be read as TOML: {error}") from None
    known = [field.name for field in fields(Request)]
    values: dict[str, Any] = {}
    for key, value in data.items():
        name = key.replace("-", "_")
        if name not in known:
            raise UsageError(f"{path}: {unknown_name('key', key, known).message.split(' (see')[0]}")
        values[name] = _typed(path, name, value)
    return Request(**values)


def _typed(path: Path, name: str, value: Any) -> Any:
    if name == "race":
        if isinstance(value, bool):
            return value
        raise UsageError(f"{path}: race = {value!r}, expected true or false")
    if name == "budget" and isinstance(value, int | float) and not isinstance(value, bool):
        return value
    if name in LISTS:
        items = [value] if isinstance(value, str) else value
        if isinstance(items, list) and all(isinstance(item, str) for item in items):
            return tuple(items)
        raise UsageError(f"{path}: {name} = {value!r}, expected a list of names")
    expected: type = int if name in WHOLE else str
    if isinstance(value, bool) or not isinstance(value, expected):
        kind = "a whole number" if expected is int else "text"
        raise UsageError(f"{path}: {name} = {value!r}, expected {kind}")
    return value


def build_experiment(request: Request) -> Experiment:
    """Return the experiment that ``request`` asks for; every name and number is checked.

    Raises
    ------
    UsageError
        If a name is unknown, a number is out of range, or two do not fit.
    """
    preset = PRESETS.lookup(request.preset or "standard")
    _check_names(request)
    budget = None if request.budget is None else parse_budget(request.budget)
    protocol = _protocol(request, preset)
    check_split(protocol, has_budget=budget is not None)
    if request.race and budget is None and protocol.repeats == 1:
        raise UsageError(
            "--race stops candidates between repeats, and there is only one",
            hint="ask for several, such as --repeats 5",
        )
    rank_by = request.rank_by or "roc_auc"
    rankable(rank_by)
    importance = _one_of("--importance", request.importance or preset.importance, IMPORTANCES)
    candidates = tuple(
        dict.fromkeys(
            row for fitted in _candidates(request, preset) for row in _rows(fitted, request, preset)
        )
    )
    choices = tuple(s for s in request.strategies if s != AUTO) or (
        preset.choices or preset.strategies
    )
    return Experiment(
        dataset=request.dataset or "telco",
        candidates=candidates,
        protocol=protocol,
        choices=choices if any(c.strategy == AUTO for c in candidates) else (),
        preset=preset.name,
        importance=importance,
        rank_by=rank_by,
        race=bool(request.race) or budget is not None,
        budget_seconds=budget,
    )


def check_experiment(experiment: Experiment, place: str) -> None:
    """Refuse a recorded experiment that no request could have asked for.

    Raises
    ------
    UsageError
        If a number is out of range or none, or a name is unknown.
    """
    protocol = experiment.protocol
    for name, least in {**LEAST, "threads": 1}.items():
        value = getattr(protocol, name)
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            raise UsageError(f"{place}: {name} is {value!r}, expected a whole number from {least}")
    check_split(protocol, has_budget=False)
    _one_of(f"{place}: metric", protocol.metric, STOPPING_METRICS)
    for candidate in experiment.candidates:
        PREPARATIONS.lookup(candidate.preparation)
        REPAIRS.lookup(candidate.repair)
        parse_decision(candidate.decision)


def _check_names(request: Request) -> None:
    for model in request.models:
        MODELS.lookup(model)
    for strategy in request.strategies:
        if strategy != AUTO:
            STRATEGIES.lookup(strategy)
    for level in request.tuning:
        _one_of("--tuning", level, TUNINGS)
    for preparation in request.prep:
        PREPARATIONS.lookup(preparation)
    for repair in request.repairs:
        if repair != SUITABLE:
            REPAIRS.lookup(repair)
    for decision in request.decisions:
        parse_decision(decision)
    if AUTO in request.strategies and request.tuning and "optuna" not in request.tuning:
        raise UsageError(
            "strategy 'auto' lets a study choose, but --tuning leaves studies out",
            hint="add optuna to --tuning",
        )


def _protocol(request: Request, preset: Preset) -> EvalProtocol:
    base = EvalProtocol()
    repeats = preset.repeats if request.budget is None else MOST_REPEATS
    if (request.split or "").startswith("time") and request.budget is None:
        repeats = 1
    numbers = {
        name: base_value if (given := getattr(request, name)) is None else given
        for name, base_value in (
            ("folds", base.folds),
            ("repeats", repeats),
            ("trials", base.trials),
            ("inner_folds", base.inner_folds),
            ("seed", base.seed),
        )
    }
    for name, value in numbers.items():
        if value < LEAST[name]:
            flag = name.replace("_", "-")
            raise UsageError(f"--{flag} {value} is too few, expected at least {LEAST[name]}")
    metric = _one_of("--metric", request.metric or base.metric, STOPPING_METRICS)
    duplicates = _one_of("--duplicates", request.duplicates or base.duplicates, DUPLICATES)
    return EvalProtocol(
        **numbers, metric=metric, duplicates=duplicates, split=request.split or base.split
    )


def _candidates(request: Request, preset: Preset) -> list[Candidate]:
    """Return the grid: the preset's blocks, narrowed or widened by what was asked for.

    A level that ``--tuning`` names takes every model that was asked for.
    Otherwise a level keeps those it has, and models that the preset does not
    know at all join the ``default`` level.
    """
    found: list[Candidate] = []
    for level in request.tuning or [block.tuning for block in preset.blocks]:
        block = preset.block(level)
        models = block.models
        if request.models:
            known = request.models if request.tuning else block.models
            models = tuple(name for name in request.models if name in known)
            if not request.tuning and level == "default":
                models += tuple(m for m in request.models if not preset.has_model(m))
        for preparation, model, strategy in itertools.product(
            request.prep or ("encoded",), models, _strategies(request, block)
        ):
            found.append(Candidate(model, strategy, block.tuning, preparation))
    if not request.models and not request.strategies and not request.tuning:
        found += [Candidate(model) for model in preset.baselines]
    return found


def _rows(fitted: Candidate, request: Request, preset: Preset) -> list[Candidate]:
    """Return the rows of a board that are made of the same fits."""
    outputs = MODELS.lookup(fitted.model).capabilities.outputs
    return [
        replace(
            fitted,
            repair=suitable_repair(fitted.strategy, outputs) if repair == SUITABLE else repair,
            decision=parse_decision(decision).slug,
        )
        for repair in request.repairs or preset.repairs
        for decision in request.decisions or ("f1",)
    ]


def _strategies(request: Request, block: Block) -> tuple[str, ...]:
    """Return the strategies of a level; ``auto`` is for studies only, and only if asked for."""
    if not request.strategies:
        return block.strategies
    if block.tuning != "optuna":
        return tuple(name for name in request.strategies if name != AUTO)
    if request.tuning:
        return request.strategies
    return tuple(name for name in request.strategies if name in block.strategies)


def _one_of(flag: str, value: str, allowed: tuple[Any, ...]) -> Any:
    if value not in allowed:
        raise UsageError(f"{flag} {value!r} is not one of {', '.join(allowed)}")
    return value
