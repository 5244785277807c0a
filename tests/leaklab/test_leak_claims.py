"""Published figures held against a made-up table whose bands can be worked out by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from bench.domain import DatasetFacts
from bench.errors import UsageError
from bench.leaklab.catalogue import choose_mistakes
from bench.leaklab.claims import find_band, judge_claim, parse_claim
from bench.leaklab.judging import LabRow, LabTable, Reference
from bench.leaklab.wording import claim_sentences


def around(mean: float, step: float = 0.01) -> tuple[float, ...]:
    """Return five figures with this mean and a standard deviation of ``step`` · √2.5."""
    return tuple(mean + step * k for k in (-2, -1, 0, 1, 2))


HONEST = {
    "roc_auc": around(0.84),
    "f1": around(0.62),
    "f1_at_05": around(0.58),
    "best_f1": around(0.63),
    "best_accuracy": around(0.81),
    "brier": around(0.14),
}
LEAKY = {
    "roc_auc": around(0.992, 0.001),
    "f1": around(0.957, 0.002),
    "f1_at_05": around(0.955, 0.002),
    "best_f1": around(0.96, 0.002),
    "best_accuracy": around(0.955, 0.002),
    "brier": around(0.03, 0.001),
}
COPY = {
    "roc_auc": around(0.96, 0.001),
    "f1": around(0.88, 0.002),
    "f1_at_05": around(0.88, 0.002),
    "best_f1": around(0.88, 0.002),
    "best_accuracy": around(0.94, 0.002),
    "brier": around(0.06, 0.001),
}


@pytest.fixture(scope="module")
def table() -> LabTable:
    facts = DatasetFacts("toy", "Toy", "d" * 64, "file", 1000, 3, 265, ("a", "b", "c"))
    return LabTable(
        facts=facts,
        folds=5,
        repeats=1,
        seed=0,
        models=("lightgbm",),
        mistakes=choose_mistakes(["smote-enn", "target-copy"]),
        references=(
            Reference("lightgbm+none+default", "lightgbm", HONEST),
            Reference("worse+none+default", "worse", {"roc_auc": around(0.7)}),
        ),
        rows=(
            LabRow("smote-enn-before-split", "lightgbm", "x", LEAKY, HONEST),
            LabRow("target-copy", "lightgbm", "y", COPY, HONEST),
        ),
        left_out=(),
    )


def test_figures_are_read_as_papers_write_them() -> None:
    assert parse_claim("roc_auc=.992 f1=95.8%, acc=0.96") == {
        "roc_auc": 0.992,
        "f1": 0.958,
        "accuracy": 0.96,
    }
    assert parse_claim("AUC = .9;MCC=-.2") == {"roc_auc": 0.9, "mcc": -0.2}


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("roc_auc=99.2", "--claim: roc_auc=99.2 is more than 1", "roc_auc=99.2%"),
        ("roc_auc=120%", "--claim: roc_auc=120% is out of range, expected 0 to 1", ""),
        ("f1=-.2", "--claim: f1=-.2 is out of range, expected 0 to 1", ""),
        ("f1=nan", "--claim: f1=nan is out of range, expected 0 to 1", ""),
        ("f1=high", "--claim: f1=high is no number", "f1=85%"),
        ("f3=.9", "--claim: unknown metric 'f3'; did you mean 'f1'?", "there are: roc_auc"),
        ("f1=.9 f1_score=.8", "--claim: f1 is given twice, expected one value", ""),
        ("good", "--claim: 'good' is no figure, expected METRIC=NUMBER", "roc_auc=.992"),
        ("", "--claim: nothing is claimed, expected METRIC=NUMBER", "roc_auc=.992"),
    ],
)
def test_a_bad_claim_is_one_message_with_the_way_out(text: str, message: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_claim(text)
    assert caught.value.message == message
    assert hint in caught.value.hint


def test_the_band_is_the_best_candidate_with_its_spread_and_its_luck(table: LabTable) -> None:
    band = find_band(table, "roc_auc")
    assert band is not None
    assert band.best == pytest.approx(0.84)
    assert band.candidate == "lightgbm+none+default"
    # A further split lies √(.00025 · 6/5) = .0173205 from the mean of five.
    assert band.usual == pytest.approx(0.84 + 2 * 0.0173205, abs=1e-6)
    assert band.edge == pytest.approx(0.84 + 3.5 * 0.0173205, abs=1e-6)


def test_decisions_are_granted_the_best_threshold_and_losses_run_downwards(
    table: LabTable,
) -> None:
    f1, brier = find_band(table, "f1"), find_band(table, "brier")
    assert f1 is not None and f1.best == pytest.approx(0.63)  # noqa: PT018
    assert brier is not None and brier.edge < brier.usual < brier.best  # noqa: PT018


Verdict = Callable[[str], Any]


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("roc_auc=.992 f1=.958", "impossible"),
        ("roc_auc=.848 f1=.63", "plausible"),
        ("roc_auc=.5", "plausible"),
        ("roc_auc=.88", "at the edge"),
        ("roc_auc=.848 accuracy=.95", "impossible"),
        ("brier=.02", "impossible"),
        ("brier=.14", "plausible"),
        ("recall=.99", "plausible"),
        ("precision=.95 recall=.97", "impossible"),  # together an F1 of .96
        ("g_mean=.99", "plausible"),  # nothing here to hold it against
    ],
)
def test_a_claim_is_judged_by_its_worst_figure(table: LabTable, text: str, verdict: str) -> None:
    assert judge_claim(parse_claim(text), table).verdict == verdict


def test_the_mistake_that_reproduces_a_claim_is_named_first(table: LabTable) -> None:
    found = judge_claim(parse_claim("roc_auc=.992 f1=.958"), table)
    assert [(s.mistake, s.reproduces) for s in found.suspects] == [
        ("smote-enn-before-split", True),
        ("target-copy", False),
    ]
    text = "\n".join(claim_sentences(found))
    assert "ROC-AUC .992: impossible honestly on this data." in text
    assert (
        "1. smote-enn before the split (`smote-enn-before-split`, lightgbm): ROC-AUC .992" in text
    )
    assert text.endswith("most likely `smote-enn-before-split`.")


def test_a_claim_that_a_mistake_exceeds_is_given_to_a_milder_form(table: LabTable) -> None:
    found = judge_claim(parse_claim("roc_auc=.93 f1=.70"), table)
    assert not any(suspect.reproduces for suspect in found.suspects)
    assert {s.mistake for s in found.suspects if s.goes_further} == {
        *("smote-enn-before-split", "target-copy"),
    }
    assert claim_sentences(found)[-1].endswith("perhaps a milder `target-copy`.")


def test_a_claim_beyond_all_mistakes_is_given_to_none(table: LabTable) -> None:
    found = judge_claim(parse_claim("brier=0"), table)
    assert not any(suspect.reproduces or suspect.goes_further for suspect in found.suspects)
    assert "None of the mistakes made here reproduces it" in "\n".join(claim_sentences(found))


def test_a_plausible_claim_accuses_nobody(table: LabTable) -> None:
    sentences = claim_sentences(judge_claim(parse_claim("roc_auc=.848 f1=.63"), table))
    assert len(sentences) == 3
    assert "smote" not in " ".join(sentences)


@pytest.mark.parametrize(
    ("claim", "is_worse"), [("roc_auc=.3", True), ("roc_auc=.5", False), ("roc_auc=.49", True)]
)
def test_a_claim_below_guessing_is_told_so(table: LabTable, claim: str, is_worse: bool) -> None:
    sentence = claim_sentences(judge_claim(parse_claim(claim), table))[0]
    assert ("less than guessing gives" in sentence) == is_worse
