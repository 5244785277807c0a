"""Repairs against Bayes' rule, scikit-learn and simulated learners."""

from __future__ import annotations

import re

import numpy as np
import pytest
from scipy.special import expit, logit
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.calibration import CalibratedClassifierCV
from sklearn.frozen import FrozenEstimator
from sklearn.isotonic import IsotonicRegression

from bench.domain import Candidate, ClassCounts, Job, Record, Split
from bench.losses import FocalLoss
from bench.repairs import (
    REPAIRS,
    correct_prior,
    exact_map,
    fit_isotonic,
    fit_sigmoid,
    fit_temperature,
    learned_prevalence,
    suitable_repair,
    why_not_repair,
)


def draw(seed: int, n: int = 3000, *, slope: float = 1.0, shift: float = 0.0):
    """Return labels, and logits of probabilities that are wrong by ``slope`` and ``shift``."""
    rng = np.random.default_rng(seed)
    margin = rng.normal(-1.3, 1.3, n)
    y = (rng.random(n) < expit(margin)).astype(int)
    return y, slope * margin + shift


def record(strategy: str, before: ClassCounts, after: ClassCounts, **fields) -> Record:
    job = Job("d" * 64, Candidate("m", strategy), Split(0, 0), folds=5, seed=0)
    return Record(job, "ok", counts_before=before, counts_after=after, **fields)


class Scores(ClassifierMixin, BaseEstimator):
    """Hands its only column on as scores."""

    def fit(self, X, y):
        self.classes_ = np.array([0, 1])
        return self

    def decision_function(self, X):
        return X[:, 0]

    def predict(self, X):
        return (X[:, 0] > 0).astype(int)


# --- prior correction -----------------------------------------------------------------


def test_prior_correction_is_bayes_rule():
    # Learnt at even odds, true odds 1 : 3; a learner that says 1/2 means 1/4.
    assert correct_prior([0.5], learned=0.5, true=0.25) == pytest.approx([0.25])
    odds = expit(logit(0.8) + logit(0.1) - logit(0.4))
    assert correct_prior([0.8], learned=0.4, true=0.1) == pytest.approx([odds])
    assert correct_prior([0.0, 1.0], learned=0.5, true=0.1).tolist() == [0.0, 1.0]


def test_prior_correction_equals_the_published_form_for_random_undersampling():
    # Dal Pozzolo et al. (2015): β p / (β p − p + 1), β the share of negatives that is kept.
    p, beta, pi = np.linspace(0.01, 0.99, 20), 0.3, 0.2
    learned = pi / (pi + beta * (1 - pi))

    ours = correct_prior(p, learned=learned, true=pi)

    assert ours == pytest.approx(beta * p / (beta * p - p + 1), abs=1e-12)


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_prior_correction_refuses_a_share_of_none_or_all(share):
    message = f"learned = {share}, true = 0.3: expected shares in (0, 1)"
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        correct_prior([0.5], learned=share, true=0.3)


def test_old_records_have_their_learned_prevalence_worked_out():
    before = ClassCounts(800, 200)

    weighted = record("class-weight", before, before)
    half = record("class-weight", before, before, strategy_params={"power": 0.5})
    under = record("random-under", before, ClassCounts(200, 200))
    kept = record("random-under", before, ClassCounts(200, 200), learned_prevalence=0.4)

    assert learned_prevalence(weighted) == pytest.approx(0.5)
    # Weights ∝ 1/√n: 200/√200 against 800/√800, that is 1 : 2.
    assert learned_prevalence(half) == pytest.approx(1 / 3)
    assert learned_prevalence(under) == 0.5
    assert learned_prevalence(kept) == 0.4


def test_weights_and_random_copies_are_undone_by_the_prior():
    before = ClassCounts(800, 200)
    p = np.array([0.1, 0.5, 0.9])
    expected = correct_prior(p, learned=0.5, true=0.2)

    for strategy, after in [
        ("class-weight", before),
        ("random-over", ClassCounts(800, 800)),
        ("random-under", ClassCounts(200, 200)),
    ]:
        assert exact_map(record(strategy, before, after))(p) == pytest.approx(expected)


def test_focal_loss_is_undone_by_its_own_inverse():
    params = {"alpha": 0.4, "gamma": 1.5}
    found = record("focal", ClassCounts(8, 2), ClassCounts(8, 2), strategy_params=params)
    q = np.array([0.1, 0.5, 0.9])

    assert exact_map(found)(q) == pytest.approx(FocalLoss(0.4, 1.5).to_probability(q))


def test_what_a_study_chose_is_undone():
    counts = ClassCounts(800, 200)
    found = record("auto", counts, counts, chosen_strategy="class-weight")

    assert exact_map(found)([0.5]) == pytest.approx([0.2])


def test_smote_is_not_undone():
    found = record("smote", ClassCounts(8, 2), ClassCounts(8, 8))

    with pytest.raises(ValueError, match=r"^no exact inverse of strategy 'smote' is known$"):
        exact_map(found)


