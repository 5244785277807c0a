"""A plug-in of entries that each break one clause: ``BREAKS`` says which.

It is loaded in a process of its own, by `test_contracts_catch`.
"""

from __future__ import annotations

import itertools
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression

from bench.domain import ClassCounts
from bench.losses import FocalLoss
from bench.metrics import Metric
from bench.models import Capabilities, Model
from bench.models.lightgbm import LightGBM
from bench.strategies import Needs, Strategy

call_number = itertools.count()


class Toy(Model):
    """Holds every clause; the others each break one."""

    name = "toy"
    summary = "logistic regression"

    def build(self, params, *, seed, threads):
        return LogisticRegression(**params, random_state=seed)


class Raises(Toy):
    name = "raises"

    def build(self, params, *, seed, threads):
        raise RuntimeError("no licence found")


class Halves(Toy):
    name = "halves"

    def predict_score(self, estimator, X):
        return super().predict_score(estimator, X)[::2].copy()


class Float32(Toy):
    name = "float32"

    def predict_score(self, estimator, X):
        return super().predict_score(estimator, X).astype(np.float32)


class Missing(Toy):
    name = "missing"

    def predict_score(self, estimator, X):
        scores = super().predict_score(estimator, X)
        scores[0] = np.nan
        return scores


class Unsummed(Toy):
    name = "unsummed"
    summary = ""


class Roundless(Toy):
    name = "roundless"

    def fit(self, estimator, train, stopping=None):
        super().fit(estimator, train, stopping)


class Unseeded(Toy):
    name = "unseeded"

    def predict_score(self, estimator, X):
        return super().predict_score(estimator, X) * (1 - 1e-9 * next(call_number))


class Improbable(Toy):
    name = "improbable"

    def predict_score(self, estimator, X):
        return 3 * super().predict_score(estimator, X)


class Reversed(Toy):
    name = "reversed"

    def predict_score(self, estimator, X):
        scores = super().predict_score(estimator, X)
        return scores.mean() + 0.1 * (scores.mean() - scores)


class Featureless(Toy):
    name = "featureless"
    capabilities = Capabilities(uses_features=False)


class Scribbles(Toy):
    name = "scribbles"

    def fit(self, estimator, train, stopping=None):
        train.X[0] *= 1.0001
        return super().fit(estimator, train, stopping)


class Weightless(Toy):
    name = "weightless"

    def fit(self, estimator, train, stopping=None):
        estimator.fit(train.X, train.y)
        return 0


class Wide(Toy):
    name = "wide"

    def fit(self, estimator, train, stopping=None):
        if train.X.shape[1] == 1:
            raise ValueError("one column is not enough")
        return super().fit(estimator, train, stopping)


class NotNative(Toy):
    name = "not-native"
    capabilities = Capabilities(native_categories=True)


class Threaded(Toy):
    name = "threaded"

    def build(self, params, *, seed, threads):
        estimator = HistGradientBoostingClassifier(max_iter=5, random_state=seed)
        estimator.get_params = lambda deep=True: {"step__n_jobs": -1}
        return estimator


class NotInstalled(Toy):
    name = "not-installed"
    capabilities = Capabilities(libraries=("churnbench-no-such-library",))


class Unnamed(LightGBM):
    name = "unnamed"
    capabilities = Capabilities(libraries=("scikit-learn",))


class Unkeepable(Toy):
    name = "unkeepable"

    def search_space(self, trial):
        return {"max_iter": np.int64(trial.suggest_int("max_iter", 100, 200))}


class Tupled(Toy):
    name = "tupled"

    def search_space(self, trial):
        return {"max_iter": trial.suggest_categorical("max_iter", ((100,), (200,)))[0]}


class Wavering(Toy):
    name = "wavering"

    def search_space(self, trial):
        return {"C": trial.suggest_float("C", 0.1, 1.0), "max_iter": 100 + next(call_number)}


class Unbuildable(Toy):
    name = "unbuildable"

    def search_space(self, trial):
        return {"c": trial.suggest_float("C", 0.1, 1.0)}


class Outside(Toy):
    name = "outside"
    start = {"C": 2.0}

    def search_space(self, trial):
        return {"C": trial.suggest_float("C", 0.1, 1.0)}


class Elsewhere(Toy):
    name = "elsewhere"
    start = {"penalty": 0.5}

    def search_space(self, trial):
        return {"C": trial.suggest_float("C", 0.1, 1.0)}


