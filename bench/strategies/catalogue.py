"""The imbalance strategies, in the order in which they are shown.

``auto`` is not among them: it is a study that chooses among these on inner
folds, see `bench.evaluation.trials`.
"""

from __future__ import annotations

from bench.registry import Registry
from bench.strategies.base import Strategy
from bench.strategies.ensembles import ENSEMBLES
from bench.strategies.focal import FOCAL
from bench.strategies.samplers import OVERSAMPLERS
from bench.strategies.undersamplers import UNDERSAMPLERS
from bench.strategies.weights import WEIGHTS

NONE = Strategy(name="none", summary="leave the training rows as they are")

STRATEGIES: Registry[Strategy] = Registry(
    "strategy", (NONE, *WEIGHTS, FOCAL, *OVERSAMPLERS, *UNDERSAMPLERS, *ENSEMBLES)
)
