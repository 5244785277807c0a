"""The models, in the order in which they are shown."""

from __future__ import annotations

from bench.models.base import Model
from bench.models.catboost import CatBoost
from bench.models.kernel_svm import KernelSVM
from bench.models.lightgbm import LightGBM
from bench.models.linear import LinearSVM, Logistic, Prior
from bench.models.trees import DecisionTree, NeuralNetwork, RandomForest
from bench.models.xgboost import XGBoost
from bench.registry import Registry

MODELS: Registry[Model] = Registry(
    "model",
    (
        LightGBM(),
        XGBoost(),
        CatBoost(),
        Logistic(),
        LinearSVM(),
        KernelSVM(),
        DecisionTree(),
        RandomForest(),
        NeuralNetwork(),
        Prior(),
    ),
)