class Unchosen(Toy):
    name = "unchosen"
    start = {"solver": "saga"}

    def search_space(self, trial):
        return {"solver": trial.suggest_categorical("solver", ("lbfgs", "newton-cholesky"))}


class Misadvised(Toy):
    name = "misadvised"
    recommended = {"C": -1.0}


BOOSTING = Capabilities(has_early_stopping=True, libraries=("lightgbm", "scikit-learn"))


class NeverStops(LightGBM):
    name = "never-stops"
    capabilities = BOOSTING

    def fit(self, estimator, train, stopping=None):
        return super().fit(estimator, train)


class OneMetric(LightGBM):
    name = "one-metric"
    capabilities = BOOSTING

    def fit(self, estimator, train, stopping=None):
        if stopping is not None and stopping.metric == "brier":
            raise KeyError("brier")
        return super().fit(estimator, train, stopping)


class LosesCount(LightGBM):
    name = "loses-count"

    def with_rounds(self, params, rounds):
        return {**params, "n_estimators": rounds + 1}


class StopsByItsOwnLoss(LightGBM):
    name = "stops-by-its-own-loss"

    def fit(self, estimator, train, stopping=None):
        return super().fit(estimator, train, stopping if train.loss is None else None)


class Lossless(LightGBM):
    name = "lossless"

    def fit(self, estimator, train, stopping=None):
        return super().fit(estimator, replace(train, loss=None), stopping)


class NoTree(Toy):
    name = "no-tree"
    capabilities = Capabilities(parts=("weak-learner",))


class Shareless(Toy):
    name = "shareless"
    capabilities = Capabilities(parts=("class-bagging",))


class Misattributes(Toy):
    name = "misattributes"

    def gains(self, estimator):
        return np.ones(2)


class Overflows(Toy):
    name = "overflows"

    def coefficients(self, estimator):
        return np.full(estimator.coef_.shape[1], np.inf)


class Unadded(Toy):
    name = "unadded"

    def contributions(self, estimator, X):
        return 2 * X * estimator.coef_[0]


class Added(Toy):
    """Linear contributions to the log-odds add up by themselves."""

    name = "added"

    def contributions(self, estimator, X):
        return X * estimator.coef_[0]


def double(X, y, *, params, categorical, seed):
    return np.vstack([X, X[y == 1]]), np.append(y, y[y == 1])


def single(X, y, *, params, categorical, seed):
    return X.astype(np.float32), y


def one_class(X, y, *, params, categorical, seed):
    return X[y == 1], y[y == 1]


def narrow(X, y, *, params, categorical, seed):
    return X[:, 1:], y


def with_gap(X, y, *, params, categorical, seed):
    X = X.copy()
    X[0, 0] = np.nan
    return X, y


def scribble(X, y, *, params, categorical, seed):
    X[0] *= 1.0001
    return X, y


def unseeded(X, y, *, params, categorical, seed):
    return np.roll(X, next(call_number), axis=0), np.roll(y, next(call_number))


def reach_out(X, y, *, params, categorical, seed):
    """Overwrite the rows held back, which a run keeps in files beside."""
    frame = sys._getframe()
    while frame is not None:
        folder = getattr(frame.f_locals.get("self"), "_folder", None)
        if isinstance(folder, Path):
            for held in folder.rglob("held.npy"):
                np.save(held, np.load(held) + 1.0)
            break
        frame = frame.f_back
    return X, y


def between_codes(X, y, *, params, categorical, seed):
    X, y = double(X, y, params=params, categorical=categorical, seed=seed)
    X[-1, categorical[0]] = 0.5
    return X, y


def greedy(X, y, *, params, categorical, seed):
    if y.sum() < 5:
        raise ValueError("expected five positives")
    return X, y


def complete_only(X, y, *, params, categorical, seed):
    if np.isnan(X).any():
        raise ValueError("X holds NaN")
    return X, y


def by_share(X, y, *, params, categorical, seed):
    if not 0 < params["share"] <= 1:
        raise ValueError("share lies outside (0, 1]")
    return X, y


def any_share(trial):
    return {"share": trial.suggest_float("share", 0.1, 1.0)}


def too_wide(trial):
    return {"share": trial.suggest_float("share", 0.1, 3.0)}


def numpy_share(trial):
    return {"share": np.float32(trial.suggest_float("share", 0.1, 1.0))}


def unscaled(context):
    return 1.0 + context.y.astype(np.float64)


def negative(context):
    return np.where(context.y == 1, 2.0, -1.0)


def short(context):
    return np.ones(2)


