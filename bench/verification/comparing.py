"""Two answers to one question side by side: what is equal to the bit, what nearly, what is not."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bench.domain import Predictions, Record, Result
from bench.guard import error_line
from bench.serial import to_json

if TYPE_CHECKING:
    from numpy.typing import NDArray

COMPARED = (
    "status",
    "outputs",
    "n_train",
    "n_test",
    "counts_before",
    "counts_after",
    "learned_prevalence",
    "selected",
    "params",
    "strategy_params",
    "chosen_strategy",
    "best_iteration",
)
"""What of a record must come out again: all but times, memory, warnings and tracebacks."""


@dataclass(frozen=True)
class Gap:
    """One thing that is not equal to the bit.

    ``size`` is |then - now| / max(1, |then|), of importances |then - now| over
    the largest of their method; infinite where there are no two numbers.
    """

    place: str
    then: str
    now: str
    size: float = math.inf

    def __str__(self) -> str:
        return f"{self.place} {self.then} then, {self.now} now"


def compare_results(then: Result, now: Result) -> list[Gap]:
    """Return what is not equal in two results of one job; nothing where they are identical."""
    gaps = list(_of_records(then.record, now.record))
    if then.predictions is not None and now.predictions is not None:
        gaps += _of_predictions(then.predictions, now.predictions)
    return gaps


def compare_figures(then: Mapping[str, float], now: Mapping[str, float]) -> list[Gap]:
    """Return which figures are not equal, by name."""
    return list(find_gaps("", dict(then), dict(now)))


def largest(gaps: Sequence[Gap]) -> Gap | None:
    """Return the widest gap, the first of equal ones; ``None`` where there is none."""
    return max(gaps, key=lambda gap: gap.size, default=None)


def find_gaps(place: str, then: Any, now: Any, *, scale: float = 1.0) -> Iterator[Gap]:
    """Yield where two JSON values are not equal; ``scale`` is what numbers are measured by."""
    if isinstance(then, Mapping) and isinstance(now, Mapping):
        for key in sorted(then.keys() | now.keys()):
            inner = f"{place}.{key}" if place else str(key)
            yield from find_gaps(inner, then.get(key), now.get(key), scale=scale)
    elif _is_number(then) and _is_number(now):
        if then != now:
            size = abs(then - now) / max(scale, abs(then))
            yield Gap(place, _shown(then), _shown(now), math.inf if math.isnan(size) else size)
    elif then != now:
        yield Gap(place, _shown(then), _shown(now))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _shown(value: Any) -> str:
    """Return a value in few words: numbers with six digits, nothing by its name."""
    if value is None or value in ("", (), []):
        return "nothing"
    if isinstance(value, float):
        return f"{value:.6g}"
    text = str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _of_records(then: Record, now: Record) -> Iterator[Gap]:
    if now.status == "failed" != then.status:
        yield Gap("status", then.status, f"failed ({error_line(now.error)})")
        return
    for name in COMPARED:
        yield from find_gaps(name, to_json(getattr(then, name)), to_json(getattr(now, name)))
    if then.status == now.status == "ok":
        # Those of then only: a re-made fit may be asked for more of them.
        for method, shares in then.importance.items():
            scale = max(map(abs, shares.values()), default=0.0) or 1.0
            found = {name: value / scale for name, value in now.importance.get(method, {}).items()}
            known = {name: value / scale for name, value in shares.items()}
            yield from find_gaps(f"importance.{method}", known, found)


def _of_predictions(then: Predictions, now: Predictions) -> Iterator[Gap]:
    """Yield one gap for each array that is not equal, the scores' with their widest."""
    import numpy as np

    if not np.array_equal(then.rows, now.rows):
        yield Gap("test rows", f"{then.rows.size} rows", f"{now.rows.size} rows, not the same")
        return
    if not np.array_equal(then.y, now.y):
        yield Gap("labels", "of the test rows", f"{int((then.y != now.y).sum())} changed")
    yield from _of_scores("score", then.score, now.score)
    yield from _of_scores("inner score", then.inner_score, now.inner_score)


def _of_scores(place: str, then: NDArray[Any], now: NDArray[Any]) -> Iterator[Gap]:
    import numpy as np

    if np.array_equal(then, now):
        return
    if then.shape != now.shape:
        yield Gap(place, f"of {then.size} rows", f"of {now.size} rows")
        return
    sizes = np.abs(then - now) / np.maximum(1.0, np.abs(then))
    widest = int(sizes.argmax())
    yield Gap(place, _shown(float(then[widest])), _shown(float(now[widest])), float(sizes[widest]))
