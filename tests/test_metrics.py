"""Metrics against scikit-learn, hand-worked values and the published EMPC vectors."""

from __future__ import annotations

import re
import time
from typing import get_args

import numpy as np
import pytest
import sklearn.metrics as sk
from scipy.integrate import quad
from scipy.special import expit
from scipy.stats import beta

from bench import metrics
from bench.errors import PluginError, UsageError
from bench.metrics import METRICS, Board, Inputs, Metric, compute_all, rankable
from bench.profit import expected_maximum_profit, h_measure, maximum_profit
from bench.specs import EconomicsSpec

ECONOMICS = EconomicsSpec()

BOARD_COLUMNS = [
    "roc_auc",
    "average_precision",
    "h_measure",
    "f1",
    "precision",
    "recall",
    "accuracy",
    "balanced_accuracy",
    "mcc",
    "g_mean",
    "f1_at_05",
    "precision_at_05",
    "recall_at_05",
    "accuracy_at_05",
    "balanced_accuracy_at_05",
    "mcc_at_05",
    "g_mean_at_05",
    "brier",
    "brier_skill",
    "log_loss",
    "ece",
    "ece_floor",
    "calibration_slope",
    "calibration_in_the_large",
    "lift_at_10",
    "empc",
    "empc_fraction",
    "mpc",
    "campaign_profit",
    "campaign_fraction",
    "campaign_regret",
    "value_profit",
    "savings",
    "expected_savings",
]
PROBABILITIES = {metric.name for metric in METRICS if metric.needs == "probabilities"}
SAVINGS = {"savings", "expected_savings"}


def offer(y, score, **changes):
    """Return inputs that lack nothing."""
    n = len(y)
    given = {
        "threshold": 0.5,
        "economics": ECONOMICS,
        "clv": np.linspace(100, 300, n),
        "fraction": 0.3,
        "value_fraction": 0.3,
    }
    return Inputs(np.asarray(y), np.asarray(score), **given | changes)


def draw(seed: int, n: int = 400, *, n_levels: int | None = None):
    """Return labels and probabilities; few levels give many ties."""
    rng = np.random.default_rng(seed)
    p = expit(rng.normal(-1, 1.2, n))
    y = (rng.random(n) < p).astype(np.int8)
    score = np.clip(p + rng.normal(0, 0.1, n), 0, 1)
    return y, score if n_levels is None else np.round(score * n_levels) / n_levels


def tied_and_untied():
    return [
        pytest.param(*draw(seed, n_levels=levels), id=f"seed{seed}-levels{levels}")
        for seed in range(5)
        for levels in (None, 50, 4)
    ]


# --- scikit-learn agrees --------------------------------------------------------------


@pytest.mark.parametrize(("y", "p"), tied_and_untied())
@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (metrics.roc_auc, sk.roc_auc_score),
        (metrics.average_precision, sk.average_precision_score),
        (metrics.brier, sk.brier_score_loss),
        (metrics.log_loss, sk.log_loss),
    ],
)
def test_score_metrics_equal_scikit_learn(ours, theirs, y, p):
    assert ours(y, p) == pytest.approx(theirs(y, p), abs=1e-12)


@pytest.mark.parametrize(("y", "p"), tied_and_untied())
@pytest.mark.parametrize("threshold", [0.0, 0.2, 0.5, 2.0])
@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (metrics.f1, sk.f1_score),
        (metrics.precision, lambda y, pred: sk.precision_score(y, pred, zero_division=0)),
        (metrics.recall, sk.recall_score),
        (metrics.accuracy, sk.accuracy_score),
        (metrics.balanced_accuracy, sk.balanced_accuracy_score),
        (metrics.mcc, sk.matthews_corrcoef),
    ],
)
def test_decision_metrics_equal_scikit_learn(ours, theirs, y, p, threshold):
    pred = (p >= threshold).astype(int)

    assert ours(y, pred) == pytest.approx(theirs(y, pred), abs=1e-12)


