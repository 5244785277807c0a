"""Which column says what a customer is worth a month."""

from __future__ import annotations

from bench.adding.columns import Found
from bench.adding.reasons import Reason
from bench.data.identifiers import words_of

# Beginnings of words.
_MONTHLY = ("month", "permonth", "monat")
_AMOUNT = (
    *("charge", "revenue", "fee", "bill", "payment", "spend", "price", "premium", "rent", "arpu"),
    *("amount", "umsatz", "beitrag", "gebühr", "gebuehr", "preis", "rechnung", "betrag"),
)
_BY_ITSELF = ("arpu", "mrr", "premium", "fee", "revenue", "umsatz", "beitrag")
_STOCK = (
    *("balance", "total", "clv", "ltv", "value", "spend", "sales", "amount", "saldo", "guthaben"),
)
_NOT_MONTHLY = ("total", "sum", "cumulative", "lifetime", "balance", "max", "min", "change", "diff")
_NO_AMOUNT = ("hour", "time", "minute", "second", "day", "count", "num", "score", "ratio", "share")


def propose_value(found: Found) -> tuple[str, list[Reason]]:
    """Return the column of a customer's monthly worth, "" if there is none, and why."""
    monthly, stocks = [], []
    for name in found.roles["numeric"]:
        values = found.values[name]
        present = values[values == values]
        is_worth = len(present) > 0 and (present < 0).mean() < 0.01 and present.mean() > 0
        if not is_worth or _speaks_of(name, _NO_AMOUNT):
            continue
        is_monthly = _speaks_of(name, _MONTHLY) and _speaks_of(name, _AMOUNT)
        is_monthly = is_monthly or _speaks_of(name, _BY_ITSELF)
        if is_monthly and not _speaks_of(name, _NOT_MONTHLY):
            monthly.append(name)
        elif _speaks_of(name, _STOCK):
            stocks.append(name)
    if monthly:
        text = f"value {monthly[0]!r}: by its name what a customer pays, weighs the profit"
        return monthly[0], [Reason("economics", text)]
    if stocks:
        text = (
            f"{stocks[0]!r} is an amount, but not by its name a monthly one: if customers' worth "
            f'goes with it, add [economics] value = "{stocks[0]}"'
        )
        return "", [Reason("columns", text)]
    return "", []


def _speaks_of(name: str, beginnings: tuple[str, ...]) -> bool:
    return any(word.startswith(beginnings) for word in words_of(name))
