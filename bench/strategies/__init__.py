"""Imbalance strategies, and the tuple of them all."""

from bench.strategies.base import Needs, Strategy, UnsuitableRowsError, Weighing
from bench.strategies.catalogue import STRATEGIES

__all__ = ["STRATEGIES", "Needs", "Strategy", "UnsuitableRowsError", "Weighing"]
