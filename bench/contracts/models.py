"""What every model holds, tried on a few hundred made-up customers."""

from __future__ import annotations

import functools
import importlib.metadata
from collections.abc import Mapping
from dataclasses import replace

from bench.contracts.base import Clause, ContractBroken
from bench.contracts.fits import (
    LARGEST_SEED,
    FittedOnce,
    check_explanations,
    check_stopping,
    fit_and_score,
    stopping_rows,
)
from bench.contracts.searching import check_start, check_trials, draw_trials
from bench.contracts.serving import SERVING_CLAUSES
from bench.contracts.tables import coarse_rows, read_only, small_case
from bench.environment import library_version
from bench.metrics import roc_auc
from bench.models import Model
from bench.plugins import SLUG

THREAD_PARAMS = ("n_jobs", "nthread", "num_threads", "thread_count")
NONE_MEANS_ONE = ("sklearn", "imblearn")
FEW_ROUNDS = 3
MARGIN_TOLERANCE = 1e-3


@functools.lru_cache(maxsize=2)
def _fit_default(model: Model) -> FittedOnce:
    """Return the fit that several clauses look at; none of them changes it."""
    case = small_case()
    return fit_and_score(model, case.train, case.held_X)


# --- fits and scores ------------------------------------------------------------------


def builds_fits_and_scores(model: Model) -> None:
    """Builds without params, fits, and returns one finite float64 score per row."""
    _fit_default(model)


def has_a_name_and_a_summary(model: Model) -> None:
    """Has a name in small letters and a summary of one line."""
    if not SLUG.fullmatch(model.name):
        raise ContractBroken(f"name = {model.name!r}, expected a name such as 'my-model'")
    if not model.summary.strip() or "\n" in model.summary:
        raise ContractBroken(f"summary = {model.summary!r}, expected one line on what it is")


def says_how_many_rounds_it_kept(model: Model) -> None:
    """Returns from fit how many boosting rounds it kept, 0 without boosting."""
    rounds = _fit_default(model).rounds
    if not isinstance(rounds, int) or rounds < 0:
        raise ContractBroken(f"fit returned {rounds!r}, expected a whole number from 0")


def repeats_under_one_seed(model: Model) -> None:
    """Gives the same scores, bit for bit, under the same seed."""
    case = small_case()
    first, second = _fit_default(model), fit_and_score(model, case.train, case.held_X)
    n_other = int((first.scores != second.scores).sum())
    if n_other:
        raise ContractBroken(f"{n_other} of {len(case.held_X)} scores differ between two fits")


def keeps_probabilities_in_range(model: Model) -> None:
    """Returns probabilities between 0 and 1, as its outputs declare."""
    scores = _fit_default(model).scores
    if scores.min() < 0 or scores.max() > 1:
        raise ContractBroken(
            f"scores lie between {scores.min():.3g} and {scores.max():.3g}; "
            'declare outputs="score" where they are no probabilities'
        )


def ranks_better_than_chance(model: Model) -> None:
    """Ranks better than chance where there is something to learn."""
    value = roc_auc(small_case().held_y, _fit_default(model).scores)
    if value <= 0.5:
        raise ContractBroken(f"ROC-AUC is {value:.3f}: are higher scores more likely positive?")


def scores_everyone_alike(model: Model) -> None:
    """Scores everyone alike, as it says that it uses no features."""
    import numpy as np

    spread = float(np.ptp(_fit_default(model).scores))
    if spread:
        raise ContractBroken(f"scores differ by up to {spread:.3g}")


def leaves_rows_alone(model: Model) -> None:
    """Takes arrays that cannot be written to, and leaves them as they are."""
    import numpy as np

    case, before = small_case(), small_case()
    train = replace(case.train, X=read_only(case.train.X))
    train.y.flags.writeable = False
    fit_and_score(model, train, read_only(case.held_X))
    pairs = ((train.X, before.train.X), (train.y, before.train.y), (case.held_X, before.held_X))
    if not all(np.array_equal(now, then) for now, then in pairs):
        raise ContractBroken("rows that may not be written to have changed")


def heeds_sample_weights(model: Model) -> None:
    """Scores higher on the whole where positives weigh more."""
    import numpy as np

    train = coarse_rows()
    means = []
    for weight_of_positives in (1 / 9, 9.0):
        weight = np.where(train.y == 1, weight_of_positives, 1.0)
        weighted = replace(train, weight=weight / weight.mean())
        means.append(float(fit_and_score(model, weighted, train.X).scores.mean()))
    if means[1] <= means[0]:
        raise ContractBroken(
            f"the mean score is {means[1]:.4g} where a positive weighs nine times a negative, "
            f"and {means[0]:.4g} where a ninth"
        )


def works_on_one_column(model: Model) -> None:
    """Works on a table of one column."""
    case = small_case()
    fit_and_score(
        model, replace(case.train, X=case.train.X[:, :1].copy()), case.held_X[:, :1].copy()
    )


def takes_native_categories(model: Model) -> None:
    """Takes categories and missing values as they are, and a level that it never saw."""
    import numpy as np

    case = small_case("native")
    if not np.isnan(case.held_X[:, case.train.categorical[0]]).any():
        raise ValueError("the small table holds no unseen level")
    fitted = fit_and_score(model, case.train, case.held_X)
    value = roc_auc(case.held_y, fitted.scores)
    if value <= 0.5:
        raise ContractBroken(f"ROC-AUC on native categories is {value:.3f}")
    check_explanations(model, fitted.estimator, case.held_X)


# --- what it runs on ------------------------------------------------------------------


