"""Journals of studies, links of parameters, and what tuning bought."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from page_runs import make_page_findings, make_page_run

from bench.analysis import analyse
from bench.analysis.tuning import (
    TriedTrial,
    build_studies,
    parameter_links,
    read_trials,
    tuning_effects,
    tuning_pairs,
)
from bench.domain import Candidate, Job, Split


def job_of(split: Split, *, trials: int = 20) -> Job:
    candidate = Candidate("lightgbm", "auto", "optuna")
    return Job("d" * 64, candidate, split, folds=4, seed=0, trials=trials, metric="roc_auc")


def trial(value: float | None, **params: object) -> TriedTrial:
    return TriedTrial(value, "pruned" if value is None else "complete", params)


def test_a_journal_is_read_as_optuna_reads_it(tmp_path: Path) -> None:
    import optuna
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend

    path = tmp_path / "study.log"
    storage = JournalStorage(JournalFileBackend(str(path)))
    study = optuna.create_study(storage=storage, direction="maximize")
    space = {
        "rate": optuna.distributions.FloatDistribution(0.01, 1.0, log=True),
        "strategy": optuna.distributions.CategoricalDistribution(("none", "smote")),
    }
    for value, state in ((0.8, "COMPLETE"), (0.7, "PRUNED"), (0.9, "COMPLETE")):
        study.add_trial(
            optuna.trial.create_trial(
                params={"rate": value / 10, "strategy": "smote"},
                distributions=space,
                value=value,
                state=optuna.trial.TrialState[state],
            )
        )

    found = read_trials(path.read_text(encoding="utf-8"))

    assert [(t.value, t.state.upper()) for t in found] == [
        (t.value, t.state.name) for t in study.trials
    ]
    assert [dict(t.params) for t in found] == [t.params for t in study.trials]


@pytest.mark.parametrize(
    "line",
    ["", "{", "[]", "null", '{"op_code": 4}', '{"op_code": 4, "state": 1, "params": {"a": 1}}'],
)
def test_lines_that_are_no_trials_are_passed_over(line: str) -> None:
    assert read_trials(f"{line}\n") == ()


def test_the_best_so_far_never_falls_and_pruned_trials_do_not_count() -> None:
    job = job_of(Split(0, 0))
    # What a pruned trial has is the figure of the first folds only.
    high, low = TriedTrial(0.9, "pruned", {}), TriedTrial(0.1, "pruned", {})
    tried = [trial(0.7), high, low, trial(0.6), trial(0.8)]

    (study,) = build_studies([job], {job.id: tried}, is_lower_better=False)
    (lower,) = build_studies([job], {job.id: tried}, is_lower_better=True)

    assert study.best == (0.7, 0.7, 0.7, 0.7, 0.8)
    assert lower.best == (0.7, 0.7, 0.7, 0.6, 0.6)


def test_a_parameter_that_decides_is_linked_and_one_that_does_nothing_is_not() -> None:
    jobs = [job_of(Split(0, fold)) for fold in range(4)]
    # Each study has a level of its own, which must not pass for a link.
    tried = {
        job.id: [
            trial(fold + 0.01 * k, good=k, idle=(k * 7) % 11, way="up" if k > 4 else "down")
            for k in range(11)
        ]
        for fold, job in enumerate(jobs)
    }

    links = {
        link.name: link
        for link in parameter_links(build_studies(jobs, tried, is_lower_better=False))
    }

    assert links["good"].strength == pytest.approx(1.0)
    assert abs(links["idle"].strength) < 0.3
    assert links["way"].kind == "category"
    # Ranks 1 to 11 around 6: five of mean 3 go down, six of mean 8.5 go up.
    between = (5 * (3 - 6) ** 2 + 6 * (8.5 - 6) ** 2) / sum((k - 6) ** 2 for k in range(1, 12))
    assert links["way"].strength == pytest.approx(between**0.5)
    assert links["good"].tried == (0, 10)
    assert links["good"].chosen == (10, 10, 10, 10)


def test_few_trials_say_nothing_of_a_parameter() -> None:
    job = job_of(Split(0, 0))
    tried = [trial(0.1 * k, good=k) for k in range(9)]

    assert parameter_links(build_studies([job], {job.id: tried}, is_lower_better=False)) == ()


def test_tuned_candidates_are_set_against_their_untuned_twins() -> None:
    candidates = [
        Candidate("lightgbm"),
        Candidate("lightgbm", "smote"),
        Candidate("lightgbm", "smote", "recommended"),
        Candidate("lightgbm", "none", "recommended"),
        Candidate("lightgbm", "auto", "optuna"),
        Candidate("xgboost", "none", "optuna"),
    ]

    default = {str(a): str(b) for a, b in tuning_pairs(candidates, "default")}

    assert default == {
        "lightgbm+none+recommended": "lightgbm+none+default",
        "lightgbm+smote+recommended": "lightgbm+smote+default",
        "lightgbm+auto+optuna": "lightgbm+none+default",
    }
    assert [str(a) for a, _ in tuning_pairs(candidates, "recommended")] == ["lightgbm+auto+optuna"]


def test_what_tuning_bought_is_the_mean_difference_over_splits() -> None:
    tuned = Candidate("lightgbm", "none", "recommended")
    plain = replace(tuned, tuning="default")
    findings = make_page_findings((plain, tuned, Candidate("logistic")))
    run = make_page_run((plain, tuned, Candidate("logistic")))

    ((effect, twin),) = tuning_effects(run, findings.scored, against="default")

    own, theirs = ([one.values["roc_auc"] for one in findings.scored[c]] for c in (tuned, plain))
    assert twin == plain
    assert effect.difference == pytest.approx((sum(own) - sum(theirs)) / 4)


# --- in words -------------------------------------------------------------------------

DEFAULT = Candidate("lightgbm")
RECOMMENDED = replace(DEFAULT, tuning="recommended")
STUDY = replace(DEFAULT, tuning="optuna")


def told(quality: dict[Candidate, float], make_run: Any, make_results: Any) -> tuple[str, ...]:
    run = make_run(list(quality))
    results = make_results(run, quality)
    for job in run.jobs:
        seconds = {"fit": 2.0} if job.candidate.tuning != "optuna" else {"tune": 20.0, "fit": 3.0}
        record = replace(results[job.id].record, seconds=seconds)
        results[job.id] = replace(results[job.id], record=record)
    return analyse(run, results).tuning


def test_what_studies_and_recommended_settings_bought_is_told_with_what_it_costs(
    make_run: Any, make_results: Any
) -> None:
    bought = told({DEFAULT: 0.3, RECOMMENDED: 1.5, STUDY: 1.5}, make_run, make_results)
    free = told({DEFAULT: 1.5, RECOMMENDED: 0.3}, make_run, make_results)

    study, recommended = bought
    assert study.startswith("Studies (`optuna`) were ")
    assert " against `recommended` settings (" in study
    assert study.endswith("); they take 12 times as long.")
    assert recommended.startswith(
        "The `recommended` settings were shown to improve ROC-AUC in 1 of 1 comparison with the "
        "library's own (+."
    )
    assert recommended.endswith("; Holm-corrected).")
    assert free[0].startswith(
        "The `recommended` settings were shown to worsen ROC-AUC in 1 of 1 comparison with the "
    )


def test_a_study_that_changes_nothing_is_told_by_the_test_of_sameness(
    make_run: Any, make_result: Any
) -> None:
    run = make_run([RECOMMENDED, STUDY])
    y, score = [0, 0, 1, 1], [0.1, 0.6, 0.4, 0.9]
    results = {job.id: make_result(job, y, score) for job in run.jobs}

    assert analyse(run, results).tuning == (
        "Studies (`optuna`) were shown to change ROC-AUC too little to matter against "
        "`recommended` settings (+.0000 in 1 comparison; two one-sided tests).",
    )


def test_without_recommended_settings_studies_are_told_against_the_library_s_own(
    make_run: Any, make_results: Any
) -> None:
    (study,) = told({DEFAULT: 0.3, STUDY: 1.5}, make_run, make_results)

    assert study.startswith(
        "Studies (`optuna`) were shown to improve ROC-AUC in 1 of 1 comparison with the library's "
        "own settings (+."
    )
    assert told({DEFAULT: 1.0}, make_run, make_results) == ()
