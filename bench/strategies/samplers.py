"""Strategies that add training rows, all by imbalanced-learn's samplers.

``balance`` is how far a sampler goes: 0 leaves the class ratio as it is, 1
makes both classes equally frequent (imbalanced-learn's default). Those that
only clean have no such parameter.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from bench.domain import Trial
from bench.strategies.base import Needs, Resample, Strategy, UnsuitableRowsError, ratio_after

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Matrix = NDArray[np.float64]
    Labels = NDArray[np.int8]

Build = Callable[[dict[str, Any], tuple[int, ...]], Any]

LIBRARIES = ("imbalanced-learn", "scikit-learn")
MOST_NEIGHBOURS = 6
MOST_CLUSTERS = 20
ANY_ROWS = Needs()

# Most rows of a dataset, so that one resampling takes minutes and not hours. CPU seconds on
# 10,000 and 30,000 rows × 131 columns with 10 % positives: smote .2 and .5, adasyn .2 and 1.0,
# smotenc .9 and 3.0, tomek-links .9 and 6.7, smote-enn 2.4 and 19.7 (all grow with n²);
# svm-smote 3.8 and over 40, cluster-centroids 2.2 and over 40.
MOST_ROWS_OF_POSITIVES = 200_000
"""For samplers that look for neighbours of positives only."""

MOST_ROWS_OF_ALL = 100_000
"""For samplers that look for neighbours of all rows, or among categories."""

MOST_ROWS_OF_KERNELS = 50_000
"""For samplers that fit a kernel machine, or a cluster for every positive."""

ENCODED = Needs(
    stage="encoded",
    complete=True,
    min_positives=MOST_NEIGHBOURS + 1,
    max_rows=MOST_ROWS_OF_POSITIVES,
)
CLEANED = replace(ENCODED, max_rows=MOST_ROWS_OF_ALL)
MIXED = Needs(
    stage="mixed",
    complete=True,
    numeric_columns=True,
    categorical_columns=True,
    min_positives=MOST_NEIGHBOURS + 1,
    max_rows=MOST_ROWS_OF_ALL,
)
CATEGORIES = Needs(
    stage="mixed",
    complete=True,
    categorical_columns=True,
    only_categories=True,
    min_positives=MOST_NEIGHBOURS + 1,
    max_rows=MOST_ROWS_OF_ALL,
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
        """Return resampled rows; deterministic given ``seed`` and one OpenMP thread.

        Raises
        ------
        UnsuitableRowsError
            If the sampler gives up on these rows, or leaves a single class.
        """
        import numpy as np

        arguments = {**params, "random_state": seed}
        if "balance" in arguments:
            arguments["sampling_strategy"] = class_ratio(y, arguments.pop("balance"))
        sampler = self._build(arguments, categorical)
        with warnings.catch_warnings():
            # SMOTEN's own affair with SciPy; nobody here can do anything about it.
            warnings.simplefilter("ignore", DeprecationWarning)
            try:
                resampled_X, resampled_y = sampler.fit_resample(np.asarray(X), np.asarray(y))
            except (ValueError, RuntimeError) as error:
                name = type(sampler).__name__
                raise UnsuitableRowsError(f"{name} gives up on these rows: {error}") from error
        labels = np.asarray(resampled_y, dtype=np.int8)
        if len(np.unique(labels)) < 2:
            raise UnsuitableRowsError(f"{type(sampler).__name__} leaves rows of one class only")
        return np.asarray(resampled_X, dtype=np.float64), labels


def class_ratio(y: Labels, balance: float) -> float | str:
    """Return imbalanced-learn's ``sampling_strategy`` (minority / majority after resampling)."""
    return "auto" if balance >= 1.0 else ratio_after(y, balance)


def _random_over(arguments: dict[str, Any], categorical: tuple[int, ...]) -> Any:
    from imblearn.over_sampling import RandomOverSampler

    return RandomOverSampler(**arguments)


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


def _svm_smote(arguments: dict[str, Any], categorical: tuple[int, ...]) -> Any:
    from imblearn.over_sampling import SVMSMOTE

    return SVMSMOTE(**arguments)


def _kmeans_smote(arguments: dict[str, Any], categorical: tuple[int, ...]) -> Any:
    from imblearn.over_sampling import KMeansSMOTE

    n_clusters = arguments.pop("n_clusters")
    return KMeansSMOTE(kmeans_estimator=n_clusters, **arguments)


