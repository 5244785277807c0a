"""Dates as numbers: days since 1970-01-01 00:00 UTC; what has no time zone is taken as UTC."""

from __future__ import annotations

import datetime
import re

_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
_DAY = datetime.timedelta(days=1)
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}.*")


def days_of(text: str, date_format: str = "") -> float | None:
    """Return a date as days since 1970-01-01 UTC, or None where it is no date.

    Parameters
    ----------
    text : str
    date_format : str
        As of ``strptime``; empty for ISO 8601 with hyphens.
    """
    try:
        if date_format:
            moment = datetime.datetime.strptime(text, date_format)
        elif _ISO.fullmatch(text):
            moment = datetime.datetime.fromisoformat(text.removesuffix(" UTC"))
        else:
            return None
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=datetime.UTC)
    return (moment - _EPOCH) / _DAY