def keeps_to_its_threads(model: Model) -> None:
    """Builds an estimator with the number of threads that it was given."""
    estimator = model.build({}, seed=LARGEST_SEED, threads=1)
    get_params = getattr(estimator, "get_params", None)
    for name, value in (get_params() if get_params else {}).items():
        if name.rpartition("__")[2] not in THREAD_PARAMS:
            continue
        is_one = value is None and type(estimator).__module__.startswith(NONE_MEANS_ONE)
        if value != 1 and not is_one:
            raise ContractBroken(f"{name} = {value!r} for one thread; hand `threads` on in build")


def names_its_libraries(model: Model) -> None:
    """Names the installed distributions that its estimator comes from."""
    libraries = model.capabilities.libraries
    for library in libraries:
        if library_version(library) == "missing":
            raise ContractBroken(f"capabilities name the library {library!r}, not installed here")
    package = type(_fit_default(model).estimator).__module__.partition(".")[0]
    distributions = _distributions().get(package, [])
    named = {_normal(name) for name in ("scikit-learn", "numpy", *libraries)}
    if distributions and not named & {_normal(name) for name in distributions}:
        raise ContractBroken(
            f"its estimator comes from {distributions[0]!r}, which is not among the libraries "
            f"{libraries}: their versions tell one result from another"
        )


@functools.cache
def _distributions() -> Mapping[str, list[str]]:
    return importlib.metadata.packages_distributions()


def _normal(distribution: str) -> str:
    return distribution.lower().replace("_", "-").removesuffix("-cpu")


# --- parameters -----------------------------------------------------------------------


def proposes_params_that_can_be_kept(model: Model) -> None:
    """Proposes params that JSON can hold, and the same for the same trial."""
    check_trials(model.search_space)


def proposes_params_that_work(model: Model) -> None:
    """Proposes params that build, fit and score."""
    case = small_case()
    stopping = stopping_rows() if model.capabilities.has_early_stopping else None
    for drawn in draw_trials(model.search_space):
        fit_and_score(model, case.train, case.held_X, params=drawn.params, stopping=stopping)


def starts_inside_its_search_space(model: Model) -> None:
    """Starts a study inside its search space."""
    check_start(model.search_space, model.start)


def recommends_params_that_work(model: Model) -> None:
    """Recommends params that build, fit and score."""
    case = small_case()
    stopping = stopping_rows() if model.capabilities.has_early_stopping else None
    fit_and_score(model, case.train, case.held_X, params=model.recommended, stopping=stopping)


def stops_early(model: Model) -> None:
    """Stops early by every stopping metric, and sooner where held-back rows contradict it."""
    check_stopping(model, small_case().train)


def refits_with_the_rounds_found(model: Model) -> None:
    """Fits exactly as many rounds as with_rounds asks for."""
    case = small_case()
    params = model.with_rounds(model.recommended or {}, FEW_ROUNDS)
    rounds = fit_and_score(model, case.train, case.held_X, params=params).rounds
    if rounds != FEW_ROUNDS:
        raise ContractBroken(f"with_rounds asked for {FEW_ROUNDS} rounds, the fit kept {rounds}")


# --- explanations ---------------------------------------------------------------------


def explains_every_column(model: Model) -> None:
    """Gives importances, where it gives any, as one finite number per column."""
    check_explanations(model, _fit_default(model).estimator, small_case().held_X)


def explains_its_scores_in_full(model: Model) -> None:
    """Gives contributions, where it gives any, that add up to the score or its log-odds."""
    import numpy as np

    fitted, case = _fit_default(model), small_case()
    contributions = model.contributions(fitted.estimator, case.held_X)
    if contributions is None:
        return
    margins = [fitted.scores]
    if model.capabilities.outputs == "probability":
        p = np.clip(fitted.scores, 1e-12, 1 - 1e-12)
        margins.append(np.log(p / (1 - p)))
    rest = [np.ptp(margin - contributions.sum(axis=1)) / np.ptp(margin) for margin in margins]
    if min(rest) > MARGIN_TOLERANCE:
        raise ContractBroken(
            f"scores less their contributions vary by {min(rest):.2g} of the scores' range, "
            "expected a constant"
        )


def _is_tunable(model: Model) -> bool:
    return model.is_tunable or bool(model.start)


MODEL_CLAUSES: tuple[Clause[Model], ...] = (
    Clause(builds_fits_and_scores, is_basis=True),
    Clause(has_a_name_and_a_summary),
    Clause(says_how_many_rounds_it_kept),
    Clause(repeats_under_one_seed),
    Clause(keeps_probabilities_in_range, applies=lambda m: m.capabilities.outputs == "probability"),
    Clause(ranks_better_than_chance, applies=lambda m: m.capabilities.uses_features),
    Clause(scores_everyone_alike, applies=lambda m: not m.capabilities.uses_features),
    Clause(leaves_rows_alone),
    Clause(heeds_sample_weights, applies=lambda model: model.capabilities.takes_weights),
    Clause(works_on_one_column),
    Clause(takes_native_categories, applies=lambda m: m.capabilities.native_categories),
    Clause(keeps_to_its_threads),
    Clause(names_its_libraries),
    Clause(proposes_params_that_can_be_kept, applies=_is_tunable),
    Clause(proposes_params_that_work, applies=_is_tunable),
    Clause(starts_inside_its_search_space, applies=_is_tunable),
    Clause(recommends_params_that_work, applies=lambda m: m.recommended is not None),
    Clause(stops_early, applies=lambda m: m.capabilities.has_early_stopping),
    Clause(refits_with_the_rounds_found, applies=lambda m: m.capabilities.has_early_stopping),
    *SERVING_CLAUSES,
    Clause(explains_every_column),
    Clause(explains_its_scores_in_full),
)
