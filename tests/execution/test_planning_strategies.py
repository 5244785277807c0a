"""Which strategies go with which models and data, and what else is in their jobs' identity."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bench.domain import Candidate, EvalProtocol, Experiment
from bench.execution.applying import choices_for
from bench.execution.planning import plan_experiment
from bench.execution.traits import Traits, describe_traits
from bench.models import MODELS
from bench.specs import EconomicsSpec
from bench.strategies import STRATEGIES

TELCO = Traits(
    digest="d" * 64,
    n_samples=7043,
    n_positives=1869,
    n_numeric=3,
    n_categorical=16,
    n_levels=43,
    has_missing_numbers=False,
)


def reason(candidate: Candidate, traits: Traits = TELCO) -> str:
    asked = Experiment("toy", (Candidate("logistic"), candidate), EvalProtocol())
    return "; ".join(skip.reason for skip in plan_experiment(asked, traits).skips)


def first_id(candidate: Candidate, traits: Traits) -> str:
    return plan_experiment(Experiment("toy", (candidate,), EvalProtocol()), traits).jobs[0].id


@pytest.mark.parametrize(
    ("model", "strategy", "expected"),
    [
        (
            "logistic",
            "focal",
            "logistic cannot minimise the focal loss; lightgbm, xgboost and catboost can",
        ),
        ("lightgbm", "rusboost", "rusboost is made of decision-tree, not of lightgbm"),
        ("svm-rbf", "easy-ensemble", "easy-ensemble is made of decision-tree, not of svm-rbf"),
        (
            "decision-tree",
            "balanced-forest",
            "balanced-forest is made of random-forest, not of decision-tree",
        ),
        ("xgboost", "class-bagging", "class-bagging is made of lightgbm, not of xgboost"),
        (
            "logistic",
            "smoten",
            "smoten is for tables of categories only, and there are numbers",
        ),
        ("catboost", "focal", ""),
        ("svm-linear", "balanced-bagging", ""),
        ("decision-tree", "rusboost", ""),
        ("random-forest", "balanced-forest", ""),
        ("lightgbm", "class-bagging", ""),
        ("mlp", "cost-weight", ""),
    ],
)
def test_a_pair_is_skipped_with_a_reason_or_runs(model: str, strategy: str, expected: str) -> None:
    assert reason(Candidate(model, strategy)) == expected


def test_smoten_runs_where_all_columns_are_categories() -> None:
    assert reason(Candidate("logistic", "smoten"), replace(TELCO, n_numeric=0)) == ""


@pytest.mark.parametrize("name", ["near-miss", "tomek-links", "one-sided-selection"])
def test_distances_need_encoded_columns(name: str) -> None:
    native = Candidate("lightgbm", name, preparation="native")

    assert reason(native) == f"{name} works on encoded columns; on native categories use smotenc"


def test_ensembles_and_losses_take_native_categories() -> None:
    names = ("balanced-bagging", "class-bagging", "focal", "cost-weight", "sqrt-weight")

    assert [reason(Candidate("lightgbm", s, preparation="native")) for s in names] == [""] * 5


def test_cost_weight_is_skipped_where_no_campaign_pays() -> None:
    # .3 (200 - 10) = 57 is what a reached churner brings: a call for 57 earns nothing.
    candidate = Candidate("logistic", "cost-weight")
    dear = replace(TELCO, economics=EconomicsSpec(contact=57.0))

    assert reason(candidate, dear) == (
        "cost-weight weighs by what a campaign earns, and by [economics] of this dataset it earns "
        "nothing from a churner"
    )
    assert reason(candidate, replace(TELCO, economics=EconomicsSpec(contact=56.0))) == ""


def test_economics_are_in_the_identity_of_jobs_that_weigh_by_them_alone() -> None:
    richer = replace(TELCO, economics=EconomicsSpec(clv=300.0))

    for strategy, is_other in (("cost-weight", True), ("class-weight", False), ("none", False)):
        candidate = Candidate("logistic", strategy)
        assert (first_id(candidate, TELCO) != first_id(candidate, richer)) == is_other


def test_traits_hold_the_adapter_s_economics(toy) -> None:  # type: ignore[no-untyped-def]
    economics = EconomicsSpec(value="usage", clv=10.0)
    spec = replace(toy.spec, economics=economics)

    assert describe_traits(replace(toy, spec=spec)).economics == economics


def test_auto_chooses_for_each_model_among_what_it_can_do() -> None:
    found = {name: set(choices_for(MODELS.lookup(name), STRATEGIES.names)) for name in MODELS.names}
    special = {"focal", "easy-ensemble", "rusboost", "balanced-forest", "class-bagging"}

    assert {name: found[name] & special for name in found} == {
        "lightgbm": {"focal", "class-bagging"},
        "xgboost": {"focal"},
        "catboost": {"focal"},
        "decision-tree": {"easy-ensemble", "rusboost"},
        "random-forest": {"balanced-forest"},
        "logistic": set(),
        "svm-linear": set(),
        "svm-rbf": set(),
        "mlp": set(),
        "prior-only": set(),
    }
