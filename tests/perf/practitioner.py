"""What a practitioner writes by hand, from the raw Telco file: the B of our A against B.

Nothing of ours is imported. Two commands, timed as whole processes by their callers::

    python tests/perf/practitioner.py grid --data telco.csv --out grid.json
    python tests/perf/practitioner.py search --data telco.csv --out search.json --seeds 0,1,2

``--splits FILE`` (see splits.py) puts our folds in place of a shuffled
``StratifiedKFold``, so that scores can be compared cell by cell.
"""

from __future__ import annotations

import argparse
import json
import os
import time
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import optuna
import pandas as pd
from imblearn.combine import SMOTEENN, SMOTETomek
from imblearn.over_sampling import ADASYN, SMOTE, SMOTENC, RandomOverSampler
from imblearn.pipeline import Pipeline
from imblearn.under_sampling import RandomUnderSampler
from joblib import Parallel, delayed
from sklearn.compose import ColumnTransformer, make_column_selector
from sklearn.impute import SimpleImputer
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_score, cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

NUMBERS = ["tenure", "MonthlyCharges", "TotalCharges"]
SCORING = ["roc_auc", "average_precision", "neg_brier_score", "neg_log_loss", "f1"]
MODELS = "logistic,svm-rbf,lightgbm,xgboost,catboost,random-forest,decision-tree"
SAMPLERS: dict[str, Callable[..., Any]] = {
    "random-over": RandomOverSampler,
    "random-under": RandomUnderSampler,
    "smote": SMOTE,
    "smotenc": SMOTENC,
    "adasyn": ADASYN,
    "smote-enn": SMOTEENN,
    "smote-tomek": SMOTETomek,
}
STRATEGIES = ("none", "class-weight", *SAMPLERS)
Folds = list[tuple[np.ndarray, np.ndarray]]


def load(path: str) -> tuple[pd.DataFrame, pd.Series]:
    """Return features and labels of the raw file; all but three columns are categories."""
    table = pd.read_csv(path, na_values=[" "])
    y = (table.pop("Churn") == "Yes").astype(int)
    X = table.drop(columns="customerID")
    categories = [column for column in X if column not in NUMBERS]
    return X.astype(dict.fromkeys(categories, str)), y


def outer_folds(
    X: pd.DataFrame, y: pd.Series, *, splits: str | None, folds: int, seed: int
) -> Folds:
    """Return training and test rows of every fold: a shuffled KFold, or those of ``splits``."""
    if splits is None:
        return list(StratifiedKFold(folds, shuffle=True, random_state=seed).split(X, y))
    tests = json.loads(Path(splits).read_text(encoding="utf-8"))["test_rows"][str(seed)]
    return [(np.setdiff1d(np.arange(len(y)), rows), np.array(rows)) for rows in tests]


def scaling() -> Any:
    """Return the steps for numeric columns."""
    return make_pipeline(SimpleImputer(strategy="median"), StandardScaler())


def preprocessing(X: pd.DataFrame) -> ColumnTransformer:
    """Return the usual ColumnTransformer: numbers imputed and scaled, categories one-hot."""
    categories = [column for column in X if column not in NUMBERS]
    onehot = OneHotEncoder(handle_unknown="ignore")
    return ColumnTransformer([("num", scaling(), NUMBERS), ("cat", onehot, categories)])


def classifier(model: str, params: dict[str, Any], *, seed: int, threads: int = 0) -> Any:
    """Return an estimator with the library's defaults and ``params``, silent.

    ``threads`` of 0 leaves the library its own number.
    """
    from catboost import CatBoostClassifier
    from lightgbm import LGBMClassifier
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.svm import SVC
    from sklearn.tree import DecisionTreeClassifier
    from xgboost import XGBClassifier

    classes: dict[str, Callable[..., Any]] = {
        "logistic": partial(LogisticRegression, max_iter=1000),
        "svm-rbf": partial(SVC, probability=True),
        "lightgbm": partial(LGBMClassifier, verbose=-1),
        "xgboost": partial(XGBClassifier, verbosity=0),
        "catboost": partial(CatBoostClassifier, verbose=False, allow_writing_files=False),
        "random-forest": RandomForestClassifier,
        "decision-tree": DecisionTreeClassifier,
    }
    if threads:
        params = {**params, "thread_count" if model == "catboost" else "n_jobs": threads}
    return classes[model](**params, random_state=seed)


def class_weight(model: str, y: pd.Series) -> dict[str, Any]:
    """Return the library's own parameter for balanced classes."""
    if model == "xgboost":
        return {"scale_pos_weight": float((y == 0).sum() / (y == 1).sum())}
    if model == "catboost":
        return {"auto_class_weights": "Balanced"}
    return {"class_weight": "balanced"}


