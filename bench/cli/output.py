"""What goes to stdout: tables that any terminal can show, and texts for a pipe."""

from __future__ import annotations

import codecs
import io
import sys
from typing import TYPE_CHECKING

from bench.reports.wrapping import PLAIN

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console

_LEAST_WIDTH, _USUAL_WIDTH = 20, 80
"""Of a terminal, in characters; one that calls itself narrower does not know."""


def _spell_out(error: UnicodeError) -> tuple[str, int]:
    """Replace what cannot be encoded, as an error handler of `codecs`."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    return "".join(PLAIN.get(c, "?") for c in lacking), error.end


def table_console() -> Console:
    """Return a console on stdout that no character can stop, whatever the encoding."""
    from rich.console import Console

    codecs.register_error("churnbench", _spell_out)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="churnbench")
    console = Console(highlight=False)
    if console.width < _LEAST_WIDTH:
        console.width = _USUAL_WIDTH
    return console


def say_interrupted(console: Console, folder: Path) -> int:
    """Say what an interrupted command has kept, and return its exit code."""
    console.print(
        f"interrupted: everything finished is kept in {folder}; "
        "the same command goes on from there",
        markup=False,
        soft_wrap=True,
    )
    return 130


def print_text(text: str) -> None:
    """Print ``text`` as it is; in UTF-8 where it goes to a file or another program."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        if sys.stdout.isatty():
            sys.stdout.reconfigure(errors="replace")
        else:
            sys.stdout.reconfigure(encoding="utf-8")
    print(text, end="")