def test_mcc_does_not_overflow_on_a_million_rows():
    y = np.repeat([0, 1], 500_000)
    pred = np.tile([0, 1, 1, 1], 250_000)

    assert metrics.mcc(y, pred) == pytest.approx(sk.matthews_corrcoef(y, pred), abs=1e-12)


# --- worked by hand -------------------------------------------------------------------


def test_g_mean_is_the_root_of_both_recalls():
    # 3 of 4 churners and 1 of 2 others are right.
    assert metrics.g_mean([1, 1, 1, 1, 0, 0], [1, 1, 1, 0, 0, 1]) == pytest.approx(
        (0.75 * 0.5) ** 0.5
    )


def test_precision_is_zero_where_nobody_is_predicted():
    assert metrics.precision([0, 1, 1], [0, 0, 0]) == 0.0


def test_lift_counts_the_top_tenth():
    y = np.array([1, 1, 0, 0, 1] + [0] * 15)
    score = np.linspace(1, 0, 20)

    # The top 2 of 20 are both churners; 3 of 20 are in the base.
    assert metrics.lift(y, score) == pytest.approx(1 / 0.15)


def test_lift_shares_ties_in_expectation():
    # One row above the cut, the other of two comes from four tied rows with one churner.
    y = np.array([1, 1, 0, 0, 0] + [0] * 14 + [1])
    score = np.array([0.9, 0.5, 0.5, 0.5, 0.5] + [0.1] * 15)

    assert metrics.lift(y, score) == pytest.approx((1 + 1 / 4) / 2 / 0.15)


def test_lift_of_a_constant_score_is_one():
    y = np.array([1, 0, 0, 1, 0, 0, 0])

    assert metrics.lift(y, np.zeros(7)) == pytest.approx(1.0)


def test_lift_does_not_round_a_whole_number_of_rows_up():
    y = np.array([1] * 7 + [0] * 93)

    # .07 · 100 = 7.000000000000001 in floating point; seven of seven are churners.
    assert metrics.lift(y, np.linspace(1, 0, 100), fraction=0.07) == pytest.approx(1 / 0.07)


def test_lift_refuses_a_fraction_outside_its_range():
    with pytest.raises(ValueError, match=r"^fraction = 0, expected a share in \(0, 1\]$"):
        metrics.lift([0, 1], [0.1, 0.2], fraction=0)


def test_ece_of_two_bins_by_hand():
    y = np.array([0, 1, 1, 1])
    p = np.array([0.1, 0.3, 0.6, 0.8])

    # Bins (.1, .3): rate .5, mean .2; (.6, .8): rate 1, mean .7.
    assert metrics.ece(y, p, n_bins=2) == pytest.approx(0.3)


def test_ece_of_a_constant_is_its_distance_from_the_prevalence_in_any_order():
    y = np.repeat([1, 0], [30, 70])

    assert metrics.ece(y, np.full(100, 0.4)) == pytest.approx(0.1)
    assert metrics.ece(y[::-1], np.full(100, 0.3)) == pytest.approx(0.0, abs=1e-15)


# --- EMPC -----------------------------------------------------------------------------


def second_vector():
    rng = np.random.default_rng(42)
    z = rng.normal(size=1000)
    return (rng.random(1000) < expit(1.2 * z - 2)).astype(int), expit(1.2 * z - 2)


def test_empc_reproduces_the_first_test_vector():
    y, score = [0, 1, 0, 1, 0, 1, 0, 1], [0.1, 0.2, 0.3, 0.4, 0.5, 0.7, 0.8, 0.9]

    campaign = expected_maximum_profit(y, score, ECONOMICS)

    assert campaign.profit == pytest.approx(23.875593418348124, abs=1e-11)
    assert campaign.fraction == pytest.approx(0.8743700763487141, abs=1e-11)


def test_empc_and_mpc_reproduce_the_second_test_vector():
    y, score = second_vector()

    campaign = expected_maximum_profit(y, score, ECONOMICS)
    at_mean_acceptance = maximum_profit(y, score, ECONOMICS)

    assert campaign.profit == pytest.approx(3.9460793647783863, abs=1e-11)
    assert campaign.fraction == pytest.approx(0.352268815839486, abs=1e-11)
    assert at_mean_acceptance.profit == pytest.approx(3.69, abs=1e-9)
    assert at_mean_acceptance.fraction == pytest.approx(0.298, abs=1e-12)


