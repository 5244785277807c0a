"""Strategies that change the training rows, all by imbalanced-learn's samplers.

``balance`` is how far a sampler goes: 0 leaves the class ratio as it is, 1
makes both classes equally frequent (imbalanced-learn's default).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from bench.domain import Trial
from bench.strategies.base import Needs, Strategy

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Matrix = NDArray[np.float64]
    Labels = NDArray[np.int8]

Build = Callable[[dict[str, Any], tuple[int, ...]], Any]

LIBRARIES = ("imbalanced-learn", "scikit-learn")
MOST_NEIGHBOURS = 6
ANY_ROWS = Needs()
ENCODED = Needs(stage="encoded", complete=True, min_positives=MOST_NEIGHBOURS + 1)
MIXED = Needs(
    stage="mixed",
    complete=True,
    numeric_columns=True,
    categorical_columns=True,
    min_positives=MOST_NEIGHBOURS + 1,
)


class Sampler:
    """Adapts one imbalanced-learn sampler to the ``resample`` hook."""

    def __init__(self, build: Build) -> None:
        self._build = build

    def __call__(
        self,
        X: Matrix,
        y: Labels,
        *,
        params: Mapping[str, Any],
        categorical: tuple[int, ...],
        seed: int,
    ) -> tuple[Matrix, Labels]:
        """Return resampled rows; deterministic given ``seed`` and one OpenMP thread."""
        import numpy as np

        arguments = {**params, "random_state": seed}
        arguments["sampling_strategy"] = class_ratio(y, arguments.pop("balance"))
        sampler = self._build(arguments, categorical)
        resampled_X, resampled_y = sampler.fit_resample(np.asarray(X), np.asarray(y))
        return np.asarray(resampled_X, dtype=np.float64), np.asarray(resampled_y, dtype=np.int8)


def class_ratio(y: Labels, balance: float) -> float | str:
    """Return imbalanced-learn's ``sampling_strategy`` (minority / majority after resampling)."""
    import numpy as np

    if balance >= 1.0:
        return "auto"
    counts = np.bincount(y, minlength=2)
    ratio = float(counts.min() / counts.max())
    return ratio + balance * (1.0 - ratio)


def _random_over(arguments: dict[str, Any], categorical: tuple[int, ...]) -> Any:
    from imblearn.over_sampling import RandomOverSampler

    return RandomOverSampler(**arguments)


def _random_under(arguments: dict[str, Any], categorical: tuple[int, ...]) -> Any:
    from imblearn.under_sampling import RandomUnderSampler

    return RandomUnderSampler(**arguments)


def _smote(arguments: dict[str, Any], categorical: tuple[int, ...]) -> Any:
    from imblearn.over_sampling import SMOTE

    return SMOTE(**arguments)


def _smotenc(arguments: dict[str, Any], categorical: tuple[int, ...]) -> Any:
    from imblearn.over_sampling import SMOTENC

    return SMOTENC(categorical_features=list(categorical), **arguments)


def _adasyn(arguments: dict[str, Any], categorical: tuple[int, ...]) -> Any:
    from imblearn.over_sampling import ADASYN

    return ADASYN(**arguments)


def _borderline(arguments: dict[str, Any], categorical: tuple[int, ...]) -> Any:
    from imblearn.over_sampling import BorderlineSMOTE

    return BorderlineSMOTE(**arguments)


def _smote_enn(arguments: dict[str, Any], categorical: tuple[int, ...]) -> Any:
    from imblearn.combine import SMOTEENN

    return SMOTEENN(**_with_inner_smote(arguments))


def _smote_tomek(arguments: dict[str, Any], categorical: tuple[int, ...]) -> Any:
    from imblearn.combine import SMOTETomek

    return SMOTETomek(**_with_inner_smote(arguments))


def _with_inner_smote(arguments: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments of a combined sampler, whose neighbours belong to the SMOTE inside."""
    shared = {name: arguments[name] for name in ("sampling_strategy", "random_state")}
    smote = _smote({**shared, "k_neighbors": arguments["k_neighbors"]}, ())
    return {**shared, "smote": smote}


def _strategy(
    name: str,
    summary: str,
    build: Build,
    *,
    seconds: float,
    needs: Needs = ANY_ROWS,
    neighbours: str = "",
) -> Strategy:
    """Return an entry; ``neighbours`` is what the sampler calls its number of neighbours."""

    def search_space(trial: Trial) -> dict[str, Any]:
        params: dict[str, Any] = {"balance": trial.suggest_float("balance", 0.2, 1.0)}
        if neighbours:
            params[neighbours] = trial.suggest_int(neighbours, 2, MOST_NEIGHBOURS)
        return params

    return Strategy(
        name=name,
        summary=summary,
        needs=needs,
        defaults={"balance": 1.0, neighbours: 5} if neighbours else {"balance": 1.0},
        resample=Sampler(build),
        search_space=search_space,
        libraries=LIBRARIES,
        resample_seconds=seconds,
    )


SAMPLERS = (
    _strategy("random-over", "repeat positives at random", _random_over, seconds=0.01),
    _strategy("random-under", "drop negatives at random", _random_under, seconds=0.01),
    _strategy(
        "smote",
        "interpolate between neighbouring positives (Chawla 2002)",
        _smote,
        seconds=0.06,
        needs=ENCODED,
        neighbours="k_neighbors",
    ),
    _strategy(
        "smotenc",
        "SMOTE on raw categories, encoded afterwards (Chawla 2002)",
        _smotenc,
        seconds=3.2,
        needs=MIXED,
        neighbours="k_neighbors",
    ),
    _strategy(
        "adasyn",
        "SMOTE where positives are hard to learn (He 2008)",
        _adasyn,
        seconds=0.15,
        needs=ENCODED,
        neighbours="n_neighbors",
    ),
    _strategy(
        "borderline-smote",
        "SMOTE from positives near the border (Han 2005)",
        _borderline,
        seconds=0.15,
        needs=ENCODED,
        neighbours="k_neighbors",
    ),
    _strategy(
        "smote-enn",
        "SMOTE, then drop rows that their neighbours contradict (Batista 2004)",
        _smote_enn,
        seconds=0.7,
        needs=ENCODED,
        neighbours="k_neighbors",
    ),
    _strategy(
        "smote-tomek",
        "SMOTE, then drop Tomek links (Batista 2004)",
        _smote_tomek,
        seconds=0.7,
        needs=ENCODED,
        neighbours="k_neighbors",
    ),
)