def whole(context):
    return np.ones(len(context.y), dtype=int)


def by_place(context):
    weight = np.linspace(0.5, 1.5, len(context.y))
    return weight / weight.mean()


class Steep(FocalLoss):
    def gradient(self, margin, y):
        return 2 * super().gradient(margin, y)


class Unclamped(FocalLoss):
    def hessian(self, margin, y):
        return super().hessian(margin, y, least=-1.0)


def all_rows(y, *, params, seed):
    return (np.arange(len(y)), np.arange(len(y)))


def some_rows(y, *, params, seed):
    random = np.random.default_rng(next(call_number))
    return tuple(np.sort(random.permutation(len(y))[:50]) for _ in range(3))


def half_each(y, params):
    return 1.0, 0.5


def every_row(y, params):
    return ClassCounts(int((y == 0).sum()), int(y.sum()))


def scikit_only(estimator, y, *, params, seed):
    raise RuntimeError("cannot be wrapped")


def strategy(name, *, summary="a toy", **fields):
    return Strategy(name, summary, **fields)


MIXED = Needs(stage="mixed", complete=True)


def share_found(y_true, y_pred):
    return float(np.sum(y_true * y_pred) / np.sum(y_true))


def checked(y_true, y_score):
    if len(y_true) != len(y_score) or np.isnan(y_score).any() or len(np.unique(y_true)) < 2:
        raise ValueError("bad input")
    return y_true, y_score


def separation(y_true, y_score):
    y, score = checked(y_true, y_score)
    return float(score[y == 1].mean() - score[y == 0].mean())


def not_a_number(y_true, y_score):
    return float("nan")


def constant(y_true, y_score):
    checked(y_true, y_score)
    return 1.0


def first_rows(y_true, y_score):
    y, score = checked(y_true, y_score)
    top = np.argsort(-score, kind="stable")[: int(y.sum())]
    return float(y[top].mean())


def in_place(y_true, y_score):
    y, score = checked(y_true, y_score)
    score += 0.0
    return separation(y, score)


def probabilities_only(y_true, y_score):
    if np.min(y_score) < 0:
        raise ValueError("scores lie outside [0, 1]")
    return separation(y_true, y_score)


def any_class(y_true, y_score):
    if len(np.unique(y_true)) < 2:
        return 0.0
    return separation(y_true, y_score)


def any_score(y_true, y_score):
    return (
        separation(y_true, np.nan_to_num(y_score))
        if len(y_true) == len(y_score)
        else float(checked(y_true, y_score)[0][0])
    )


def any_length(y_true, y_score):
    n = min(len(y_true), len(y_score))
    return separation(y_true[:n], y_score[:n])


class Everywhere(Metric):
    def compute(self, inputs):
        return self.function(inputs.y, inputs.score)


def metric(name, function, *, direction="higher", needs="scores", kind=Metric):
    return kind(name, function, direction, needs)


