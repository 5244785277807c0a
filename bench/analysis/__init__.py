"""What the records say: boards, statistics, importance. Reads results, needs no learner."""

from bench.analysis.answer import answer
from bench.analysis.effects import StrategyEffect, strategy_effects
from bench.analysis.findings import Findings, analyse
from bench.analysis.importance import ImportanceTable, summarise_importance
from bench.analysis.leaderboard import build_leaderboard
from bench.analysis.verdicts import build_verdicts
from bench.analysis.wording import Verdict

__all__ = [
    "Findings",
    "ImportanceTable",
    "StrategyEffect",
    "Verdict",
    "analyse",
    "answer",
    "build_leaderboard",
    "build_verdicts",
    "strategy_effects",
    "summarise_importance",
]
