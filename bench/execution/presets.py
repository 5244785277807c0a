"""Named experiments: what `run` does when nothing else is said."""

from __future__ import annotations

from dataclasses import dataclass

from bench.domain import Importance, Tuning
from bench.registry import Registry
from bench.repairs import SUITABLE

BOOSTERS = ("lightgbm", "xgboost", "catboost")
ALL_MODELS = (
    *BOOSTERS,
    "logistic",
    "svm-linear",
    "svm-rbf",
    "decision-tree",
    "random-forest",
    "mlp",
)
USUAL_STRATEGIES = ("none", "class-weight", "random-over", "random-under", "smote", "smote-enn")
MORE_STRATEGIES = (*USUAL_STRATEGIES, "smotenc", "adasyn", "borderline-smote", "smote-tomek")
"""Among these a study may choose: more choices than trials would be a lottery."""
ALL_STRATEGIES = (
    *MORE_STRATEGIES,
    "sqrt-weight",
    "effective-number",
    "cost-weight",
    "focal",
    "smoten",
    "svm-smote",
    "kmeans-smote",
    "near-miss",
    "cluster-centroids",
    "tomek-links",
    "edited-nearest-neighbours",
    "one-sided-selection",
    "balanced-bagging",
    "easy-ensemble",
    "rusboost",
    "balanced-forest",
    "class-bagging",
)


@dataclass(frozen=True)
class Block:
    """A grid of models × strategies at one level of tuning."""

    models: tuple[str, ...]
    strategies: tuple[str, ...]
    tuning: Tuning


@dataclass(frozen=True)
class Preset:
    """Blocks, one for each level of tuning, and plain baselines."""

    name: str
    summary: str
    blocks: tuple[Block, ...]
    baselines: tuple[str, ...] = ()
    repeats: int = 1
    importance: Importance = "full"
    choices: tuple[str, ...] = ()
    """What ``auto`` chooses among, where it is not the strategies of the first block."""
    repairs: tuple[str, ...] = ("none",)
    """Rows of their own for the same fits; ``suitable`` is whichever repair is right for each."""

    @property
    def strategies(self) -> tuple[str, ...]:
        """The strategies of the first block."""
        return self.blocks[0].strategies

    def has_model(self, name: str) -> bool:
        """Return whether any block holds ``name``."""
        return any(name in block.models for block in self.blocks)

    def block(self, level: str) -> Block:
        """Return the block at ``level``; where there is none, one like the first."""
        for block in self.blocks:
            if block.tuning == level:
                return block
        if level == "optuna":
            return Block(self.blocks[0].models, ("auto",), "optuna")
        tuning: Tuning = "recommended" if level == "recommended" else "default"
        return Block(self.blocks[0].models, self.strategies, tuning)


PRESETS: Registry[Preset] = Registry(
    "preset",
    (
        Preset(
            "quick",
            "seconds: boosters as recommended and logistic regression × 3 strategies",
            (
                Block(BOOSTERS, ("none", "class-weight", "smote"), "recommended"),
                Block(("logistic",), ("none", "class-weight", "smote"), "default"),
            ),
            importance="native",
        ),
        Preset(
            "standard",
            "minutes: 5 models × 6 strategies, boosters also as recommended, 4 nested studies",
            (
                Block((*BOOSTERS, "logistic", "svm-rbf"), USUAL_STRATEGIES, "default"),
                Block(BOOSTERS, USUAL_STRATEGIES, "recommended"),
                Block((*BOOSTERS, "logistic"), ("auto",), "optuna"),
            ),
            baselines=("prior-only",),
            repairs=("none", SUITABLE),
        ),
        Preset(
            "full",
            "hours: every model × every strategy, studies for all, 3 repeats",
            (
                Block(ALL_MODELS, ALL_STRATEGIES, "default"),
                Block(BOOSTERS, ALL_STRATEGIES, "recommended"),
                Block(ALL_MODELS, ("auto",), "optuna"),
            ),
            baselines=("prior-only",),
            repairs=("none", SUITABLE),
            repeats=3,
            choices=MORE_STRATEGIES,
        ),
    ),
)
