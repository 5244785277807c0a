"""The lines that explain a proposal."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from bench.adding.columns import Found
from bench.adding.guesses import COMPACT
from bench.adding.reasons import Reason
from bench.adding.targets import Target
from bench.data.canonical import listed
from bench.data.cells import NumberFormat
from bench.data.identifiers import words_of
from bench.doctor.names import is_after_the_fact, is_outcome, is_status
from bench.specs import SourceSpec

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_ROLES = {
    "id": "a value of its own in nearly every row; no feature",
    "numeric": "all cells are numbers",
    "categorical": "some cells are text or truth values",
}


def explain_numbers(source: SourceSpec, found: Found) -> list[Reason]:
    """Return how numbers are read, with an example, and what means "no value"."""
    numbers = NumberFormat.of(source)
    lines = []
    if source.skip_last:
        lines.append(
            f"skip_last {source.skip_last}: the last rows are the only ones without target"
        )
    if source.decimal or source.thousands or source.signs:
        shown = _example(found, numbers)
        parts = [
            f"decimal {source.decimal!r}" if source.decimal else "",
            f"thousands {source.thousands!r}" if source.thousands else "",
            f"signs {listed(source.signs)}" if source.signs else "",
        ]
        lines.append(f"{', '.join(filter(None, parts))}: {shown}")
    if source.missing:
        lines.append(f"missing {listed(source.missing)}: stands for no value in every column")
    for hole, names in found.number_holes.items():
        doubtful = [name for name in names if name in found.rare_holes]
        if doubtful:
            text = (
                f"missing_numbers {hole!r}: ONLY because all other cells of "
                f"{listed(doubtful)} are numbers"
            )
        else:
            text = f"missing_numbers {hole!r}: among numbers or dates it means no value"
        lines.append(text)
    return [Reason("source", line) for line in lines]


def _example(found: Found, numbers: NumberFormat) -> str:
    """Return how the strangest number is read."""
    texts = [text for texts in found.number_texts.values() for text in texts]
    text = max(texts, key=lambda text: (sum(not c.isalnum() for c in text), text))
    return f"{text!r} is {numbers.number(text):.15g}"


def explain_target(target: str, chosen: Target, y: NDArray[np.int8]) -> Reason:
    """Return what is predicted, how often it happens, and why it is that value."""
    n_positives = int(y.sum())
    return Reason(
        "target",
        f"target {target!r}: positive is {chosen.positive!r}, {chosen.why}; "
        f"{n_positives} of {len(y)} rows ({100 * n_positives / len(y):.1f} %)",
    )


def explain_columns(found: Found, chosen: Target, target: str) -> list[Reason]:
    """Return what the columns are taken for, and what a reader should look at."""
    lines = [
        f"levels of {target!r}: {spelling!r} is taken for {kept!r}, they differ only in case"
        for spelling, kept in chosen.merges.items()
    ]
    for role, why in _ROLES.items():
        names = found.roles[role]
        if names:
            lines.append(f"{role} ({len(names)}): {listed(names, most=30)}: {why}")
    for why, names in found.why_dropped.items():
        lines.append(f"drop ({len(names)}): {listed(names, most=30)}: {why}")
    lines += _explain_dates(found)
    lines += found.remarks
    for role in ("numeric", "categorical", "dates"):
        for name in found.roles[role]:
            if is_outcome(name) or is_after_the_fact(name) or is_status(name):
                lines.append(
                    f"CHECK {name!r}: by its name it may be known only once a customer has left; "
                    "if it is, move it to drop"
                )
    return [Reason("columns", line) for line in lines]


def _explain_dates(found: Found) -> list[str]:
    lines = []
    for name, dates in found.dates.items():
        form = {"": "ISO dates", COMPACT: "digits %Y%m%d"}.get(dates.date_format, dates.date_format)
        doubt = ", though no row tells days from months" if dates.is_ambiguous else ""
        lines.append(f"dates {name!r}: written as {form}{doubt}; become days since 1970")
    # A birthday orders customers, not what is known of them.
    telling = [name for name in found.dates if not {"birth", "dob"} & set(words_of(name))]
    if telling:
        option = shlex.quote(f"time:{telling[0]}")
        lines.append(
            f"{telling[0]!r} may say when a row was true: if it does, test on the latest with "
            f"--split {option}"
        )
    return lines