def pipeline(model: str, strategy: str, X: pd.DataFrame, y: pd.Series, *, seed: int) -> Pipeline:
    """Return the pipeline of one cell; SMOTENC comes before the encoding, the others after."""
    steps: list[tuple[str, Any]]
    params = class_weight(model, y) if strategy == "class-weight" else {}
    estimator = classifier(model, params, seed=seed)
    if strategy == "smotenc":
        categories = [column for column in X if column not in NUMBERS]
        scaled = ColumnTransformer(
            [("num", scaling(), NUMBERS)],
            remainder="passthrough",
            verbose_feature_names_out=False,
        ).set_output(transform="pandas")
        onehot = OneHotEncoder(handle_unknown="ignore")
        encoded = ColumnTransformer(
            [("cat", onehot, make_column_selector(dtype_exclude="number"))],
            remainder="passthrough",
        )
        sampler = SMOTENC(categorical_features=categories, random_state=seed)
        steps = [("scale", scaled), ("sample", sampler), ("encode", encoded)]
        return Pipeline([*steps, ("model", estimator)])
    steps = [("prepare", preprocessing(X))]
    if strategy in SAMPLERS:
        steps.append(("sample", SAMPLERS[strategy](random_state=seed)))
    return Pipeline([*steps, ("model", estimator)])


