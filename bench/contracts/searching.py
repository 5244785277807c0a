"""Trials for search spaces: drawn at random, started at a given point, replayed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bench.contracts.base import ContractBroken
from bench.domain import Trial
from bench.identity import canonical_json

if TYPE_CHECKING:
    import optuna

SearchSpace = Callable[[Trial], dict[str, Any]]
N_DRAWN = 3


class PlainTrial:
    """Offers what `Trial` promises and no more, so that a space that needs more is found out."""

    def __init__(self, trial: optuna.trial.BaseTrial) -> None:
        self._trial = trial

    def suggest_float(self, name: str, low: float, high: float, *, log: bool = False) -> float:
        """Return a number in [low, high]."""
        return self._trial.suggest_float(name, low, high, log=log)

    def suggest_int(self, name: str, low: int, high: int, *, log: bool = False) -> int:
        """Return a whole number in [low, high]."""
        return self._trial.suggest_int(name, low, high, log=log)

    def suggest_categorical(self, name: str, choices: tuple[Any, ...]) -> Any:
        """Return one of ``choices``."""
        return self._trial.suggest_categorical(name, choices)


@dataclass(frozen=True)
class Drawn:
    """What one trial suggested, and what the search space made of it."""

    suggested: Mapping[str, Any]
    params: Mapping[str, Any]


def draw_trials(space: SearchSpace) -> tuple[Drawn, ...]:
    """Return a few trials, drawn at random, the same every time."""
    study = _study()
    return tuple(_draw(study, space) for _ in range(N_DRAWN))


def check_trials(space: SearchSpace) -> None:
    """Raise unless params can be kept as JSON and made again from what a trial suggested.

    A study keeps what was suggested, and the best trial's params are made from
    that once more.
    """
    import optuna

    for drawn in draw_trials(space):
        for name, value in drawn.suggested.items():
            if not isinstance(value, bool | int | float | str | None):
                raise ContractBroken(
                    f"chooses {name} = {value!r}, expected a text, a number, a truth value or None"
                )
        for name, value in drawn.params.items():
            try:
                canonical_json(value)
            except (TypeError, ValueError) as error:
                raise ContractBroken(f"proposes {name} = {value!r}: {error}") from None
        again = space(PlainTrial(optuna.trial.FixedTrial(dict(drawn.suggested))))
        if again != drawn.params:
            raise ContractBroken(
                f"{dict(drawn.suggested)} gave {dict(drawn.params)}, and a second time {again}"
            )


def check_start(space: SearchSpace, start: Mapping[str, Any]) -> None:
    """Raise unless every value of ``start`` is one that ``space`` may suggest."""
    import optuna

    study = _study()
    study.enqueue_trial(dict(start))
    trial = study.ask()
    space(PlainTrial(trial))
    for name, value in start.items():
        if name not in trial.distributions:
            known = ", ".join(trial.distributions) or "no names at all"
            raise ContractBroken(f"{name!r} is not among what the space suggests: {known}")
        distribution = trial.distributions[name]
        if isinstance(distribution, optuna.distributions.CategoricalDistribution):
            if value not in distribution.choices:
                raise ContractBroken(f"{name} = {value!r} is not one of {distribution.choices}")
        elif not distribution.low <= value <= distribution.high:  # type: ignore[attr-defined]
            raise ContractBroken(f"{name} = {value!r} lies outside {distribution}")


def _study() -> optuna.Study:
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    return optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))


def _draw(study: optuna.Study, space: SearchSpace) -> Drawn:
    trial = study.ask()
    params = space(PlainTrial(trial))
    return Drawn(dict(trial.params), params)