def test_the_h_measure_reproduces_the_published_vectors():
    y, score = second_vector()

    assert h_measure(y, score) == pytest.approx(0.222526, abs=5e-7)
    assert h_measure(y, score, alpha=2, beta=2) == pytest.approx(0.171376, abs=5e-7)


def test_the_h_measure_equals_numeric_integration():
    y, score = second_vector()
    fpr, tpr, _ = sk.roc_curve(y, score)
    pi = y.mean()

    def loss(c: float) -> float:
        least = (c * (1 - pi) * fpr + (1 - c) * pi * (1 - tpr)).min()
        return least * beta.pdf(c, 1 + pi, 2 - pi)

    def worst(c: float) -> float:
        return min(c * (1 - pi), (1 - c) * pi) * beta.pdf(c, 1 + pi, 2 - pi)

    expected = 1 - quad(loss, 0, 1, limit=500)[0] / quad(worst, 0, 1, points=[pi], limit=500)[0]
    assert h_measure(y, score) == pytest.approx(expected, abs=1e-7)


def test_the_h_measure_of_perfection_is_one_and_of_a_constant_zero():
    y, _ = second_vector()

    assert h_measure(y, y) == pytest.approx(1.0, abs=1e-12)
    assert h_measure(y, np.zeros(y.size)) == pytest.approx(0.0, abs=1e-12)


def test_empc_of_contacting_everybody_and_of_perfection_are_the_published_ones():
    y = np.repeat([1, 0], [1869, 5174])

    assert metrics.empc(y, np.zeros(7043), ECONOMICS) == pytest.approx(6.91, abs=0.005)
    assert metrics.empc(y, y, ECONOMICS) == pytest.approx(14.86, abs=0.005)


def test_empc_equals_numeric_integration_with_other_amounts():
    y, score = second_vector()
    economics = EconomicsSpec(
        clv=90, incentive=20, contact=3, acceptance_alpha=2, acceptance_beta=5
    )
    fpr, tpr, _ = sk.roc_curve(y, score)
    pi = y.mean()

    def best_profit_times_density(gamma: float) -> float:
        gain = (gamma * (90 - 20) - 3) * pi * tpr - (20 + 3) * (1 - pi) * fpr
        return gain.max() * beta.pdf(gamma, 2, 5)

    expected, _ = quad(best_profit_times_density, 0, 1, limit=500)
    assert metrics.empc(y, score, economics) == pytest.approx(expected, abs=1e-6)


