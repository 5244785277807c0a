"""What each customer is worth, taken from the column that the adapter names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.domain import Dataset

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def customer_values(dataset: Dataset) -> NDArray[np.float64] | None:
    """Return the value column of ``dataset`` in the order of its rows, NaN where it is missing.

    ``None`` where the adapter names none.
    """
    import numpy as np

    name = dataset.spec.economics.value
    return dataset.X[name].to_numpy(dtype=np.float64) if name else None
