"""Learners: one file per family, and the tuple of them all."""

from bench.models.averaged import Averaged
from bench.models.base import Capabilities, Model, StoppingSet, TrainingSet
from bench.models.catalogue import MODELS

__all__ = ["MODELS", "Averaged", "Capabilities", "Model", "StoppingSet", "TrainingSet"]
