"""The demo table, and how the tests of this folder load it or see it refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bench.data import LoadOptions, load_dataset
from bench.domain import Dataset
from bench.errors import BenchError, DataError

TABLE = "id,age,plan,churned\n" + "".join(
    f"c{i},{20 + i % 40},{'basic' if i % 3 else 'plus'},{'Yes' if i % 4 == 0 else 'No'}\n"
    for i in range(80)
)
PATH = "datasets/demo.csv"
GOOD = ("1,x,Yes", "2,y,No", "3,x,No")


def load(**options: Any) -> Dataset:
    """Return the dataset ``demo`` of the current folder."""
    return load_dataset("demo", options=LoadOptions(**options))


def refused(kind: type[BenchError] = DataError, **options: Any) -> str:
    """Return the whole message with which ``demo`` is refused, without its folder."""
    with pytest.raises(kind) as caught:
        load(**options)
    return str(caught.value).replace(f"{Path.cwd()}/", "")


def rows(*lines: str, header: str = "a,b,churned") -> str:
    """Return a small CSV file."""
    return "\n".join((header, *lines)) + "\n"
