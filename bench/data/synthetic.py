"""A made-up table with a known right answer, and the dice that made-up tables are thrown with.

``synthetic-rare`` is a subscription business that never was: 20,000 customers,
2 % of whom leave. Its labels are drawn from the log-odds of `oracle_logit`, so
nobody can rank better than that function does, except by luck:

===============================================  ========
what ranks the customers                         ROC-AUC
===============================================  ========
the true log-odds, mean over draws of labels     .857
the true log-odds, these labels                  .8564
LightGBM, 200 trees of 15 leaves, rate .03       .831
logistic regression                              .818
LightGBM, defaults                               .809
===============================================  ========

(The last three: 5 stratified folds × 3 repeats.) The log-odds are straight
lines in most columns, plus a **mild interaction** (long silence weighs more on
monthly plans) and a **threshold** (the last two months before the renewal of a
yearly plan), which linear models blur. ``region`` and ``age`` say nothing,
``monthly_fee`` and ``logins_30d`` nothing that other columns do not say.
Missing are 4 % of ``age``, every ``months_to_renewal`` of a monthly plan, and
35 % of ``satisfaction``, whose owners leave like those who answered 6.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]
    Texts = NDArray[np.object_]

N_ROWS = 20_000
N_POSITIVES = 400
SEED = 3  # of 1 to 10, the one whose labels suit the true log-odds as well as the average
ORACLE_ROC_AUC = 0.8564

# Percent of all customers.
REGIONS = {"north": 30, "south": 20, "east": 25, "west": 25}
PLANS = {"basic": 50, "plus": 35, "team": 15}
PAYMENTS = {"card": 60, "wallet": 25, "invoice": 15}
TICKET_SHARES = (55, 24, 12, 6, 2, 1)  # none, one, two, ...
FAILURE_SHARES = (88, 9, 3)
SHARE_MONTHLY = 0.6
SHARE_DISCOUNT = 0.2
SHARE_AGELESS = 0.04
SHARE_SURVEYED = 0.65
PLAN_CENTS = {"basic": 900, "plus": 1900, "team": 4900}


class Dice:
    """Random columns that are the same on every machine and numpy version.

    Only uniform numbers are taken from the generator; everything else is made
    from them by arithmetic that IEEE 754 fixes to the last bit, or compared at
    a precision that the last bit does not reach. (The streams of numpy's own
    ``normal``, ``choice`` and so on may change between versions.)

    Parameters
    ----------
    seed : int
        Starts the stream; the order of the calls is part of the result.
    n_rows : int
        Length of every array that is returned.
    """

    def __init__(self, seed: int, n_rows: int) -> None:
        import numpy as np

        self._generator = np.random.Generator(np.random.PCG64(seed))
        self._n_rows = n_rows

    def uniform(self) -> Floats:
        """Return numbers in [0, 1)."""
        return self._generator.random(self._n_rows)

    def bell(self) -> Floats:
        """Return nearly normal numbers, mean 0 and deviation 1: twelve uniforms less six."""
        total = self.uniform()
        for _ in range(11):
            total = total + self.uniform()
        return total - 6.0

    def happens(self, logit: Floats) -> Flags:
        """Return whether each event of log-odds ``logit`` happens."""
        import numpy as np

        return self.uniform() < 1.0 / (1.0 + np.exp(-logit))

    def pick(self, shares: Sequence[float]) -> NDArray[np.intp]:
        """Return positions in ``shares``, each as often as its share of the sum says."""
        import numpy as np

        edges = np.cumsum(np.asarray(shares, dtype=np.float64))
        positions = np.searchsorted(edges[:-1], self.uniform() * edges[-1], side="right")
        return np.asarray(positions, dtype=np.intp)

    def pick_level(self, shares: Mapping[str, float]) -> Texts:
        """Return keys of ``shares``, each as often as its share of the sum says."""
        import numpy as np

        return np.array(list(shares), dtype=object)[self.pick(list(shares.values()))]

    def exactly(self, count: int, logit: Floats) -> Flags:
        """Return exactly ``count`` events, drawn as a logistic model would draw them.

        Each row's ``logit`` gets standard logistic noise and the ``count``
        highest are taken: independent draws, with the intercept for which just
        so many come true.
        """
        import numpy as np

        u = np.maximum(self.uniform(), 2.0**-53)
        order = np.argsort(-(logit + np.log(u / (1.0 - u))), kind="stable")
        chosen = np.zeros(self._n_rows, dtype=np.bool_)
        chosen[order[:count]] = True
        return chosen


def render_cents(cents: NDArray[np.int64]) -> list[str]:
    """Return amounts as spreadsheets write them: ``1889.5``, ``97``, ``29.85``."""
    return [f"{value / 100:.2f}".rstrip("0").rstrip(".") for value in cents.tolist()]


def yes_no(flags: Flags) -> Texts:
    """Return ``Yes`` and ``No``."""
    import numpy as np

    return np.where(flags, "Yes", "No").astype(object)


def build_synthetic_rare() -> pd.DataFrame:
    """Return the ``synthetic-rare`` table, every cell the text that a CSV of it would hold.

    Returns
    -------
    DataFrame of shape (20000, 15)
        Identifier ``customer_id``, target ``churned`` (exactly 400 times
        ``Yes``); all of dtype ``str``, the same on every machine. Missing
        cells are empty.
    """
    import pandas as pd

    dice = Dice(SEED, N_ROWS)
    columns = _draw_customers(dice)
    churned = dice.exactly(N_POSITIVES, oracle_logit(pd.DataFrame(columns)))
    table: dict[str, Any] = {
        "customer_id": [f"DEMO-{row:05d}" for row in range(1, N_ROWS + 1)],
        **{name: _render(values) for name, values in columns.items()},
        "churned": yes_no(churned),
    }
    return pd.DataFrame(table).astype(str)


def oracle_logit(table: pd.DataFrame) -> Floats:
    """Return the log-odds of leaving from which the labels were drawn, up to a constant.

    Ranking by it is the best that anyone can do: `ORACLE_ROC_AUC` on the labels
    as they fell.

    Parameters
    ----------
    table : DataFrame of shape (n_samples, n_columns)
        Columns as `build_synthetic_rare` returns them, their numbers as text or not.

    Returns
    -------
    ndarray of shape (n_samples,)
    """
    import numpy as np
    import pandas as pd

    def number(name: str) -> Floats:
        return np.asarray(pd.to_numeric(table[name]), dtype=np.float64)

    def equals(name: str, level: str) -> Floats:
        return np.asarray(table[name] == level, dtype=np.float64)

    is_monthly = equals("billing", "monthly")
    silence = np.minimum(number("days_since_login"), 45) / 45
    renewal, satisfaction = number("months_to_renewal"), number("satisfaction")
    is_due = (renewal <= 1).astype(np.float64)
    logit = 0.8 * is_monthly - 0.6 * equals("plan", "team") + 0.4 * equals("payment", "invoice")
    logit = logit - 0.45 * np.log1p(number("tenure_months"))
    logit = logit + (0.6 + 2.2 * is_monthly) * silence
    logit = logit + 3.0 * is_due
    logit = logit + 0.3 * number("support_tickets") + (number("failed_payments") > 0)
    return logit - 0.2 * np.nan_to_num(satisfaction - 7.0, nan=-1.0)


def _draw_customers(dice: Dice) -> dict[str, Any]:
    """Return the features: texts, and numbers with NaN for missing."""
    import numpy as np

    region, plan = dice.pick_level(REGIONS), dice.pick_level(PLANS)
    payment = dice.pick_level(PAYMENTS)
    is_monthly = dice.uniform() < SHARE_MONTHLY
    age = np.floor(np.clip(42 + 13 * dice.bell(), 18, 90))
    tenure = np.floor(1 + 72 * dice.uniform() ** 2)
    cents = np.select([plan == name for name in PLAN_CENTS], list(PLAN_CENTS.values()), 0)
    has_discount = dice.uniform() < SHARE_DISCOUNT
    paid = np.rint(cents * (1.0 - 0.15 * ~is_monthly - 0.1 * has_discount))
    silence = np.floor(91 * dice.uniform() ** 3)
    logins = np.floor(np.maximum(14 + 7 * dice.bell(), 0) * (1 - silence / 91))
    satisfaction = np.rint(np.clip(7.5 + 2 * dice.bell(), 1, 10))
    return {
        "region": region,
        "plan": plan,
        "billing": np.where(is_monthly, "monthly", "yearly").astype(object),
        "payment": payment,
        "age": np.where(dice.uniform() < SHARE_AGELESS, np.nan, age),
        "tenure_months": tenure,
        "months_to_renewal": np.where(is_monthly, np.nan, 11 - tenure % 12),
        "monthly_fee": paid / 100,
        "days_since_login": silence,
        "logins_30d": logins,
        "support_tickets": dice.pick(TICKET_SHARES).astype(np.float64),
        "failed_payments": dice.pick(FAILURE_SHARES).astype(np.float64),
        "satisfaction": np.where(dice.uniform() < SHARE_SURVEYED, satisfaction, np.nan),
    }


def _render(values: Any) -> list[str]:
    """Return texts as they are, numbers without needless digits, NaN as nothing."""
    if values.dtype == object:
        return list(values)
    return ["" if value != value else f"{value:.2f}".rstrip("0").rstrip(".") for value in values]
