"""Severe findings stop a run unless they are accepted, and boards say so."""

from __future__ import annotations

import pytest

from bench.doctor import admit
from bench.doctor.kinds import finding
from bench.domain import DatasetFacts, Finding
from bench.errors import DataError, UsageError

LEAK = finding("target-leak", "column 'a b' tells", ["a b"], remedy='[columns] drop = ["a b"]')
OTHER = finding("target-leak", "column 'c' tells", ["c"], remedy='[columns] drop = ["c"]')
NOTE = finding("conflicting-labels", "some")


def facts(*findings: Finding) -> DatasetFacts:
    return DatasetFacts("shop", "Shop", "d" * 64, "file", 9, 2, 3, ("a b", "c"), findings=findings)


def test_nothing_severe_runs_as_it_is() -> None:
    assert admit(facts(NOTE), ()) == facts(NOTE)


def test_all_severe_findings_are_in_one_message_with_the_ways_out() -> None:
    with pytest.raises(DataError) as caught:
        admit(facts(LEAK, OTHER, NOTE), ())

    assert caught.value.message == (
        "shop: figures would be false, so nothing is run:\n"
        f"  target-leak: column 'a b' tells; {LEAK.effect}\n"
        f"  target-leak: column 'c' tells; {OTHER.effect}"
    )
    assert caught.value.hint == (
        "mend the adapter:\n"
        '  [columns] drop = ["a b"]\n'
        '  [columns] drop = ["c"]\n'
        "or run all the same, and the boards say so: "
        "--accept 'target-leak:a b' --accept target-leak:c"
    )


@pytest.mark.parametrize("accepted", [("target-leak",), ("target-leak:a b", "target-leak:c")])
def test_what_is_accepted_by_code_or_by_column_runs(accepted: tuple[str, ...]) -> None:
    admitted = admit(facts(LEAK, OTHER), accepted)

    assert admitted.accepted == accepted
    assert all(map(admitted.is_accepted, admitted.findings))


def test_accepting_one_column_leaves_the_other_severe() -> None:
    with pytest.raises(DataError, match="column 'c' tells") as caught:
        admit(facts(LEAK, OTHER), ("target-leak:a b",))

    assert "column 'a b'" not in caught.value.message


def test_accepting_what_was_not_found_names_what_there_is() -> None:
    with pytest.raises(UsageError) as caught:
        admit(facts(LEAK, NOTE), ("target-leak:b",))

    assert str(caught.value) == (
        "--accept target-leak:b matches no finding of shop\n"
        "hint: its findings are: target-leak:a b, conflicting-labels"
    )


def test_accepting_an_unknown_code_suggests_the_nearest() -> None:
    with pytest.raises(UsageError) as caught:
        admit(facts(LEAK), ("target_leak",))

    assert caught.value.message == (
        "unknown finding 'target_leak'; did you mean 'target-leak'? "
        "(see: python -m bench list findings)"
    )