# --- fitted repairs -------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(3))
def test_the_sigmoid_equals_scikit_learn_s(seed):
    y, score = draw(seed, slope=2.0, shift=0.7)
    theirs = CalibratedClassifierCV(FrozenEstimator(Scores().fit(None, None)), method="sigmoid")
    theirs.fit(score[:, None], y)
    new = np.linspace(-5, 5, 30)

    ours = fit_sigmoid(y, score, "score")(new)

    assert ours == pytest.approx(theirs.predict_proba(new[:, None])[:, 1], abs=1e-5)
    assert fit_sigmoid(y, expit(score))(expit(new)) == pytest.approx(ours, abs=1e-6)


def test_the_sigmoid_stays_finite_where_scores_part_the_classes():
    y, score = np.repeat([0, 1], 20), np.repeat([-1.0, 1.0], 20)

    # Platt's targets for 20 and 20: 1/22 and 21/22, which two levels can meet exactly.
    assert fit_sigmoid(y, score, "score")([-1, 1]) == pytest.approx([1 / 22, 21 / 22], abs=1e-6)


def test_the_sigmoid_of_a_constant_is_the_share_of_positives():
    y = np.repeat([0, 1], [300, 100])

    # (100 · 101/102 + 300 · 1/302) / 400
    assert fit_sigmoid(y, np.full(400, 0.7))([0.7, 0.1]) == pytest.approx([0.250036] * 2, abs=1e-5)


@pytest.mark.parametrize("levels", [None, 30, 4])
def test_isotonic_equals_scikit_learn_s(levels):
    y, score = draw(1, slope=2.0)
    score = score if levels is None else np.round(score * levels / 4)
    theirs = IsotonicRegression(out_of_bounds="clip").fit(score, y)
    new = np.linspace(-12, 10, 200)

    assert fit_isotonic(y, score, "score")(new) == pytest.approx(theirs.predict(new), abs=1e-12)


@pytest.mark.parametrize("slope", [0.4, 1.0, 2.5])
def test_temperature_equals_scikit_learn_s(slope):
    y, score = draw(2, slope=slope)
    theirs = CalibratedClassifierCV(FrozenEstimator(Scores().fit(None, None)), method="temperature")
    theirs.fit(score[:, None], y)
    new = np.linspace(-4, 4, 20)

    ours = fit_temperature(y, expit(score))(expit(new))

    assert ours == pytest.approx(theirs.predict_proba(new[:, None])[:, 1], abs=1e-4)


def test_temperature_is_held_where_the_best_one_is_none():
    y, score = np.array([0, 0, 1, 1]), np.array([-2.0, -1.0, 1.0, 2.0])

    parted = fit_temperature(y, expit(score))([0.4, 0.6])
    reversed_ = fit_temperature(1 - y, expit(score))([0.4, 0.6])

    assert parted == pytest.approx([0, 1], abs=1e-6)
    assert reversed_ == pytest.approx([0.5, 0.5], abs=0.01)


@pytest.mark.parametrize("repair", [r for r in REPAIRS if r.fit], ids=lambda r: r.name)
def test_a_fitted_repair_gives_probabilities_and_keeps_the_order(repair):
    y, score = draw(3, slope=1.7, shift=1.0)

    repaired = repair.fit(y, expit(score), "probability")(np.sort(expit(score)))

    assert repaired.min() >= 0
    assert repaired.max() <= 1
    assert (np.diff(repaired) >= 0).all()


# --- which repair for whom ------------------------------------------------------------


@pytest.mark.parametrize(
    ("strategy", "outputs", "expected"),
    [
        ("none", "probability", "none"),
        ("none", "score", "sigmoid"),
        ("class-weight", "probability", "prior"),
        ("random-under", "probability", "prior"),
        ("class-weight", "score", "sigmoid"),
        ("focal", "probability", "prior"),
        ("smote", "probability", "sigmoid"),
        ("balanced-bagging", "probability", "sigmoid"),
        ("auto", "probability", "sigmoid"),
    ],
)
def test_the_suitable_repair_is_exact_where_it_can_be(strategy, outputs, expected):
    assert suitable_repair(strategy, outputs) == expected
    reason = why_not_repair(expected, strategy=strategy, outputs=outputs, n_rarer=50)
    assert reason == ""


@pytest.mark.parametrize(
    ("repair", "strategy", "outputs", "reason"),
    [
        (
            "prior",
            "none",
            "probability",
            "prior repair has nothing to do: none leaves the prevalence as it is",
        ),
        (
            "prior",
            "smote-enn",
            "probability",
            "prior repair would be wrong: smote-enn has no exact inverse; use sigmoid",
        ),
        (
            "prior",
            "auto",
            "probability",
            "prior repair needs an exact inverse, and auto may choose a strategy without one",
        ),
        (
            "prior",
            "class-weight",
            "score",
            "prior repair needs probabilities, and the model gives scores: use sigmoid",
        ),
        (
            "temperature",
            "none",
            "score",
            "temperature repair needs probabilities, and the model gives scores: use sigmoid",
        ),
        (
            "isotonic",
            "none",
            "probability",
            "isotonic repair needs 100 rows of the rarer class to be fitted on, "
            "and there are 99: use sigmoid",
        ),
    ],
)
def test_a_wrong_or_idle_repair_is_refused_with_its_reason(repair, strategy, outputs, reason):
    assert why_not_repair(repair, strategy=strategy, outputs=outputs, n_rarer=99) == reason
