"""Leaky fits by name: what decides one, and where its scores are kept."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bench.archive import pack, unpack
from bench.domain import NUMBERS_VERSION, Run, Split
from bench.environment import library_versions
from bench.identity import digest
from bench.leaklab.catalogue import Mistake
from bench.models import MODELS
from bench.plugins import plugin_digest
from bench.serial import to_json
from bench.store import Store, write_bytes
from bench.strategies import STRATEGIES

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

ARRAYS = ("y", "score", "honest_score")


@dataclass(frozen=True)
class LeakyFit:
    """One mistake made with one model on one split."""

    mistake: Mistake
    model: str
    split: Split
    folds: int
    seed: int

    def id_on(self, dataset_digest: str) -> str:
        """Return a digest of everything that can change the scores, our source included."""
        model = MODELS.lookup(self.model)
        libraries = {"numpy", "scikit-learn", *model.capabilities.libraries}
        plugins = [plugin_digest("model", model.name)]
        if self.mistake.sampler:
            libraries |= set(STRATEGIES.lookup(self.mistake.sampler).libraries)
            plugins.append(plugin_digest("strategy", self.mistake.sampler))
        if self.mistake.kind == "tune":
            libraries.add("optuna")
        parts = (self.mistake.kind, self.mistake.sampler, self.model, to_json(self.split))
        return digest(
            "leak-lab",
            dataset_digest,
            NUMBERS_VERSION,
            own_source(),
            *parts,
            self.folds,
            self.seed,
            library_versions(sorted(libraries)),
            plugins,
        )[:20]


def own_source() -> str:
    """Return a digest of the code that makes the mistakes, which every fit depends on."""
    return _source("mistakes.py", "settings.py", "variants.py")


def lab_source() -> str:
    """Return a digest of all of the lab's code, which its tables depend on."""
    return _source(*sorted(path.name for path in Path(__file__).parent.glob("*.py")))


@functools.cache
def _source(*names: str) -> str:
    folder = Path(__file__).parent
    return digest(*((folder / name).read_text(encoding="utf-8") for name in names))


@dataclass(frozen=True, eq=False)
class Spoilt:
    """The scores of the rows that a mistake tests on.

    Attributes
    ----------
    y : ndarray of shape (n_test,), int8
    score : ndarray of shape (n_test,), float64
    honest_score : ndarray of shape (n_test,) or (0,)
        Scores of the same rows without the mistake, where no row of an
        ordinary board is the same but for it.
    """

    y: NDArray[np.int8]
    score: NDArray[np.float64]
    honest_score: NDArray[np.float64]


class FitStore:
    """The folder of the lab's own scores, one file for each leaky fit."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def write(self, fit_id: str, spoilt: Spoilt) -> None:
        """Keep the scores of one fit."""
        arrays = {name: getattr(spoilt, name) for name in ARRAYS}
        write_bytes(self._path(fit_id), pack(arrays))

    def read(self, fit_id: str) -> Spoilt | None:
        """Return the scores of one fit, or None where they are missing or damaged."""
        try:
            return Spoilt(**unpack(self._path(fit_id).read_bytes(), ARRAYS))
        except (OSError, ValueError):
            return None

    def _path(self, fit_id: str) -> Path:
        return self._folder / f"{fit_id}.npz"


class SharedStore(Store):
    """The records of a dataset's ordinary runs, and a ``run.json`` of the lab's own.

    Honest fits are taken from ordinary runs and left to them; what those
    asked for, and their boards, stay as they are.
    """

    def __init__(self, folder: Path, own: Path) -> None:
        super().__init__(folder)
        self._own = Store(own)

    def write_run(self, run: Run) -> None:
        """Keep what the lab asked for, beside its own pages."""
        self._own.write_run(run)
