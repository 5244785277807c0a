"""Finished runs without a fit, as a page shows them: candidates, scores, gaps and bad names."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np

from bench.analysis import Findings, analyse
from bench.analysis.curves import STOPS
from bench.analysis.money import NOBODY
from bench.campaigns import campaign_profit
from bench.dependence import Dependence, DependenceBin
from bench.domain import (
    Candidate,
    ClassCounts,
    Dataset,
    DatasetFacts,
    EvalProtocol,
    Experiment,
    Finding,
    Job,
    Predictions,
    Record,
    Result,
    Run,
    Skip,
    Split,
)
from bench.specs import DatasetSpec, EconomicsSpec, SourceSpec, TargetSpec

CANDIDATES = (
    Candidate("logistic"),
    Candidate("logistic", "smote"),
    Candidate("lightgbm"),
    Candidate("lightgbm", "smote"),
    Candidate("lightgbm", "class-weight"),
    Candidate("lightgbm", "class-weight", repair="prior"),
    Candidate("svm-rbf"),
    Candidate("prior-only"),
)
QUALITY = {"logistic": 1.5, "lightgbm": 1.7, "svm-rbf": 1.2, "prior-only": 0.0}
N_TEST = 240
N_TRIALS = 12
DEPENDENCE = {
    "a": Dependence(
        "number",
        (
            DependenceBin(-1, None, 12, 0.3, 0.1, 0.5),
            DependenceBin(0, -1.5, 20, -0.5, -0.7, -0.3),
            DependenceBin(1, 0.5, 30, 0.1, -0.1, 0.3),
            DependenceBin(2, 2.0, 25, 0.6, 0.4, 0.9),
        ),
    ),
    "b": Dependence(
        "level",
        (DependenceBin(0, 0.0, 40, 0.2, 0.1, 0.3), DependenceBin(7, 7.0, 15, -0.4, -0.5, -0.2)),
    ),
}
FEATURES = ("a", "b", "c", "d", "e", "f")


def make_page_run(
    candidates: Sequence[Candidate] = CANDIDATES,
    *,
    folds: int = 4,
    repeats: int = 1,
    **facts: Any,
) -> Run:
    """Return a run on made-up customers; ``facts`` change what is said of the data."""
    protocol = EvalProtocol(folds=folds, repeats=repeats)
    n = N_TEST * folds
    known: dict[str, Any] = {
        "findings": (Finding("warning", "redundant", "a is almost b", remedy="drop = ['a']"),),
        "notes": ("read as it lies in the file",),
    }
    return Run(
        experiment=Experiment("toy", tuple(candidates), protocol),
        facts=replace(
            DatasetFacts("toy", "Toy", "d" * 64, "built-in", n, 6, n * 3 // 10, FEATURES),
            **known | facts,
        ),
        jobs=tuple(
            Job(
                "d" * 64,
                candidate,
                split,
                folds=folds,
                seed=0,
                trials=N_TRIALS if candidate.tuning == "optuna" else 0,
            )
            for candidate in dict.fromkeys(one.fitted for one in candidates)
            for split in protocol.splits
        ),
        skips=(Skip(Candidate("logistic", "smotenc"), "smotenc needs categorical columns"),),
        versions={"python": "3.11.2", "lightgbm": "4.7.0"},
        machine={"system": "Linux", "memory_gb": 8.0},
        commit="777b05a",
        command="python -m bench run --dataset toy",
    )


def make_page_results(run: Run) -> dict[str, Result]:
    """Return scores of every job: the same customers for all, some rows with equal scores."""
    return {job.id: _draw(job) for job in run.jobs}


def _draw(job: Job) -> Result:
    split: Split = job.split
    shared = np.random.default_rng([split.repeat, split.fold])
    own = np.random.default_rng([split.fold, *str(job.candidate).encode()])
    y = (np.arange(N_TEST) < N_TEST * 0.3).astype(np.int8)
    quality = QUALITY.get(job.candidate.model, 1.4)
    margin = quality * y + (quality > 0) * (
        shared.normal(size=N_TEST) + 0.3 * own.normal(size=N_TEST)
    )
    is_score = job.candidate.model == "svm-rbf"
    score = margin if is_score else np.round(1 / (1 + np.exp(1.6 - margin)), 2)
    after = ClassCounts(504, 504) if job.candidate.strategy == "smote" else ClassCounts(504, 216)
    importance = _importance(job, own)
    record = Record(
        job,
        "ok",
        outputs="score" if is_score else "probability",
        n_train=720,
        n_test=N_TEST,
        counts_before=ClassCounts(504, 216),
        counts_after=after,
        learned_prevalence=0.5 if job.candidate.strategy != "none" else 0.3,
        params={"learning_rate": 0.1, "<b>": "</script>"},
        importance=importance,
        dependence=DEPENDENCE if "shap" in importance else {},
        explained="full" if job.candidate.strategy == "none" else "native",
        seconds={"prepare": 0.1, "resample": 0.0, "fit": 0.2 + quality, "predict": 0.01},
        peak_memory_mb=300.0,
    )
    rows = np.arange(N_TEST, dtype=np.int32) + N_TEST * split.fold
    empty = np.array([])
    return Result(record, Predictions(rows, y, score, empty.astype(np.int8), empty))


def _importance(job: Job, random: np.random.Generator) -> dict[str, dict[str, float]]:
    """Return what a fit says of its features: a matters most, f least, with a little noise."""
    kind = {"logistic": "coefficient", "prior-only": "", "svm-rbf": ""}
    methods = [kind.get(job.candidate.model, "shap")]
    if job.candidate.strategy == "none" and job.candidate.model != "prior-only":
        methods.append("permutation")
    return {
        method: {
            name: 1 / (k + 1) + 0.02 * float(random.normal()) for k, name in enumerate(FEATURES)
        }
        for method in methods
        if method
    }


def make_page_findings(candidates: Sequence[Candidate] = CANDIDATES, **facts: Any) -> Findings:
    """Return what such a run shows."""
    run = make_page_run(candidates, **facts)
    return analyse(run, make_page_results(run))


def make_page_dataset(run: Run, **names: str) -> Dataset:
    """Return customers as the rows of such a run are numbered; ``names`` are of features."""
    import pandas as pd

    n = run.facts.n_samples
    random = np.random.default_rng(11)
    columns = {
        "a": random.normal(size=n),
        "b": pd.Categorical(random.choice(["<b>", "=1+1", "yes"], n), ["<b>", "=1+1", "yes"]),
        "c": np.where(random.random(n) < 0.1, np.nan, random.integers(0, 90, n)),
    }
    X = pd.DataFrame({names.get(name, name): values for name, values in columns.items()})
    y = np.tile((np.arange(N_TEST) < N_TEST * 0.3).astype(np.int8), n // N_TEST)
    return Dataset(
        DatasetSpec("toy", SourceSpec(file="toy.csv"), TargetSpec("y")),
        X,
        y,
        run.facts.digest,
        "built-in",
    )


def write_page_searches(run: Run, folder: Path, *, name: str = "rate") -> None:
    """Leave the trials of every study of such a run in ``folder``."""
    random = np.random.default_rng(3)
    found = {
        job.id: [
            {
                "value": 0.8 + 0.02 * float(random.random()),
                "state": "pruned" if k % 5 == 4 else "complete",
                "params": {name: float(random.random()), "strategy": f"<{k % 3}>"},
            }
            for k in range(N_TRIALS)
        ]
        for job in run.jobs
        if job.trials
    }
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "searches.json").write_text(json.dumps(found), encoding="utf-8")


def draw_settings(n: int) -> list[tuple[dict[str, float], int | None]]:
    """Return amounts as sliders could be set, half of them with a campaign of fixed size."""
    random = np.random.default_rng(7)
    return [
        (
            {
                "clv": round(float(random.uniform(20, 1000)), 2),
                "incentive": round(float(random.uniform(0, 50)), 2),
                "contact": round(float(random.uniform(0.1, 10)), 2),
                "acceptance": round(float(random.uniform(0.02, 0.98)), 2),
            },
            int(random.integers(len(STOPS))) if k % 2 else None,
        )
        for k in range(n)
    ]


def economics_of(setting: dict[str, float]) -> EconomicsSpec:
    """Return the amounts of a setting as datasets have them."""
    share = setting["acceptance"]
    return EconomicsSpec(
        clv=setting["clv"],
        incentive=setting["incentive"],
        contact=setting["contact"],
        acceptance_alpha=20 * share,
        acceptance_beta=20 * (1 - share),
    )


def expected_offers(
    findings: Findings, economics: EconomicsSpec, stop: int | None
) -> list[tuple[str, float, int]]:
    """Return name, profit and stop of every ranked candidate, from the scores themselves."""
    found = []
    for row in findings.leaderboard.rows:
        if row.rank is None:
            continue
        profits = {NOBODY: 0.0} if stop is None else {}
        for k in range(len(STOPS)) if stop is None else (stop,):
            profits[k] = fmean(
                campaign_profit(s.predictions.y, s.predictions.score, economics, fraction=STOPS[k])
                for s in findings.scored[row.candidate]
            )
        best = max(profits, key=lambda k: (round(profits[k], 6), -k))
        found.append((str(row.candidate), profits[best], best))
    return sorted(found, key=lambda offer: -round(offer[1], 6))


class Outline(HTMLParser):
    """The elements of a page as a browser's parser finds them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text.append(data)
