"""Named things and how to find them; the same few lines for every axis."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from typing import Generic, Protocol, TypeVar

from bench.errors import PluginError, UnknownNameError


class Named(Protocol):
    """Anything with a slug for a name."""

    @property
    def name(self) -> str:
        """The slug, ``[a-z0-9-]+``, the same on the command line, in files and in tables."""
        ...


T = TypeVar("T", bound=Named)


class Registry(Generic[T]):
    """An ordered set of entries with distinct names.

    Parameters
    ----------
    kind : str
        What one entry is called in messages, such as ``"model"``.
    entries : iterable of T
        The entries, in the order in which they are shown.

    Raises
    ------
    ValueError
        If two entries share a name.
    """

    def __init__(self, kind: str, entries: Iterable[T]) -> None:
        self.kind = kind
        self._entries: dict[str, T] = {}
        for entry in entries:
            if entry.name in self._entries:
                raise ValueError(f"two entries of the {kind} registry are called {entry.name!r}")
            self._entries[entry.name] = entry

    def __iter__(self) -> Iterator[T]:
        return iter(self._entries.values())

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, name: object) -> bool:
        return name in self._entries

    @property
    def names(self) -> tuple[str, ...]:
        """The names, in order."""
        return tuple(self._entries)

    def lookup(self, name: str) -> T:
        """Return the entry called ``name``.

        Raises
        ------
        UnknownNameError
            With the nearest name there is.
        """
        try:
            return self._entries[name]
        except KeyError:
            raise unknown_name(self.kind, name, self.names) from None

    def check_free(self, entry: T) -> None:
        """Refuse an entry whose name another one has.

        Raises
        ------
        PluginError
            If the name is taken.
        """
        if self._entries.get(entry.name, entry) is not entry:
            raise PluginError(f"a plugin brings a {self.kind} {entry.name!r}, which exists already")

    def add(self, entry: T) -> None:
        """Add a user's own entry; the same object twice is no harm.

        Raises
        ------
        PluginError
            If the name is taken.
        """
        self.check_free(entry)
        self._entries[entry.name] = entry


def unknown_name(kind: str, name: str, known: Iterable[str]) -> UnknownNameError:
    """Return the error for a name that is not among ``known``, with a suggestion."""
    near = difflib.get_close_matches(name, list(known), n=1, cutoff=0.5)
    near = near or difflib.get_close_matches(name.replace("_", "-").lower(), list(known), n=1)
    suggestion = f"; did you mean {near[0]!r}?" if near else ""
    plural = {"strategy": "strategies"}.get(kind, f"{kind}s")
    return UnknownNameError(
        f"unknown {kind} {name!r}{suggestion} (see: python -m bench list {plural})"
    )
