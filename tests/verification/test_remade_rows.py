"""Rows made again: identical where nothing changed, else with the cause that was planted."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from bench.domain import Candidate, Job, Result, Split, Stop
from bench.environment import describe_environment
from bench.errors import UsageError
from bench.verification.rows import Choice, choose_rows

LOGISTIC = Candidate("logistic")
TREE = Candidate("decision-tree")


def shifted(by: float) -> Any:
    """Return what shifts the scores of a result."""

    def change(result: Result) -> Result:
        assert result.predictions is not None
        score = np.clip(result.predictions.score + by, 0, 1)
        return replace(result, predictions=replace(result.predictions, score=score))

    return change


def test_every_row_of_an_untouched_run_is_identical_studies_and_repairs_included(
    original: Any,
) -> None:
    checks = original.check()
    assert len(checks) == 7
    assert {c.tuning for c in checks} == {"default", "optuna"}
    assert {c.repair for c in checks} == {"none", "prior"}
    assert {check.verdict for check in checks.values()} == {"identical"}
    assert {check.n_fits for check in checks.values()} == {2}
    assert all(not check.causes and check.widest is None for check in checks.values())


def test_what_is_stored_is_never_taken_for_what_is_made_again(shop: Any) -> None:
    shop.rewrite(shop.jobs(LOGISTIC), shifted(0.1))
    check = shop.check("logistic+none+default")[LOGISTIC]
    assert check.verdict == "different"
    assert check.widest is not None
    assert check.widest.place == "score"
    assert check.widest.size == pytest.approx(0.1)
    # Nothing that is noted has changed, and a second fit agrees with the first.
    (cause,) = check.causes
    assert cause.kind == "unknown"
    assert cause.evidence.endswith("the record was edited, or made by what nobody noted")


def test_rows_that_share_their_fits_are_judged_together_and_others_not_at_all(shop: Any) -> None:
    weighted = Candidate("logistic", "class-weight")
    shop.rewrite(shop.jobs(weighted), shifted(0.1))
    checks = shop.check()
    different = {c for c, check in checks.items() if check.verdict == "different"}
    assert different == {weighted, replace(weighted, repair="prior")}


def test_what_is_off_by_rounding_is_within_tolerance_and_told_how_far(shop: Any) -> None:
    shop.rewrite(shop.jobs(LOGISTIC), shifted(-1e-9))
    check = shop.check("logistic+none+default")[LOGISTIC]
    assert check.verdict == "within tolerance"
    assert check.widest is not None
    assert check.widest.size == pytest.approx(1e-9, rel=0.01)


def test_the_tolerance_is_what_is_asked_for(shop: Any) -> None:
    shop.rewrite(shop.jobs(LOGISTIC), shifted(-1e-9))
    assert shop.check("logistic+none+default", tolerance=0.0)[LOGISTIC].verdict == "different"


def test_another_parameter_makes_a_row_different(shop: Any) -> None:
    def change(result: Result) -> Result:
        return replace(result, record=replace(result.record, params={"C": 3.0}))

    shop.rewrite(shop.jobs(LOGISTIC), change)
    check = shop.check("logistic+none+default")[LOGISTIC]
    assert check.verdict == "different"
    assert str(check.widest) == "params.C 3 then, nothing now"
    assert check.figure is None


def test_a_record_that_was_edited_is_named(shop: Any) -> None:
    (job, _) = shop.jobs(TREE)
    path = shop.store.folder / "records" / f"{job.id}.json"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('"n_train": 80', '"n_train": 79'), encoding="utf-8")
    check = shop.check("decision-tree+none+default")[TREE]
    assert check.verdict == "different"
    assert check.causes[0].kind == "record"
    assert check.causes[0].evidence == (
        f"record {job.id} (repeat 0, fold 0): the record was changed since it was written"
    )


def test_changed_data_are_the_first_cause(shop: Any) -> None:
    lines = shop.table.read_text(encoding="utf-8").splitlines()
    lines[1] = lines[1].replace(lines[1].split(",")[1], "99.00")
    shop.table.write_text("\n".join(lines) + "\n", encoding="utf-8")
    check = shop.check("logistic+none+default")[LOGISTIC]
    assert check.verdict == "different"
    assert check.causes[0].kind == "data"
    then = shop.store.read_run().facts.digest[:12]
    assert check.causes[0].evidence.startswith(f"data digest {then} then, ")


def test_lost_rows_of_the_data_are_told_by_the_test_rows(shop: Any) -> None:
    lines = shop.table.read_text(encoding="utf-8").splitlines()
    shop.table.write_text("\n".join(lines[:-20]) + "\n", encoding="utf-8")
    check = shop.check("decision-tree+none+default")[TREE]
    assert check.verdict == "different"
    assert check.causes[0].kind == "data"


def made_elsewhere(shop: Any, **changes: Any) -> None:
    """Have the records of logistic come out otherwise, made by an environment with ``changes``."""
    environment = json.loads(json.dumps(describe_environment()))
    for part, values in changes.items():
        environment[part] |= values
    run = shop.store.read_run()
    results = shop.store.read_results(run.jobs)
    for job in shop.jobs(LOGISTIC):
        shop.store.write_result(shifted(0.1)(results[job.id]), made_by=environment)


@pytest.mark.parametrize(
    ("changes", "kind", "evidence"),
    [
        (
            {"code": {"bench/evaluation/preparing.py": "000000000000"}},
            "code",
            "bench/evaluation/preparing.py was changed since",
        ),
        (
            {"code": {"bench/models/lightgbm.py": "0", "bench/models/linear.py": "0"}},
            "code",
            "bench/models/linear.py was changed since",  # lightgbm has no hand in it
        ),
        ({"versions": {"scipy": "1.2.3"}}, "library", "scipy 1.2.3 then, "),
        ({"machine": {"processor": "Z80"}}, "machine", "processor Z80 then, "),
        ({"machine": {"python": "3.1.4"}}, "machine", "python 3.1.4 then, "),
        (
            {"machine": {"python": "3.1.4"}, "code": {"bench/losses.py": "0"}},
            "code",
            "bench/losses.py was changed since",
        ),
    ],
)
def test_what_made_the_record_is_compared_with_what_is_here(
    shop: Any, changes: dict[str, Any], kind: str, evidence: str
) -> None:
    made_elsewhere(shop, **changes)
    check = shop.check("logistic+none+default")[LOGISTIC]
    assert check.verdict == "different"
    assert check.causes[0].kind == kind
    assert check.causes[0].evidence.startswith(evidence)


@pytest.mark.parametrize(
    ("changes", "kind", "evidence"),
    [
        ({"versions": {"scikit-learn": "0.1"}}, "library", "scikit-learn 0.1 then, "),
        (
            {"plugin_digest": "a" * 64},
            "plug-in",
            "digest of plug-ins and [economics] aaaaaaaaaaaa then, none now",
        ),
        ({"numbers_version": 1}, "code", "NUMBERS_VERSION 1 then, "),
        ({"threads": 4}, "threads", "4 threads a fit then, 1 now"),
        ({"order_digest": "o"}, "data", "the order of the rows in time is another"),
    ],
)
def test_what_is_in_the_jobs_is_compared_with_the_plan_of_today(
    shop: Any, changes: dict[str, Any], kind: str, evidence: str
) -> None:
    run = shop.store.read_run()
    results = shop.store.read_results(run.jobs)
    jobs = []
    for job in run.jobs:
        if job.candidate == LOGISTIC:
            # As a run under these circumstances would have left it.
            then = replace(job, **changes)
            result = shifted(0.1)(results[job.id])
            shop.store.write_result(replace(result, record=replace(result.record, job=then)))
            job = then
        jobs.append(job)
    shop.store.write_run(replace(run, jobs=tuple(jobs)))
    shop.rewrite([], lambda result: result)
    check = shop.check("logistic+none+default")[LOGISTIC]
    assert check.verdict == "different"
    assert check.causes[0].kind == kind
    assert check.causes[0].evidence.startswith(evidence)


@pytest.mark.parametrize(
    "changes",
    [
        {"versions": {"xgboost": "0.1"}},
        {"code": {"bench/models/catboost.py": "0"}},
        {"code": {"bench/reports/tables.py": "0", "bench/analysis/scoring.py": "0"}},
    ],
)
def test_what_has_no_hand_in_a_row_is_no_cause(shop: Any, changes: dict[str, Any]) -> None:
    made_elsewhere(shop, **changes)
    check = shop.check("logistic+none+default")[LOGISTIC]
    assert [cause.kind for cause in check.causes] == ["unknown"]


def test_a_row_that_came_out_identical_has_no_causes_whatever_changed(shop: Any) -> None:
    run = shop.store.read_run()
    results = shop.store.read_results(run.jobs)
    environment = {**describe_environment(), "code": {"bench/losses.py": "0"}}
    for job in shop.jobs(LOGISTIC):
        shop.store.write_result(results[job.id], made_by=environment)
    check = shop.check("logistic+none+default")[LOGISTIC]
    assert (check.verdict, check.causes) == ("identical", ())


def test_an_unfinished_row_is_compared_as_far_as_it_goes(shop: Any) -> None:
    first, second = shop.jobs(TREE)
    (shop.store.folder / "records" / f"{second.id}.json").unlink()
    shop.rewrite([], lambda result: result)
    assert [row.status for row in shop.recorded().leaderboard.rows].count("partial") == 1
    check = shop.check("decision-tree+none+default")[TREE]
    assert (check.verdict, check.n_fits) == ("identical", 1)
    shop.rewrite([first], shifted(0.1))
    assert shop.check("decision-tree+none+default")[TREE].verdict == "different"


def test_candidates_that_a_race_stopped_are_made_again_as_far_as_they_came(shop: Any) -> None:
    shop.run(repeats=2)
    run = shop.store.read_run()
    left = tuple(job for job in run.jobs if job.candidate != TREE or job.split.repeat == 0)
    stop = Stop(TREE, 1, LOGISTIC, "roc_auc", -0.1, 0.0001, 0.002)
    asked = replace(run.experiment, race=True)
    shop.store.write_run(replace(run, experiment=asked, jobs=left, stopped=(stop,)))
    shop.rewrite([], lambda result: result)
    checks = shop.check("decision-tree+none+default", "logistic+none+default")
    assert {check.verdict for check in checks.values()} == {"identical"}
    assert (checks[TREE].n_fits, checks[LOGISTIC].n_fits) == (2, 4)


def test_a_row_that_cannot_be_made_here_says_why(shop: Any) -> None:
    lines = shop.table.read_text(encoding="utf-8").splitlines()
    stay = [line for line in lines[1:] if line.endswith("No")]
    leave = [line for line in lines[1:] if line.endswith("Yes")]
    shop.table.write_text("\n".join([lines[0], *stay, leave[0]]) + "\n", encoding="utf-8")
    check = shop.check("logistic+none+default")[LOGISTIC]
    assert check.verdict == "different"
    assert check.reason == "2 folds need at least 2 rows of each class, and the rarer has 1"
    assert check.causes


# --- which rows -----------------------------------------------------------------------


def chosen(shop: Any, choice: Choice) -> list[str]:
    return [str(row.candidate) for row in choose_rows(shop.recorded().leaderboard, choice)]


def test_rows_are_named_by_number_address_its_beginning_or_candidate(original: Any) -> None:
    rows = original.recorded().leaderboard.rows
    second = next(row for row in rows if row.rank == 2)
    by_number = chosen(original, Choice(("2",)))
    assert str(second.candidate) in by_number
    for word in (second.address, second.address[:6], str(second.candidate)):
        assert chosen(original, Choice((word,))) == by_number


def test_rows_with_the_same_fits_come_along(original: Any) -> None:
    assert sorted(chosen(original, Choice(("logistic+class-weight+default",)))) == [
        "logistic+class-weight+default",
        "logistic+class-weight+default+prior",
    ]


def test_without_a_choice_it_is_the_first_row_and_three_others(original: Any) -> None:
    first = original.recorded().leaderboard.rows[0].candidate
    rows = choose_rows(original.recorded().leaderboard, Choice())
    assert first in [row.candidate for row in rows]
    assert len({row.candidate.fitted for row in rows}) == 4


def test_a_sample_depends_on_its_seed_only(original: Any) -> None:
    draws = {tuple(chosen(original, Choice(sample=2, seed=seed))) for seed in range(12)}
    assert len(draws) > 3
    assert chosen(original, Choice(sample=2, seed=7)) == chosen(original, Choice(sample=2, seed=7))


@pytest.mark.parametrize("word", ["0", "8", "99", "abc", "logistic", "zzzzzzzzzzzz"])
def test_a_row_that_there_is_not_is_refused(original: Any, word: str) -> None:
    with pytest.raises(UsageError, match=f"--row {word}: no such row on a board of 7 rows"):
        chosen(original, Choice((word,)))


def test_jobs_of_other_splits_are_found_by_their_coordinates(original: Any) -> None:
    jobs: list[Job] = original.jobs(LOGISTIC)
    assert [job.split for job in jobs] == [Split(0, 0), Split(0, 1)]