def score_cell(
    model: str, strategy: str, X: pd.DataFrame, y: pd.Series, *, folds: Folds, seed: int
) -> tuple[str, dict[str, list[float]]]:
    """Return the cell's name and every metric per fold."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # SVC(probability=True) is deprecated
        result = cross_validate(
            pipeline(model, strategy, X, y, seed=seed),
            X,
            y,
            cv=folds,
            scoring=SCORING,
            error_score="raise",
        )
    metrics = {name: [float(value) for value in result[f"test_{name}"]] for name in SCORING}
    return f"{model}+{strategy}", metrics


def run_grid(arguments: argparse.Namespace) -> None:
    """Score every model × strategy and write the metrics of all cells."""
    started = time.perf_counter()
    X, y = load(arguments.data)
    folds = outer_folds(X, y, splits=arguments.splits, folds=arguments.folds, seed=0)
    cells = Parallel(n_jobs=2)(
        delayed(score_cell)(model, strategy, X, y, folds=folds, seed=arguments.seed)
        for model in arguments.models.split(",")
        for strategy in arguments.strategies.split(",")
    )
    found = {"seconds": time.perf_counter() - started, "cells": dict(cells)}
    write_json(arguments.out, found)


def search_space(model: str, trial: optuna.Trial) -> dict[str, Any]:
    """Return the ranges that ours has, with the number of rounds searched as well."""
    real, whole = trial.suggest_float, trial.suggest_int
    if model == "lightgbm":
        return {
            "n_estimators": whole("n_estimators", 50, 500),
            "subsample_freq": 1,
            "learning_rate": real("learning_rate", 0.02, 0.1, log=True),
            "num_leaves": whole("num_leaves", 2, 64, log=True),
            "min_child_samples": whole("min_child_samples", 5, 100, log=True),
            "subsample": real("subsample", 0.6, 1.0),
            "colsample_bytree": real("colsample_bytree", 0.4, 1.0),
            "reg_alpha": real("reg_alpha", 1e-4, 1.0, log=True),
            "reg_lambda": real("reg_lambda", 1e-4, 2.0, log=True),
        }
    if model == "xgboost":
        return {
            "n_estimators": whole("n_estimators", 50, 500),
            "learning_rate": real("learning_rate", 0.02, 0.15, log=True),
            "max_depth": whole("max_depth", 2, 8),
            "min_child_weight": real("min_child_weight", 1e-3, 5.0, log=True),
            "subsample": real("subsample", 0.6, 1.0),
            "colsample_bytree": real("colsample_bytree", 0.4, 1.0),
            "reg_alpha": real("reg_alpha", 1e-4, 5.0, log=True),
            "reg_lambda": real("reg_lambda", 1e-4, 5.0, log=True),
        }
    return {
        "n_estimators": whole("n_estimators", 50, 400),
        "bootstrap_type": "Bernoulli",
        "learning_rate": real("learning_rate", 0.03, 0.2, log=True),
        "depth": whole("depth", 2, 7),
        "l2_leaf_reg": real("l2_leaf_reg", 1e-2, 10.0, log=True),
        "subsample": real("subsample", 0.6, 1.0),
    }


def run_study(
    model: str, fold: int, X: pd.DataFrame, y: pd.Series, *, folds: Folds, settings: dict[str, int]
) -> tuple[str, dict[str, Any]]:
    """Tune ``model`` on the training rows of one outer fold, and score it on the test rows."""
    warnings.simplefilter("ignore")
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    seed = settings["seed"]
    train, test = folds[fold]
    X_train, y_train = X.iloc[train], y.iloc[train]

    def build(params: dict[str, Any]) -> Any:
        estimator = classifier(model, params, seed=seed, threads=settings["threads"])
        return make_pipeline(preprocessing(X), estimator)

    def objective(trial: optuna.Trial) -> float:
        estimator, cv = build(search_space(model, trial)), settings["inner_folds"]
        return float(cross_val_score(estimator, X_train, y_train, cv=cv, scoring="roc_auc").mean())

    study = optuna.create_study(direction="maximize", sampler=optuna.samplers.TPESampler(seed=seed))
    study.optimize(objective, n_trials=settings["trials"])
    best = build(search_space(model, optuna.trial.FixedTrial(study.best_params)))
    best.fit(X_train, y_train)
    score = roc_auc_score(y.iloc[test], best.predict_proba(X.iloc[test])[:, 1])
    found = {"roc_auc": float(score), "inner": study.best_value, "params": study.best_params}
    return f"{model}/{fold}", found


def run_search(arguments: argparse.Namespace) -> None:
    """Tune every booster on every outer fold, seed by seed; a killed run goes on."""
    X, y = load(arguments.data)
    asked = {name: getattr(arguments, name) for name in ("trials", "folds", "inner_folds")}
    path = Path(arguments.out)
    state = json.loads(path.read_text()) if path.exists() else {"asked": asked, "seeds": {}}
    if state["asked"] != asked:
        raise SystemExit(f"{path} holds a search with {state['asked']}, not {asked}")
    for seed in map(int, arguments.seeds.split(",")):
        seen = state["seeds"].setdefault(str(seed), {"studies": {}, "seconds": None})
        folds = outer_folds(X, y, splits=arguments.splits, folds=arguments.folds, seed=seed)
        todo = [
            (model, fold)
            for model in arguments.models.split(",")
            for fold in range(arguments.folds)
            if f"{model}/{fold}" not in seen["studies"]
        ]
        is_fresh, started = not seen["studies"], time.perf_counter()
        settings = {"seed": seed, "threads": arguments.threads, **asked}
        for name, found in Parallel(n_jobs=2, return_as="generator_unordered")(
            delayed(run_study)(model, fold, X, y, folds=folds, settings=settings)
            for model, fold in todo
        ):
            seen["studies"][name] = found
            write_json(arguments.out, state)
        if todo:  # of a run that went on, the seconds of the first part are not known
            seen["seconds"] = time.perf_counter() - started if is_fresh else None
            write_json(arguments.out, state)


def write_json(path: str, value: object) -> None:
    """Write ``value`` whole or not at all."""
    temporary = Path(f"{path}.part")
    temporary.write_text(json.dumps(value, indent=1) + "\n", encoding="utf-8")
    os.replace(temporary, path)


def main() -> None:
    """Run the grid or the search."""
    parser = argparse.ArgumentParser(description="A hand-written benchmark of Telco.")
    commands = parser.add_subparsers(required=True)
    grid = commands.add_parser("grid", help="models × strategies × folds by cross_validate")
    grid.set_defaults(run=run_grid)
    grid.add_argument("--models", default=MODELS)
    grid.add_argument("--strategies", default=",".join(STRATEGIES))
    grid.add_argument("--seed", type=int, default=0, help="of models and samplers, not of folds")
    search = commands.add_parser("search", help="nested studies by cross_val_score")
    search.set_defaults(run=run_search)
    search.add_argument("--models", default="lightgbm,xgboost,catboost")
    search.add_argument("--seeds", default="0", help="of folds and samplers, such as 0,1,2")
    search.add_argument("--trials", type=int, default=40)
    search.add_argument("--inner-folds", type=int, default=3)
    search.add_argument("--threads", type=int, default=0, help="of a model (the library's own)")
    for command in (grid, search):
        command.add_argument("--data", required=True, help="the raw telco.csv")
        command.add_argument("--out", required=True, help="JSON file to write")
        command.add_argument("--splits", help="JSON file of test rows, see splits.py")
        command.add_argument("--folds", type=int, default=5)
    arguments = parser.parse_args()
    arguments.run(arguments)


if __name__ == "__main__":
    main()
