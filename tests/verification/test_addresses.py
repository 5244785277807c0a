"""An address changes with what makes a row, and with nothing else."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bench.analysis.addresses import row_addresses
from bench.domain import NUMBERS_VERSION, Candidate, DatasetFacts, Experiment, Job, Run, Split
from bench.specs import EconomicsSpec

LOGISTIC = Candidate("logistic", "smote")
FACTS = DatasetFacts("toy", "Toy", "d" * 64, "file", 9, 2, 3, ("a", "b"))


def run_of(*candidates: Candidate, **changes: Any) -> Run:
    fits = dict.fromkeys(candidate.fitted for candidate in candidates)
    jobs = [
        replace(Job("d" * 64, c, Split(0, fold), 2, 0, versions={"numpy": "2.0"}), **changes)
        for c in fits
        for fold in range(2)
    ]
    return Run(Experiment("toy", candidates), FACTS, tuple(jobs), ())


def address(run: Run, candidate: Candidate = LOGISTIC) -> str:
    return row_addresses(run)[candidate]


def test_an_address_is_twelve_hexadecimal_digits() -> None:
    found = address(run_of(LOGISTIC))
    assert len(found) == 12
    assert int(found, 16) >= 0


def test_other_candidates_and_the_order_of_jobs_do_not_change_it() -> None:
    run = run_of(LOGISTIC)
    assert address(run_of(Candidate("mlp"), LOGISTIC)) == address(run)
    assert address(replace(run, jobs=run.jobs[::-1])) == address(run)


def test_what_describes_the_run_and_the_code_do_not_change_it() -> None:
    run = run_of(LOGISTIC)
    other = replace(run, code={"bench/x.py": "0"}, command="x", seconds=3.0, commit="y")
    assert address(other) == address(run)


@pytest.mark.parametrize(
    "changes",
    [
        {"dataset_digest": "e" * 64},
        {"folds": 3},
        {"seed": 1},
        {"threads": 2},
        {"duplicates": "ignore"},
        {"versions": {"numpy": "2.1"}},
        {"plugin_digest": "p"},
        {"numbers_version": NUMBERS_VERSION + 1},
        {"train_prevalence": 0.1},
        {"order_digest": "o"},
    ],
)
def test_what_can_change_a_number_changes_it(changes: dict[str, Any]) -> None:
    assert address(run_of(LOGISTIC, **changes)) != address(run_of(LOGISTIC))


def test_more_splits_another_candidate_and_other_amounts_change_it() -> None:
    run = run_of(LOGISTIC)
    more = replace(run, jobs=(*run.jobs, replace(run.jobs[0], split=Split(1, 0))))
    rich = replace(run, facts=replace(FACTS, economics=EconomicsSpec(clv=300.0)))
    other = Candidate("logistic", "none")
    found = {address(run), address(more), address(rich), address(run_of(other), other)}
    assert len(found) == 4


def test_rows_that_share_their_fits_have_addresses_of_their_own() -> None:
    rows = (LOGISTIC, replace(LOGISTIC, repair="prior"), replace(LOGISTIC, decision="mcc"))
    assert len(set(row_addresses(run_of(*rows)).values())) == 3
