"""Paths and user names go, everything else stays."""

from __future__ import annotations

import pytest

from bench.verification.scrubbing import scrub, scrub_all


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('File "/home/ann/lib/python3.11/base.py", line 3', 'File "base.py", line 3'),
        ("run --plugin /home/ann/mine.py --out /data/x", "run --plugin mine.py --out x"),
        ("--datasets-dir=/home/ann/adapters", "--datasets-dir=adapters"),
        ("C:\\Users\\Ann Smith\\data\\shop.csv: bad", "shop.csv: bad"),
        ("\\\\host\\share\\shop.csv", "shop.csv"),
        ("~/data/shop.csv and ~ann/x.csv", "shop.csv and x.csv"),
        ("../../ann/x.csv", "x.csv"),
        ("/home/ann", "~"),
        ("/Users/ann smith/x y/z.csv", "x y/z.csv"),
        ("PosixPath('/root/a/b.csv')", "PosixPath('b.csv')"),
        ("file:///home/ann/x.csv", "file://~/x.csv"),
    ],
)
def test_a_path_is_cut_down_to_its_last_part(text: str, expected: str) -> None:
    assert scrub(text) == expected
    assert scrub(expected) == expected


@pytest.mark.parametrize(
    "text",
    [
        "https://example.org/raw/telco.csv",
        "datasets/shop.toml: [expect] rows = 3",
        "results/telco/run.json",
        "a share of 3/4, n / (2 n_class)",
        "total / months and yes/no",
        "logistic+none+default",
        "python -m bench run --dataset telco --out results",
        "ConvergenceWarning: it stopped (status=1): see https://example.org/a/b_c.html#x",
    ],
)
def test_what_is_no_path_of_this_machine_stays(text: str) -> None:
    assert scrub(text) == text


def test_texts_within_values_are_scrubbed_and_keys_are_not() -> None:
    value = {"/a/b": ["/home/ann/x", 3, None, {"k": "/data/y"}]}
    assert scrub_all(value) == {"/a/b": ["x", 3, None, {"k": "y"}]}
