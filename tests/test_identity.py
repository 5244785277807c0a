"""Digests and derived seeds depend on their parts and on nothing else."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.identity import canonical_json, derive_seed, digest

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=8,
)


def test_a_digest_is_the_sha256_of_the_parts_as_a_json_list() -> None:
    expected = hashlib.sha256(b'["job",{"a":1,"b":[true,null]}]').hexdigest()
    assert digest("job", {"b": [True, None], "a": 1}) == expected


def test_the_order_of_keys_does_not_matter() -> None:
    assert canonical_json({"b": 1, "a": {"d": 2, "c": 3}}) == '{"a":{"c":3,"d":2},"b":1}'


def test_text_beyond_ascii_is_escaped() -> None:
    assert canonical_json("é") == '"\\u00e9"'


def test_not_a_number_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^Out of range float values are not JSON compliant"):
        canonical_json(float("nan"))


def test_parts_do_not_run_into_each_other() -> None:
    assert digest("ab", "c") != digest("a", "bc")
    assert digest("a", 1) != digest("a", "1")
    assert digest(["a"], "b") != digest("a", "b")


@given(st.lists(JSON, max_size=4))
def test_seeds_fit_into_31_bits(parts: list[object]) -> None:
    assert 0 <= derive_seed(*parts) < 2**31


def test_every_part_changes_the_seed() -> None:
    seeds = [derive_seed(0, "fit", 0, fold, "outer", "logistic") for fold in range(200)]
    assert len(set(seeds)) == 200


def test_published_seeds_stay_as_they_are() -> None:
    # sha256 of ["seed",0,"folds",0], its first 8 digits, without the top bit.
    expected = int(hashlib.sha256(b'["seed",0,"folds",0]').hexdigest()[:8], 16) & 0x7FFFFFFF
    assert derive_seed(0, "folds", 0) == expected
