"""Slices on the page: the same customers are one slice, and one share has one rounding."""

from __future__ import annotations

from typing import Any

from bench.domain import Candidate
from bench.reports.page.segments import segment_data
from bench.serial import to_json

TAKEN = Candidate("logistic")
TELEPHONE = [0.8, 0.75, 0.85, 0.82, 1.0]
OTHERS = [0.79, 0.74, 0.84, 0.82, 0.9]


def make_segments() -> dict[str, Any]:
    """Return what the file holds of five slices, three of them of the same customers."""
    return {
        "n": 7043,
        "ofN": 7043,
        "slices": [
            ["phone", "No", 682, 170],
            ["plan", "No", 682, 170],
            ["lines", "No phone", 682, 170],
            ["other", "No", 682, 170],
            ["tenure", "above 29", 1719, 324],
        ],
        "candidates": [
            {
                "candidate": to_json(TAKEN),
                "order": [TELEPHONE, TELEPHONE, TELEPHONE, OTHERS, OTHERS],
                "level": [[0.25, 0.2493, 1.0]] * 3 + [[0.26, 0.2493, 1.0], [0.18, 0.1885, 1.0]],
            }
        ],
        "disagreement": [[0.1, 1.0]] * 5,
    }


def test_slices_of_the_same_customers_are_one_with_all_their_names() -> None:
    found = segment_data(make_segments(), {TAKEN: 0})

    assert found is not None
    assert found["slices"] == [
        ["phone, plan: No = lines", "No phone", 682, 170],
        ["other", "No", 682, 170],
        ["tenure", "above 29", 1719, 324],
    ]
    (candidate,) = found["candidates"]
    assert candidate["order"] == [TELEPHONE, OTHERS, OTHERS]
    assert len(candidate["level"]) == len(found["disagreement"]) == 3


def test_slices_of_which_nothing_is_known_are_not_taken_for_the_same() -> None:
    segments = make_segments()
    segments["candidates"][0] |= {"order": [None] * 5, "level": []}
    segments["disagreement"] = []

    found = segment_data(segments, {TAKEN: 0})

    assert found is not None
    assert len(found["slices"]) == 5
    assert found["candidates"][0]["level"] == []


def test_the_share_who_left_is_the_same_number_in_every_view() -> None:
    found = segment_data(make_segments(), {TAKEN: 0})

    assert found is not None
    (*_, level) = found["candidates"][0]["level"]
    # 324 of 1,719 are 18.8 %; the .1885 of the file would be shown as 18.9 %.
    assert level[1] == 324 / 1719
