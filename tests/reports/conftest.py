"""Synthetic leaderboards, built from the nouns and from no data at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from types import SimpleNamespace
from typing import Any

import pytest

from bench.analysis.effects import StrategyEffect
from bench.analysis.importance import Agreement, ImportanceRow, ImportanceTable, Stability
from bench.domain import (
    BoardRow,
    Candidate,
    DatasetFacts,
    EvalProtocol,
    Experiment,
    Finding,
    Job,
    Leaderboard,
    Run,
    Score,
    Skip,
    Split,
)

HOSTILE_NAMES = (
    "<script>alert(1)</script>",
    '"=cmd()"',
    "=cmd|' /C calc'!A0",
    "+1",
    "-1",
    "@sum",
    "a|b",
    "x" * 300,
    "\u202eevil\u202c",
    "[bold red]loud[/]",
    "$x^2$",
    "`code`",
    "line\nbreak",
    "\x1b[31mred\x1b[0m",
    "[link](http://example.org)",
    "'; DROP TABLE customers",
    "客户价值",
)

SHAPES = {
    # model: ROC-AUC of none at default
    "logistic": 0.8452,
    "catboost": 0.84,
    "lightgbm": 0.8358,
    "svm-rbf": 0.8011,
    "xgboost": 0.8212,
}
STRATEGIES = ("none", "class-weight", "random-over", "random-under", "smote", "smote-enn")


def make_score(mean: float, half: float = 0.011) -> Score:
    return Score(mean=mean, std=half * 0.7, low=mean - half, high=mean + half)


def make_scores(auc: float, *, is_resampled: bool, has_probabilities: bool) -> dict[str, Score]:
    """Figures that hang together roughly as they do on a telecom's customers."""
    means = {
        "roc_auc": auc,
        "average_precision": auc - 0.185,
        "f1": auc - 0.212,
        "precision": 0.56,
        "recall": 0.73,
        "accuracy": 0.78,
        "balanced_accuracy": auc - 0.08,
        "mcc": 0.48,
        "g_mean": 0.76,
        "lift_at_10": 2.8,
        "empc": 10.2 + 4 * (auc - 0.84),
    }
    if has_probabilities:
        names = ("f1", "precision", "recall", "accuracy", "balanced_accuracy", "mcc", "g_mean")
        means |= {f"{name}_at_05": means[name] - 0.02 for name in names}
        means["brier"] = 0.135 + 0.03 * is_resampled + (0.85 - auc) / 3
        means["log_loss"] = 0.42 + 0.08 * is_resampled
        means["ece"] = 0.012 + 0.13 * is_resampled
    means["threshold"] = 0.32 if has_probabilities else -0.41
    return {name: make_score(mean) for name, mean in means.items()}


def make_row(candidate: Candidate, auc: float, **changes: Any) -> BoardRow:
    resampled = {
        "random-over": (4139.2, 4139.2),
        "random-under": (1495.2, 1495.2),
        "smote": (4139.2, 4139.2),
        "smote-enn": (2411.8, 3310.4),
    }
    before = (4139.2, 1495.2)
    row = BoardRow(
        candidate=candidate,
        status="complete",
        n_splits=5,
        coverage=1.0,
        scores=make_scores(
            auc,
            is_resampled=candidate.strategy != "none",
            has_probabilities=candidate.model != "svm-rbf",
        ),
        counts_before=before,
        counts_after=resampled.get(candidate.strategy, before),
        costs={"fit_seconds": 0.25, "predict_seconds": 0.01, "peak_memory_mb": 311.5},
        outputs="score" if candidate.model == "svm-rbf" else "probability",
    )
    return replace(row, **changes)


