"""Nested studies: deterministic, resumable, and blind to test rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from doing import run_study

from bench.domain import Candidate, Dataset, Job
from bench.evaluation.studies import Tuned
from bench.evaluation.trials import Proposal
from bench.evaluation.workspace import Workspace

MakeJob = Callable[..., Job]

AUTO = Candidate("logistic", "auto", "optuna")
FIXED = Candidate("decision-tree", "smote", "optuna")
BOOSTED = Candidate("lightgbm", "class-weight", "optuna")


def assert_same(found: Tuned, expected: Tuned) -> None:
    assert found.proposal == expected.proposal
    assert found.rounds == expected.rounds
    np.testing.assert_array_equal(found.inner_score, expected.inner_score)


def journal_of(studies: Path, job: Job) -> Path:
    return studies / f"{job.id}.log"


@pytest.fixture(scope="module")
def auto_job(make_job: MakeJob) -> Job:
    return make_job(AUTO, trials=6)


@pytest.fixture(scope="module")
def finished(
    auto_job: Job, toy_workspace: Workspace, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Tuned, list[bytes]]:
    """What an undisturbed study of six trials chose, and the lines of its journal."""
    studies = tmp_path_factory.mktemp("studies")
    tuned = run_study(toy_workspace, auto_job, studies=studies)
    return tuned, journal_of(studies, auto_job).read_bytes().splitlines(keepends=True)


@pytest.mark.parametrize("candidate", [FIXED, BOOSTED], ids=str)
def test_a_study_chooses_the_same_every_time(
    toy_workspace: Workspace, make_job: MakeJob, tmp_path: Path, candidate: Candidate
) -> None:
    job = make_job(candidate, trials=4)
    first = run_study(toy_workspace, job, studies=tmp_path / "first")
    assert_same(run_study(toy_workspace, job, studies=tmp_path / "second"), first)


def test_a_journal_keeps_one_line_for_the_study_and_one_per_trial(
    finished: tuple[Tuned, list[bytes]],
) -> None:
    assert len(finished[1]) == 1 + finished[0].n_trials == 7


@pytest.mark.parametrize("n_kept", range(7))
def test_a_study_that_goes_on_after_any_trial_ends_as_if_undisturbed(
    toy_workspace: Workspace,
    auto_job: Job,
    finished: tuple[Tuned, list[bytes]],
    tmp_path: Path,
    n_kept: int,
) -> None:
    expected, lines = finished
    journal_of(tmp_path, auto_job).write_bytes(b"".join(lines[: 1 + n_kept]))
    found = run_study(toy_workspace, auto_job, studies=tmp_path)
    assert_same(found, expected)
    assert found.n_trials == 6


@pytest.mark.parametrize("cut", ["half a line", "a lock", "an empty file"])
def test_a_study_that_was_killed_while_it_wrote_ends_as_if_undisturbed(
    toy_workspace: Workspace,
    auto_job: Job,
    finished: tuple[Tuned, list[bytes]],
    tmp_path: Path,
    cut: str,
) -> None:
    expected, lines = finished
    journal = journal_of(tmp_path, auto_job)
    if cut == "half a line":
        journal.write_bytes(b"".join(lines[:3]) + lines[3][:40])
    elif cut == "a lock":
        journal.write_bytes(b"".join(lines[:3]))
        journal.with_name(journal.name + ".lock").symlink_to("nowhere")
    else:
        journal.write_bytes(b"")
    for _ in range(2):  # it goes on, and the journal it leaves can be read again
        found = run_study(toy_workspace, auto_job, studies=tmp_path)
        assert_same(found, expected)
        assert found.n_trials == 6


def test_auto_tries_and_chooses_only_the_strategies_of_the_job(
    toy_workspace: Workspace, make_job: MakeJob, tmp_path: Path
) -> None:
    job = make_job(AUTO, trials=5, choices=("class-weight", "random-under"))
    tuned = run_study(toy_workspace, job, studies=tmp_path)
    assert tuned.proposal.strategy in ("class-weight", "random-under")
    text = journal_of(tmp_path, job).read_text(encoding="utf-8")
    assert "class-weight.power" in text
    assert "random-under.balance" in text
    assert "smote" not in text


def test_the_first_trial_is_the_models_start_without_resampling(
    toy_workspace: Workspace, make_job: MakeJob, tmp_path: Path
) -> None:
    tuned = run_study(toy_workspace, make_job(AUTO, trials=1), studies=tmp_path)
    assert tuned.proposal == Proposal({"C": 1.0}, "none", {})


def test_a_strategys_own_parameters_are_tuned_with_the_models(
    toy_workspace: Workspace, make_job: MakeJob, tmp_path: Path
) -> None:
    proposal = run_study(toy_workspace, make_job(FIXED), studies=tmp_path).proposal
    assert set(proposal.strategy_params) == {"balance", "k_neighbors"}
    assert set(proposal.params) == {"max_depth", "min_samples_leaf", "criterion"}


@pytest.mark.parametrize("candidate", [AUTO, FIXED, BOOSTED], ids=str)
def test_every_training_row_gets_one_finite_inner_score(
    toy_workspace: Workspace, make_job: MakeJob, tmp_path: Path, candidate: Candidate
) -> None:
    job = make_job(candidate, fold=2)
    tuned = run_study(toy_workspace, job, studies=tmp_path)
    train, _ = toy_workspace.splitter.rows(job.split)
    assert tuned.inner_score.shape == train.shape
    assert np.isfinite(tuned.inner_score).all()


def test_inner_scores_rank_the_rows_they_belong_to(
    toy: Dataset, toy_workspace: Workspace, finished: tuple[Tuned, list[bytes]], auto_job: Job
) -> None:
    train, _ = toy_workspace.splitter.rows(auto_job.split)
    score, y = finished[0].inner_score, toy.y[train]
    pairs = score[y == 1][:, np.newaxis] > score[y == 0]
    assert pairs.mean() > 0.75  # shuffled, they would give one half


def test_rounds_are_found_for_boosters_only(
    toy_workspace: Workspace,
    make_job: MakeJob,
    finished: tuple[Tuned, list[bytes]],
    tmp_path: Path,
) -> None:
    assert finished[0].rounds == 0
    assert 1 <= run_study(toy_workspace, make_job(BOOSTED), studies=tmp_path).rounds <= 500


@pytest.mark.parametrize("candidate", [AUTO, BOOSTED], ids=str)
def test_test_rows_do_not_change_what_is_chosen(
    toy: Dataset,
    toy_workspace: Workspace,
    make_workspace: Callable[..., Workspace],
    make_job: MakeJob,
    tmp_path: Path,
    candidate: Candidate,
) -> None:
    job = make_job(candidate, trials=5)
    _, test = toy_workspace.splitter.rows(job.split)
    X, y = toy.X.copy(), toy.y.copy()
    X.loc[test, ["usage", "noise"]] *= -50
    X.loc[test, "plan"] = "team"
    y[test] = 1 - y[test]
    other = make_workspace(replace(toy, X=X, y=y))
    other.splitter = toy_workspace.splitter  # other labels would be folded otherwise
    expected = run_study(toy_workspace, job, studies=tmp_path / "first")
    assert_same(run_study(other, job, studies=tmp_path / "second"), expected)


@pytest.mark.parametrize("metric", ["average_precision", "log_loss", "brier"])
def test_any_stopping_metric_is_optimised_in_its_own_direction(
    toy_workspace: Workspace, make_job: MakeJob, tmp_path: Path, metric: str
) -> None:
    import optuna

    from bench.metrics import METRICS, Inputs

    job = make_job(FIXED, metric=metric, trials=4)
    tuned = run_study(toy_workspace, job, studies=tmp_path)
    train, _ = toy_workspace.splitter.rows(job.split)
    assert tuned.n_trials == 4
    backend = optuna.storages.journal.JournalFileBackend(str(journal_of(tmp_path, job)))
    study = optuna.load_study(study_name=job.id, storage=optuna.storages.JournalStorage(backend))
    values = [trial.value for trial in study.trials if trial.value is not None]
    best = max(values) if METRICS.lookup(metric).direction == "higher" else min(values)
    chosen = {f"model.{name}": value for name, value in tuned.proposal.params.items()}
    winner = next(trial for trial in study.trials if trial.value == best)
    assert {k: v for k, v in winner.params.items() if k.startswith("model.")} == chosen
    overall = METRICS.lookup(metric).compute(
        Inputs(toy_workspace.table.y[train], tuned.inner_score, "probability")
    )
    assert overall == pytest.approx(best, rel=0.25)


@pytest.mark.parametrize("metric", ["roc_auc", "brier"])
def test_a_journal_opens_in_optuna_and_shows_the_trial_that_was_chosen(
    toy_workspace: Workspace, make_job: MakeJob, tmp_path: Path, metric: str
) -> None:
    import optuna

    job = make_job(FIXED, metric=metric, trials=4)
    tuned = run_study(toy_workspace, job, studies=tmp_path)

    # As optuna-dashboard does: all it knows is the file.
    backend = optuna.storages.journal.JournalFileBackend(str(journal_of(tmp_path, job)))
    study = optuna.load_study(study_name=None, storage=optuna.storages.JournalStorage(backend))

    assert study.study_name == job.id
    assert len(study.trials) == tuned.n_trials == 4
    best = {k.removeprefix("model."): v for k, v in study.best_params.items() if "model." in k}
    assert best == tuned.proposal.params
    assert study.best_value == (max if metric == "roc_auc" else min)(
        trial.value for trial in study.trials if trial.value is not None
    )
