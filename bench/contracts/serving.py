"""What models hold that do more than fit by their own loss: losses and parts of ensembles."""

from __future__ import annotations

from dataclasses import replace

from bench.contracts.base import Clause, ContractBroken
from bench.contracts.fits import LARGEST_SEED, check_explanations, check_stopping, fit_and_score
from bench.contracts.tables import coarse_rows, small_case, small_table, small_workspace
from bench.domain import Split
from bench.evaluation.fitting import fit_model, why_not_pair
from bench.evaluation.splits import OUTER
from bench.evaluation.workspace import View
from bench.losses import FocalLoss
from bench.metrics import roc_auc
from bench.models import Model
from bench.strategies import STRATEGIES

FOCAL = FocalLoss()
FOLDS = 4
MANY_ROWS = 30
FREQUENCY_TOLERANCE = 0.02


def stops_early_under_another_loss(model: Model) -> None:
    """Stops early by every stopping metric under every loss that it takes."""
    check_stopping(model, replace(small_case().train, loss=FOCAL))


def gives_scores_that_lead_back_to_probabilities(model: Model) -> None:
    """Gives focal scores that lead back to how often each kind of row is positive."""
    import numpy as np

    train = coarse_rows()
    fitted = fit_and_score(model, replace(train, loss=FOCAL), train.X)
    _, kinds, sizes = np.unique(train.X, axis=0, return_inverse=True, return_counts=True)
    often = np.bincount(kinds, weights=train.y) / sizes
    found = np.bincount(kinds, weights=FOCAL.to_probability(fitted.scores)) / sizes
    error = float(np.abs(often - found)[sizes >= MANY_ROWS].max())
    if error > FREQUENCY_TOLERANCE:
        raise ContractBroken(f"for one kind of row it is off by {error:.2f}")


def serves_the_strategies_that_ask_for_it(model: Model) -> None:
    """Gives finite scores that rank, with every strategy that is made for such models."""
    import numpy as np

    view = View(Split(0, 0), OUTER)
    with small_workspace(small_table(), folds=FOLDS) as workspace:
        held = workspace.prepared(view)
        for strategy in STRATEGIES:
            asks = strategy.loss is not None or strategy.needs.part
            if not asks or why_not_pair(model, strategy):
                continue
            train = workspace.trainable(view, strategy.name)
            fitted = fit_model(model, {}, train, seed=LARGEST_SEED, threads=1)
            scores = fitted.score(held.held_X)
            if not np.isfinite(scores).all():
                raise ContractBroken(f"under {strategy.name} it gives scores that are not finite")
            value = roc_auc(held.held_y, scores)
            if value <= 0.5:
                raise ContractBroken(f"under {strategy.name} its ROC-AUC is {value:.3f}")
            check_explanations(fitted.model, fitted.estimator, held.held_X)


def heeds_class_shares(model: Model) -> None:
    """Scores higher on the whole where rounds draw fewer negatives."""
    train = coarse_rows()
    means = []
    for shares in ((1.0, 0.2), (0.2, 1.0)):
        scores = fit_and_score(model, replace(train, shares=shares), train.X).scores
        means.append(float(scores.mean()))
    if means[1] <= means[0]:
        raise ContractBroken(
            f"the mean score is {means[1]:.4g} where rounds draw a fifth of the negatives, "
            f"and {means[0]:.4g} where a fifth of the positives"
        )


def _takes_focal(model: Model) -> bool:
    return FOCAL.name in model.capabilities.losses


def _stops_under_focal(model: Model) -> bool:
    return _takes_focal(model) and model.capabilities.has_early_stopping


SERVING_CLAUSES: tuple[Clause[Model], ...] = (
    Clause(stops_early_under_another_loss, applies=_stops_under_focal),
    Clause(gives_scores_that_lead_back_to_probabilities, applies=_takes_focal),
    Clause(
        serves_the_strategies_that_ask_for_it,
        applies=lambda m: bool(m.capabilities.losses or m.capabilities.parts),
    ),
    Clause(heeds_class_shares, applies=lambda m: "class-bagging" in m.capabilities.parts),
)