def test_empc_refuses_an_offer_worth_more_than_the_customer():
    message = (
        "clv = 5, incentive = 10.0, contact = 1.0: "
        "expected clv > incentive >= 0, contact >= 0, and some cost"
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        metrics.empc([0, 1], [0.1, 0.2], EconomicsSpec(clv=5))


# --- refusals -------------------------------------------------------------------------


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
@pytest.mark.parametrize(
    ("y", "score", "message"),
    [
        ([1, 1], [0.2, 0.8], "y_true holds a single class, expected both"),
        ([0, 0], [0.2, 0.8], "y_true holds a single class, expected both"),
        ([], [], "y_true holds a single class, expected both"),
        ([0, 2], [0.2, 0.8], "y_true holds labels other than 0 and 1"),
        ([0, 1], [0.2], "y_true of shape (2,) and scores of shape (1,) do not fit"),
    ],
)
def test_every_metric_refuses_bad_labels(metric, y, score, message):
    inputs = offer(y, score)

    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        metric.compute(inputs)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_nan_and_infinite_scores_are_refused(bad):
    inputs = Inputs(np.array([0, 1]), np.array([0.2, bad]), threshold=0.5, economics=ECONOMICS)

    for compute in (compute_all, METRICS.lookup("roc_auc").compute, METRICS.lookup("f1").compute):
        with pytest.raises(ValueError, match=r"^scores hold NaN or infinite values$"):
            compute(inputs)


def test_scores_are_refused_as_predictions():
    with pytest.raises(ValueError, match=r"^y_pred holds values other than 0 and 1$"):
        metrics.f1([0, 1], [0.2, 0.8])


def test_probabilities_outside_the_unit_interval_are_refused():
    with pytest.raises(ValueError, match=r"^probabilities lie outside \[0, 1\]$"):
        metrics.brier([0, 1], [0.2, 1.2])


# --- the registry ---------------------------------------------------------------------


def test_the_registry_holds_the_columns_of_the_leaderboard_in_order():
    assert list(METRICS.names) == BOARD_COLUMNS


def test_every_metric_has_a_board_and_a_title_of_its_own():
    assert {metric.board for metric in METRICS} == set(get_args(Board))
    assert len({metric.title for metric in METRICS}) == len(METRICS)
    assert METRICS.lookup("lift_at_10").board == "profit"


def test_a_metric_whose_plug_in_is_not_loaded_has_a_name_and_no_direction():
    assert metrics.metric_title("ece") == "Calibration error"
    assert metrics.metric_title("my_gini") == "my gini"
    assert [metrics.is_lower_better(name) for name in ("ece", "f1", "my_gini")] == [
        True,
        False,
        False,
    ]


@pytest.mark.parametrize(
    "metric",
    [metric for metric in METRICS if metric.direction != "neither"],
    ids=lambda metric: metric.name,
)
def test_a_perfect_model_beats_a_random_one_in_the_metric_s_direction(metric):
    y, _ = draw(0)
    random = np.random.default_rng(1).random(y.size)

    perfect = metric.compute(offer(y, y.astype(float), fraction=y.mean()))
    poor = metric.compute(offer(y, random, fraction=y.mean()))

    assert (perfect > poor) == (metric.direction == "higher")


def test_score_only_models_have_no_probability_metrics_and_no_decisions_at_a_half():
    y, score = draw(3)
    inputs = offer(y, 10 * score - 4, outputs="score", threshold=0.0)

    values = compute_all(inputs)

    absent = {name for name in BOARD_COLUMNS if name.endswith("_at_05")}
    assert set(BOARD_COLUMNS) - set(values) == absent | PROBABILITIES | SAVINGS


def test_without_a_threshold_or_economics_their_metrics_do_not_apply():
    y, score = draw(3)

    values = compute_all(Inputs(y, score))

    assert "f1" not in values
    assert "empc" not in values
    assert "f1_at_05" in values


def test_a_score_equal_to_the_threshold_is_predicted_positive():
    inputs = Inputs(np.array([0, 1]), np.array([0.2, 0.7]), threshold=0.7)

    assert METRICS.lookup("recall").compute(inputs) == 1.0


def test_metrics_at_a_half_ignore_the_chosen_threshold():
    y, score = draw(4)
    inputs = Inputs(y, score, threshold=0.1)

    assert METRICS.lookup("f1_at_05").compute(inputs) == metrics.f1(y, score >= 0.5)
    assert METRICS.lookup("f1").compute(inputs) == metrics.f1(y, score >= 0.1)


@pytest.mark.parametrize("levels", [None, 20, 1])
def test_no_metric_depends_on_the_order_of_the_rows(levels):
    y, score = draw(5, n_levels=levels)
    order = np.random.default_rng(0).permutation(y.size)

    inputs = offer(y, score, threshold=np.linspace(0.2, 0.6, y.size))

    values = compute_all(inputs)
    shuffled = inputs.at(order)

    assert compute_all(shuffled) == pytest.approx(values, abs=1e-10)
    one_by_one = {metric.name: metric.compute(shuffled) for metric in METRICS}
    there = {name: value for name, value in one_by_one.items() if value is not None}
    assert there == pytest.approx(values, abs=1e-10)


@pytest.mark.parametrize("levels", [None, 20])
def test_metrics_of_the_ranking_are_the_same_for_any_rising_map_of_the_scores(levels):
    y, score = draw(6, n_levels=levels)
    inputs, mapped = offer(y, score), offer(y, 0.1 + 0.5 * score**3)
    of_ranking = [metric for metric in METRICS if metric.is_of_ranking]

    assert [metric.name for metric in of_ranking] == [
        "roc_auc",
        "average_precision",
        "h_measure",
        "lift_at_10",
        "empc",
        "empc_fraction",
        "mpc",
    ]
    assert compute_all(mapped, of_ranking) == compute_all(inputs, of_ranking)


def test_an_order_that_is_nearly_right_changes_nothing():
    y, score = draw(7, n_levels=50)
    inputs = offer(y, score)
    nearly = np.argsort(-(score + 0.1 * np.random.default_rng(0).random(score.size)))

    assert compute_all(inputs, order=nearly) == pytest.approx(compute_all(inputs), abs=1e-10)


def test_known_values_are_taken_as_they_are():
    y, score = draw(8)
    metrics_asked = [METRICS.lookup("brier"), METRICS.lookup("roc_auc")]

    values = compute_all(offer(y, score), metrics_asked, known={"roc_auc": 0.75, "ece": 0.1})

    assert list(values) == ["brier", "roc_auc"]
    assert values == pytest.approx({"brier": sk.brier_score_loss(y, score), "roc_auc": 0.75})


def test_a_user_s_metric_needs_four_fields_only():
    def specificity(y_true, y_pred):
        return metrics.recall(1 - y_true, 1 - y_pred)

    mine = Metric(name="specificity", function=specificity, direction="higher", needs="decisions")
    inputs = Inputs(np.array([0, 0, 1]), np.array([0.1, 0.9, 0.8]), threshold=0.5)

    assert compute_all(inputs, [mine]) == {"specificity": 0.5}
    assert (mine.title, mine.board) == ("specificity", "decisions")


def test_a_metric_with_an_unknown_need_is_refused():
    message = (
        "metric 'x': needs = 'score', expected one of "
        "'scores', 'probabilities', 'decisions', 'economics', 'campaign'"
    )
    with pytest.raises(PluginError, match=f"^{message}$"):
        Metric(name="x", function=metrics.f1, direction="higher", needs="score")


def test_a_metric_that_returns_nan_is_refused():
    bad = Metric("bad", lambda y, score: float("nan"), "higher", "scores")

    with pytest.raises(PluginError, match=r"^metric 'bad' returned nan, expected a finite number$"):
        bad.compute(Inputs(np.array([0, 1]), np.array([0.1, 0.2])))


def test_a_metric_may_have_no_value_on_some_rows():
    mine = Metric("mine", lambda y, score: None, "higher", "scores")

    assert compute_all(Inputs(np.array([0, 1]), np.array([0.1, 0.2])), [mine]) == {}


def test_a_figure_that_only_describes_ranks_no_board():
    message = (
        "ece_floor describes a candidate, and neither more nor less of it is better\n"
        "hint: rank by another metric (see: python -m bench list metrics)"
    )
    with pytest.raises(UsageError, match=f"^{re.escape(message)}$"):
        rankable("ece_floor")

    assert rankable("empc").name == "empc"


def test_every_customer_may_have_a_threshold_of_his_own():
    inputs = Inputs(np.array([0, 1]), np.array([0.7, 0.4]), threshold=np.array([0.8, 0.3]))

    assert compute_all(inputs)["f1"] == 1.0


def test_metrics_of_other_rows_do_not_leak_through_what_is_remembered():
    y, score = draw(6)
    first = compute_all(offer(y, score))

    compute_all(offer(1 - y, score[::-1]))

    assert compute_all(offer(y, score)) == first


def test_inputs_are_left_writeable():
    y, score = draw(7)
    inputs = offer(y, score)

    compute_all(inputs)

    assert inputs.y.flags.writeable
    assert inputs.score.flags.writeable


def test_all_metrics_of_a_standard_run_take_less_than_a_second_and_a_half():
    y, score = draw(0, 1409)
    inputs = offer(y, score)
    compute_all(inputs)

    started = time.process_time()
    for _ in range(260):
        compute_all(inputs)

    assert time.process_time() - started < 1.5
