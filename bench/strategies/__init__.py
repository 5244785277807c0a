"""Imbalance strategies, and the tuple of them all."""

from bench.strategies.base import Needs, Strategy
from bench.strategies.catalogue import STRATEGIES

__all__ = ["STRATEGIES", "Needs", "Strategy"]
