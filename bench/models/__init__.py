"""Learners: one file per family, and the tuple of them all."""

from bench.models.averaged import Averaged
from bench.models.base import CHECKPOINTS, Capabilities, GivenUp, Model, StoppingSet, TrainingSet
from bench.models.catalogue import MODELS

__all__ = [
    "CHECKPOINTS",
    "MODELS",
    "Averaged",
    "Capabilities",
    "GivenUp",
    "Model",
    "StoppingSet",
    "TrainingSet",
]
