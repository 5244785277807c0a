"""What a column's name, or a level's, says of what is in it."""

from __future__ import annotations

from bench.data.identifiers import COMPOUNDS, word_set, words_of

_LEAVING = word_set(
    "churn churned churner attrition attrited cancel cancelled canceled cancellation cancelation "
    "terminate terminated termination closed closure closing exit exited leaving left unsubscribe "
    "unsubscribed deactivated deactivation disconnect disconnected disconnection lapse lapsed "
    "quit resigned resignation defected defection departed departure"
)
_OF_LEAVING = word_set(
    "reason reasons date day month year time timestamp on at code category label flag type score "
    "value probability prob prediction risk status indicator survey comment text detail details "
    "description group"
)
_FILLERS = word_set("is has customer client account user member the of for in to")
_PREDICTED = word_set("predicted prediction propensity classifier")
_STATUS_OF = word_set(
    "status customer client account subscription subscriber member membership contract service "
    "current"
)
_AFTERWARDS = tuple(
    frozenset(phrase.split())
    for phrase in (
        "refund",
        "refunded",
        "winback",
        "win back",
        "exit interview",
        "final bill",
        "final invoice",
        "final payment",
        "final balance",
        "closing balance",
        "last bill",
        "settlement",
        "termination fee",
        "cancellation fee",
        "days since cancellation",
        "retention call",
        "retention outcome",
        "call duration",
    )
)
_GONE = word_set(
    "churned attrited cancelled canceled terminated closed exited left unsubscribed deactivated "
    "disconnected lapsed quit resigned deceased gone former inactive"
)
_ENTITY = COMPOUNDS | word_set(
    "id ids key uuid guid no nr account acct customer client user member household family "
    "company employer firm phone msisdn email subscriber policy"
)


def is_outcome(name: str) -> bool:
    """Whether a name says that the column is the outcome, of it, or a prediction of it."""
    words = [word for word in words_of(name) if word not in _FILLERS]
    if _PREDICTED & set(words) or {"model", "score"} <= set(words):
        return True
    # Not "months left", but "left on".
    leaving = [word for word in words if word in _LEAVING and (word != "left" or words[0] == word)]
    return bool(leaving) and set(words) - set(leaving) <= _OF_LEAVING


def is_status(name: str) -> bool:
    """Whether a name says that the column is the customer's status, and not a marital one."""
    words = set(words_of(name))
    return "status" in words and words <= _STATUS_OF


def is_after_the_fact(name: str) -> bool:
    """Whether a name speaks of what happens when, or after, a customer has left."""
    words = set(words_of(name))
    return any(telling <= words for telling in _AFTERWARDS)


def tells_outcome(level: str) -> bool:
    """Whether a level says that a customer has left."""
    return bool(set(words_of(level)) & _GONE)


def names_an_entity(name: str) -> bool:
    """Whether a name says that the column identifies a customer, a household, an account."""
    words = words_of(name)
    return bool(words) and (words[-1] in _ENTITY or words[0] == "id")
