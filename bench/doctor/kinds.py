"""Every kind of thing that the doctor can find, how bad it is and what it does to the numbers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bench.domain import Finding, Severity

SEVERITIES: tuple[Severity, ...] = ("severe", "warning", "note")


@dataclass(frozen=True)
class Kind:
    """One kind of finding.

    ``severity`` is what it mostly is: a check may lower it where the evidence
    is weak or the adapter has mended it, and raise it where it is beyond doubt.
    """

    code: str
    severity: Severity
    effect: str


KINDS: tuple[Kind, ...] = (
    # duplicates
    Kind(
        "duplicate-ids",
        "warning",
        "rows of one customer lie on both sides of a split: the model recognises them, and every "
        "figure is too good",
    ),
    Kind(
        "conflicting-labels",
        "note",
        "accuracy, F1 and ROC-AUC have a ceiling below 1, whatever the model",
    ),
    Kind(
        "duplicate-rows",
        "note",
        "spread over folds they would be learnt by heart and raise every figure; runs keep them "
        "on one side of every split unless --duplicates ignore",
    ),
    # the target, told by the features
    Kind(
        "target-leak",
        "severe",
        "every model reads the answer off this column, and none of its figures holds for customers "
        "whose outcome is still open",
    ),
    Kind(
        "pair-leak",
        "warning",
        "trees read the answer off the two together, and their figures do not hold for customers "
        "whose outcome is still open",
    ),
    Kind(
        "one-class-fill",
        "severe",
        "whether the cell is empty gives the answer away: imputers, levels and trees all see it",
    ),
    Kind(
        "outcome-value",
        "severe",
        "one value stands for the outcome itself, so that those customers are found for nothing",
    ),
    Kind(
        "outcome-name",
        "warning",
        "if it is filled in when or after the customer leaves, every figure is too good",
    ),
    Kind(
        "after-the-fact",
        "warning",
        "if it is known only afterwards, every figure is too good",
    ),
    # columns
    Kind(
        "identifier",
        "warning",
        "it says nothing of new customers; trees learn noise from it, and where ids are given in "
        "order, the date of the extract",
    ),
    Kind(
        "near-identifier",
        "warning",
        "most of its values are met once or twice: one-hot encoding makes thousands of columns of "
        "it, and what is learnt does not carry over",
    ),
    Kind("constant", "warning", "it cannot tell customers apart and only takes time"),
    Kind("near-constant", "note", "in many folds it is constant, so that it mostly takes time"),
    Kind(
        "copied-column",
        "warning",
        "importance is split between the two at random, and linear models cannot tell them apart",
    ),
    Kind(
        "arithmetic-clone",
        "note",
        "importance is split among the columns; ROC-AUC hardly changes when one is left out",
    ),
    Kind(
        "level-spellings",
        "warning",
        "a level is split in two: its effect is learnt from fewer rows, and duplicates go unseen",
    ),
    Kind(
        "mixed-types",
        "warning",
        "the numbers are taken for categories: their order is lost, and rare ones are noise",
    ),
    Kind(
        "numbers-as-text",
        "warning",
        "the numbers are taken for categories: their order is lost, and rare ones are noise",
    ),
    Kind(
        "impossible-dates",
        "warning",
        "what is computed from them (ages, durations) is wrong by years and rules scaling",
    ),
    Kind(
        "sentinel-value",
        "warning",
        "a code for “unknown” is taken for a number: it pulls means, scaling and linear models",
    ),
    Kind(
        "unit-change",
        "warning",
        "the same amount is two different numbers: the column tells when a row was written instead "
        "of how much it was",
    ),
    Kind(
        "description-row",
        "severe",
        "a row that is no customer counts as one and turns columns of numbers into categories",
    ),
    Kind("missing-cells", "note", "they are imputed from training rows, or left to the learner"),
    # rows
    Kind("few-positives", "warning", "expect wide intervals and many ties"),
    Kind(
        "entity-column",
        "warning",
        "rows of one entity lie on both sides of a random split, and figures are too good for "
        "entities that were never seen",
    ),
    Kind(
        "time-column",
        "warning",
        "random folds let the model learn from later rows than it is tested on, and a date that is "
        "taken for a category does not carry over",
    ),
    Kind(
        "row-order",
        "warning",
        "the file is sorted by the outcome or by something near it: row numbers, and ids given in "
        "order, tell the answer, and unshuffled folds fail",
    ),
    # tables
    Kind(
        "shift",
        "warning",
        "random folds mix what was apart: figures do not say how well a model does on the next "
        "file or period",
    ),
    Kind(
        "overlap",
        "warning",
        "the same customers are in two datasets: averages over datasets count them twice, and "
        "transfer from one to the other tests on its training rows",
    ),
)

CODES = tuple(kind.code for kind in KINDS)

_BY_CODE = {kind.code: kind for kind in KINDS}

FAMILIES: tuple[tuple[str, ...], ...] = (
    (
        "target-leak",
        "one-class-fill",
        "outcome-value",
        "outcome-name",
        "after-the-fact",
        "pair-leak",
    ),
    (
        "description-row",
        "constant",
        "near-constant",
        "time-column",
        "numbers-as-text",
        "mixed-types",
        "duplicate-ids",
        "identifier",
        "entity-column",
        "near-identifier",
        "level-spellings",
    ),
    ("description-row", "unit-change", "sentinel-value", "copied-column", "arithmetic-clone"),
)
"""Kinds that would say one thing of a column several times: the first one silences the others."""


def finding(
    code: str,
    message: str,
    columns: Iterable[object] = (),
    *,
    remedy: str = "",
    severity: Severity | None = None,
) -> Finding:
    """Return a finding of a kind, with the effect that its kind has."""
    kind = _BY_CODE[code]
    return Finding(
        severity or kind.severity,
        code,
        message,
        tuple(str(column) for column in columns),
        kind.effect,
        remedy,
    )


def one_of_each(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Return findings without those that say of a column what another says better; worst first."""
    said: dict[tuple[int, str], int] = {}
    for found in findings:
        for number, family in enumerate(FAMILIES):
            if found.code in family:
                for column in found.columns:
                    place = family.index(found.code)
                    said[number, column] = min(place, said.get((number, column), place))

    def is_silenced(found: Finding) -> bool:
        return any(
            said[number, column] < family.index(found.code)
            for number, family in enumerate(FAMILIES)
            if found.code in family
            for column in found.columns
        )

    kept = [found for found in findings if not is_silenced(found)]
    return tuple(sorted(kept, key=lambda f: (SEVERITIES.index(f.severity), CODES.index(f.code))))
