"""Which value of a target means "churned", and which columns may be a target at all."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bench.data.canonical import as_canonical_category, level_text, listed
from bench.data.cells import DEFAULT_MISSING
from bench.data.identifiers import words_of
from bench.data.spec import nearest
from bench.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

# Compared without regard to case; the second of each pair is the positive one.
_PAIRS = (
    *(("0", "1"), ("-1", "1"), ("no", "yes"), ("n", "y"), ("false", "true"), ("f", "t")),
    *(("nein", "ja"), ("n", "j"), ("non", "oui"), ("no", "si"), ("no", "sí"), ("não", "sim")),
    *(("nao", "sim"), ("nee", "ja"), ("nej", "ja"), ("nie", "tak"), ("нет", "да"), ("否", "是")),
    *(
        ("ne", "ano"),
        ("hayır", "evet"),
        ("いいえ", "はい"),
        ("off", "on"),
        ("negative", "positive"),
    ),
)
_LEFT = frozenset(
    (
        *("churn", "churned", "churner", "churners", "exited", "exit", "left", "leaver"),
        *("attrited", "attrition", "cancelled", "canceled", "cancel", "lost", "closed"),
        *("terminated", "inactive", "unsubscribed", "lapsed", "gone", "quit", "departed"),
        *("deactivated", "defected", "abgewandert", "gekündigt", "gekuendigt", "kündiger"),
        *("verloren", "parti", "résilié", "perdu"),
    )
)
_STAYED = frozenset(
    (
        *("stay", "stayed", "staying", "retained", "retain", "existing", "active", "current"),
        *("loyal", "renewed", "remaining", "kept", "continuing", "aktiv", "bestand"),
        *("bestandskunde", "geblieben", "treu", "resté", "actif"),
    )
)
_NOT = frozenset(["not", "no", "non", "never", "un", "nicht", "kein"])
_TARGET_NAMES = _LEFT | {"target", "label", "outcome", "churnvalue", "kündigung", "kuendigung"}
_MOST_CLASSES = 20


@dataclass(frozen=True)
class Target:
    """The positive value, why it is that, and spellings of one value that are merged."""

    positive: str
    why: str
    merges: Mapping[str, str]


def find_target(column: pd.Series[Any], positive: str, place: str) -> Target:
    """Return which value of a column means "churned".

    Parameters
    ----------
    positive : str
        The user's word for it, which settles it; may be empty.

    Raises
    ------
    DataError
        If the column holds more than two values and nothing is said, or far
        too many, or it cannot be told which is which.
    """
    category = as_canonical_category(column, missing=DEFAULT_MISSING)
    counts = {str(level): n for level, n in category.value_counts().items()}
    merges = _spellings(counts)
    for spelling, kept in merges.items():
        counts[kept] += counts.pop(spelling)
    where = f"{place}: target {str(column.name)!r}"
    values = sorted(counts)
    if positive:
        said = merges.get(level_text(positive), level_text(positive))
        if said not in values:
            raise DataError(
                f"{where} holds no {said!r}{nearest(said, values)}",
                hint=f"its values are: {listed(values)}; name one with --positive",
            )
        return Target(said, "as you said", merges)
    if len(values) > 2:
        shown = listed(values) if len(values) <= _MOST_CLASSES else f"such as {listed(values[:5])}"
        raise DataError(
            f"{where} holds {len(values)} different values, {shown}, expected two",
            hint="if one of them means churned, name it with --positive; all others then did not",
        )
    if len(values) < 2:
        return Target("", "", merges)  # loading says what is wrong with it
    return _judge(str(column.name), counts, where, merges)


def _judge(name: str, counts: Mapping[str, int], where: str, merges: Mapping[str, str]) -> Target:
    """Return the positive one of two values."""
    folded = {value.casefold(): value for value in counts}
    for negative, positive in _PAIRS:
        if set(folded) == {negative, positive}:
            if set(words_of(name)) & _STAYED and not set(words_of(name)) & _NOT:
                why = f"by its name, {name!r} says who stayed"
                return Target(folded[negative], why, merges)
            return Target(folded[positive], "as everybody says it", merges)
    left = [value for value in counts if _says(value, _LEFT)]
    stayed = [value for value in counts if _says(value, _STAYED)]
    if len(left) == 1:
        return Target(left[0], "the word for leaving", merges)
    if len(stayed) == 1:
        other = next(value for value in counts if value != stayed[0])
        return Target(other, f"because {stayed[0]!r} is the word for staying", merges)
    rarer, commoner = sorted(counts, key=lambda value: counts[value])
    if counts[rarer] == counts[commoner]:
        raise DataError(
            f"{where} holds {rarer!r} and {commoner!r} equally often, and neither says who left",
            hint=f"name it: --positive {rarer!r}",
        )
    why = f"ONLY because it is rarer than {commoner!r}; if that is wrong, say --positive"
    return Target(rarer, why, merges)


def _says(value: str, words: Collection[str]) -> bool:
    """Whether a value has one of ``words`` and nothing that negates it."""
    found = [word.casefold() for word in value.replace("-", " ").replace("_", " ").split()]
    return bool(set(found) & set(words)) and not set(found) & _NOT


def _spellings(counts: Mapping[str, int]) -> dict[str, str]:
    """Return the rarer spellings of a value that differ from the commonest only in case."""
    by_fold: dict[str, list[str]] = {}
    for value in sorted(counts, key=lambda value: (-counts[value], value)):
        by_fold.setdefault(value.casefold(), []).append(value)
    return {rarer: same[0] for same in by_fold.values() for rarer in same[1:]}


def likely_targets(raw: pd.DataFrame) -> list[str]:
    """Return descriptions of columns that may be the target, the likeliest first."""
    named, others = [], []
    for name in map(str, raw.columns):
        category = as_canonical_category(raw[name], missing=DEFAULT_MISSING)
        counts = category.value_counts()
        if not 2 <= len(counts) <= _MOST_CLASSES:
            continue
        is_named = bool(set(words_of(name)) & _TARGET_NAMES) or any(
            _says(str(level), _LEFT) for level in counts.index
        )
        shown = ", ".join(
            f"{str(level)!r} {100 * n / len(raw):.1f} %" for level, n in counts.items()
        )
        if is_named:
            named.append((len(counts) > 2, f"{name!r} ({shown})"))
        elif len(counts) == 2:
            others.append(f"{name!r} ({shown})")
    return [text for _, text in sorted(named)] or others[:10]
