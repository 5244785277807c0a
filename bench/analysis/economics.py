"""What the profit figures of a board are to be compared with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from bench.campaigns import References, profit_references
from bench.domain import Result, Run

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray


def find_references(
    run: Run, results: Mapping[str, Result], *, values: ArrayLike | None = None
) -> Mapping[str, References]:
    """Return what contacting nobody, everybody and exactly the churners earns, by metric.

    Parameters
    ----------
    run : Run
    results : mapping of job id to Result
        They hold the label of every customer once any repeat is complete.
    values : array-like of shape (n_samples,), optional
        What each customer is worth a month; ``value_profit`` needs it, and the
        labels too.
    """
    import numpy as np

    facts = run.facts
    labels = None if values is None else labels_of(results, facts.n_samples)
    if labels is None:
        labels = np.repeat([1, 0], [facts.n_positives, facts.n_samples - facts.n_positives])
        values = None
    return profit_references(labels, facts.economics, values)


def labels_of(results: Mapping[str, Result], n_samples: int) -> NDArray[np.int8] | None:
    """Return the label of every row by its number, ``None`` where some were never tested."""
    import numpy as np

    y = np.full(n_samples, -1, dtype=np.int8)
    for result in results.values():
        if result.predictions is not None:
            y[result.predictions.rows] = result.predictions.y
            if (y >= 0).all():
                return y
    return None
