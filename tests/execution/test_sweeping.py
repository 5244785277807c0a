"""What a sweep runs, and the preparations and thinned rows that planning knows of."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bench.domain import Candidate, DatasetFacts, EvalProtocol, Experiment
from bench.environment import library_version
from bench.errors import UnknownNameError, UsageError
from bench.execution.planning import Plan, plan_experiment
from bench.execution.presets import PRESETS
from bench.execution.requests import Request, build_experiment
from bench.execution.sweeping import SweepRequest, plan_sweep
from bench.execution.traits import Traits

TELCO = Traits(
    digest="d" * 64,
    n_samples=7043,
    n_positives=1869,
    n_numeric=3,
    n_categorical=16,
    n_levels=43,
    has_missing_numbers=False,
)
FACTS = DatasetFacts("telco", "Telco", "d" * 64, "file", 7043, 19, 1869, ())


def plan(*candidates: Candidate, traits: Traits = TELCO, **protocol: Any) -> Plan:
    return plan_experiment(Experiment("toy", candidates, EvalProtocol(**protocol)), traits)


def reason(candidate: Candidate, traits: Traits = TELCO, **protocol: Any) -> str:
    """Return why ``candidate`` is skipped, beside one that never is, or nothing."""
    found = plan(Candidate("logistic"), candidate, traits=traits, **protocol)
    return found.skips[0].reason if found.skips else ""


def prepared(name: str, strategy: str = "none") -> Candidate:
    return Candidate("logistic", strategy, preparation=name)


# --- the steps of a sweep -------------------------------------------------------------


def test_a_prevalence_above_the_datas_own_stands_for_the_rows_as_they_are() -> None:
    found = plan_sweep(SweepRequest(prevalences=(0.3, 0.1, 0.5, 0.02)), FACTS)
    thinned = [step.experiment.protocol.train_prevalence for step in found.steps]
    assert thinned == [None, 0.1, 0.02]
    assert [step.name for step in found.steps] == ["unthinned", "0.1", "0.02"]
    assert found.steps[0].prevalence == 1869 / 7043
    assert found.remarks == (
        "0.5, 0.3 are not below the data's own prevalence of 0.265: the training rows are taken "
        "as they are",
    )


def test_a_prevalence_that_leaves_too_few_positives_is_left_out() -> None:
    found = plan_sweep(SweepRequest(prevalences=(0.1, 0.001)), FACTS)
    assert [step.prevalence for step in found.steps] == [0.1]
    # 5174 negatives, of which 1035 are tested on: 4139 · .001 / .999 = 4.1.
    assert found.remarks == (
        "0.001 is left out: of 1869 positives it would leave 4 to learn from, expected at least 5",
    )


def test_a_sweep_without_any_step_is_refused() -> None:
    with pytest.raises(UsageError, match=r"^nothing is left to run: 0\.0001 is left out: of 1869 "):
        plan_sweep(SweepRequest(prevalences=(0.0001,)), FACTS)


@pytest.mark.parametrize("share", [0.0, 1.0, 5.0, -0.1, float("nan")])
def test_what_is_no_share_is_refused(share: float) -> None:
    with pytest.raises(UsageError) as caught:
        plan_sweep(SweepRequest(prevalences=(share,)), FACTS)
    assert caught.value.message == (
        f"--prevalence {share:g} is no share of positives, expected between 0 and 1"
    )
    assert caught.value.hint == "write 5 % as 0.05"


def test_every_model_runs_once_as_recommended_where_it_is_and_always_with_none() -> None:
    request = SweepRequest(models=("logistic", "lightgbm"), strategies=("smote",))
    (step,) = plan_sweep(replace(request, prevalences=(0.1,)), FACTS).steps
    assert set(step.experiment.candidates) == {
        Candidate("logistic"),
        Candidate("logistic", "smote"),
        Candidate("lightgbm", "none", "recommended"),
        Candidate("lightgbm", "smote", "recommended"),
    }


def test_by_default_logistic_and_lightgbm_meet_the_strategies_of_standard() -> None:
    (step,) = plan_sweep(SweepRequest(prevalences=(0.1,)), FACTS).steps
    candidates = step.experiment.candidates
    assert {c.model for c in candidates} == {"logistic", "lightgbm"}
    assert {c.strategy for c in candidates} == set(PRESETS.lookup("standard").strategies)
    assert len(candidates) == len(set(candidates)) == 2 * len(PRESETS.lookup("standard").strategies)


def test_auto_has_no_place_in_a_sweep() -> None:
    with pytest.raises(UsageError) as caught:
        plan_sweep(SweepRequest(strategies=("auto",)), FACTS)
    assert str(caught.value) == ("a sweep runs no studies, which is where strategy 'auto' chooses")


# --- identity -------------------------------------------------------------------------


def test_thinned_jobs_are_others_and_each_prevalence_has_its_own() -> None:
    ids = [
        {job.id for job in plan(Candidate("logistic"), train_prevalence=p).jobs}
        for p in (None, 0.1, 0.05)
    ]
    assert len(set.union(*ids)) == 15


def test_unthinned_jobs_are_those_of_an_ordinary_run() -> None:
    (step,) = plan_sweep(SweepRequest(models=("logistic",), prevalences=(0.3,)), FACTS).steps
    ordinary = {job.id for job in plan(Candidate("logistic"), Candidate("logistic", "smote")).jobs}
    assert ordinary < {job.id for job in plan_experiment(step.experiment, TELCO).jobs}


def test_what_a_selection_is_made_with_is_in_its_identity() -> None:
    (job, *_) = plan(prepared("select-importance")).jobs
    assert job.versions["lightgbm"] == library_version("lightgbm")
    (plain, *_) = plan(prepared("encoded")).jobs
    assert set(plain.versions) == {"numpy", "scikit-learn"}


# --- skips ----------------------------------------------------------------------------


def test_too_few_positives_after_thinning_are_a_skip_with_a_reason() -> None:
    # Of 5174 negatives 4139 train: 4139 · .004 / .996 = 16.6; a fifth is held back.
    candidate = Candidate("lightgbm", "smote", "recommended")
    assert reason(candidate, train_prevalence=0.004) == ""
    # 4139 · .0015 / .9985 = 6.2: 6, of which 2 are held back.
    assert reason(candidate, train_prevalence=0.0015) == (
        "smote needs 7 positives to learn from, and the smallest training set has 4"
    )


def test_thinning_never_makes_negatives_the_scarcer_class_by_mistake() -> None:
    many = replace(TELCO, n_positives=6000)
    assert reason(Candidate("logistic", "smote"), many, train_prevalence=0.99) == ""


NO_NUMBERS = replace(TELCO, n_numeric=0)
GAPS = replace(TELCO, has_missing_numbers=True)


@pytest.mark.parametrize(
    ("candidate", "traits", "expected"),
    [
        (
            prepared("clip-iqr"),
            NO_NUMBERS,
            "clip-iqr clips numbers, and there is no numeric column",
        ),
        (
            prepared("winsorise"),
            NO_NUMBERS,
            "winsorise clips numbers, and there is no numeric column",
        ),
        (prepared("impute-mean"), TELCO, "impute-mean fills gaps in numbers, and there are none"),
        (
            prepared("select-mi"),
            replace(TELCO, n_numeric=1, n_categorical=0),
            "select-mi chooses among columns, and there is only one",
        ),
        (
            prepared("impute-knn"),
            replace(GAPS, n_numeric=1),
            "impute-knn finds neighbours by the other numbers, and there are none",
        ),
        (
            prepared("impute-knn"),
            replace(GAPS, n_samples=80_000),
            "impute-knn takes too long on more than 50,000 rows, and there are 80,000",
        ),
        (
            prepared("select-chi2", "smotenc"),
            TELCO,
            "smotenc needs numeric and categorical columns, and select-chi2 may keep one kind only",
        ),
        (prepared("clip-iqr"), TELCO, ""),
        (prepared("select-chi2", "smote"), TELCO, ""),
        (prepared("impute-knn"), GAPS, ""),
        (prepared("impute-most-frequent", "smotenc"), GAPS, ""),
    ],
    ids=str,
)
def test_a_preparation_is_skipped_where_it_has_nothing_to_change(
    candidate: Candidate, traits: Traits, expected: str
) -> None:
    assert reason(candidate, traits) == expected


def test_an_unknown_preparation_is_refused_with_the_nearest() -> None:
    with pytest.raises(UnknownNameError) as caught:
        build_experiment(Request(prep=("encoded", "select_mi")))
    assert str(caught.value) == (
        "unknown preparation 'select_mi'; did you mean 'select-mi'? "
        "(see: python -m bench list preparations)"
    )
