"""What can go wrong in a way the user can mend.

::

    BenchError                 one clear message, exit code 2
    ├── UsageError             options that do not fit together, or a bad experiment file
    │   └── UnknownNameError   a name that no registry holds
    ├── SpecError              an adapter (datasets/*.toml) that cannot be understood
    ├── DataError              a table that does not hold what its adapter says
    ├── SourceError            a file that cannot be found, fetched or trusted
    │   └── UnavailableError   not to be had here at all (a stand-in may serve)
    ├── PluginError            a user's own model, strategy or metric that cannot be used
    └── StoreError             a results folder that cannot be read or written

A broken invariant of ours is a ``ValueError`` instead.
"""

from __future__ import annotations


class BenchError(Exception):
    """A mistake in the input, told as place, fact and expectation.

    Parameters
    ----------
    message : str
        Lower case, no final period; names the place and the fact.
    hint : str, optional
        The way out.
    """

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\nhint: {self.hint}" if self.hint else self.message


class UsageError(BenchError):
    """Options that do not fit together, or a bad experiment file."""


class UnknownNameError(UsageError):
    """A name that no registry holds."""


class SpecError(BenchError):
    """An adapter (``datasets/*.toml``) that cannot be understood."""


class DataError(BenchError):
    """A table that does not hold what its adapter says."""


class SourceError(BenchError):
    """A file that cannot be found, fetched or trusted."""


class UnavailableError(SourceError):
    """A file that is not to be had here at all, so that a stand-in may serve."""


class PluginError(BenchError):
    """A user's own model, strategy or metric that cannot be used."""


class StoreError(BenchError):
    """A results folder that cannot be read or written."""
