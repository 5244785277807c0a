"""Plans: what runs, what is skipped and why, and what a job's identity depends on."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from bench.domain import Candidate, Dataset, EvalProtocol, Experiment, Job
from bench.environment import library_version
from bench.errors import UsageError
from bench.execution.planning import Plan, plan_experiment
from bench.execution.requests import Request, build_experiment
from bench.execution.traits import Traits, describe_traits

TELCO = Traits(
    digest="d" * 64,
    n_samples=7043,
    n_positives=1869,
    n_numeric=3,
    n_categorical=16,
    n_levels=43,
    has_missing_numbers=False,
)


def plan(
    *candidates: Candidate, traits: Traits = TELCO, choices: Any = (), **protocol: Any
) -> Plan:
    return plan_experiment(
        Experiment("toy", candidates, EvalProtocol(**protocol), choices=choices), traits
    )


def ids(*candidates: Candidate, **protocol: Any) -> set[str]:
    return {job.id for job in plan(*candidates, **protocol).jobs}


def reasons(*candidates: Candidate, traits: Traits = TELCO, **protocol: Any) -> dict[str, str]:
    """Return why candidates are skipped, beside one that never is."""
    found = plan(Candidate("logistic"), *candidates, traits=traits, **protocol)
    return {str(skip.candidate): skip.reason for skip in found.skips}


DEFAULT = Candidate("lightgbm")
RECOMMENDED = Candidate("lightgbm", "smote", "recommended")
TUNED = Candidate("lightgbm", "auto", "optuna")
CHOICES = ("none", "smote")


# --- jobs -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("preset", "n_candidates", "n_jobs"), [("quick", 12, 60), ("standard", 53, 265)]
)
def test_a_preset_on_telco_is_so_many_jobs_and_skips_nothing(
    preset: str, n_candidates: int, n_jobs: int
) -> None:
    found = plan_experiment(build_experiment(Request(preset=preset)), TELCO)
    assert not found.skips
    assert {job.candidate.fitted for job in found.jobs} == {job.candidate for job in found.jobs}
    assert len({job.candidate for job in found.jobs}) == n_candidates
    assert len({job.id for job in found.jobs}) == len(found.jobs) == n_jobs


def test_a_plan_has_every_split_of_a_candidate_in_order() -> None:
    found = plan(DEFAULT, folds=3, repeats=2)
    assert [(job.split.repeat, job.split.fold) for job in found.jobs] == [
        (0, 0),
        (0, 1),
        (0, 2),
        (1, 0),
        (1, 1),
        (1, 2),
    ]


def test_traits_are_counted(toy: Dataset) -> None:
    assert describe_traits(toy) == Traits(
        digest=toy.digest,
        n_samples=240,
        n_positives=72,
        n_numeric=3,
        n_categorical=2,
        n_levels=6,
        has_missing_numbers=True,
    )


# --- identity -------------------------------------------------------------------------


def test_more_repeats_keep_the_ids_of_the_first() -> None:
    assert ids(DEFAULT, RECOMMENDED, repeats=1) < ids(DEFAULT, RECOMMENDED, repeats=3)


@pytest.mark.parametrize("change", [{"seed": 1}, {"folds": 4}, {"duplicates": "ignore"}], ids=str)
def test_what_can_change_any_number_changes_every_id(change: dict[str, Any]) -> None:
    candidates = (DEFAULT, RECOMMENDED, Candidate("logistic", "none", "optuna"))
    assert not ids(*candidates) & ids(*candidates, **change)


@pytest.mark.parametrize("change", [{"trials": 3}, {"inner_folds": 4}], ids=str)
def test_what_only_studies_use_changes_ids_of_studies_only(change: dict[str, Any]) -> None:
    tuned = Candidate("lightgbm", "smote", "optuna")
    assert ids(DEFAULT, RECOMMENDED) == ids(DEFAULT, RECOMMENDED, **change)
    assert not ids(tuned) & ids(tuned, **change)


def test_the_metric_changes_ids_where_something_is_optimised() -> None:
    assert ids(DEFAULT) == ids(DEFAULT, metric="brier")
    assert not ids(RECOMMENDED) & ids(RECOMMENDED, metric="brier")


def test_choices_change_ids_of_auto_only() -> None:
    candidates = (DEFAULT, Candidate("lightgbm", "smote", "optuna"))
    assert ids(*candidates, choices=CHOICES) == ids(*candidates, choices=("none",))
    assert not ids(TUNED, choices=CHOICES) & ids(TUNED, choices=("none",))


def test_neither_companions_nor_importance_nor_ranking_change_an_id() -> None:
    experiment = Experiment("toy", (DEFAULT,), EvalProtocol())
    other = Experiment(
        "other", (RECOMMENDED, DEFAULT), preset="full", importance="none", rank_by="brier"
    )
    first = {job.id for job in plan_experiment(experiment, TELCO).jobs}
    assert first < {job.id for job in plan_experiment(other, TELCO).jobs}


def test_only_the_digest_of_the_data_is_in_an_id_not_its_traits() -> None:
    first = {job.id for job in plan(DEFAULT).jobs}
    same = {job.id for job in plan(DEFAULT, traits=replace(TELCO, n_levels=7)).jobs}
    other = {job.id for job in plan(DEFAULT, traits=replace(TELCO, digest="e" * 64)).jobs}
    assert first == same
    assert not first & other


def first_job(candidate: Candidate, **protocol: Any) -> Job:
    return plan(candidate, **protocol).jobs[0]


@pytest.mark.parametrize(
    ("candidate", "libraries"),
    [
        (Candidate("logistic"), {"numpy", "scikit-learn"}),
        (Candidate("catboost"), {"numpy", "scikit-learn", "catboost"}),
        (Candidate("xgboost", "smote"), {"numpy", "scikit-learn", "xgboost", "imbalanced-learn"}),
        (Candidate("lightgbm", "none", "optuna"), {"numpy", "scikit-learn", "lightgbm", "optuna"}),
    ],
    ids=str,
)
def test_versions_of_the_libraries_behind_a_job_are_in_its_id(
    candidate: Candidate, libraries: set[str]
) -> None:
    job = first_job(candidate)
    assert job.versions == {name: library_version(name) for name in libraries}
    assert replace(job, versions={**job.versions, "numpy": "1.0"}).id != job.id


def test_auto_depends_on_the_versions_behind_its_choices() -> None:
    assert "imbalanced-learn" in first_job(TUNED, choices=("none", "smote")).versions
    assert "imbalanced-learn" not in first_job(TUNED, choices=("none", "class-weight")).versions


# --- skips ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("candidate", "reason"),
    [
        (
            Candidate("logistic", "none", "recommended"),
            "logistic has no recommended settings beside its defaults",
        ),
        (Candidate("prior-only", "none", "optuna"), "prior-only has nothing to tune"),
        (
            Candidate("logistic", "none", "default", "native"),
            "logistic does not take categories as they are",
        ),
        (
            Candidate("lightgbm", "smote", "default", "native"),
            "smote works on encoded columns; on native categories use smotenc",
        ),
    ],
    ids=str,
)
def test_a_pair_that_makes_no_sense_is_skipped_with_its_reason(
    candidate: Candidate, reason: str
) -> None:
    assert reasons(candidate) == {str(candidate): reason}


@pytest.mark.parametrize(
    ("candidate", "reason"),
    [
        (
            Candidate("lightgbm", "smote", repair="prior"),
            "prior repair would be wrong: smote has no exact inverse; use sigmoid",
        ),
        (
            Candidate("lightgbm", "none", repair="prior"),
            "prior repair has nothing to do: none leaves the prevalence as it is",
        ),
        (
            Candidate("svm-rbf", "none", repair="temperature"),
            "temperature repair needs probabilities, and the model gives scores: use sigmoid",
        ),
        (
            Candidate("svm-rbf", "none", decision="cost"),
            "the cost threshold is a probability, and svm-rbf gives scores: repair them by sigmoid",
        ),
    ],
    ids=str,
)
def test_a_repair_or_decision_that_would_be_wrong_is_skipped_with_its_reason(
    candidate: Candidate, reason: str
) -> None:
    assert reasons(candidate) == {str(candidate): reason}


def test_isotonic_repair_is_skipped_where_positives_are_few() -> None:
    isotonic = Candidate("lightgbm", repair="isotonic")
    # 5 folds: 125 positives leave 100 in the other folds, 124 leave 99.
    assert not reasons(isotonic, traits=replace(TELCO, n_positives=125))
    assert reasons(isotonic, traits=replace(TELCO, n_positives=124)) == {
        str(isotonic): "isotonic repair needs 100 rows of the rarer class to be fitted on, "
        "and there are 99: use sigmoid"
    }


def test_rows_that_differ_after_the_fit_share_their_jobs() -> None:
    rows = [
        Candidate("svm-rbf"),
        Candidate("svm-rbf", repair="sigmoid"),
        Candidate("svm-rbf", repair="sigmoid", decision="cost"),
    ]
    found = plan(*rows)
    assert not found.skips
    assert {job.candidate for job in found.jobs} == {Candidate("svm-rbf")}
    assert len(found.jobs) == 5


def test_scores_cannot_be_tuned_for_probabilities() -> None:
    svm = Candidate("svm-linear", "none", "optuna")
    reason = "svm-linear gives no probabilities, which brier needs"
    assert reasons(svm, metric="brier") == {str(svm): reason}
    assert not reasons(svm, metric="average_precision")


def test_smotenc_needs_both_kinds_of_columns() -> None:
    smotenc = Candidate("lightgbm", "smotenc")
    assert reasons(smotenc, traits=replace(TELCO, n_numeric=0)) == {
        str(smotenc): "smotenc needs a numeric column, and there is none"
    }
    assert reasons(smotenc, traits=replace(TELCO, n_categorical=0)) == {
        str(smotenc): "smotenc is for mixed data, and there is no categorical column: use smote"
    }


def test_smotenc_on_native_categories_takes_no_missing_numbers() -> None:
    smotenc = Candidate("lightgbm", "smotenc", "default", "native")
    assert not reasons(smotenc)
    assert reasons(smotenc, traits=replace(TELCO, has_missing_numbers=True)) == {
        str(smotenc): "smotenc takes no missing values, and native preparation keeps them"
    }
    encoded = Candidate("lightgbm", "smotenc")
    assert not reasons(encoded, traits=replace(TELCO, has_missing_numbers=True))


@pytest.mark.parametrize(
    ("tuning", "n_positives", "left"),
    # By hand, 5 folds: 8 → 6; 10 → 8, without a fifth 6; 12 → 9, without a third 6.
    [("default", 8, 6), ("recommended", 10, 6), ("optuna", 12, 6)],
)
def test_smote_is_skipped_where_any_fit_would_have_too_few_positives(
    tuning: str, n_positives: int, left: int
) -> None:
    smote = Candidate("lightgbm", "smote", tuning)
    assert reasons(smote, traits=replace(TELCO, n_positives=n_positives)) == {
        str(smote): f"smote needs 7 positives to learn from, and the smallest training set "
        f"has {left}"
    }
    assert not reasons(smote, traits=replace(TELCO, n_positives=n_positives + 4))


def test_auto_chooses_only_among_strategies_that_apply() -> None:
    few = replace(TELCO, n_positives=9)
    found = plan(TUNED, traits=few, choices=("none", "smote", "class-weight"))
    assert {job.choices for job in found.jobs} == {("none", "class-weight")}
    with pytest.raises(UsageError) as raised:
        plan(TUNED, traits=few, choices=("smote",))
    assert str(raised.value) == (
        "nothing is left to run: no strategy that auto could choose applies to this data"
    )


def test_a_plan_of_nothing_gives_each_reason_once() -> None:
    candidates = [Candidate("logistic", s, "recommended") for s in ("none", "smote")]
    with pytest.raises(UsageError) as raised:
        plan(*candidates)
    assert str(raised.value) == (
        "nothing is left to run: logistic has no recommended settings beside its defaults"
    )


def test_fewer_positives_than_folds_are_refused_before_anything_runs() -> None:
    with pytest.raises(UsageError) as raised:
        plan(Candidate("logistic"), traits=replace(TELCO, n_positives=4))
    assert str(raised.value) == (
        "5 folds need at least 5 rows of each class, and the rarer has 4\n"
        "hint: use fewer folds (--folds)"
    )


def test_fewer_positives_than_inner_folds_are_refused_where_there_is_a_study() -> None:
    few = replace(TELCO, n_positives=6)  # 6 less two of five folds' largest: 4
    with pytest.raises(UsageError) as raised:
        plan(Candidate("logistic", "none", "optuna"), traits=few, inner_folds=5)
    assert str(raised.value) == (
        "5 inner folds need at least 5 rows of each class in every training set, and the rarer "
        "class has 4\nhint: use fewer inner folds (--inner-folds), or leave optuna out of --tuning"
    )
    assert plan(Candidate("logistic"), traits=few, inner_folds=5).jobs


def test_too_few_positives_for_the_parts_within_training_rows_are_a_skip() -> None:
    # Of 6 positives 4 are left to learn from: no five parts for early stopping.
    early = Candidate("lightgbm", "none", "recommended")
    assert list(reasons(early, traits=replace(TELCO, n_positives=5))) == [str(early)]


# --- importance and estimates ---------------------------------------------------------


def test_permutation_is_for_one_candidate_per_model_the_best_without_a_study() -> None:
    experiment = build_experiment(Request())
    found = plan_experiment(experiment, TELCO)
    full = {str(job.candidate) for job in found.jobs if found.explained[job.id] == "full"}
    assert full == {
        "lightgbm+none+recommended",
        "xgboost+none+recommended",
        "catboost+none+recommended",
        "logistic+none+default",
        "svm-rbf+none+default",
        "prior-only+none+default",
    }
    assert set(found.explained.values()) == {"full", "native"}


@pytest.mark.parametrize("importance", ["none", "native"])
def test_less_importance_is_the_same_for_all(importance: str) -> None:
    found = plan_experiment(build_experiment(Request(importance=importance)), TELCO)
    assert set(found.explained.values()) == {importance}


def test_the_estimate_is_the_work_over_the_workers_but_never_below_the_longest_job() -> None:
    found = plan(DEFAULT, Candidate("catboost"), folds=2)
    costs = list(found.costs.values())
    assert found.seconds(found.jobs, workers=1) == pytest.approx(sum(costs))
    assert found.seconds(found.jobs, workers=2) == pytest.approx(max(sum(costs) / 2, max(costs)))
    assert found.seconds(found.jobs, workers=100) == pytest.approx(max(costs))
    assert found.seconds((), workers=2) == 0


def test_estimates_grow_with_rows_and_with_tuning() -> None:
    def cost(candidate: Candidate, traits: Traits = TELCO) -> float:
        found = plan(candidate, traits=traits, choices=CHOICES)
        assert np.isfinite(list(found.costs.values())).all()
        return found.costs[found.jobs[0].id]

    large = replace(TELCO, n_samples=35215, n_positives=9345)
    assert cost(Candidate("svm-rbf"), large) > 20 * cost(Candidate("svm-rbf"))
    assert cost(TUNED) > cost(DEFAULT)


@pytest.mark.parametrize(
    ("model", "n_samples", "expected"),
    [("catboost", 1_000_000, True), ("catboost", 7_043, False), ("lightgbm", 1_000_000, False)],
)
def test_after_large_fits_of_catboost_workers_are_large(
    model: str, n_samples: int, expected: bool
) -> None:
    traits = Traits("d" * 64, n_samples, n_samples // 10, 40, 10, 55, has_missing_numbers=True)
    experiment = Experiment("toy", (Candidate(model),), EvalProtocol(folds=3))
    plan = plan_experiment(experiment, traits)
    assert bool(plan.leaving) == expected