def make_candidates() -> dict[Candidate, float]:
    """The candidates of a ``standard`` run with made-up ROC-AUCs."""
    aucs: dict[Candidate, float] = {}
    for m, (model, auc) in enumerate(SHAPES.items()):
        for s, strategy in enumerate(STRATEGIES):
            aucs[Candidate(model, strategy)] = auc - 0.0021 * s - 0.0003 * m
            if model in ("catboost", "lightgbm", "xgboost"):
                recommended = auc + (0.8476 - auc) * 0.9 - 0.0014 * s
                aucs[Candidate(model, strategy, "recommended")] = recommended
        if model != "svm-rbf":
            aucs[Candidate(model, "auto", "optuna")] = 0.8461 - 0.0004 * m
    aucs[Candidate("prior-only")] = 0.5
    return aucs


def make_facts(**changes: Any) -> DatasetFacts:
    facts = DatasetFacts(
        name="telco",
        title="IBM Telco Customer Churn",
        digest="ab12" * 16,
        origin="file",
        n_samples=7043,
        n_features=19,
        n_positives=1869,
        features=("tenure", "Contract", "MonthlyCharges"),
        n_duplicate_rows=37,
        n_grouped_rows=73,
        findings=(
            Finding("note", "blank", "TotalCharges: 11 blanks, all with tenure = 0"),
            Finding("warning", "redundant", "TotalCharges is almost tenure × MonthlyCharges"),
        ),
        notes=("read as it lies in the file",),
        licence="CC0-1.0",
    )
    return replace(facts, **changes)


def make_leaderboard(
    rows: Sequence[BoardRow] | None = None, *, facts: DatasetFacts | None = None, **changes: Any
) -> Leaderboard:
    """A complete board of about 50 candidates, ranked by ROC-AUC."""
    if rows is None:
        made = [make_row(candidate, auc) for candidate, auc in make_candidates().items()]
        made.sort(key=lambda row: -row.scores["roc_auc"].mean)
        best = made[0].scores["roc_auc"].mean
        rows = [
            replace(
                row,
                rank=rank,
                is_tied_with_best=best - row.scores["roc_auc"].mean < 0.0031,
                difference_low=-0.004,
                difference_high=0.002,
            )
            for rank, row in enumerate(made, start=1)
        ]
    protocol = EvalProtocol()
    reason = "smotenc needs categorical columns and numeric ones; all 19 are encoded"
    run = Run(
        experiment=Experiment("telco", tuple(row.candidate for row in rows), protocol),
        facts=facts or make_facts(),
        jobs=tuple(
            Job("ab12", row.candidate, Split(0, fold), 5, 0) for row in rows[:3] for fold in (0, 1)
        ),
        skips=tuple(Skip(Candidate(model, "smotenc"), reason) for model in SHAPES),
        versions={"python": "3.11.2", "scikit-learn": "1.9.1", "lightgbm": "4.7.0"},
        commit="777b05a",
        command="python -m bench run --dataset telco",
    )
    leaderboard = Leaderboard(
        run=run,
        rank_by="roc_auc",
        rows=tuple(rows),
        n_splits=5,
        resolvable_difference=0.0046,
        threshold_optimism=0.0007,
        n_optimism=4,
    )
    return replace(leaderboard, **changes)


FEATURES = {
    "Contract": 0.31,
    "tenure": 0.19,
    "MonthlyCharges": 0.14,
    "InternetService": 0.12,
    "TotalCharges": 0.07,
    "OnlineSecurity": 0.05,
    "TechSupport": 0.04,
    "PaymentMethod": 0.03,
    "PaperlessBilling": 0.02,
    "StreamingMovies": 0.01,
    "MultipleLines": 0.008,
    "SeniorCitizen": 0.006,
    "Dependents": 0.003,
    "gender": 0.0,
}
METHODS = {
    "logistic": ("coefficient", "shap"),
    "catboost": ("gain", "shap"),
    "lightgbm": ("gain", "shap"),
    "xgboost": ("gain", "shap"),
    "svm-rbf": (),
}


