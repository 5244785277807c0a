"""Which columns tell rows apart instead of describing them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from bench.data.canonical import is_numeric

if TYPE_CHECKING:
    import pandas as pd

LEAST_ROWS = 50
"""In fewer rows a column may have all its values once by chance."""

_SHARE = 0.95
_MANY_ROWS = 2000
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


def word_set(text: str) -> frozenset[str]:
    """Return the words of a list that is written as one text."""
    return frozenset(text.split())


COMPOUNDS = word_set(
    "customerid custid clientid userid memberid accountid subscriberid householdid policyid "
    "contractid orderid rowid recordid caseid rownumber accountnumber customernumber phonenumber"
)
"""Names of identifiers in which nothing shows where a word ends."""

_NAMES = COMPOUNDS | word_set("id ids key uuid guid no nr index msisdn imei iban ssn phone email")


def words_of(name: str) -> tuple[str, ...]:
    """Return the words of a name in small letters; ``CustomerID`` has two."""
    return tuple(word.lower() for word in _WORD.findall(name))


def is_identifier(column: pd.Series[Any]) -> bool:
    """Whether a canonical column tells rows apart instead of describing them.

    Texts of which nearly all differ do; so do whole numbers that all differ
    and lie closely together, such as row numbers and customer numbers. That n
    whole numbers drawn from R happen to differ has the chance exp(-n² / 2R):
    what may be amounts must lie closer, the fewer rows there are.
    """
    import numpy as np

    n_rows = len(column)
    if n_rows < LEAST_ROWS:
        return False
    if not is_numeric(column):
        n_values = int((column.cat.codes >= 0).sum())
        return len(column.cat.categories) > _SHARE * max(n_values, 1)
    values = column.to_numpy()
    if not np.isfinite(values).all() or (values != np.floor(values)).any():
        return False
    if not column.is_unique:
        return False
    words = words_of(str(column.name))
    if set(words) & _NAMES or words[-1:] == ("number",):
        return True
    return bool(np.ptp(values) < (100 if n_rows >= _MANY_ROWS else 3) * n_rows)