# Entries beside the clause that each breaks, "" for none.
MODEL_BREAKS = (
    (Toy(), ""),
    (Added(), ""),
    (Raises(), "builds_fits_and_scores"),
    (Halves(), "builds_fits_and_scores"),
    (Float32(), "builds_fits_and_scores"),
    (Missing(), "builds_fits_and_scores"),
    (Unsummed(), "has_a_name_and_a_summary"),
    (Roundless(), "says_how_many_rounds_it_kept"),
    (Unseeded(), "repeats_under_one_seed"),
    (Improbable(), "keeps_probabilities_in_range"),
    (Reversed(), "ranks_better_than_chance"),
    (Featureless(), "scores_everyone_alike"),
    (Scribbles(), "leaves_rows_alone"),
    (Weightless(), "heeds_sample_weights"),
    (Wide(), "works_on_one_column"),
    (NotNative(), "takes_native_categories"),
    (Threaded(), "keeps_to_its_threads"),
    (NotInstalled(), "names_its_libraries"),
    (Unnamed(), "names_its_libraries"),
    (Unkeepable(), "proposes_params_that_can_be_kept"),
    (Tupled(), "proposes_params_that_can_be_kept"),
    (Wavering(), "proposes_params_that_can_be_kept"),
    (Unbuildable(), "proposes_params_that_work"),
    (Outside(), "starts_inside_its_search_space"),
    (Elsewhere(), "starts_inside_its_search_space"),
    (Unchosen(), "starts_inside_its_search_space"),
    (Misadvised(), "recommends_params_that_work"),
    (NeverStops(), "stops_early"),
    (OneMetric(), "stops_early"),
    (LosesCount(), "refits_with_the_rounds_found"),
    (StopsByItsOwnLoss(), "stops_early_under_another_loss"),
    (Lossless(), "gives_scores_that_lead_back_to_probabilities"),
    (NoTree(), "serves_the_strategies_that_ask_for_it"),
    (Shareless(), "heeds_class_shares"),
    (Misattributes(), "explains_every_column"),
    (Overflows(), "explains_every_column"),
    (Unadded(), "explains_its_scores_in_full"),
)
STRATEGY_BREAKS = (
    (strategy("double", resample=double), ""),
    (strategy("single", resample=single), "acts_on_training_rows"),
    (strategy("one-class", resample=one_class), "acts_on_training_rows"),
    (strategy("narrow", resample=narrow), "acts_on_training_rows"),
    (strategy("with-gap", resample=with_gap), "acts_on_training_rows"),
    (strategy("unscaled", weigh=unscaled), "acts_on_training_rows"),
    (strategy("negative", weigh=negative), "acts_on_training_rows"),
    (strategy("short", weigh=short), "acts_on_training_rows"),
    (strategy("whole", weigh=whole), "acts_on_training_rows"),
    (strategy("unsummed", summary=" "), "has_a_name_and_a_summary"),
    (strategy("scribble", resample=scribble), "leaves_its_input_alone"),
    (strategy("unseeded", resample=unseeded), "repeats_under_one_seed"),
    (strategy("between-codes", resample=between_codes, needs=MIXED), "keeps_to_known_codes"),
    (strategy("by-place", weigh=by_place), "weighs_the_same_whatever_the_order"),
    (strategy("greedy", resample=greedy), "works_with_as_few_positives_as_it_says"),
    (strategy("complete-only", resample=complete_only), "takes_missing_values"),
    (
        strategy("numpy-share", defaults={"share": 0.5}, search_space=numpy_share),
        "proposes_params_that_can_be_kept",
    ),
    (
        strategy("too-wide", resample=by_share, defaults={"share": 0.5}, search_space=too_wide),
        "can_be_tuned_in_a_run",
    ),
    (strategy("reach-out", resample=reach_out), "does_in_a_run_what_it_does_alone"),
    (strategy("steep", loss=lambda params: Steep()), "asks_for_a_loss_with_its_own_slope"),
    (strategy("unclamped", loss=lambda params: Unclamped()), "asks_for_a_loss_with_its_own_slope"),
    (strategy("alike", draw=all_rows, meets=every_row), "draws_members_of_training_rows"),
    (strategy("undrawn", draw=some_rows, meets=every_row), "draws_members_of_training_rows"),
    (strategy("silent", wrap=scikit_only), "says_what_a_member_meets"),
    (strategy("half-each", bag=half_each, meets=every_row), "says_what_a_member_meets"),
    (strategy("unwrapped", wrap=scikit_only, meets=every_row), "fits_a_model_that_takes_it"),
    (
        strategy("outside", defaults={"share": 2.0}, search_space=any_share),
        "has_defaults_inside_its_search_space",
    ),
)
METRIC_BREAKS = (
    (metric("separation", separation), ""),
    (metric("not_a_number", not_a_number), "returns_a_finite_number"),
    (metric("upside_down", separation, direction="lower"), "prefers_good_scores"),
    (metric("constant", constant), "prefers_good_scores"),
    (metric("first_rows", first_rows), "does_not_depend_on_the_order_of_rows"),
    (metric("in_place", in_place), "leaves_its_input_alone"),
    (metric("probabilities_only", probabilities_only), "takes_scores_on_any_scale"),
    (
        metric("everywhere", separation, needs="probabilities", kind=Everywhere),
        "leaves_blank_what_does_not_apply",
    ),
    (metric("any_class", any_class), "refuses_a_single_class"),
    (metric("any_score", any_score), "refuses_missing_scores"),
    (metric("any_length", any_length), "refuses_unequal_lengths"),
)

BREAKS = {
    kind: {entry.name: clause for entry, clause in pairs}
    for kind, pairs in (
        ("model", MODEL_BREAKS),
        ("strategy", STRATEGY_BREAKS),
        ("metric", METRIC_BREAKS),
    )
}
MODELS = tuple(entry for entry, _ in MODEL_BREAKS)
STRATEGIES = tuple(entry for entry, _ in STRATEGY_BREAKS)
METRICS = tuple(entry for entry, _ in METRIC_BREAKS)
