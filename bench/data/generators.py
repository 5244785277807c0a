"""Tables that are made here instead of being read."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.errors import SpecError
from bench.registry import Registry

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Generator:
    """A function without arguments that returns a table as a CSV reader would see it.

    ``imitates`` names the real dataset that it stands in for; such a table
    never passes for data.
    """

    name: str
    module: str
    function: str
    imitates: str = ""

    def build(self) -> pd.DataFrame:
        """Return the table, all cells text."""
        module = importlib.import_module(self.module)
        frame: pd.DataFrame = getattr(module, self.function)()
        return frame


GENERATORS: Registry[Generator] = Registry(
    "generator",
    (
        Generator("telco-standin", "bench.data.standin", "build_telco_standin", imitates="telco"),
        Generator("synthetic-rare", "bench.data.synthetic", "build_synthetic_rare"),
    ),
)


def find_generator(name: str, place: str) -> Generator:
    """Return the generator that an adapter at ``place`` names."""
    if name not in GENERATORS:
        raise SpecError(
            f"{place}: [source] generator = {name!r} is not one of ours",
            hint=f"there are: {', '.join(GENERATORS.names)}",
        )
    return GENERATORS.lookup(name)
