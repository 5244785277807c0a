"""Customers without any defect, in many sizes and shapes: what the doctor must not cry wolf at."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class Shape:
    """How one clean table is made."""

    n_rows: int
    prevalence: float
    seed: int
    signal: float = 1.0
    """How strongly usage decides: 1 is ROC-AUC about .8, 1.7 about .9."""
    n_noise: int = 0
    is_skewed: bool = False
    gaps: float = 0.0
    has_rare_levels: bool = False
    has_whole_amounts: bool = False
    is_late: bool = False
    """Whether gaps depend on tenure, as where a question was asked of new customers only."""


SHAPES: tuple[Shape, ...] = (
    Shape(200, 0.30, 1),
    Shape(300, 0.20, 2, gaps=0.1),
    Shape(300, 0.50, 3, signal=1.7),
    Shape(500, 0.10, 4, has_whole_amounts=True),
    Shape(500, 0.27, 5, signal=1.7, has_rare_levels=True),
    Shape(800, 0.05, 6, is_skewed=True),
    Shape(800, 0.40, 7, n_noise=20),
    Shape(1000, 0.15, 8, signal=1.7, gaps=0.2),
    Shape(1000, 0.30, 9, is_late=True),
    Shape(1500, 0.03, 10, signal=1.4),
    Shape(1500, 0.20, 11, is_skewed=True, has_whole_amounts=True),
    Shape(2000, 0.10, 12, has_rare_levels=True, gaps=0.05),
    Shape(2000, 0.45, 13, signal=1.7, is_skewed=True),
    Shape(2500, 0.25, 14, n_noise=30),
    Shape(3000, 0.02, 15, gaps=0.3, signal=1.5),
    Shape(3000, 0.35, 16, is_late=True, has_rare_levels=True),
    Shape(4000, 0.08, 17, has_whole_amounts=True, is_skewed=True),
    Shape(5000, 0.20, 18, signal=1.7, has_rare_levels=True, gaps=0.1),
    Shape(6000, 0.12, 19, n_noise=10, is_skewed=True),
    Shape(8000, 0.27, 20, signal=1.5, is_late=True, has_whole_amounts=True),
)


def clean_table(shape: Shape) -> pd.DataFrame:
    """Return customers with an identifier, honest features and the target ``churned``.

    ``usage`` and ``logins`` go together, as do ``age`` and ``tenure``; names
    such as ``MaritalStatus``, ``days_left`` and ``satisfaction_score`` are to
    be no alarm.
    """
    random = np.random.default_rng(shape.seed)
    n = shape.n_rows
    usage = random.normal(size=n)
    tenure = random.integers(0, 72, n)
    age = np.clip(25 + tenure / 4 + random.normal(0, 12, n), 18, 90).round()
    fee = random.choice([20.0, 35.0, 50.0, 80.0], n) + random.normal(0, 4, n).round(2)
    plan = random.choice(["basic", "plus", "team"], n, p=[0.5, 0.3, 0.2])
    contract = random.choice(["Month-to-month", "One year", "Two year"], n, p=[0.5, 0.25, 0.25])
    margin = (
        -1.6 * shape.signal * usage
        - 0.02 * tenure
        + 0.01 * fee
        + 0.6 * (contract == "Month-to-month")
        + random.logistic(size=n)
    )
    leaves = margin > np.quantile(margin, 1 - shape.prevalence)
    table = pd.DataFrame(
        {
            "customer_id": [f"C{i:06d}" for i in random.permutation(n) + 17],
            "tenure": tenure,
            "age": age,
            "monthly_fee": fee,
            "usage": (np.exp(usage + 3) if shape.is_skewed else usage * 10 + 50).round(2),
            "logins": random.poisson(np.exp(np.clip(0.4 * usage + 1.5, -3, 3.5))),
            "days_left": random.integers(0, 365, n),
            "satisfaction_score": random.integers(1, 11, n),
            "MaritalStatus": random.choice(["Single", "Married", "Divorced"], n),
            "PaymentMethod": random.choice(
                ["Bank transfer (automatic)", "Credit card (automatic)", "Electronic check"], n
            ),
            "InternetService": random.choice(["DSL", "Fiber optic", "No"], n),
            "TechSupport": random.choice(["No", "No internet service", "Yes"], n),
            "plan": plan,
            "contract": contract,
            "closed_tickets": random.poisson(1.0, n),
        }
    )
    if shape.has_whole_amounts:
        table["balance"] = random.integers(0, 100_000, n)
        table["salary"] = random.integers(20_000, 200_000, n)
    if shape.has_rare_levels:
        names = [f"city {chr(65 + k)}" for k in range(25)]
        weights = 1 / np.arange(1, 26) ** 1.5
        table["city"] = random.choice(names, n, p=weights / weights.sum())
    for k in range(shape.n_noise):
        table[f"extra_{k}"] = random.normal(size=n).round(3)
    if shape.gaps:
        table.loc[random.random(n) < shape.gaps, "age"] = np.nan
        table.loc[random.random(n) < shape.gaps, "plan"] = None
    if shape.is_late:
        # Asked of all who came in the last two years, and of half of the others.
        table.loc[(tenure > 24) & (random.random(n) < 0.5), "satisfaction_score"] = np.nan
    table["churned"] = np.where(leaves, "Yes", "No")
    return table
