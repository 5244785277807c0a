"""Text of strangers made harmless: nothing of theirs is ever interpreted.

Column names, category levels and dataset titles come from other people's
files. Each medium has one way in: `clean` for plain text and the terminal,
`escape_markdown` for Markdown, `escape_cell` for CSV.
"""

from __future__ import annotations

import re
import unicodedata

_LINE_AND_TAB = "\t\n\v\f\r\x85\u2028\u2029"
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_ELLIPSIS = "…"

# Characters that start or end something in CommonMark, GitHub's tables, its
# mathematics, mentions or bare links. Entities are literal text by definition
# (CommonMark 0.31, section 2.5), also inside table cells, where a backslash
# before a bar is read differently by different parsers.
_MARKDOWN = re.compile(
    r"[\\`*<>|&$#~@{}]"  # always
    r"|!(?=\[)"  # images
    r"|\](?=[(\[:])"  # links and link definitions
    r"|(?<![^\W_])_|_(?![^\W_])"  # emphasis; an underscore inside a word is harmless
    r"|:(?=[/a-z_+-])"  # bare links, emoji names
    r"|(?<=www)\.",
    re.IGNORECASE,
)

# What spreadsheets take for the start of a formula, also in full width.
_FORMULA_STARTS = tuple("=+-@＝＋－＠")

# Control characters but tabs and line breaks, and what overrides the direction of writing.
_COMMANDS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def clean(text: str) -> str:
    """Return ``text`` on one line, control and direction characters made visible."""
    characters = (
        " " if c in _LINE_AND_TAB else _REPLACEMENT if unicodedata.category(c)[0] == "C" else c
        for c in text
    )
    return " ".join("".join(characters).split())


def width_of(text: str) -> int:
    """Return how many terminal cells ``text`` fills."""
    from rich.cells import cell_len

    return cell_len(text)


def shorten(text: str, width: int) -> str:
    """Return `clean` text of at most ``width`` cells, its beginning and end kept."""
    text = clean(text)
    if width_of(text) <= width:
        return text
    n_tail = (width - 1) // 3
    head, tail = _prefix(text, width - 1 - n_tail), _prefix(text[::-1], n_tail)[::-1]
    return head + _ELLIPSIS + tail


def _prefix(text: str, width: int) -> str:
    """Return the longest beginning of ``text`` that fits ``width`` cells."""
    used = 0
    for position, character in enumerate(text):
        used += width_of(character)
        if used > width:
            return text[:position]
    return text


def escape_markdown(text: str, *, width: int | None = None) -> str:
    """Return ``text`` as Markdown source that shows it literally, shortened on request."""
    text = clean(text) if width is None else shorten(text, width)
    return _MARKDOWN.sub(lambda match: f"&#{ord(match.group())};", text)


def escape_cell(text: str) -> str:
    """Return ``text`` so that no spreadsheet takes it for a formula.

    A leading apostrophe is the spreadsheets' own mark for text. A tab or a line
    break in front is dropped by some spreadsheets, hence the look behind it.
    What would command the terminal of somebody who prints the file, or turn the
    direction of what follows, is replaced; all else is kept, so that the names
    still join with the user's table.
    """
    text = _COMMANDS.sub(_REPLACEMENT, text)
    return f"'{text}" if text.lstrip().startswith(_FORMULA_STARTS) else text
