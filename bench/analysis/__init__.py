"""What the records say: boards, statistics, importance. Reads results, needs no learner."""

from bench.analysis.answer import StrategyEffect, answer, strategy_effects
from bench.analysis.importance import ImportanceTable, summarise_importance
from bench.analysis.leaderboard import build_leaderboard

__all__ = [
    "ImportanceTable",
    "StrategyEffect",
    "answer",
    "build_leaderboard",
    "strategy_effects",
    "summarise_importance",
]
