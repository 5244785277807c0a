"""A home of its own for every test, with adapters for tables that are made there."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from planting import Planted

from bench.data import LoadOptions, load_dataset
from bench.doctor import examine
from bench.domain import Dataset, DatasetFacts

TODAY = datetime.date(2026, 1, 1)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current folder, a cache of its own and no data folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("BENCH_DATA_DIR", raising=False)
    monkeypatch.setenv("BENCH_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path


@pytest.fixture
def lay(home: Path) -> Callable[..., Dataset]:
    """Write a table, in parts if need be, and its adapter, and load it."""

    def lay(
        table: pd.DataFrame, toml: str = "", *, source: str = "", name: str = "demo", parts: int = 1
    ) -> Dataset:
        folder = home / "datasets"
        folder.mkdir(exist_ok=True)
        file = f"{name}.csv"
        if parts == 1:
            table.to_csv(folder / file, index=False)
        else:
            file = f"{name}-parts/"
            (folder / file).mkdir()
            for k, rows in enumerate(np.array_split(np.arange(len(table)), parts)):
                table.iloc[rows].to_csv(folder / file / f"part-{k}.csv", index=False)
        (folder / f"{name}.toml").write_text(
            f'name = "{name}"\n[source]\nfile = "./{file}"\n{source}\n'
            f'[target]\ncolumn = "churned"\n{toml}'
        )
        return load_dataset(name)

    return lay


@pytest.fixture
def look(lay: Callable[..., Dataset]) -> Callable[[Planted], DatasetFacts]:
    """Lay a planted table and let the doctor look at everything."""

    def look(planted: Planted) -> DatasetFacts:
        if planted.other is not None:
            lay(planted.other, planted.toml, name="other")
        dataset = lay(planted.table, planted.toml, source=planted.source, parts=planted.parts)
        return examine(dataset, LoadOptions(), today=TODAY)

    return look