def _smoten(arguments: dict[str, Any], categorical: tuple[int, ...]) -> Any:
    from imblearn.over_sampling import SMOTEN

    return SMOTEN(**arguments)


def resample_in_clusters(
    X: Matrix,
    y: Labels,
    *,
    params: Mapping[str, Any],
    categorical: tuple[int, ...],
    seed: int,
) -> tuple[Matrix, Labels]:
    """Return rows by KMeans-SMOTE from clusters with at least the average share of positives.

    imbalanced-learn asks for a share of one half, which clusters of rare
    positives never have. Where no cluster holds enough of them for
    ``k_neighbors``, the number of clusters is halved, down to one.
    """
    import numpy as np

    counts = np.bincount(y, minlength=2)
    n_clusters = params["n_clusters"]
    while True:
        tried = {
            **params,
            "n_clusters": n_clusters,
            "cluster_balance_threshold": float(counts.min() / counts.sum()),
        }
        try:
            return _KMEANS(X, y, params=tried, categorical=categorical, seed=seed)
        except UnsuitableRowsError:
            if n_clusters == 1:
                raise
        n_clusters //= 2


_KMEANS = Sampler(_kmeans_smote)


def _over(
    name: str,
    summary: str,
    resample: Resample,
    *,
    seconds: float,
    needs: Needs = ENCODED,
    neighbours: str = "k_neighbors",
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
        resample=resample,
        search_space=search_space,
        libraries=LIBRARIES,
        resample_seconds=seconds,
        fit_factor=1.6,
    )


def _clusters(trial: Trial) -> dict[str, Any]:
    return {
        "balance": trial.suggest_float("balance", 0.2, 1.0),
        "k_neighbors": trial.suggest_int("k_neighbors", 2, MOST_NEIGHBOURS),
        "n_clusters": trial.suggest_int("n_clusters", 2, MOST_CLUSTERS, log=True),
    }


OVERSAMPLERS = (
    _over(
        "random-over",
        "repeat positives at random",
        Sampler(_random_over),
        seconds=0.01,
        needs=ANY_ROWS,
        neighbours="",
    ),
    _over(
        "smote",
        "interpolate between neighbouring positives (Chawla 2002)",
        Sampler(_smote),
        seconds=0.06,
    ),
    _over(
        "smotenc",
        "SMOTE on raw categories, encoded afterwards (Chawla 2002)",
        Sampler(_smotenc),
        seconds=3.2,
        needs=MIXED,
    ),
    _over(
        "smoten",
        "SMOTE by how categories go with the classes, for categories only (Chawla 2002)",
        Sampler(_smoten),
        seconds=1.2,
        needs=CATEGORIES,
    ),
    _over(
        "adasyn",
        "SMOTE where positives are hard to learn (He 2008)",
        Sampler(_adasyn),
        seconds=0.15,
        neighbours="n_neighbors",
    ),
    _over(
        "borderline-smote",
        "SMOTE from positives near the border (Han 2005)",
        Sampler(_borderline),
        seconds=0.15,
    ),
    _over(
        "svm-smote",
        "SMOTE from the support vectors of an SVM (Nguyen 2011)",
        Sampler(_svm_smote),
        seconds=1.0,
        needs=replace(ENCODED, max_rows=MOST_ROWS_OF_KERNELS),
    ),
    Strategy(
        name="kmeans-smote",
        summary="SMOTE within clusters that are rich in positives (Last 2017)",
        needs=ENCODED,
        defaults={"balance": 1.0, "k_neighbors": 2, "n_clusters": 8},
        resample=resample_in_clusters,
        search_space=_clusters,
        libraries=LIBRARIES,
        resample_seconds=0.05,
        fit_factor=1.6,
    ),
    _over(
        "smote-enn",
        "SMOTE, then drop rows that their neighbours contradict (Batista 2004)",
        Sampler(_smote_enn),
        seconds=0.7,
        needs=CLEANED,
    ),
    _over(
        "smote-tomek",
        "SMOTE, then drop Tomek links (Batista 2004)",
        Sampler(_smote_tomek),
        seconds=0.7,
        needs=CLEANED,
    ),
)
