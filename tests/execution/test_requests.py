"""From what was typed to an experiment: presets, narrowing, experiment files, checks."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from bench.domain import Candidate, EvalProtocol, Experiment
from bench.errors import UnknownNameError, UsageError
from bench.execution.presets import PRESETS
from bench.execution.requests import Request, build_experiment, read_request
from bench.models import MODELS
from bench.strategies import STRATEGIES

BOOSTERS = ("lightgbm", "xgboost", "catboost")
SIX = ("none", "class-weight", "random-over", "random-under", "smote", "smote-enn")


def fits(experiment: Experiment) -> list[Candidate]:
    """Return the candidates without those that only differ after the fit."""
    return [candidate for candidate in experiment.candidates if candidate == candidate.fitted]


def levels(experiment: Experiment) -> dict[str, int]:
    return dict(Counter(candidate.tuning for candidate in fits(experiment)))


def grid(experiment: Experiment, level: str) -> tuple[list[str], list[str]]:
    """Return the models and the strategies of a level, and check that it holds all pairs."""
    of_level = [c for c in fits(experiment) if c.tuning == level]
    models = list(dict.fromkeys(c.model for c in of_level))
    strategies = list(dict.fromkeys(c.strategy for c in of_level))
    assert len(of_level) == len(models) * len(strategies)
    return models, strategies


# --- presets --------------------------------------------------------------------------


def test_standard_is_what_runs_when_nothing_is_said() -> None:
    experiment = build_experiment(Request())
    assert experiment.dataset == "telco"
    assert experiment.preset == "standard"
    assert experiment.protocol == EvalProtocol()
    assert experiment.rank_by == "roc_auc"
    assert experiment.importance == "full"


def test_standard_has_31_default_18_recommended_and_4_tuned_candidates() -> None:
    experiment = build_experiment(Request())
    assert levels(experiment) == {"default": 30 + 1, "recommended": 18, "optuna": 4}
    assert len(set(fits(experiment))) == len(fits(experiment)) == 53
    assert grid(experiment, "recommended") == (list(BOOSTERS), list(SIX))
    assert grid(experiment, "optuna") == ([*BOOSTERS, "logistic"], ["auto"])
    assert experiment.candidates[-1] == Candidate("prior-only")
    assert experiment.choices == SIX


def test_quick_has_boosters_as_recommended_and_logistic_as_default() -> None:
    experiment = build_experiment(Request(preset="quick"))
    three = ["none", "class-weight", "smote"]
    assert grid(experiment, "recommended") == (list(BOOSTERS), three)
    assert grid(experiment, "default") == (["logistic"], three)
    assert levels(experiment) == {"recommended": 9, "default": 3}
    assert experiment.importance == "native"
    assert experiment.choices == ()


def test_full_has_every_model_and_every_strategy_and_three_repeats() -> None:
    experiment = build_experiment(Request(preset="full"))
    models = {c.model for c in experiment.candidates if c.tuning == "default"}
    strategies = {c.strategy for c in experiment.candidates if c.tuning == "default"}
    assert models == set(MODELS.names)
    assert strategies == set(STRATEGIES.names)
    assert experiment.protocol.repeats == 3
    assert experiment.choices == (*SIX, "smotenc", "adasyn", "borderline-smote", "smote-tomek")


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.name)
def test_presets_name_only_what_there_is(preset) -> None:  # type: ignore[no-untyped-def]
    for block in preset.blocks:
        assert set(block.models) <= set(MODELS.names)
        assert set(block.strategies) <= {*STRATEGIES.names, "auto"}
    assert set(preset.baselines) <= set(MODELS.names)


# --- narrowing ------------------------------------------------------------------------


def test_models_narrow_every_level_and_leave_the_baseline_out() -> None:
    experiment = build_experiment(Request(models=("logistic",)))
    assert levels(experiment) == {"default": 6, "optuna": 1}
    assert {c.model for c in experiment.candidates} == {"logistic"}


def test_a_model_that_the_preset_does_not_know_joins_the_default_level() -> None:
    experiment = build_experiment(Request(models=("mlp", "lightgbm")))
    assert grid(experiment, "default") == (["lightgbm", "mlp"], list(SIX))
    assert grid(experiment, "recommended") == (["lightgbm"], list(SIX))
    assert grid(experiment, "optuna") == (["lightgbm"], ["auto"])


def test_strategies_narrow_levels_without_studies_and_leave_studies_out() -> None:
    experiment = build_experiment(Request(strategies=("smote", "adasyn")))
    assert levels(experiment) == {"default": 10, "recommended": 6}
    assert grid(experiment, "default")[1] == ["smote", "adasyn"]


def test_auto_beside_strategies_lets_studies_choose_among_them() -> None:
    experiment = build_experiment(Request(strategies=("smote", "auto")))
    assert levels(experiment) == {"default": 5, "recommended": 3, "optuna": 4}
    assert grid(experiment, "optuna")[1] == ["auto"]
    assert grid(experiment, "default")[1] == ["smote"]
    assert experiment.choices == ("smote",)


def test_auto_alone_keeps_studies_only_and_all_choices() -> None:
    experiment = build_experiment(Request(strategies=("auto",)))
    assert levels(experiment) == {"optuna": 4}
    assert experiment.choices == SIX


def test_a_level_named_takes_every_model_that_was_asked_for() -> None:
    experiment = build_experiment(Request(models=("mlp",), tuning=("recommended", "optuna")))
    assert grid(experiment, "recommended") == (["mlp"], list(SIX))
    assert grid(experiment, "optuna") == (["mlp"], ["auto"])


def test_a_level_named_keeps_the_models_of_its_block() -> None:
    experiment = build_experiment(Request(tuning=("recommended",)))
    assert levels(experiment) == {"recommended": 18}


def test_a_level_that_the_preset_lacks_is_like_its_first_with_auto_for_studies() -> None:
    experiment = build_experiment(Request(preset="quick", tuning=("optuna",)))
    assert grid(experiment, "optuna") == (list(BOOSTERS), ["auto"])
    assert experiment.choices == ("none", "class-weight", "smote")


def test_studies_with_named_strategies_tune_each_of_them() -> None:
    experiment = build_experiment(
        Request(models=("logistic",), strategies=("none", "smote"), tuning=("optuna",))
    )
    assert [str(c) for c in fits(experiment)] == [
        "logistic+none+optuna",
        "logistic+smote+optuna",
    ]
    assert experiment.choices == ()


def test_preparations_multiply_the_grid() -> None:
    experiment = build_experiment(
        Request(models=("lightgbm",), strategies=("none",), prep=("encoded", "native"))
    )
    assert [str(c) for c in experiment.candidates] == [
        "lightgbm+none+default",
        "lightgbm+none+default+native",
        "lightgbm+none+recommended",
        "lightgbm+none+recommended+native",
    ]


def test_standard_shows_every_strategy_before_and_after_one_suitable_repair() -> None:
    experiment = build_experiment(Request())
    repaired = [c for c in experiment.candidates if c.repair != "none"]
    assert len(set(experiment.candidates)) == len(experiment.candidates) == 53 + 45
    assert {c.fitted for c in repaired} <= set(fits(experiment))
    # All but the plain models that give probabilities, which are what they are.
    assert {c for c in fits(experiment) if c not in {r.fitted for r in repaired}} == {
        c for c in fits(experiment) if c.strategy == "none" and c.model != "svm-rbf"
    }
    by_prior = {c.strategy for c in repaired if c.repair == "prior"}
    assert by_prior == {"class-weight", "random-over", "random-under"}


def test_repairs_and_decisions_multiply_the_rows_and_not_the_fits() -> None:
    experiment = build_experiment(
        Request(
            models=("logistic",),
            strategies=("smote",),
            repairs=("none", "sigmoid"),
            decisions=("f1", "precision=.9", "capacity"),
        )
    )
    assert [str(c) for c in experiment.candidates] == [
        "logistic+smote+default",
        "logistic+smote+default+by-precision-90",
        "logistic+smote+default+by-capacity-10",
        "logistic+smote+default+sigmoid",
        "logistic+smote+default+sigmoid+by-precision-90",
        "logistic+smote+default+sigmoid+by-capacity-10",
    ]
    assert len({c.fitted for c in experiment.candidates}) == 1


def test_the_suitable_repair_of_a_plain_model_is_no_row_of_its_own() -> None:
    experiment = build_experiment(
        Request(models=("logistic",), strategies=("none",), repairs=("none", "suitable"))
    )
    assert [str(c) for c in experiment.candidates] == ["logistic+none+default"]


def test_nothing_asked_for_twice_is_run_twice() -> None:
    once = build_experiment(Request(models=("logistic",), tuning=("default",)))
    twice = build_experiment(Request(models=("logistic", "logistic"), tuning=("default",) * 2))
    assert once.candidates == twice.candidates


# --- checks ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        (
            Request(preset="quik"),
            "unknown preset 'quik'; did you mean 'quick'? (see: python -m bench list presets)",
        ),
        (
            Request(models=("lightgbn",)),
            "unknown model 'lightgbn'; did you mean 'lightgbm'? (see: python -m bench list models)",
        ),
        (
            Request(strategies=("class_weight",)),
            "unknown strategy 'class_weight'; did you mean 'class-weight'? "
            "(see: python -m bench list strategies)",
        ),
        (
            Request(repairs=("platt", "none")),
            "unknown repair 'platt' (see: python -m bench list repairs)",
        ),
        (
            Request(decisions=("cots",)),
            "unknown decision 'cots'; did you mean 'cost'? (see: python -m bench list decisions)",
        ),
        (
            Request(rank_by="auc"),
            "unknown metric 'auc'; did you mean 'roc_auc'? (see: python -m bench list metrics)",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_unknown_name_gets_a_suggestion(request_: Request, message: str) -> None:
    with pytest.raises(UnknownNameError) as raised:
        build_experiment(request_)
    assert str(raised.value) == message


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        (Request(folds=1), "--folds 1 is too few, expected at least 2"),
        (Request(repeats=0), "--repeats 0 is too few, expected at least 1"),
        (Request(trials=0), "--trials 0 is too few, expected at least 1"),
        (Request(inner_folds=1), "--inner-folds 1 is too few, expected at least 2"),
        (Request(seed=-1), "--seed -1 is too few, expected at least 0"),
        (
            Request(metric="f1"),
            "--metric 'f1' is not one of roc_auc, average_precision, log_loss, brier",
        ),
        (
            Request(tuning=("tuned",)),
            "--tuning 'tuned' is not one of default, recommended, optuna",
        ),
        (
            Request(prep=("raw",)),
            "unknown preparation 'raw' (see: python -m bench list preparations)",
        ),
        (
            Request(rank_by="calibration_slope"),
            "calibration_slope describes a candidate, and neither more nor less of it is better\n"
            "hint: rank by another metric (see: python -m bench list metrics)",
        ),
        (
            Request(decisions=("precision=1",)),
            "decision 'precision=1': expected a share in whole percent from 1 to 99\n"
            "hint: write precision-80, or precision=0.8",
        ),
        (Request(importance="all"), "--importance 'all' is not one of none, native, full"),
        (Request(duplicates="drop"), "--duplicates 'drop' is not one of together, ignore"),
        (
            Request(strategies=("auto",), tuning=("default",)),
            "strategy 'auto' lets a study choose, but --tuning leaves studies out\n"
            "hint: add optuna to --tuning",
        ),
    ],
    ids=lambda value: value.split()[0] if isinstance(value, str) else "",
)
def test_a_value_out_of_range_is_refused(request_: Request, message: str) -> None:
    with pytest.raises(UsageError) as raised:
        build_experiment(request_)
    assert str(raised.value) == message


def test_numbers_that_are_given_are_kept() -> None:
    request = Request(folds=3, repeats=2, trials=5, inner_folds=2, seed=9, metric="brier")
    protocol = build_experiment(request).protocol
    assert protocol == EvalProtocol(
        folds=3, repeats=2, trials=5, inner_folds=2, seed=9, metric="brier"
    )


# --- experiment files -----------------------------------------------------------------


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "experiment.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_an_experiment_file_says_what_flags_say(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        """
        dataset = "bank-churn"
        models = ["lightgbm", "logistic"]
        strategies = "smote"
        inner-folds = 4
        repairs = ["none", "prior"]
        decisions = "cost"
        rank_by = "brier"
        """,
    )
    assert read_request(path) == Request(
        dataset="bank-churn",
        models=("lightgbm", "logistic"),
        strategies=("smote",),
        inner_folds=4,
        repairs=("none", "prior"),
        decisions=("cost",),
        rank_by="brier",
    )


def test_flags_beat_the_file_and_the_file_beats_the_preset() -> None:
    flags = Request(folds=3, models=("logistic",))
    file = Request(preset="full", folds=4, repeats=2, seed=0)
    experiment = build_experiment(flags.over(file))
    assert experiment.preset == "full"
    assert (experiment.protocol.folds, experiment.protocol.repeats) == (3, 2)
    assert {c.model for c in experiment.candidates} == {"logistic"}


def test_a_flag_of_zero_beats_the_file() -> None:
    assert Request(seed=0).over(Request(seed=7)).seed == 0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("fold = 3", "unknown key 'fold'; did you mean 'folds'?"),
        ("colour = 3", "unknown key 'colour'"),
        ('folds = "3"', "folds = '3', expected a whole number"),
        ("folds = true", "folds = True, expected a whole number"),
        ("folds = 3.0", "folds = 3.0, expected a whole number"),
        ("dataset = 3", "dataset = 3, expected text"),
        ("models = 3", "models = 3, expected a list of names"),
        ("models = [3]", "models = [3], expected a list of names"),
    ],
)
def test_a_bad_key_or_type_names_the_file(tmp_path: Path, text: str, message: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(UsageError) as raised:
        read_request(path)
    assert str(raised.value) == f"{path}: {message}"


def test_a_missing_file_and_one_that_is_not_toml_are_named(tmp_path: Path) -> None:
    missing = tmp_path / "none.toml"
    with pytest.raises(UsageError) as raised:
        read_request(missing)
    assert str(raised.value) == f"{missing}: no such experiment file"
    path = write(tmp_path, "folds 3")
    with pytest.raises(UsageError) as raised:
        read_request(path)
    assert str(raised.value).startswith(f"{path}: cannot be read as TOML: ")
