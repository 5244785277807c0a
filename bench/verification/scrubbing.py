"""Texts without what says where, and as whom, somebody works: folders and user names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

# A user's name may hold blanks where a separator ends it.
_HOME = re.compile(
    r"""
    (?: /home/ | /Users/ | /export/home/ | [A-Za-z]:[\\/]+Users[\\/]+ )
    (?: [^/\\\n"'`<>|]{1,64}(?=[/\\]) | [\w.@-]+ )
    | ~[\w.-]+ (?=[/\\])
    | (?<![\w./\\-]) /root \b
    """,
    re.VERBOSE,
)
_FOLDERS = re.compile(
    r"""
    (?<![\w./\\~-])                                # not within a word, a path or an address
    (?: ~[/\\]+ | /(?=[^\s/]) | [A-Za-z]:[\\/]+ | \\\\ | (?: \.\.[/\\]+ )+ )
    (?: [^\s"'`<>|:*?;,()\[\]{}=/\\]+ [/\\]+ )*
    """,
    re.VERBOSE,
)


def scrub(text: str) -> str:
    """Return ``text`` with paths cut down to their last part: ``/home/ann/x/my.py`` is ``my.py``.

    Addresses such as ``https://…`` and paths within a folder of the project,
    such as ``datasets/shop.toml``, are left as they are.
    """
    return _FOLDERS.sub("", _HOME.sub("~", text))


def scrub_all(value: Any) -> Any:
    """Return JSON values with every text in them scrubbed; keys stay as they are."""
    if isinstance(value, str):
        return scrub(value)
    if isinstance(value, Mapping):
        return {key: scrub_all(item) for key, item in value.items()}
    if isinstance(value, list):
        return [scrub_all(item) for item in value]
    return value
