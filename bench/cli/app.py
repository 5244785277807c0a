"""Parses the arguments, runs one verb, and turns mistakes into one clear message."""

from __future__ import annotations

import argparse
import errno
import os
import sys
from collections.abc import Callable, Sequence

from bench import __version__
from bench.cli import (
    add,
    check,
    compare,
    export,
    leaderboard,
    leak,
    listing,
    report,
    run,
    sweep,
    verify,
)
from bench.errors import BenchError

# A verb is a module with SUMMARY, add_options(parser) and execute(arguments) → exit code.
VERBS = {
    "run": run,
    "leaderboard": leaderboard,
    "report": report,
    "compare": compare,
    "sweep": sweep,
    "leak": leak,
    "list": listing,
    "check": check,
    "verify": verify,
    "export": export,
    "add": add,
}

DESCRIPTION = "Which model really finds your churners, and what is it worth?"
EPILOG = """\
first steps:
  python -m bench run --dataset telco --preset quick
  python -m bench add customers.csv --target churned
  python -m bench list

exit codes: 0 fine, 1 some job failed, 2 wrong input, 130 interrupted (what was finished is kept)
"""


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line."""
    parser = argparse.ArgumentParser(
        prog="python -m bench",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=_wide,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"churnbench {__version__}")
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    for name, module in VERBS.items():
        verb = verbs.add_parser(
            name,
            help=module.SUMMARY,
            description=module.__doc__,
            formatter_class=_wide,
            allow_abbrev=False,
        )
        module.add_options(verb)
        verb.set_defaults(execute=module.execute)
    return parser


def _wide(prog: str) -> argparse.HelpFormatter:
    """Return a formatter that keeps our line breaks and gives names room."""
    return argparse.RawDescriptionHelpFormatter(prog, max_help_position=28)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    parsed = build_parser().parse_args(arguments)
    execute: Callable[[argparse.Namespace], int] = parsed.execute
    try:
        code = execute(parsed)
        sys.stdout.flush()
    except BenchError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # The reader (such as `head`) has gone; nothing is left to say to anyone.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EROFS):
            raise
        print(f"error: cannot write: {error.strerror}", file=sys.stderr)
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 2
    return code
