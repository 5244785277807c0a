"""Texts that mean numbers, and texts that mean one another."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from bench.data.cells import number
from bench.data.identifiers import word_set, words_of

_LOOSE = re.compile(
    r"[-+(]?\s*(?:[$€£¥₹]|[A-Z]{3}\s)?\s*[-+]?"
    r"(?:\d{1,3}(?:[ .,'\u00a0\u202f]\d{3})+|\d+)(?:[.,]\d+)?\s*(?:[$€£¥₹%]|[A-Z]{3}|k|K)?\s*\)?"
)
_PLAIN_WORDS = word_set("no yes none not without other others never n a")
_TIERS = word_set(
    "plus pro max mini lite light extra basic premium gold silver platinum standard advanced one "
    "two three first second new old high low very semi half international family junior senior "
    "unlimited automatic manual"
)
_SIGNS = frozenset("<>=+%#*")
_SMALL_WORDS = word_set("of the and on in for")
_RARE = 0.05
_RARER_LONG = 0.25
_LEAST_LETTERS = 5
_LONG = 8
_MOST_LEVELS = 100


def spread(levels: Sequence[str]) -> Sequence[str]:
    """Return the levels, or 2000 evenly spaced ones where there are more."""
    return levels[:: max(len(levels) // 2000, 1)]


def is_loose_number(text: str) -> bool:
    """Whether a text is a number as people write it: ``$1,234.50``, ``12,5``, ``30 %``."""
    return number(text) is None and _LOOSE.fullmatch(text.strip()) is not None


def certain_spellings(counts: Mapping[str, int]) -> dict[str, str]:
    """Return levels that are other spellings of a more frequent one, beyond doubt.

    They differ in case, blanks, punctuation or a plural's s, are the first
    letters of its words, or are rare and one letter off.
    """
    levels = sorted(counts, key=lambda level: (-counts[level], level))
    if len(levels) > _MOST_LEVELS:
        return {}
    merges = _first_letters(counts)
    for k, level in enumerate(levels):
        for other in levels[:k] if level not in merges else ():
            if other not in merges and _is_same(level, other, counts):
                merges[level] = other
                break
    # An abbreviation may be the more frequent one; the long form is the better name.
    return {
        (new if _is_short_for(new, old) else old): (old if _is_short_for(new, old) else new)
        for old, new in merges.items()
    }


def likely_spellings(counts: Mapping[str, int]) -> dict[str, str]:
    """Return levels of one word that another level of two words contains, and no third one."""
    levels = sorted(counts)
    if len(levels) > _MOST_LEVELS:
        return {}
    words = {level: words_of(level) for level in levels}
    ends = [w[0] for w in words.values() if len(w) == 1]
    found = {}
    for level in levels:
        if len(words[level]) != 1 or words[level][0] in _PLAIN_WORDS | _TIERS:
            continue
        longer = [
            other
            for other in levels
            if len(words[other]) == 2
            and words[level][0] in words[other]
            and not set(words[other]) & (_PLAIN_WORDS | _TIERS)
        ]
        rest = set(words[longer[0]]) - set(words[level]) if len(longer) == 1 else set()
        # "card" beside "debit card" and "gift card" is a kind of its own; so is "gift card" itself.
        if len(rest) == 1 and not (rest & set(ends)):
            found[level] = longer[0]
    return found


def _is_same(level: str, other: str, counts: Mapping[str, int]) -> bool:
    a, b = _bare(level), _bare(other)
    if not _says_the_same_sign(level, other) or not any(map(str.isalpha, a)):
        return False  # "<5" and ">5" are two things
    if a == b or _singular(a) == _singular(b):
        return True
    if _is_short_for(level, other) or _is_short_for(other, level):
        return True
    rare = _RARER_LONG if min(len(a), len(b)) >= _LONG else _RARE
    return counts[level] <= rare * counts[other] and _is_mistyped(level, other)


def _is_mistyped(level: str, other: str) -> bool:
    """Whether all words but one are equal, and that one is a letter off; ``city A`` is no typo."""
    words, others = level.casefold().split(), other.casefold().split()
    if len(words) != len(others):
        return False
    differing = [(a, b) for a, b in zip(words, others, strict=True) if a != b]
    if len(differing) != 1:
        return False
    a, b = map(_bare, differing[0])
    return min(len(a), len(b)) >= _LEAST_LETTERS and _is_one_letter_off(a, b)


def _says_the_same_sign(a: str, b: str) -> bool:
    return [c for c in a if c in _SIGNS] == [c for c in b if c in _SIGNS]


def _bare(text: str) -> str:
    """Return the letters and digits of a text, in small letters."""
    return "".join(c for c in text.casefold() if c.isalnum())


def _singular(text: str) -> str:
    return text[:-1] if len(text) > 3 and text.endswith("s") and not text.endswith("ss") else text


def _is_short_for(short: str, long: str) -> bool:
    """Whether a text in capitals is the first letters of another's words, such as ``COD``."""
    words = long.casefold().split()
    if not 2 <= len(short) <= 5 or not short.isupper() or len(words) < 2:
        return False
    initials = {"".join(word[0] for word in kept) for kept in (words, _without_small(words))}
    return short.casefold() in initials


def _without_small(words: Sequence[str]) -> list[str]:
    return [word for word in words if word not in _SMALL_WORDS]


def _first_letters(counts: Mapping[str, int]) -> dict[str, str]:
    """Return single letters that begin one other level each, where there are two of them: M, F."""
    found = {}
    for level in counts:
        if len(level) == 1 and level.isalpha():
            longer = [o for o in counts if len(o) > 2 and o.casefold().startswith(level.casefold())]
            if len(longer) == 1:
                found[level] = longer[0]
    return found if len(found) > 1 and 2 * len(found) == len(counts) else {}


def _is_one_letter_off(a: str, b: str) -> bool:
    """Whether one letter is changed, left out, added or swapped with the next; digits count."""
    if abs(len(a) - len(b)) > 1 or a == b:
        return False
    k = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    tails: Sequence[tuple[str, str]] = (
        (a[k + 1 :], b[k + 1 :]),
        (a[k + 1 :], b[k:]),
        (a[k:], b[k + 1 :]),
    )
    differing = a[k : k + 1] + b[k : k + 1]
    if any(c.isdigit() for c in differing):
        return False  # "plan1" and "plan2" are two things
    is_swapped = a[k : k + 2] == b[k : k + 2][::-1] and a[k + 2 :] == b[k + 2 :]
    return is_swapped or any(x == y for x, y in tails)