def make_importance(
    features: Mapping[str, float] = FEATURES, strategies: Sequence[str] = ("none", "smote")
) -> ImportanceTable:
    """Shares that differ a little between models and methods."""
    rows, stability = [], []
    for m, (model, methods) in enumerate(METHODS.items()):
        for strategy in strategies:
            candidate = Candidate(model, strategy)
            permutation = ("permutation",) if strategy == "none" else ()
            for k, method in enumerate((*permutation, *methods)):
                tilted = {
                    name: share * (1 + 0.4 * ((i * 7 + m * 3 + k * 2) % 5 - 2) / 2)
                    for i, (name, share) in enumerate(features.items())
                }
                total = sum(tilted.values()) or 1.0
                unit = {"gain": 5000.0, "permutation": 0.1}.get(method, 1.0)
                ordered = sorted(tilted, key=lambda name: -tilted[name])
                rows += [
                    ImportanceRow(
                        model=model,
                        strategy=strategy,
                        tuning="default",
                        preparation="encoded",
                        method=method,
                        feature=name,
                        importance=unit * tilted[name],
                        importance_std=unit * tilted[name] / 12,
                        share=tilted[name] / total,
                        rank=rank,
                        n_splits=5,
                    )
                    for rank, name in enumerate(ordered, start=1)
                ]
                stability.append(Stability(candidate, method, 0.97 - 0.02 * k, 5))
    models = [model for model in METHODS if model != "svm-rbf"]
    between = [
        Agreement("shap", a, b, 0.95 - 0.03 * i, 2)
        for i, (a, b) in enumerate(combinations(models, 2))
    ]
    methods_of = [Agreement(model, "permutation", "shap", 0.88, 1) for model in models]
    return ImportanceTable(tuple(rows), tuple(between), tuple(methods_of), tuple(stability))


def make_effects(leaderboard: Leaderboard) -> tuple[StrategyEffect, ...]:
    """What each strategy changes, as the made-up figures have it."""
    means = {row.candidate: row.scores["roc_auc"].mean for row in leaderboard.rows}
    effects = []
    for candidate, mean in sorted(means.items()):
        plain = replace(candidate, strategy="none")
        if candidate.strategy != "none" and plain in means:
            change = mean - means[plain]
            p = 0.01 if change < -0.009 else 0.6
            effects.append(
                StrategyEffect(candidate, change, change - 0.005, change + 0.005, p, p, False)
            )
    return tuple(effects)


def make_few_rows(**changes: Any) -> Leaderboard:
    """A board that is quickly drawn."""
    return make_leaderboard(
        [
            make_row(Candidate("lightgbm"), 0.846, rank=1, is_tied_with_best=True),
            make_row(Candidate("logistic"), 0.845, rank=2),
            make_row(Candidate("prior-only"), 0.5, rank=3),
        ],
        **changes,
    )


@pytest.fixture(params=HOSTILE_NAMES, ids=lambda name: ascii(name)[:20])
def hostile_name(request: pytest.FixtureRequest) -> str:
    """A column name, title or level as nobody wishes for it."""
    return str(request.param)


@pytest.fixture
def leaderboard() -> Leaderboard:
    """The board of a ``standard`` run."""
    return make_leaderboard()


@pytest.fixture
def standin_leaderboard() -> Leaderboard:
    """The same board on the stand-in."""
    return make_leaderboard(facts=make_facts(name="telco-standin", origin="stand-in"))


@pytest.fixture
def few_rows() -> Leaderboard:
    """A board that is quickly drawn."""
    return make_few_rows()


@pytest.fixture
def importance() -> ImportanceTable:
    """Importance by four methods of five models."""
    return make_importance()


@pytest.fixture
def hostile_importance() -> ImportanceTable:
    """The same with features that nobody wishes for, the longest name in front."""
    names = sorted(HOSTILE_NAMES, key=len, reverse=True)
    return make_importance({name: 1 / (2 + k) for k, name in enumerate(names)})


@pytest.fixture
def make() -> SimpleNamespace:
    """The makers, for boards with a twist."""
    return SimpleNamespace(
        facts=make_facts,
        row=make_row,
        score=make_score,
        leaderboard=make_leaderboard,
        few_rows=make_few_rows,
        effects=make_effects,
    )
